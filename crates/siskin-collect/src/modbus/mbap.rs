//! Modbus TCP frames. An answer is known by its transaction id, which no two requests of a line
//! share, not even over several connections. Text between frames (a DTU's heartbeat) is left out.

use siskin_wire::modbus::Request;

use super::pdu::{self, ASK_LEN, EXCEPTION};

/// Id, protocol (0), length, unit.
const HEAD_LEN: usize = 7;
/// The length field counts the unit and the PDU: at least unit, function and one byte.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=254;

/// The id of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id(u16);

impl Id {
    pub(super) const FIRST: Self = Self(1);

    /// The id after this one. The low byte is never 0: one stray byte before a frame could then be
    /// taken for a part of it.
    pub(super) const fn next(self) -> Self {
        match self.0.wrapping_add(1) {
            id if id.trailing_zeros() >= 8 => Self(id | 1),
            id => Self(id),
        }
    }
}

/// The frame that asks `unit`.
pub(super) fn ask(id: Id, unit: u8, request: Request) -> Vec<u8> {
    let [a, b] = id.0.to_be_bytes();
    let mut frame = Vec::with_capacity(HEAD_LEN + ASK_LEN);
    // The length of unit and PDU is always 6.
    frame.extend([a, b, 0, 0, 0, 6, unit]);
    frame.extend(pdu::ask(request));
    frame
}

/// What is at the front of the bytes of a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Front {
    /// The PDU of the answer.
    Answer(Vec<u8>),
    /// A frame that is no answer to the request: nothing on this connection can be trusted.
    Stray(String),
    More,
}

/// Bytes of a connection, and the frames in them.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    bytes: Vec<u8>,
    /// Bytes that were in no frame.
    pub(super) discarded: u64,
}

impl Reader {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Forgets everything: what was there before a request is no answer to it.
    pub(super) fn clear(&mut self) {
        self.discarded += self.bytes.len() as u64;
        self.bytes.clear();
    }

    /// Takes the frame at the front, once all of it is there.
    pub(super) fn take(&mut self, id: Id, unit: u8) -> Front {
        loop {
            let &[a, b, protocol_a, protocol_b, c, d, from, ..] = self.bytes.as_slice() else {
                return Front::More;
            };
            let len = usize::from(u16::from_be_bytes([c, d]));
            if (protocol_a, protocol_b) != (0, 0) || !LENGTHS.contains(&len) {
                self.bytes.remove(0);
                self.discarded += 1;
                continue;
            }
            let end = HEAD_LEN - 1 + len;
            if self.bytes.len() < end {
                return Front::More;
            }
            let frame: Vec<u8> = self.bytes.drain(..end).collect();
            let got = Id(u16::from_be_bytes([a, b]));
            let pdu = frame.get(HEAD_LEN..).unwrap_or_default();
            return front(got, from, pdu, id, unit);
        }
    }
}

/// Gateways put another unit (often 255) into the exceptions they make themselves.
fn front(got: Id, from: u8, pdu: &[u8], id: Id, unit: u8) -> Front {
    let is_exception = matches!(pdu, [fc, _] if fc & EXCEPTION != 0);
    if got != id {
        Front::Stray(format!("id {} != {}", got.0, id.0))
    } else if from != unit && !is_exception {
        Front::Stray(format!("unit {from} != {unit}"))
    } else {
        Front::Answer(pdu.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siskin_wire::profile::ReadFunction;

    use super::*;

    const ASKED: Request = Request { fc: ReadFunction::HoldingRegisters, addr: 0, len: 1 };

    fn check(bytes: &[u8], want: &Front, discarded: u64) {
        let mut reader = Reader::default();
        let mut got = Front::More;
        for byte in bytes {
            reader.push(&[*byte]);
            got = reader.take(Id(0x0102), 9);
            if got != Front::More {
                break;
            }
        }
        assert_eq!((&got, reader.discarded), (want, discarded));
    }

    #[test]
    fn an_answer_is_known_by_its_id() {
        assert_eq!(ask(Id(0x0102), 9, ASKED), [1, 2, 0, 0, 0, 6, 9, 3, 0, 0, 0, 1]);
        let good = [1, 2, 0, 0, 0, 5, 9, 3, 2, 0x12, 0x34];
        let answer = Front::Answer(vec![3, 2, 0x12, 0x34]);
        check(&good, &answer, 0);
        check(&[b"+REGISTERED\r\n".as_slice(), &good].concat(), &answer, 13);
        check(&[1, 1, 0, 0, 0, 5, 9, 3, 2, 1, 1], &Front::Stray("id 257 != 258".into()), 0);
        check(&[1, 2, 0, 0, 0, 5, 8, 3, 2, 1, 1], &Front::Stray("unit 8 != 9".into()), 0);
        check(&[1, 2, 0, 0, 0, 3, 255, 0x83, 6], &Front::Answer(vec![0x83, 6]), 0);
    }

    #[test]
    fn ids_go_round_and_never_end_in_zero() {
        assert_eq!((Id(1).next(), Id(255).next(), Id(u16::MAX).next()), (Id(2), Id(257), Id(1)));
    }

    proptest! {
        #[test]
        fn text_before_a_frame_is_left_out(text in "[ -~\r\n]{0,64}", high in any::<u8>()) {
            let id = Id(u16::from_be_bytes([high, 7]));
            let mut reader = Reader::default();
            reader.push(text.as_bytes());
            reader.push(&[high, 7, 0, 0, 0, 3, 9, 0x83, 2]);
            prop_assert_eq!(reader.take(id, 9), Front::Answer(vec![0x83, 2]));
            prop_assert_eq!(reader.discarded, text.len() as u64);
        }
    }
}
