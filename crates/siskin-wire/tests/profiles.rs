//! The shipped device profiles against golden register dumps, one per state of each device.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests; a panic is how they fail"
)]

use std::path::PathBuf;

use siskin_model::site::Range;
use siskin_model::{Quality, Unit};
use siskin_wire::modbus::{Answer, Plan, Request};
use siskin_wire::profile::{Evidence, ReadFunction};
use siskin_wire::{DeviceProfile, Slot};

const ALL: [&str; 5] =
    ["honeywell-midas", "honeywell-xnx", "siskin-json", "teledyne-t102", "vaisala-wxt530"];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../firmware-configs/devices")
}

fn profile(id: &str) -> DeviceProfile {
    let text = std::fs::read_to_string(folder().join(format!("{id}.toml"))).unwrap();
    toml::from_str(&text).unwrap()
}

fn slot(point: &str, unit: Unit, high: f64) -> Slot {
    let range = Range { low: 0.0, high };
    let factors = match unit {
        Unit::Ppm => vec![(Unit::Ppm, 1.0), (Unit::Ppb, 1e-3)],
        other => vec![(other, 1.0)],
    };
    Slot { point: point.into(), unit, range, factors }
}

fn request(fc: u8, addr: u16, len: u16) -> Request {
    Request { fc: ReadFunction::try_from(fc).unwrap(), addr, len }
}

/// What each slot of `plan` is after `answers`, and how many parts were refused.
fn read(plan: &Plan, answers: &[Answer]) -> (Vec<(Option<f64>, Quality)>, usize) {
    let decoded = plan.decode(answers).unwrap();
    let places: Vec<_> = decoded.values.iter().map(|v| v.slot).collect();
    assert_eq!(places, (0..plan.slots()).collect::<Vec<_>>());
    let values = decoded.values.iter();
    let rounded = |v: f64| (v * 1e4).round() / 1e4;
    let values = values.map(|v| (v.value.map(rounded), v.quality)).collect();
    (values, decoded.refused.len())
}

#[test]
fn every_shipped_profile_is_sound_and_says_what_it_is() {
    let mut files: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    assert_eq!(files, ALL);
    for id in ALL {
        let profile = profile(id);
        assert_eq!(profile.id, id);
        assert_eq!(profile.check(), [], "{id}");
        assert_eq!(profile.status, Evidence::Documented, "{id}");
        assert!(!profile.source.doc.is_empty() && !profile.source.pages.is_empty());
    }
}

fn midas() -> Plan {
    let plan = Plan::new(&profile("honeywell-midas"), vec![slot("gas", Unit::Ppm, 50.0)]);
    let plan = plan.unwrap();
    assert_eq!(plan.requests(), [request(3, 0, 10)]);
    plan
}

/// A Midas with 0.5 ppm (0x3F000000, low word first) unless `gas` says otherwise.
fn midas_says(status: u16, gas: [u16; 2], unit: u16) -> (Option<f64>, Quality, usize) {
    let [low, high] = gas;
    let dump = vec![status, 0x1203, low, high, 50, 0, unit, 23, 8000, 4711];
    let (values, refused) = read(&midas(), &[Answer::Registers(dump)]);
    (values[0].0, values[0].1, refused)
}

#[test]
fn midas_states() {
    let half = [0x0000, 0x3F00];
    let says = |status| midas_says(status, half, 0x0102);
    let with = |quality| (Some(0.5), quality, 0);
    assert_eq!(says(0x0801), with(Quality::Good));
    // Alarm bits and relays do not change what the value is worth.
    assert_eq!(says(0x07C1), with(Quality::Good));
    assert_eq!(says(0x0000), with(Quality::WarmUp));
    for inhibited in [2, 3, 4, 5, 7] {
        assert_eq!(says(inhibited), with(Quality::Maintenance), "{inhibited}");
    }
    assert_eq!(says(0x0006), with(Quality::Calibration));
    assert_eq!(says(0x0008), with(Quality::Calibration));
    assert_eq!(says(0x0011), with(Quality::Uncertain));
    assert_eq!(says(0x0021), with(Quality::Fault));
    assert_eq!(says(0x0031), with(Quality::Fault));
    // A state that the manual does not list is never good.
    assert_eq!(says(0x0009), with(Quality::Uncertain));
    assert_eq!(says(0x000F), with(Quality::Uncertain));
}

#[test]
fn midas_values_and_units() {
    let good = 0x0001;
    let says = |gas, unit| midas_says(good, gas, unit);
    // 50.0 is 0x42480000, 51.5 is 0x424E0000.
    assert_eq!(says([0, 0x4248], 0x0100), (Some(50.0), Quality::OverRange, 0));
    assert_eq!(says([0, 0x424E], 0x0100), (Some(51.5), Quality::OverRange, 0));
    // With the display in ppb the float stays in ppm.
    assert_eq!(says([0, 0x3F00], 0x0203), (Some(0.5), Quality::Good, 0));
    assert_eq!(says([0, 0x3F00], 0x1000), (None, Quality::Fault, 1)); // mA
    assert_eq!(says([0, 0x3F00], 0x0800), (None, Quality::Fault, 1)); // %LEL, no factor
    assert_eq!(says([0, 0x3F00], 0x0000), (None, Quality::Fault, 1)); // no bit set
    assert_eq!(says([0, 0x7FC0], 0x0100), (None, Quality::Fault, 1)); // NaN
    // High word first on the wire: the wrong order gives a denormal, not 0.5 ppm.
    assert_eq!(says([0x3F00, 0], 0x0100), (None, Quality::Fault, 1));
    let warming = midas_says(0x0000, [0, 0x7FC0], 0x0100);
    assert_eq!(warming, (None, Quality::WarmUp, 0));
}

#[test]
fn midas_heartbeat_is_its_seconds() {
    let dump = vec![1, 0, 0, 0x3F00, 0, 0, 0x0100, 0, 0, 4711];
    let decoded = midas().decode(&[Answer::Registers(dump)]).unwrap();
    assert_eq!(decoded.heartbeat, Some(4711));
}

/// An XNX from address 2 with the value `gas`.
fn xnx_says(gas: u32, code: u16, alarm: u16, state: u16) -> (Option<f64>, Quality) {
    xnx_with_unit(gas, code, alarm, state, 4)
}

fn xnx_with_unit(gas: u32, code: u16, alarm: u16, state: u16, unit: u16) -> (Option<f64>, Quality) {
    let plan = Plan::new(&profile("honeywell-xnx"), vec![slot("gas", Unit::Ppm, 1000.0)]);
    let plan = plan.unwrap();
    assert_eq!(plan.requests(), [request(3, 2, 9)]);
    let [a, b, c, d] = gas.to_be_bytes();
    let words = [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])];
    let dump = vec![words[0], words[1], code, alarm, state, 17, 0, 0, unit];
    read(&plan, &[Answer::Registers(dump)]).0[0]
}

/// 24.0 as IEEE 754.
const XNX_24: u32 = 0x41C0_0000;

#[test]
fn the_zero_of_an_inhibited_xnx_is_maintenance_and_not_clean_air() {
    assert_eq!(xnx_says(0, 0, 0, 3), (Some(0.0), Quality::Maintenance));
    assert_eq!(xnx_says(0, 0, 0, 11), (Some(0.0), Quality::Maintenance));
    // The high byte of the register is not part of the state.
    assert_eq!(xnx_says(0, 0, 0, 0x2403), (Some(0.0), Quality::Maintenance));
    assert_eq!(xnx_says(0, 0, 0, 1), (Some(0.0), Quality::Good));
}

#[test]
fn xnx_states() {
    let says = |state| xnx_says(XNX_24, 0, 0, state).1;
    assert_eq!(says(1), Quality::Good);
    assert_eq!(says(2), Quality::WarmUp);
    for state in [4, 5, 6, 20] {
        assert_eq!(says(state), Quality::Maintenance, "{state}");
    }
    for state in [10, 12, 13, 14, 15, 16, 17, 18, 19] {
        assert_eq!(says(state), Quality::Calibration, "{state}");
    }
    assert_eq!(says(7), Quality::Uncertain);
    assert_eq!(says(8), Quality::Fault);
    assert_eq!(says(9), Quality::Fault);
    assert_eq!(says(0), Quality::Uncertain);
    assert_eq!(says(21), Quality::Uncertain);
}

#[test]
fn xnx_codes_alarms_range_and_unit() {
    let normal = 1;
    let with = |quality| (Some(24.0), quality);
    assert_eq!(xnx_says(XNX_24, 0, 0x03, normal), with(Quality::Good));
    assert_eq!(xnx_says(XNX_24, 12, 0, normal), with(Quality::Uncertain));
    assert_eq!(xnx_says(XNX_24, 1103, 0, normal), with(Quality::Fault));
    assert_eq!(xnx_says(XNX_24, 0, 0x40, normal), with(Quality::Fault));
    // Bit 5 is the fault of the sister models, not of this one.
    assert_eq!(xnx_says(XNX_24, 0, 0x20, normal), with(Quality::Good));
    assert_eq!(xnx_says(XNX_24, 0xFFFF, 0, normal), with(Quality::Uncertain));
    // 1000.0 is 0x447A0000.
    let over = xnx_says(0x447A_0000, 0, 0, normal);
    assert_eq!(over, (Some(1000.0), Quality::OverRange));
    for unit in [0, 2, 5, 9, 12] {
        let got = xnx_with_unit(XNX_24, 0, 0, normal, unit);
        assert_eq!(got, (None, Quality::Fault), "{unit}");
    }
    // Inhibited, with a unit that cannot be converted: still maintenance, without a number.
    let got = xnx_with_unit(0, 0, 0, 3, 0);
    assert_eq!(got, (None, Quality::Maintenance));
}

fn t102_says(so2: u32, bits: [bool; 5]) -> Vec<(Option<f64>, Quality)> {
    let slots = vec![slot("h2s", Unit::Ppb, 10_000.0), slot("so2", Unit::Ppb, 10_000.0)];
    let plan = Plan::new(&profile("teledyne-t102"), slots).unwrap();
    assert_eq!(plan.requests(), [request(2, 15, 5), request(4, 34, 6)]);
    let [a, b, c, d] = so2.to_be_bytes();
    let so2 = [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])];
    // H2S 40.0 is 0x42200000.
    let values = vec![so2[0], so2[1], 0, 0, 0x4220, 0];
    let answers = [Answer::Bits(bits.to_vec()), Answer::Registers(values)];
    read(&plan, &answers).0
}

#[test]
fn t102_states() {
    // invalid, zero, span, multipoint, system ok; SO2 24.0.
    let says = |bits: [u8; 5]| t102_says(XNX_24, bits.map(|b| b == 1));
    let both = |quality| vec![(Some(40.0), quality), (Some(24.0), quality)];
    assert_eq!(says([0, 0, 0, 0, 1]), both(Quality::Good));
    assert_eq!(says([0, 0, 0, 0, 0]), both(Quality::Uncertain));
    assert_eq!(says([1, 0, 0, 0, 1]), both(Quality::Fault));
    assert_eq!(says([0, 1, 0, 0, 1]), both(Quality::Calibration));
    assert_eq!(says([1, 0, 1, 0, 1]), both(Quality::Calibration));
    assert_eq!(says([0, 0, 0, 1, 0]), both(Quality::Calibration));
}

#[test]
fn t102_range_and_nan_of_one_value_leave_the_other() {
    let ok = [false, false, false, false, true];
    // 10000.0 is 0x461C4000.
    let over = t102_says(0x461C_4000, ok);
    let h2s = (Some(40.0), Quality::Good);
    assert_eq!(over, [h2s, (Some(10_000.0), Quality::OverRange)]);
    assert_eq!(t102_says(0x7FC0_0000, ok), [h2s, (None, Quality::Fault)]);
}

#[test]
fn wxt530_values_and_their_absence() {
    let slots = vec![
        slot("wind_speed", Unit::MetrePerSecond, 60.0),
        slot("wind_direction", Unit::Degree, 360.0),
        Slot {
            range: Range { low: -52.0, high: 60.0 },
            ..slot("temperature", Unit::Celsius, 60.0)
        },
        slot("pressure", Unit::Hectopascal, 1100.0),
        slot("humidity", Unit::PercentHumidity, 100.0),
    ];
    let plan = Plan::new(&profile("vaisala-wxt530"), slots).unwrap();
    assert_eq!(plan.requests(), [request(4, 10, 33)]);
    let says = |temperature: u16, speed: u16| {
        let mut dump = vec![0u16; 33];
        dump[0] = 1000; // humidity 100.0 %RH
        dump[4] = 9273; // pressure 927.3 hPa
        dump[8] = 3600; // direction 360.0 deg
        dump[21] = temperature;
        dump[32] = speed;
        read(&plan, &[Answer::Registers(dump)])
    };
    let good = |value| (Some(value), Quality::Good);
    let air = |speed, temperature| vec![speed, good(360.0), temperature, good(927.3), good(100.0)];
    let minus_12_5 = (-125i16).cast_unsigned();
    assert_eq!(says(minus_12_5, 34), (air(good(3.4), good(-12.5)), 0));
    assert_eq!(says(0, 0), (air(good(0.0), good(0.0)), 0));
    let none = (None, Quality::Fault);
    assert_eq!(says(0x7FFF, 34), (air(good(3.4), none), 1));
    assert_eq!(says(0, 0x7FFF), (air(none, good(0.0)), 1));
}

#[test]
fn answers_of_the_wrong_shape_are_errors() {
    let short = midas().decode(&[Answer::Registers(vec![0; 9])]);
    assert_eq!(
        short.unwrap_err().to_string(),
        "the answer to function 3 at 0 has 9 values instead of 10; \
         hint: compare the device with its profile"
    );
    assert!(midas().decode(&[Answer::Registers(vec![0; 11])]).is_err());
    assert!(midas().decode(&[Answer::Bits(vec![false; 10])]).is_err());
    assert!(midas().decode(&[]).is_err());
}

#[test]
fn a_channel_on_a_point_that_is_no_value_is_refused() {
    let error = Plan::new(&profile("honeywell-xnx"), vec![slot("state", Unit::Ppm, 1.0)]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "profile `honeywell-xnx` has no value point `state`; hint: its value points are: gas"
    );
    let json = Plan::new(&profile("siskin-json"), Vec::new());
    assert!(json.unwrap_err().to_string().contains("another protocol"));
}
