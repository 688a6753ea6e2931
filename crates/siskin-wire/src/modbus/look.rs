//! One look at a device with a profile, for people: every register, and what it says.
//!
//! Never feeds a channel; that is [`Plan::decode`]'s business.

use std::sync::Arc;

use siskin_model::{Quality, Text, Unit};

use super::answer::{Answer, DecodeError, Seen};
use super::plan::{Plan, Request};
use super::raw;
use crate::profile::{Point, PointType};

/// What one point shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The point.
    pub point: String,
    /// Its registers as they arrived; none when it was not read, or is a bit.
    pub registers: Vec<u16>,
    /// What they say.
    pub shown: Shown,
    /// What the device says about it, where it is a value.
    pub quality: Option<Quality>,
}

/// What registers say.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// A value.
    Number {
        /// The number as the device gives it.
        number: f64,
        /// Its unit, or why that is not known.
        unit: Result<Unit, Text>,
    },
    /// Words of a state; `is_unknown` when no table knows it.
    Words {
        /// The words.
        words: Vec<String>,
        /// Whether the state has no word.
        is_unknown: bool,
    },
    /// A text.
    Text(String),
    /// Bits without a table.
    Code(u32),
    /// No value, and why.
    Nothing(Text),
}

impl Plan {
    /// What the answers of one poll show, point by point, in order of name.
    pub fn looks(&self, answers: &[Answer]) -> Result<Vec<Look>, DecodeError> {
        let seen = self.seen(answers)?;
        Ok(self.points.iter().map(|(name, point)| self.look(name, point, &seen)).collect())
    }

    /// What the answers to requests of another plan of the same profile show, point by point.
    /// Points that none of the requests asks for are left out.
    pub fn looks_of(&self, exchanges: &[(Request, Answer)]) -> Vec<Look> {
        let seen = self.seen_in(exchanges);
        let asked = self.points.iter().filter(|(name, _)| seen.has(name));
        asked.map(|(name, point)| self.look(name, point, &seen)).collect()
    }

    fn look(&self, name: &str, point: &Arc<Point>, seen: &Seen<'_>) -> Look {
        Look {
            point: name.to_owned(),
            registers: seen.raw(name).map(|raw| raw.registers.to_vec()).unwrap_or_default(),
            shown: self.shown(name, point, seen).unwrap_or_else(Shown::Nothing),
            quality: point.is_value().then(|| self.judge(name, seen)),
        }
    }

    fn shown(&self, name: &str, point: &Point, seen: &Seen<'_>) -> Result<Shown, Text> {
        let raw = seen.raw(name)?;
        if point.is_value() {
            let measured = self.value(name, seen)?.measured;
            return Ok(Shown::Number { number: measured.number, unit: measured.unit });
        }
        if point.kind == PointType::Text {
            return Ok(Shown::Text(raw::text(raw.registers)));
        }
        if point.all_words().is_empty() {
            return Ok(Shown::Code(raw::code(point, raw.bits)));
        }
        let (words, is_unknown) = raw::words(point, raw.bits);
        let words = words.into_iter().map(str::to_owned).collect();
        Ok(Shown::Words { words, is_unknown })
    }
}
