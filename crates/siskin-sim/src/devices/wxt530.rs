//! Vaisala WXT530: input registers in tenths (User Guide M211840EN-G).
//!
//! What this station does not simulate is marked as not available, never as zero. Unverified: the
//! register of the wind speed, taken from the identical layout of Lufft stations.

use siskin_model::site::Quantity;

use super::Face;
use super::map::{RegisterMap, Table, signed};
use crate::scenario::DeviceState;

/// The last register that is offered.
const LAST: u16 = 50;
/// Model 6 (WXT536) in the high byte, software in the low byte.
const DEVICE_ID: u16 = 0x0600;
/// Four bits a quantity: 0 available, 7 not.
const STATUS: u16 = 2;
const STATUS_NONE: u16 = 0x7777;
/// A value that is not there.
const UNAVAILABLE: u16 = 0x7FFF;
/// A share that is not there.
const UNAVAILABLE_UNSIGNED: u16 = 0xFFFF;
const WIND_QUALITY: u16 = 26;
const WIND_QUALITY_PCT: u16 = 100;
const TENTHS: f64 = 10.0;

pub(super) fn registers(face: &Face) -> RegisterMap {
    let mut input = Table::new(0, LAST);
    input.fill(UNAVAILABLE);
    input.put(0, &[DEVICE_ID]);
    if is_available(face.state) {
        input.put(STATUS, &[0]);
        input.put(WIND_QUALITY, &[WIND_QUALITY_PCT]);
        for shown in &face.shown {
            for address in places(&shown.quantity) {
                input.put(*address, &[signed(shown.value * TENTHS)]);
            }
        }
    } else {
        input.put(STATUS, &[STATUS_NONE]);
        input.put(WIND_QUALITY, &[UNAVAILABLE_UNSIGNED]);
    }
    RegisterMap { input, ..RegisterMap::default() }
}

fn is_available(state: DeviceState) -> bool {
    matches!(state, DeviceState::Normal | DeviceState::Calibration | DeviceState::Dead)
}

/// Where a quantity stands: the value of the moment. Averages are not offered.
fn places(quantity: &Quantity) -> &'static [u16] {
    match quantity {
        Quantity::Humidity => &[10],
        Quantity::Pressure => &[14],
        // The second one is without the correction by a compass.
        Quantity::WindDirection => &[18, 22],
        Quantity::Temperature => &[31],
        Quantity::WindSpeed => &[42],
        Quantity::Gas(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::super::Shown;
    use super::super::testing::face;
    use super::*;

    fn check(state: DeviceState, quantity: Quantity, value: f64, address: u16, expected: u16) {
        let mut face = face(state, "chlorine", 0.0, 0.0);
        let range = siskin_model::site::Range { low: -60.0, high: 1100.0 };
        face.shown = vec![Shown {
            quantity,
            value,
            unit: siskin_model::Unit::Celsius,
            range,
            resolution: 0.1,
        }];
        let read = registers(&face).input.read(address, 1);
        assert_eq!(read, Some(vec![expected]), "{state:?} {address}");
    }

    #[test]
    fn values_are_tenths_and_absence_is_marked() {
        let normal = DeviceState::Normal;
        check(normal, Quantity::Temperature, -12.3, 31, 0xFF85);
        check(normal, Quantity::Pressure, 1012.4, 14, 10_124);
        check(normal, Quantity::Humidity, 46.1, 10, 461);
        check(normal, Quantity::WindDirection, 247.5, 18, 2475);
        check(normal, Quantity::WindSpeed, 4.2, 42, 42);
        check(normal, Quantity::WindSpeed, 4.2, 27, 0x7FFF);
        check(normal, Quantity::WindSpeed, 4.2, 31, 0x7FFF);
        check(DeviceState::Fault, Quantity::WindSpeed, 4.2, 42, 0x7FFF);
        check(DeviceState::Fault, Quantity::WindSpeed, 4.2, 2, 0x7777);
    }
}
