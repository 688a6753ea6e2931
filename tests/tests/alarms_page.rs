//! The table of alarms with ten thousand rows, its exports and the replay, in a real browser
//! against the real station. The steps are those of `tests/browser/alarms.mjs`; the exported files
//! are read by Python.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::process::{Process, say};

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_mins(15);
/// The steps that must have been told.
const STEPS: [&str; 8] =
    ["seeded", "scrolled", "keys", "filtered", "still", "exported", "replayed", "axe replay"];

#[test]
fn ten_thousand_alarms_are_read_filtered_exported_and_replayed() -> Result<()> {
    let folder = binary::root().join("tests/browser");
    for package in ["playwright-core", "axe-core"] {
        ensure!(
            folder.join("node_modules").join(package).is_dir(),
            "{package} is not there; hint: run `make tests/browser/node_modules/ready`"
        );
    }
    let files = tempfile::tempdir()?;
    let mut command = Command::new("node");
    command.arg(folder.join("alarms.mjs")).arg(binary::siskin()?).arg(files.path());
    let mut browser = Process::start("alarms.mjs", &command).context("the browser test")?;
    let deadline = Instant::now() + ALL_MAX;
    let mut told = Vec::new();
    while let Ok(line) = browser.line(deadline.saturating_duration_since(Instant::now())) {
        say(&line);
        told.push(line);
    }
    let status = browser.ended(ALL_MAX)?;
    ensure!(status.success(), "the browser script: {status}: {}", browser.log());
    for step in STEPS {
        let name = format!("{{\"step\":\"{step}\"");
        ensure!(told.iter().any(|line| line.starts_with(&name)), "`{step}` was not done: {told:?}");
    }
    let done = Command::new(binary::python()?)
        .arg(binary::root().join("tests/python/read_alarms.py"))
        .args([files.path().join("alarms.csv"), files.path().join("alarms.xlsx")])
        .output()?;
    let (out, log) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    ensure!(done.status.success(), "the files: {log}");
    let rows: usize = out.trim().parse()?;
    ensure!(rows >= 10_000, "{rows} rows were exported");
    Ok(())
}
