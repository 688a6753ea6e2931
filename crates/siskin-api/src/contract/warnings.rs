//! Alarms and warnings, their events, and the act of acknowledging.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::life::HoldView;
use super::words::{TextView, TierView};

/// An active alarm.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AlarmView {
    /// Whose episode it is.
    pub rule: String,
    /// On which channel.
    pub channel: String,
    /// `gas` or `no-data`.
    pub kind: String,
    /// The tier it gives; none for alarms about equipment.
    pub tier: Option<TierView>,
    /// Since when.
    pub since: String,
    /// What the rule judged when it raised.
    pub value: Option<f64>,
    /// The limit it was judged against.
    pub limit: Option<f64>,
    /// Unit of value and limit.
    pub unit: String,
    /// Of a trend: when the limit would be reached, counted from `since`.
    pub forecast: Option<ForecastView>,
}

/// When a rising line would reach its limit; the interval is two standard errors of the slope.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ForecastView {
    /// Seconds, if it goes on as it does.
    pub likely_s: f64,
    /// Seconds, at the earliest.
    pub earliest_s: Option<f64>,
    /// Seconds, at the latest; none: it may never reach it.
    pub latest_s: Option<f64>,
}

/// State of a warning, after ISA-18.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the words of siskin_model::WarningState")]
pub enum WarningStateView {
    ActiveUnacknowledged,
    ActiveAcknowledged,
    ReturnedUnacknowledged,
    LatchedUnacknowledged,
    LatchedAcknowledged,
    Shelved,
    Suppressed,
    OutOfService,
    Normal,
}

/// A warning: one gas in one area.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WarningView {
    /// Deterministic id.
    pub id: String,
    /// Which gas.
    pub gas: String,
    /// Where.
    pub area: String,
    /// The highest tier of its alarms, active or not gone for long enough; after their end the last
    /// one.
    pub tier: TierView,
    /// The highest tier it ever had.
    pub tier_peak: TierView,
    /// Where it is in its life.
    pub state: WarningStateView,
    /// When its first alarm was raised.
    pub raised_at: String,
    /// When it last changed.
    pub changed_at: String,
    /// When its last alarm ended, while none is active.
    pub returned_at: Option<String>,
    /// Who acknowledged the present tier, or gave the last acknowledgement.
    pub acknowledged_by: Option<String>,
    /// When.
    pub acknowledged_at: Option<String>,
    /// In which words.
    pub acknowledged_note: Option<String>,
    /// The alarms that feed it now, highest tier first.
    pub alarms: Vec<AlarmView>,
    /// Every channel that has fed it.
    pub channels: Vec<String>,
    /// What was taken to be the cause.
    pub acknowledged_reason: Option<String>,
    /// When people were last called to it.
    pub announced_at: Option<String>,
    /// When its tier falls if nothing of that tier comes back.
    pub falls_at: Option<String>,
    /// Channels of alarms that come and go; their end is held back.
    pub chattering: Vec<String>,
    /// While it is kept from people: whether an acknowledgement is still owed.
    pub is_owed: bool,
    /// While it is shelved.
    pub shelf: Option<HoldView>,
    /// While nobody has acknowledged it: who is called, and when.
    pub passing: Option<Box<PassingView>>,
    /// The number of the drill that it is of; none: it is real.
    pub exercise: Option<u64>,
}

/// How far an unacknowledged warning has been passed on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PassingView {
    /// To whom so far, in order.
    pub told: Vec<String>,
    /// To whom next; none when all have been called.
    pub next_to: Option<String>,
    /// When, if nobody acknowledges before.
    pub next_at: Option<String>,
    /// The same in milliseconds since 1970, for a countdown.
    pub next_at_ms: Option<i64>,
    /// Whom each step reached by the roster of its moment, in order.
    pub calls: Vec<CallView>,
}

/// Whom a step of the ladder reached.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CallView {
    /// The duty role of the step.
    pub to: String,
    /// When the roster was asked.
    pub at: String,
    /// `on-duty`; or, where the roster has a gap, how somebody was found instead: `substitute`,
    /// `leader`, `everybody-of-role`, `anybody-on-duty`; `nobody`; `unreadable` where the roster
    /// could not be read.
    pub found: String,
    /// Whether the roster has a gap there: somebody must see to it.
    pub is_gap: bool,
    /// What that means, for people.
    pub text: TextView,
    /// Who is called, in this order. Empty for whoever may not see the contact book.
    pub people: Vec<CalledPersonView>,
    /// Who asked for it before its time; none: its time had come.
    pub by: Option<String>,
}

/// Somebody who is called, as the contact book had them then.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CalledPersonView {
    /// Their id in the contact book.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their first telephone number.
    pub phone: Option<String>,
}

/// What happened to a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the words of siskin_model::WarningChange")]
pub enum WarningChangeView {
    Raised,
    Escalated,
    Deescalated,
    Updated,
    Returned,
    Reactivated,
    Acknowledged,
    Closed,
    Chattering,
    Latched,
    Commented,
    PassedOn,
    Shelved,
    Suppressed,
    TakenOut,
    Reannounced,
    Reset,
    Ended,
    Cancelled,
}

/// One step in the life of a warning; `warning` on the live stream.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WarningEventView {
    /// Place in the ledger: rises by at least one with each event.
    pub seq: u64,
    /// What happened.
    pub change: WarningChangeView,
    /// When.
    pub at: String,
    /// The warning after it.
    pub warning: WarningView,
    /// Of acts: who.
    pub by: Option<String>,
    /// Of acts: in which words.
    pub note: Option<String>,
    /// Of `passed-on`: whom this step reached.
    #[serde(default)]
    pub call: Option<Box<CallView>>,
}

/// Begin or end of an alarm; `alarm` on the live stream.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AlarmEventView {
    /// Place in the ledger.
    pub seq: u64,
    /// `raise` or `clear`.
    pub edge: String,
    /// When.
    pub at: String,
    /// The alarm.
    pub alarm: AlarmView,
}

/// What a person says when acknowledging.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeRequest {
    /// A note, at most 1,000 characters.
    #[serde(default)]
    pub note: String,
    /// What is taken to be the cause, at most 1,000 characters.
    #[serde(default)]
    pub reason: String,
    /// The tier the person saw. When the warning has risen above it meanwhile, nothing is
    /// acknowledged (409), so that nobody acknowledges red believing that it is orange.
    #[serde(default)]
    pub tier: Option<TierView>,
}

/// Which warnings are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WarningScope {
    /// Those that are not over.
    #[default]
    Open,
    /// All of the ledger, newest first, at most 1,000.
    All,
}

/// Query of the list of warnings.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WarningsQuery {
    /// `open` (default) or `all`.
    #[serde(default)]
    pub scope: WarningScope,
}
