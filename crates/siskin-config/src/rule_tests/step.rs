//! What is expected and what has come: steps with their moment after the test's start.
//!
//! Steps order by time first, so that two rows of them can be laid side by side.

use std::fmt;

use siskin_model::{
    AlarmEvent, AreaId, ChannelId, Correction, CorrectionChange, Edge, GasId, RuleId, Tier,
    WarningChange, WarningEvent,
};

use super::{START, shown};

/// Something with a moment that can be compared and told.
pub trait Step: Ord + Clone + fmt::Display {
    /// Milliseconds after the test's start.
    fn at_ms(&self) -> i64;

    /// Whether both are the same but for their moment.
    fn is_like(&self, other: &Self) -> bool;
}

/// The begin or end of an alarm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlarmStep {
    /// Milliseconds after the test's start.
    pub at_ms: i64,
    /// Of which rule.
    pub rule: RuleId,
    /// On which channel.
    pub channel: ChannelId,
    /// Begin or end.
    pub edge: Edge,
}

/// A begin or end of an alarm that came into the record or left it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CorrectionStep {
    /// The begin or end.
    pub alarm: AlarmStep,
    /// Whether it came or left.
    pub change: CorrectionChange,
}

/// A step in the life of a warning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WarningStep {
    /// Milliseconds after the test's start.
    pub at_ms: i64,
    /// The word for what happened.
    pub change: &'static str,
    /// The warning's tier after it.
    pub tier: Tier,
    /// About which gas.
    pub gas: GasId,
    /// Where.
    pub area: AreaId,
}

impl From<&AlarmEvent> for AlarmStep {
    fn from(event: &AlarmEvent) -> Self {
        Self {
            at_ms: event.at.since_ms(START),
            rule: event.alarm.rule.clone(),
            channel: event.alarm.channel.clone(),
            edge: event.edge,
        }
    }
}

impl From<&Correction> for CorrectionStep {
    fn from(correction: &Correction) -> Self {
        Self { alarm: (&correction.event).into(), change: correction.change }
    }
}

impl WarningStep {
    /// The step of `event`; none for `updated`, which changes nothing that people act on.
    pub fn of(event: &WarningEvent) -> Option<Self> {
        Some(Self {
            at_ms: event.at.since_ms(START),
            change: change_word(event.change)?,
            tier: event.warning.tier,
            gas: event.warning.gas.clone(),
            area: event.warning.area.clone(),
        })
    }
}

/// The word for a change of a warning, where tests compare it.
const fn change_word(change: WarningChange) -> Option<&'static str> {
    match change {
        WarningChange::Raised => Some("raised"),
        WarningChange::Escalated => Some("escalated"),
        WarningChange::Deescalated => Some("deescalated"),
        // That a person must reset it is no matter of the rules.
        WarningChange::Returned | WarningChange::Latched => Some("returned"),
        WarningChange::Reactivated => Some("reactivated"),
        WarningChange::Acknowledged => Some("acknowledged"),
        WarningChange::Closed => Some("closed"),
        WarningChange::Reannounced => Some("reannounced"),
        // What people and clocks do is no part of a test of rules.
        WarningChange::Updated
        | WarningChange::Chattering
        | WarningChange::Commented
        | WarningChange::PassedOn
        | WarningChange::Shelved
        | WarningChange::Suppressed
        | WarningChange::TakenOut
        | WarningChange::Reset
        | WarningChange::Ended
        | WarningChange::Cancelled => None,
    }
}

/// The word for a begin or end.
pub(super) const fn edge_word(edge: Edge) -> &'static str {
    match edge {
        Edge::Raise => "raise",
        Edge::Clear => "clear",
    }
}

impl Step for AlarmStep {
    fn at_ms(&self) -> i64 {
        self.at_ms
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.edge, &self.rule, &self.channel) == (other.edge, &other.rule, &other.channel)
    }
}

impl Step for CorrectionStep {
    fn at_ms(&self) -> i64 {
        self.alarm.at_ms
    }

    fn is_like(&self, other: &Self) -> bool {
        self.change == other.change && self.alarm.is_like(&other.alarm)
    }
}

impl Step for WarningStep {
    fn at_ms(&self) -> i64 {
        self.at_ms
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.change, self.tier, &self.gas, &self.area)
            == (other.change, other.tier, &other.gas, &other.area)
    }
}

impl fmt::Display for AlarmStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at_ms, rule, channel, edge } = self;
        write!(f, "{} {} {rule} {channel}", shown(*at_ms), edge_word(*edge))
    }
}

impl fmt::Display for CorrectionStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AlarmStep { at_ms, rule, channel, edge } = &self.alarm;
        let change = match self.change {
            CorrectionChange::Removed => "removed",
            CorrectionChange::Added => "added",
        };
        write!(f, "{} {change} {} {rule} {channel}", shown(*at_ms), edge_word(*edge))
    }
}

impl fmt::Display for WarningStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at_ms, change, tier, gas, area } = self;
        write!(f, "{} {change} {} {gas} {area}", shown(*at_ms), tier.as_str())
    }
}
