//! Registers of every shipped Modbus profile: any words give readings, never a number that is none.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use siskin_model::site::Range;
use siskin_model::Unit;
use siskin_wire::Slot;
use siskin_wire::modbus::{Answer, Plan};
use siskin_wire::profile::{DeviceProfile, Transport};

static PLANS: LazyLock<Vec<(Plan, Plan)>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../firmware-configs/devices");
    let files = std::fs::read_dir(folder).expect("the profiles are there").flatten();
    let mut files: Vec<_> = files.map(|file| file.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).expect("a readable profile"));
    let profiles = texts.map(|text| toml::from_str::<DeviceProfile>(&text).expect("a profile"));
    let modbus = profiles.filter(|profile| profile.transport == Transport::Modbus);
    modbus
        .map(|profile| {
            let plan = Plan::new(&profile, slots(&profile)).expect("a plan");
            (plan, Plan::whole(&profile).expect("a plan"))
        })
        .collect()
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

/// Answers made of the bytes, of the right length or a little off.
fn answers(plan: &Plan, bytes: &mut impl Iterator<Item = u8>) -> Vec<Answer> {
    let mut next = || bytes.next().unwrap_or_default();
    let answer = |request: &siskin_wire::modbus::Request| {
        let shape = next();
        let off = usize::from(shape & 0x0F == 1);
        let len = usize::from(request.len) + off;
        if request.fc.is_bits() {
            Answer::Bits((0..len).map(|_| next() & 1 == 1).collect())
        } else {
            Answer::Registers((0..len).map(|_| u16::from_be_bytes([next(), next()])).collect())
        }
    };
    plan.requests().iter().map(answer).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let Some((which, rest)) = bytes.split_first() else { return };
    let (plan, whole) = &PLANS[usize::from(*which) % PLANS.len()];
    if let Ok(decoded) = plan.decode(&answers(plan, &mut rest.iter().copied())) {
        for value in &decoded.values {
            assert!(value.value.is_none_or(f64::is_finite), "a number that is none");
        }
    }
    let _shown = whole.looks(&answers(whole, &mut rest.iter().copied()));
});
