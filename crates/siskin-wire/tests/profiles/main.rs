//! The shipped device profiles against golden register dumps: a dump for every profile, and in the
//! dumps every state, bit, rule, unit and mark for no value that a profile names.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests; a panic is how they fail"
)]

mod cover;
mod dump;
mod image;
mod shape;

use std::path::{Path, PathBuf};

use siskin_model::Quality;
use siskin_wire::DeviceProfile;
use siskin_wire::profile::{Evidence, Transport};
use toml::Table;

use dump::Dump;

/// Fewer Modbus profiles than this and some were lost.
const PROFILES_MIN: usize = 20;

fn text(folder: &str, id: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    std::fs::read_to_string(root.join(format!("{id}.toml"))).unwrap_or_else(|error| {
        panic!("{folder}/{id}.toml: {error}; every Modbus profile needs a golden dump")
    })
}

fn profile(id: &str) -> DeviceProfile {
    let text = text("firmware-configs/devices", id);
    toml::from_str(&text).unwrap_or_else(|error| panic!("{id}: {error}"))
}

fn table(id: &str) -> Table {
    text("firmware-configs/devices", id).parse().unwrap()
}

fn dump(id: &str) -> Dump {
    let dump: Dump = toml::from_str(&text("tests/fixtures/devices", id))
        .unwrap_or_else(|error| panic!("dump of {id}: {error}"));
    assert_eq!(dump.profile, id);
    dump
}

/// The names of all profiles.
fn ids() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../firmware-configs/devices");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|e| e == "toml"));
    let mut ids: Vec<_> =
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn modbus() -> Vec<DeviceProfile> {
    ids().iter().map(|id| profile(id)).filter(|p| p.transport == Transport::Modbus).collect()
}

#[test]
fn every_shipped_profile_is_sound_and_says_what_it_is() {
    for id in ids() {
        let profile = profile(&id);
        assert_eq!(profile.id, id);
        assert_eq!(profile.check(), [], "{id}");
        // Nothing here was tried on a device yet.
        assert_ne!(profile.status, Evidence::Hardware, "{id}");
        assert!(!profile.source.doc.is_empty() && !profile.source.pages.is_empty(), "{id}");
    }
    let count = modbus().len();
    assert!(count >= PROFILES_MIN, "{count} Modbus profiles");
}

#[test]
fn every_profile_reads_its_golden_dump() {
    let found: Vec<_> =
        modbus().iter().flat_map(|profile| dump(&profile.id).disagreements(profile)).collect();
    assert!(found.is_empty(), "{} disagreements:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_state_of_every_profile_is_in_its_dump() {
    let missing = |p: &DeviceProfile| cover::missing(&table(&p.id), &dump(&p.id));
    let found: Vec<_> = modbus().iter().flat_map(missing).collect();
    assert!(found.is_empty(), "{} holes:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_modbus_profile_is_in_the_guide() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/devices.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    for profile in modbus() {
        let line = guide.lines().find(|line| line.starts_with(&format!("| `{}` |", profile.id)));
        let line = line.unwrap_or_else(|| panic!("docs/devices.md does not list {}", profile.id));
        let says_good = profile.validity_default == Quality::Good
            || profile.validity.iter().any(|rule| rule.quality == Quality::Good);
        let best = if says_good { "| good |" } else { "| uncertain |" };
        assert!(line.contains(best), "{line}");
    }
}

/// What is missing when the states of the dump of `id` whose name has `part` are taken away.
fn missing_without(id: &str, part: &str) -> Vec<String> {
    let mut dump = dump(id);
    let before = dump.states.len();
    dump.states.retain(|state| !state.name.contains(part));
    assert!(dump.states.len() < before, "{id} has no state `{part}`");
    cover::missing(&table(id), &dump)
}

#[test]
fn a_dump_with_a_hole_is_found() {
    let check = |id, part, want: &str| {
        let found = missing_without(id, part);
        assert!(found.iter().any(|what| what.contains(want)), "{id} without {part}: {found:?}");
    };
    check("honeywell-xnx", "no number", "NaN in `gas`");
    check("honeywell-xnx", "low word first", "the other word order in `gas`");
    check("honeywell-xnx", "another device", "another device");
    check("honeywell-xnx", "refused", "a refused register");
    check("vaisala-wxt530", "not", "0x7FFF of `wind_speed`");
    check("dfrobot-sen07xx", "not valid", "`valid` = 0");
    check("dfrobot-sen07xx", "not valid", "validity[0] decides");
    check("rki-beacon-410", "low power", "`mode` = 8");
    check("rki-beacon-410", "unknown mode", "an unknown state of `mode`");
}

#[test]
fn a_changed_profile_no_longer_agrees_with_its_dump() {
    let changed = |id: &str, from: &str, to: &str| {
        let text = text("firmware-configs/devices", id);
        let other = text.replacen(from, to, 1);
        assert_ne!(text, other, "{id} has no `{from}`");
        let profile: DeviceProfile = toml::from_str(&other).unwrap();
        assert!(!dump(id).disagreements(&profile).is_empty(), "{id}: `{to}` goes unseen");
    };
    changed("honeywell-xcd", "addr = 2", "addr = 8");
    changed("honeywell-xcd", "5 = \"fault\"", "6 = \"fault\"");
    changed("honeywell-midas", "CDAB", "ABCD");
    changed("vaisala-wxt530", "scale = 0.1", "scale = 0.01");
    changed("lambrecht-usonic", "invalid = [0xD8F1]", "invalid = [0x270F]");
    changed("igd-toc-635", "offset = -10.0", "offset = 0.0");
}
