//! `siskin backtest` as people use it: the oracle's transitions, two rule sets, the page, and
//! errors that say what to do.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use e2e::binary;
use serde_json::Value;

/// The begin of the standard workload's readings.
const DAY: &str = "2026-01-01T";

fn site() -> PathBuf {
    binary::root().join("tests/fixtures/sites/standard-workload")
}

fn fixture(name: &str) -> PathBuf {
    binary::root().join("tests/fixtures/standard-workload").join(name)
}

/// The readings of the first set, unpacked into `folder`.
fn unpack(folder: &Path) -> Result<PathBuf> {
    let done = Command::new("xz").arg("-dc").arg(fixture("seed-1.readings.bin.xz")).output()?;
    ensure!(done.status.success(), "xz: {:?}", done.status);
    let path = folder.join("readings.bin");
    fs::write(&path, done.stdout)?;
    Ok(path)
}

fn backtest(arguments: &[&Path]) -> Result<Output> {
    let mut command = Command::new(binary::siskin()?);
    command.arg("backtest").arg("--site").arg(site()).args(arguments);
    command.output().context("cannot start siskin")
}

fn succeeded(arguments: &[&Path]) -> Result<String> {
    let done = backtest(arguments)?;
    let told = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{:?}: {told}", done.status);
    Ok(String::from_utf8(done.stdout)?)
}

/// Two incidents on the whole site and one on a channel, in readings of 50 minutes.
fn incidents(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("incidents.csv");
    fs::write(
        &path,
        format!(
            "id,gas,start,end,area,channel\n\
             first,chlorine,{DAY}00:05:00Z,{DAY}00:10:00Z,,\n\
             second,chlorine,{DAY}00:20:00Z,{DAY}00:25:00Z,everywhere,\n\
             third,chlorine,{DAY}00:30:00Z,{DAY}00:40:00Z,,7\n\
             elsewhere,chlorine,2026-02-01T00:00:00Z,2026-02-01T01:00:00Z,,\n"
        ),
    )?;
    Ok(path)
}

/// Rules of set B: the yellow set point is higher.
fn rules_b(folder: &Path) -> Result<PathBuf> {
    let rules = folder.join("rules-b");
    fs::create_dir(&rules)?;
    let text = fs::read_to_string(site().join("rules/standard-6.toml"))?;
    let changed = text.replacen("raise_at = 10\n", "raise_at = 12\n", 1);
    ensure!(changed != text, "the fixture's rules are not as expected");
    fs::write(rules.join("standard-6.toml"), changed)?;
    Ok(rules)
}

#[test]
fn the_transitions_are_the_oracles() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (readings, out) = (unpack(folder.path())?, folder.path().join("out.csv"));
    succeeded(&["--readings".as_ref(), &readings, "--transitions".as_ref(), &out])?;
    let (found, wanted) =
        (fs::read_to_string(&out)?, fs::read_to_string(fixture("seed-1.transitions.csv"))?);
    ensure!(wanted.lines().count() > 100, "the oracle's file is too short to say anything");
    for (line, (found, wanted)) in (1..).zip(found.lines().zip(wanted.lines())) {
        ensure!(found == wanted, "line {line}: found `{found}`, the oracle has `{wanted}`");
    }
    ensure!(found.len() == wanted.len(), "{} bytes, not {}", found.len(), wanted.len());
    Ok(())
}

#[test]
fn two_rule_sets_a_sweep_and_the_page() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (readings, incidents) = (unpack(folder.path())?, incidents(folder.path())?);
    let rules_b = rules_b(folder.path())?;
    let (json, html) = (folder.path().join("b.json"), folder.path().join("b.html"));
    let arguments = |jobs: &'static str, json: &Path| -> Vec<PathBuf> {
        let texts = ["--sweep", "R1.raise_at=9.5,15", "--quiet-margin", "1m", "--jobs", jobs];
        let files = [
            ("--readings", readings.as_path()),
            ("--incidents", &incidents),
            ("--rules-b", &rules_b),
            ("--json", json),
            ("--html", &html),
        ];
        let files = files.into_iter().flat_map(|(key, file)| [key.into(), file.to_owned()]);
        texts.iter().map(PathBuf::from).chain(files).collect()
    };
    let run = |jobs, json: &Path| {
        let arguments = arguments(jobs, json);
        succeeded(&arguments.iter().map(PathBuf::as_path).collect::<Vec<_>>())
    };
    let told = run("1", &json)?;
    for part in ["规则集 A", "规则集 B", "检出", "误报", "比较 A → B", "参数扫描"]
    {
        ensure!(told.contains(part), "`{part}` is not told: {told}");
    }
    let first = fs::read(&json)?;
    run("4", &json)?;
    ensure!(first == fs::read(&json)?, "four threads give another report than one");
    holds(&serde_json::from_slice(&first)?)?;
    well_formed(&fs::read_to_string(&html)?)
}

/// What the report of the fixture must say.
fn holds(report: &Value) -> Result<()> {
    ensure!(report["schema"] == "siskin-backtest/1", "{}", report["schema"]);
    ensure!(report["incidents"] == 3 && report["incidents_outside"] == 1, "incidents");
    let counts = &report["diff"]["alarms"];
    for rule in ["R2", "R3", "R4", "R5", "R6"] {
        let counts = &counts[rule];
        ensure!(counts["moved"] == 0 && counts["only_a"] == 0 && counts["only_b"] == 0, "{rule}");
    }
    ensure!(counts["R1"]["moved"].as_u64() > Some(0), "a higher set point moves no alarm");
    ensure!(report["diff"]["rules"][0]["rule"] == "R1", "{}", report["diff"]["rules"]);
    // As many raises as the oracle has.
    let oracle = fs::read_to_string(fixture("seed-1.transitions.csv"))?;
    for rule in report["sets"][0]["rules"].as_array().context("no rules")? {
        let id = rule["rule"].as_str().context("a rule without an id")?;
        let edge = format!(",{id},raise");
        let raises = oracle.lines().filter(|line| line.ends_with(&edge)).count();
        ensure!(rule["raises"] == raises, "{id}: {} raises, not {raises}", rule["raises"]);
    }
    let points = report["sweep"]["points"].as_array().context("no sweep")?;
    ensure!(points.len() == 2 && points[0]["value"] == 9.5, "{points:?}");
    Ok(())
}

/// Every tag is closed in its order, and nothing is fetched from anywhere.
fn well_formed(page: &str) -> Result<()> {
    for link in ["http:", "https:", "src=", "href=", "url(", "@import", "<script"] {
        ensure!(!page.contains(link), "the page holds `{link}`");
    }
    ensure!(page.contains("<svg") && page.contains("prefers-color-scheme"), "no plot, no dark");
    let mut open = Vec::new();
    let mut rest = page.strip_prefix("<!doctype html>").context("no doctype")?;
    while let Some((_, tail)) = rest.split_once('<') {
        let (tag, tail) = tail.split_once('>').context("a tag that does not end")?;
        rest = tail;
        if let Some(name) = tag.strip_prefix('/') {
            let last: Option<&str> = open.pop();
            ensure!(last == Some(name), "`</{name}>` closes {last:?}");
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().context("an empty tag")?);
        }
    }
    ensure!(open.is_empty(), "never closed: {open:?}");
    Ok(())
}

#[test]
fn errors_say_where_and_what_to_do() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let readings = folder.path().join("readings.csv");
    fs::write(&readings, "time_utc,0,1\n2026-01-01T00:00:00Z,0.5,\n2026-01-01T00:00:01Z,,2\n")?;
    let incidents = folder.path().join("incidents.csv");
    let check = |text: &str, expected: &str| -> Result<()> {
        fs::write(&incidents, text)?;
        let done =
            backtest(&["--readings".as_ref(), &readings, "--incidents".as_ref(), &incidents])?;
        let told = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.code() == Some(1), "{:?}: {told}", done.status);
        ensure!(told.contains(expected) && told.contains("hint:"), "{expected}: {told}");
        Ok(())
    };
    check("id,gas,start\n", "incidents.csv:1: found the header `id,gas,start`, expected `end`")?;
    let row = |gas: &str, start: &str| {
        format!("id,gas,start,end\nx,{gas},{start},2026-01-01T00:00:01Z\n")
    };
    check(&row("argon", "2026-01-01T00:00:00Z"), "incidents.csv:2: in `gas`")?;
    check(&row("chlorine", "yesterday"), "incidents.csv:2: in `start`: `yesterday` is no moment")?;
    check(&row("chlorine", "2026-01-02T00:00:00Z"), "incidents.csv:2: `end`")?;
    let done = backtest(&["--readings".as_ref(), &readings, "--sweep".as_ref(), "R1".as_ref()])?;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    ensure!(told.contains("hint: write RULE.KEY=V1,V2"), "{told}");
    let empty = folder.path().join("empty");
    let range = ["--from", "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z"].map(Path::new);
    let done = backtest(&[&["--data".as_ref(), empty.as_path()][..], &range].concat())?;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    ensure!(done.status.code() == Some(1) && told.contains("hint:"), "{told}");
    ensure!(!empty.exists(), "a data folder was made");
    Ok(())
}
