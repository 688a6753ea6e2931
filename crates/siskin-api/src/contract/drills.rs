//! Drills (演练): what is played, which one runs, and what people did in it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::warnings::{WarningChangeView, WarningStateView};
use super::words::{PositionView, TierView};

/// A channel that the release is to come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrillChannelRequest {
    /// Which.
    pub channel: String,
    /// The part of the concentration that comes to it; 1 where it is left out.
    #[serde(default = "whole")]
    pub factor: f64,
    /// How long the gas takes to it; by the distance from `from` where it is left out.
    #[serde(default)]
    pub delay_s: Option<f64>,
}

fn whole() -> f64 {
    1.0
}

/// A release that is to be played.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrillRequest {
    /// Where.
    pub area: String,
    /// Which gas.
    pub gas: String,
    /// The highest concentration.
    pub peak: f64,
    /// Its unit: `ppm`, `mg/m3` …
    pub unit: String,
    /// How long it rises, in a straight line.
    pub rise_s: f64,
    /// How long it holds.
    pub hold_s: f64,
    /// How long it falls, in a straight line.
    pub decay_s: f64,
    /// The channels it comes to, at most 200; all of the gas in the area where none is named.
    #[serde(default)]
    pub channels: Vec<DrillChannelRequest>,
    /// Where the gas comes out: it travels to each analyzer at the latest wind speed, or at 2 m/s.
    /// Left out: it is everywhere at once.
    #[serde(default)]
    pub from: Option<PositionView>,
    /// When it comes out; left out: now.
    #[serde(default)]
    pub release_at_ms: Option<i64>,
    /// How long the drill lasts, at most 14,400; left out: until 10 min after the gas has gone.
    #[serde(default)]
    pub length_s: Option<f64>,
    /// What it is for, at most 1,000 characters.
    #[serde(default)]
    pub note: String,
}

/// Why a drill is ended by hand.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndDrillRequest {
    /// A note, at most 1,000 characters.
    #[serde(default)]
    pub note: String,
}

/// A channel of a drill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DrillChannelView {
    /// Which.
    pub channel: String,
    /// The part of the concentration that comes to it.
    pub factor: f64,
    /// How long the gas takes to it.
    pub delay_ms: i64,
}

/// The end of a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrillEndView {
    /// When.
    pub at_ms: i64,
    /// `by-hand`, `time-over`, `preempted` (a real warning came), `restart` or `failed`.
    pub reason: String,
    /// Who ended it; null: the station did.
    pub by: Option<String>,
    /// In which words; of a pre-emption the real warning.
    pub note: String,
}

/// A drill; `drill` on the live stream when it begins and ends. Such an event has no place in the
/// ledger: who reconnects asks for the list again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DrillView {
    /// From 1 on; the ids of its warnings begin with `drill-<number>.`.
    pub number: u64,
    /// `running` or `ended`.
    pub state: String,
    /// Where.
    pub area: String,
    /// Which gas.
    pub gas: String,
    /// The highest concentration.
    pub peak: f64,
    /// Its unit.
    pub unit: String,
    /// How long it rises.
    pub rise_ms: i64,
    /// How long it holds.
    pub hold_ms: i64,
    /// How long it falls.
    pub decay_ms: i64,
    /// The channels it comes to.
    pub channels: Vec<DrillChannelView>,
    /// When the gas comes out.
    pub release_at_ms: i64,
    /// When it began.
    pub begun_at_ms: i64,
    /// When it ends by itself.
    pub ends_at_ms: i64,
    /// Who began it.
    pub begun_by: String,
    /// What it is for.
    pub note: String,
    /// Its end; null: it runs.
    pub ended: Option<DrillEndView>,
}

/// The drills of a station.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DrillsView {
    /// The one that runs.
    pub running: Option<DrillView>,
    /// All, newest first, at most 1,000.
    pub drills: Vec<DrillView>,
}

/// A step of a warning in a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrillStepView {
    /// What happened.
    pub change: WarningChangeView,
    /// When.
    pub at_ms: i64,
    /// When it was on disk and went out on the live stream.
    pub told_at_ms: i64,
    /// From the moment at which people were first told of the warning.
    pub after_ms: i64,
    /// The tier after it.
    pub tier: TierView,
    /// Of acts: who.
    pub by: Option<String>,
    /// Of acts: in which words.
    pub note: Option<String>,
    /// Where it was passed on: to whom.
    pub to: Option<String>,
}

/// A step of the escalation ladder, from the call on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrillRungView {
    /// Whose ladder.
    pub tier: TierView,
    /// To whom.
    pub to: String,
    /// When it is due.
    pub due_ms: i64,
    /// When they were called; null: it did not come to that.
    pub called_ms: Option<i64>,
}

/// The life of a warning in a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrillWarningView {
    /// Its id.
    pub id: String,
    /// Where.
    pub area: String,
    /// Which gas.
    pub gas: String,
    /// The highest tier it had.
    pub tier_peak: TierView,
    /// Where it was last.
    pub state: WarningStateView,
    /// When its first alarm was raised.
    pub raised_at_ms: i64,
    /// From the begin of the release to that.
    pub raised_after_ms: i64,
    /// Who acknowledged first.
    pub acknowledged_by: Option<String>,
    /// From the first call to that.
    pub acknowledged_after_ms: Option<i64>,
    /// Its steps in order.
    pub steps: Vec<DrillStepView>,
    /// The ladders of the tiers with which people were called.
    pub ladder: Vec<DrillRungView>,
}

/// What one person did in a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrillPersonView {
    /// Their name.
    pub person: String,
    /// How many acts.
    pub acts: u64,
    /// How many of them acknowledged.
    pub acknowledged: u64,
    /// From the call to the acknowledgement: what half took at most.
    pub half_ms: Option<i64>,
    /// What nine of ten took at most.
    pub nine_tenths_ms: Option<i64>,
    /// The longest.
    pub longest_ms: Option<i64>,
}

/// A drill afterwards, or so far.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DrillReportView {
    /// The drill.
    pub drill: DrillView,
    /// Its warnings, in the order in which they began.
    pub warnings: Vec<DrillWarningView>,
    /// The people who acted, by name.
    pub people: Vec<DrillPersonView>,
}
