//! What bits are and how they are asked for: wire types, read functions, word orders.
//!
//! Must never gain a function that writes.

use serde::{Deserialize, Serialize};

/// What the bits of a point are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// Four decimal digits, one register.
    Bcd16,
    /// Eight decimal digits, two registers.
    Bcd32,
    /// Characters, two in a register, the first in the high byte; `len` says how many registers.
    Text,
    /// One bit of functions 1 and 2.
    Bit,
}

impl PointType {
    /// Registers (or bits) it takes; those of a text are in its `len`.
    pub(crate) const fn span(self) -> u16 {
        match self {
            Self::U16 | Self::S16 | Self::Bcd16 | Self::Text | Self::Bit => 1,
            Self::U32 | Self::S32 | Self::F32 | Self::Bcd32 => 2,
        }
    }

    /// Bits it has.
    pub(crate) const fn width(self) -> u8 {
        match self {
            Self::Bit => 1,
            Self::U16 | Self::S16 | Self::Bcd16 | Self::Text => 16,
            Self::U32 | Self::S32 | Self::F32 | Self::Bcd32 => 32,
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

/// What a fact that makers often leave out (a word order, the settings of a line) is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OrderEvidence {
    /// The manual states it.
    Documented,
    /// A frame or a driver that works shows it.
    Confirmed,
    /// Neither; the plausibility check at run time is the only guard.
    Unverified,
}
