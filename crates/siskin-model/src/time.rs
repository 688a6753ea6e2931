//! Moments: UTC milliseconds inside, park-local time with its offset for people.
//!
//! Never reads a clock; whoever needs "now" is given it.

use std::fmt;

use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

/// A moment in UTC, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This moment moved by `ms`; stops at the ends of the range.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment; negative when `earlier` is later.
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// RFC 3339 with milliseconds at `offset_s` seconds east of UTC.
    pub fn rfc3339(self, offset_s: i32) -> String {
        let (Ok(moment), Ok(offset)) =
            (jiff::Timestamp::from_millisecond(self.0), Offset::from_seconds(offset_s))
        else {
            return format!("{} ms since 1970", self.0);
        };
        format!("{:.3}", moment.display_with_offset(offset))
    }

    /// `yyyymmddThhmmss.mmmZ`, sortable and free of separators that urls or file names mind.
    pub fn compact(self) -> String {
        let utc = self.rfc3339(0);
        let mut out: String = utc.chars().filter(|c| !matches!(c, '-' | ':')).collect();
        if let Some(end) = out.find('+') {
            out.truncate(end);
            out.push('Z');
        }
        out
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_see_local_time_with_its_offset() {
        let t = Timestamp::from_millis(1_767_225_600_000);
        assert_eq!(t.rfc3339(8 * 3600), "2026-01-01T08:00:00.000+08:00");
        assert_eq!(t.rfc3339(0), "2026-01-01T00:00:00.000+00:00");
        assert_eq!(t.compact(), "20260101T000000.000Z");
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        let last = Timestamp::from_millis(i64::MAX);
        assert_eq!(last.plus_ms(1), last);
        assert_eq!(Timestamp::from_millis(i64::MIN).since_ms(last), i64::MIN);
    }
}
