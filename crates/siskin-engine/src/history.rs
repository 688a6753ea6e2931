//! The past, as the engine asks for it when it must judge a span again: after late readings, after
//! a restart, after a change of rules.
//!
//! The station answers from its stores, a rehearsal from memory. Must answer with what was
//! recorded, never with what might have been.

use siskin_model::{Alarm, AlarmEvent, ChannelIndex, Reading, Timestamp};

/// What went wrong in reading the past: the text is for people and ends in a hint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the past: {0}")]
pub struct HistoryError(pub String);

/// The recorded past.
pub trait History {
    /// Readings of a channel with measured-at in [from, to), in its order, each stamp once.
    fn readings(
        &mut self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Reading>, HistoryError>;

    /// Begins and ends of the channel's alarms at or after `from`, in order of event time, as the
    /// record stands after all corrections.
    fn edges(
        &mut self,
        channel: ChannelIndex,
        from: Timestamp,
    ) -> Result<Vec<AlarmEvent>, HistoryError>;

    /// The channel's alarms that had begun before `at` and had not ended before `at`.
    fn active(&mut self, channel: ChannelIndex, at: Timestamp) -> Result<Vec<Alarm>, HistoryError>;
}
