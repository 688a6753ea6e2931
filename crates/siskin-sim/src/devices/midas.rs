//! Honeywell Midas: Modbus TCP, holding registers from 0 (manual, table A1, pages ).
//!
//! Floats are stored low word first. Its own alarm thresholds are this simulation's choice.

use siskin_model::Unit;

use super::map::{RegisterMap, Table, counter, float_low_first, signed, unsigned};
use super::{Face, Shown};
use crate::scenario::DeviceState;

/// The last register of the table.
const LAST: u16 = 16;
/// The heartbeat bit changes after as many seconds.
const TOGGLE_S: f64 = 2.0;
const HEARTBEAT: u16 = 1 << 11;
const ALARM_1: u16 = 1 << 6;
const ALARM_2: u16 = 1 << 7;
const INSTRUMENT_FAULT: u16 = 2 << 4;
/// Numbers from 30 are instrument faults; which one is of no matter here.
const FAULT_NUMBER: u16 = 30;
/// The device has at most three decimals.
const DECIMALS_MAX: u16 = 3;
/// Thresholds of the device's own alarms, as a share of its range.
const ALARM_SHARES: [f64; 2] = [0.02, 0.1];
const CELL_LIFE_H: u16 = 12_000;
const FLOW_CM3_MIN: u16 = 500;
const TEMPERATURE_C: f64 = 24.0;

pub(super) fn registers(face: &Face) -> RegisterMap {
    let mut holding = Table::new(0, LAST);
    let alarms = face.first().map_or(0, alarm_bits);
    let beat = if counter(face.uptime_s, TOGGLE_S) % 2 == 1 { HEARTBEAT } else { 0 };
    holding.put(0, &[state(face.state) | fault(face.state) | alarms | beat]);
    if let Some(shown) = face.first() {
        let decimals = decimals(shown.resolution);
        let scaled = shown.value * 10f64.powi(i32::from(decimals));
        let [first, second] = ALARM_SHARES.map(|share| share * shown.range.high);
        holding.put(2, &float_low_first(shown.value));
        holding.put(4, &[unsigned(scaled)]);
        holding.put(6, &[unit_code(shown.unit).unwrap_or(0) << 8 | decimals]);
        holding.put(12, &float_low_first(first));
        holding.put(14, &float_low_first(second));
        holding.put(16, &[alarms >> 6]);
    }
    if face.state == DeviceState::Fault {
        holding.put(5, &[FAULT_NUMBER]);
    }
    holding.put(7, &[signed(TEMPERATURE_C), CELL_LIFE_H]);
    holding.put(9, &[counter(face.uptime_s, 1.0), FLOW_CM3_MIN]);
    RegisterMap { holding, ..RegisterMap::default() }
}

/// One-hot. With the display in ppb the float stays in ppm, so ppb is not offered.
pub(super) fn unit_code(unit: Unit) -> Option<u16> {
    match unit {
        Unit::Ppm => Some(1),
        Unit::PercentVolume => Some(4),
        Unit::PercentLel => Some(8),
        _ => None,
    }
}

/// Bits 0-3.
fn state(state: DeviceState) -> u16 {
    match state {
        DeviceState::WarmUp => 0,
        DeviceState::Normal | DeviceState::Fault | DeviceState::Dead => 1,
        DeviceState::Inhibited => 4,
        DeviceState::Calibration => 8,
    }
}

/// Bits 4-5.
fn fault(state: DeviceState) -> u16 {
    if state == DeviceState::Fault { INSTRUMENT_FAULT } else { 0 }
}

fn alarm_bits(shown: &Shown) -> u16 {
    let bits = ALARM_SHARES.into_iter().zip([ALARM_1, ALARM_2]);
    bits.filter(|(share, _)| shown.value >= share * shown.range.high).map(|(_, bit)| bit).sum()
}

/// How many decimals show a step of `resolution`.
fn decimals(resolution: f64) -> u16 {
    let needed = (0..DECIMALS_MAX).find(|n| resolution * 10f64.powi(i32::from(*n)) >= 1.0 - 1e-9);
    needed.unwrap_or(DECIMALS_MAX)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dump, face};
    use super::*;

    fn check(state: DeviceState, ppm: f64, uptime_s: f64, expected: &str) {
        let face = face(state, "chlorine", ppm, uptime_s);
        assert_eq!(dump(&registers(&face).holding, 0, 17), expected);
    }

    #[test]
    fn the_registers_of_each_state() {
        check(
            DeviceState::Normal,
            0.52,
            1.0,
            "0001 0000 1EB8 3F05 0034 0000 0102 0018 2EE0 0001 01F4 0000 0000 3F80 0000 40A0 0000",
        );
        // Heartbeat bit, both alarms.
        check(
            DeviceState::Normal,
            20.0,
            2.0,
            "08C1 0000 0000 41A0 07D0 0000 0102 0018 2EE0 0002 01F4 0000 0000 3F80 0000 40A0 0003",
        );
        for (state, status, fault) in [
            (DeviceState::WarmUp, 0x0000, 0),
            (DeviceState::Inhibited, 0x0004, 0),
            (DeviceState::Calibration, 0x0008, 0),
            (DeviceState::Fault, 0x0021, 30),
        ] {
            let map = registers(&face(state, "chlorine", 0.0, 0.0)).holding;
            assert_eq!(map.read(0, 1), Some(vec![status]), "{state:?}");
            assert_eq!(map.read(5, 1), Some(vec![fault]), "{state:?}");
        }
    }
}
