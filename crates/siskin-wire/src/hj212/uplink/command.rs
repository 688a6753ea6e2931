//! What a centre says: commands, and answers to what it was sent.
//!
//! Who does not know the password or names another MN changes nothing: its command is refused with
//! the standard's number (QnRtn, HJ 212-2017, table 6). A frame with a wrong checksum never gets
//! here: the standard drops it, and its QN could not be trusted.

use siskin_model::Timestamp;
use siskin_model::site::Hj212Version;
use siskin_model::uplink::UplinkKind;

use crate::hj212::{Content, Packet, ask, moment};

/// Seconds between real-time data that a centre may set (HJ 212-2017, table 4).
const REAL_TIME_S: std::ops::RangeInclusive<u32> = 30..=3600;
/// Minutes of a period of 2051 that a centre may set.
pub const MINUTES: [u32; 11] = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];
/// OverTime and ReCount.
const PATIENCE: std::ops::RangeInclusive<u32> = 1..=99;
/// The longest password (HJ 212-2017, 6.3).
const PASSWORD_CHARS_MAX: usize = 6;

/// What the station is to a centre.
#[derive(Debug, Clone, Copy)]
pub struct Me<'a> {
    /// Its MN.
    pub mn: &'a str,
    /// Its PW.
    pub pw: &'a str,
    /// Its ST.
    pub st: &'a str,
    /// The edition that was agreed.
    pub version: Hj212Version,
    /// Seconds east of UTC.
    pub utc_offset_s: i32,
}

/// Why a command is refused (QnRtn).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Known, and not done here.
    NotDone,
    /// Another password.
    Password,
    /// Another MN.
    Mn,
    /// Another system.
    St,
    /// No Flag.
    Flag,
    /// No moment.
    Qn,
    /// Unknown.
    Command,
}

impl Refusal {
    /// The number on the wire.
    pub const fn qn_rtn(self) -> u16 {
        match self {
            Self::NotDone => 2,
            Self::Password => 3,
            Self::Mn => 4,
            Self::St => 5,
            Self::Flag => 6,
            Self::Qn => 7,
            Self::Command => 8,
        }
    }
}

/// What a centre wants, or answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It has data (9014) or a notice (9013): the number of the answer.
    Received(u16),
    /// A request (9011), a result (9012): nothing here asks for one.
    Other(u16),
    /// A command.
    Command(Command),
}

/// What a centre wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// 1000.
    SetPatience {
        /// OverTime, if it is to change.
        over_time_s: Option<u32>,
        /// ReCount, if it is to change.
        re_count: Option<u32>,
    },
    /// 1011.
    ReadTime,
    /// 1012, with the centre's own time.
    SetTime(Timestamp),
    /// 1061.
    ReadRealTimeInterval,
    /// 1062, in seconds.
    SetRealTimeInterval(u32),
    /// 1063.
    ReadMinuteInterval,
    /// 1064, in minutes.
    SetMinuteInterval(u32),
    /// 1072.
    SetPassword(String),
    /// 2011 without a span.
    StartRealTime,
    /// 2012.
    StopRealTime,
    /// 2022: there is no treatment equipment here, so nothing is stopped.
    StopEquipment,
    /// 2011, 2051, 2061, 2031 of a span, both ends in it.
    History {
        /// Of which kind.
        kind: UplinkKind,
        /// From, in it.
        from: Timestamp,
        /// To, in it.
        to: Timestamp,
    },
    /// 2021, 2041: there is nothing of the kind here.
    NothingOfTheKind,
    /// 3019, of a factor or of all.
    DeviceId(Option<String>),
    /// 3020, of a factor or of all.
    Information(Option<String>),
    /// Known, with parameters that cannot be.
    Wrong(u16),
}

impl Command {
    /// Whether it is a notice: answered with 9013 and without a result.
    pub fn is_notice(&self) -> bool {
        matches!(self, Self::StopRealTime | Self::StopEquipment)
    }
}

/// Reads what a centre says.
pub fn read(packet: &Packet, me: &Me<'_>) -> Result<Said, Refusal> {
    if packet.mn != me.mn {
        return Err(Refusal::Mn);
    }
    match packet.cn {
        ask::NOTICE_ANSWER | ask::DATA_ANSWER => return Ok(Said::Received(packet.cn)),
        9000..=9999 => return Ok(Said::Other(packet.cn)),
        _ => {}
    }
    if packet.pw.as_deref().unwrap_or_default() != me.pw {
        return Err(Refusal::Password);
    }
    if packet.st != me.st && packet.st != ask::ST_INTERACTION {
        return Err(Refusal::St);
    }
    if packet.flag.is_none() && me.version != Hj212Version::V2005 {
        return Err(Refusal::Flag);
    }
    let qn = packet.qn.as_deref().unwrap_or_default();
    if qn.len() != 17 || moment::parse(qn, me.utc_offset_s).is_none() {
        return Err(Refusal::Qn);
    }
    command(packet, me.utc_offset_s).map(Said::Command)
}

fn command(packet: &Packet, utc_offset_s: i32) -> Result<Command, Refusal> {
    let content = Content::of(&packet.cp);
    let of = |name: &str| content.items.get(name).copied();
    let number = |name: &str| of(name).and_then(plain_number);
    let time = |name: &str| of(name).and_then(|text| moment::parse(text, utc_offset_s));
    let wrong = Command::Wrong(packet.cn);
    let factor = of("PolId").filter(|id| !id.is_empty()).map(str::to_owned);
    let read = match packet.cn {
        1000 => patience((of("OverTime"), of("ReCount"))),
        1011 => Some(Command::ReadTime),
        1012 => time("SystemTime").map(Command::SetTime),
        1061 => Some(Command::ReadRealTimeInterval),
        1062 => {
            let seconds = number("RtdInterval").filter(|s| REAL_TIME_S.contains(s));
            seconds.map(Command::SetRealTimeInterval)
        }
        1063 => Some(Command::ReadMinuteInterval),
        1064 => {
            let minutes = number("MinInterval").filter(|m| MINUTES.contains(m));
            minutes.map(Command::SetMinuteInterval)
        }
        1072 => of("NewPW")
            .filter(|new| is_password(new))
            .map(|new| Command::SetPassword(new.to_owned())),
        2011 if of("BeginTime").is_none() => Some(Command::StartRealTime),
        2012 => Some(Command::StopRealTime),
        2022 => Some(Command::StopEquipment),
        2021 | 2041 => Some(Command::NothingOfTheKind),
        3019 => Some(Command::DeviceId(factor)),
        3020 => Some(Command::Information(factor)),
        1002 | 1014 | 2013 | 2052 | 2062 | 3011..=3018 | 3021 | 3022 | 3024 => {
            return Err(Refusal::NotDone);
        }
        cn => match UplinkKind::from_cn(cn) {
            Some(kind) => {
                let span = time("BeginTime").zip(time("EndTime")).filter(|(from, to)| from <= to);
                span.map(|(from, to)| Command::History { kind, from, to })
            }
            None => return Err(Refusal::Command),
        },
    };
    Ok(read.unwrap_or(wrong))
}

/// One of the two may be left out; what is there must be right.
fn patience((over_time, re_count): (Option<&str>, Option<&str>)) -> Option<Command> {
    let checked = |text: Option<&str>| match text {
        None => Some(None),
        Some(text) => plain_number(text).filter(|n| PATIENCE.contains(n)).map(Some),
    };
    let (over_time_s, re_count) = (checked(over_time)?, checked(re_count)?);
    (over_time_s.is_some() || re_count.is_some())
        .then_some(Command::SetPatience { over_time_s, re_count })
}

fn plain_number(text: &str) -> Option<u32> {
    let fits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// Whether a text may be a PW.
pub fn is_password(text: &str) -> bool {
    let fits = (1..=PASSWORD_CHARS_MAX).contains(&text.len());
    fits && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ME: Me<'_> = Me {
        mn: "010000A8900016F000169DC0",
        pw: "100000",
        st: "32",
        version: Hj212Version::V2017,
        utc_offset_s: 28_800,
    };

    fn packet(head: &str, cp: &str) -> Packet {
        Packet::decode(format!("{head};CP=&&{cp}&&").as_bytes()).unwrap()
    }

    fn said(cn: u16, cp: &str) -> Result<Said, Refusal> {
        let head = format!(
            "QN=20160801085857223;ST=32;CN={cn};PW=100000;MN=010000A8900016F000169DC0;Flag=5"
        );
        read(&packet(&head, cp), &ME)
    }

    fn check(cn: u16, cp: &str, want: Command) {
        assert_eq!(said(cn, cp), Ok(Said::Command(want)), "{cn} {cp}");
    }

    #[test]
    fn commands_with_their_parameters() {
        let at = |text| moment::parse(text, 28_800).unwrap();
        check(1062, "RtdInterval=30", Command::SetRealTimeInterval(30));
        check(1064, "MinInterval=10", Command::SetMinuteInterval(10));
        let both = Command::SetPatience { over_time_s: Some(5), re_count: Some(3) };
        check(1000, "OverTime=5;ReCount=3", both);
        let one = Command::SetPatience { over_time_s: None, re_count: Some(9) };
        check(1000, "ReCount=9", one);
        check(1011, "", Command::ReadTime);
        check(1012, "SystemTime=20160801085857", Command::SetTime(at("20160801085857")));
        check(1061, "", Command::ReadRealTimeInterval);
        check(1063, "", Command::ReadMinuteInterval);
        check(1072, "NewPW=654321", Command::SetPassword("654321".into()));
        check(2011, "", Command::StartRealTime);
        check(2012, "", Command::StopRealTime);
        let (from, to) = (at("20160801000000"), at("20160801230000"));
        for kind in UplinkKind::ALL {
            let cp = "BeginTime=20160801000000,EndTime=20160801230000";
            check(kind.cn(), cp, Command::History { kind, from, to });
        }
        check(2041, "", Command::NothingOfTheKind);
        check(3019, "PolId=a21028", Command::DeviceId(Some("a21028".into())));
        check(3020, "", Command::Information(None));
    }

    #[test]
    fn parameters_that_cannot_be_change_nothing() {
        let wrong = [
            (1000, ""),
            (1000, "OverTime=0;ReCount=3"),
            (1000, "OverTime=100"),
            (1012, ""),
            (1012, "SystemTime=20160230000000"),
            (1062, "RtdInterval=29"),
            (1062, "RtdInterval=3601"),
            (1062, "RtdInterval=+30"),
            (1064, "MinInterval=7"),
            (1072, "NewPW="),
            (1072, "NewPW=1234567"),
            (1072, "NewPW=12 456"),
            (2061, ""),
            (2061, "BeginTime=20160801230000,EndTime=20160801000000"),
            (2011, "BeginTime=x,EndTime=20160801000000"),
        ];
        for (cn, cp) in wrong {
            check(cn, cp, Command::Wrong(cn));
        }
    }

    #[test]
    fn who_is_not_the_bureau_is_refused_by_the_standards_number() {
        let head = |st: &str, pw: &str, mn: &str, rest: &str| {
            packet(&format!("ST={st};CN=1061;PW={pw};MN={mn};{rest}"), "")
        };
        let (mn, fine) = (ME.mn, "QN=20160801085857223;Flag=5");
        let cases = [
            (head("32", "100001", mn, fine), 3),
            (head("32", "100000", "010000A8900016F000169DC1", fine), 4),
            (head("31", "100000", mn, fine), 5),
            (head("32", "100000", mn, "QN=20160801085857223"), 6),
            (head("32", "100000", mn, "QN=2016080108585722;Flag=5"), 7),
            (head("32", "100000", mn, "QN=20161301085857223;Flag=5"), 7),
            (head("32", "100000", mn, "Flag=5"), 7),
        ];
        for (packet, number) in cases {
            let refusal = read(&packet, &ME).unwrap_err();
            assert_eq!(refusal.qn_rtn(), number, "{packet:?}");
        }
        let number = |cn| said(cn, "").map_err(Refusal::qn_rtn).unwrap_err();
        assert_eq!([3011, 1014, 4711, 2082].map(number), [2, 2, 8, 8]);
        assert!(read(&head("91", "100000", mn, fine), &ME).is_ok());
    }

    #[test]
    fn answers_need_no_password() {
        assert_eq!(said(9014, ""), Ok(Said::Received(9014)));
        assert_eq!(said(9013, ""), Ok(Said::Received(9013)));
        assert_eq!(said(9012, "ExeRtn=1"), Ok(Said::Other(9012)));
        let bare = packet("ST=91;CN=9014;MN=010000A8900016F000169DC0", "");
        assert_eq!(read(&bare, &ME), Ok(Said::Received(9014)));
    }

    proptest! {
        #[test]
        fn any_content_is_a_command_or_a_refusal(
            cn in 0..10_000u16,
            cp in "[A-Za-z0-9=,;.-]{0,60}",
        ) {
            let _whatever = said(cn, &cp);
        }
    }
}
