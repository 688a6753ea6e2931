//! Payloads of gateways by the shipped profiles, from `tests/fixtures/mqtt/cases.txt`: value, unit,
//! quality and measured-at; an error is never a number.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests; a panic is how they fail"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use siskin_model::site::Range;
use siskin_model::{Timestamp, Unit};
use siskin_wire::json::Mapping;
use siskin_wire::{DeviceProfile, Refusal, Slot};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn profile(id: &str) -> DeviceProfile {
    let text = fs::read_to_string(root().join(format!("firmware-configs/devices/{id}.toml")));
    let profile: DeviceProfile = toml::from_str(&text.expect(id)).expect(id);
    assert_eq!(profile.check(), [], "{id}");
    profile
}

fn slot(profile: &DeviceProfile, point: &str) -> Slot {
    let unit = profile.json.as_ref().unwrap().values[point].unit.unwrap_or(Unit::Ppm);
    Slot {
        point: point.into(),
        unit,
        range: Range { low: 0.0, high: 1_000.0 },
        factors: vec![(unit, 1.0)],
    }
}

/// Readings as the table writes them, and why something was refused.
fn decoded(id: &str, point: &str, payload: &str, arrival_ms: i64) -> (Vec<String>, Vec<Refusal>) {
    let profile = profile(id);
    let mapping = Mapping::new(&profile, vec![slot(&profile, point)]).unwrap();
    let path = root().join(format!("tests/fixtures/mqtt/payloads/{payload}.json"));
    let payload = fs::read(path).expect(payload);
    let arrival = Timestamp::from_millis(arrival_ms);
    let records = match mapping.decode(&payload, arrival, 0) {
        Ok(records) => records,
        Err(refusal) => return (Vec::new(), vec![refusal]),
    };
    let mut said = Vec::new();
    for record in &records {
        for reading in &record.values {
            let value = reading.value.map_or("-".into(), |value| value.to_string());
            let off_ms = record.measured_at.since_ms(arrival);
            said.push(format!("{off_ms} {value} {}", reading.quality.as_str()));
        }
    }
    (said, records.into_iter().flat_map(|record| record.refused).collect())
}

fn list(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[test]
fn every_case_of_the_table() {
    let table = fs::read_to_string(root().join("tests/fixtures/mqtt/cases.txt")).unwrap();
    let mut used = BTreeSet::new();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let parts: Vec<_> = line.split('|').map(str::trim).collect();
        let [id, point, payload, arrival, readings, refused] = parts[..] else {
            panic!("not a case: {line}");
        };
        let (said, why) = decoded(id, point, payload, arrival.parse().expect(line));
        assert_eq!(said, list(readings), "{line}\n{why:?}");
        let wanted = list(refused);
        assert_eq!(why.len(), wanted.len(), "{line}\n{why:?}");
        for (refusal, part) in why.iter().zip(wanted) {
            let reason = &refusal.reason;
            assert!(
                reason.en.contains(part) && reason.en.contains("; hint: "),
                "{line}\n{reason:?}"
            );
            assert!(reason.zh.contains('；'), "{line}\n{reason:?}");
        }
        used.insert(payload.to_owned());
    }
    let files = fs::read_dir(root().join("tests/fixtures/mqtt/payloads")).unwrap();
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let files: BTreeSet<_> = files.map(|file| stem(file.unwrap().path())).collect();
    assert_eq!(used, files, "payloads without a case, or the reverse");
}
