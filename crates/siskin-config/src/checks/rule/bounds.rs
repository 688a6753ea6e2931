//! Numbers that must lie in a range: each says its key, what stood there and what is possible.

use std::ops::RangeInclusive;

use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::values::Millis;

/// Longest window: the engine keeps every sample of it.
pub(crate) const WINDOW_MS_MAX: i64 = 24 * 3_600_000;

/// A number from one to another.
pub(super) fn within(
    key: &str,
    number: At<f64>,
    range: RangeInclusive<f64>,
    hint: &str,
    problems: &mut Problems,
) {
    if !range.contains(&number.value) {
        let (low, high) = (range.start(), range.end());
        let message = format!("`{key}` is `{}`, outside {low} to {high}", number.value);
        problems.add(Draft::new(message, hint).at(number.place, "out of range"));
    }
}

/// A number above 0.
pub(super) fn above_zero(key: &str, number: At<f64>, hint: &str, problems: &mut Problems) {
    if number.value <= 0.0 {
        let message = format!("`{key}` is `{}`", number.value);
        problems.add(Draft::new(message, hint).at(number.place, "not above 0"));
    }
}

/// A number of 0 or more.
pub(super) fn not_negative(key: &str, number: At<f64>, hint: &str, problems: &mut Problems) {
    if number.value < 0.0 {
        let message = format!("`{key}` is `{}`", number.value);
        problems.add(Draft::new(message, hint).at(number.place, "below 0"));
    }
}

/// A count of at least `least`.
pub(super) fn at_least(key: &str, count: At<u32>, least: u32, problems: &mut Problems) {
    if count.value < least {
        let message = format!("`{key}` is `{}`", count.value);
        let draft = Draft::new(message, format!("write at least {least}"));
        problems.add(draft.at(count.place, "too few"));
    }
}

/// A length of time above 0.
pub(super) fn positive(key: &str, length: At<Millis>, problems: &mut Problems) {
    if length.value.0 == 0 {
        let message = format!("`{key}` is `0`");
        let draft = Draft::new(message, "write a number of seconds above 0");
        problems.add(draft.at(length.place, "not above 0"));
    }
}

/// A length of time that the engine keeps samples for.
pub(super) fn kept(key: &str, length: At<Millis>, problems: &mut Problems) {
    if length.value.0 > WINDOW_MS_MAX {
        let (seconds, most) = (length.value.0 / 1000, WINDOW_MS_MAX / 1000);
        let message = format!("`{key}` is `{seconds}`");
        let draft = Draft::new(message, format!("write at most {most} seconds, a day"));
        problems.add(draft.at(length.place, "too long"));
    }
}
