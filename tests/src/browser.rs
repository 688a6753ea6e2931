//! Programs of `tests/browser` that drive a real browser against the real station.
//!
//! A step that was not told counts as not done, whatever the program ended with.

use std::ffi::OsString;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::binary;
use crate::process::{Process, say};

/// Runs `script` with the station's binary; every one of `steps` must have been told.
pub fn all_steps(script: &str, steps: &[&str], all_max: Duration) -> Result<()> {
    told(script, &[binary::siskin()?.into()], steps, all_max)
}

/// The same with other `arguments`.
pub fn told(script: &str, arguments: &[OsString], steps: &[&str], all_max: Duration) -> Result<()> {
    let folder = binary::root().join("tests/browser");
    for package in ["playwright-core", "axe-core"] {
        ensure!(
            folder.join("node_modules").join(package).is_dir(),
            "{package} is not there; hint: run `make tests/browser/node_modules/ready`"
        );
    }
    let mut command = Command::new("node");
    command.arg(folder.join(script)).args(arguments);
    let mut browser = Process::start(script, &command).context("the browser test")?;
    let deadline = Instant::now() + all_max;
    let mut told = Vec::new();
    while let Ok(line) = browser.line(deadline.saturating_duration_since(Instant::now())) {
        say(&line);
        told.push(line);
    }
    let status = browser.ended(all_max)?;
    ensure!(status.success(), "the browser script: {status}: {}", browser.log());
    for step in steps {
        let name = format!("{{\"step\":\"{step}\"");
        ensure!(told.iter().any(|line| line.starts_with(&name)), "`{step}` was not done: {told:?}");
    }
    Ok(())
}
