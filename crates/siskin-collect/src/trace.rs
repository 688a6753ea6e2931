//! What was heard last of a device, how steadily it answers and what its clock says: for people
//! who look at it.
//!
//! One frame a device, cut at [`FRAME_BYTES_MAX`]; a newer one takes its place. Must never hold a
//! password, and never feed a channel.

use std::collections::BTreeMap;
use std::sync::Arc;

use siskin_model::Timestamp;
use siskin_wire::modbus::{Answer, Request};

use crate::health::HealthCell;

/// The most bytes that are kept of a frame. What goes beyond it is left out and said.
pub const FRAME_BYTES_MAX: usize = 4096;
/// What stands in the place of a password.
const MASK: &str = "******";
/// A jitter's newest step counts one part of so many, as RFC 3550 has it.
const JITTER_PARTS: i64 = 16;

/// A frame as it came.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// The requests of a poll with their answers.
    Modbus(Vec<(Request, Answer)>),
    /// A message of a broker.
    Message {
        /// On which topic.
        topic: String,
        /// Its first bytes.
        payload: Vec<u8>,
    },
    /// The data segment of an HJ 212 packet, its passwords masked: the checksum of the packet does
    /// not fit it.
    Hj212(String),
}

/// What was heard last.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// When, by the station's clock.
    pub at: Timestamp,
    /// As much of it as is kept.
    pub frame: Frame,
    /// How many bytes it had.
    pub bytes: usize,
}

/// A device's clock, where its protocol says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceClock {
    /// When it was heard.
    pub at: Timestamp,
    /// The device's time minus the station's. The way of the message is in it.
    pub skew_ms: i64,
}

/// What is known of a device besides its health.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// The last frame.
    pub last: Option<Arc<Heard>>,
    /// Its clock.
    pub clock: Option<DeviceClock>,
    /// Exchanges to which nobody answered, and lines that broke.
    pub unanswered: u64,
    /// Answers that were of no use as a whole: exceptions, damage, a heartbeat that stands still.
    pub unusable: u64,
    pace: Pace,
}

impl Trace {
    /// The time between the last two usable answers.
    pub fn interval_ms(&self) -> Option<i64> {
        self.pace.interval_ms
    }

    /// How much that time differs from one answer to the next: the running mean of RFC 3550. None
    /// before three answers in a row.
    pub fn jitter_ms(&self) -> Option<i64> {
        self.pace.jitter_parts.map(|parts| parts / JITTER_PARTS)
    }

    pub(crate) fn answered(&mut self, now: Timestamp) {
        self.pace.answered(now);
    }

    pub(crate) fn failed(&mut self, is_unanswered: bool) {
        if is_unanswered {
            self.unanswered += 1;
        } else {
            self.unusable += 1;
        }
        // An outage is no unsteady answer.
        self.pace.answered_at = None;
        self.pace.interval_ms = None;
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Pace {
    answered_at: Option<Timestamp>,
    interval_ms: Option<i64>,
    jitter_parts: Option<i64>,
}

impl Pace {
    fn answered(&mut self, now: Timestamp) {
        let Some(before) = self.answered_at.replace(now) else {
            return;
        };
        let interval_ms = now.since_ms(before).max(0);
        let Some(last_ms) = self.interval_ms.replace(interval_ms) else {
            return;
        };
        let step_ms = interval_ms.abs_diff(last_ms).try_into().unwrap_or(i64::MAX / JITTER_PARTS);
        self.jitter_parts = Some(match self.jitter_parts {
            None => step_ms * JITTER_PARTS,
            Some(parts) => parts + step_ms - (parts + JITTER_PARTS / 2) / JITTER_PARTS,
        });
    }
}

impl Heard {
    /// The answers of a poll; those beyond the limit are left out.
    pub(crate) fn poll(at: Timestamp, asked: &[Request], answers: Vec<Answer>) -> Self {
        let (mut bytes, mut kept) = (0, Vec::with_capacity(answers.len()));
        for (request, answer) in asked.iter().zip(answers) {
            bytes += match &answer {
                Answer::Registers(words) => words.len() * 2,
                Answer::Bits(bits) => bits.len().div_ceil(8),
                Answer::Nothing(_) => 0,
            };
            if bytes <= FRAME_BYTES_MAX {
                kept.push((*request, answer));
            }
        }
        Self { at, frame: Frame::Modbus(kept), bytes }
    }

    pub(crate) fn message(at: Timestamp, topic: &str, payload: &[u8]) -> Self {
        let kept = payload.get(..FRAME_BYTES_MAX).unwrap_or(payload).to_vec();
        let frame = Frame::Message { topic: topic.to_owned(), payload: kept };
        Self { at, frame, bytes: payload.len() }
    }

    pub(crate) fn packet(at: Timestamp, data: &[u8]) -> Self {
        let mut text = masked(&String::from_utf8_lossy(data));
        text.truncate(text.floor_char_boundary(FRAME_BYTES_MAX));
        Self { at, frame: Frame::Hj212(text), bytes: data.len() }
    }

    /// Whether something of it was left out.
    pub fn is_cut(&self) -> bool {
        self.bytes > FRAME_BYTES_MAX
    }
}

/// A data segment without the value of any field whose name ends in `PW`.
fn masked(data: &str) -> String {
    // Of the same length in bytes, so that places in it are places in `data`.
    let upper = data.to_ascii_uppercase();
    let (mut out, mut from) = (String::with_capacity(data.len()), 0);
    while let Some(found) = upper.get(from..).and_then(|rest| rest.find("PW=")) {
        let value = from + found + "PW=".len();
        out.push_str(data.get(from..value).unwrap_or_default());
        out.push_str(MASK);
        let rest = data.get(value..).unwrap_or_default();
        from = value + rest.find([';', ',', '&']).unwrap_or(rest.len());
    }
    out.push_str(data.get(from..).unwrap_or_default());
    out
}

/// The traces of the analyzers that are read here, by their place in the site.
#[derive(Debug, Clone, Default)]
pub struct Traces(Arc<BTreeMap<usize, HealthCell>>);

impl Traces {
    pub(crate) fn new(cells: BTreeMap<usize, HealthCell>) -> Self {
        Self(Arc::new(cells))
    }

    /// The trace of the analyzer at `place`; none where a gateway reads it.
    pub fn of(&self, place: usize) -> Option<Trace> {
        self.0.get(&place).map(HealthCell::trace)
    }
}

#[cfg(test)]
mod tests {
    use siskin_wire::profile::ReadFunction;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn no_password_is_kept() {
        let check = |data: &str, expected: &str| assert_eq!(masked(data), expected);
        check("ST=31;PW=123456;MN=88;CP=&&&&", "ST=31;PW=******;MN=88;CP=&&&&");
        check("PW=123456", "PW=******");
        check("ST=31;CN=1072;pw=a;CP=&&NewPW=b&&", "ST=31;CN=1072;pw=******;CP=&&NewPW=******&&");
        check("测=1;PW=密码;甲=2", "测=1;PW=******;甲=2");
        check("ST=31;MN=88", "ST=31;MN=88");
        let long = format!("PW=123456;{}", "甲".repeat(FRAME_BYTES_MAX));
        let heard = Heard::packet(at(1), long.as_bytes());
        let Frame::Hj212(kept) = &heard.frame else { panic!("{heard:?}") };
        assert!(kept.len() <= FRAME_BYTES_MAX && kept.starts_with("PW=******;甲"));
        assert!(heard.is_cut());
    }

    #[test]
    fn a_frame_is_kept_up_to_its_limit() {
        let message = |bytes: usize| Heard::message(at(1), "t", &vec![7; bytes]);
        for (bytes, kept) in [(0, 0), (FRAME_BYTES_MAX, FRAME_BYTES_MAX), (9_999, FRAME_BYTES_MAX)]
        {
            let heard = message(bytes);
            let Frame::Message { payload, .. } = &heard.frame else { panic!("{heard:?}") };
            assert_eq!((payload.len(), heard.bytes), (kept, bytes));
            assert_eq!(heard.is_cut(), bytes > kept);
        }
        let asked = Request { fc: ReadFunction::HoldingRegisters, addr: 0, len: 125 };
        let answers = vec![Answer::Registers(vec![1; 125]); 20];
        let heard = Heard::poll(at(1), &[asked; 20], answers);
        let Frame::Modbus(kept) = &heard.frame else { panic!("{heard:?}") };
        assert_eq!((kept.len(), heard.bytes, heard.is_cut()), (16, 5_000, true));
    }

    /// Answers at these moments; the last interval and the jitter. A negative one is a failure.
    fn check(moments: &[i64], interval_ms: Option<i64>, jitter_ms: Option<i64>) {
        let mut trace = Trace::default();
        for ms in moments {
            if *ms < 0 {
                trace.failed(true);
            } else {
                trace.answered(at(*ms));
            }
        }
        assert_eq!(
            (trace.interval_ms(), trace.jitter_ms()),
            (interval_ms, jitter_ms),
            "{moments:?}"
        );
    }

    #[test]
    fn jitter_is_the_mean_change_of_the_interval_and_no_outage() {
        check(&[], None, None);
        check(&[0], None, None);
        check(&[0, 1_000], Some(1_000), None);
        check(&[0, 1_000, 2_000, 3_000], Some(1_000), Some(0));
        check(&[0, 1_000, 2_160], Some(1_160), Some(160));
        let steady: Vec<i64> =
            [0, 1_000, 2_160].into_iter().chain((1..200).map(|s| 2_160 + s * 1_000)).collect();
        check(&steady, Some(1_000), Some(0));
        check(&[0, 1_000, 2_000, -1, 60_000], None, Some(0));
        check(&[0, 1_000, 2_000, -1, 60_000, 61_000], Some(1_000), Some(0));
        // A clock that is set back.
        check(&[1_000, 0], Some(0), None);
    }
}
