//! What reaches the line after a request: the slave's answer, bent by its faults. Pure.

use std::time::Duration;

use super::frame::{self, Ask, Framing};
use super::slave::{Fault, Slave};

/// The unit of gateways that speak for themselves.
const GATEWAY_UNIT: u8 = 255;
/// Registers of one request, by the Modbus specification.
const REGISTERS_MAX: u16 = 125;
const ILLEGAL_FUNCTION: u8 = 1;
const ILLEGAL_ADDRESS: u8 = 2;
const ILLEGAL_VALUE: u8 = 3;

/// What becomes of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Stays,
    Closes,
    /// Stays open and carries nothing any more.
    Dies,
}

/// What follows a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// Bytes, and how long after the request they come.
    pub(super) says: Vec<(Duration, Vec<u8>)>,
    pub(super) line: Fate,
}

/// What `slave` makes of `ask` at `ms` since the bus began.
pub(super) fn reply(slave: &Slave, framing: Framing, ask: Ask, ms: u64) -> Reply {
    let pdu = pdu(slave, ask, ms);
    let mut reply = Reply {
        says: vec![(slave.answers_after, framing.answer(ask, slave.unit, &pdu))],
        line: Fate::Stays,
    };
    for spell in slave.faults_at(ms) {
        bend(&mut reply, &spell.fault, framing, ask, &pdu);
    }
    reply
}

fn pdu(slave: &Slave, ask: Ask, ms: u64) -> Vec<u8> {
    if !matches!(ask.fc, 3 | 4) {
        return frame::exception(ask.fc, ILLEGAL_FUNCTION).to_vec();
    }
    if !(1..=REGISTERS_MAX).contains(&ask.len) {
        return frame::exception(ask.fc, ILLEGAL_VALUE).to_vec();
    }
    match slave.registers(ask.addr, ask.len, ms) {
        Some(words) => frame::values(ask.fc, &words),
        None => frame::exception(ask.fc, ILLEGAL_ADDRESS).to_vec(),
    }
}

fn bend(reply: &mut Reply, fault: &Fault, framing: Framing, ask: Ask, pdu: &[u8]) {
    let says = &mut reply.says;
    let each = |says: &mut Vec<(Duration, Vec<u8>)>, change: &dyn Fn(&mut Vec<u8>)| {
        for (_, bytes) in says.iter_mut() {
            change(bytes);
        }
    };
    match fault {
        Fault::Hang => says.clear(),
        Fault::Delay(by) => {
            for (after, _) in says.iter_mut() {
                *after += *by;
            }
        }
        Fault::Twice(after) => {
            let again: Vec<_> = says.iter().map(|(at, b)| (*at + *after, b.clone())).collect();
            says.extend(again);
        }
        Fault::WrongUnit(unit) => each(says, &|bytes| *bytes = framing.answer(ask, *unit, pdu)),
        Fault::Exception(code) => {
            let pdu = frame::exception(ask.fc, *code);
            each(says, &|bytes| *bytes = framing.answer(ask, ask.unit, &pdu));
        }
        Fault::GatewayException(code) => {
            let pdu = frame::exception(ask.fc, *code);
            each(says, &|bytes| *bytes = framing.answer(ask, GATEWAY_UNIT, &pdu));
        }
        Fault::Garbage(noise) => each(says, &|bytes| bytes.clone_from(noise)),
        Fault::Before(noise) => each(says, &|bytes| *bytes = [noise.as_slice(), bytes].concat()),
        Fault::After(noise) => each(says, &|bytes| bytes.extend_from_slice(noise)),
        Fault::Damaged => each(says, &|bytes| {
            if let Some(last) = bytes.last_mut() {
                *last ^= 0x10;
            }
        }),
        Fault::Half => each(says, &|bytes| bytes.truncate(bytes.len() / 2)),
        Fault::Close => reply.line = Fate::Closes,
        Fault::HalfOpen => reply.line = Fate::Dies,
        // These are in the registers.
        Fault::ClockJump(_) | Fault::Stuck | Fault::Reset | Fault::NoRegisters(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASK: Ask = Ask { id: 5, unit: 9, fc: 3, addr: 0, len: 1 };

    fn check(fault: &Fault, want: &[(u64, &[u8])]) {
        let slave = Slave::new(9, Duration::from_millis(10), 0x0102).with(0..5, fault.clone());
        let says = |ms| reply(&slave, Framing::Tcp, ASK, ms).says;
        let want: Vec<_> =
            want.iter().map(|(ms, b)| (Duration::from_millis(*ms), b.to_vec())).collect();
        assert_eq!(says(4), want, "{fault:?}");
        assert_eq!(says(5), [(Duration::from_millis(10), GOOD.to_vec())], "after {fault:?}");
    }

    const GOOD: [u8; 11] = [0, 5, 0, 0, 0, 5, 9, 3, 2, 1, 2];

    #[test]
    fn every_fault_is_what_it_says_and_ends() {
        check(&Fault::Hang, &[]);
        check(&Fault::Delay(Duration::from_millis(300)), &[(310, &GOOD)]);
        check(&Fault::Twice(Duration::from_millis(40)), &[(10, &GOOD), (50, &GOOD)]);
        check(&Fault::WrongUnit(8), &[(10, &[0, 5, 0, 0, 0, 5, 8, 3, 2, 1, 2])]);
        check(&Fault::Exception(6), &[(10, &[0, 5, 0, 0, 0, 3, 9, 0x83, 6])]);
        check(&Fault::GatewayException(11), &[(10, &[0, 5, 0, 0, 0, 3, 255, 0x83, 11])]);
        check(&Fault::Garbage(vec![7]), &[(10, &[7])]);
        check(&Fault::Before(vec![7]), &[(10, &[7, 0, 5, 0, 0, 0, 5, 9, 3, 2, 1, 2])]);
        check(&Fault::After(vec![7]), &[(10, &[0, 5, 0, 0, 0, 5, 9, 3, 2, 1, 2, 7])]);
        check(&Fault::Damaged, &[(10, &[0, 5, 0, 0, 0, 5, 9, 3, 2, 1, 0x12])]);
        check(&Fault::Half, &[(10, &GOOD[..5])]);
        check(&Fault::NoRegisters(0..1), &[(10, &[0, 5, 0, 0, 0, 3, 9, 0x83, 2])]);
    }

    #[test]
    fn lines_close_and_die() {
        let fate = |fault| {
            let slave = Slave::new(9, Duration::ZERO, 1).with(0..5, fault);
            reply(&slave, Framing::Rtu, ASK, 0).line
        };
        let fates = [fate(Fault::Close), fate(Fault::HalfOpen), fate(Fault::Hang)];
        assert_eq!(fates, [Fate::Closes, Fate::Dies, Fate::Stays]);
    }

    #[test]
    fn only_reading_is_answered() {
        let slave = Slave::new(9, Duration::ZERO, 1);
        let says = |ask| reply(&slave, Framing::Tcp, ask, 0).says.remove(0).1[7..].to_vec();
        assert_eq!(says(Ask { fc: 6, ..ASK }), [0x86, 1]);
        assert_eq!(says(Ask { len: 126, ..ASK }), [0x83, 3]);
        assert_eq!(says(Ask { addr: 128, ..ASK }), [0x83, 2]);
    }
}
