//! The fake's stored readings.

use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;

use siskin_api::{
    BackendError, BucketView, ChannelBucketsView, CompletenessView, GapView, GapsView, History,
    HourCompletenessView, OriginView, QualityView, RecordView, RecordsView, TrimmedView,
};
use siskin_model::{ChannelId, Timestamp};

use super::{CHANNEL, Fake, PERIOD_MS, SECOND};

/// Readings of the second channel before this moment came after that time was trimmed.
const GONE_BEFORE_MS: i64 = 5_400_000;

/// The fake's stored reading of a moment.
fn record(at_ms: i64) -> RecordView {
    RecordView {
        measured_at_ms: at_ms,
        received_at_ms: at_ms + 7,
        value: Some(0.5),
        quality: QualityView::Good,
        origin: OriginView::Backlog,
    }
}

impl History for Fake {
    fn channel_units(&self) -> Vec<(ChannelId, String)> {
        let unit = |id| (ChannelId::new(id).unwrap(), "ppm".to_owned());
        vec![unit(CHANNEL), unit(SECOND)]
    }

    /// A reading every period since 1970; only every hour of the second channel.
    fn records(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        limit: NonZeroUsize,
    ) -> Result<RecordsView, BackendError> {
        self.gate.pass();
        self.asked.fetch_add(1, Ordering::SeqCst);
        let period_ms = match channel.as_str() {
            CHANNEL => PERIOD_MS,
            SECOND => 3_600_000,
            other => return Err(BackendError::ChannelNotFound(other.to_owned())),
        };
        if to.as_millis() > self.damaged_from_ms.load(Ordering::SeqCst) {
            return Err(BackendError::Unavailable("the hour is damaged".to_owned()));
        }
        let first = (from.as_millis() + period_ms - 1).div_euclid(period_ms);
        let stamps = (first..).map(|n| n * period_ms).take_while(|ms| *ms < to.as_millis());
        let mut records: Vec<_> = stamps.take(limit.get() + 1).map(record).collect();
        let follows = records.len() > limit.get();
        records.truncate(limit.get());
        let last = records.last().map(|record| record.measured_at_ms);
        let gone_to_ms = GONE_BEFORE_MS.min(to.as_millis());
        let gone = TrimmedView { from_ms: from.as_millis(), to_ms: gone_to_ms };
        let is_gone = channel.as_str() == SECOND && gone.from_ms < gone.to_ms;
        Ok(RecordsView {
            channel: channel.to_string(),
            unit: "ppm".to_owned(),
            records,
            next_after_ms: last.filter(|_| follows),
            trimmed: is_gone.then_some(gone).into_iter().collect(),
        })
    }

    fn buckets(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        _to: Timestamp,
        step_ms: i64,
    ) -> Result<ChannelBucketsView, BackendError> {
        if !self.channel_units().iter().any(|(id, _)| id == channel) {
            return Err(BackendError::ChannelNotFound(channel.to_string()));
        }
        let bucket = BucketView {
            at_ms: from.as_millis(),
            count: step_ms.unsigned_abs(),
            good: 1,
            worst: QualityView::OverRange,
            over_range: true,
            judged: 1,
            min: Some(1.0),
            max: Some(9.0),
            mean: Some(5.0),
            last: Some(2.0),
            other_max: None,
        };
        let unit = "ppm".to_owned();
        Ok(ChannelBucketsView { channel: channel.to_string(), unit, buckets: vec![bucket] })
    }

    fn completeness(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        period_ms: Option<i64>,
    ) -> Result<CompletenessView, BackendError> {
        let period_ms = period_ms.unwrap_or(1000);
        let (at_ms, expected) = (from.as_millis(), 3600);
        let hour = HourCompletenessView { at_ms, expected, received: 36, good: 18, percent: 1.0 };
        Ok(CompletenessView {
            channel: channel.to_string(),
            from_ms: at_ms,
            to_ms: to.as_millis(),
            period_ms,
            hours: vec![hour],
        })
    }

    fn gaps(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        longer_than_ms: Option<i64>,
        limit: NonZeroUsize,
    ) -> Result<GapsView, BackendError> {
        let (from_ms, to_ms) = (from.as_millis(), to.as_millis());
        Ok(GapsView {
            channel: channel.to_string(),
            from_ms,
            to_ms,
            longer_than_ms: longer_than_ms.unwrap_or(3000),
            gaps: vec![GapView { from_ms, to_ms }; limit.get().min(3)],
            next_from_ms: Some(to_ms),
        })
    }
}
