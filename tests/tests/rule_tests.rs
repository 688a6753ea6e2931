//! `siskin test-rules`: every site that ships tests passes them, and a test that does not hold says
//! so in words and in its exit code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use e2e::binary;
use serde_json::Value;

/// Where sites with tests are.
const HOMES: [&str; 2] = ["firmware-configs/sites", "tests/fixtures/sites"];
const DEMO: &str = "firmware-configs/sites/demo-park";
const STANDARD: &str = "tests/fixtures/sites/standard-workload";

fn test_rules(site: &Path, more: &[&str]) -> Result<Output> {
    Command::new(binary::siskin()?)
        .arg("test-rules")
        .arg(site)
        .args(more)
        .output()
        .context("cannot start siskin")
}

fn said(done: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&done.stdout) + &text(&done.stderr)
}

/// Ends with `code` and says all of `words`.
fn check(site: &Path, more: &[&str], code: i32, words: &[&str]) -> Result<()> {
    let done = test_rules(site, more)?;
    let said = said(&done);
    ensure!(done.status.code() == Some(code), "{:?} instead of {code}:\n{said}", done.status);
    for word in words {
        ensure!(said.contains(word), "`{word}` is not in:\n{said}");
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().context("a path without a name")?);
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

/// A copy of a site that may be changed.
fn copied(site: &str) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    copy(&binary::root().join(site), folder.path())?;
    Ok(folder)
}

/// A copy of the site of the standard workload with `tests` as its only tests.
fn with_tests(tests: &str) -> Result<tempfile::TempDir> {
    let folder = copied(STANDARD)?;
    fs::write(folder.path().join("tests/standard.toml"), tests)?;
    Ok(folder)
}

fn sites_with_tests() -> Result<Vec<PathBuf>> {
    let mut sites = Vec::new();
    for home in HOMES {
        for entry in fs::read_dir(binary::root().join(home))? {
            let path = entry?.path();
            if path.join("tests").is_dir() {
                sites.push(path);
            }
        }
    }
    sites.sort();
    Ok(sites)
}

#[test]
fn every_site_passes_the_tests_that_it_ships() -> Result<()> {
    let sites = sites_with_tests()?;
    ensure!(sites.len() >= 3, "only {} sites have tests", sites.len());
    for site in sites {
        let done = test_rules(&site, &["--json"])?;
        ensure!(done.status.success(), "{}:\n{}", site.display(), said(&done));
        let told: Value = serde_json::from_slice(&done.stdout)?;
        let tests = told["tests"].as_array().map_or(0, Vec::len);
        ensure!(tests >= 5, "{} has only {tests} tests", site.display());
        ensure!(told["passed"] == tests && told["failed"] == 0, "{told}");
    }
    Ok(())
}

#[test]
fn a_changed_rule_fails_the_tests_of_the_demo_park() -> Result<()> {
    let site = copied(DEMO)?;
    let path = site.path().join("rules/chlorine.toml");
    let text = fs::read_to_string(&path)?;
    let changed = text.replacen("on_delay_s = 2\n", "on_delay_s = 7\n", 1);
    ensure!(changed != text, "the yellow rule is not as this test knows it");
    fs::write(&path, changed)?;
    let words = [
        "✗ 氯气泄漏：黄、橙、红依次报警 · chlorine leak: yellow, orange, red in turn",
        "tests/chlorine.toml:5",
        "1m2s raise chlorine-yellow at-101-cl2    1m7s raise chlorine-yellow at-101-cl2",
        "← 晚 5s later",
        "hint: 时间有变",
    ];
    check(site.path(), &[], 1, &words)
}

#[test]
fn a_wrong_expectation_is_shown_beside_what_came() -> Result<()> {
    let site = with_tests(
        "[[test]]\nname = { zh = '错', en = 'wrong' }\n\
         series = { a = '0 x10, 60 x20, 0 x60' }\n\
         expect = ['9s raise R3', '15s raise R1', '20s raise R6', '1m clear R1']\n\
         [[test]]\nname = { zh = '对', en = 'right' }\n\
         series = { a = '0 x10' }\nexpect = []\n",
    )?;
    let words = [
        "✗ 错 · wrong",
        "✓ 对 · right",
        "期望 expected",
        "✗ 9s raise R3 a    10s raise R3 a   ← 晚 1s later",
        "= 15s raise R1 a   15s raise R1 a",
        "✗ 20s raise R6 a   —   ← 没有发生 did not happen",
        "✗ —                13s raise R2 a   ← 未列出 not listed",
        "2 tests: 1 passed, 1 failed",
    ];
    check(site.path(), &[], 1, &words)?;
    let done = test_rules(site.path(), &["--json", "--filter", "WRONG"])?;
    let told: Value = serde_json::from_slice(&done.stdout)?;
    ensure!(done.status.code() == Some(1) && told["failed"] == 1 && told["passed"] == 0, "{told}");
    let first = &told["tests"][0]["differences"][0];
    ensure!(first["expected"] == "9s raise R3 a" && first["got"] == "10s raise R3 a", "{told}");
    Ok(())
}

#[test]
fn a_bad_test_file_is_told_with_its_place() -> Result<()> {
    let site = with_tests(
        "[[test]]\nname = { zh = '一', en = 'one' }\n\
         series = { a = '0 x10, 6 y20' }\nexpect = []\nexpct = 1\n",
    )?;
    let words = ["tests/standard.toml:3:26", "`y20`", "unknown key `expct`", "help:", "2 problems"];
    check(site.path(), &[], 2, &words)
}

#[test]
fn the_example_of_the_guide_holds() -> Result<()> {
    let guide = fs::read_to_string(binary::root().join("docs/rule-tests.md"))?;
    let block = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let example = block.context("the guide has no example")?;
    let site = copied(DEMO)?;
    fs::remove_dir_all(site.path().join("tests"))?;
    fs::create_dir(site.path().join("tests"))?;
    fs::write(site.path().join("tests/example.toml"), example)?;
    check(site.path(), &[], 0, &["✓ 氯气泄漏", "1 test: 1 passed, 0 failed"])
}

#[test]
fn nothing_to_test_is_no_success() -> Result<()> {
    let site = copied(STANDARD)?;
    check(site.path(), &["--filter", "no such name"], 1, &["none of 5 tests", "hint:"])?;
    fs::remove_dir_all(site.path().join("tests"))?;
    check(site.path(), &[], 2, &["has no rule tests", "hint:"])
}

#[test]
fn a_bad_site_is_told_before_its_tests() -> Result<()> {
    let site = copied(STANDARD)?;
    fs::write(site.path().join("areas.toml"), "[[area]]\n")?;
    check(site.path(), &[], 2, &["areas.toml", "problem"])
}
