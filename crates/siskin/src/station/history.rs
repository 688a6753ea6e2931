//! The stored readings as the API gives them: single ones, steps of time, what is missing.
//!
//! Must never read more of a channel at once than a day: a question about a year needs no more
//! memory than one about yesterday.

use std::num::NonZeroUsize;

use siskin_api::History;
use siskin_api::backend::BackendError;
use siskin_api::contract::{
    BucketView, ChannelBucketsView, CompletenessView, GapView, GapsView, HourCompletenessView,
    RecordView, RecordsView, SeriesView, TrimmedView,
};
use siskin_model::site::Channel;
use siskin_model::{ChannelId, ChannelIndex, Origin, Reading, Site, Timestamp};
use siskin_store::series::Trimmed;
use siskin_store::{Bucket, BucketStep, Series};

use super::backend::{StationBackend, unavailable};
use super::thinned::Thinned;
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
        let mut thinned = Thinned::new(from, to, points_max);
        for (from, to) in days(from, to) {
            let read = self.series.records(index, from, to).map_err(|e| unavailable(&e))?;
            // A point cannot say that a drill made it.
            for (reading, _) in read.iter().filter(|(_, origin)| *origin != Origin::Exercise) {
                thinned.push(reading);
            }
        }
        let (slice_ms, points) = thinned.points();
        Ok(SeriesView {
            channel: id.to_string(),
            unit: channel.unit.as_str().to_owned(),
            from_ms: from.as_millis(),
            to_ms: to.as_millis(),
            slice_ms,
            points,
            trimmed: self.trimmed(index, from, to)?,
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
            trimmed: self.trimmed(index, from, to)?,
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
        // No step lies across a day's turn.
        for (from, to) in days(from, to) {
            let day = self.series.buckets(index, from, to, step).map_err(|e| unavailable(&e))?;
            buckets.extend(day.iter().map(bucket));
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

    fn trimmed(
        &self,
        index: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<TrimmedView>, BackendError> {
        let spans = self.series.trimmed(index, from, to).map_err(|e| unavailable(&e))?;
        let span = |span: &Trimmed| TrimmedView {
            from_ms: span.from.as_millis(),
            to_ms: span.to.as_millis(),
        };
        Ok(spans.iter().map(span).collect())
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

/// The parts of [`from`, `to`) that lie in one day each.
fn days(from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let mut begin = from;
    std::iter::from_fn(move || {
        let end = BucketStep::DAY.begin_of(begin).plus_ms(LOOK_MAX_MS).min(to);
        let day = (begin, end);
        begin = end;
        (day.0 < to).then_some(day)
    })
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

#[cfg(test)]
mod tests {
    use siskin_api::contract::OriginView;
    use siskin_model::{Keep, Quality, Retention};

    use super::*;
    use crate::files;
    use crate::station::open_stores;

    const DAY_MS: i64 = LOOK_MAX_MS;

    fn reading(day: i64, s: i64) -> Reading {
        let at = Timestamp::from_millis(day * DAY_MS + s * 1000);
        Reading::new(ChannelIndex(0), at, at, Some(1.0), Quality::Good)
    }

    /// Two days of which the first was trimmed and got a late reading, and a drill on the second.
    #[test]
    fn what_was_deleted_is_said_and_drills_are_records_only() {
        let settings = siskin_config::load(&files::demo_park()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let (series, _ledger) = open_stores(&settings, dir.path()).unwrap();
        for day in [20_000, 20_001] {
            let live: Vec<_> = (0..10).map(|s| reading(day, s)).collect();
            series.append(&live).unwrap();
        }
        let now = Timestamp::from_millis(20_002 * DAY_MS + LOOK_MS);
        let days = Keep::Days(std::num::NonZeroU32::MIN);
        let keep = Retention::new(days, Keep::ForEver, Keep::ForEver).unwrap();
        series.roll(now, u64::MAX).unwrap();
        series.compact(now, 10).unwrap();
        assert_eq!(series.trim(now, &keep, u64::MAX, 10).unwrap().raw, 1);
        series.append(&[reading(20_000, 3)]).unwrap();
        let drill = [reading(20_001, 20)];
        series.append_all(&[(Origin::Exercise, &drill)]).unwrap();
        let site = &settings.site;
        let id = &site.channel(ChannelIndex(0)).unwrap().id;
        let stored = Stored { site, series: &series, now };
        let from = Timestamp::from_millis(20_000 * DAY_MS + 2000);
        let to = from.plus_ms(2 * DAY_MS);
        let span = TrimmedView { from_ms: from.as_millis(), to_ms: 20_001 * DAY_MS };
        let limit = NonZeroUsize::new(100).unwrap();
        let records = stored.records(id, from, to, limit).unwrap();
        assert_eq!((records.records.len(), &records.trimmed), (12, &vec![span.clone()]));
        let origins = records.records.iter().map(|record| record.origin);
        assert_eq!(origins.filter(|o| *o == OriginView::Exercise).count(), 1);
        // Single readings, and thinned over the turn of the day.
        for (points_max, slices) in [(11, None), (1, Some(2 * DAY_MS + 1))] {
            let curve = stored.series(id, from, to, points_max).unwrap();
            assert_eq!(curve.slice_ms, slices);
            assert_eq!(curve.points.iter().map(|point| point.count).sum::<u32>(), 11);
            assert_eq!(curve.trimmed, std::slice::from_ref(&span));
        }
        let kept = stored.records(id, Timestamp::from_millis(span.to_ms), to, limit).unwrap();
        assert_eq!(kept.trimmed, []);
    }
}
