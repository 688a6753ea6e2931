//! What engineers do on their page, in a real browser against the real station: they write, test,
//! compare, propose; a second person confirms and goes back. The steps are those of
//! `tests/browser/engineer.mjs`; axe-core looks at every part.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::process::{Process, say};

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_secs(400);
/// The steps that must have been told, each once.
const STEPS: [&str; 10] = [
    "states",
    "refused",
    "restored",
    "mended",
    "tested",
    "backtest",
    "compared",
    "proposed",
    "confirmed",
    "went-back",
];

#[test]
fn engineers_write_try_and_hand_in_rules_on_their_page() -> Result<()> {
    let folder = binary::root().join("tests/browser");
    for package in ["playwright-core", "axe-core"] {
        ensure!(
            folder.join("node_modules").join(package).is_dir(),
            "{package} is not there; hint: run `make tests/browser/node_modules/ready`"
        );
    }
    let mut command = Command::new("node");
    command.arg(folder.join("engineer.mjs")).arg(binary::siskin()?);
    let mut browser = Process::start("engineer.mjs", &command).context("the browser test")?;
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
