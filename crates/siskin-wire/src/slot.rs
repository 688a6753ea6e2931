//! A slot: what one channel wants from a device, and what a device's number becomes in it.
//!
//! The one place where a number gets its final quality. It never invents a number and never makes
//! a quality better than the device's own word (invariant 9).

use siskin_model::site::{Channel, Range};
use siskin_model::{Conditions, Gas, Quality, Text, Unit};

/// Below the range by more than this part of its span a value is doubted: small negative values
/// are zero drift, larger ones are cross-sensitivity or a failing cell.
const UNDER_RANGE_SHARE: f64 = 0.05;

/// Units of concentration a device may use.
const CONCENTRATIONS: [Unit; 6] = [
    Unit::Ppm,
    Unit::Ppb,
    Unit::MilligramPerM3,
    Unit::MicrogramPerM3,
    Unit::PercentVolume,
    Unit::PercentLel,
];

/// Why a channel cannot be served by a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// The profile has no such point, or it holds no value.
    #[error(
        "profile `{profile}` has no value point `{point}`; hint: its value points are: {known}"
    )]
    NoPoint {
        /// The profile.
        profile: String,
        /// The point asked for.
        point: String,
        /// The points it has.
        known: String,
    },
    /// Registers were asked of a JSON profile or the reverse.
    #[error("profile `{0}` speaks another protocol; hint: compare its `transport`")]
    Transport(String),
}

/// What one channel wants from its device.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// The point of the profile.
    pub point: String,
    /// The channel's unit.
    pub unit: Unit,
    /// The channel's range, in its unit.
    pub range: Range,
    /// Units the device may use and the factor of each into the channel's unit.
    pub factors: Vec<(Unit, f64)>,
}

impl Slot {
    /// The slot of `channel`; `gas` is its gas, `at` the state of the air at which the site
    /// converts.
    pub fn new(channel: &Channel, gas: Option<&Gas>, at: Conditions) -> Self {
        let factor = |from| Some((from, gas?.factor(from, channel.unit, at)?));
        let other = CONCENTRATIONS.into_iter().filter(|u| *u != channel.unit);
        let mut factors = vec![(channel.unit, 1.0)];
        factors.extend(other.filter_map(factor));
        Self { point: channel.point.clone(), unit: channel.unit, range: channel.range, factors }
    }

    fn factor(&self, from: Unit) -> Option<f64> {
        let found = self.factors.iter().find(|(unit, _)| *unit == from);
        found.map(|(_, factor)| *factor)
    }

    /// What the device's `number` (or why there is none) is worth in this slot, with `state` as
    /// the device's own word about it. `index` is the slot's place in the caller's list.
    pub(crate) fn place(
        &self,
        index: usize,
        number: Result<Measured, Text>,
        state: Quality,
    ) -> (PointReading, Option<Refusal>) {
        let placed = number.and_then(|measured| self.convert(&measured));
        let (value, quality, refusal) = match placed {
            Ok(value) => (Some(value), self.quality(value, state), None),
            Err(reason) => {
                // A device that says why it has no number is believed; otherwise it has failed.
                let announced = !state.is_judged() || state == Quality::OverRange;
                let quality = if announced { state } else { Quality::Fault };
                let refusal = (!announced).then(|| Refusal { point: self.point.clone(), reason });
                (None, quality, refusal)
            }
        };
        let reading = PointReading { slot: index, value, quality };
        (reading, refusal)
    }

    fn convert(&self, measured: &Measured) -> Result<f64, Text> {
        let from = measured.unit.as_ref().map_err(Clone::clone)?;
        let factor = self.factor(*from).ok_or_else(|| {
            let (said, wanted) = (from.as_str(), self.unit.as_str());
            Text::new(
                format!("设备单位是 {said}，通道单位是 {wanted}；请更正通道单位或设备设置"),
                format!(
                    "the device says {said}, the channel is in {wanted}; \
                     hint: correct the channel's unit or the device's setting"
                ),
            )
        })?;
        Ok(measured.number * factor)
    }

    /// At the end of its range a gas or wind sensor is saturated; 360° and 100 %RH are values.
    fn is_over(&self, value: f64) -> bool {
        match self.unit {
            Unit::Degree | Unit::PercentHumidity => value > self.range.high,
            _ => value >= self.range.high,
        }
    }

    fn quality(&self, value: f64, state: Quality) -> Quality {
        let doubted = self.range.low - (self.range.high - self.range.low) * UNDER_RANGE_SHARE;
        match state {
            Quality::Good | Quality::Uncertain if self.is_over(value) => Quality::OverRange,
            Quality::Good if value < doubted => Quality::Uncertain,
            state => state,
        }
    }
}

/// A finite number as the device gave it, and its unit or why that is not known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    pub(crate) number: f64,
    pub(crate) unit: Result<Unit, Text>,
}

/// What a device said for one slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PointReading {
    /// The slot's place in the list the plan or mapping was made from.
    pub slot: usize,
    /// The number in the channel's unit; none where there is none, and the quality says why.
    pub value: Option<f64>,
    /// What is known about it.
    pub quality: Quality,
}

/// Something that was not taken, and why; to be counted and shown (invariant 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The point, or the part of the payload.
    pub point: String,
    /// Why, with a hint.
    pub reason: Text,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::check_text;

    fn slot() -> Slot {
        Slot {
            point: "gas".into(),
            unit: Unit::Ppm,
            range: Range { low: 0.0, high: 50.0 },
            factors: vec![(Unit::Ppm, 1.0), (Unit::Ppb, 1e-3)],
        }
    }

    fn ppm(number: f64) -> Measured {
        Measured { number, unit: Ok(Unit::Ppm) }
    }

    fn check(
        number: Result<Measured, Text>,
        state: Quality,
        want: (Option<f64>, Quality),
        refused: bool,
    ) {
        let (reading, refusal) = slot().place(3, number, state);
        assert_eq!(reading.slot, 3);
        assert_eq!((reading.value, reading.quality), want);
        assert_eq!(refusal.is_some(), refused, "{refusal:?}");
        if let Some(refusal) = refusal {
            check_text(&refusal.reason);
        }
    }

    #[test]
    fn the_end_of_the_range_is_over_range() {
        use Quality::{Good, OverRange, Uncertain};
        check(Ok(ppm(49.99)), Good, (Some(49.99), Good), false);
        check(Ok(ppm(50.0)), Good, (Some(50.0), OverRange), false);
        check(Ok(ppm(50.0)), Uncertain, (Some(50.0), OverRange), false);
        check(Ok(ppm(12.0)), OverRange, (Some(12.0), OverRange), false);
    }

    #[test]
    fn north_and_fog_are_in_range() {
        let of = |unit, high, value| {
            let range = Range { low: 0.0, high };
            let slot = Slot { unit, range, factors: vec![(unit, 1.0)], ..slot() };
            let measured = Measured { unit: Ok(unit), ..ppm(value) };
            slot.place(0, Ok(measured), Quality::Good).0.quality
        };
        assert_eq!(of(Unit::Degree, 360.0, 360.0), Quality::Good);
        assert_eq!(of(Unit::Degree, 360.0, 360.1), Quality::OverRange);
        assert_eq!(of(Unit::PercentHumidity, 100.0, 100.0), Quality::Good);
        assert_eq!(of(Unit::MetrePerSecond, 60.0, 60.0), Quality::OverRange);
    }

    #[test]
    fn a_span_gas_beyond_the_range_stays_a_calibration() {
        use Quality::Calibration;
        check(Ok(ppm(60.0)), Calibration, (Some(60.0), Calibration), false);
    }

    #[test]
    fn far_below_the_range_is_doubted() {
        use Quality::{Good, Uncertain};
        check(Ok(ppm(-2.5)), Good, (Some(-2.5), Good), false);
        check(Ok(ppm(-2.6)), Good, (Some(-2.6), Uncertain), false);
    }

    #[test]
    fn no_number_is_a_fault_unless_the_device_said_why() {
        use Quality::{Fault, Good, OverRange, Uncertain, WarmUp};
        let none = || Err(Text::new("无", "none"));
        check(none(), Good, (None, Fault), true);
        check(none(), Uncertain, (None, Fault), true);
        check(none(), WarmUp, (None, WarmUp), false);
        check(none(), OverRange, (None, OverRange), false);
    }

    #[test]
    fn units_are_converted_or_refused() {
        let unit = |unit| Ok(Measured { number: 500.0, unit });
        let (good, fault) = (Quality::Good, Quality::Fault);
        check(unit(Ok(Unit::Ppb)), good, (Some(0.5), good), false);
        check(unit(Ok(Unit::PercentLel)), good, (None, fault), true);
        check(unit(Err(Text::new("代码 9", "code 9"))), good, (None, fault), true);
    }
}
