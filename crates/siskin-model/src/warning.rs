//! Warnings: what people act on. One gas in one area, fed by alarms.
//!
//! The states are those of ISA-18.2 (figure 2): unacknowledged, acknowledged, returned to normal
//! unacknowledged, normal. Only a person's act leads to an acknowledged state (invariant 7).

use serde::{Deserialize, Serialize};

use crate::{Alarm, AreaId, ChannelId, GasId, Tier, Timestamp, WarningId};

/// Where a warning is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningState {
    /// An alarm is active and nobody has acknowledged the present tier.
    ActiveUnacknowledged,
    /// An alarm is active and the present tier is acknowledged.
    ActiveAcknowledged,
    /// No alarm is active any more and nobody has acknowledged.
    ReturnedUnacknowledged,
    /// No alarm is active and the warning is acknowledged: it is over.
    Normal,
}

impl WarningState {
    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ActiveUnacknowledged => "active-unacknowledged",
            Self::ActiveAcknowledged => "active-acknowledged",
            Self::ReturnedUnacknowledged => "returned-unacknowledged",
            Self::Normal => "normal",
        }
    }

    /// Whether the warning is still shown among the open ones.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Normal)
    }

    /// Whether an alarm feeds it now.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::ActiveUnacknowledged | Self::ActiveAcknowledged)
    }
}

/// Who took note of a warning, when, and in which words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Name of the person.
    pub by: String,
    /// What they wrote; may be empty.
    pub note: String,
    /// When, by the station's clock.
    pub at: Timestamp,
}

/// A warning as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// Deterministic id.
    pub id: WarningId,
    /// Which gas.
    pub gas: GasId,
    /// Where.
    pub area: AreaId,
    /// The highest tier of the active alarms; after their end the last one.
    pub tier: Tier,
    /// The highest tier it ever had.
    pub tier_peak: Tier,
    /// Where it is in its life.
    pub state: WarningState,
    /// When its first alarm was raised, in event time.
    pub raised_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// When its last alarm ended, while none is active.
    pub returned_at: Option<Timestamp>,
    /// The acknowledgement that holds for the present tier, or the last one given.
    pub acknowledged: Option<Acknowledgement>,
    /// The alarms that are active now, highest tier first.
    pub alarms: Vec<Alarm>,
    /// Every channel that has fed it, in order of joining.
    pub channels: Vec<ChannelId>,
}

/// What happened to a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningChange {
    /// It began.
    Raised,
    /// Its tier rose; it needs acknowledgement again.
    Escalated,
    /// Its tier fell, with alarms still active.
    Deescalated,
    /// Another alarm joined or left without a change of tier.
    Updated,
    /// Its last alarm ended.
    Returned,
    /// An alarm came back before anybody acknowledged the return.
    Reactivated,
    /// A person acknowledged it.
    Acknowledged,
    /// It ended: acknowledged and returned to normal.
    Closed,
}

/// One step in the life of a warning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WarningEvent {
    /// What happened.
    pub change: WarningChange,
    /// When: event time of the readings, or the station's clock for acts of people.
    pub at: Timestamp,
    /// The warning after it.
    pub warning: Warning,
}
