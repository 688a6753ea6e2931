//! Faces and dumps for the tests of the devices.

use siskin_model::site::{Quantity, Range};
use siskin_model::{GasId, Timestamp, Unit};

use super::map::Table;
use super::{Face, Shown};
use crate::scenario::DeviceState;

/// A device with one gas, range 0..50, resolution 0.01, at the start of 2026.
pub(crate) fn face(state: DeviceState, gas: &str, value: f64, uptime_s: f64) -> Face {
    Face {
        state,
        shown: vec![Shown {
            quantity: Quantity::Gas(GasId::new(gas).unwrap()),
            value,
            unit: Unit::Ppm,
            range: Range { low: 0.0, high: 50.0 },
            resolution: 0.01,
        }],
        uptime_s,
        now: Timestamp::from_millis(1_767_225_600_000),
        unit: 1,
    }
}

/// Registers in hex.
pub(crate) fn dump(table: &Table<u16>, address: u16, count: u16) -> String {
    let words = table.read(address, count).unwrap();
    let words: Vec<String> = words.iter().map(|w| format!("{w:04X}")).collect();
    words.join(" ")
}
