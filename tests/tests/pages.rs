//! The pages by their addresses, in a real browser against the real station with people: a warning
//! at length, incidents, duty, the bureau's page, drills, accounts. The steps are those of
//! `tests/browser/pages.mjs`; axe-core looks at every page.

use std::time::Duration;

use anyhow::Result;
use e2e::browser;

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_secs(500);

#[test]
fn every_page_opens_by_its_address_and_does_what_it_is_for() -> Result<()> {
    let steps = [
        "warning",
        "incident-page",
        "duty-page",
        "bureau-page",
        "moments",
        "account-page",
        "other-pages",
        "looks",
        "past",
    ];
    browser::all_steps("pages.mjs", &steps, ALL_MAX)
}
