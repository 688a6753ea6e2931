//! HJ 212 uplinks: how each bureau is reached, and the record of each message.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::words::TextView;

/// How the uplink to a bureau is. Counters without a word are since the station started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UplinkView {
    /// Its id in the site.
    pub uplink: String,
    /// The bureau's name.
    pub name: TextView,
    /// Host and port of its centre.
    pub address: String,
    /// The edition of HJ 212: `2005`, `2017` or `2025`.
    pub version: String,
    /// The station's MN there.
    pub mn: String,
    /// `idle`, `connecting`, `connected` or `waiting`.
    pub link: String,
    /// Since when it is so.
    pub since: String,
    /// Why the last connection ended or was not made.
    pub last_error: Option<TextView>,
    /// When the centre last accepted a message.
    pub last_accepted_at: Option<String>,
    /// Since when the oldest message without an answer waits.
    pub oldest_unanswered_at: Option<String>,
    /// Messages without an answer.
    pub unanswered: u64,
    /// Messages that were accepted, ever.
    pub accepted: u64,
    /// Messages that were given up, ever.
    pub failed: u64,
    /// Periods that were too old to be sent by themselves, ever.
    pub periods_skipped: u64,
    /// Connections that were made.
    pub connections: u64,
    /// Answers that fit no message.
    pub answers_wrong: u64,
    /// Answers to what was answered already.
    pub answers_again: u64,
    /// Frames that could not be read or had a wrong checksum.
    pub frames_bad: u64,
    /// Commands of the centre that were taken.
    pub commands: u64,
    /// Commands that were refused.
    pub commands_refused: u64,
    /// The last one that was refused, and why.
    pub last_refused: Option<TextView>,
    /// The centre's clock minus the station's, as the centre last said it (CN 1012).
    pub clock_off_ms: Option<i64>,
    /// Seconds between real-time data.
    pub real_time_s: u32,
    /// Minutes of a period of 2051.
    pub minute_min: u32,
    /// How long an answer is waited for, in seconds.
    pub over_time_s: u32,
    /// How often a message is sent again on one connection.
    pub re_count: u32,
    /// Whether the centre has stopped real-time data (CN 2012).
    pub real_time_stopped: bool,
    /// What the centre has set, by key.
    pub set_by_centre: Vec<String>,
    /// What people must know.
    pub notices: Vec<TextView>,
}

/// A message to a bureau and what became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UplinkMessageView {
    /// Its number.
    pub id: i64,
    /// Its QN; the same however often it is sent.
    pub qn: String,
    /// `real-time`, `minute`, `hour` or `day`.
    pub kind: String,
    /// Whether the centre asked for it.
    pub asked: bool,
    /// The moment, or the begin of the period, that it tells of.
    pub data_time: String,
    /// Parts of its upload.
    pub parts: u16,
    /// Which of them it is, from 1.
    pub part: u16,
    /// Its content (CP), in the open.
    pub content: String,
    /// `queued`, `sent`, `accepted` or `failed`.
    pub state: String,
    /// How often it was sent.
    pub tries: u32,
    /// When it was put on disk.
    pub queued_at: String,
    /// When it was sent last.
    pub sent_at: Option<String>,
    /// When it was answered or given up.
    pub ended_at: Option<String>,
    /// The command of the answer, or why it was given up.
    pub answer: Option<String>,
}

/// A state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UplinkStateView {
    /// On disk, not sent yet.
    Queued,
    /// Sent, without an answer.
    Sent,
    /// Answered.
    Accepted,
    /// Given up.
    Failed,
}

/// Which messages.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UplinkMessagesQuery {
    /// Only those of one state.
    #[param(inline)]
    pub state: Option<UplinkStateView>,
    /// Only those before this number: the last one of the page before.
    pub before: Option<i64>,
    /// At most this many, 1 to 1,000 (default 100).
    pub limit: Option<u32>,
}
