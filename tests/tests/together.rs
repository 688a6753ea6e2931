//! Two people who do the same at once, each at a real browser against the real station: the later
//! one is told who was first, and nothing typed is lost. The steps are those of
//! `tests/browser/together.mjs`.

use std::time::Duration;

use anyhow::Result;
use e2e::browser;

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_secs(500);

#[test]
fn who_was_first_is_told_to_the_other_and_nothing_typed_is_lost() -> Result<()> {
    let steps = [
        "escalate",
        "escalate-later",
        "comment",
        "session-over",
        "shelve",
        "acknowledge",
        "equipment",
        "incident-note",
        "report-field",
        "hand-over",
        "together-page-duty",
        "together-page-people",
    ];
    browser::all_steps("together.mjs", &steps, ALL_MAX)
}
