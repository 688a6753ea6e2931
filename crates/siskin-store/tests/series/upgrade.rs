//! A file of an earlier format opens, says what it said, and goes on.
//!
//! `old/series-1.db` was written by the program of 2026-11-24: two channels, 540 batches, two
//! rolls.

use std::path::Path;

use siskin_model::{ChannelIndex, Origin, Reading};
use siskin_store::{BucketStep, Series};

use crate::support::{at, channels, reading};

/// What was written, by the rule it was written by; in order, each stamp once.
fn written(channel: u32) -> Vec<Reading> {
    let value =
        |i: i64| (i % 13 != 0).then_some(((i * 7 + i64::from(channel)) % 50) as f64 / 100.0);
    let late_ms = |i: i64| if i % 50 == 0 { 600_000 } else { 0 };
    let one = |i: i64| match channel {
        0 => reading(0, i * 10_000, value(i)),
        _ => reading(1, i * 10_000 - late_ms(i) - 7, value(i)),
    };
    let mut all: Vec<_> = (0..540).map(|i| (one(i), i)).collect();
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

#[test]
fn format_1_is_brought_up_and_says_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/old/series-1.db");
    std::fs::copy(old, dir.path().join("series.db")).unwrap();
    for opened in 0..2 {
        let series = Series::open(dir.path(), &channels(2)).unwrap();
        for channel in 0..2 {
            let stored =
                series.records(ChannelIndex(channel), at(-700_000), at(5_400_000)).unwrap();
            let expected: Vec<_> =
                written(channel).into_iter().map(|r| (r, Origin::Live)).collect();
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
