//! From the answers of one poll to point readings.
//!
//! State words come before values: a number is only as good as the device's own word about it. An
//! unknown state is never good, and a device that is not the one of the profile has no values.

use siskin_model::{Quality, Text, Unit};

use super::answer::{Answer, DecodeError, Seen};
use super::plan::Plan;
use super::raw::{self, Factor};
use crate::profile::{Code, Point, PointType, unit_of};
use crate::slot::{Measured, PointReading, Refusal};

/// What one poll said.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// One reading for each slot, in order of slots.
    pub values: Vec<PointReading>,
    /// The unit the device gave each of them in, in order of slots.
    pub units: Vec<Option<Unit>>,
    /// What was not taken, and why.
    pub refused: Vec<Refusal>,
    /// The heartbeat, where the profile has one.
    pub heartbeat: Option<u32>,
}

/// A value, and whether it is above all that the device can say.
pub(super) struct Value {
    pub(super) measured: Measured,
    pub(super) is_above: bool,
}

impl Plan {
    /// Reads the answers of one poll, one for each of [`Plan::requests`] in the same order.
    pub fn decode(&self, answers: &[Answer]) -> Result<Decoded, DecodeError> {
        let seen = self.seen(answers)?;
        let stranger = self.stranger(&seen);
        let heartbeat = self.heartbeat.as_ref().and_then(|name| self.code(name, &seen).ok());
        let values = Vec::with_capacity(self.slots.len());
        let mut decoded = Decoded { values, units: Vec::new(), refused: Vec::new(), heartbeat };
        for (index, slot) in self.slots.iter().enumerate() {
            let (value, state) = match &stranger {
                // What it says about its state means nothing: its registers are other ones.
                Some(why) => (Err(why.clone()), Quality::Good),
                None => (self.value(&slot.point, &seen), self.judge(&slot.point, &seen)),
            };
            let is_above = value.as_ref().is_ok_and(|value| value.is_above);
            let doubted = matches!(state, Quality::Good | Quality::Uncertain);
            let state = if is_above && doubted { Quality::OverRange } else { state };
            let measured = value.map(|value| value.measured);
            let unit = measured.as_ref().ok().and_then(|m| m.unit.as_ref().ok().copied());
            let (reading, refusal) = slot.place(index, measured, state);
            decoded.values.push(reading);
            decoded.units.push(unit);
            decoded.refused.extend(refusal);
        }
        Ok(decoded)
    }

    /// Why the device cannot be the one of the profile, where it cannot.
    pub fn identity_problem(&self, answers: &[Answer]) -> Result<Option<Text>, DecodeError> {
        Ok(self.stranger(&self.seen(answers)?))
    }

    fn stranger(&self, seen: &Seen<'_>) -> Option<Text> {
        let identity = self.identity.as_ref()?;
        let code = match self.code(&identity.point, seen) {
            Ok(code) if identity.holds(code) => return None,
            Ok(code) => code,
            Err(why) => {
                return Some(Text::new(
                    format!("没有读到设备的型号标识：{}", why.zh),
                    format!("the device did not say what it is: {}", why.en),
                ));
            }
        };
        let found = format!("{:#06X}", identity.masked(code));
        let codes = identity.equals.as_slice().iter();
        let wanted: Vec<_> = codes.map(|code| format!("{code:#06X}")).collect();
        let (zh, en) = (wanted.join(" 或 "), wanted.join(" or "));
        let name = &identity.point;
        Some(Text::new(
            format!("设备的“{name}”为 {found}，应为 {zh}；设备型号与设备配置文件不符，请核对"),
            format!(
                "the device says {found} as its `{name}` instead of {en}; \
                 hint: it is another model than its profile, or another unit of the line"
            ),
        ))
    }

    /// The device's own word about the value `value`.
    pub(super) fn judge(&self, value: &str, seen: &Seen<'_>) -> Quality {
        let shown = |name: &String| {
            let (point, raw) = (self.points.get(name)?, seen.bits(name).ok()?);
            Some(raw::words(point, raw))
        };
        let holds = |(name, words): (&String, &Vec<String>)| {
            shown(name).is_some_and(|(shown, _)| words.iter().any(|w| shown.contains(&w.as_str())))
        };
        let about = self.rules_of.get(value);
        let rules = || about.into_iter().flatten().filter_map(|place| self.rules.get(*place));
        let matched = rules().find(|rule| rule.when.iter().all(holds));
        let quality = matched.map_or(self.default, |rule| rule.quality);
        let asked = || rules().flat_map(|rule| rule.when.keys());
        let unknown = || asked().any(|name| shown(name).is_none_or(|(_, unknown)| unknown));
        // Without its heartbeat nobody can say whether the device still measures.
        let is_mute = || self.heartbeat.as_ref().is_some_and(|name| seen.raw(name).is_err());
        let doubted = quality == Quality::Good && (unknown() || is_mute());
        if doubted { Quality::Uncertain } else { quality }
    }

    pub(super) fn value(&self, name: &str, seen: &Seen<'_>) -> Result<Value, Text> {
        let raw = seen.bits(name)?;
        let Some(point) = self.points.get(name) else {
            return Err(seen.raw(name).err().unwrap_or_else(|| unread(name)));
        };
        let number = raw::number(point, raw, self.factor(point, seen)?)?;
        let unit = match (&point.unit, &point.unit_from) {
            (Some(unit), _) => Ok(*unit),
            (None, Some(from)) => self.unit_said(from, seen),
            (None, None) => Err(unread(name)),
        };
        let is_above = plausible(point, number, unit.as_ref().ok())?;
        Ok(Value { measured: Measured { number, unit }, is_above })
    }

    /// Decimals and sign, where other points say them.
    fn factor(&self, point: &Point, seen: &Seen<'_>) -> Result<Factor, Text> {
        let said = |name: &Option<String>| {
            name.as_ref().map(|name| self.code(name, seen).map(|code| (name.clone(), code)))
        };
        Factor::new(said(&point.scale_point).transpose()?, said(&point.sign_point).transpose()?)
    }

    pub(super) fn code(&self, name: &str, seen: &Seen<'_>) -> Result<u32, Text> {
        let raw = seen.bits(name)?;
        let point = self.points.get(name).ok_or_else(|| unread(name))?;
        Ok(raw::code(point, raw))
    }

    fn unit_said(&self, from: &str, seen: &Seen<'_>) -> Result<Unit, Text> {
        let raw = seen.raw(from)?;
        let point = self.points.get(from).ok_or_else(|| unread(from))?;
        let (said, name) = if point.kind == PointType::Text {
            let text = raw::text(raw.registers);
            let name = point.unit_texts.get(&text);
            (text, name)
        } else {
            let code = raw::code(point, raw.bits);
            (code.to_string(), point.unit_codes.get(&Code(code)))
        };
        let name = name.ok_or_else(|| {
            Text::new(
                format!("设备上报的单位代码 {said} 在其手册中没有；请核对设备型号与设备配置文件"),
                format!(
                    "the device says unit code {said}, which its manual does not list; \
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

/// Refuses what the device cannot say; `true` for a concentration above it: that counts as
/// high (invariant 9).
fn plausible(point: &Point, number: f64, unit: Option<&Unit>) -> Result<bool, Text> {
    let Some((low, high)) = point.range.filter(|(l, h)| !(*l..=*h).contains(&number)) else {
        return Ok(false);
    };
    if number > high && unit.is_none_or(|unit| unit.is_concentration()) {
        return Ok(true);
    }
    Err(Text::new(
        format!("设备上报 {number}，超出其可能的 {low} 至 {high}；请检查设备"),
        format!(
            "the device gives {number}, outside the {low} to {high} that it can say; \
             hint: look at the device"
        ),
    ))
}

fn unread(name: &str) -> Text {
    Text::new(
        format!("没有读到测点“{name}”；请作为程序缺陷上报"),
        format!("point `{name}` was not read; hint: report this as a defect"),
    )
}

#[cfg(test)]
mod tests;
