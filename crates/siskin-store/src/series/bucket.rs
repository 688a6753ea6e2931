//! Down-sampling: what a channel said in a step of time, in a few numbers.
//!
//! Must never hide a peak, and never let a number that is no measurement of the air into the
//! statistics of the air: span gas of a calibration has a number of its own, an exercise none.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use siskin_model::{Quality, Timestamp};

use super::point::Point;

/// The length of a step, from a second to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BucketStep(i64);

impl BucketStep {
    /// A minute.
    pub const MINUTE: Self = Self(60_000);
    /// An hour.
    pub const HOUR: Self = Self(3_600_000);
    /// The longest step: a day of UTC.
    pub const DAY: Self = Self(86_400_000);

    /// A step of `ms`; a day at most, and a day is a whole number of steps.
    pub fn from_ms(ms: i64) -> Option<Self> {
        let is_part_of_a_day = (1000..=Self::DAY.0).contains(&ms) && Self::DAY.0 % ms == 0;
        is_part_of_a_day.then_some(Self(ms))
    }

    /// Its length in milliseconds.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whether it is a whole number of `shorter`.
    pub(crate) const fn is_whole(self, shorter: Self) -> bool {
        self.0 % shorter.0 == 0
    }

    /// The begin of the step that `at` lies in; steps count from 1970.
    pub fn begin_of(self, at: Timestamp) -> Timestamp {
        let ms = at.as_millis();
        Timestamp::from_millis(ms.saturating_sub(ms.rem_euclid(self.0)))
    }
}

/// The statistics of the judged readings (good, uncertain, over-range) that have a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Air {
    /// How many there are.
    pub count: u64,
    /// The lowest.
    pub min: f64,
    /// The highest.
    pub max: f64,
    /// Their sum.
    pub sum: f64,
    /// That of the latest stamp.
    pub last: f64,
}

impl Air {
    /// Their mean.
    pub fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }
}

/// The readings at which the device was heard: not its faults, not a lost line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// How many there are.
    pub count: u64,
    /// The stamp of the first.
    pub first: Timestamp,
    /// The stamp of the last.
    pub last: Timestamp,
}

impl Heard {
    fn join(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }
}

/// What a channel said in one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// The begin of the step.
    pub from: Timestamp,
    /// Readings, whatever they say.
    pub count: u64,
    /// Of these, those of quality good.
    pub good: u64,
    /// Of these, those at which the device was heard; none where it never was.
    pub heard: Option<Heard>,
    /// The worst quality in it.
    pub worst: Quality,
    /// Whether the true value was beyond the range at some time.
    pub over_range: bool,
    /// Of the air; none where nothing was judged.
    pub air: Option<Air>,
    /// The highest number that is not of the air: calibration, maintenance, warm-up, by hand.
    pub other_max: Option<f64>,
}

impl Bucket {
    pub(crate) fn at(from: Timestamp) -> Self {
        let (count, good, worst) = (0, 0, Quality::Good);
        let (heard, air, other_max) = (None, None, None);
        Self { from, count, good, heard, worst, over_range: false, air, other_max }
    }

    fn add(&mut self, point: &Point) {
        self.count += 1;
        self.good += u64::from(point.quality == Quality::Good);
        if point.quality.is_heard() {
            let one = Heard { count: 1, first: point.measured_at, last: point.measured_at };
            self.heard = either(self.heard, Some(one), Heard::join);
        }
        self.worst = self.worst.or_worse(point.quality);
        self.over_range |= point.quality == Quality::OverRange;
        let Some(value) = point.value() else { return };
        if point.quality.is_judged() {
            let one = Air { count: 1, min: value, max: value, sum: value, last: value };
            self.air = either(self.air, Some(one), joined);
        } else {
            self.other_max = either(self.other_max, Some(value), f64::max);
        }
    }

    /// Adds what is later in the same, longer step.
    pub(crate) fn join(&mut self, later: &Self) {
        self.count += later.count;
        self.good += later.good;
        self.heard = either(self.heard, later.heard, Heard::join);
        self.worst = self.worst.or_worse(later.worst);
        self.over_range |= later.over_range;
        self.air = either(self.air, later.air, joined);
        self.other_max = either(self.other_max, later.other_max, f64::max);
    }

    /// Adds readings of the same step that came after it was summed up, wherever they lie in it.
    fn add_late(&mut self, late: &Self) {
        let newest = |bucket: &Self| bucket.heard.map(|heard| heard.last);
        let (later, earlier) =
            if newest(late) < newest(self) { (self.air, late.air) } else { (late.air, self.air) };
        self.join(late);
        if let (Some(air), Some(of_last)) = (&mut self.air, later.or(earlier)) {
            air.last = of_last.last;
        }
    }
}

fn either<T>(a: Option<T>, b: Option<T>, both: impl FnOnce(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(both(a, b)),
        (a, b) => a.or(b),
    }
}

fn joined(a: Air, later: Air) -> Air {
    Air {
        count: a.count + later.count,
        min: a.min.min(later.min),
        max: a.max.max(later.max),
        sum: a.sum + later.sum,
        last: later.last,
    }
}

/// The buckets of points in order of their stamps; what an exercise made is in none.
pub(crate) fn of_points(points: &[Point], step: BucketStep) -> Vec<Bucket> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for point in points.iter().filter(|point| point.is_measured()) {
        match buckets.last_mut() {
            Some(last) if point.measured_at.since_ms(last.from) < step.0 => last.add(point),
            _ => {
                let mut bucket = Bucket::at(step.begin_of(point.measured_at));
                bucket.add(point);
                buckets.push(bucket);
            }
        }
    }
    buckets
}

/// The buckets of whole minutes out of those of a minute, in order. Sums of doubles depend on their
/// order: minutes are joined to hours, and hours to what is longer, wherever buckets come from.
pub(crate) fn of_minutes(minutes: Vec<Bucket>, step: BucketStep) -> Vec<Bucket> {
    match step {
        BucketStep::MINUTE => minutes,
        step if step.is_whole(BucketStep::HOUR) => {
            of_hours(of_buckets(&minutes, BucketStep::HOUR), step)
        }
        step => of_buckets(&minutes, step),
    }
}

/// The buckets of whole hours out of those of an hour, in order.
pub(crate) fn of_hours(hours: Vec<Bucket>, step: BucketStep) -> Vec<Bucket> {
    if step == BucketStep::HOUR { hours } else { of_buckets(&hours, step) }
}

/// Buckets of one step with those of late readings added; both in order.
pub(crate) fn overlaid(base: Vec<Bucket>, late: &[Bucket]) -> Vec<Bucket> {
    let mut all: BTreeMap<Timestamp, Bucket> = base.into_iter().map(|b| (b.from, b)).collect();
    for bucket in late {
        match all.entry(bucket.from) {
            Entry::Occupied(mut of_step) => of_step.get_mut().add_late(bucket),
            Entry::Vacant(free) => {
                free.insert(*bucket);
            }
        }
    }
    all.into_values().collect()
}

/// The buckets of a longer step out of those of a shorter one, in order.
fn of_buckets(short: &[Bucket], step: BucketStep) -> Vec<Bucket> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for bucket in short {
        let from = step.begin_of(bucket.from);
        match buckets.last_mut() {
            Some(last) if last.from == from => last.join(bucket),
            _ => buckets.push(Bucket { from, ..*bucket }),
        }
    }
    buckets
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siskin_model::Origin;

    use super::*;
    use crate::series::{arbitrary, point};

    fn at(s: i64, value: Option<f64>, quality: Quality) -> Point {
        let at = Timestamp::from_millis(s * 1000);
        Point::new(at, at, value, quality, Origin::Live)
    }

    #[test]
    fn span_gas_is_not_the_air_and_a_peak_stays() {
        let points = [
            at(0, Some(1.0), Quality::Good),
            at(1, Some(9.0), Quality::OverRange),
            at(2, Some(50.0), Quality::Calibration),
            at(59, Some(2.0), Quality::Uncertain),
            at(60, None, Quality::CommLost),
        ];
        let buckets = of_points(&points, BucketStep::MINUTE);
        let air = Air { count: 3, min: 1.0, max: 9.0, sum: 12.0, last: 2.0 };
        let first = Bucket {
            from: Timestamp::from_millis(0),
            count: 4,
            good: 1,
            heard: Some(Heard {
                count: 4,
                first: Timestamp::from_millis(0),
                last: Timestamp::from_millis(59_000),
            }),
            worst: Quality::Calibration,
            over_range: true,
            air: Some(air),
            other_max: Some(50.0),
        };
        assert_eq!(buckets.first(), Some(&first));
        assert!((air.mean() - 4.0).abs() < 1e-12);
        let silent = buckets.get(1).map(|b| (b.count, b.heard, b.worst, b.air));
        assert_eq!(silent, Some((1, None, Quality::CommLost, None)));
    }

    #[test]
    fn late_readings_raise_a_peak_and_keep_the_newest_value() {
        let check = |base: &[(i64, f64)], late: &[(i64, f64)], max: f64, last: f64| {
            let minutes = |given: &[(i64, f64)]| {
                let points: Vec<_> =
                    given.iter().map(|&(s, v)| at(s, Some(v), Quality::Good)).collect();
                of_points(&points, BucketStep::MINUTE)
            };
            let joined = overlaid(minutes(base), &minutes(late));
            let first = joined.first().unwrap();
            assert_eq!(first.count, (base.len() + late.len()) as u64);
            assert_eq!(first.air.map(|air| (air.max, air.last)), Some((max, last)));
        };
        check(&[(5, 1.0), (9, 2.0)], &[(7, 8.0)], 8.0, 2.0);
        check(&[(5, 9.0), (9, 2.0)], &[(11, 3.0)], 9.0, 3.0);
        check(&[(9, 2.0)], &[(9, 1.0)], 2.0, 1.0);
        check(&[], &[(9, 1.0)], 1.0, 1.0);
    }

    #[test]
    fn a_step_divides_a_day() {
        let check = |ms, is_one| assert_eq!(BucketStep::from_ms(ms).is_some(), is_one, "{ms}");
        check(1_000, true);
        check(60_000, true);
        check(86_400_000, true);
        check(999, false);
        check(7_000, false);
        check(172_800_000, false);
        check(0, false);
        check(-60_000, false);
    }

    proptest! {
        #[test]
        fn long_steps_can_be_made_of_short_ones(
            points in prop::collection::vec(arbitrary::point(), 0..80),
        ) {
            let points = point::merged(points);
            let direct = of_points(&points, BucketStep::HOUR);
            let minutes = of_points(&points, BucketStep::MINUTE);
            let joined = of_minutes(minutes, BucketStep::HOUR);
            let same = |a: &Bucket, b: &Bucket| {
                // Sums of doubles depend on their order.
                let air = |b: &Bucket| b.air.map(|a| Air { sum: 0.0, ..a });
                let without = |b: &Bucket| Bucket { air: air(b), ..*b };
                without(a) == without(b)
            };
            prop_assert_eq!(direct.len(), joined.len());
            prop_assert!(direct.iter().zip(&joined).all(|(a, b)| same(a, b)));
        }
    }
}
