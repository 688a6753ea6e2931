//! The table of alarms with ten thousand rows, its exports and the replay, in a real browser
//! against the real station. The steps are those of `tests/browser/alarms.mjs`; the exported files
//! are read by Python.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::{binary, browser};

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_mins(15);
/// The steps that must have been told.
const STEPS: [&str; 8] =
    ["seeded", "scrolled", "keys", "filtered", "still", "exported", "replayed", "axe replay"];

#[test]
fn ten_thousand_alarms_are_read_filtered_exported_and_replayed() -> Result<()> {
    let files = tempfile::tempdir()?;
    let arguments = [binary::siskin()?.into(), files.path().into()];
    browser::told("alarms.mjs", &arguments, &STEPS, ALL_MAX)?;
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
