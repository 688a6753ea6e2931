//! The link between an edge and its station: frames as bytes.
//!
//! One WebSocket message is one frame. Data frames carry a batch of readings in compressed columns,
//! exact to the bit; the others are rare and small and are JSON, so that a recording of a link can
//! be read by a person. Bytes come from another machine: every count has a limit, nothing is
//! believed before it is checked, and a value that is not a finite number is refused (invariant 9).
//! Must never change what a batch says: the spool keeps the very bytes that are sent.
//!
//! [`columns`] packs readings, [`ranges`] holds which batches are committed.

pub mod columns;
pub mod ranges;

use serde::{Deserialize, Serialize};
use siskin_model::{
    AnalyzerHealth, AnalyzerId, ChannelId, Edge, RuleId, Text, Tier, Timestamp, WarningId,
};

pub use columns::Row;
pub use ranges::{SeqRange, SeqSet};

/// The version of the link that is spoken here.
pub const VERSION: u16 = 2;
/// The largest frame, in bytes; a longer message is refused unread.
pub const FRAME_BYTES_MAX: usize = 1 << 20;
/// The most readings of a batch.
pub const ROWS_MAX: usize = 16_384;
/// The most channels an edge can ever have spooled.
pub const CHANNELS_MAX: usize = 8_192;
/// The most ranges that are told in one frame.
pub const RANGES_MAX: usize = 1_024;
/// The most analyzers in one health frame; more are told in several.
pub const ANALYZERS_MAX: usize = 256;
/// The longest name or cause, in bytes.
pub const TEXT_BYTES_MAX: usize = 256;

const KIND_JSON: u8 = 1;
const KIND_DATA: u8 = 2;

/// Why bytes are no frame, or a frame cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Nothing.
    #[error("frame: no bytes; hint: a frame begins with its kind, 1 or 2")]
    Empty,
    /// A kind that is not known.
    #[error("frame: kind `{0}` is not 1 or 2; hint: is the other side a newer version?")]
    Kind(u8),
    /// More than a limit allows.
    #[error("frame: {what} is `{found}`, at most {most}; hint: this is not from a Siskin edge")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much.
        found: usize,
        /// The limit.
        most: usize,
    },
    /// The frame ends before its field does, or the field makes no sense.
    #[error("frame: `{0}` is cut off or impossible; hint: the bytes were damaged on the way")]
    Field(&'static str),
    /// A column that cannot be unpacked or packed.
    #[error("frame: column `{column}`: {why}; hint: the bytes were damaged on the way")]
    Column {
        /// Which.
        column: &'static str,
        /// Why.
        why: String,
    },
    /// JSON that is not a frame.
    #[error("frame: {0}; hint: is the other side a newer version?")]
    Json(String),
}

/// Which of the two ways a batch goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lane {
    /// Just measured: before everything else.
    Live,
    /// Measured while the line was cut: in the time that live readings leave.
    Backlog,
}

/// One message of the link.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// Edge to station, first.
    Hello(Hello),
    /// Station to edge, the answer to [`Frame::Hello`].
    Welcome(Welcome),
    /// Edge to station: a batch of readings.
    Data(Data),
    /// Station to edge: what is on the station's disk, never what has only been received.
    Ack(Ack),
    /// Edge to station: batches that will never come, or came thinned.
    Gap(Gap),
    /// Station to edge: send these batches again.
    Request(SeqRange),
    /// Edge to station: how its analyzers and its spool are.
    Health(Health),
    /// Both ways: how far the clocks are apart.
    Clock(ClockMark),
    /// Edge to station: what the edge's own watch of the top tier raised or cleared.
    Alarm(EdgeAlarm),
    /// Station to edge: how many gaps and alarms of this session are in the station's ledger.
    Noted(Noted),
}

/// Who speaks and what it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// [`VERSION`] of the edge.
    pub version: u16,
    /// The edge's id in the site.
    pub edge: String,
    /// The site's id.
    pub site: String,
    /// Another one after every start of the edge.
    pub boot_id: String,
    /// The name of the spool, made at random with it: sequence numbers count within one spool. A
    /// new disk has a new spool, and what was committed of the old one says nothing about it.
    pub spool: String,
    /// The edge's clock.
    pub clock_ms: i64,
    /// The channels; [`Row::channel`] is a place here. It only ever grows at its end.
    pub channels: Vec<ChannelId>,
    /// The oldest batch that the spool still holds.
    pub first_seq: u64,
    /// The number that the next batch will get.
    pub next_seq: u64,
}

/// The station lets the edge in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Welcome {
    /// [`VERSION`] of the station.
    pub version: u16,
    /// The station's clock.
    pub clock_ms: i64,
    /// What of this spool is on the station's disk.
    pub committed: Vec<SeqRange>,
}

/// A batch of the spool, as it is on the edge's disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// Its way.
    pub lane: Lane,
    /// Its number in the spool.
    pub seq: u64,
    /// Its readings, packed by [`columns::encode`].
    pub batch: Vec<u8>,
}

impl Data {
    /// The readings.
    pub fn rows(&self) -> Result<Vec<Row>, FrameError> {
        columns::decode(&self.batch)
    }
}

/// What is on the station's disk: everything since the spool began, not only news.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ack {
    /// Rising, apart from each other.
    pub committed: Vec<SeqRange>,
}

/// Why readings will never come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapCause {
    /// The spool reached its limit and its oldest batches were dropped.
    SpoolFull,
    /// The spool reached its limit and these batches were thinned; what is left comes under the
    /// same numbers.
    Thinned,
    /// The edge's disk took nothing; the readings were never numbered. The range is the empty batch
    /// that was spooled in their place as soon as the disk took something.
    DiskFull,
    /// A batch on the edge's disk was damaged.
    Damaged,
}

/// Readings that are lost, and why. Told in every session until it is [`Noted`]; the same range
/// means the same loss, a larger one of the same cause takes the place of those within it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The first batch.
    pub from_seq: u64,
    /// The batch after the last one.
    pub until_seq: u64,
    /// How many readings are lost.
    pub readings: u64,
    /// When the oldest of them was measured.
    pub from_ms: i64,
    /// When the newest of them was measured.
    pub to_ms: i64,
    /// Why.
    pub why: GapCause,
}

/// How the edge is. Told on every change and again after a reconnect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// Its analyzers, those that changed.
    pub analyzers: Vec<AnalyzerReport>,
    /// Its spool.
    pub spool: SpoolReport,
    /// Its siren; none where it has none.
    pub siren: Option<SirenReport>,
}

/// State of an edge's own siren.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SirenReport {
    /// Whether an alarm wants it to sound.
    pub is_wanted: bool,
    /// What the siren said last: sounds or not; none before it was reached.
    pub sounds: Option<bool>,
    /// Since when it is so.
    pub since: Timestamp,
    /// Why it cannot be reached now; none: it can.
    pub failing: Option<Text>,
}

/// Health of one analyzer; the place in [`AnalyzerHealth::analyzer`] is the edge's own and must not
/// be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalyzerReport {
    /// Which.
    pub id: AnalyzerId,
    /// How it is.
    pub health: AnalyzerHealth,
}

/// State of a spool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpoolReport {
    /// The oldest batch held.
    pub first_seq: u64,
    /// The number of the next batch.
    pub next_seq: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// The limit in bytes.
    pub bytes_max: u64,
    /// Readings held.
    pub readings: u64,
    /// Readings dropped at the limit since the spool was made.
    pub dropped: u64,
    /// Readings thinned out at the limit since the spool was made.
    pub thinned: u64,
    /// Why nothing can be written now, in the system's words.
    pub failing: Option<String>,
}

/// A look at both clocks. Who receives one without echo sends it back with its own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockMark {
    /// The sender's clock when it sent this.
    pub sent_ms: i64,
    /// The other's `sent_ms` that is answered; none: an answer is asked for.
    pub echo_ms: Option<i64>,
}

/// A change of an alarm of the edge's own watch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeAlarm {
    /// The id that the station's warning has when nothing else began before it.
    pub warning: WarningId,
    /// The channel.
    pub channel: ChannelId,
    /// The rule.
    pub rule: RuleId,
    /// Its tier.
    pub tier: Tier,
    /// Begin or end.
    pub edge: Edge,
    /// When, in event time.
    pub at: Timestamp,
    /// The value that did it, in the channel's unit.
    pub value: Option<f64>,
}

/// What of this session is in the station's ledger, and settled there: it need not be told again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noted {
    /// How many [`Gap`]s, counted from the session's first one.
    pub gaps: u64,
    /// How many [`EdgeAlarm`]s, counted from the session's first one.
    pub alarms: u64,
}

/// Everything but data, on the wire.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Note {
    Hello(Hello),
    Welcome(Welcome),
    Ack(Ack),
    Gap(Gap),
    Request(SeqRange),
    Health(Health),
    Clock(ClockMark),
    Alarm(EdgeAlarm),
    Noted(Noted),
}

impl Frame {
    /// As the bytes of one message.
    pub fn encode(self) -> Result<Vec<u8>, FrameError> {
        let note = match self {
            Self::Data(data) => return data_bytes(&data),
            Self::Hello(it) => Note::Hello(it),
            Self::Welcome(it) => Note::Welcome(it),
            Self::Ack(it) => Note::Ack(it),
            Self::Gap(it) => Note::Gap(it),
            Self::Request(it) => Note::Request(it),
            Self::Health(it) => Note::Health(it),
            Self::Clock(it) => Note::Clock(it),
            Self::Alarm(it) => Note::Alarm(it),
            Self::Noted(it) => Note::Noted(it),
        };
        check(&note)?;
        let mut out = vec![KIND_JSON];
        serde_json::to_writer(&mut out, &note).map_err(|e| FrameError::Json(e.to_string()))?;
        at_most("length in bytes", out.len(), FRAME_BYTES_MAX)?;
        Ok(out)
    }

    /// From the bytes of one message.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        at_most("length in bytes", bytes.len(), FRAME_BYTES_MAX)?;
        let (kind, rest) = bytes.split_first().ok_or(FrameError::Empty)?;
        match *kind {
            KIND_DATA => read_data(rest).map(Self::Data),
            KIND_JSON => {
                let note: Note =
                    serde_json::from_slice(rest).map_err(|e| FrameError::Json(e.to_string()))?;
                check(&note)?;
                Ok(note.into())
            }
            other => Err(FrameError::Kind(other)),
        }
    }
}

impl From<Note> for Frame {
    fn from(note: Note) -> Self {
        match note {
            Note::Hello(it) => Self::Hello(it),
            Note::Welcome(it) => Self::Welcome(it),
            Note::Ack(it) => Self::Ack(it),
            Note::Gap(it) => Self::Gap(it),
            Note::Request(it) => Self::Request(it),
            Note::Health(it) => Self::Health(it),
            Note::Clock(it) => Self::Clock(it),
            Note::Alarm(it) => Self::Alarm(it),
            Note::Noted(it) => Self::Noted(it),
        }
    }
}

fn data_bytes(data: &Data) -> Result<Vec<u8>, FrameError> {
    let lane = match data.lane {
        Lane::Live => 0,
        Lane::Backlog => 1,
    };
    let mut out = Vec::with_capacity(data.batch.len() + 10);
    out.extend([KIND_DATA, lane]);
    out.extend(data.seq.to_le_bytes());
    out.extend(&data.batch);
    at_most("length in bytes", out.len(), FRAME_BYTES_MAX)?;
    Ok(out)
}

fn read_data(bytes: &[u8]) -> Result<Data, FrameError> {
    let (lane, rest) = bytes.split_first().ok_or(FrameError::Field("lane"))?;
    let lane = match lane {
        0 => Lane::Live,
        1 => Lane::Backlog,
        _ => return Err(FrameError::Field("lane")),
    };
    let (seq, batch) = rest.split_first_chunk::<8>().ok_or(FrameError::Field("seq"))?;
    let seq = u64::from_le_bytes(*seq);
    if seq == u64::MAX {
        // There must be a number after it.
        return Err(FrameError::Field("seq"));
    }
    Ok(Data { lane, seq, batch: batch.to_vec() })
}

fn at_most(what: &'static str, found: usize, most: usize) -> Result<(), FrameError> {
    if found > most { Err(FrameError::TooMany { what, found, most }) } else { Ok(()) }
}

fn check(note: &Note) -> Result<(), FrameError> {
    match note {
        Note::Hello(hello) => {
            at_most("number of channels", hello.channels.len(), CHANNELS_MAX)?;
            let names = [&hello.edge, &hello.site, &hello.boot_id, &hello.spool];
            let longest = names.into_iter().map(String::len).max().unwrap_or(0);
            at_most("length of a name", longest, TEXT_BYTES_MAX)?;
            if hello.first_seq > hello.next_seq {
                return Err(FrameError::Field("first_seq"));
            }
            Ok(())
        }
        Note::Welcome(welcome) => check_ranges(&welcome.committed),
        Note::Ack(ack) => check_ranges(&ack.committed),
        Note::Gap(gap) if gap.from_seq > gap.until_seq => Err(FrameError::Field("from_seq")),
        Note::Request(range) => check_ranges(&[*range]),
        Note::Health(health) => {
            at_most("number of analyzers", health.analyzers.len(), ANALYZERS_MAX)
        }
        Note::Gap(_) | Note::Clock(_) | Note::Alarm(_) | Note::Noted(_) => Ok(()),
    }
}

/// Rising, apart from each other, none empty.
fn check_ranges(ranges: &[SeqRange]) -> Result<(), FrameError> {
    at_most("number of ranges", ranges.len(), RANGES_MAX)?;
    let sound = ranges.iter().all(|r| r.from < r.until);
    let rising = ranges.iter().zip(ranges.iter().skip(1)).all(|(a, b)| a.until < b.from);
    if sound && rising { Ok(()) } else { Err(FrameError::Field("ranges")) }
}

#[cfg(test)]
mod tests;
