//! Edge gateways.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How an edge gateway is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EdgeView {
    /// Its id in the site.
    pub edge: String,
    /// Whether its link is open.
    pub connected: bool,
    /// Since when it is so.
    pub since: String,
    /// When its last frame came; none since the station started.
    pub last_frame_at: Option<String>,
    /// Why its last link ended; none while the first one is open.
    pub last_error: Option<String>,
    /// The same for a Chinese reader.
    pub last_error_zh: Option<String>,
    /// Which batches of its spool are on the station's disk.
    pub committed: Vec<SeqRangeView>,
    /// The number that its next batch will get.
    pub next_seq: u64,
    /// Batches that are in its spool and not on the station's disk.
    pub batches_behind: u64,
    /// Readings that came since the station started.
    pub readings: u64,
    /// Readings among them that came late, after a cut of the line.
    pub readings_backlog: u64,
    /// Readings of channels that are not the gateway's: set aside.
    pub refused: u64,
    /// The gateway's clock minus the station's; none before it was measured.
    pub skew_ms: Option<i64>,
    /// How far off that may be.
    pub skew_error_ms: Option<i64>,
    /// How often it told of readings that are lost.
    pub gaps: u64,
    /// How many readings are lost.
    pub readings_lost: u64,
    /// The newest losses, newest first.
    pub gaps_newest: Vec<EdgeGapView>,
    /// Its spool, as it last said.
    pub spool: Option<SpoolView>,
    /// Its own siren, as it last said; none where it has none.
    pub siren: Option<SirenView>,
    /// Top-tier alarms that its own watch has raised and not cleared.
    pub alarms: Vec<EdgeAlarmView>,
    /// The newest begins and ends of such alarms, newest first.
    pub alarm_events: Vec<EdgeAlarmEventView>,
}

/// The siren of a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SirenView {
    /// Whether an alarm wants it to sound.
    pub wanted: bool,
    /// What it said last; none before it was reached.
    pub sounds: Option<bool>,
    /// Since when it is so.
    pub since: String,
    /// Why it cannot be reached now; none: it can.
    pub failing: Option<String>,
    /// The same for a Chinese reader.
    pub failing_zh: Option<String>,
}

/// A begin or an end of an alarm of a gateway's own watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EdgeAlarmEventView {
    /// The warning it belongs to.
    pub warning: String,
    /// The channel.
    pub channel: String,
    /// The rule.
    pub rule: String,
    /// `raise` or `clear`.
    pub change: String,
    /// When, in event time.
    pub at: String,
    /// When the station was told.
    pub told_at: String,
}

/// Sequence numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeqRangeView {
    /// The first.
    pub from: u64,
    /// The one after the last.
    pub until: u64,
}

/// Readings that a gateway lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EdgeGapView {
    /// The batches; empty where they never got a number.
    pub seqs: SeqRangeView,
    /// How many readings.
    pub readings: u64,
    /// When the oldest was measured.
    pub from: String,
    /// When the newest was measured.
    pub to: String,
    /// `spool-full`, `thinned`, `disk-full` or `damaged`.
    pub why: String,
    /// When the station was told.
    pub told_at: String,
}

/// A gateway's spool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SpoolView {
    /// Bytes on its disk.
    pub bytes: u64,
    /// The limit in bytes.
    pub bytes_max: u64,
    /// Readings held.
    pub readings: u64,
    /// Why nothing can be written now, in its system's words.
    pub failing: Option<String>,
}

/// An alarm of a gateway's own watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EdgeAlarmView {
    /// The warning it belongs to.
    pub warning: String,
    /// The channel.
    pub channel: String,
    /// The rule.
    pub rule: String,
    /// Since when.
    pub since: String,
}
