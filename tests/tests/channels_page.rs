//! The pages of channels and devices in a real browser against the real station, with 2,000
//! channels. The steps are those of `tests/browser/channels.mjs`; axe-core looks at every page.

use std::time::Duration;

use anyhow::Result;
use e2e::browser;

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_secs(400);
/// The steps that must have been told, each once.
const STEPS: [&str; 6] = ["long-list", "filter", "devices", "barred", "log", "out-of-service"];

#[test]
fn channels_and_devices_are_looked_at_and_their_log_is_kept() -> Result<()> {
    browser::all_steps("channels.mjs", &STEPS, ALL_MAX)
}
