//! What engineers do on their page, in a real browser against the real station: they write, test,
//! compare, propose; a second person confirms and goes back. The steps are those of
//! `tests/browser/engineer.mjs`; axe-core looks at every part.

use std::time::Duration;

use anyhow::Result;
use e2e::browser;

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
    browser::all_steps("engineer.mjs", &STEPS, ALL_MAX)
}
