//! What late data changed in the record of the past: recorded and shown, never a siren.

use serde::{Deserialize, Serialize};

use crate::{AlarmEvent, Timestamp};

/// Whether a begin or end of an alarm came into the record or left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CorrectionChange {
    /// It was in the record and is not true.
    Removed,
    /// It was missing in the record.
    Added,
}

/// One begin or end of an alarm that late readings added to the record or took out of it. An end
/// that moves is one removed and one added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// Added or removed.
    pub change: CorrectionChange,
    /// What was found: the newest event time when the span was judged again.
    pub found_at: Timestamp,
    /// The begin or end.
    pub event: AlarmEvent,
}
