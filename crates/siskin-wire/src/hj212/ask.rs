//! What Siskin says to a logger: answers to what it sent, and the few requests that are made.
//!
//! Every answer carries the QN of what it answers; nothing here can change how a logger measures.

use siskin_model::Timestamp;
use siskin_model::site::{Hj212Logger, Hj212Version};

use super::{Packet, frame, moment};

/// Set the logger's clock.
pub const SET_TIME: u16 = 1012;
/// The logger asks for the time.
pub const TIME_WANTED: u16 = 1013;
/// Real-time data.
pub const REAL_TIME: u16 = 2011;
/// A request was received (`QnRtn`).
pub const REQUEST_ANSWER: u16 = 9011;
/// A request was carried out (`ExeRtn`).
pub const RESULT: u16 = 9012;
/// A notice was received.
pub const NOTICE_ANSWER: u16 = 9013;
/// Data were received.
pub const DATA_ANSWER: u16 = 9014;
/// Heartbeat of HJ 212-2025 (unverified: second-hand).
pub const HEARTBEAT: u16 = 9015;

/// The system code of answers (HJ 212-2017, table 5).
pub(super) const ST_INTERACTION: &str = "91";

/// How a command of a logger is answered: by a data answer, a notice answer or not at all.
pub fn answer_to(cn: u16) -> Option<u16> {
    match cn {
        2000..=2999 | 3020 => Some(DATA_ANSWER),
        TIME_WANTED | HEARTBEAT => Some(NOTICE_ANSWER),
        _ => None,
    }
}

/// The answer `cn` to `packet`; loggers of 2005 that send no QN get none back.
pub fn answer(packet: &Packet, cn: u16, logger: &Hj212Logger) -> Packet {
    Packet {
        qn: packet.qn.clone(),
        st: ST_INTERACTION.to_owned(),
        cn,
        pw: packet.pw.clone(),
        mn: packet.mn.clone(),
        flag: Some(edition(logger.version)),
        ..Packet::default()
    }
}

/// Sets the clock to `to`. The name `SystemTime` is unverified: the examples at hand do not show
/// this command.
pub fn set_time(logger: &Hj212Logger, st: &str, to: Timestamp, utc_offset_s: i32) -> Packet {
    let cp = format!("SystemTime={}", moment::to_second(to, utc_offset_s));
    request(logger, st, SET_TIME, to, utc_offset_s, cp)
}

/// Asks for the history `cn` between two moments. The names `BeginTime` and `EndTime` are
/// unverified: the examples at hand do not show this command.
pub fn history(
    logger: &Hj212Logger,
    st: &str,
    cn: u16,
    span: (Timestamp, Timestamp),
    now: Timestamp,
    utc_offset_s: i32,
) -> Packet {
    let text = |at| moment::to_second(at, utc_offset_s);
    let cp = format!("BeginTime={},EndTime={}", text(span.0), text(span.1));
    request(logger, st, cn, now, utc_offset_s, cp)
}

fn request(
    logger: &Hj212Logger,
    st: &str,
    cn: u16,
    now: Timestamp,
    utc_offset_s: i32,
    cp: String,
) -> Packet {
    Packet {
        qn: Some(moment::to_milli(now, utc_offset_s)),
        st: st.to_owned(),
        cn,
        pw: Some(logger.password.clone().unwrap_or_default()),
        mn: logger.mn.clone(),
        flag: Some(edition(logger.version) | 1),
        cp,
        ..Packet::default()
    }
}

/// The version bits of Flag.
pub(super) fn edition(version: Hj212Version) -> u8 {
    match version {
        Hj212Version::V2005 => 0,
        Hj212Version::V2017 => 4,
        Hj212Version::V2025 => 8,
    }
}

/// The bytes of `packet` for `logger`; none when it is longer than a frame may be, which nothing
/// made here is.
pub fn bytes(packet: &Packet, logger: &Hj212Logger) -> Vec<u8> {
    frame::encode(&packet.encode(), logger.crc).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use siskin_model::site::Hj212Crc;

    use super::*;
    use crate::hj212::samples;

    fn logger(version: Hj212Version) -> Hj212Logger {
        Hj212Logger {
            mn: "A110000_0001".into(),
            password: Some("123456".into()),
            version,
            crc: Hj212Crc::Standard,
            sets_clock: true,
            sm4: None,
        }
    }

    #[test]
    fn a_data_answer_is_the_one_seen_in_the_field() {
        let samples = samples::valid();
        let of = |line: &[u8]| Packet::decode(samples::frame(line).unwrap().data()).unwrap();
        let data = of(&samples[4]);
        let logger = logger(Hj212Version::V2025);
        let answer = answer(&data, DATA_ANSWER, &logger);
        assert_eq!(bytes(&answer, &logger), samples[5]);
    }

    #[test]
    fn requests_carry_local_time_and_ask_for_an_answer() {
        let now = Timestamp::from_millis(1_767_225_600_250);
        let logger = logger(Hj212Version::V2017);
        assert_eq!(
            set_time(&logger, "22", now, 28_800).encode(),
            "QN=20260101080000250;ST=22;CN=1012;PW=123456;MN=A110000_0001;Flag=5;\
             CP=&&SystemTime=20260101080000&&"
        );
        let span = (now.plus_ms(-600_000), now);
        assert_eq!(
            history(&logger, "22", 2051, span, now, 28_800).encode(),
            "QN=20260101080000250;ST=22;CN=2051;PW=123456;MN=A110000_0001;Flag=5;\
             CP=&&BeginTime=20260101075000,EndTime=20260101080000&&"
        );
    }

    #[test]
    fn editions_have_their_bits_and_commands_their_answers() {
        use Hj212Version::{V2005, V2017, V2025};
        assert_eq!([V2005, V2017, V2025].map(edition), [0, 4, 8]);
        let answers = [2011, 2051, 3020, 1013, 9015, 9011, 9021, 1062].map(answer_to);
        let (data, notice) = (Some(9014), Some(9013));
        assert_eq!(answers, [data, data, data, notice, notice, None, None, None]);
    }
}
