//! Uplinks: what a bureau's centre (监控中心) is sent by HJ 212, as used (already checked by
//! `siskin-config`), and the record of each message.
//!
//! Nothing here reads a file: passwords and keys are named by the path of their file.

use serde::{Deserialize, Serialize};

use crate::site::{Hj212Crc, Hj212Version, Sm4Fill, Sm4Text};
use crate::{ChannelId, ChannelIndex, Text, Timestamp};

/// What kind of data a message holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UplinkKind {
    /// CN 2011.
    RealTime,
    /// CN 2051.
    Minute,
    /// CN 2061.
    Hour,
    /// CN 2031.
    Day,
}

impl UplinkKind {
    /// All kinds, the shortest first.
    pub const ALL: [Self; 4] = [Self::RealTime, Self::Minute, Self::Hour, Self::Day];

    /// The command of the protocol.
    pub const fn cn(self) -> u16 {
        match self {
            Self::RealTime => 2011,
            Self::Minute => 2051,
            Self::Hour => 2061,
            Self::Day => 2031,
        }
    }

    /// The kind of a command.
    pub fn from_cn(cn: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.cn() == cn)
    }

    /// The name in files, the API and the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RealTime => "real-time",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A bureau that is told by HJ 212.
#[derive(Debug, Clone, PartialEq)]
pub struct Uplink {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Host name or address of its centre.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Which edition is spoken.
    pub version: Hj212Version,
    /// Which checksum is computed.
    pub crc: Hj212Crc,
    /// MN (设备唯一标识), given by the bureau.
    pub mn: String,
    /// ST (系统编码).
    pub st: String,
    /// The file that holds PW.
    pub password_file: String,
    /// How often; a centre may change the first two.
    pub intervals: UplinkIntervals,
    /// Which kinds are sent by themselves.
    pub sends: Vec<UplinkKind>,
    /// How long an answer is waited for and how often a message is sent again.
    pub patience: UplinkPatience,
    /// What is sent of which channel.
    pub factors: Vec<UplinkFactor>,
    /// How long after its end a period is computed: readings may still come.
    pub settle_ms: i64,
    /// The longest age of a message without an answer before people are told.
    pub unanswered_max_ms: i64,
    /// Whether the centre is asked for the time (CN 1013) after each connection.
    pub asks_time: bool,
    /// Whether messages that are sent again carry the mark `RF` (2025, unverified).
    pub marks_resent: bool,
    /// Time between two heartbeats (CN 9015, 2025); none: no heartbeat.
    pub heartbeat_ms: Option<i64>,
    /// How contents are encrypted (2025); none: they are not.
    pub sm4: Option<UplinkSm4>,
}

/// Times between two messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UplinkIntervals {
    /// Real-time data, 30 to 3600 s (RtdInterval).
    pub real_time_s: u32,
    /// Minute data (MinInterval), a divisor of an hour.
    pub minute_min: u32,
}

/// Limits of waiting and sending again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UplinkPatience {
    /// OverTime, 1 to 99 s.
    pub over_time_s: u32,
    /// ReCount, 1 to 99 tries after the first.
    pub re_count: u32,
    /// The first wait before a new connection.
    pub backoff_min_ms: u64,
    /// The longest.
    pub backoff_max_ms: u64,
}

/// The encryption of HJ 212-2025 as it was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UplinkSm4 {
    /// How the ciphertext is written.
    pub text: Sm4Text,
    /// How a content is brought to whole blocks.
    pub fill: Sm4Fill,
    /// The file that holds the key, 32 hex digits.
    pub key_file: String,
}

/// One factor (污染因子).
#[derive(Debug, Clone, PartialEq)]
pub struct UplinkFactor {
    /// The channel it is measured by.
    pub channel: ChannelIndex,
    /// The channel's id, which is what the book keeps.
    pub channel_id: ChannelId,
    /// Its code, for example `a21028`.
    pub code: String,
    /// What the bureau is told it is in.
    pub unit: String,
    /// The channel's value times this is the value in `unit`.
    pub factor: f64,
    /// Digits behind the point.
    pub decimals: u8,
    /// The end of the measuring range in the channel's unit: what a reading above it is at least.
    pub range_high: f64,
    /// Time between two readings.
    pub poll_ms: u32,
    /// Whether it is an angle, whose mean is that of directions and not of numbers.
    pub is_direction: bool,
    /// The valid mean times hours times this is the total (`Cou`); none: no total is sent.
    pub cou_per_h: Option<f64>,
    /// The serial number that CN 3019 is answered with.
    pub serial: Option<String>,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UplinkState {
    /// On disk, not sent yet.
    Queued,
    /// Sent, without an answer.
    Sent,
    /// The centre has answered that it has it.
    Accepted,
    /// Given up, with a cause.
    Failed,
}

impl UplinkState {
    /// All states in order.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::Accepted, Self::Failed];

    /// The name in the API and the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
        }
    }

    /// The state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// Why a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UplinkCause {
    /// Its time has come.
    Due,
    /// The centre asked for it.
    Asked,
}

/// A message before it has a number: a packet without head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UplinkDraft {
    /// Its kind.
    pub kind: UplinkKind,
    /// Why it is sent.
    pub cause: UplinkCause,
    /// Which moment or which period's begin it tells of.
    pub data_time: Timestamp,
    /// How many parts the upload has and which one this is; (1, 1): it is whole.
    pub part: (u16, u16),
    /// The content (CP) without its `&&`, in the open.
    pub cp: String,
}

/// A message as the book keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UplinkMessage {
    /// Its number.
    pub id: i64,
    /// Its QN as a moment; no two messages of a bureau have the same.
    pub qn: Timestamp,
    /// What it says.
    pub draft: UplinkDraft,
    /// How far it has come.
    pub state: UplinkState,
    /// How often it was sent.
    pub tries: u32,
    /// When it was put on disk.
    pub queued_at: Timestamp,
    /// When it was sent last.
    pub sent_at: Option<Timestamp>,
    /// When it was answered or given up.
    pub ended_at: Option<Timestamp>,
    /// The answer, or why it was given up.
    pub answer: Option<String>,
}

/// Up to where the messages of a kind are in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UplinkCursor {
    /// Of which kind.
    pub kind: UplinkKind,
    /// Periods that end here or before it have their messages.
    pub upto: Timestamp,
    /// Periods that were passed over now: too many had gathered.
    pub skipped: u64,
}

/// How the messages of a bureau are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UplinkSummary {
    /// Messages without an answer.
    pub open: u64,
    /// Real-time data among them.
    pub open_real_time: u64,
    /// Since when the oldest of them is in the book.
    pub oldest_open_at: Option<Timestamp>,
    /// When the newest answer came.
    pub accepted_at: Option<Timestamp>,
    /// Messages that were accepted, ever.
    pub accepted: u64,
    /// Messages that were given up, ever.
    pub failed: u64,
    /// Periods that were passed over.
    pub skipped: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_commands_go_there_and_back() {
        for kind in UplinkKind::ALL {
            assert_eq!(UplinkKind::from_cn(kind.cn()), Some(kind));
            assert_eq!(UplinkKind::from_name(kind.as_str()), Some(kind));
        }
        for state in UplinkState::ALL {
            assert_eq!(UplinkState::from_name(state.as_str()), Some(state));
        }
        assert_eq!(UplinkKind::from_cn(2012), None);
        assert_eq!(UplinkState::from_name("read"), None);
    }
}
