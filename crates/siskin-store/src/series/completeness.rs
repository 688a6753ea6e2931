//! How much of what should have come has come, and when nothing came.
//!
//! Must never take silence for data: a fault or a lost line is a reading on file and no word from
//! the device. Reads a day of a channel at a time, so that a long question needs little memory.

use std::num::NonZeroUsize;

use siskin_model::{ChannelIndex, Quality, Reading, Timestamp};

use super::{BucketStep, Series};
use crate::StoreError;

const HOUR_MS: i64 = BucketStep::HOUR.as_millis();

/// How much of an hour is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HourCompleteness {
    /// The begin of the hour.
    pub hour: Timestamp,
    /// Readings there should be, by the channel's period; of the part of the hour asked for.
    pub expected: u64,
    /// Stamps at which the device was heard.
    pub received: u64,
    /// Readings of quality good.
    pub good: u64,
    /// `received` of `expected`, 0 to 100; more than expected is 100.
    pub percent: f64,
}

/// A span in which the device was not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last stamp heard before it, or the begin of the question.
    pub from: Timestamp,
    /// The first stamp heard after it, or the end of the question.
    pub to: Timestamp,
}

/// A page of gaps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    /// In order.
    pub gaps: Vec<Gap>,
    /// Where to ask on; none where these are all.
    pub next: Option<Timestamp>,
}

impl Series {
    /// How complete each hour of [from, to) is, hours without any reading too. `period_ms` is the
    /// time between two readings, a millisecond at least. A part of an hour that is shorter than
    /// the period is left out.
    pub fn completeness(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
        period_ms: i64,
    ) -> Result<Vec<HourCompleteness>, StoreError> {
        let period_ms = period_ms.max(1);
        let mut all = Vec::new();
        for (from, to) in days(from, to) {
            let readings = self.range(channel, from, to)?;
            let mut rest = readings.as_slice();
            let mut hour = BucketStep::HOUR.begin_of(from);
            while hour < to {
                let end = hour.plus_ms(HOUR_MS);
                let (inside, later) = rest.split_at(rest.partition_point(|r| r.measured_at < end));
                rest = later;
                let asked_ms = end.min(to).since_ms(hour.max(from));
                all.extend(of_hour(hour, asked_ms / period_ms, inside));
                hour = end;
            }
        }
        Ok(all)
    }

    /// The spans in [from, to) longer than `longer_than_ms` in which the device was not heard (no
    /// reading, a fault, a lost line), `limit` at most; what goes on before `from` or after `to` is
    /// cut.
    pub fn gaps(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
        longer_than_ms: i64,
        limit: NonZeroUsize,
    ) -> Result<Gaps, StoreError> {
        let mut gaps = Vec::new();
        let mut heard = from;
        let is_gap = |from: Timestamp, to: Timestamp| to.since_ms(from) > longer_than_ms.max(0);
        for (from, to) in days(from, to) {
            for reading in self.range(channel, from, to)?.iter().filter(|r| r.quality.is_heard()) {
                if is_gap(heard, reading.measured_at) {
                    gaps.push(Gap { from: heard, to: reading.measured_at });
                }
                heard = reading.measured_at;
                if gaps.len() >= limit.get() {
                    return Ok(Gaps { gaps, next: Some(heard) });
                }
            }
        }
        if is_gap(heard, to) {
            gaps.push(Gap { from: heard, to });
        }
        Ok(Gaps { gaps, next: None })
    }
}

fn of_hour(hour: Timestamp, expected: i64, readings: &[Reading]) -> Option<HourCompleteness> {
    let expected = u64::try_from(expected).ok().filter(|&expected| expected > 0)?;
    let count = |is: fn(Quality) -> bool| readings.iter().filter(|r| is(r.quality)).count() as u64;
    let (received, good) = (count(Quality::is_heard), count(|quality| quality == Quality::Good));
    let percent = (received as f64 / expected as f64 * 100.0).min(100.0);
    Some(HourCompleteness { hour, expected, received, good, percent })
}

/// The days of UTC in [from, to), the first and the last one cut.
fn days(from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let mut begin = from;
    std::iter::from_fn(move || {
        let end = BucketStep::DAY.begin_of(begin).plus_ms(BucketStep::DAY.as_millis()).min(to);
        let day = (begin, end);
        begin = end;
        (day.0 < day.1).then_some(day)
    })
}

#[cfg(test)]
mod tests {
    use siskin_model::{ChannelId, Unit};

    use super::*;
    use crate::ChannelKey;

    const DAY_MS: i64 = BucketStep::DAY.as_millis();

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    /// A store with a reading every minute from 1970-01-01T23:00 for two hours, without the
    /// minutes `left_out`; minute 30 is a fault, minute 90 a doubt.
    fn stored(left_out: std::ops::Range<i64>) -> (tempfile::TempDir, Series) {
        let dir = tempfile::tempdir().unwrap();
        let key = ChannelKey {
            id: ChannelId::new("at-1-cl2").unwrap(),
            quantity: "chlorine".to_owned(),
            unit: Unit::Ppm,
        };
        let series = Series::open(dir.path(), &[key]).unwrap();
        let minutes = (0..120).filter(|minute| !left_out.contains(minute));
        let readings: Vec<_> = minutes
            .map(|minute| {
                let stamp = at(DAY_MS - HOUR_MS + minute * 60_000);
                let quality = match minute {
                    30 => Quality::Fault,
                    90 => Quality::Uncertain,
                    _ => Quality::Good,
                };
                Reading::new(ChannelIndex(0), stamp, stamp, Some(1.0), quality)
            })
            .collect();
        series.append(&readings).unwrap();
        (dir, series)
    }

    #[test]
    fn each_hour_counts_what_was_heard() {
        let (_dir, series) = stored(100..110);
        let (from, to) = (at(DAY_MS - 2 * HOUR_MS), at(DAY_MS + HOUR_MS + 90_000));
        let hours = series.completeness(ChannelIndex(0), from, to, 60_000).unwrap();
        let counts: Vec<_> = hours.iter().map(|h| (h.expected, h.received, h.good)).collect();
        assert_eq!(counts, [(60, 0, 0), (60, 59, 59), (60, 50, 49), (1, 0, 0)]);
        assert_eq!(hours.get(2).map(|h| h.hour), Some(at(DAY_MS)));
        let percent = hours.get(2).map(|h| h.percent).unwrap_or_default();
        assert!((percent - 50.0 / 60.0 * 100.0).abs() < 1e-9, "{percent}");
    }

    #[test]
    fn gaps_go_over_the_turn_of_a_day_and_pages_join() {
        let (_dir, series) = stored(55..65);
        let begin = DAY_MS - HOUR_MS;
        let minute = |minute: i64| at(begin + minute * 60_000);
        let ask = |from, limit| {
            let limit = NonZeroUsize::new(limit).unwrap();
            series.gaps(ChannelIndex(0), from, minute(125), 60_000, limit).unwrap()
        };
        let gap = |from, to| Gap { from: minute(from), to: minute(to) };
        let all = ask(minute(-5), 9);
        let expected = [gap(-5, 0), gap(29, 31), gap(54, 65), gap(119, 125)];
        assert_eq!((all.gaps.as_slice(), all.next), (&expected[..], None));
        let (mut paged, mut from) = (Vec::new(), minute(-5));
        for _ in 0..9 {
            let page = ask(from, 1);
            paged.extend(page.gaps);
            match page.next {
                Some(next) => from = next,
                None => break,
            }
        }
        assert_eq!(paged, expected);
        let none = ask(minute(125), 1);
        assert_eq!(none, Gaps::default());
    }
}
