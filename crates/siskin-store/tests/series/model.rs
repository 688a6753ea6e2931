//! Random appends, rolls and reopenings give what a map from stamp to reading gives.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use siskin_model::{ChannelIndex, Quality, Reading, Timestamp};
use siskin_store::Series;

use crate::HOUR_MS;
use crate::support::{at, channels};

const CHANNELS: u32 = 3;

#[derive(Debug, Clone)]
enum Act {
    /// Readings: channel, stamp, value in hundredths, quality.
    Append(Vec<(u32, i64, Option<i32>, Quality)>),
    /// A roll at a moment, keeping this many of the newest batches.
    Roll(i64, u64),
    Reopen,
}

fn stamp_ms() -> impl Strategy<Value = i64> {
    prop_oneof![
        // Few enough that the same stamps come again; three hours, the last one open for long.
        20 => (0..3i64, 0..40i64).prop_map(|(hour, tick)| hour * HOUR_MS + tick * 90_000),
        // Clocks that are wrong by months, before 1970 even, and the ends of an hour.
        1 => Just(-START_LONG_AGO_MS),
        1 => Just(90 * 24 * HOUR_MS),
        1 => Just(HOUR_MS - 1),
        1 => Just(HOUR_MS),
    ]
}

const START_LONG_AGO_MS: i64 = crate::support::START_MS + HOUR_MS + 1;

fn act() -> impl Strategy<Value = Act> {
    let quality = prop::sample::select(Quality::ALL.to_vec());
    let value = prop::option::weighted(0.9, -500..50_000i32);
    let reading = (0..CHANNELS, stamp_ms(), value, quality);
    prop_oneof![
        12 => prop::collection::vec(reading, 1..12).prop_map(Act::Append),
        4 => (0..5 * HOUR_MS, 0..4u64).prop_map(|(now, keep)| Act::Roll(now, keep)),
        1 => Just(Act::Reopen),
    ]
}

/// What the store should say.
#[derive(Default)]
struct Model {
    by_stamp: BTreeMap<(ChannelIndex, Timestamp), Reading>,
    last: BTreeMap<ChannelIndex, Reading>,
    batches: Vec<(u64, Vec<Reading>)>,
    kept_after: u64,
}

impl Model {
    fn append(&mut self, seq: u64, batch: Vec<Reading>) {
        for &reading in &batch {
            self.by_stamp.insert((reading.channel, reading.measured_at), reading);
            let last = self.last.entry(reading.channel).or_insert(reading);
            if reading.measured_at >= last.measured_at {
                *last = reading;
            }
        }
        self.batches.push((seq, batch));
    }

    fn range(&self, channel: ChannelIndex, from: Timestamp, to: Timestamp) -> Vec<Reading> {
        let span = (channel, from)..(channel, to);
        self.by_stamp.range(span).map(|(_, reading)| *reading).collect()
    }
}

fn compare(series: &Series, model: &Model) -> Result<(), TestCaseError> {
    for channel in (0..CHANNELS).map(ChannelIndex) {
        let (first, end) = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));
        for (from, to) in [(first, end), (at(HOUR_MS), at(2 * HOUR_MS)), (at(5), at(90_001))] {
            let got = series.range(channel, from, to).unwrap();
            prop_assert_eq!(got, model.range(channel, from, to), "{:?} {:?}", channel, from);
        }
    }
    let last: Vec<_> = (0..CHANNELS).map(|c| model.last.get(&ChannelIndex(c)).copied()).collect();
    prop_assert_eq!(series.last(), last);
    let newest = model.batches.last().map_or(0, |(seq, _)| *seq);
    prop_assert_eq!(series.newest_seq(), newest);
    let kept: Vec<_> = model.batches.iter().filter(|(seq, _)| *seq > model.kept_after).collect();
    let stored = series.batches_after(model.kept_after).unwrap();
    prop_assert_eq!(stored.iter().collect::<Vec<_>>(), kept);
    Ok(())
}

fn run(acts: Vec<Act>, dir: &Path) -> Result<(), TestCaseError> {
    let keys = channels(CHANNELS as usize);
    let mut series = Series::open(dir, &keys).unwrap();
    let mut model = Model::default();
    for act in acts {
        match act {
            Act::Append(batch) => {
                let make = |(channel, ms, hundredths, quality): (u32, i64, Option<i32>, _)| {
                    let value = hundredths.map(|n| f64::from(n) / 100.0);
                    Reading::new(ChannelIndex(channel), at(ms), at(ms + 17), value, quality)
                };
                let batch: Vec<_> = batch.into_iter().map(make).collect();
                let seq = series.append(&batch).unwrap();
                prop_assert!(model.batches.last().is_none_or(|(before, _)| seq > *before));
                model.append(seq, batch);
            }
            Act::Roll(now_ms, keep) => {
                let keep_after = series.newest_seq().saturating_sub(keep);
                series.roll(at(now_ms), keep_after).unwrap();
                model.kept_after = model.kept_after.max(keep_after);
                let again = series.roll(at(now_ms), keep_after).unwrap();
                prop_assert_eq!(again.readings, 0, "a second roll finds nothing");
            }
            Act::Reopen => {
                drop(series);
                series = Series::open(dir, &keys).unwrap();
            }
        }
        compare(&series, &model)?;
    }
    let rolled = series.roll(at(10 * HOUR_MS), u64::MAX).unwrap();
    model.kept_after = series.newest_seq();
    compare(&series, &model)?;
    prop_assert_eq!(series.readings_open(), 0, "after {:?}", rolled);
    prop_assert_eq!(series.batches_after(0).unwrap(), vec![]);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_store_is_a_map_from_stamp_to_reading(acts in prop::collection::vec(act(), 1..50)) {
        let dir = tempfile::tempdir().unwrap();
        run(acts, dir.path())?;
    }
}
