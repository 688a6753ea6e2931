//! Packets to a centre: data, answers to commands, results.
//!
//! Every answer carries the QN of what it answers (ST 91); data carry their own QN, the same one
//! however often they are sent.

use siskin_model::Timestamp;
use siskin_model::uplink::{UplinkCause, UplinkMessage};

use super::command::Me;
use crate::hj212::{Packet, Part, ask, moment};

/// A command was carried out (ExeRtn, HJ 212-2017, table 7).
pub const DONE: u16 = 1;
/// Its parameters or the conditions do not allow it.
pub const WRONG_CONDITION: u16 = 3;
/// Something else is being done.
pub const BUSY: u16 = 5;
/// The system failed.
pub const FAILED: u16 = 6;
/// There are no data.
pub const NO_DATA: u16 = 100;
/// A command is taken (QnRtn, table 6).
pub const READY: u16 = 1;

/// A data message with the head of `me`.
pub fn data(me: &Me<'_>, message: &UplinkMessage, marks_resent: bool) -> Packet {
    let (total, number) = message.draft.part;
    let part = (total > 1).then_some(Part { total, number });
    let asks = 1 | if part.is_some() { 2 } else { 0 };
    Packet {
        qn: Some(moment::to_milli(message.qn, me.utc_offset_s)),
        st: me.st.to_owned(),
        cn: message.draft.kind.cn(),
        pw: Some(me.pw.to_owned()),
        mn: me.mn.to_owned(),
        flag: Some(ask::edition(me.version) | asks),
        part,
        is_resent: marks_resent && (message.tries > 0 || message.draft.cause == UplinkCause::Asked),
        cp: message.draft.cp.clone(),
        ..Packet::default()
    }
}

/// A notice to the centre with a QN of its own: 1013, 9015.
pub fn notice(me: &Me<'_>, cn: u16, qn: Timestamp) -> Packet {
    Packet {
        qn: Some(moment::to_milli(qn, me.utc_offset_s)),
        st: if cn == ask::HEARTBEAT { ask::ST_INTERACTION } else { me.st }.to_owned(),
        cn,
        pw: Some(me.pw.to_owned()),
        mn: me.mn.to_owned(),
        flag: Some(ask::edition(me.version) | 1),
        ..Packet::default()
    }
}

/// A request is taken or refused (9011).
pub fn request_answer(me: &Me<'_>, request: &Packet, qn_rtn: u16) -> Packet {
    answer(me, request, ask::REQUEST_ANSWER, format!("QnRtn={qn_rtn}"))
}

/// How a request went (9012).
pub fn result(me: &Me<'_>, request: &Packet, exe_rtn: u16) -> Packet {
    answer(me, request, ask::RESULT, format!("ExeRtn={exe_rtn}"))
}

/// A notice was received (9013).
pub fn notice_answer(me: &Me<'_>, notice: &Packet) -> Packet {
    answer(me, notice, ask::NOTICE_ANSWER, String::new())
}

/// What was asked for: the command itself with its values, under the QN of the request.
pub fn value(me: &Me<'_>, request: &Packet, cp: String) -> Packet {
    Packet { st: me.st.to_owned(), ..answer(me, request, request.cn, cp) }
}

fn answer(me: &Me<'_>, to: &Packet, cn: u16, cp: String) -> Packet {
    Packet {
        qn: to.qn.clone(),
        st: ask::ST_INTERACTION.to_owned(),
        cn,
        // What the centre used: it may be the one that the command changes.
        pw: to.pw.clone(),
        mn: me.mn.to_owned(),
        flag: Some(ask::edition(me.version)),
        cp,
        ..Packet::default()
    }
}

/// Whether the content of a packet is encrypted where that was agreed (HJ 212-2025, second-hand).
pub fn is_sealed(cn: u16) -> bool {
    matches!(cn, 2000..=2999 | 3020 | 1014)
}

#[cfg(test)]
mod tests {
    use siskin_model::site::{Hj212Crc, Hj212Version};
    use siskin_model::uplink::{UplinkDraft, UplinkKind, UplinkState};

    use super::*;
    use crate::hj212::{Splitter, encode};

    const ME: Me<'_> = Me {
        mn: "010000A8900016F000169DC0",
        pw: "100000",
        st: "32",
        version: Hj212Version::V2017,
        utc_offset_s: 28_800,
    };

    fn request() -> Packet {
        // The standard's own example (appendix A).
        let data = "QN=20160801085857223;ST=32;CN=1062;PW=100000;\
            MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&";
        Packet::decode(data.as_bytes()).unwrap()
    }

    fn message(part: (u16, u16)) -> UplinkMessage {
        let data_time = Timestamp::from_millis(1_767_225_600_000);
        let cp = "DataTime=20260101080000;a21028-Rtd=1.1,a21028-Flag=N".into();
        let kind = UplinkKind::RealTime;
        let draft = UplinkDraft { kind, cause: UplinkCause::Due, data_time, part, cp };
        UplinkMessage {
            id: 1,
            qn: data_time.plus_ms(250),
            draft,
            state: UplinkState::Queued,
            tries: 0,
            queued_at: data_time,
            sent_at: None,
            ended_at: None,
            answer: None,
        }
    }

    #[test]
    fn answers_to_the_standards_own_request() {
        let common = "PW=100000;MN=010000A8900016F000169DC0;Flag=4";
        let check = |packet: Packet, st, cn, cp| {
            let want = format!("QN=20160801085857223;ST={st};CN={cn};{common};CP=&&{cp}&&");
            assert_eq!(packet.encode(), want);
        };
        check(request_answer(&ME, &request(), READY), "91", "9011", "QnRtn=1");
        check(result(&ME, &request(), DONE), "91", "9012", "ExeRtn=1");
        check(notice_answer(&ME, &request()), "91", "9013", "");
        check(value(&ME, &request(), "RtdInterval=30".into()), "32", "1062", "RtdInterval=30");
    }

    #[test]
    fn data_carry_their_flag_and_their_parts() {
        let head = "QN=20260101080000250;ST=32;CN=2011;PW=100000;MN=010000A8900016F000169DC0";
        let cp = "CP=&&DataTime=20260101080000;a21028-Rtd=1.1,a21028-Flag=N&&";
        let whole = data(&ME, &message((1, 1)), false).encode();
        assert_eq!(whole, format!("{head};Flag=5;{cp}"));
        let part = data(&ME, &message((2, 1)), false).encode();
        assert_eq!(part, format!("{head};Flag=7;PNUM=2;PNO=1;{cp}"));
        let newer = Me { version: Hj212Version::V2025, ..ME };
        let again = UplinkMessage { tries: 1, ..message((1, 1)) };
        let again = data(&newer, &again, true).encode();
        assert_eq!(again, format!("{head};Flag=9;RF=1;{cp}"));
        let older = Me { version: Hj212Version::V2005, ..ME };
        assert!(data(&older, &message((1, 1)), false).encode().contains(";Flag=1;CP="));
    }

    /// Sums that begin with zeros keep them: four digits, always.
    #[test]
    fn every_frame_passes_the_strict_receiver_with_all_its_zeros() {
        let mut leading = 0;
        for ms in 0..2000 {
            let packet = notice(&ME, ask::TIME_WANTED, Timestamp::from_millis(ms * 977));
            let bytes = encode(&packet.encode(), Hj212Crc::Standard).unwrap();
            let mut splitter = Splitter::new();
            splitter.push(&bytes);
            let frame = splitter.next_frame().unwrap().unwrap();
            assert_eq!(frame.check(Hj212Crc::Standard), Ok(()));
            assert_eq!(Packet::decode(frame.data()), Ok(packet));
            leading += usize::from(bytes[bytes.len() - 6] == b'0');
        }
        assert!(leading > 50, "only {leading} of 2000 sums begin with a zero");
    }
}
