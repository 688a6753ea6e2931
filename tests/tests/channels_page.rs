//! The pages of channels and devices in a real browser against the real station, with 2,000
//! channels. The steps are those of `tests/browser/channels.mjs`; axe-core looks at every page.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::process::{Process, say};

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_secs(400);
/// The steps that must have been told, each once.
const STEPS: [&str; 6] = ["long-list", "filter", "devices", "barred", "log", "out-of-service"];

#[test]
fn channels_and_devices_are_looked_at_and_their_log_is_kept() -> Result<()> {
    let folder = binary::root().join("tests/browser");
    for package in ["playwright-core", "axe-core"] {
        ensure!(
            folder.join("node_modules").join(package).is_dir(),
            "{package} is not there; hint: run `make tests/browser/node_modules/ready`"
        );
    }
    let mut command = Command::new("node");
    command.arg(folder.join("channels.mjs")).arg(binary::siskin()?);
    let mut browser = Process::start("channels.mjs", &command).context("the browser test")?;
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
