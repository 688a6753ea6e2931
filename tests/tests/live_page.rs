//! A page that is looked at by night, in a real browser against the real station: it sounds until a
//! person has acknowledged, says when it may not, is covered when the line is cut and shows nothing
//! twice afterwards; on small and large screens, on a map and without one, and on a wall. The steps
//! are those of `tests/browser/live.mjs`; times are reported there and never judged.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::process::{Process, say};

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_mins(15);
/// The steps that must have been told.
const STEPS: [&str; 13] = [
    "sound-allowed",
    "shown",
    "silenced",
    "rose",
    "acknowledged",
    "late",
    "cut",
    "killed",
    "sizes",
    "zoomed",
    "wall",
    "plan",
    "map",
];

#[test]
fn a_page_sounds_is_covered_when_cut_and_shows_nothing_twice() -> Result<()> {
    let folder = binary::root().join("tests/browser");
    for package in ["playwright-core", "axe-core"] {
        ensure!(
            folder.join("node_modules").join(package).is_dir(),
            "{package} is not there; hint: run `make tests/browser/node_modules/ready`"
        );
    }
    let mut command = Command::new("node");
    command.arg(folder.join("live.mjs")).arg(binary::siskin()?);
    let mut browser = Process::start("live.mjs", &command).context("the browser test")?;
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
    Ok(())
}
