//! Bad input in every form of the page, at a real browser against the real station: what is wrong
//! is told at its field in both languages, nothing bad is sent, and nothing typed is lost by a cut
//! line, an answer that is none, or a closing by mistake. The rows are those of
//! `tests/browser/form-rows-*.mjs`; a unit test of the page holds that every form has one.

use std::time::Duration;

use anyhow::Result;
use e2e::browser;

/// All rows together; each step waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_mins(20);

#[test]
fn every_form_tells_what_is_wrong_at_the_field_and_loses_nothing() -> Result<()> {
    // Told at the end, when every row was looked at.
    let steps = ["form set-up", "forms"];
    browser::all_steps("forms.mjs", &steps, ALL_MAX)
}
