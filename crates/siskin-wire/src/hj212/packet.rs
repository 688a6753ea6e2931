//! The fields of a data segment: who says what to whom, and its content as it stands.

use std::fmt::Write as _;

use siskin_model::Text;

/// The longest field before the content.
const FIELD_MAX_BYTES: usize = 64;
/// The letters of one block of a cipher in base64, the fewest there can be.
const BASE64_BLOCK_LETTERS: usize = 24;

/// One data segment. What is encoded and decoded again is the same packet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packet {
    /// QN, the exchange it belongs to; loggers of 2005 may leave it out.
    pub qn: Option<String>,
    /// ST, the kind of system.
    pub st: String,
    /// CN, the command.
    pub cn: u16,
    /// PW, the password.
    pub pw: Option<String>,
    /// MN, the logger's id.
    pub mn: String,
    /// Flag: bit 0 asks for an answer, bit 1 says that the packet is a part, the others are the
    /// edition. Loggers of 2005 may leave it out.
    pub flag: Option<u8>,
    /// PNUM and PNO.
    pub part: Option<Part>,
    /// RF, the mark of data sent again (unverified: second-hand reading of HJ 212-2025).
    pub is_resent: bool,
    /// Fields that no edition known to us has, as they came.
    pub others: Vec<(String, String)>,
    /// CP without its `&&`.
    pub cp: String,
}

/// Which part of an upload a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// PNUM, how many there are.
    pub total: u16,
    /// PNO, which one this is, from 1.
    pub number: u16,
}

/// Why a data segment is no packet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// Not UTF-8.
    #[error("a packet is not UTF-8 text; hint: set the logger to ASCII or UTF-8")]
    NotText,
    /// Without `CP=&&…&&`.
    #[error("a packet has no `CP=&&…&&`; hint: check the logger's program")]
    NoContent,
    /// A field is missing.
    #[error("a packet has no `{0}`; hint: check the logger's program")]
    Missing(&'static str),
    /// A field cannot be read.
    #[error(
        "a packet has `{0}` with a value that it cannot have; hint: check the logger's program"
    )]
    Field(&'static str),
}

impl PacketError {
    /// The same in both languages.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::NotText => "报文不是 UTF-8 文本；请将数采仪设为 ASCII 或 UTF-8".to_owned(),
            Self::NoContent => "报文中没有 CP=&&…&&；请检查数采仪程序".to_owned(),
            Self::Missing(field) => format!("报文中没有 {field}；请检查数采仪程序"),
            Self::Field(field) => format!("报文中 {field} 的值不合规定；请检查数采仪程序"),
        };
        Text::new(zh, self.to_string())
    }
}

impl Packet {
    /// Reads a data segment.
    pub fn decode(data: &[u8]) -> Result<Self, PacketError> {
        let text = std::str::from_utf8(data).map_err(|_| PacketError::NotText)?;
        let (head, content) = match text.split_once(";CP=&&") {
            Some(parts) => parts,
            None => ("", text.strip_prefix("CP=&&").ok_or(PacketError::NoContent)?),
        };
        let cp = content.strip_suffix("&&").ok_or(PacketError::NoContent)?;
        let mut packet = Self { cp: cp.to_owned(), ..Self::default() };
        let (mut cn, mut total, mut number) = (None, None, None);
        for field in head.split(';').filter(|field| !field.is_empty()) {
            let (key, value) = field.split_once('=').ok_or(PacketError::Field("CP"))?;
            if value.len() > FIELD_MAX_BYTES {
                return Err(PacketError::Field("CP"));
            }
            match key {
                "QN" => packet.qn = Some(checked("QN", value, |c| c.is_ascii_digit())?),
                "ST" => packet.st = checked("ST", value, |c| c.is_ascii_alphanumeric())?,
                "CN" => cn = Some(number_of("CN", value)?),
                "PW" => packet.pw = Some(value.to_owned()),
                "MN" => packet.mn = checked("MN", value, is_of_mn)?,
                "Flag" => packet.flag = Some(flag_of(value)?),
                "PNUM" => total = Some(number_of("PNUM", value)?),
                "PNO" => number = Some(number_of("PNO", value)?),
                "RF" => packet.is_resent = value != "0",
                _ => packet.others.push((key.to_owned(), value.to_owned())),
            }
        }
        packet.cn = cn.ok_or(PacketError::Missing("CN"))?;
        packet.part = part_of(total, number)?;
        if packet.mn.is_empty() {
            return Err(PacketError::Missing("MN"));
        }
        Ok(packet)
    }

    /// The data segment, fields in the standard's order.
    pub fn encode(&self) -> String {
        let mut out = String::new();
        let mut add = |key: &str, value: &str| {
            write!(out, "{key}={value};").expect("a string takes what is written");
        };
        if let Some(qn) = &self.qn {
            add("QN", qn);
        }
        if !self.st.is_empty() {
            add("ST", &self.st);
        }
        add("CN", &format!("{:04}", self.cn));
        if let Some(pw) = &self.pw {
            add("PW", pw);
        }
        add("MN", &self.mn);
        if let Some(flag) = self.flag {
            add("Flag", &flag.to_string());
        }
        if let Some(part) = self.part {
            add("PNUM", &part.total.to_string());
            add("PNO", &part.number.to_string());
        }
        if self.is_resent {
            add("RF", "1");
        }
        for (key, value) in &self.others {
            add(key, value);
        }
        format!("{out}CP=&&{}&&", self.cp)
    }

    /// Whether the logger wants an answer.
    pub fn wants_answer(&self) -> bool {
        self.flag.is_some_and(|flag| flag & 1 == 1)
    }

    /// Whether the content cannot be read because it is encrypted: HJ 212-2025 puts SM4 between
    /// the `&&`, in whatever text form, and no plain content lacks `=` but at the end of base64.
    pub fn is_encrypted(&self) -> bool {
        let plain_end = self.cp.trim_end_matches('=');
        let ends = self.cp.len() - plain_end.len();
        let is_base64 = self.cp.len() >= BASE64_BLOCK_LETTERS && self.cp.len().is_multiple_of(4);
        !plain_end.is_empty() && !plain_end.contains('=') && (ends == 0 || (ends <= 2 && is_base64))
    }
}

fn is_of_mn(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

fn checked(
    name: &'static str,
    value: &str,
    allowed: impl Fn(char) -> bool,
) -> Result<String, PacketError> {
    let fits = !value.is_empty() && value.chars().all(allowed);
    fits.then(|| value.to_owned()).ok_or(PacketError::Field(name))
}

fn number_of(name: &'static str, value: &str) -> Result<u16, PacketError> {
    let digits = checked(name, value, |c| c.is_ascii_digit())?;
    digits.parse().ok().filter(|number| *number <= 9_999).ok_or(PacketError::Field(name))
}

fn flag_of(value: &str) -> Result<u8, PacketError> {
    checked("Flag", value, |c| c.is_ascii_digit())?.parse().map_err(|_| PacketError::Field("Flag"))
}

fn part_of(total: Option<u16>, number: Option<u16>) -> Result<Option<Part>, PacketError> {
    match (total, number) {
        (None, None) => Ok(None),
        (Some(total), Some(number)) if (1..=total).contains(&number) => {
            Ok(Some(Part { total, number }))
        }
        _ => Err(PacketError::Field("PNO")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siskin_model::site::Hj212Crc;

    use super::*;
    use crate::hj212::{FrameError, samples};
    use crate::languages::check_text;

    #[test]
    fn the_valid_samples_are_read_and_written_again_as_they_were() {
        let valid = samples::valid();
        assert_eq!(valid.len(), 15);
        for line in valid {
            let frame = samples::frame(&line).unwrap();
            assert_eq!(frame.check(Hj212Crc::Standard), Ok(()));
            let packet = Packet::decode(frame.data()).unwrap();
            assert_eq!(packet.encode().as_bytes(), frame.data());
        }
    }

    #[test]
    fn the_invalid_samples_are_refused_for_their_reason() {
        use FrameError::{Checksum, Length};
        let found: Vec<_> = samples::invalid()
            .iter()
            .map(|line| {
                let frame = samples::frame(line)?;
                frame.check(Hj212Crc::Standard).map(|()| frame)
            })
            .collect();
        assert_eq!(found.len(), 6);
        assert_eq!(found[0], Err(Length { stated: 215 }));
        let sums = [(0x1100, 0x2D00), (0x4980, 0x3C00), (0x2800, 0xD801)];
        let modbus = [(0x7865, 0xC841), (0x0681, 0x6C00)];
        for (error, (sent, right)) in found.iter().skip(1).zip(sums.into_iter().chain(modbus)) {
            let Err(Checksum { found, wanted, .. }) = error else { panic!("{error:?}") };
            assert_eq!((*found, *wanted), (sent, right));
        }
        for line in samples::invalid().iter().skip(4) {
            assert_eq!(samples::frame(line).unwrap().check(Hj212Crc::Modbus), Ok(()));
        }
    }

    #[test]
    fn fields_have_their_meaning() {
        let of = |text: &str| Packet::decode(text.as_bytes());
        let packet = of("ST=22;CN=2051;MN=A;Flag=7;PNUM=2;PNO=0001;RF=1;X=y;CP=&&a=1&&").unwrap();
        assert_eq!(packet.part, Some(Part { total: 2, number: 1 }));
        assert!(packet.wants_answer() && packet.is_resent && packet.qn.is_none());
        assert_eq!(packet.others, [("X".to_owned(), "y".to_owned())]);
        for (cp, want) in [
            ("", false),
            ("=", false),
            ("DataTime=", false),
            ("a=1,b-Rtd=", false),
            ("681EDF34D206965E", true),
            ("aB+/aB+/aB+/aB+/aB+/aQ==", true),
            ("aB+/aB+/aB+/aB+/aB+/a===", false),
        ] {
            let packet = of(&format!("CN=2011;MN=A;CP=&&{cp}&&")).unwrap();
            assert_eq!(packet.is_encrypted(), want, "{cp}");
        }
        for (text, want) in [
            ("CN=2011;MN=A", PacketError::NoContent),
            ("CN=2011;MN=A;CP=&&a=1", PacketError::NoContent),
            ("MN=A;CP=&&&&", PacketError::Missing("CN")),
            ("CN=2011;CP=&&&&", PacketError::Missing("MN")),
            ("CN=20x1;MN=A;CP=&&&&", PacketError::Field("CN")),
            ("CN=2011;MN=A;Flag=256;CP=&&&&", PacketError::Field("Flag")),
            ("CN=2011;MN=A;PNUM=2;PNO=3;CP=&&&&", PacketError::Field("PNO")),
            ("CN=2011;MN=A;PNUM=2;CP=&&&&", PacketError::Field("PNO")),
        ] {
            let error = of(text).unwrap_err();
            check_text(&error.text());
            assert_eq!(error, want, "{text}");
        }
        assert_eq!(Packet::decode(b"CN=2011;MN=\xFF;CP=&&&&"), Err(PacketError::NotText));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            qn in proptest::option::of("[0-9]{17}"),
            (st, cn, mn) in ("[0-9]{2}", 0..10_000u16, "[0-9A-F]{24}"),
            (pw, flag) in (proptest::option::of("[0-9a-z]{6}"), proptest::option::of(0..=255u8)),
            part in proptest::option::of((1..99u16).prop_flat_map(|t| (Just(t), 1..=t))),
            (is_resent, cp) in (any::<bool>(), "[a-z0-9=,;.-]{0,60}"),
        ) {
            let part = part.map(|(total, number)| Part { total, number });
            let others = Vec::new();
            let packet = Packet { qn, st, cn, pw, mn, flag, part, is_resent, others, cp };
            prop_assert_eq!(Packet::decode(packet.encode().as_bytes()), Ok(packet));
        }

        #[test]
        fn random_text_is_refused_or_can_be_written_again(text in "[A-Z=;&0-9,.-]{0,80}") {
            if let Ok(packet) = Packet::decode(text.as_bytes()) {
                prop_assert_eq!(Packet::decode(packet.encode().as_bytes()), Ok(packet));
            }
        }
    }
}
