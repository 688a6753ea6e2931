//! The station's pipeline and stores over recorded readings, without sources and without a page.
//!
//! The clock is the newest stamp that has come. Readings are judged, stored and their effects
//! committed by the very code that the station runs, so that a replay that is killed and started
//! again shows what a killed station does. Must never judge or store by a way of its own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use siskin_collect::Clock;
use siskin_config::Settings;
use siskin_model::{AlarmEvent, Reading, Timestamp};
use siskin_store::{Ledger, Series};

use super::live::Live;
use super::pipeline::Pipeline;
use super::{open_stores, restore};

/// A station that is fed by hand.
pub(crate) struct Recorded {
    settings: Arc<Settings>,
    series: Arc<Series>,
    ledger: Arc<Ledger>,
    pipeline: Pipeline,
    now_ms: Arc<AtomicI64>,
}

impl Recorded {
    /// Opens the stores in `data` and brings the engine to where it was.
    pub(crate) fn open(settings: Arc<Settings>, data: &Path) -> anyhow::Result<Self> {
        let (series, ledger) = open_stores(&settings, data)?;
        let newest = series.last().iter().flatten().map(|r| r.measured_at).max();
        let now_ms = Arc::new(AtomicI64::new(newest.unwrap_or_default().as_millis()));
        let shared = Arc::clone(&now_ms);
        let clock: Clock = Arc::new(move || Timestamp::from_millis(shared.load(Ordering::Relaxed)));
        let live = Arc::new(Live::new(&settings, false, clock()));
        let restored = restore::restore(&settings, &series, &ledger)?;
        let pipeline = Pipeline::new(restored, &settings, (&series, &ledger), &live, &clock, None)?;
        Ok(Self { settings, series, ledger, pipeline, now_ms })
    }

    /// How many batches are stored.
    pub(crate) fn batches_stored(&self) -> u64 {
        self.series.newest_seq()
    }

    /// Takes one batch, in order of arrival; its readings and what follows are on disk when it
    /// returns.
    pub(crate) fn take(&mut self, batch: &[Reading]) -> anyhow::Result<()> {
        if let Some(last) = batch.last() {
            self.now_ms.fetch_max(last.received_at.as_millis(), Ordering::Relaxed);
        }
        self.pipeline.take_recorded(batch)
    }

    /// All readings are in: gives the transitions as they stand in the ledger.
    pub(crate) fn finish(mut self) -> anyhow::Result<Vec<AlarmEvent>> {
        self.pipeline.finish_recorded()?;
        let channels: Vec<_> = self.settings.site.channels.iter().map(|c| c.id.clone()).collect();
        Ok(self.ledger.alarm_edges(&channels, Timestamp::from_millis(i64::MIN))?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use siskin_model::{ChannelIndex, Origin, Quality};

    use super::*;
    use crate::files;

    #[test]
    fn a_recording_is_an_import() {
        let settings = siskin_config::load(&files::demo_park()).unwrap();
        let data = tempfile::tempdir().unwrap();
        let mut recorded = Recorded::open(Arc::new(settings), data.path()).unwrap();
        let at = Timestamp::from_millis(1_767_225_600_000);
        let reading = Reading::new(ChannelIndex(0), at, at, Some(0.5), Quality::Good);
        recorded.take(&[reading]).unwrap();
        let stored = recorded.series.records(ChannelIndex(0), at, at.plus_ms(1)).unwrap();
        assert_eq!(stored, [(reading, Origin::Import)]);
    }

    /// One reading a second of the first channel.
    fn seconds(span: std::ops::Range<i64>, value: f64) -> Vec<Reading> {
        let reading = |s: i64| {
            let at = Timestamp::from_millis(1_767_225_600_000 + s * 1_000);
            Reading::new(ChannelIndex(0), at, at, Some(value), Quality::Good)
        };
        span.map(reading).collect()
    }

    #[test]
    fn who_is_in_alarm_is_shown_to_the_sources_and_after_a_restart_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Arc::new(siskin_config::load(&files::demo_park()).unwrap());
        let open = || Recorded::open(Arc::clone(&settings), folder.path()).unwrap();
        let mut station = open();
        let priority = station.pipeline.priority();
        let check = |station: &mut Recorded, span, value, want: bool| {
            station.take(&seconds(span, value)).unwrap();
            assert_eq!(priority.now() == BTreeSet::from([0]), want, "{:?}", priority.now());
        };
        check(&mut station, 0..10, 0.0, false);
        // The on-delay runs.
        check(&mut station, 10..11, 45.0, true);
        check(&mut station, 11..12, 0.0, false);
        check(&mut station, 12..400, 45.0, true);
        check(&mut station, 400..401, 0.0, true);
        drop(station);
        let mut station = open();
        let priority = station.pipeline.priority();
        assert_eq!(priority.now(), BTreeSet::from([0]));
        station.take(&seconds(401..3_000, 0.0)).unwrap();
        assert_eq!(priority.now(), BTreeSet::new());
    }
}
