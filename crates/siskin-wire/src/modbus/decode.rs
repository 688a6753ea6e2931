//! From the answers of one poll to point readings.
//!
//! State words come before values: a number is only as good as the device's own word about it. An
//! unknown state is never good.

use std::collections::BTreeMap;

use siskin_model::Quality;

use super::plan::{Plan, Request};
use super::raw;
use crate::profile::{Code, Point, PointType, unit_of};
use crate::slot::{Measured, PointReading, Refusal};

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Of functions 3 and 4.
    Registers(Vec<u16>),
    /// Of functions 1 and 2.
    Bits(Vec<bool>),
}

/// Why the answers of a poll cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not one answer for each request.
    #[error("{requests} requests have {answers} answers; hint: report this as a defect")]
    Count {
        /// Requests of the plan.
        requests: usize,
        /// Answers given.
        answers: usize,
    },
    /// Too few or too many registers, or bits for registers.
    #[error(
        "the answer to function {fc} at {addr} has {got} values instead of {want}; \
         hint: compare the device with its profile"
    )]
    Shape {
        /// Function code.
        fc: u8,
        /// First address.
        addr: u16,
        /// Values it has.
        got: usize,
        /// Values asked for.
        want: u16,
    },
}

/// What one poll said.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// One reading for each slot, in order of slots.
    pub values: Vec<PointReading>,
    /// What was not taken, and why.
    pub refused: Vec<Refusal>,
    /// The heartbeat, where the profile has one.
    pub heartbeat: Option<u32>,
}

impl Plan {
    /// Reads the answers of one poll, one for each of [`Plan::requests`] in the same order.
    pub fn decode(&self, answers: &[Answer]) -> Result<Decoded, DecodeError> {
        let raws = self.raws(answers)?;
        let state = self.judge(&raws);
        let mut values = Vec::with_capacity(self.slots.len());
        let mut refused = Vec::new();
        for (index, slot) in self.slots.iter().enumerate() {
            let measured = self.measured(&slot.point, &raws);
            let (reading, refusal) = slot.place(index, measured, state);
            values.push(reading);
            refused.extend(refusal);
        }
        let heartbeat = self.heartbeat.as_ref().and_then(|name| {
            let (point, raw) = (self.points.get(name)?, raws.get(name.as_str())?);
            Some(raw::code(point, *raw))
        });
        Ok(Decoded { values, refused, heartbeat })
    }

    /// The raw bits of every point.
    fn raws(&self, answers: &[Answer]) -> Result<BTreeMap<&str, u32>, DecodeError> {
        if answers.len() != self.requests.len() {
            return Err(DecodeError::Count {
                requests: self.requests.len(),
                answers: answers.len(),
            });
        }
        let blocks = || self.requests.iter().zip(answers);
        for (request, answer) in blocks() {
            check_shape(*request, answer)?;
        }
        let raw = |point: &Point| {
            let span = Request::of(point);
            let (request, answer) = blocks().find(|(r, _)| r.contains(span))?;
            let at = usize::from(point.addr - request.addr);
            bits_at(point, answer, at)
        };
        let found = self.points.iter();
        Ok(found.filter_map(|(name, point)| Some((name.as_str(), raw(point)?))).collect())
    }

    /// The device's own word about its values.
    fn judge(&self, raws: &BTreeMap<&str, u32>) -> Quality {
        let shown = |name: &String| {
            let (point, raw) = (self.points.get(name)?, raws.get(name.as_str())?);
            Some(raw::words(point, *raw))
        };
        let holds = |(name, words): (&String, &Vec<String>)| {
            shown(name).is_some_and(|(shown, _)| words.iter().any(|w| shown.contains(&w.as_str())))
        };
        let matched = self.rules.iter().find(|rule| rule.when.iter().all(holds));
        let quality = matched.map_or(self.default, |rule| rule.quality);
        let asked = || self.rules.iter().flat_map(|rule| rule.when.keys());
        let unknown = || asked().any(|name| shown(name).is_none_or(|(_, unknown)| unknown));
        if quality == Quality::Good && unknown() { Quality::Uncertain } else { quality }
    }

    fn measured(&self, name: &str, raws: &BTreeMap<&str, u32>) -> Result<Measured, String> {
        let missing = || format!("point `{name}` was not read; hint: report this as a defect");
        let point = self.points.get(name).ok_or_else(missing)?;
        let raw = raws.get(name).ok_or_else(missing)?;
        let number = raw::number(point, *raw)?;
        let unit = match (&point.unit, &point.unit_from) {
            (Some(unit), _) => Ok(*unit),
            (None, Some(from)) => self.unit_said(from, raws),
            (None, None) => Err(missing()),
        };
        Ok(Measured { number, unit })
    }

    fn unit_said(
        &self,
        from: &str,
        raws: &BTreeMap<&str, u32>,
    ) -> Result<siskin_model::Unit, String> {
        let (Some(point), Some(raw)) = (self.points.get(from), raws.get(from)) else {
            return Err(format!("the unit `{from}` was not read"));
        };
        let code = raw::code(point, *raw);
        let name = point.unit_codes.get(&Code(code)).ok_or_else(|| {
            format!(
                "the device says unit code {code}, which its manual does not list; \
                 hint: compare model and profile"
            )
        })?;
        unit_of(name).ok_or_else(|| {
            format!(
                "the device says `{name}`, which cannot be converted; \
                 hint: set the device to the channel's unit"
            )
        })
    }
}

fn check_shape(request: Request, answer: &Answer) -> Result<(), DecodeError> {
    let (got, bits) = match answer {
        Answer::Registers(words) => (words.len(), false),
        Answer::Bits(bits) => (bits.len(), true),
    };
    if got == usize::from(request.len) && bits == request.fc.is_bits() {
        return Ok(());
    }
    Err(DecodeError::Shape { fc: request.fc.into(), addr: request.addr, got, want: request.len })
}

fn bits_at(point: &Point, answer: &Answer, at: usize) -> Option<u32> {
    match (answer, point.kind) {
        (Answer::Bits(bits), PointType::Bit) => bits.get(at).map(|bit| u32::from(*bit)),
        (Answer::Registers(words), PointType::U16 | PointType::S16) => {
            words.get(at).map(|word| u32::from(*word))
        }
        (Answer::Registers(words), PointType::U32 | PointType::S32 | PointType::F32) => {
            let (first, second) = (words.get(at)?, words.get(at + 1)?);
            Some(raw::assemble(*first, *second, point.order?))
        }
        _ => None,
    }
}
