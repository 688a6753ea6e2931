//! Periods of time by the site's local clock: which one a moment lies in, where the next begins.

use siskin_model::Timestamp;
use siskin_model::uplink::{UplinkIntervals, UplinkKind};

/// A minute.
pub const MINUTE_MS: i64 = 60_000;
/// An hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// How long the periods of a kind are; for real-time data the time between two of them.
pub fn length_ms(kind: UplinkKind, intervals: UplinkIntervals) -> i64 {
    match kind {
        UplinkKind::RealTime => i64::from(intervals.real_time_s.max(1)) * 1000,
        UplinkKind::Minute => i64::from(intervals.minute_min.max(1)) * MINUTE_MS,
        UplinkKind::Hour => HOUR_MS,
        UplinkKind::Day => DAY_MS,
    }
}

/// The begin of the period of `length_ms` that `at` lies in, by local time.
pub fn begin_of(at: Timestamp, length_ms: i64, utc_offset_s: i32) -> Timestamp {
    let local_ms = at.plus_ms(i64::from(utc_offset_s) * 1000).as_millis();
    let length_ms = length_ms.max(1);
    at.plus_ms(-local_ms.rem_euclid(length_ms))
}

/// The begin of the first period that begins at `at` or after it.
pub fn begin_after(at: Timestamp, length_ms: i64, utc_offset_s: i32) -> Timestamp {
    let begin = begin_of(at, length_ms, utc_offset_s);
    if begin == at { at } else { begin.plus_ms(length_ms.max(1)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hj212::moment;

    const CHINA_S: i32 = 28_800;

    #[test]
    fn days_begin_at_local_midnight() {
        let at = |text: &str| moment::parse(text, CHINA_S).unwrap();
        let begin = |text, length| moment::to_second(begin_of(at(text), length, CHINA_S), CHINA_S);
        assert_eq!(begin("20261129073100", DAY_MS), "20261129000000");
        assert_eq!(begin("20261129000000", DAY_MS), "20261129000000");
        assert_eq!(begin("20261129235959999", DAY_MS), "20261129000000");
        assert_eq!(begin("20261129073159", HOUR_MS), "20261129070000");
        assert_eq!(begin("20261129073959", 10 * MINUTE_MS), "20261129073000");
        assert_eq!(begin("20261129073059", 30_000), "20261129073030");
        let after = begin_after(at("20261129073001"), HOUR_MS, CHINA_S);
        assert_eq!(moment::to_second(after, CHINA_S), "20261129080000");
        // Half an hour off the hours of UTC.
        let india = begin_of(at("20261129073100"), HOUR_MS, 19_800);
        assert_eq!(moment::to_second(india, 19_800), "20261129050000");
    }

    #[test]
    fn each_kind_has_its_length() {
        let intervals = UplinkIntervals { real_time_s: 30, minute_min: 10 };
        let lengths = UplinkKind::ALL.map(|kind| length_ms(kind, intervals));
        assert_eq!(lengths, [30_000, 600_000, 3_600_000, 86_400_000]);
    }

    proptest! {
        #[test]
        fn every_moment_lies_in_its_period(
            ms in -1_000_000_000_000..4_000_000_000_000i64,
            which in 0usize..4,
        ) {
            let length = [30_000, MINUTE_MS, HOUR_MS, DAY_MS][which];
            let at = Timestamp::from_millis(ms);
            let begin = begin_of(at, length, CHINA_S);
            prop_assert!(begin <= at && at < begin.plus_ms(length));
            prop_assert_eq!(begin_of(begin, length, CHINA_S), begin);
            prop_assert_eq!(begin_after(begin, length, CHINA_S), begin);
        }
    }
}
