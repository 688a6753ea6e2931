//! What a stored body holds of a channel: an hour, or a day that is packed.
//!
//! Must never give points that are not of its hour or day: such a body is not what was written.

use std::fmt;

use siskin_model::Timestamp;

use super::point::Point;
use super::tables::{HOUR_MS, HOURS_A_DAY};
use super::{BucketStep, chunk};

/// Bodies of a channel, older ones before those that lie over them.
pub(crate) type Bodies = Vec<(Span, Vec<u8>)>;

/// Of UTC, counted from 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    Hour(i64),
    Day(i64),
}

impl Span {
    /// The points of its body, or why they cannot be read.
    pub(crate) fn open(self, body: &[u8]) -> Result<Vec<Point>, String> {
        let points = chunk::decode(body).map_err(|why| why.to_string())?;
        let span = self.begin()..self.begin().plus_ms(self.length_ms());
        if points.iter().all(|point| span.contains(&point.measured_at)) {
            return Ok(points);
        }
        let what = if matches!(self, Self::Hour(_)) { "hour" } else { "day" };
        Err(format!("its stamps are of another {what}"))
    }

    /// Its hours that lie in [first, last].
    pub(crate) fn hours(self, (first, last): (i64, i64)) -> impl Iterator<Item = i64> {
        let (begin, end) = match self {
            Self::Hour(hour) => (hour, hour),
            Self::Day(day) => hours_of(day),
        };
        begin.max(first)..=end.min(last)
    }

    /// Where it begins.
    pub(crate) fn begin(self) -> Timestamp {
        Timestamp::from_millis(match self {
            Self::Hour(hour) => hour.saturating_mul(HOUR_MS),
            Self::Day(day) => day.saturating_mul(BucketStep::DAY.as_millis()),
        })
    }

    fn length_ms(self) -> i64 {
        match self {
            Self::Hour(_) => HOUR_MS,
            Self::Day(_) => BucketStep::DAY.as_millis(),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hour(hour) => write!(f, "hour {hour} ({})", self.begin()),
            Self::Day(day) => write!(f, "day {day} ({})", self.begin()),
        }
    }
}

/// The first and the last hour of a day.
pub(crate) fn hours_of(day: i64) -> (i64, i64) {
    let first = day.saturating_mul(HOURS_A_DAY);
    (first, first.saturating_add(HOURS_A_DAY - 1))
}

/// The days of hours.
pub(crate) fn days_of((first, last): (i64, i64)) -> (i64, i64) {
    (first.div_euclid(HOURS_A_DAY), last.div_euclid(HOURS_A_DAY))
}

#[cfg(test)]
mod tests {
    use siskin_model::{Origin, Quality};

    use super::*;

    #[test]
    fn a_body_of_another_hour_or_day_does_not_open() {
        let check = |span: Span, ms: i64, expected: Result<usize, &str>| {
            let at = Timestamp::from_millis(ms);
            let point = Point::new(at, at, Some(1.0), Quality::Good, Origin::Live);
            let opened = span.open(&chunk::encode(&[point]).unwrap()).map(|points| points.len());
            assert_eq!(opened, expected.map_err(str::to_owned), "{span} {ms}");
        };
        let day_ms = 24 * HOUR_MS;
        check(Span::Hour(1), HOUR_MS, Ok(1));
        check(Span::Hour(1), HOUR_MS - 1, Err("its stamps are of another hour"));
        check(Span::Day(-1), -1, Ok(1));
        check(Span::Day(0), day_ms - 1, Ok(1));
        check(Span::Day(0), day_ms, Err("its stamps are of another day"));
    }

    #[test]
    fn hours_of_a_day_are_those_that_were_asked_for() {
        let check = |span: Span, asked, expected: &[i64]| {
            assert_eq!(span.hours(asked).collect::<Vec<_>>(), expected, "{span} {asked:?}");
        };
        check(Span::Day(1), (22, 25), &[24, 25]);
        check(Span::Day(-1), (-2, 5), &[-2, -1]);
        check(Span::Day(1), (0, 23), &[]);
        check(Span::Hour(7), (0, 23), &[7]);
        assert_eq!((hours_of(-1), days_of((-25, 24))), ((-24, -1), (-2, 1)));
    }
}
