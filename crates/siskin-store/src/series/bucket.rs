//! Down-sampling: what a channel said in a step of time, in a few numbers.
//!
//! Must never hide a peak, and never let a number that is no measurement of the air into the
//! statistics of the air: span gas of a calibration has a number of its own.

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

/// What a channel said in one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// The begin of the step.
    pub from: Timestamp,
    /// Readings, whatever they say.
    pub count: u64,
    /// Of these, those of quality good.
    pub good: u64,
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
    fn at(from: Timestamp) -> Self {
        let (count, good, worst) = (0, 0, Quality::Good);
        Self { from, count, good, worst, over_range: false, air: None, other_max: None }
    }

    fn add(&mut self, point: &Point) {
        self.count += 1;
        self.good += u64::from(point.quality == Quality::Good);
        self.worst = self.worst.or_worse(point.quality);
        self.over_range |= point.quality == Quality::OverRange;
        let Some(value) = point.value() else { return };
        if point.quality.is_judged() {
            let one = Air { count: 1, min: value, max: value, sum: value, last: value };
            self.air = Some(self.air.map_or(one, |air| joined(air, one)));
        } else {
            self.other_max = Some(self.other_max.map_or(value, |max| max.max(value)));
        }
    }

    /// Adds what is later in the same, longer step.
    pub(crate) fn join(&mut self, later: &Self) {
        self.count += later.count;
        self.good += later.good;
        self.worst = self.worst.or_worse(later.worst);
        self.over_range |= later.over_range;
        self.air = match (self.air, later.air) {
            (Some(a), Some(b)) => Some(joined(a, b)),
            (a, b) => a.or(b),
        };
        self.other_max = match (self.other_max, later.other_max) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
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

/// The buckets of points in order of their stamps.
pub(crate) fn of_points(points: &[Point], step: BucketStep) -> Vec<Bucket> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for point in points {
        let from = step.begin_of(point.measured_at);
        match buckets.last_mut() {
            Some(last) if last.from == from => last.add(point),
            _ => {
                let mut bucket = Bucket::at(from);
                bucket.add(point);
                buckets.push(bucket);
            }
        }
    }
    buckets
}

/// The buckets of a longer step out of those of a shorter one, in order.
pub(crate) fn of_buckets(short: &[Bucket], step: BucketStep) -> Vec<Bucket> {
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
            worst: Quality::Calibration,
            over_range: true,
            air: Some(air),
            other_max: Some(50.0),
        };
        assert_eq!(buckets.first(), Some(&first));
        assert!((air.mean() - 4.0).abs() < 1e-12);
        let silent = buckets.get(1).map(|b| (b.count, b.worst, b.air));
        assert_eq!(silent, Some((1, Quality::CommLost, None)));
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
            let joined = of_buckets(&minutes, BucketStep::HOUR);
            let same = |a: &Bucket, b: &Bucket| {
                // Sums of doubles depend on their order.
                let without = |b: &Bucket| Bucket { air: b.air.map(|a| Air { sum: 0.0, ..a }), ..*b };
                without(a) == without(b)
            };
            prop_assert_eq!(direct.len(), joined.len());
            prop_assert!(direct.iter().zip(&joined).all(|(a, b)| same(a, b)));
        }
    }
}
