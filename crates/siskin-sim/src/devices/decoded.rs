//! The registers against the shipped device profiles: what is encoded here by the makers' tables
//! is decoded there by `siskin-wire`, two implementations that know nothing of each other.

use std::path::PathBuf;

use siskin_model::site::{Quantity, Range};
use siskin_model::{Conditions, Quality, Timestamp, Unit};
use siskin_wire::modbus::{Answer, Plan};
use siskin_wire::{DeviceProfile, Slot};

use super::{Face, Model, RegisterMap, Shown};
use crate::demo_site::demo_site;
use crate::scenario::DeviceState;

use DeviceState::{Calibration, Fault, Inhibited, Normal, WarmUp};

pub(crate) fn profile(id: &str) -> DeviceProfile {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../firmware-configs/devices");
    let text = std::fs::read_to_string(folder.join(format!("{id}.toml"))).unwrap();
    toml::from_str(&text).unwrap()
}

/// How the collectors would read the analyzer called `id`.
pub(crate) fn plan(id: &str) -> Plan {
    let site = demo_site();
    let place = site.analyzers.iter().position(|a| a.id.as_str() == id).unwrap();
    let channels = site.channels.iter().filter(|c| c.analyzer == place);
    let slots = channels.map(|c| {
        let gas = c.quantity.gas().and_then(|gas| site.gas(gas));
        Slot::new(c, gas, Conditions::REFERENCE)
    });
    Plan::new(&profile(&site.analyzers[place].profile), slots.collect()).unwrap()
}

fn answers(plan: &Plan, map: &RegisterMap) -> Vec<Answer> {
    let answer = |request: &siskin_wire::modbus::Request| {
        let (address, count) = (request.addr, request.len);
        match u8::from(request.fc) {
            2 => Answer::Bits(map.discrete.read(address, count).unwrap()),
            3 => Answer::Registers(map.holding.read(address, count).unwrap()),
            4 => Answer::Registers(map.input.read(address, count).unwrap()),
            other => panic!("function {other}"),
        }
    };
    plan.requests().iter().map(answer).collect()
}

/// The analyzer called `id` in `state`, each channel showing the value of `values` in its place.
fn face(id: &str, state: DeviceState, values: &[f64]) -> Face {
    let site = demo_site();
    let place = site.analyzers.iter().position(|a| a.id.as_str() == id).unwrap();
    let channels = site.channels.iter().filter(|c| c.analyzer == place);
    let shown = channels.zip(values).map(|(channel, value)| Shown {
        quantity: channel.quantity.clone(),
        value: *value,
        unit: channel.unit,
        range: channel.range,
        resolution: channel.resolution,
    });
    Face {
        state,
        shown: shown.collect(),
        uptime_s: 10.0,
        now: Timestamp::from_millis(1_767_225_600_000),
        unit: 1,
    }
}

fn check(id: &str, state: DeviceState, values: &[f64], quality: Quality, seen: &[Option<f64>]) {
    let site = demo_site();
    let analyzer = site.analyzers.iter().find(|a| a.id.as_str() == id).unwrap();
    let map = Model::of(&analyzer.profile).unwrap().registers(&face(id, state, values));
    let plan = plan(id);
    let decoded = plan.decode(&answers(&plan, &map)).unwrap();
    assert_eq!(decoded.values.len(), values.len(), "{id} {state:?}");
    for (reading, seen) in decoded.values.iter().zip(seen) {
        assert_eq!(reading.quality, quality, "{id} {state:?}");
        let rounded = reading.value.map(|v| (v * 1e3).round() / 1e3);
        assert_eq!(rounded, *seen, "{id} {state:?}");
    }
}

#[test]
fn midas_and_xnx_are_understood_in_every_state() {
    for id in ["at-101", "at-203"] {
        check(id, Normal, &[12.5], Quality::Good, &[Some(12.5)]);
        check(id, Normal, &[200.0], Quality::OverRange, &[Some(200.0)]);
        check(id, WarmUp, &[12.5], Quality::WarmUp, &[Some(12.5)]);
        check(id, Calibration, &[12.5], Quality::Calibration, &[Some(12.5)]);
        check(id, Fault, &[12.5], Quality::Fault, &[Some(12.5)]);
    }
    check("at-101", Inhibited, &[12.5], Quality::Maintenance, &[Some(12.5)]);
    check("at-203", Inhibited, &[12.5], Quality::Maintenance, &[Some(0.0)]);
}

#[test]
fn the_fence_line_analyzer_is_understood_in_every_state() {
    let (shown, seen) = ([52.0, 3.0], [Some(52.0), Some(3.0)]);
    check("at-301", Normal, &shown, Quality::Good, &seen);
    check("at-301", Calibration, &shown, Quality::Calibration, &seen);
    // The product says no more than that the value is not to be used.
    for state in [WarmUp, Inhibited, Fault] {
        check("at-301", state, &shown, Quality::Fault, &seen);
    }
}

#[test]
fn the_weather_station_is_understood() {
    let shown = [4.2, 247.5, -12.3, 1012.4, 46.1];
    check("ws-001", Normal, &shown, Quality::Good, &shown.map(Some));
    check("ws-001", Fault, &shown, Quality::Fault, &[None; 5]);
    let north = [4.2, 0.0, -12.3, 1012.4, 46.1];
    check("ws-001", Normal, &north, Quality::Good, &north.map(Some));
}

#[test]
fn units_a_product_cannot_show_are_known() {
    let shows = |profile, unit| Model::of(profile).unwrap().shows(unit);
    assert!(shows("honeywell-midas", Unit::Ppm) && !shows("honeywell-midas", Unit::Ppb));
    assert!(shows("honeywell-xnx", Unit::MilligramPerM3) && !shows("honeywell-xnx", Unit::Ppb));
    assert!(shows("teledyne-t102", Unit::Ppb) && !shows("teledyne-t102", Unit::Ppm));
    assert!(shows("vaisala-wxt530", Unit::Celsius) && !shows("vaisala-wxt530", Unit::Ppm));
    assert_eq!(Model::of("siskin-json"), None);
    // In another unit the code in the register says so.
    let mut face = face("at-203", Normal, &[12.5]);
    for shown in &mut face.shown {
        shown.unit = Unit::PercentVolume;
        shown.quantity = Quantity::Temperature;
        shown.range = Range { low: 0.0, high: 1.0 };
    }
    assert_eq!(Model::Xnx.registers(&face).holding.read(10, 1), Some(vec![3]));
    assert_eq!(Model::Midas.registers(&face).holding.read(6, 1), Some(vec![0x0401]));
}
