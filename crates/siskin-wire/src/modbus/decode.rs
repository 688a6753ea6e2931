//! From the answers of one poll to point readings.
//!
//! State words come before values: a number is only as good as the device's own word about it. An
//! unknown state is never good.

use std::collections::BTreeMap;

use siskin_model::{Quality, Text, Unit};

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

impl DecodeError {
    /// The message in both languages.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Count { requests, answers } => {
                format!("{requests} 个请求收到 {answers} 个应答；请作为程序缺陷上报")
            }
            Self::Shape { fc, addr, got, want } => format!(
                "功能码 {fc}、地址 {addr} 的应答有 {got} 个值，应为 {want} 个；请核对设备与设备配置文件"
            ),
        };
        Text::new(zh, self.to_string())
    }
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

    fn measured(&self, name: &str, raws: &BTreeMap<&str, u32>) -> Result<Measured, Text> {
        let missing = || {
            Text::new(
                format!("没有读到测点“{name}”；请作为程序缺陷上报"),
                format!("point `{name}` was not read; hint: report this as a defect"),
            )
        };
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

    fn unit_said(&self, from: &str, raws: &BTreeMap<&str, u32>) -> Result<Unit, Text> {
        let (Some(point), Some(raw)) = (self.points.get(from), raws.get(from)) else {
            return Err(Text::new(
                format!("没有读到单位“{from}”"),
                format!("the unit `{from}` was not read"),
            ));
        };
        let code = raw::code(point, *raw);
        let name = point.unit_codes.get(&Code(code)).ok_or_else(|| {
            Text::new(
                format!("设备上报的单位代码 {code} 在其手册中没有；请核对设备型号与设备配置文件"),
                format!(
                    "the device says unit code {code}, which its manual does not list; \
                     hint: compare model and profile"
                ),
            )
        })?;
        unit_of(name).ok_or_else(|| {
            Text::new(
                format!("设备单位“{name}”无法换算；请把设备设为通道的单位"),
                format!(
                    "the device says `{name}`, which cannot be converted; \
                     hint: set the device to the channel's unit"
                ),
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

#[cfg(test)]
mod tests {
    use siskin_model::site::Range;

    use super::*;
    use crate::languages::check_text;
    use crate::{DeviceProfile, Slot};

    const PROFILE: &str = r#"
id = "acme-3"
version = 1
status = "documented"
vendor = "Acme"
model = "Three"
transport = "modbus"
source = { doc = "Acme Three manual", pages = "1" }
[points.gas]
fc = 3
addr = 0
manual_ref = "40001"
type = "u16"
unit_from = "unit"
[points.unit]
fc = 3
addr = 1
manual_ref = "40002"
type = "u16"
unit_codes = { 1 = "ppm", 2 = "furlong" }
"#;

    fn plan() -> Plan {
        let profile: DeviceProfile = toml::from_str(PROFILE).unwrap();
        let range = Range { low: 0.0, high: 50.0 };
        let factors = vec![(Unit::Ppm, 1.0)];
        let slot = Slot { point: "gas".into(), unit: Unit::Ppm, range, factors };
        Plan::new(&profile, vec![slot]).unwrap()
    }

    /// Why `plan` has no value when the device shows `words`.
    fn check(plan: &Plan, words: &[u16], want: &str) {
        let decoded = plan.decode(&[Answer::Registers(words.to_vec())]).unwrap();
        let [refusal] = &decoded.refused[..] else { panic!("{decoded:?}") };
        assert!(refusal.reason.en.contains(want), "{refusal:?}");
        check_text(&refusal.reason);
    }

    #[test]
    fn what_is_refused_is_said_in_both_languages() {
        check(&plan(), &[5, 9], "unit code 9");
        check(&plan(), &[5, 2], "`furlong`, which cannot be converted");
        let mut plan = plan();
        plan.points.remove("unit");
        check(&plan, &[5, 1], "the unit `unit` was not read");
        plan.points.clear();
        check(&plan, &[5, 1], "point `gas` was not read");
    }

    #[test]
    fn answers_that_cannot_be_read_are_said_in_both_languages() {
        let error = |answers: &[Answer]| plan().decode(answers).unwrap_err();
        for error in [error(&[]), error(&[Answer::Registers(vec![1])])] {
            assert_eq!(error.text().en, error.to_string());
            check_text(&error.text());
        }
    }
}
