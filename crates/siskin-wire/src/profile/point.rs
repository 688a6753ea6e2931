//! One register or bit of a device: where it is and how its bits become a number or a word.
//!
//! Holds data only; what is done with it is in [`crate::modbus`].

use std::collections::BTreeMap;

use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};
use siskin_model::Unit;

use super::code::Code;
use super::kind::{OrderEvidence, PointType, ReadFunction, WordOrder};
use super::repeat::{Instance, Repeat};

/// The most registers of a text.
pub(super) const TEXT_REGS_MAX: u16 = 32;

/// A register, some registers that belong together, or a bit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The read function.
    #[cfg_attr(test, schemars(schema_with = "super::schema::read_function"))]
    pub fc: ReadFunction,
    /// Address on the wire, counted from 0.
    pub addr: u16,
    /// The address as the manual prints it, for people.
    pub manual_ref: String,
    /// What the bits are.
    #[serde(rename = "type")]
    pub kind: PointType,
    /// Registers of a text.
    #[serde(default)]
    pub len: Option<u16>,
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
    /// The point whose code is the number of decimals: the scale is divided by 10 that often.
    #[serde(default)]
    pub scale_point: Option<String>,
    /// The point whose code is the sign: 0 plus, 1 minus.
    #[serde(default)]
    pub sign_point: Option<String>,
    /// Raw bit patterns (before mask and scale) that mean "no value". NaN and infinities always do.
    #[serde(default)]
    pub invalid: Vec<u32>,
    /// What the device can say at all, in the unit of the value. Below is a fault; above, a
    /// concentration is over-range and anything else a fault.
    #[serde(default)]
    pub range: Option<(f64, f64)>,
    /// The unit of the value, where it is fixed.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::schema::unit"))]
    pub unit: Option<Unit>,
    /// The point that says the unit of the value.
    #[serde(default)]
    pub unit_from: Option<String>,
    /// Codes and the units they mean; a name that is no unit of ours is never converted.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::schema::code_table"))]
    pub unit_codes: BTreeMap<Code, String>,
    /// What a text shows and the units it means.
    #[serde(default)]
    pub unit_texts: BTreeMap<String, String>,
    /// Codes and the words they mean.
    #[serde(default, rename = "enum")]
    #[cfg_attr(test, schemars(schema_with = "super::schema::code_table"))]
    pub words: BTreeMap<Code, String>,
    /// Bits (0 = lowest after the shift) and the words they mean when set.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::schema::code_table"))]
    pub bits: BTreeMap<Code, String>,
    /// Words and the codes they mean, from and to inclusive.
    #[serde(default)]
    pub ranges: BTreeMap<String, (u32, u32)>,
    /// The same point again and again, with `{n}` in its name.
    #[serde(default)]
    pub repeat: Option<Repeat>,
    /// Whether it may overlap another point: two ways to look at the same registers.
    #[serde(default)]
    pub alias: bool,
    /// Whether reading it changes the device, for example resets a minimum: it is never read to
    /// fill a gap.
    #[serde(default)]
    pub read_side_effect: bool,
    /// Over how many seconds the device averages it; documentation.
    #[serde(default)]
    pub averaging_s: Option<u32>,
    /// Which one of a repeated point this is.
    #[serde(skip)]
    pub(crate) instance: Option<Instance>,
}

fn one() -> f64 {
    1.0
}

/// Words of a point of type `bit`, which needs no table.
pub(crate) const BIT_WORDS: [&str; 2] = ["clear", "set"];

impl Point {
    /// Registers (or bits) it takes.
    pub fn span(&self) -> u16 {
        match self.kind {
            PointType::Text => self.len.unwrap_or(1),
            kind => kind.span(),
        }
    }

    /// Whether a channel may take its value from it.
    pub fn is_value(&self) -> bool {
        self.unit.is_some() || self.unit_from.is_some()
    }

    /// The points without which its value cannot be told: unit, decimals and sign.
    pub(crate) fn companions(&self) -> impl Iterator<Item = &str> {
        let named = [&self.unit_from, &self.scale_point, &self.sign_point];
        named.into_iter().flatten().map(String::as_str)
    }

    /// Whether its bits are a code: tables, masks and comparisons apply.
    pub(crate) fn is_code(&self) -> bool {
        matches!(self.kind, PointType::U16 | PointType::U32)
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

    /// The name under which the profile has it: with `{n}` where it is repeated.
    pub(crate) fn written_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.instance.as_ref().map_or(name, |instance| &instance.template)
    }
}

/// The unit written as `name`, where it is one of ours.
pub fn unit_of(name: &str) -> Option<Unit> {
    let text: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
    Unit::deserialize(text).ok()
}
