//! Keeps the tree tidy: what every Rust file and every text file must look like, checked by
//! reading them. Changes nothing; formatting itself is the formatter's part.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

/// Longest Rust file, in lines.
const LINES_MAX: usize = 800;
/// Longest line of a Rust file, in characters.
const COLUMNS_MAX: usize = 100;
/// Names that say nothing about what a module is for.
const NAMES_REFUSED: [&str; 8] =
    ["common", "core", "helper", "helpers", "misc", "types", "util", "utils"];
/// Folders of tools and of what they build.
const FOLDERS_SKIPPED: [&str; 4] = ["target", "node_modules", "dist", "__pycache__"];
/// Left-overs, each in two halves so that this file does not hold them itself.
const LEFT_OVERS: [[&str; 2]; 5] =
    [["TO", "DO"], ["FIX", "ME"], ["X", "XX"], ["db", "g!("], ["un", "implemented!("]];

/// Every file below `folder` with one of these endings.
fn files(folder: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !(name.starts_with('.') || FOLDERS_SKIPPED.contains(&name)) {
                found.extend(files(&path, endings)?);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
    Ok(found)
}

/// What is untidy in a Rust file, each with its line.
fn untidy(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !text.starts_with("//! ") {
        found.push("1: does not open with what the module is for (`//!`)".to_owned());
    }
    let lines = text.lines().count();
    if lines > LINES_MAX {
        found.push(format!("{lines}: more than {LINES_MAX} lines"));
    }
    for (line, number) in text.lines().zip(1..) {
        let columns = line.chars().count();
        if columns > COLUMNS_MAX {
            found.push(format!("{number}: {columns} columns"));
        }
        for word in LEFT_OVERS.map(|halves| halves.concat()) {
            if line.contains(&word) {
                found.push(format!("{number}: `{word}` is left over"));
            }
        }
        if line.trim() == "#[ignore]" {
            found.push(format!("{number}: ignored without a reason"));
        }
        found.extend(module(line).map(|m| format!("{number}: a module called `{m}`")));
    }
    found.extend(spaces(text));
    found.extend(dropped_matches(text));
    found
}

/// The refused module name that this line declares.
fn module(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("mod ")?;
    let name = rest.trim_end_matches([' ', '{', ';']);
    let declares = before.is_empty() || before.trim().starts_with("pub");
    (declares && NAMES_REFUSED.contains(&name)).then_some(name)
}

/// Spaces at the end of a line, and a file that does not end with its last line.
fn spaces(text: &str) -> Vec<String> {
    let numbered = text.split('\n').zip(1..);
    let trailing = numbered.filter(|(line, _)| line.ends_with([' ', '\t', '\r']));
    let mut found: Vec<String> =
        trailing.map(|(_, number)| format!("{number}: space at the end")).collect();
    if !text.is_empty() && (!text.ends_with('\n') || text.ends_with("\n\n")) {
        found.push("the file does not end with one new line".to_owned());
    }
    found
}

/// Every `matches!` whose answer is thrown away: a check that can never fail.
fn dropped_matches(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, call) in text.match_indices("matches!(") {
        let (before, rest) = text.split_at(at);
        let starts_statement = before.trim_end().ends_with([';', '{', '}']);
        let mut depth = 0_usize;
        let end = rest.find(|c| {
            depth += usize::from(c == '(');
            depth -= usize::from(c == ')' && depth > 0);
            c == ')' && depth == 0
        });
        let after = end.and_then(|end| rest.get(end + 1..)).unwrap_or_default();
        if starts_statement && after.trim_start().starts_with(';') {
            let number = before.matches('\n').count() + 1;
            found.push(format!("{number}: the answer of `{call}…)` is dropped"));
        }
    }
    found
}

/// The name of a file or its folder that is refused.
fn bad_name(path: &Path) -> Option<&str> {
    let stem = path.file_stem().and_then(|s| s.to_str());
    let folder = path.parent().and_then(Path::file_name).and_then(|s| s.to_str());
    [stem, folder].into_iter().flatten().find(|name| NAMES_REFUSED.contains(name))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn rust_files_are_tidy() -> Result<()> {
    let mut sources = files(&root().join("crates"), &[".rs"])?;
    sources.extend(files(&root().join("tests"), &[".rs"])?);
    ensure!(sources.len() > 30, "only {} files were found", sources.len());
    let mut found = Vec::new();
    for path in &sources {
        let shown = path.display();
        found.extend(bad_name(path).map(|name| format!("{shown}: `{name}` says nothing")));
        let problems = untidy(&fs::read_to_string(path)?);
        found.extend(problems.into_iter().map(|problem| format!("{shown}:{problem}")));
    }
    ensure!(found.is_empty(), "untidy:\n{}", found.join("\n"));
    Ok(())
}

#[test]
fn other_texts_have_no_stray_spaces() -> Result<()> {
    let texts = files(&root(), &[".md", ".toml", ".ts", ".vue", ".css", ".sh", ".py"])?;
    ensure!(texts.len() > 40, "only {} files were found", texts.len());
    let mut found = Vec::new();
    for path in &texts {
        for problem in spaces(&fs::read_to_string(path)?) {
            found.push(format!("{}:{problem}", path.display()));
        }
    }
    ensure!(found.is_empty(), "untidy:\n{}", found.join("\n"));
    Ok(())
}

#[test]
fn no_crate_has_a_name_that_says_nothing() -> Result<()> {
    for entry in fs::read_dir(root().join("crates"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let last = name.rsplit('-').next().unwrap_or_default();
        ensure!(!NAMES_REFUSED.contains(&last), "the crate `{name}` says nothing");
    }
    Ok(())
}

fn check(text: &str, expected: &[&str]) {
    let found = untidy(text);
    assert_eq!(found.len(), expected.len(), "{text}\n{found:?}");
    for (problem, part) in found.iter().zip(expected) {
        assert!(problem.contains(part), "`{part}` is not in `{problem}`");
    }
}

#[test]
fn what_is_untidy_is_found() {
    check("fn f() {}\n", &["1: does not open"]);
    check(&format!("//! A.\n{}", "// b\n".repeat(800)), &["801: more than 800"]);
    check(&format!("//! {}\n", "a".repeat(97)), &["1: 101 columns"]);
    for [first, second] in LEFT_OVERS {
        check(&format!("//! A.\n// {first}{second})\n"), &["2: `"]);
    }
    check("//! A.\n#[ignore]\nfn f() {}\n", &["2: ignored"]);
    check("//! A.\npub(crate) mod utils;\n", &["2: a module called `utils`"]);
    check("//! A. \n", &["1: space"]);
    check("//! A.", &["does not end"]);
    check("//! A.\n\n", &["does not end"]);
    check("//! A.\nfn f() {\n    matches!(g((1)), Some(_));\n}\n", &["3: the answer"]);
}

#[test]
fn what_is_tidy_is_left_alone() {
    check(&format!("//! {}\n", "黄".repeat(96)), &[]);
    check("//! A.\n#[ignore = \"needs a printer\"]\nfn f() {}\nmod commonly;\n", &[]);
    check("//! A.\nfn f() -> bool {\n    matches!(g(), Some(_))\n}\n", &[]);
    check("//! A.\nfn f() {\n    let a = matches!(g(), Some(_));\n}\n", &[]);
    check("//! A.\nfn f() {\n    assert!(matches!(g(), Some(_)));\n}\n", &[]);
    assert_eq!(bad_name(Path::new("crates/a/src/core.rs")), Some("core"));
    assert_eq!(bad_name(Path::new("crates/a/src/common/mod.rs")), Some("common"));
    assert_eq!(bad_name(Path::new("crates/a/src/rule.rs")), None);
}
