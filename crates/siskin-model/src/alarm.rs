//! Alarms: the episodes of rules (ISA-18.2 / IEC 62682: on-delay, active, off-delay, cleared).

use serde::{Deserialize, Serialize};

use crate::{ChannelId, RuleId, Tier, Timestamp, Unit};

/// What an alarm speaks about. Only gas alarms carry tiers and feed warnings (invariant 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmKind {
    /// There is, or soon will be, too much gas.
    Gas,
    /// The channel says nothing usable.
    NoData,
    /// The channel's value stands still.
    Stuck,
    /// The channel's value leaps.
    Jump,
    /// The channel's value is beyond its range.
    OutOfRange,
    /// A recipient did not take a message: the alarm's `channel` is the recipient's id, and nothing
    /// was measured. Of no channel, so nothing that is done with a channel touches it.
    Message,
}

/// Whether an alarm began or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edge {
    /// It became active.
    Raise,
    /// It returned to normal.
    Clear,
}

/// When a rising line would reach the limit, counted from the alarm's start: the likely moment and
/// an interval of two standard errors of the slope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forecast {
    /// If it goes on as it does.
    pub likely_ms: i64,
    /// At the earliest; none: it may come at any moment.
    pub earliest_ms: Option<i64>,
    /// At the latest; none: it may never reach it.
    pub latest_ms: Option<i64>,
}

/// An active alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Whose episode it is.
    pub rule: RuleId,
    /// On which channel.
    pub channel: ChannelId,
    /// What it speaks about.
    pub kind: AlarmKind,
    /// The tier it gives; none for alarms about equipment.
    pub tier: Option<Tier>,
    /// Since when, in event time.
    pub since: Timestamp,
    /// What the rule judged when it raised: the value, the mean or the projected value.
    pub value: Option<f64>,
    /// The limit it was judged against.
    pub limit: Option<f64>,
    /// Unit of value and limit.
    pub unit: Unit,
    /// Of a trend: when the limit would be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
}

/// The begin or end of an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlarmEvent {
    /// Begin or end.
    pub edge: Edge,
    /// When, in event time.
    pub at: Timestamp,
    /// The alarm; at its end as it was raised.
    pub alarm: Alarm,
}
