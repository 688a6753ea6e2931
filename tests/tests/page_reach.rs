//! The page for everybody: the gallery of components looked at in both languages and themes, and
//! every page walked by keyboard at 200 % zoom. The steps are those of `tests/browser/gallery.mjs`
//! and `tests/browser/walk.mjs`.

use std::time::Duration;

use anyhow::Result;
use e2e::browser;

/// All steps together; each waits for itself no longer than it may take.
const ALL_MAX: Duration = Duration::from_secs(500);

#[test]
fn the_gallery_shows_every_state_and_axe_finds_nothing_serious() -> Result<()> {
    let steps =
        ["gallery-zh-dark", "gallery-zh-light", "gallery-en-dark", "gallery-en-light", "dialogs"];
    browser::all_steps("gallery.mjs", &steps, ALL_MAX)
}

#[test]
fn every_page_is_walked_by_keyboard_at_200_percent() -> Result<()> {
    browser::all_steps("walk.mjs", &["walk overview zh", "walk warning en", "walked"], ALL_MAX)
}
