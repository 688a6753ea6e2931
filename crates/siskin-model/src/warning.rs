//! Warnings: what people act on. One gas in one area, fed by alarms.
//!
//! The states are the nine of ISA-18.2 / IEC 62682 (A to I). Only a person's act leads to an
//! acknowledged state (invariant 7); which act leads where is one table, in `siskin-engine`'s
//! `life::table`. Must never decide that itself.

use serde::{Deserialize, Serialize};

use crate::duty::Call;
use crate::{Alarm, AreaId, ChannelId, DrillId, GasId, Hold, RuleId, Tier, Timestamp, WarningId};

/// Where a warning is in its life. The letters are those of ISA-18.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningState {
    /// A: no alarm is active and the warning is acknowledged: it is over.
    Normal,
    /// B: an alarm is active and nobody has acknowledged the present tier.
    ActiveUnacknowledged,
    /// C: an alarm is active and the present tier is acknowledged.
    ActiveAcknowledged,
    /// D: no alarm is active any more and nobody has acknowledged.
    ReturnedUnacknowledged,
    /// E: as D, and a person must reset it after acknowledging.
    LatchedUnacknowledged,
    /// F: no alarm is active, acknowledged; a person must reset it.
    LatchedAcknowledged,
    /// G: a person has put it aside for a time.
    Shelved,
    /// H: what feeds it is suppressed because the alarm of another rule is active.
    Suppressed,
    /// I: what feeds it comes from channels that are out of service.
    OutOfService,
}

impl WarningState {
    /// All states, in the order of their letters.
    pub const ALL: [Self; 9] = [
        Self::Normal,
        Self::ActiveUnacknowledged,
        Self::ActiveAcknowledged,
        Self::ReturnedUnacknowledged,
        Self::LatchedUnacknowledged,
        Self::LatchedAcknowledged,
        Self::Shelved,
        Self::Suppressed,
        Self::OutOfService,
    ];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::ActiveUnacknowledged => "active-unacknowledged",
            Self::ActiveAcknowledged => "active-acknowledged",
            Self::ReturnedUnacknowledged => "returned-unacknowledged",
            Self::LatchedUnacknowledged => "latched-unacknowledged",
            Self::LatchedAcknowledged => "latched-acknowledged",
            Self::Shelved => "shelved",
            Self::Suppressed => "suppressed",
            Self::OutOfService => "out-of-service",
        }
    }

    /// Whether the warning is still shown among the open ones.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Normal)
    }

    /// Whether an alarm feeds it now and people are told.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::ActiveUnacknowledged | Self::ActiveAcknowledged)
    }

    /// Whether people were told and nobody has acknowledged yet.
    pub const fn is_waiting(self) -> bool {
        matches!(
            self,
            Self::ActiveUnacknowledged | Self::ReturnedUnacknowledged | Self::LatchedUnacknowledged
        )
    }

    /// Whether it is kept from people: always listed, never announced.
    pub const fn is_aside(self) -> bool {
        matches!(self, Self::Shelved | Self::Suppressed | Self::OutOfService)
    }
}

/// Who said that a warning was a mistake, when, and why. It is kept; nothing is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Name of the person.
    pub by: String,
    /// The second person, where it needs two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<String>,
    /// Why; never empty.
    pub reason: String,
    /// When, by the station's clock.
    pub at: Timestamp,
}

/// Who took note of a warning, when, and in which words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Name of the person.
    pub by: String,
    /// What they wrote; may be empty.
    pub note: String,
    /// What they take to be the cause; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// When, by the station's clock.
    pub at: Timestamp,
}

/// A tier that holds on although its last alarm has ended, so that flipping tiers do not flip the
/// warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldTier {
    /// Which.
    pub tier: Tier,
    /// Until when, in event time, if no alarm of it comes back.
    pub until: Timestamp,
}

/// An alarm that comes and goes: its end is held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chatter {
    /// Whose alarm.
    pub rule: RuleId,
    /// On which channel.
    pub channel: ChannelId,
    /// When it ended, if it has; the warning is fed for the guard's time from here.
    pub ended_at: Option<Timestamp>,
}

/// How far an unacknowledged warning has been passed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passing {
    /// Whose ladder it goes up: the tier when it was announced. A fall does not slow it down.
    pub tier: Tier,
    /// From when its times count.
    pub begun_at: Timestamp,
    /// To whom it was passed on so far, in order: as many as steps.
    pub told: Vec<String>,
    /// The next step; none when all have been told.
    pub next: Option<PassingNext>,
    /// Whom each step reached by the roster of its moment, in order. Of warnings that were passed
    /// on before the roster was asked there are fewer than steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
}

/// The next step of a ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassingNext {
    /// To whom.
    pub to: String,
    /// When, if nobody acknowledges before.
    pub due_at: Timestamp,
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
    /// The highest tier of the active alarms and of those that are held; after their end the last
    /// one.
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
    /// The alarms that feed it now, highest tier first.
    pub alarms: Vec<Alarm>,
    /// Every channel that has fed it, in order of joining.
    pub channels: Vec<ChannelId>,
    /// When people were last called to it: its begin, a rise, a return, the end of a shelf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced_at: Option<Timestamp>,
    /// Tiers above the present alarms that have not been gone for long enough, highest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<HeldTier>,
    /// Alarms of it that come and go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chattering: Vec<Chatter>,
    /// While it is kept from people: whether an acknowledgement is still owed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_owed: bool,
    /// While it is shelved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shelf: Option<Hold>,
    /// While nobody has acknowledged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passing: Option<Passing>,
    /// The drill that it is of; none: it is real.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exercise: Option<DrillId>,
    /// A person said that it was a mistake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Cancellation>,
}

impl Warning {
    /// A new one at a moment of event time, before its first alarm.
    pub fn begun(area: &AreaId, gas: &GasId, tier: Tier, at: Timestamp) -> Self {
        Self {
            id: WarningId::of(area, gas, at),
            gas: gas.clone(),
            area: area.clone(),
            tier,
            tier_peak: tier,
            state: WarningState::Normal,
            raised_at: at,
            changed_at: at,
            returned_at: None,
            acknowledged: None,
            alarms: Vec::new(),
            channels: Vec::new(),
            announced_at: None,
            held: Vec::new(),
            chattering: Vec::new(),
            is_owed: false,
            shelf: None,
            passing: None,
            exercise: None,
            cancelled: None,
        }
    }
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
    /// An alarm of it comes and goes; its end is held back from now on.
    Chattering,
    /// Its last alarm ended.
    Returned,
    /// An alarm came back before anybody acknowledged the return.
    Reactivated,
    /// Its last alarm ended, and a person must reset it.
    Latched,
    /// A person acknowledged it.
    Acknowledged,
    /// A person wrote something about it.
    Commented,
    /// Nobody acknowledged it in time: the next on the ladder is called.
    PassedOn,
    /// A person put it aside.
    Shelved,
    /// What feeds it is suppressed by design.
    Suppressed,
    /// What feeds it is out of service.
    TakenOut,
    /// It is no longer kept from people and an alarm is still active: people are called again.
    Reannounced,
    /// A person reset it after its end.
    Reset,
    /// It ended: acknowledged and returned to normal.
    Closed,
    /// The drill that it is of is over; it ends in whatever state it was.
    Ended,
    /// A person said that it was a mistake: no alarm was active any more.
    Cancelled,
}

impl WarningChange {
    /// Those by which people are called to a warning: what floods and figures count.
    pub const CALLS: [Self; 4] =
        [Self::Raised, Self::Escalated, Self::Reactivated, Self::Reannounced];
}

/// What a person said with an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Name of the person.
    pub by: String,
    /// In which words.
    pub note: String,
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
    /// Of acts of people: who said what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Said>,
}
