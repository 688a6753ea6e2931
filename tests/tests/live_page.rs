//! A page that is looked at by night, in a real browser against the real station: it sounds until a
//! person has acknowledged, says when it may not, is covered when the line is cut and shows nothing
//! twice afterwards; on small and large screens, on a map and without one, and on a wall. The steps
//! are those of `tests/browser/live.mjs`; times are reported there, and judged with `SISKIN_IDLE`.

use std::time::Duration;

use anyhow::Result;
use e2e::browser;

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_mins(15);
/// The steps that must have been told.
const STEPS: [&str; 15] = [
    "sound-allowed",
    "raises",
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
    "crowded wall",
    "plan",
    "map",
];

#[test]
fn a_page_sounds_is_covered_when_cut_and_shows_nothing_twice() -> Result<()> {
    browser::all_steps("live.mjs", &STEPS, ALL_MAX)
}
