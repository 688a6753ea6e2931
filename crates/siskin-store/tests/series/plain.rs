//! Questions answered the plain way: from all readings, one after the other.

use std::collections::BTreeMap;

use siskin_model::{Quality, Reading, Timestamp};
use siskin_store::{Air, Bucket, BucketStep, Gap, Heard};

use crate::HOUR_MS;
use crate::support::START_MS;

pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;
const MINUTE_MS: i64 = 60_000;

pub(crate) fn day(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(DAY_MS)
}

/// The day that `START_MS` begins.
pub(crate) fn first_day() -> i64 {
    START_MS / DAY_MS
}

fn slot(at: Timestamp, step_ms: i64) -> i64 {
    at.as_millis().div_euclid(step_ms)
}

/// The buckets of readings in order of their stamps.
pub(crate) fn buckets(readings: &[Reading], step: BucketStep) -> Vec<Bucket> {
    let mut of_step: BTreeMap<i64, Vec<Reading>> = BTreeMap::new();
    for reading in readings {
        of_step.entry(slot(reading.measured_at, step.as_millis())).or_default().push(*reading);
    }
    let bucket = |(slot, readings): (&i64, &Vec<Reading>)| {
        let from = Timestamp::from_millis(slot * step.as_millis());
        bucket(from, readings, step.as_millis())
    };
    of_step.iter().map(bucket).collect()
}

fn bucket(from: Timestamp, readings: &[Reading], step_ms: i64) -> Bucket {
    let heard: Vec<Timestamp> =
        readings.iter().filter(|r| r.quality.is_heard()).map(|r| r.measured_at).collect();
    let air: Vec<Reading> =
        readings.iter().filter(|r| r.quality.is_judged() && r.value.is_some()).copied().collect();
    let values = || air.iter().filter_map(|r| r.value);
    let others = readings.iter().filter(|r| !r.quality.is_judged()).filter_map(|r| r.value);
    let count = |quality| readings.iter().filter(|r| r.quality == quality).count() as u64;
    Bucket {
        from,
        count: readings.len() as u64,
        good: count(Quality::Good),
        heard: heard.first().map(|&first| Heard {
            count: heard.len() as u64,
            first,
            last: heard[heard.len() - 1],
        }),
        worst: readings.iter().fold(Quality::Good, |worst, r| worst.or_worse(r.quality)),
        over_range: count(Quality::OverRange) > 0,
        air: air.last().and_then(|last| last.value).map(|last| Air {
            count: air.len() as u64,
            min: values().fold(f64::INFINITY, f64::min),
            max: values().fold(f64::NEG_INFINITY, f64::max),
            sum: sum(&air, step_ms),
            last,
        }),
        other_max: others.reduce(f64::max),
    }
}

/// Sums of doubles depend on their order: minutes first, then hours.
fn sum(air: &[Reading], step_ms: i64) -> f64 {
    let plain = |air: &[Reading]| {
        air.iter().filter_map(|r| r.value).reduce(|a, b| a + b).unwrap_or_default()
    };
    let parts = |part_ms: i64| {
        let parts =
            air.chunk_by(move |a, b| slot(a.measured_at, part_ms) == slot(b.measured_at, part_ms));
        parts.map(move |part| sum(part, part_ms)).reduce(|a, b| a + b).unwrap_or_default()
    };
    if step_ms % HOUR_MS == 0 && step_ms > HOUR_MS {
        parts(HOUR_MS)
    } else if step_ms % MINUTE_MS == 0 && step_ms > MINUTE_MS {
        parts(MINUTE_MS)
    } else {
        plain(air)
    }
}

/// The gaps of readings in order of their stamps.
pub(crate) fn gaps(
    readings: &[Reading],
    from: Timestamp,
    to: Timestamp,
    longer_than_ms: i64,
) -> Vec<Gap> {
    let heard = readings.iter().filter(|r| r.quality.is_heard()).map(|r| r.measured_at);
    let ends: Vec<Timestamp> = [from].into_iter().chain(heard).chain([to]).collect();
    let pairs = ends.windows(2).map(|pair| Gap { from: pair[0], to: pair[1] });
    pairs.filter(|gap| gap.to.since_ms(gap.from) > longer_than_ms).collect()
}
