//! What people do on the page, in a real browser against the real station: two operators and an
//! admin. The steps are those of `tests/browser/people.mjs`; axe-core looks at every sheet.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::process::{Process, say};

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_secs(400);
/// The steps that must have been told, each once.
const STEPS: [&str; 11] = [
    "commented",
    "shelved",
    "out-of-service",
    "handed-over",
    "incident",
    "reports",
    "messages",
    "reset",
    "drill",
    "figures",
    "accounts",
];

#[test]
fn people_do_on_the_page_what_the_lifecycle_asks_for() -> Result<()> {
    let folder = binary::root().join("tests/browser");
    for package in ["playwright-core", "axe-core"] {
        ensure!(
            folder.join("node_modules").join(package).is_dir(),
            "{package} is not there; hint: run `make tests/browser/node_modules/ready`"
        );
    }
    let mut command = Command::new("node");
    command.arg(folder.join("people.mjs")).arg(binary::siskin()?);
    let mut browser = Process::start("people.mjs", &command).context("the browser test")?;
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
