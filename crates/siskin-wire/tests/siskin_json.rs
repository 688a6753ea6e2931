//! The profile `siskin-json` against the payloads it documents.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests; a panic is how they fail"
)]

use siskin_model::site::Range;
use siskin_model::{Quality, Timestamp, Unit};
use siskin_wire::json::Mapping;
use siskin_wire::{DeviceProfile, Slot};

const ARRIVAL_MS: i64 = 1_767_225_600_250;

fn mapping() -> Mapping {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../firmware-configs/devices/siskin-json.toml");
    let profile: DeviceProfile = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let slot = Slot {
        point: "value".into(),
        unit: Unit::Ppm,
        range: Range { low: 0.0, high: 50.0 },
        factors: vec![(Unit::Ppm, 1.0)],
    };
    Mapping::new(&profile, vec![slot]).unwrap()
}

fn check(value: &str, status: &str, want: (Option<f64>, Quality)) {
    let payload =
        format!(r#"{{"ts":1767225600000,"value":{value},"unit":"ppm","status":"{status}"}}"#);
    let arrival = Timestamp::from_millis(ARRIVAL_MS);
    let got = mapping().decode(payload.as_bytes(), arrival, 0).unwrap().remove(0);
    assert_eq!(got.measured_at.as_millis(), 1_767_225_600_000);
    assert_eq!((got.values[0].value, got.values[0].quality), want);
    assert_eq!(got.refused, []);
}

#[test]
fn one_payload_per_state() {
    check("0.52", "ok", (Some(0.52), Quality::Good));
    check("0", "ok", (Some(0.0), Quality::Good));
    check("0.52", "warmup", (Some(0.52), Quality::WarmUp));
    check("25", "cal", (Some(25.0), Quality::Calibration));
    check("0", "maint", (Some(0.0), Quality::Maintenance));
    check("null", "fault", (None, Quality::Fault));
    check("50", "ok", (Some(50.0), Quality::OverRange));
    check("48", "over", (Some(48.0), Quality::OverRange));
    check("null", "over", (None, Quality::OverRange));
    check("0.52", "sleeping", (Some(0.52), Quality::Uncertain));
}
