//! RTU frames and how one is found between noise: a DTU's registration and heartbeat texts, what
//! is left of a late answer, answers of other slaves.
//!
//! A frame is known by slave, function, length and CRC, never by silence, which USB adapters and
//! TCP lines do not keep. A late answer of the same slave to an equal request cannot be told from
//! a fresh one: whoever asks must wait it out.

use siskin_wire::modbus::Request;

use super::pdu::{self, ASK_LEN, EXCEPTION};

/// Bytes kept while looking for a frame; the oldest go first. Four of the longest frames.
const BUFFER_MAX: usize = 1_024;
/// Slave, function, byte count before the values.
const HEAD_LEN: usize = 3;
const CRC_LEN: usize = 2;
/// The unit some gateways put into the exceptions they make themselves.
const GATEWAY_UNIT: u8 = 0xFF;
/// Busy, and the two of gateways: the only exceptions a gateway speaks of itself.
const GATEWAY_CODES: [u8; 4] = [5, 6, 10, 11];

/// The CRC of Modbus, low byte first as on the wire.
pub(super) fn crc(bytes: &[u8]) -> [u8; CRC_LEN] {
    let crc = bytes.iter().fold(0xFFFF_u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| match crc & 1 {
            1 => crc >> 1 ^ 0xA001,
            _ => crc >> 1,
        })
    });
    crc.to_le_bytes()
}

/// The frame that asks `unit`.
pub(super) fn ask(unit: u8, request: Request) -> Vec<u8> {
    let mut frame = Vec::with_capacity(1 + ASK_LEN + CRC_LEN);
    frame.push(unit);
    frame.extend(pdu::ask(request));
    frame.extend(crc(&frame));
    frame
}

/// Bytes of a line, and the frames in them.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    bytes: Vec<u8>,
    /// Bytes that were in no frame that was asked for.
    pub(super) discarded: u64,
}

impl Scanner {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.discard(self.bytes.len().saturating_sub(BUFFER_MAX));
    }

    /// Forgets everything: what was there before a request is no answer to it.
    pub(super) fn clear(&mut self) {
        self.discard(self.bytes.len());
    }

    /// Takes the first whole answer of `unit` to `request`; gives what stands between address and
    /// CRC.
    pub(super) fn find(&mut self, unit: u8, request: Request) -> Option<Vec<u8>> {
        let places = 0..self.bytes.len();
        let (at, len) = places.into_iter().find_map(|at| {
            let len = frame_len(self.bytes.get(at..)?, unit, request)?;
            Some((at, len))
        })?;
        self.discard(at);
        let frame: Vec<u8> = self.bytes.drain(..len).collect();
        frame.get(1..len - CRC_LEN).map(<[u8]>::to_vec)
    }

    fn discard(&mut self, count: usize) {
        self.bytes.drain(..count);
        self.discarded += count as u64;
    }
}

/// The length of the answer that `bytes` begin with, if they do and all of it is there.
fn frame_len(bytes: &[u8], unit: u8, request: Request) -> Option<usize> {
    let function = u8::from(request.fc);
    let [from, fc, third, ..] = *bytes else {
        return None;
    };
    let len = if (from, fc, third) == (unit, function, pdu::byte_count(request)) {
        HEAD_LEN + usize::from(third) + CRC_LEN
    } else if fc == function | EXCEPTION
        && (from == unit || from == GATEWAY_UNIT && GATEWAY_CODES.contains(&third))
    {
        HEAD_LEN + CRC_LEN
    } else {
        return None;
    };
    let (body, sum) = bytes.get(..len)?.split_at_checked(len - CRC_LEN)?;
    (crc(body) == *sum).then_some(len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siskin_wire::profile::ReadFunction;

    use super::*;

    const ASKED: Request = Request { fc: ReadFunction::HoldingRegisters, addr: 2_096, len: 1 };

    fn framed(body: &[u8]) -> Vec<u8> {
        [body, &crc(body)].concat()
    }

    #[test]
    fn the_frames_of_the_manuals() {
        // MX 43 manual p.71: example 1 holds, example 2 prints the CRC of slave 2 for slave 1.
        assert_eq!(ask(2, ASKED), [0x02, 0x03, 0x08, 0x30, 0x00, 0x01, 0x86, 0x56]);
        assert_eq!(crc(&[0x02, 0x03, 0x08, 0x30, 0x00, 0x01]), [0x86, 0x56]);
    }

    fn check(bytes: &[u8], want: Option<&[u8]>, discarded: u64) {
        let mut scanner = Scanner::default();
        // Byte by byte, as a slow line gives them.
        let found = bytes.iter().find_map(|byte| {
            scanner.push(&[*byte]);
            scanner.find(2, ASKED)
        });
        assert_eq!(found.as_deref(), want);
        assert_eq!(scanner.discarded, discarded);
    }

    #[test]
    fn an_answer_is_found_by_what_it_is() {
        let good = framed(&[2, 3, 2, 0x12, 0x34]);
        check(&good, Some(&[3, 2, 0x12, 0x34]), 0);
        check(&[b"+HEARTBEAT\r\n", &*good].concat(), Some(&[3, 2, 0x12, 0x34]), 12);
        // The beginning of a frame that never ends, then the whole one.
        check(&[&[2, 3, 2, 0x12], &*good].concat(), Some(&[3, 2, 0x12, 0x34]), 4);
        // A wrong CRC, another slave, another function, another length: no answer.
        check(&[2, 3, 2, 0x12, 0x34, 0, 0], None, 0);
        check(&framed(&[7, 3, 2, 0x12, 0x34]), None, 0);
        check(&framed(&[2, 4, 2, 0x12, 0x34]), None, 0);
        check(&framed(&[2, 3, 4, 1, 2, 3, 4]), None, 0);
    }

    #[test]
    fn exceptions_of_gateways_need_no_unit() {
        check(&framed(&[2, 0x83, 2]), Some(&[0x83, 2]), 0);
        check(&framed(&[0xFF, 0x83, 6]), Some(&[0x83, 6]), 0);
        check(&framed(&[0xFF, 0x83, 2]), None, 0);
        check(&framed(&[7, 0x83, 6]), None, 0);
    }

    #[test]
    fn noise_without_end_keeps_the_buffer_small() {
        let mut scanner = Scanner::default();
        (0..100).for_each(|_| scanner.push(&[0x55; 64]));
        assert_eq!((scanner.bytes.len(), scanner.discarded), (BUFFER_MAX, 6_400 - 1_024));
        scanner.clear();
        assert_eq!((scanner.bytes.len(), scanner.discarded), (0, 6_400));
    }

    fn noise() -> impl Strategy<Value = Vec<u8>> {
        // The bytes that frames begin with are frequent: noise that looks like frames.
        let byte = prop_oneof![Just(2_u8), Just(3), Just(0x83), Just(0xFF), any::<u8>()];
        proptest::collection::vec(byte, 0..200)
    }

    proptest! {
        #[test]
        fn a_frame_is_found_in_any_noise(
            unit in 1..=247_u8,
            words in proptest::collection::vec(any::<u16>(), 1..=125),
            (before, after) in (noise(), noise()),
            chunk in 1..=64_usize,
        ) {
            let request = Request { len: u16::try_from(words.len()).unwrap(), ..ASKED };
            let mut body = vec![unit, 3, pdu::byte_count(request)];
            body.extend(words.iter().flat_map(|word| word.to_be_bytes()));
            let bytes = [&*before, &framed(&body), &after].concat();
            let mut scanner = Scanner::default();
            // Noise that is an answer by all of its marks is one.
            let mut lone = Scanner::default();
            lone.push(&before);
            prop_assume!(lone.find(unit, request).is_none());
            let found = bytes.chunks(chunk).find_map(|chunk| {
                scanner.push(chunk);
                scanner.find(unit, request)
            });
            prop_assert_eq!(found.as_deref(), body.get(1..));
            prop_assert_eq!(scanner.discarded, before.len() as u64);
        }

        #[test]
        fn noise_alone_is_never_a_value(bytes in noise(), at in 0..7_usize, flip in 1..=255_u8) {
            // A frame with one byte changed, in noise that holds no answer of its own.
            let mut frame = framed(&[9, 3, 2, 0x12, 0x34]);
            frame[at] ^= flip;
            let mut scanner = Scanner::default();
            scanner.push(&[&*bytes, &frame].concat());
            let found = scanner.find(9, ASKED);
            prop_assert!(found.is_none_or(|pdu| pdu != [3, 2, 0x12, 0x34]));
        }
    }
}
