//! How much of what should have come has come, and when nothing came.
//!
//! Must never take silence for data: a fault or a lost line is a reading on file and no word from
//! the device.

use std::num::NonZeroUsize;

use siskin_model::{ChannelIndex, Timestamp};

use super::bucket::{Bucket, BucketStep};
use super::days::{Day, Grain, Slice, Walk};
use super::{BUCKETS_MAX, Series};
use crate::StoreError;

/// The most days that one question for gaps may span.
pub const GAP_DAYS_MAX: i64 = 400;
/// Longer gaps than this lie between minutes, never inside one.
const MINUTE_MS: i64 = BucketStep::MINUTE.as_millis();
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
    /// time between two readings, an hour at most. More than [`BUCKETS_MAX`] hours are an error; a
    /// part of an hour that is shorter than the period is left out.
    pub fn completeness(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
        period_ms: i64,
    ) -> Result<Vec<HourCompleteness>, StoreError> {
        if !(1..=HOUR_MS).contains(&period_ms) {
            return Err(StoreError::Period { period_ms });
        }
        let first = BucketStep::HOUR.begin_of(from);
        let hours = usize::try_from(to.since_ms(first).max(0) / HOUR_MS).unwrap_or(usize::MAX);
        if hours > BUCKETS_MAX {
            return Err(StoreError::TooManyBuckets { max: BUCKETS_MAX });
        }
        let mut buckets = self.buckets(channel, from, to, BucketStep::HOUR)?.into_iter().peekable();
        let mut all = Vec::new();
        let mut hour = first;
        while hour < to {
            let end = hour.plus_ms(HOUR_MS);
            let bucket = buckets.next_if(|bucket| bucket.from == hour);
            let asked_ms = end.min(to).since_ms(hour.max(from));
            all.extend(of_hour(hour, asked_ms / period_ms, bucket.as_ref()));
            hour = end;
        }
        Ok(all)
    }

    /// The spans in [from, to) longer than `longer_than_ms` in which the device was not heard (no
    /// reading, a fault, a lost line), `limit` at most; what goes on before `from` or after `to` is
    /// cut. More than [`GAP_DAYS_MAX`] days are an error. Of days whose readings are gone,
    /// gaps inside a minute are not seen (inside an hour, where the minutes were trimmed too).
    pub fn gaps(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
        longer_than_ms: i64,
        limit: NonZeroUsize,
    ) -> Result<Gaps, StoreError> {
        let row = self.channels.row(channel)?;
        if to.since_ms(from) > GAP_DAYS_MAX * BucketStep::DAY.as_millis() {
            return Err(StoreError::TooManyDays { max: GAP_DAYS_MAX });
        }
        let longer_than_ms = longer_than_ms.max(0);
        let mut found = Found { gaps: Vec::new(), heard: from, longer_than_ms, limit };
        let mut walk = Walk::new(self, row, from, to);
        while let Some(slice) = walk.next()? {
            let day = walk.read(&slice, grain(&slice, longer_than_ms))?;
            for (first, last) in heard(&slice, day) {
                found.silent_until(first);
                found.heard = last;
                if found.is_full() {
                    return Ok(found.page());
                }
            }
        }
        found.silent_until(to);
        Ok(Gaps { gaps: found.gaps, next: None })
    }
}

fn of_hour(hour: Timestamp, expected: i64, bucket: Option<&Bucket>) -> Option<HourCompleteness> {
    let expected = u64::try_from(expected).ok().filter(|&expected| expected > 0)?;
    let received = bucket.and_then(|bucket| bucket.heard).map_or(0, |heard| heard.count);
    let good = bucket.map_or(0, |bucket| bucket.good);
    let percent = (received as f64 / expected as f64 * 100.0).min(100.0);
    Some(HourCompleteness { hour, expected, received, good, percent })
}

fn grain(slice: &Slice, longer_than_ms: i64) -> Grain {
    if longer_than_ms >= MINUTE_MS && slice.is_whole(BucketStep::MINUTE) {
        Grain::Minutes
    } else {
        Grain::Points
    }
}

/// First and last stamps between which the device was heard, in order, cut to the slice.
fn heard(slice: &Slice, day: Day) -> Vec<(Timestamp, Timestamp)> {
    let spans: Vec<_> = match day {
        Day::Points(points) => {
            let heard = points.iter().filter(|p| p.quality.is_heard() && p.is_measured());
            heard.map(|point| (point.measured_at, point.measured_at)).collect()
        }
        Day::Minutes(buckets) | Day::Hours(buckets) => {
            let heard = buckets.iter().filter_map(|bucket| bucket.heard);
            heard.map(|heard| (heard.first, heard.last)).collect()
        }
    };
    let cut = |(first, last): (Timestamp, Timestamp)| {
        let (first, last) = (first.max(slice.from), last.min(slice.to.plus_ms(-1)));
        (first <= last).then_some((first, last))
    };
    spans.into_iter().filter_map(cut).collect()
}

/// Gaps while they are being found.
struct Found {
    gaps: Vec<Gap>,
    /// The last stamp heard.
    heard: Timestamp,
    longer_than_ms: i64,
    limit: NonZeroUsize,
}

impl Found {
    fn is_full(&self) -> bool {
        self.gaps.len() >= self.limit.get()
    }

    fn silent_until(&mut self, at: Timestamp) {
        if at.since_ms(self.heard) > self.longer_than_ms {
            self.gaps.push(Gap { from: self.heard, to: at });
        }
    }

    /// A full page: the next one begins where the last gap ends, at a stamp that was heard.
    fn page(self) -> Gaps {
        let next = self.gaps.last().map(|gap| gap.to);
        Gaps { gaps: self.gaps, next }
    }
}
