//! A bureau's account of one area at a real browser, while the warning of another area is active:
//! its page shows its own area and nothing of the other. The steps are those of
//! `tests/browser/bureau.mjs`.

use std::time::Duration;

use anyhow::Result;
use e2e::browser;

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_mins(5);

#[test]
fn the_page_of_a_bureau_of_one_area_shows_nothing_of_another() -> Result<()> {
    // Once in Chinese and once in English.
    browser::all_steps("bureau.mjs", &["looks", "looks", "asks-for-other"], ALL_MAX)
}
