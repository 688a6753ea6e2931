//! Teledyne API T102: input registers (PN05492D, pages) and status bits.
//!
//! Values in ppb, high word first, addresses from 0. Unverified: the bits are those of the T100
//! (05036E, pages ); the T102's own table was not seen.

use super::map::{RegisterMap, Table, float_high_first};
use super::{Face, Shown};
use crate::scenario::DeviceState;

/// First and last input register that is offered.
const REGISTERS: (u16, u16) = (34, 59);
/// First and last status bit that is offered.
const BITS: (u16, u16) = (15, 25);
const INVALID: u16 = 15;
const SPAN_CALIBRATION: u16 = 17;
const SYSTEM_OK: u16 = 19;
/// First alarm bit; the second is behind it.
const ALARM_1: u16 = 24;
/// Limits of the device's own SO2 alarms, as a share of its range.
const ALARM_SHARES: [f64; 2] = [0.05, 0.2];
const STABILITY_PPB: f64 = 0.4;
const CELL_TEMPERATURE_C: f64 = 50.0;
const FLOW_CM3_MIN: f64 = 650.0;
const SAMPLE_PRESSURE_INHG: f64 = 28.4;

pub(super) fn registers(face: &Face) -> RegisterMap {
    let mut input = Table::new(REGISTERS.0, REGISTERS.1);
    let sulfur_dioxide = face.gas("sulfur-dioxide");
    let ppb = |shown: Option<&Shown>| shown.map_or(0.0, |s| s.value);
    input.put(34, &float_high_first(ppb(sulfur_dioxide)));
    input.put(36, &float_high_first(ppb(sulfur_dioxide)));
    input.put(38, &float_high_first(ppb(face.gas("hydrogen-sulfide"))));
    input.put(42, &float_high_first(STABILITY_PPB));
    input.put(46, &float_high_first(CELL_TEMPERATURE_C));
    input.put(56, &float_high_first(FLOW_CM3_MIN));
    input.put(58, &float_high_first(SAMPLE_PRESSURE_INHG));

    let mut discrete = Table::new(BITS.0, BITS.1);
    discrete.put(INVALID, &[is_invalid(face.state)]);
    discrete.put(SPAN_CALIBRATION, &[face.state == DeviceState::Calibration]);
    discrete.put(SYSTEM_OK, &[!is_invalid(face.state)]);
    let high = |share| sulfur_dioxide.is_some_and(|s| s.value >= share * s.range.high);
    discrete.put(ALARM_1, &ALARM_SHARES.map(high));
    RegisterMap { discrete, input, ..RegisterMap::default() }
}

/// The device has no bit of its own for warming up and for work on it: the value is not to be used.
fn is_invalid(state: DeviceState) -> bool {
    matches!(state, DeviceState::WarmUp | DeviceState::Inhibited | DeviceState::Fault)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dump, face};
    use super::*;

    #[test]
    fn values_stand_at_34_and_38() {
        let mut shown = face(DeviceState::Normal, "sulfur-dioxide", 40.0, 0.0);
        shown.shown.extend(face(DeviceState::Normal, "hydrogen-sulfide", 3.0, 0.0).shown);
        let map = registers(&shown);
        assert_eq!(dump(&map.input, 34, 6), "4220 0000 4220 0000 4040 0000");
        assert_eq!(map.input.read(33, 1), None);
        assert_eq!(map.input.read(59, 2), None);
        assert_eq!(map.holding.read(0, 1), None);
    }

    fn check(state: DeviceState, ppb: f64, expected: &[u16]) {
        let map = registers(&face(state, "sulfur-dioxide", ppb, 0.0));
        let bits = map.discrete.read(15, 11).unwrap();
        let set: Vec<u16> = (15..).zip(bits).filter(|(_, b)| *b).map(|(at, _)| at).collect();
        assert_eq!(set, expected, "{state:?}");
    }

    #[test]
    fn the_bits_of_each_state() {
        check(DeviceState::Normal, 1.0, &[19]);
        check(DeviceState::Normal, 30.0, &[19, 24, 25]);
        check(DeviceState::Calibration, 1.0, &[17, 19]);
        check(DeviceState::WarmUp, 1.0, &[15]);
        check(DeviceState::Fault, 1.0, &[15]);
    }
}
