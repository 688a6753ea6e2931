//! Finds what the pure ring must not touch in the text of a Rust file: files, network, clock,
//! environment, threads, randomness. Reads text only; it does not judge which file is pure.

/// Paths that are refused, with everything below them.
const PATHS_REFUSED: [&str; 15] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "std::process",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::time::UNIX_EPOCH",
    "std::time::*",
    "std::*",
    "tokio",
    "mio",
    "rand",
    "getrandom",
    "rusqlite",
];
/// Names below the refused paths that only say where something is and open nothing.
const ADDRESSES: [&str; 4] =
    ["std::net::SocketAddr", "std::net::IpAddr", "std::net::Ipv4Addr", "std::net::Ipv6Addr"];
/// Words that are refused wherever they stand: clocks, and hashers seeded at random.
const WORDS_REFUSED: [&str; 3] = ["SystemTime", "Instant", "RandomState"];
/// The end of a call that reads a clock; `now` alone is the argument it should be.
const CLOCK_CALL: &str = "::now";

/// What in `text` outside its tests the pure ring must not use.
pub(crate) fn impurities(text: &str) -> Vec<String> {
    let code = without_tests(&code_only(text)).0;
    let mut found: Vec<String> = paths(&code).into_iter().filter(|p| refused(p)).collect();
    found.sort();
    found.dedup();
    found
}

/// The modules that `text` declares for tests only and that live in files of their own.
pub(crate) fn test_modules(text: &str) -> Vec<String> {
    without_tests(&code_only(text)).1
}

fn refused(path: &str) -> bool {
    let below = |root: &&str| path.strip_prefix(*root).is_some_and(|rest| rest.starts_with("::"));
    if ADDRESSES.contains(&path) {
        return false;
    }
    path == "std"
        || path.ends_with(CLOCK_CALL)
        || PATHS_REFUSED.iter().any(|root| path == *root || below(root))
        || path.split("::").any(|word| WORDS_REFUSED.contains(&word))
}

/// `text` with every comment and literal replaced by a space.
fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = comment_or_literal(rest);
        let length = match rest.find(|c: char| !is_word(c)) {
            _ if skipped > 0 => skipped,
            Some(0) => first.len_utf8(),
            Some(word) => word,
            None => rest.len(),
        };
        let (token, tail) = rest.split_at(length);
        code.push_str(if skipped > 0 { " " } else { token });
        rest = tail;
    }
    code
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Length of the comment or literal at the start of `rest`; 0 where there is none.
fn comment_or_literal(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if let Some(after) = rest.strip_prefix('\'') {
        return character(after);
    }
    let prefix = ["br", "cr", "r", "b", "c", ""];
    prefix.into_iter().find_map(|p| string(p, rest.strip_prefix(p)?)).unwrap_or(0)
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut before = ' ';
    for (at, c) in rest.char_indices() {
        match (before, c) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                before = c;
                continue;
            }
        }
        if depth == 0 {
            return at + 1;
        }
        before = ' ';
    }
    rest.len()
}

/// Length of the character literal whose text after the first quote is `after`; 0 for a lifetime.
fn character(after: &str) -> usize {
    let mut chars = after.char_indices();
    match chars.next() {
        Some((_, '\\')) => {
            let closing = chars.skip(1).find(|&(_, c)| c == '\'');
            closing.map_or(0, |(at, _)| at + 2)
        }
        Some(_) => match chars.next() {
            Some((at, '\'')) => at + 2,
            _ => 0,
        },
        None => 0,
    }
}

/// Length of the string literal with this prefix, `after` being what follows the prefix.
fn string(prefix: &str, after: &str) -> Option<usize> {
    if prefix.ends_with('r') {
        let body = after.trim_start_matches('#');
        let hashes = after.len() - body.len();
        let body = body.strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = body.find(&end).map_or(body.len(), |at| at + end.len());
        return Some(prefix.len() + hashes + 1 + length);
    }
    let body = after.strip_prefix('"')?;
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(prefix.len() + at + 2),
            _ => {}
        }
    }
    Some(prefix.len() + 1 + body.len())
}

/// `code` without its `#[cfg(test)]` items, and the names of such modules in other files.
fn without_tests(code: &str) -> (String, Vec<String>) {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = String::new();
    let mut modules = Vec::new();
    let mut rest = code;
    while let Some((before, item)) = rest.split_once(MARK) {
        kept.push_str(before);
        let length = item_length(item);
        let (item, after) = item.split_at(length);
        let name = item.strip_suffix(';').and_then(|i| i.trim().rsplit_once("mod "));
        modules.extend(name.map(|(_, name)| name.to_owned()));
        rest = after;
    }
    kept.push_str(rest);
    (kept, modules)
}

/// Up to the `;` or the closing brace that ends the first item of `code`.
fn item_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && (c == '}' || c == ';') {
            return at + 1;
        }
    }
    code.len()
}

/// Every path of `code`, those of grouped imports written out.
fn paths(code: &str) -> Vec<String> {
    let spaced: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let joined = spaced.replace(":: ", "::").replace(" ::", "::");
    let mut found = Vec::new();
    let mut rest = joined.as_str();
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| !(is_word(c) || c == ':'));
        let length = match end {
            _ if rest.starts_with("use::") => "use".len(),
            Some(0) => first.len_utf8(),
            Some(end) => end,
            None => rest.len(),
        };
        let (token, tail) = rest.split_at(length);
        if token == "use" {
            let end = tail.find(';').unwrap_or(tail.len());
            let (tree, tail) = tail.split_at(end);
            expand("", tree, &mut found);
            rest = tail;
        } else {
            found.push(token.trim_matches(':').to_owned());
            rest = tail;
        }
    }
    found
}

/// Writes out the import tree `tree` below `prefix`.
fn expand(prefix: &str, tree: &str, found: &mut Vec<String>) {
    let mut depth = 0_i32;
    let separator = |c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth == 0 && c == ','
    };
    for branch in tree.split(separator).map(str::trim) {
        match branch.split_once('{') {
            Some((path, group)) => {
                let group = group.rsplit_once('}').map_or(group, |(inside, _)| inside);
                expand(&format!("{prefix}{}", path.trim_start_matches(':')), group, found);
            }
            None if !branch.is_empty() => {
                let leaf = branch.split(" as ").next().unwrap_or_default();
                let path = format!("{prefix}{}", leaf.trim_start_matches(':'));
                found.push(path.trim_end_matches("::self").to_owned());
            }
            None => {}
        }
    }
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(impurities(text), expected, "{text}");
}

#[test]
fn what_is_impure_is_found() {
    check("use std::fs;", &["std::fs"]);
    check("use ::std :: fs::File as F;", &["std::fs::File"]);
    check("use std::{fmt, env::{self, args}, net};", &["std::env", "std::env::args", "std::net"]);
    check("use std::{\n    collections::{BTreeMap, BTreeSet},\n    thread,\n};", &["std::thread"]);
    check("use std::time::{Duration, Instant};", &["std::time::Instant"]);
    check("use std::time::{self}; fn f() { time::Instant::now(); }", &["time::Instant::now"]);
    check("use std::time::*;", &["std::time::*"]);
    check("use std::{self as s}; use std as t;", &["std"]);
    check("fn f() { std::process::exit(1) }", &["std::process::exit"]);
    check("fn f() -> u8 { rand::random() }", &["rand::random"]);
    check("fn f() { let t = jiff::Timestamp::now(); }", &["jiff::Timestamp::now"]);
    check("pub use tokio::sync::mpsc;", &["tokio::sync::mpsc"]);
    check(
        "type S = std::collections::hash_map::RandomState;",
        &["std::collections::hash_map::RandomState"],
    );
    check("#[cfg(test)]\nmod tests { fn g() {} }\nuse std::fs;", &["std::fs"]);
    check("const Q: char = '\"'; use std::fs; const R: &str = \"\\\"\";", &["std::fs"]);
    check("#[cfg(not(test))]\nuse std::fs;", &["std::fs"]);
}

#[test]
fn an_address_opens_nothing() {
    check("use std::net::{SocketAddr, TcpStream};", &["std::net::TcpStream"]);
}

#[test]
fn what_is_pure_is_left_alone() {
    check("//! Never std::fs.\n/* std::net /* nested */ std::env */ use std::time::Duration;", &[]);
    check("const A: &str = \"std::fs \\\" std::net\"; const B: &str = r#\"\"std::env\"#;", &[]);
    check("fn step<'a>(now: &'a str) -> char { now.first('n') }", &[]);
    check("use crate::network::now_ms; use std::{fmt, collections::BTreeMap};", &[]);
    check(
        "#[cfg(test)]\nmod tests {\n    use std::fs;\n    fn f() { { std::env::args(); } }\n}",
        &[],
    );
    check("#[cfg(test)]\nuse std::fs;\nuse std::fmt;", &[]);
    assert_eq!(test_modules("#[cfg(test)]\nmod tests;\nmod rules;"), ["tests"]);
    assert_eq!(test_modules("#[cfg(test)]\nmod tests { }"), Vec::<String>::new());
}
