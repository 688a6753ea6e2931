//! The stored readings as the API gives them: single ones, steps of time, what is missing.
//!
//! Must never read more of a channel at once than a day: a question about a year needs no more
//! memory than one about yesterday. Only the thinned curve still reads its whole range.

use std::num::NonZeroUsize;

use siskin_api::History;
use siskin_api::backend::BackendError;
use siskin_api::contract::{
    BucketView, ChannelBucketsView, CompletenessView, GapView, GapsView, HourCompletenessView,
    PointView, RecordView, RecordsView, SeriesView,
};
use siskin_model::site::Channel;
use siskin_model::{ChannelId, ChannelIndex, Origin, Reading, Site, Timestamp};
use siskin_store::{Bucket, BucketStep, Series};

use super::backend::{StationBackend, unavailable};
use super::views;

/// The span in which the next readings of a page are looked for first; doubled while none come.
const LOOK_MS: i64 = BucketStep::HOUR.as_millis();
/// The longest span that is read at once.
const LOOK_MAX_MS: i64 = BucketStep::DAY.as_millis();
/// Silences that are told where nobody says which, in periods of the analyzer: two readings in
/// a row are missing.
const GAP_PERIODS: i64 = 3;

/// What the history is answered from.
pub(super) struct Stored<'a> {
    site: &'a Site,
    series: &'a Series,
    now: Timestamp,
}

impl StationBackend {
    pub(super) fn stored(&self) -> Stored<'_> {
        Stored { site: &self.settings.site, series: &self.series, now: self.clock.now() }
    }
}

impl History for StationBackend {
    fn channel_units(&self) -> Vec<(ChannelId, String)> {
        let channels = self.settings.site.channels.iter();
        channels.map(|channel| (channel.id.clone(), channel.unit.as_str().to_owned())).collect()
    }

    fn records(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        limit: NonZeroUsize,
    ) -> Result<RecordsView, BackendError> {
        self.stored().records(channel, from, to, limit)
    }

    fn buckets(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        step_ms: i64,
    ) -> Result<ChannelBucketsView, BackendError> {
        self.stored().buckets(channel, from, to, step_ms)
    }

    fn completeness(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        period_ms: Option<i64>,
    ) -> Result<CompletenessView, BackendError> {
        self.stored().completeness(channel, from, to, period_ms)
    }

    fn gaps(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        longer_than_ms: Option<i64>,
        limit: NonZeroUsize,
    ) -> Result<GapsView, BackendError> {
        self.stored().gaps(channel, from, to, longer_than_ms, limit)
    }
}

impl Stored<'_> {
    pub(super) fn series(
        &self,
        id: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        points_max: u32,
    ) -> Result<SeriesView, BackendError> {
        let (index, channel) = self.channel(id)?;
        let readings = self.series.range(index, from, to).map_err(|e| unavailable(&e))?;
        let (slice_ms, points) = thinned(&readings, from, to, points_max);
        Ok(SeriesView {
            channel: id.to_string(),
            unit: channel.unit.as_str().to_owned(),
            from_ms: from.as_millis(),
            to_ms: to.as_millis(),
            slice_ms,
            points,
        })
    }

    fn records(
        &self,
        id: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        limit: NonZeroUsize,
    ) -> Result<RecordsView, BackendError> {
        let (index, channel) = self.channel(id)?;
        // One more tells whether anything follows.
        let wanted = limit.get().saturating_add(1);
        let mut found = Vec::new();
        let (mut begin, mut look_ms) = (from, LOOK_MS);
        while begin < to && found.len() < wanted {
            let end = begin.plus_ms(look_ms).min(to);
            let more = self.series.records(index, begin, end).map_err(|e| unavailable(&e))?;
            look_ms = if more.is_empty() { (look_ms * 2).min(LOOK_MAX_MS) } else { LOOK_MS };
            found.extend(more.iter().take(wanted - found.len()).map(record));
            begin = end;
        }
        let follows = found.len() > limit.get();
        found.truncate(limit.get());
        let last = found.last().map(|record| record.measured_at_ms);
        Ok(RecordsView {
            channel: id.to_string(),
            unit: channel.unit.as_str().to_owned(),
            records: found,
            next_after_ms: last.filter(|_| follows),
        })
    }

    fn buckets(
        &self,
        id: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        step_ms: i64,
    ) -> Result<ChannelBucketsView, BackendError> {
        let (index, channel) = self.channel(id)?;
        let no_step = || BackendError::Unavailable(format!("{step_ms} ms are no step of a day"));
        let step = BucketStep::from_ms(step_ms).ok_or_else(no_step)?;
        let mut buckets = Vec::new();
        let mut begin = from;
        while begin < to {
            // No step lies across a day's turn.
            let end = BucketStep::DAY.begin_of(begin).plus_ms(LOOK_MAX_MS).min(to);
            let day = self.series.buckets(index, begin, end, step).map_err(|e| unavailable(&e))?;
            buckets.extend(day.iter().map(bucket));
            begin = end;
        }
        let unit = channel.unit.as_str().to_owned();
        Ok(ChannelBucketsView { channel: id.to_string(), unit, buckets })
    }

    fn completeness(
        &self,
        id: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        period_ms: Option<i64>,
    ) -> Result<CompletenessView, BackendError> {
        let (index, channel) = self.channel(id)?;
        let period_ms = period_ms.unwrap_or_else(|| self.period_ms(channel));
        let to = self.past(from, to);
        let hours = self.series.completeness(index, from, to, period_ms);
        let hour = |hour: siskin_store::HourCompleteness| HourCompletenessView {
            at_ms: hour.hour.as_millis(),
            expected: hour.expected,
            received: hour.received,
            good: hour.good,
            percent: hour.percent,
        };
        Ok(CompletenessView {
            channel: id.to_string(),
            from_ms: from.as_millis(),
            to_ms: to.as_millis(),
            period_ms,
            hours: hours.map_err(|e| unavailable(&e))?.into_iter().map(hour).collect(),
        })
    }

    fn gaps(
        &self,
        id: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        longer_than_ms: Option<i64>,
        limit: NonZeroUsize,
    ) -> Result<GapsView, BackendError> {
        let (index, channel) = self.channel(id)?;
        let longer_than_ms =
            longer_than_ms.unwrap_or_else(|| self.period_ms(channel) * GAP_PERIODS);
        let to = self.past(from, to);
        let found = self.series.gaps(index, from, to, longer_than_ms, limit);
        let found = found.map_err(|e| unavailable(&e))?;
        let gap = |gap: &siskin_store::Gap| GapView {
            from_ms: gap.from.as_millis(),
            to_ms: gap.to.as_millis(),
        };
        Ok(GapsView {
            channel: id.to_string(),
            from_ms: from.as_millis(),
            to_ms: to.as_millis(),
            longer_than_ms,
            gaps: found.gaps.iter().map(gap).collect(),
            next_from_ms: found.next.map(Timestamp::as_millis),
        })
    }

    fn channel(&self, id: &ChannelId) -> Result<(ChannelIndex, &Channel), BackendError> {
        let index = self.site.index_of(id);
        let found = index.and_then(|index| Some((index, self.site.channel(index)?)));
        found.ok_or_else(|| BackendError::ChannelNotFound(id.to_string()))
    }

    /// The end of what has passed of [`from`, `to`): nothing is missing of what lies ahead.
    fn past(&self, from: Timestamp, to: Timestamp) -> Timestamp {
        to.min(self.now).max(from)
    }

    /// The time between two readings that the site promises; an hour at most.
    fn period_ms(&self, channel: &Channel) -> i64 {
        let analyzer = self.site.analyzers.get(channel.analyzer);
        let poll_ms = analyzer.map_or(BucketStep::HOUR.as_millis(), |a| i64::from(a.poll_ms));
        poll_ms.clamp(1, BucketStep::HOUR.as_millis())
    }
}

fn record((reading, origin): &(Reading, Origin)) -> RecordView {
    RecordView {
        measured_at_ms: reading.measured_at.as_millis(),
        received_at_ms: reading.received_at.as_millis(),
        value: reading.value,
        quality: views::quality(reading.quality),
        origin: views::origin(*origin),
    }
}

fn bucket(bucket: &Bucket) -> BucketView {
    let air = bucket.air;
    BucketView {
        at_ms: bucket.from.as_millis(),
        count: bucket.count,
        good: bucket.good,
        worst: views::quality(bucket.worst),
        over_range: bucket.over_range,
        judged: air.map_or(0, |air| air.count),
        min: air.map(|air| air.min),
        max: air.map(|air| air.max),
        mean: air.map(|air| air.mean()),
        last: air.map(|air| air.last),
        other_max: bucket.other_max,
    }
}

/// Puts readings into slices of equal length when there are more than `points_max`.
fn thinned(
    readings: &[Reading],
    from: Timestamp,
    to: Timestamp,
    points_max: u32,
) -> (Option<i64>, Vec<PointView>) {
    if readings.len() <= points_max as usize {
        let single = |r: &Reading| views::point(r.measured_at.as_millis(), std::slice::from_ref(r));
        return (None, readings.iter().filter_map(single).collect());
    }
    let (from_ms, span_ms) = (from.as_millis(), to.since_ms(from));
    let slice_ms = span_ms / i64::from(points_max.max(1)) + 1;
    let slice_of = |r: &Reading| r.measured_at.as_millis().saturating_sub(from_ms) / slice_ms;
    let slices = readings.chunk_by(|a, b| slice_of(a) == slice_of(b));
    let points = slices.filter_map(|slice| {
        let first = slice.first()?;
        views::point(from_ms + slice_of(first) * slice_ms, slice)
    });
    (Some(slice_ms), points.collect())
}

#[cfg(test)]
mod tests {
    use siskin_model::Quality;

    use super::*;

    #[test]
    fn a_peak_never_disappears_by_thinning() {
        let readings: Vec<_> = (0..10_000)
            .map(|s| {
                let at = Timestamp::from_millis(s * 1000);
                let value = if s == 4321 { 99.0 } else { 1.0 };
                Reading::new(ChannelIndex(0), at, at, Some(value), Quality::Good)
            })
            .collect();
        let (from, to) = (Timestamp::from_millis(0), Timestamp::from_millis(10_000_000));
        let (slice_ms, points) = thinned(&readings, from, to, 100);
        assert!(points.len() <= 100);
        assert_eq!(slice_ms, Some(100_001));
        assert_eq!(points.iter().map(|p| p.count).sum::<u32>(), 10_000);
        let peak = points.iter().filter(|p| p.max == Some(99.0)).count();
        assert_eq!(peak, 1);
        assert_eq!(thinned(&readings[..100], from, to, 100).1.len(), 100);
    }
}
