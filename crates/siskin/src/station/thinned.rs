//! A curve that is thinned while it is read: single readings as long as they are few, slices of
//! time from then on.
//!
//! Must never hold more than the points that it gives, and never let a peak disappear.

use siskin_api::contract::PointView;
use siskin_model::{Quality, Reading, Timestamp};

use super::views;

/// Readings on their way into points.
#[derive(Debug)]
pub(super) struct Thinned {
    from_ms: i64,
    /// Of a slice, once there are slices: then no more than `points_max` fit into the range.
    slice_ms: i64,
    points_max: usize,
    is_sliced: bool,
    slices: Vec<Slice>,
}

/// One reading, or those of one slice of time.
#[derive(Debug)]
struct Slice {
    at_ms: i64,
    count: u64,
    worst: Quality,
    /// Readings with a number, and what those say.
    numbers: u64,
    min: f64,
    max: f64,
    sum: f64,
}

impl Thinned {
    /// At most `points_max` points of the range [`from`, `to`).
    pub(super) fn new(from: Timestamp, to: Timestamp, points_max: u32) -> Self {
        Self {
            from_ms: from.as_millis(),
            slice_ms: to.since_ms(from) / i64::from(points_max.max(1)) + 1,
            points_max: points_max as usize,
            is_sliced: false,
            slices: Vec::new(),
        }
    }

    /// Adds a reading that is not earlier than those before it.
    pub(super) fn push(&mut self, reading: &Reading) {
        if !self.is_sliced && self.slices.len() >= self.points_max {
            self.is_sliced = true;
            for single in std::mem::take(&mut self.slices) {
                self.add(single);
            }
        }
        self.add(Slice::of(reading));
    }

    /// The width of a slice, where there are slices, and the points.
    pub(super) fn points(self) -> (Option<i64>, Vec<PointView>) {
        let points = self.slices.iter().map(Slice::point).collect();
        (self.is_sliced.then_some(self.slice_ms), points)
    }

    fn add(&mut self, mut one: Slice) {
        if self.is_sliced {
            let place = one.at_ms.saturating_sub(self.from_ms) / self.slice_ms;
            one.at_ms = self.from_ms + place * self.slice_ms;
            if let Some(last) = self.slices.last_mut()
                && last.at_ms == one.at_ms
            {
                return last.join(&one);
            }
        }
        self.slices.push(one);
    }
}

impl Slice {
    fn of(reading: &Reading) -> Self {
        let number = reading.value;
        Self {
            at_ms: reading.measured_at.as_millis(),
            count: 1,
            worst: reading.quality,
            numbers: u64::from(number.is_some()),
            min: number.unwrap_or(f64::INFINITY),
            max: number.unwrap_or(f64::NEG_INFINITY),
            sum: number.unwrap_or_default(),
        }
    }

    fn join(&mut self, later: &Self) {
        self.count += later.count;
        self.worst = self.worst.or_worse(later.worst);
        self.numbers += later.numbers;
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
        self.sum += later.sum;
    }

    fn point(&self) -> PointView {
        let number = |value: f64| (self.numbers > 0).then_some(value);
        PointView {
            at_ms: self.at_ms,
            min: number(self.min),
            max: number(self.max),
            mean: number(self.sum / self.numbers as f64),
            count: u32::try_from(self.count).unwrap_or(u32::MAX),
            quality: views::quality(self.worst),
        }
    }
}

#[cfg(test)]
mod tests {
    use siskin_api::contract::QualityView;
    use siskin_model::ChannelIndex;

    use super::*;

    /// A reading a second of which each `silent`th has no number, and a peak.
    fn seconds(count: i64, silent: i64) -> Vec<Reading> {
        let one = |s: i64| {
            let at = Timestamp::from_millis(s * 1000);
            let value = if s == 4321 { 99.0 } else { (s % 7) as f64 };
            let (value, quality) = match s % silent {
                0 => (None, Quality::Fault),
                _ => (Some(value), Quality::Good),
            };
            Reading::new(ChannelIndex(0), at, at, value, quality)
        };
        (0..count).map(one).collect()
    }

    fn thinned(readings: &[Reading], points_max: u32) -> (Option<i64>, Vec<PointView>) {
        let to = Timestamp::from_millis(10_000_000);
        let mut thinned = Thinned::new(Timestamp::from_millis(0), to, points_max);
        for reading in readings {
            thinned.push(reading);
            assert!(thinned.slices.len() <= points_max as usize, "more than the points are held");
        }
        thinned.points()
    }

    /// What a slice says, from all its readings at once.
    fn plain(at_ms: i64, readings: &[&Reading]) -> PointView {
        let values = || readings.iter().filter_map(|r| r.value);
        let count = values().count();
        let worst = readings.iter().map(|r| r.quality).reduce(Quality::or_worse).unwrap();
        PointView {
            at_ms,
            min: values().reduce(f64::min),
            max: values().reduce(f64::max),
            mean: (count > 0).then(|| values().sum::<f64>() / count as f64),
            count: u32::try_from(readings.len()).unwrap(),
            quality: views::quality(worst),
        }
    }

    #[test]
    fn a_peak_never_disappears_by_thinning() {
        for (count, points_max, silent) in [(10_000, 100, 13), (10_000, 1, 1), (10_000, 4_999, 2)] {
            let readings = seconds(count, silent);
            let (slice_ms, points) = thinned(&readings, points_max);
            let slice_ms = slice_ms.unwrap();
            assert_eq!(slice_ms, 10_000_000 / i64::from(points_max) + 1);
            let of = |at_ms: i64| {
                let inside =
                    |r: &&Reading| r.measured_at.as_millis() / slice_ms == at_ms / slice_ms;
                plain(at_ms, &readings.iter().filter(inside).collect::<Vec<_>>())
            };
            for point in &points {
                assert_eq!(format!("{point:?}"), format!("{:?}", of(point.at_ms)));
            }
            let all: u64 = points.iter().map(|point| u64::from(point.count)).sum();
            assert_eq!(all, readings.len() as u64);
            let peaks = points.iter().filter(|point| point.max == Some(99.0)).count();
            assert_eq!(peaks, usize::from(silent > 1));
        }
    }

    #[test]
    fn few_readings_are_given_as_they_are() {
        let readings = seconds(100, 13);
        let (slice_ms, points) = thinned(&readings, 100);
        assert_eq!((slice_ms, points.len()), (None, 100));
        let singles = readings.iter().map(|r| plain(r.measured_at.as_millis(), &[r]));
        assert_eq!(format!("{points:?}"), format!("{:?}", singles.collect::<Vec<_>>()));
        assert_eq!(points[0].quality, QualityView::Fault);
        assert!(thinned(&readings, 99).0.is_some());
        assert_eq!(thinned(&[], 1).1.len(), 0);
    }
}
