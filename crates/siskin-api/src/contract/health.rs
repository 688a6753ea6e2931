//! How the station is, the heartbeat of the live stream, and problem documents.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::audit::AuditHealthView;
use super::devices::MaintenanceHealthView;
use super::messages::MessagesHealthView;
use super::proof::ProofView;
use super::words::TextView;

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
    /// Payload parts or points that could not be read, and what is `dropped`.
    pub refused: u64,
    /// Readings that were judged and given up, because the disk failed for too long.
    pub dropped: u64,
    /// Events written to the ledger.
    pub events: u64,
    /// Batches of stored readings, and hours of a channel, that were found damaged.
    pub damaged: u64,
}

/// How the station is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HealthView {
    /// `ok`; `degraded` while an analyzer is not online, a no-data alarm is active, stored readings
    /// were found damaged, changed rules were refused, a mirror is not written to, warnings open no
    /// incidents (`failure` in `/incidents`), a message was not accepted in time or given up, an
    /// uplink to a bureau has a notice, the system's clock was set back, the audit cannot be
    /// signed, or the station's certificate is expired, about to expire, not valid yet or was
    /// refused; `failed` while readings or warnings cannot be put on disk, or the self-proof does
    /// not come through.
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
    /// How far the station's clock runs ahead of the system's, after that one was set back; 0
    /// otherwise. The station's clock never goes back, so that no reading is taken for a late one.
    pub clock_ahead_ms: i64,
    /// Which rules run.
    pub rules: RulesHealthView,
    /// How the mirrors are, in the order of the site.
    pub mirrors: Vec<MirrorHealthView>,
    /// The certificate of the station's own port; none where it speaks plain HTTP.
    pub certificate: Option<CertificateHealthView>,
    /// Whether the way from the sources to the page is open.
    pub self_proof: ProofView,
    /// How the audit is.
    pub audit: AuditHealthView,
    /// How the messages to bureaus and people are.
    pub messages: MessagesHealthView,
    /// Calibration and maintenance that is due. It is no fault of the station and leaves `status`
    /// as it is.
    pub maintenance: MaintenanceHealthView,
}

/// How a mirror is: the copy of readings and events in another time series database. What is
/// counted is counted since the start of the station unless it says otherwise.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct MirrorHealthView {
    /// Its name.
    pub mirror: String,
    /// `starting`, `ok`, `retrying` or `blocked` (somebody must act: a wrong token, or a target
    /// that refuses everything).
    pub state: String,
    /// The newest failure; it stays once all is well.
    pub last_error: Option<String>,
    /// Requests that failed.
    pub failures: u64,
    /// Those of them since the target last decided on a request; 0 while it is written to.
    pub failures_in_a_row: u64,
    /// Times the mirror broke and was started again.
    pub restarts: u64,
    /// Readings delivered, repeats too.
    pub readings: u64,
    /// Events delivered.
    pub events: u64,
    /// Lines the target accepted: one for each reading or event.
    pub lines_accepted: u64,
    /// Lines the target refused since it was first written to.
    pub refused: u64,
    /// Those of them that are kept in `mirror.db`.
    pub refused_kept: u64,
    /// Requests of which the target dropped what is older than it keeps.
    pub requests_too_old: u64,
    /// Stored chunks and batches that are damaged and were passed over.
    pub damaged: u64,
    /// Batches that the target does not have yet; a batch is about what came in one second.
    pub batches_behind: u64,
    /// Chunks that it does not have yet, counted up to 100,000; a chunk is one hour of one channel.
    pub chunks_behind: u64,
    /// Age of the oldest reading that it does not have, by when that was received; 0 where it has
    /// all. Where that lies in a chunk, it may be said up to an hour too old.
    pub oldest_waiting_ms: u64,
    /// When it last took something, also before the start, or was begun with; none before that.
    pub written_at: Option<String>,
    /// Days (UTC) of which readings were deleted before it had them.
    pub missed_days: u64,
    /// What a person must know of readings it misses; none where it misses none.
    pub note: Option<TextView>,
    /// When the newest reading that it has was received.
    pub newest_received_at: Option<String>,
    /// When it last had everything.
    pub complete_at: Option<String>,
}

/// The certificate that browsers and edge gateways are shown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CertificateHealthView {
    /// Until when it and its chain are valid.
    pub expires_at: String,
    /// `good`, `expires-soon` (within 30 days), `expired` or `not-yet-valid`. While it is one of
    /// the last two, edge gateways and browsers refuse it.
    pub standing: String,
    /// What is wrong with it and what to do; none while it is good.
    pub note: Option<TextView>,
    /// Why newer files were refused; none where they were not. The certificate above goes on.
    pub refused: Option<CertificateRefusedView>,
}

/// Files of a certificate that were refused.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CertificateRefusedView {
    /// Since when.
    pub at: String,
    /// What happened and what to do.
    pub text: TextView,
}

/// Which rules run, and what became of the newest try to change them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RulesHealthView {
    /// The version that runs.
    pub version: u64,
    /// What led to it, as in RuleVersionView.
    pub source: String,
    /// Whether it is not the set of the site's folder: it was promoted, or gone back to.
    pub differs_from_site: bool,
    /// Why the newest change was refused; none where it was not. The version above goes on.
    pub refused: Option<RulesRefusedView>,
    /// Files whose change takes effect only after a restart.
    pub restart_needed: Vec<String>,
    /// The shadow set; none where none runs.
    pub shadow: Option<ShadowHealthView>,
}

/// Changed rules that were refused.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RulesRefusedView {
    /// When.
    pub at: String,
    /// What led to the try, as in RuleVersionView.
    pub source: String,
    /// What happened and what to do.
    pub text: TextView,
    /// Every problem with its file, line and hint.
    pub report: String,
}

/// How a shadow set goes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ShadowHealthView {
    /// Its number.
    pub number: u64,
    /// Groups of readings it was given.
    pub groups: u64,
    /// Groups that it was too slow for. Then it may say otherwise than it would.
    pub groups_dropped: u64,
    /// Begins and ends of alarms that were not kept, because there were too many.
    pub events_dropped: u64,
    /// Late readings that it did not judge.
    pub late: u64,
    /// Why it stopped; none while it runs.
    pub failure: Option<String>,
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
    /// Where rules have problems: each with its file, line and hint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    /// Ids of the fields of a report that are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
}
