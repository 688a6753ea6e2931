//! What people do on the page, in a real browser against the real station: two operators and an
//! admin. The steps are those of `tests/browser/people.mjs`; axe-core looks at every sheet.

use std::time::Duration;

use anyhow::Result;
use e2e::browser;

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_secs(400);
/// The steps that must have been told, each once.
const STEPS: [&str; 12] = [
    "commented",
    "shelved",
    "out-of-service",
    "handed-over",
    "incident",
    "reports",
    "messages",
    "owed",
    "reset",
    "drill",
    "figures",
    "accounts",
];

#[test]
fn people_do_on_the_page_what_the_lifecycle_asks_for() -> Result<()> {
    browser::all_steps("people.mjs", &STEPS, ALL_MAX)
}
