//! What is inside a frame: the request's bytes and what an answer to it says. Never trusts a
//! length that a device states.

use siskin_wire::modbus::{Answer, Request};
use siskin_wire::profile::ReadFunction;

/// Set in the function code of an exception.
pub(super) const EXCEPTION: u8 = 0x80;
/// Function, address and length.
pub(super) const ASK_LEN: usize = 5;

/// What a device said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    Answer(Answer),
    Exception(u8),
}

/// The request as it is sent.
pub(super) fn ask(request: Request) -> [u8; ASK_LEN] {
    let ([a, b], [c, d]) = (request.addr.to_be_bytes(), request.len.to_be_bytes());
    [request.fc.into(), a, b, c, d]
}

/// How many bytes of values a full answer to `request` has.
pub(super) fn byte_count(request: Request) -> u8 {
    let len =
        if request.fc.is_bits() { request.len.div_ceil(8) } else { request.len.saturating_mul(2) };
    u8::try_from(len).unwrap_or(u8::MAX)
}

/// What `pdu` says to `request`; none when it is no answer to it. Too few values stay too few: the
/// decoder refuses them.
pub(super) fn read(request: Request, pdu: &[u8]) -> Option<Said> {
    let function = u8::from(request.fc);
    match *pdu {
        [fc, code] if fc == function | EXCEPTION => Some(Said::Exception(code)),
        [fc, count, ref values @ ..] if fc == function && usize::from(count) == values.len() => {
            Some(Said::Answer(values_of(request, values)))
        }
        _ => None,
    }
}

fn values_of(request: Request, bytes: &[u8]) -> Answer {
    match request.fc {
        ReadFunction::Coils | ReadFunction::DiscreteInputs => {
            let bits = bytes.iter().flat_map(|byte| (0..8).map(move |at| byte >> at & 1 == 1));
            // Bits come in whole bytes; those beyond the ones asked for are padding.
            Answer::Bits(bits.take(usize::from(request.len)).collect())
        }
        ReadFunction::HoldingRegisters | ReadFunction::InputRegisters => {
            let (pairs, _odd) = bytes.as_chunks::<2>();
            Answer::Registers(pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(fc: u8, addr: u16, len: u16) -> Request {
        Request { fc: ReadFunction::try_from(fc).unwrap(), addr, len }
    }

    #[test]
    fn the_request_of_a_printed_example() {
        // MX 43 manual p.71: one register at 2096.
        assert_eq!(ask(request(3, 2_096, 1)), [0x03, 0x08, 0x30, 0x00, 0x01]);
        assert_eq!(byte_count(request(3, 0, 125)), 250);
        assert_eq!((byte_count(request(2, 0, 9)), byte_count(request(1, 0, 8))), (2, 1));
    }

    #[test]
    fn only_an_answer_to_the_request_is_read() {
        let check = |request, pdu: &[u8], want| assert_eq!(read(request, pdu), want, "{pdu:?}");
        let words = |words: &[u16]| Some(Said::Answer(Answer::Registers(words.to_vec())));
        check(request(3, 0, 2), &[3, 4, 1, 2, 0xFF, 0xFF], words(&[0x0102, 0xFFFF]));
        check(request(3, 0, 2), &[3, 2, 1, 2], words(&[0x0102]));
        check(request(3, 0, 2), &[3, 4, 1, 2, 0xFF], None);
        check(request(3, 0, 2), &[4, 4, 1, 2, 3, 4], None);
        check(request(3, 0, 2), &[0x83, 6], Some(Said::Exception(6)));
        check(request(3, 0, 2), &[0x84, 6], None);
        check(request(3, 0, 2), &[], None);
        let bits = Answer::Bits(vec![true, false, false, false, true]);
        check(request(2, 0, 5), &[2, 1, 0b1111_0001], Some(Said::Answer(bits)));
    }
}
