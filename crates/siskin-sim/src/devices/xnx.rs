//! Honeywell XNX: holding registers from 0 (Technical Manual, appendix B.2, pages 185-188).
//!
//! The value is forced to ZERO while the device is inhibited. Unverified: the manual does not state
//! the word order; high word first is taken. Registers 36 and 37 overlap as printed and are not
//! offered.

use siskin_model::{Timestamp, Unit};

use super::Face;
use super::map::{RegisterMap, Table, counter, float_high_first, signed, text};
use crate::scenario::DeviceState;

/// The last register that is offered.
const LAST: u16 = 35;
/// High byte of the identity.
const IDENTITY: u16 = 0x24 << 8;
/// The heartbeat rises once in as many seconds.
const BEAT_S: f64 = 5.0;
/// The manual's example of a fault: temperature out of range.
const FAULT_CODE: u16 = 1103;
const FAULT_BIT: u16 = 1 << 6;
/// Electrochemical, toxic.
const SENSOR_TYPE: u16 = 2;
const SENSOR_LIFE_DAYS: f64 = 180.0;
const TEMPERATURES_C: [f64; 2] = [26.0, 18.0];

pub(super) fn registers(face: &Face) -> RegisterMap {
    let mut holding = Table::new(0, LAST);
    let measured = face.first().map_or(0.0, |shown| shown.value);
    let inhibited = face.state == DeviceState::Inhibited;
    let fault = face.state == DeviceState::Fault;
    holding.put(0, &[IDENTITY | u16::from(face.unit)]);
    holding.put(2, &float_high_first(if inhibited { 0.0 } else { measured }));
    holding.put(4, &[if fault { FAULT_CODE } else { 0 }]);
    holding.put(5, &[if fault { FAULT_BIT } else { 0 }]);
    holding.put(6, &[state(face.state)]);
    holding.put(7, &[counter(face.uptime_s, BEAT_S)]);
    holding.put(8, &float_high_first(SENSOR_LIFE_DAYS));
    let unit = face.first().and_then(|shown| unit_code(shown.unit));
    holding.put(10, &[unit.unwrap_or(0)]);
    holding.put(15, &TEMPERATURES_C.map(signed));
    holding.put(17, &text::<9>("XNX SIMULATED"));
    holding.put(26, &text::<9>(&clock(face.now)));
    holding.put(35, &[SENSOR_TYPE]);
    RegisterMap { holding, ..RegisterMap::default() }
}

/// The codes of this product; the sister products have others.
pub(super) fn unit_code(unit: Unit) -> Option<u16> {
    match unit {
        Unit::MilligramPerM3 => Some(1),
        Unit::PercentVolume => Some(3),
        Unit::Ppm => Some(4),
        Unit::PercentLel => Some(5),
        _ => None,
    }
}

fn state(state: DeviceState) -> u16 {
    match state {
        DeviceState::Normal | DeviceState::Dead => 1,
        DeviceState::WarmUp => 2,
        DeviceState::Inhibited => 3,
        DeviceState::Fault => 8,
        DeviceState::Calibration => 13,
    }
}

/// `mm/dd/yy hh:mm:ss`, in UTC.
fn clock(now: Timestamp) -> String {
    let iso = now.rfc3339(0);
    let part = |from: usize, to: usize| iso.get(from..to).unwrap_or_default();
    format!("{}/{}/{} {}", part(5, 7), part(8, 10), part(2, 4), part(11, 19))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dump, face};
    use super::*;

    fn check(state: DeviceState, ppm: f64, expected: &str) {
        let map = registers(&face(state, "carbon-monoxide", ppm, 12.0));
        assert_eq!(dump(&map.holding, 0, 11), expected, "{state:?}");
    }

    #[test]
    fn the_registers_of_each_state() {
        check(DeviceState::Normal, 40.0, "2401 0000 4220 0000 0000 0000 0001 0002 4334 0000 0004");
        check(DeviceState::WarmUp, 40.0, "2401 0000 4220 0000 0000 0000 0002 0002 4334 0000 0004");
        // Inhibited: a zero that is not clean air.
        check(
            DeviceState::Inhibited,
            40.0,
            "2401 0000 0000 0000 0000 0000 0003 0002 4334 0000 0004",
        );
        check(
            DeviceState::Calibration,
            40.0,
            "2401 0000 4220 0000 0000 0000 000D 0002 4334 0000 0004",
        );
        check(DeviceState::Fault, 40.0, "2401 0000 4220 0000 044F 0040 0008 0002 4334 0000 0004");
    }

    #[test]
    fn texts_and_the_end_of_the_table() {
        let map = registers(&face(DeviceState::Normal, "carbon-monoxide", 1.0, 0.0)).holding;
        let words = map.read(26, 9).unwrap();
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_be_bytes()).collect();
        assert_eq!(bytes, b"01/01/26 00:00:00 ");
        assert_eq!(map.read(35, 1), Some(vec![2]));
        assert_eq!(map.read(36, 1), None);
    }
}
