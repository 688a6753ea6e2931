//! A file of an earlier format opens, says what it said, and goes on.
//!
//! `old/series-1.db` was written by the program of 2026-11-24: two channels, 540 batches, two
//! rolls. `old/series-2.db` was written by the program of 2026-11-29 before it packed days: two
//! channels, 360 batches, two rolls, one day of one channel summed up.

use std::path::Path;

use siskin_model::{ChannelIndex, Origin, Reading};
use siskin_store::{BucketStep, Series, SeriesRead};

use crate::plain::{self, DAY_MS};
use crate::support::{at, channels, reading};

/// What was written, by the rule it was written by; in order, each stamp once.
fn written(channel: u32, count: i64, period_ms: i64, late_ms: i64) -> Vec<Reading> {
    let value =
        |i: i64| (i % 13 != 0).then_some(((i * 7 + i64::from(channel)) % 50) as f64 / 100.0);
    let late_ms = |i: i64| if i % 50 == 0 { late_ms } else { 0 };
    let one = |i: i64| match channel {
        0 => reading(0, i * period_ms, value(i)),
        _ => reading(1, i * period_ms - late_ms(i) - 7, value(i)),
    };
    let mut all: Vec<_> = (0..count).map(|i| (one(i), i)).collect();
    all.sort_by_key(|(reading, i)| (reading.measured_at, *i));
    let mut kept: Vec<Reading> = Vec::new();
    for (reading, _) in all {
        match kept.last_mut() {
            Some(last) if last.measured_at == reading.measured_at => *last = reading,
            _ => kept.push(reading),
        }
    }
    kept
}

fn copy(name: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/old").join(name);
    std::fs::copy(old, dir.path().join("series.db")).unwrap();
    dir
}

#[test]
fn format_1_is_brought_up_and_says_the_same() {
    let dir = copy("series-1.db");
    for opened in 0..2 {
        let series = Series::open(dir.path(), &channels(2)).unwrap();
        for channel in 0..2 {
            let stored =
                series.records(ChannelIndex(channel), at(-700_000), at(5_400_000)).unwrap();
            let expected: Vec<_> = written(channel, 540, 10_000, 600_000)
                .into_iter()
                .map(|r| (r, Origin::Live))
                .collect();
            assert_eq!(stored, expected);
            let hours = series.buckets(
                ChannelIndex(channel),
                at(-700_000),
                at(5_400_000),
                BucketStep::HOUR,
            );
            let count: u64 = hours.unwrap().iter().map(|hour| hour.count).sum();
            assert_eq!(count, expected.len() as u64);
        }
        // What comes now is rolled beside the old chunks.
        let more = reading(0, 5_400_000 + opened * 3_600_000, Some(0.5));
        assert_eq!(series.append(&[more]).unwrap(), 541 + opened.cast_unsigned());
        assert!(series.roll(at(30 * 3_600_000), u64::MAX).unwrap().readings > 0);
    }
}

#[test]
fn format_2_is_read_as_it_is_and_then_brought_up() {
    let dir = copy("series-2.db");
    let (from, to) = (at(-DAY_MS), at(2 * DAY_MS));
    let check = |read: &dyn SeriesRead| {
        for channel in 0..2 {
            let stored = read.range(ChannelIndex(channel), from, to).unwrap();
            assert_eq!(stored, written(channel, 360, 300_000, 7_200_000));
            let hours = read.buckets(ChannelIndex(channel), from, to, BucketStep::HOUR).unwrap();
            assert_eq!(hours, plain::buckets(&stored, BucketStep::HOUR));
        }
    };
    // Beside a station that was not upgraded yet, say: nothing is written.
    let before = std::fs::read(dir.path().join("series.db")).unwrap();
    check(&Series::open_read_only(dir.path(), &channels(2)).unwrap());
    assert_eq!(std::fs::read(dir.path().join("series.db")).unwrap(), before);
    let series = Series::open(dir.path(), &channels(2)).unwrap();
    check(&series);
    // The day before the first has late readings of the second channel.
    let summed_up = series.compact(at(2 * DAY_MS), 100).unwrap();
    assert_eq!((summed_up.days, summed_up.packed, summed_up.due), (2, 2, 0));
    check(&series);
    series.roll(at(3 * DAY_MS), u64::MAX).unwrap();
    let summed_up = series.compact(at(3 * DAY_MS), 100).unwrap();
    assert_eq!((summed_up.days, summed_up.packed), (2, 2));
    check(&series);
}
