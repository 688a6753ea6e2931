//! Messages of a Sparkplug B edge node in any order and of any bytes: never a number that is none.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use siskin_model::site::Range;
use siskin_model::{Timestamp, Unit};
use siskin_wire::Slot;
use siskin_wire::profile::DeviceProfile;
use siskin_wire::sparkplug::{Effect, Host, Member, payload};

const NOW_MS: i64 = 1_767_225_600_000;
const PROFILE: &str = include_str!("../../../firmware-configs/devices/sparkplug-generic.toml");
const KINDS: [&str; 8] = [
    "NBIRTH/edge", "NDATA/edge", "NDEATH/edge", "DBIRTH/edge/device", "DDATA/edge/device",
    "DDEATH/edge/device", "NCMD/edge", "STATE",
];

static PARTS: LazyLock<(DeviceProfile, Vec<Slot>)> = LazyLock::new(|| {
    let profile: DeviceProfile = toml::from_str(PROFILE).expect("a profile");
    let slot = |point: &str| Slot {
        point: point.to_owned(),
        unit: Unit::Ppm,
        range: Range { low: 0.0, high: 100.0 },
        factors: vec![(Unit::Ppm, 1.0), (Unit::MilligramPerM3, 0.35)],
    };
    let slots = profile.value_points().into_iter().map(slot).collect();
    (profile, slots)
});

fn check(effects: Vec<Effect>) {
    for effect in effects {
        if let Effect::Heard { readings, .. } = effect {
            for reading in readings {
                assert!(reading.point.value.is_none_or(f64::is_finite), "a number that is none");
            }
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (profile, slots) = &*PARTS;
    let member = |device| Member::new(("plant", "edge", device), profile, slots.clone());
    let members = [member(None), member(Some("device"))].into_iter().flatten().collect();
    let mut host = Host::new(members);
    let mut now = Timestamp::from_millis(NOW_MS);
    check(host.connected(now));
    // Each message: kind, length, bytes.
    let mut rest = bytes;
    while let [kind, length, more @ ..] = rest {
        let (message, next) = more.split_at(usize::from(*length).min(more.len()));
        let kind = KINDS[usize::from(*kind) % KINDS.len()];
        let topic = match kind.split_once('/') {
            Some((verb, who)) => format!("spBv1.0/plant/{verb}/{who}"),
            None => "spBv1.0/STATE/siskin".to_owned(),
        };
        now = now.plus_ms(100);
        check(host.take(&topic, message, false, now));
        check(host.tick(now));
        rest = next;
    }
    if let Ok(payload) = payload::decode(bytes) {
        for metric in &payload.metrics {
            let numbers = (0..=36).filter_map(|datatype| metric.number(datatype));
            numbers.for_each(|number| drop(number.to_string()));
        }
    }
});
