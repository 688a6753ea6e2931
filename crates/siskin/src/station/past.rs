//! The recorded past as the engine asks for it: readings from the series store, begins and ends of
//! alarms from the ledger.
//!
//! An hour that cannot be read is passed over: the store tells it, and judging what there is comes
//! before not judging at all. Must never be asked while effects of the engine wait to be written:
//! the record would be behind.

use siskin_engine::{History, HistoryError};
use siskin_model::{Alarm, AlarmEvent, ChannelId, ChannelIndex, Reading, Site, Timestamp};
use siskin_store::{Ledger, Series, StoreError};

/// The two stores.
pub(crate) struct StoredPast<'a> {
    pub(crate) site: &'a Site,
    pub(crate) series: &'a Series,
    pub(crate) ledger: &'a Ledger,
}

impl StoredPast<'_> {
    fn id(&self, channel: ChannelIndex) -> Result<&ChannelId, HistoryError> {
        let known = self.site.channels.get(channel.get());
        let unknown = || {
            HistoryError(format!(
                "there is no channel number {}; hint: report this as a bug",
                channel.0
            ))
        };
        known.map(|channel| &channel.id).ok_or_else(unknown)
    }
}

impl History for StoredPast<'_> {
    fn readings(
        &mut self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Reading>, HistoryError> {
        Ok(self.series.readable(channel, from, to).map_err(failed)?.readings)
    }

    fn edges(
        &mut self,
        channel: ChannelIndex,
        from: Timestamp,
    ) -> Result<Vec<AlarmEvent>, HistoryError> {
        let id = self.id(channel)?.clone();
        self.ledger.alarm_edges(&[id], from).map_err(failed)
    }

    fn active(&mut self, channel: ChannelIndex, at: Timestamp) -> Result<Vec<Alarm>, HistoryError> {
        let id = self.id(channel)?;
        self.ledger.alarms_active_on(id, at.plus_ms(-1)).map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn failed(error: StoreError) -> HistoryError {
    HistoryError(error.to_string())
}
