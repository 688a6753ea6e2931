//! JSON payloads by every shipped mapping: never a number that is none, never a time of the future.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use siskin_model::site::Range;
use siskin_model::{Timestamp, Unit};
use siskin_wire::profile::{DeviceProfile, Transport};
use siskin_wire::{Slot, json};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

static MAPPINGS: LazyLock<Vec<json::Mapping>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../firmware-configs/devices");
    let files = std::fs::read_dir(folder).expect("the profiles are there");
    let texts = files.flatten().filter(|file| file.path().extension().is_some_and(|e| e == "toml"));
    let texts = texts.map(|file| std::fs::read_to_string(file.path()).expect("a readable profile"));
    let profiles = texts.map(|text| toml::from_str::<DeviceProfile>(&text).expect("a profile"));
    let json = profiles.filter(|profile| profile.transport == Transport::MqttJson);
    json.map(|profile| json::Mapping::new(&profile, slots(&profile)).expect("a mapping")).collect()
});

fn slots(profile: &DeviceProfile) -> Vec<Slot> {
    let slot = |point: &str| Slot {
        point: point.to_owned(),
        unit: Unit::Ppm,
        range: Range { low: 0.0, high: 100.0 },
        factors: vec![(Unit::Ppm, 1.0), (Unit::MilligramPerM3, 0.35)],
    };
    profile.value_points().into_iter().map(slot).collect()
}

fuzz_target!(|payload: &[u8]| {
    for mapping in MAPPINGS.iter() {
        for decoded in mapping.decode(payload, NOW, 60_000).into_iter().flatten() {
            for value in &decoded.values {
                assert!(value.value.is_none_or(f64::is_finite), "a number that is none");
            }
        }
    }
});
