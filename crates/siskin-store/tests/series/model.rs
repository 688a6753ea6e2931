//! Random appends, corrections, rolls, compactions, trims and reopenings give what a map from stamp
//! to reading gives.
//!
//! What an exercise made is among the readings, and in nothing that is summed up.
//!
//! What a trim deletes moves to a second list: from then on only questions that roll-ups answer are
//! asked of its days, and late readings of those days count beside what was deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;

use proptest::prelude::*;
use siskin_model::{ChannelIndex, Keep, Origin, Quality, Reading, Retention, Timestamp};
use siskin_store::series::Trimmed;
use siskin_store::{Air, Bucket, BucketStep, Series, StoreError};

use crate::HOUR_MS;
use crate::plain::{self, DAY_MS, day, first_day};
use crate::support::{at, channels};

const CHANNELS: u32 = 3;

#[derive(Debug, Clone)]
enum Act {
    /// Readings: channel, stamp, value in hundredths, quality, origin.
    Append(Vec<(u32, i64, Option<i32>, Quality, Origin)>),
    /// A roll at a moment, keeping this many of the newest batches.
    Roll(i64, u64),
    /// A compaction at a moment, of so many days at most.
    Compact(i64, usize),
    /// All that is finished is rolled, summed up, and trimmed: the moment, days of readings, days
    /// of minutes, and whether a follower has seen it all.
    Trim(i64, u32, Option<u32>, bool),
    Reopen,
}

fn stamp_ms() -> impl Strategy<Value = i64> {
    prop_oneof![
        // Few enough that the same stamps come again; three hours, the last one open for long.
        20 => (0..3i64, 0..40i64).prop_map(|(hour, tick)| hour * HOUR_MS + tick * 90_000),
        // Some days of it, with several readings in a minute.
        10 => (-2..3i64, 0..30i64).prop_map(|(day, tick)| day * DAY_MS + HOUR_MS + tick * 11_000),
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
    let origin = prop_oneof![
        8 => Just(Origin::Live),
        1 => Just(Origin::Backlog),
        2 => Just(Origin::Exercise),
    ];
    let reading = (0..CHANNELS, stamp_ms(), value, quality, origin);
    prop_oneof![
        12 => prop::collection::vec(reading, 1..12).prop_map(Act::Append),
        4 => (0..5 * HOUR_MS, 0..4u64).prop_map(|(now, keep)| Act::Roll(now, keep)),
        3 => (-DAY_MS..5 * DAY_MS, 1..9usize).prop_map(|(now, days)| Act::Compact(now, days)),
        2 => (0..6 * DAY_MS, 1..4u32, prop::option::of(0..3u32), prop::bool::weighted(0.8))
            .prop_map(|(now, raw, more, seen)| Act::Trim(now, raw, more.map(|m| raw + m), seen)),
        1 => Just(Act::Reopen),
    ]
}

/// What the store should say.
#[derive(Default)]
struct Model {
    by_stamp: BTreeMap<(ChannelIndex, Timestamp), (Reading, Origin)>,
    /// Measured readings that were trimmed, in order of their deletion, by day.
    gone: BTreeMap<(ChannelIndex, i64), Vec<Reading>>,
    minutes_gone: BTreeSet<(ChannelIndex, i64)>,
    last: BTreeMap<ChannelIndex, Reading>,
    batches: Vec<(u64, Vec<Reading>)>,
    kept_after: u64,
}

impl Model {
    fn append(&mut self, seq: u64, batch: &[(Reading, Origin)]) {
        for &(reading, origin) in batch {
            let is_drill = origin == Origin::Exercise;
            let place = (reading.channel, reading.measured_at);
            let known = self.by_stamp.get(&place);
            if is_drill && known.is_some_and(|(_, known)| *known != Origin::Exercise) {
                continue;
            }
            self.by_stamp.insert(place, (reading, origin));
            if is_drill {
                continue;
            }
            let last = self.last.entry(reading.channel).or_insert(reading);
            if reading.measured_at >= last.measured_at {
                *last = reading;
            }
        }
        self.batches.push((seq, batch.iter().map(|(reading, _)| *reading).collect()));
    }

    fn records(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<(Reading, Origin)> {
        let span = (channel, from)..(channel, to);
        self.by_stamp.range(span).map(|(_, record)| *record).collect()
    }

    /// Measured readings, those that were trimmed and those that were not.
    fn all(&self, channel: ChannelIndex, from: Timestamp, to: Timestamp) -> Vec<Reading> {
        let gone = self.gone.iter().filter(|((of, _), _)| *of == channel);
        let gone = gone.flat_map(|(_, readings)| readings).copied();
        let gone = gone.filter(|reading| (from..to).contains(&reading.measured_at));
        let kept = self.records(channel, from, to).into_iter().filter_map(measured);
        let mut all: Vec<_> = gone.chain(kept).collect();
        all.sort_by_key(|reading| reading.measured_at);
        all
    }

    fn trim(&mut self, now: Timestamp, raw_days: u32) {
        let today = day(now);
        let is_over = |reading: &Reading| day(reading.measured_at) < today - i64::from(raw_days);
        for (reading, origin) in self.by_stamp.values().filter(|(reading, _)| is_over(reading)) {
            let of_day = self.gone.entry((reading.channel, day(reading.measured_at)));
            of_day.or_default().extend(measured((*reading, *origin)));
        }
        self.by_stamp.retain(|_, (reading, _)| !is_over(reading));
    }

    /// Minutes go where nothing finer is left.
    fn trim_minutes(&mut self, now: Timestamp, minute_days: Option<u32>) {
        let today = day(now);
        let finer: BTreeSet<_> =
            self.by_stamp.values().map(|(r, _)| (r.channel, day(r.measured_at))).collect();
        let over = |key: &&(_, i64)| {
            let is_over = minute_days.is_some_and(|days| key.1 < today - i64::from(days));
            is_over && !finer.contains(*key)
        };
        self.minutes_gone.extend(self.gone.keys().filter(over));
    }
}

fn measured((reading, origin): (Reading, Origin)) -> Option<Reading> {
    (origin != Origin::Exercise).then_some(reading)
}

fn days(n: u32) -> Keep {
    Keep::Days(NonZeroU32::new(n).unwrap())
}

/// Steps over whole days; what is trimmed can be asked in steps of minutes or hours only.
fn compare_buckets(
    series: &Series,
    model: &Model,
    channel: ChannelIndex,
) -> Result<(), TestCaseError> {
    let ends = [(-3, 4), (-1, 2)].map(|(a, b)| (at(a * DAY_MS), at(b * DAY_MS)));
    let hours = (at(HOUR_MS), at(DAY_MS + 2 * HOUR_MS));
    for (from, to) in [ends[0], ends[1], hours, (at(5), at(2 * HOUR_MS + 90_001))] {
        let of_span = |(of, day_of): &&(ChannelIndex, i64)| {
            *of == channel && (day(from)..=day(to.plus_ms(-1))).contains(day_of)
        };
        let gone: BTreeSet<i64> = model.gone.keys().filter(of_span).map(|key| key.1).collect();
        let minutes_gone = model.minutes_gone.iter().filter(of_span).count() > 0;
        if !gone.is_empty() && from == at(5) {
            continue;
        }
        for step_ms in [10_000, 60_000, 300_000, HOUR_MS, 6 * HOUR_MS, DAY_MS] {
            let step = BucketStep::from_ms(step_ms).unwrap();
            let got = series.buckets(channel, from, to, step);
            let minutes_needed = minutes_gone && step_ms % HOUR_MS != 0;
            if minutes_needed || (!gone.is_empty() && step_ms % 60_000 != 0) {
                prop_assert!(matches!(got, Err(StoreError::TooFine { .. })), "{:?}", got);
                continue;
            }
            let expected = plain::buckets(&model.all(channel, from, to), step);
            let seen = |all: &[Bucket]| all.iter().map(|b| known(b, &gone)).collect::<Vec<_>>();
            let got = got.unwrap();
            prop_assert_eq!(seen(&got), seen(&expected), "{:?} {:?} {}", channel, from, step_ms);
        }
    }
    Ok(())
}

/// Of a day that was trimmed the sum depends on when what came, and so may the last value.
fn known(bucket: &Bucket, gone: &BTreeSet<i64>) -> (Bucket, f64) {
    let sum = bucket.air.map_or(0.0, |air| air.sum);
    let hundredths = (sum * 100.0).round();
    if !gone.contains(&day(bucket.from)) {
        return (*bucket, hundredths);
    }
    let air = bucket.air.map(|air| Air { sum: 0.0, last: 0.0, ..air });
    (Bucket { air, ..*bucket }, hundredths)
}

fn compare_gaps(
    series: &Series,
    model: &Model,
    channel: ChannelIndex,
) -> Result<(), TestCaseError> {
    let (from, to) = (at(-3 * DAY_MS), at(4 * DAY_MS));
    let is_gone =
        model.gone.keys().any(|(of, d)| *of == channel && (0..7).contains(&(d - first_day() + 3)));
    for longer_than_ms in [0, 20_000, 60_000, 100_000, HOUR_MS] {
        if is_gone && (longer_than_ms < 60_000 || !model.minutes_gone.is_empty()) {
            continue;
        }
        let all = model.all(channel, from, to);
        let expected = plain::gaps(&all, from, to, longer_than_ms);
        let mut got = Vec::new();
        let mut next = Some(from);
        while let Some(from) = next {
            let limit = NonZeroUsize::new(7).unwrap();
            let page = series.gaps(channel, from, to, longer_than_ms, limit).unwrap();
            prop_assert!(page.gaps.len() <= 7);
            got.extend(page.gaps);
            next = page.next;
        }
        prop_assert_eq!(got, expected, "{:?} {}", channel, longer_than_ms);
    }
    Ok(())
}

fn compare_completeness(
    series: &Series,
    model: &Model,
    channel: ChannelIndex,
) -> Result<(), TestCaseError> {
    let (from, to) = (at(-DAY_MS), at(DAY_MS + HOUR_MS));
    let got = series.completeness(channel, from, to, 90_000).unwrap();
    prop_assert_eq!(got.len(), 49);
    for hour in got {
        let all = model.all(channel, hour.hour, hour.hour.plus_ms(HOUR_MS));
        let received = all.iter().filter(|r| r.quality.is_heard()).count() as u64;
        let good = all.iter().filter(|r| r.quality == Quality::Good).count() as u64;
        prop_assert_eq!((hour.expected, hour.received, hour.good), (40, received, good));
        let percent = (received as f64 * 2.5).min(100.0);
        prop_assert!((hour.percent - percent).abs() < 1e-9);
    }
    Ok(())
}

fn compare_sums(series: &Series, model: &Model) -> Result<(), TestCaseError> {
    for channel in (0..CHANNELS).map(ChannelIndex) {
        compare_buckets(series, model, channel)?;
        compare_gaps(series, model, channel)?;
        compare_completeness(series, model, channel)?;
    }
    Ok(())
}

/// Whole days side by side are one span, cut to the question.
fn compare_trimmed(
    series: &Series,
    model: &Model,
    channel: ChannelIndex,
) -> Result<(), TestCaseError> {
    let (from, to) = (at(-DAY_MS - 5), at(2 * DAY_MS + 5));
    let mut spans: Vec<Trimmed> = Vec::new();
    for (_, day) in model.gone.keys().filter(|(of, _)| *of == channel) {
        let begin = Timestamp::from_millis(day * DAY_MS);
        let (begin, end) = (begin.max(from), begin.plus_ms(DAY_MS).min(to));
        match spans.last_mut() {
            _ if begin >= end => {}
            Some(last) if last.to == begin => last.to = end,
            _ => spans.push(Trimmed { from: begin, to: end }),
        }
    }
    prop_assert_eq!(series.trimmed(channel, from, to).unwrap(), spans);
    Ok(())
}

fn compare(series: &Series, model: &Model) -> Result<(), TestCaseError> {
    for channel in (0..CHANNELS).map(ChannelIndex) {
        let (first, end) = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));
        for (from, to) in [(first, end), (at(HOUR_MS), at(2 * HOUR_MS)), (at(5), at(90_001))] {
            let got = series.records(channel, from, to).unwrap();
            prop_assert_eq!(got, model.records(channel, from, to), "{:?} {:?}", channel, from);
        }
        compare_trimmed(series, model, channel)?;
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

fn made(given: Vec<(u32, i64, Option<i32>, Quality, Origin)>) -> Vec<(Reading, Origin)> {
    let make = |(channel, ms, hundredths, quality, origin): (u32, i64, Option<i32>, _, _)| {
        let value = hundredths.map(|n| f64::from(n) / 100.0);
        let channel = ChannelIndex(channel);
        (Reading::new(channel, at(ms), at(ms + 17), value, quality), origin)
    };
    given.into_iter().map(make).collect()
}

fn run(acts: Vec<Act>, dir: &Path) -> Result<(), TestCaseError> {
    let keys = channels(CHANNELS as usize);
    let mut series = Series::open(dir, &keys).unwrap();
    let mut model = Model::default();
    for act in acts {
        let sums_up = matches!(act, Act::Compact(..) | Act::Trim(..) | Act::Reopen);
        match act {
            Act::Append(batch) => {
                let batch = made(batch);
                let part = |(reading, origin): &(Reading, Origin)| (*origin, vec![*reading]);
                let parts: Vec<_> = batch.iter().map(part).collect();
                let parts: Vec<_> = parts.iter().map(|(o, one)| (*o, one.as_slice())).collect();
                let seq = series.append_all(&parts).unwrap();
                prop_assert!(model.batches.last().is_none_or(|(before, _)| seq > *before));
                model.append(seq, &batch);
            }
            Act::Roll(now_ms, keep) => {
                let keep_after = series.newest_seq().saturating_sub(keep);
                series.roll(at(now_ms), keep_after).unwrap();
                model.kept_after = model.kept_after.max(keep_after);
                let again = series.roll(at(now_ms), keep_after).unwrap();
                prop_assert_eq!(again.readings, 0, "a second roll finds nothing");
            }
            Act::Compact(now_ms, budget) => {
                series.compact(at(now_ms), budget).unwrap();
            }
            Act::Trim(now_ms, raw_days, minute_days, seen) => {
                let now = at(now_ms);
                let minute = minute_days.map_or(Keep::ForEver, days);
                let keep = Retention::new(days(raw_days), minute, Keep::ForEver).unwrap();
                series.roll(now, u64::MAX).unwrap();
                model.kept_after = series.newest_seq();
                while series.compact(now, 5).unwrap().due > 0 {}
                let followed = if seen { u64::MAX } else { 0 };
                let first = series.trim(now, &keep, followed, 2).unwrap();
                let rest = series.trim(now, &keep, followed, 1000).unwrap();
                // Minutes that were passed while their readings were there have their turn now.
                series.trim(now, &keep, followed, 1000).unwrap();
                prop_assert_eq!((first.damaged, rest.damaged), (0, 0));
                if seen {
                    model.trim(now, raw_days);
                } else {
                    prop_assert_eq!((first.raw, rest.raw), (0, 0));
                }
                model.trim_minutes(now, minute_days);
            }
            Act::Reopen => {
                drop(series);
                series = Series::open(dir, &keys).unwrap();
            }
        }
        compare(&series, &model)?;
        if sums_up {
            compare_sums(&series, &model)?;
        }
    }
    compare_sums(&series, &model)?;
    let rolled = series.roll(at(10 * HOUR_MS), u64::MAX).unwrap();
    model.kept_after = series.newest_seq();
    compare(&series, &model)?;
    prop_assert_eq!(series.readings_open(), 0, "after {:?}", rolled);
    prop_assert_eq!(series.batches_after(0).unwrap(), vec![]);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_store_is_a_map_from_stamp_to_reading(acts in prop::collection::vec(act(), 1..50)) {
        let dir = tempfile::tempdir().unwrap();
        run(acts, dir.path())?;
    }
}
