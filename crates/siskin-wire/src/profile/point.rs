//! One register or bit of a device: where it is and how its bits become a number or a word.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{IntoDeserializer, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use siskin_model::Unit;

/// A register, a pair of registers or a bit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The read function.
    pub fc: ReadFunction,
    /// Address on the wire, counted from 0.
    pub addr: u16,
    /// The address as the manual prints it, for people.
    pub manual_ref: String,
    /// What the bits are.
    #[serde(rename = "type")]
    pub kind: PointType,
    /// Order of the four bytes of a 32-bit point.
    #[serde(default)]
    pub order: Option<WordOrder>,
    /// What the order is based on.
    #[serde(default)]
    pub order_evidence: Option<OrderEvidence>,
    /// Kept bits of an unsigned point, before the shift.
    #[serde(default)]
    pub mask: Option<u32>,
    /// Bits to shift right after the mask.
    #[serde(default)]
    pub shift: u8,
    /// Value = raw · scale + offset.
    #[serde(default = "one")]
    pub scale: f64,
    /// Value = raw · scale + offset.
    #[serde(default)]
    pub offset: f64,
    /// Raw bit patterns (before mask and scale) that mean "no value".
    #[serde(default)]
    pub invalid: Vec<u32>,
    /// The unit of the value, where it is fixed.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// The point that says the unit of the value.
    #[serde(default)]
    pub unit_from: Option<String>,
    /// Codes and the units they mean; a name that is no unit of ours is never converted.
    #[serde(default)]
    pub unit_codes: BTreeMap<Code, String>,
    /// Codes and the words they mean.
    #[serde(default, rename = "enum")]
    pub words: BTreeMap<Code, String>,
    /// Bits (0 = lowest after the shift) and the words they mean when set.
    #[serde(default)]
    pub bits: BTreeMap<Code, String>,
    /// Words and the codes they mean, from and to inclusive.
    #[serde(default)]
    pub ranges: BTreeMap<String, (u32, u32)>,
}

fn one() -> f64 {
    1.0
}

/// Words of a point of type `bit`, which needs no table.
pub(crate) const BIT_WORDS: [&str; 2] = ["clear", "set"];

impl Point {
    /// Registers (or bits) it takes.
    pub fn span(&self) -> u16 {
        self.kind.span()
    }

    /// Whether a channel may take its value from it.
    pub fn is_value(&self) -> bool {
        self.unit.is_some() || self.unit_from.is_some()
    }

    /// Whether it is an exclusive state: exactly one word at a time, and an unknown one possible.
    pub(crate) fn is_state(&self) -> bool {
        !self.words.is_empty() || !self.ranges.is_empty()
    }

    /// All words it can show.
    pub(crate) fn all_words(&self) -> Vec<&str> {
        let tables = self.words.values().chain(self.bits.values());
        let named = tables.chain(self.ranges.keys()).map(String::as_str);
        let bit = (self.kind == PointType::Bit).then_some(BIT_WORDS).into_iter();
        named.chain(bit.flatten()).collect()
    }
}

/// What the bits of a point are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PointType {
    /// Unsigned, one register.
    U16,
    /// Two's complement, one register.
    S16,
    /// Unsigned, two registers.
    U32,
    /// Two's complement, two registers.
    S32,
    /// IEEE 754, two registers.
    F32,
    /// One bit of functions 1 and 2.
    Bit,
}

impl PointType {
    /// Registers (or bits) it takes.
    pub const fn span(self) -> u16 {
        match self {
            Self::U16 | Self::S16 | Self::Bit => 1,
            Self::U32 | Self::S32 | Self::F32 => 2,
        }
    }

    /// Bits it has.
    pub(crate) const fn width(self) -> u8 {
        match self {
            Self::Bit => 1,
            Self::U16 | Self::S16 => 16,
            Self::U32 | Self::S32 | Self::F32 => 32,
        }
    }
}

/// A Modbus function that reads. Functions that write have no value here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum ReadFunction {
    /// 1: read coils.
    Coils,
    /// 2: read discrete inputs.
    DiscreteInputs,
    /// 3: read holding registers.
    HoldingRegisters,
    /// 4: read input registers.
    InputRegisters,
}

impl ReadFunction {
    /// Whether it reads bits, not registers.
    pub const fn is_bits(self) -> bool {
        matches!(self, Self::Coils | Self::DiscreteInputs)
    }
}

impl TryFrom<u8> for ReadFunction {
    type Error = String;

    fn try_from(code: u8) -> Result<Self, String> {
        match code {
            1 => Ok(Self::Coils),
            2 => Ok(Self::DiscreteInputs),
            3 => Ok(Self::HoldingRegisters),
            4 => Ok(Self::InputRegisters),
            _ => Err(format!(
                "`{code}` is not a read function; hint: use 1 (coils), 2 (discrete inputs), \
                 3 (holding registers) or 4 (input registers); profiles cannot write"
            )),
        }
    }
}

impl From<ReadFunction> for u8 {
    fn from(function: ReadFunction) -> Self {
        match function {
            ReadFunction::Coils => 1,
            ReadFunction::DiscreteInputs => 2,
            ReadFunction::HoldingRegisters => 3,
            ReadFunction::InputRegisters => 4,
        }
    }
}

/// Order of the bytes of a 32-bit point, highest byte named A, in order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum WordOrder {
    /// High word first.
    Abcd,
    /// Low word first.
    Cdab,
    /// High word first, bytes of each word swapped.
    Badc,
    /// Low word first, bytes of each word swapped.
    Dcba,
}

impl WordOrder {
    /// As profiles write it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Abcd => "ABCD",
            Self::Cdab => "CDAB",
            Self::Badc => "BADC",
            Self::Dcba => "DCBA",
        }
    }
}

/// What a word order is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderEvidence {
    /// The manual states it.
    Documented,
    /// A frame or a driver that works shows it.
    Confirmed,
    /// Neither; the plausibility check at run time is the only guard.
    Unverified,
}

/// A code of a table. TOML keys are texts: `4`, `0x10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u32);

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(CodeVisitor)
    }
}

struct CodeVisitor;

impl Visitor<'_> for CodeVisitor {
    type Value = Code;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code such as `4` or `0x10`")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Code, E> {
        let parsed = match text.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => text.parse(),
        };
        parsed.map(Code).map_err(|_| {
            E::custom(format!("`{text}` is not a code; hint: write a number such as `4` or `0x10`"))
        })
    }
}

/// The unit written as `name`, where it is one of ours.
pub fn unit_of(name: &str) -> Option<Unit> {
    let text: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
    Unit::deserialize(text).ok()
}
