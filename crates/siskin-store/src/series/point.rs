//! A reading without its channel, as columns keep it.

use siskin_model::{ChannelIndex, Origin, Quality, Reading, Timestamp};

/// One reading of a channel. Half the size of an optional value matters here: an hour of a park
/// waits in memory as these.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    pub(crate) measured_at: Timestamp,
    pub(crate) received_at: Timestamp,
    /// NaN where there is no value; never handed out as a number.
    number: f64,
    pub(crate) quality: Quality,
    pub(crate) origin: Origin,
}

impl Point {
    pub(crate) fn new(
        measured_at: Timestamp,
        received_at: Timestamp,
        value: Option<f64>,
        quality: Quality,
        origin: Origin,
    ) -> Self {
        Self { measured_at, received_at, number: value.unwrap_or(f64::NAN), quality, origin }
    }

    /// Drops the channel. A value that is no finite number is none (invariant 9), whoever made
    /// the reading.
    pub(crate) fn of(reading: &Reading, origin: Origin) -> Self {
        let Reading { channel, measured_at, received_at, value, quality } = *reading;
        let safe = Reading::new(channel, measured_at, received_at, value, quality);
        Self::new(measured_at, received_at, safe.value, safe.quality, origin)
    }

    pub(crate) fn value(&self) -> Option<f64> {
        (!self.number.is_nan()).then_some(self.number)
    }

    /// Whether it was measured, and not made by an exercise.
    pub(crate) fn is_measured(&self) -> bool {
        self.origin != Origin::Exercise
    }

    pub(crate) fn reading(&self, channel: ChannelIndex) -> Reading {
        Reading {
            channel,
            measured_at: self.measured_at,
            received_at: self.received_at,
            value: self.value(),
            quality: self.quality,
        }
    }
}

/// Sorts by stamp; of points with the same stamp the last one given stays. An exercise never takes
/// the place of what was measured.
pub(crate) fn merged(mut points: Vec<Point>) -> Vec<Point> {
    // As chunks are, and there are many.
    if points.is_sorted_by(|a, b| a.measured_at < b.measured_at) {
        return points;
    }
    points.sort_by_key(|point| point.measured_at);
    points.dedup_by(|later, kept| {
        let same = later.measured_at == kept.measured_at;
        if same && (later.is_measured() || !kept.is_measured()) {
            *kept = *later;
        }
        same
    });
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &[(i64, f64)], expected: &[(i64, f64)]) {
        let at = Timestamp::from_millis;
        let points = given.iter().map(|&(ms, value)| {
            Point::new(at(ms), at(0), Some(value), Quality::Good, Origin::Live)
        });
        let got: Vec<_> = merged(points.collect())
            .iter()
            .map(|p| (p.measured_at.as_millis(), p.value().unwrap()))
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn the_last_of_a_stamp_stays() {
        check(&[], &[]);
        check(&[(2, 1.0), (1, 2.0), (2, 3.0), (2, 4.0), (1, 5.0)], &[(1, 5.0), (2, 4.0)]);
    }

    #[test]
    fn an_exercise_hides_nothing_that_was_measured() {
        let at = Timestamp::from_millis(1);
        let check = |origins: &[Origin], expected: usize| {
            let point = |(value, origin): (f64, &Origin)| {
                Point::new(at, at, Some(value), Quality::Good, *origin)
            };
            let points = [0.0, 1.0, 2.0].into_iter().zip(origins).map(point).collect();
            let values: Vec<_> = merged(points).iter().filter_map(Point::value).collect();
            assert_eq!(values, [expected as f64], "{origins:?}");
        };
        let (live, drill) = (Origin::Live, Origin::Exercise);
        check(&[live, drill], 0);
        check(&[drill, live], 1);
        check(&[drill, live, drill], 1);
        check(&[drill, drill], 1);
        check(&[Origin::Backlog, drill, live], 2);
    }

    #[test]
    fn no_number_stays_no_number() {
        let reading = Reading {
            channel: ChannelIndex(0),
            measured_at: Timestamp::from_millis(1),
            received_at: Timestamp::from_millis(2),
            value: Some(f64::INFINITY),
            quality: Quality::Good,
        };
        let kept = Point::of(&reading, Origin::Live).reading(ChannelIndex(7));
        assert_eq!((kept.value, kept.quality), (None, Quality::Fault));
        assert_eq!(kept.channel, ChannelIndex(7));
    }
}
