//! How an uplink is, for people.

use siskin_model::uplink::{Uplink, UplinkIntervals, UplinkPatience, UplinkSummary};
use siskin_model::{Text, Timestamp};

/// A clock that is off by more is told.
pub(crate) const CLOCK_OFF_MAX_MS: i64 = 5000;

/// How the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UplinkLink {
    /// Not begun.
    Idle,
    /// Being made.
    Connecting,
    /// Open.
    Connected,
    /// Waiting before the next try.
    Waiting,
}

impl UplinkLink {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Waiting => "waiting",
        }
    }
}

/// How an uplink is; counters are since the station started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UplinkStatus {
    /// The connection.
    pub link: UplinkLink,
    /// Since when it is so.
    pub since: Timestamp,
    /// Why the last connection ended or was not made.
    pub last_error: Option<Text>,
    /// Why the station itself could not do its part: a disk, a secret.
    pub broken: Option<Text>,
    /// Connections that were made.
    pub connections: u64,
    /// Answers that fit no message.
    pub answers_wrong: u64,
    /// Answers to what was answered already.
    pub answers_again: u64,
    /// Bytes or frames that could not be read, or had a wrong checksum.
    pub frames_bad: u64,
    /// Commands that were carried out.
    pub commands: u64,
    /// Commands that were refused.
    pub commands_refused: u64,
    /// The last one, and why.
    pub last_refused: Option<Text>,
    /// What it last refused of what was sent, and why; none once it accepts again.
    pub refused: Option<Text>,
    /// The centre's clock minus the station's, as the centre last said.
    pub clock_off_ms: Option<i64>,
    /// Intervals that count.
    pub intervals: UplinkIntervals,
    /// Patience that counts.
    pub patience: UplinkPatience,
    /// Whether the centre has stopped real-time data.
    pub real_time_stopped: bool,
    /// What the centre has set, by key.
    pub set_by_centre: Vec<String>,
    /// The book's counts; none where it cannot be read.
    pub summary: Option<UplinkSummary>,
}

impl UplinkStatus {
    pub(crate) fn new(uplink: &Uplink, now: Timestamp) -> Self {
        Self {
            link: UplinkLink::Idle,
            since: now,
            last_error: None,
            broken: None,
            connections: 0,
            answers_wrong: 0,
            answers_again: 0,
            frames_bad: 0,
            commands: 0,
            commands_refused: 0,
            last_refused: None,
            refused: None,
            clock_off_ms: None,
            intervals: uplink.intervals,
            patience: uplink.patience,
            real_time_stopped: false,
            set_by_centre: Vec::new(),
            summary: None,
        }
    }

    pub(crate) fn linked(&mut self, link: UplinkLink, now: Timestamp) {
        if self.link != link {
            self.link = link;
            self.since = now;
        }
    }
}

/// How long the oldest message has waited for its answer.
pub(crate) fn unanswered_ms(status: &UplinkStatus, now: Timestamp) -> i64 {
    let oldest = status.summary.as_ref().and_then(|summary| summary.oldest_open_at);
    oldest.map_or(0, |at| now.since_ms(at))
}

pub(crate) fn notices(uplink: &Uplink, status: &UplinkStatus, now: Timestamp) -> Vec<Text> {
    let (zh, en) = (&uplink.name.zh, &uplink.name.en);
    let mut all = Vec::new();
    if let Some(broken) = &status.broken {
        all.push(Text::new(
            format!("上传“{zh}”无法运行：{}", broken.zh),
            format!("the uplink to {en} cannot run: {}", broken.en),
        ));
    }
    if let Some(refused) = &status.refused {
        all.push(Text::new(format!("“{zh}”：{}", refused.zh), format!("{en}: {}", refused.en)));
    }
    let waited_ms = unanswered_ms(status, now);
    if waited_ms > uplink.unanswered_max_ms {
        let minutes = waited_ms / 60_000;
        let open = status.summary.as_ref().map_or(0, |summary| summary.open);
        let (why_zh, why) = status.last_error.as_ref().map_or_else(
            || ("对方未应答".to_owned(), "it does not answer".to_owned()),
            |error| (error.zh.clone(), error.en.clone()),
        );
        all.push(Text::new(
            format!("“{zh}”已 {minutes} min 未应答，{open} 条报文待补传：{why_zh}"),
            format!("{en} has not answered for {minutes} min, {open} messages wait: {why}"),
        ));
    }
    if let Some(off_ms) = status.clock_off_ms.filter(|off| off.abs() > CLOCK_OFF_MAX_MS) {
        let seconds = off_ms.abs() / 1000;
        let (side_zh, side) = if off_ms > 0 { ("慢", "behind") } else { ("快", "ahead of") };
        all.push(Text::new(
            format!("本站时钟比“{zh}”{side_zh} {seconds} s；本系统不自行校时，请核对时钟和 NTP"),
            format!(
                "the station's clock is {seconds} s {side} that of {en}; \
                 hint: Siskin sets no clock, check it and its time server"
            ),
        ));
    }
    if status.real_time_stopped {
        all.push(Text::new(
            format!("“{zh}”已用 2012 命令停止实时数据上传"),
            format!("{en} has stopped real-time data by the command 2012"),
        ));
    }
    if let Some(summary) = status.summary.as_ref().filter(|summary| summary.skipped > 0) {
        let skipped = summary.skipped;
        all.push(Text::new(
            format!("“{zh}”有 {skipped} 个时段积压过久未自动上传，可由对方按时段索取"),
            format!(
                "{skipped} periods were too old to be sent to {en} by themselves; \
                 hint: its centre may ask for them"
            ),
        ));
    }
    all
}
