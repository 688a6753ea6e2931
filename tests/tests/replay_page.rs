//! The replay of an incident in a real browser against the real station: from the incident's own
//! link, moved by keyboard, on the plan and on the map, in both languages. The steps are those of
//! `tests/browser/incident-replay.mjs`.

use std::time::Duration;

use anyhow::Result;
use e2e::browser;

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_secs(400);
/// The steps that must have been told.
const STEPS: [&str; 6] =
    ["linked-zh", "scrubbed-zh", "map-zh", "linked-en", "scrubbed-en", "map-en"];

#[test]
fn an_incident_is_replayed_from_its_own_link() -> Result<()> {
    browser::all_steps("incident-replay.mjs", &STEPS, ALL_MAX)
}
