//! The contract: what the API gives and takes. `openapi.json` and the page's types come from it.
//!
//! Fields are added, never re-meant. Moments are RFC 3339 texts with milliseconds in park-local
//! time with its offset. Words (`tier`, `state`, `quality` …) are those of `siskin-model`.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A text in both languages.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TextView {
    /// 简体中文.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A place: metres east and north of the site's origin.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct PositionView {
    /// Metres east.
    pub x_m: f64,
    /// Metres north.
    pub y_m: f64,
}

/// A warning tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the words of siskin_model::Tier")]
pub enum TierView {
    Blue,
    Yellow,
    Orange,
    Red,
}

/// The quality of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the words of siskin_model::Quality")]
pub enum QualityView {
    Good,
    Uncertain,
    OverRange,
    WarmUp,
    Calibration,
    Maintenance,
    Fault,
    CommLost,
    Manual,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the rule kinds of the rule reference")]
pub enum RuleKindView {
    Threshold,
    WindowMean,
    Trend,
    NoData,
}

/// A rule as it judges one channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RuleView {
    /// The rule's id.
    pub rule: String,
    /// Its name.
    pub name: TextView,
    /// What it looks at.
    pub kind: RuleKindView,
    /// The tier it gives; none for alarms about equipment.
    pub tier: Option<TierView>,
    /// The limit it raises at (the target of a trend rule), in the channel's unit.
    pub raise_at: Option<f64>,
    /// The limit it clears below, in the channel's unit.
    pub clear_below: Option<f64>,
    /// Where the set point comes from.
    pub source: String,
}

/// An area of the plan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AreaView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// `unit`, `tank-farm`, `fence-line`, `receptor` or `other`.
    pub kind: String,
    /// Its outline.
    pub outline: Vec<PositionView>,
}

/// A device.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnalyzerView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// Its area.
    pub area: String,
    /// Where it stands.
    pub position: PositionView,
    /// Height of the inlet above ground.
    pub height_m: f64,
    /// Its device profile.
    pub profile: String,
    /// `modbus-tcp` or `mqtt`.
    pub protocol: String,
    /// Time between two readings as configured.
    pub poll_ms: u32,
}

/// A channel as configured.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChannelView {
    /// Its id.
    pub id: String,
    /// The device.
    pub analyzer: String,
    /// Its area.
    pub area: String,
    /// The id of a gas, or `wind-speed`, `wind-direction`, `temperature`, `pressure`, `humidity`.
    pub quantity: String,
    /// Whether the quantity is a gas.
    pub is_gas: bool,
    /// `ppm`, `ppb`, `mg/m3`, `%LEL`, `m/s`, `deg`, `degC`, `hPa`, `%RH` …
    pub unit: String,
    /// Lowest value of the measuring range.
    pub range_low: f64,
    /// Highest value of the measuring range.
    pub range_high: f64,
    /// The smallest step the device shows: gives the digits to show.
    pub resolution: f64,
    /// The rules that judge it.
    pub rules: Vec<RuleView>,
}

/// A gas that the site measures.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GasView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// Chemical formula.
    pub formula: String,
    /// CAS registry number.
    pub cas: Option<String>,
    /// HJ 212 factor code.
    pub hj_code: Option<String>,
}

/// Somebody who is told of warnings.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReceiverView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// The lowest tier that is told.
    pub tier_min: TierView,
    /// The areas it is told about; empty means all.
    pub areas: Vec<String>,
    /// Telephone.
    pub phone: Option<String>,
}

/// A site as configured.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SiteView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// Local time: seconds east of UTC.
    pub utc_offset_s: i32,
    /// The tiers it uses, rising.
    pub tiers: Vec<TierView>,
    /// Its areas.
    pub areas: Vec<AreaView>,
    /// Its analyzers.
    pub analyzers: Vec<AnalyzerView>,
    /// Its channels.
    pub channels: Vec<ChannelView>,
    /// Its gases.
    pub gases: Vec<GasView>,
    /// Who is told.
    pub receivers: Vec<ReceiverView>,
    /// Whether this is the simulated park of `siskin demo`: the page must say so at all times.
    pub simulated: bool,
}

/// The latest reading of a channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChannelValue {
    /// The channel.
    pub channel: String,
    /// When the latest reading was measured; none while there has been none.
    pub measured_at: Option<String>,
    /// When it was received.
    pub received_at: Option<String>,
    /// Its number; none where there is none, and then `quality` says why.
    pub value: Option<f64>,
    /// What is known about it; none while there has been no reading.
    pub quality: Option<QualityView>,
    /// The highest tier of the gas alarms that are active on the channel.
    pub tier: Option<TierView>,
    /// Whether its no-data alarm is active.
    pub no_data: bool,
}

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
}

/// State of a warning, after ISA-18.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the words of siskin_model::WarningState")]
pub enum WarningStateView {
    ActiveUnacknowledged,
    ActiveAcknowledged,
    ReturnedUnacknowledged,
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
    /// The highest tier of its active alarms; after their end the last one.
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
    /// Name of the person, 1 to 64 characters.
    pub by: String,
    /// A note, at most 1,000 characters.
    #[serde(default)]
    pub note: String,
    /// The tier the person saw. When the warning has risen above it meanwhile, nothing is
    /// acknowledged (409), so that nobody acknowledges red believing that it is orange.
    #[serde(default)]
    pub tier: Option<TierView>,
}

/// One point of a trend: a single reading, or several that share a time slice.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PointView {
    /// Moment of the reading, or begin of the slice, in milliseconds since 1970 (UTC).
    pub at_ms: i64,
    /// Lowest value; none where no reading of the slice has a number.
    pub min: Option<f64>,
    /// Highest value: a peak never disappears by thinning.
    pub max: Option<f64>,
    /// Mean value.
    pub mean: Option<f64>,
    /// How many readings.
    pub count: u32,
    /// The worst quality among them.
    pub quality: QualityView,
}

/// The readings of a channel over a range.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SeriesView {
    /// The channel.
    pub channel: String,
    /// Unit of the values.
    pub unit: String,
    /// Begin of the range, ms since 1970, included.
    pub from_ms: i64,
    /// End of the range, ms since 1970, not included.
    pub to_ms: i64,
    /// Width of a slice in ms; none where the points are single readings.
    pub slice_ms: Option<i64>,
    /// The points in order of time.
    pub points: Vec<PointView>,
}

/// Which part of a channel's history is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SeriesQuery {
    /// Begin, ms since 1970 (UTC), included.
    pub from_ms: i64,
    /// End, ms since 1970 (UTC), not included.
    pub to_ms: i64,
    /// At most this many points (1 to 5,000; 1,000 where not given); more are put into slices.
    pub points_max: Option<u32>,
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

/// Query of the live stream.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// The `seq` of the last event seen, for clients that cannot set `Last-Event-ID`.
    pub after: Option<u64>,
}

/// Health of one analyzer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnalyzerHealthView {
    /// The analyzer.
    pub analyzer: String,
    /// `unknown`, `online`, `degraded` or `offline`.
    pub link: String,
    /// Since when.
    pub since: String,
    /// When it last gave something usable.
    pub last_ok_at: Option<String>,
    /// The last failure in words.
    pub last_error: Option<String>,
    /// The same for a Chinese reader.
    pub last_error_zh: Option<String>,
    /// Exchanges that gave readings.
    pub exchanges_ok: u64,
    /// Exchanges that failed.
    pub exchanges_failed: u64,
    /// Times the connection was opened.
    pub connects: u64,
    /// Points or payload parts that were refused.
    pub refused: u64,
    /// Polls that were left out because the one before them took too long.
    pub polls_late: u64,
}

/// What has been counted since the start: nothing is dropped without a number here.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct CountersView {
    /// Readings stored.
    pub readings: u64,
    /// Readings older than the channel's latest: stored, not judged.
    pub late: u64,
    /// Readings that repeat a stamp already seen: not judged again.
    pub duplicates: u64,
    /// Readings stamped too far in the future: set aside.
    pub quarantined: u64,
    /// Payload parts or points that could not be read.
    pub refused: u64,
    /// Events written to the ledger.
    pub events: u64,
    /// Batches of stored readings that were found damaged and moved aside.
    pub damaged: u64,
}

/// How the station is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HealthView {
    /// `ok`; `degraded` while an analyzer is not online, a no-data alarm is
    /// active or stored readings were found damaged; `failed`
    /// while readings or warnings cannot be put on disk.
    pub status: String,
    /// The station's clock.
    pub now: String,
    /// When it started.
    pub started_at: String,
    /// Version of the program.
    pub version: String,
    /// Place of the newest event in the ledger.
    pub seq: u64,
    /// Health of every analyzer.
    pub analyzers: Vec<AnalyzerHealthView>,
    /// What has been counted.
    pub counters: CountersView,
    /// Why readings or warnings cannot be put on disk; none while they can.
    pub storage_error: Option<String>,
}

/// First event of the live stream and every second after it: the stream lives.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HeartbeatView {
    /// The station's clock.
    pub now: String,
    /// Place of the newest event in the ledger.
    pub seq: u64,
}

/// RFC 9457 problem document (`application/problem+json`).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A stable name of the kind of problem, for example `/problems/warning-not-found`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What kind of problem it is, in English.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened and what to do, in English.
    pub detail: String,
    /// The same for a Chinese reader.
    pub detail_zh: String,
}
