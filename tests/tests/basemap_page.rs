//! The map of a park above a base map from a file, in a real browser against the real station:
//! drawn in both themes, with whose data it is, and the park alone where the file is broken. The
//! steps are those of `tests/browser/basemap.mjs`.

use std::time::Duration;

use anyhow::Result;
use e2e::browser;

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_mins(15);
/// The steps that must have been told.
const STEPS: [&str; 7] = ["drawn", "wall", "replaced", "torn", "broken", "again", "elsewhere"];

#[test]
fn a_park_lies_on_its_base_map_and_goes_on_without_one() -> Result<()> {
    browser::all_steps("basemap.mjs", &STEPS, ALL_MAX)
}
