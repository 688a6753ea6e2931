//! A flood of alarms through the real station, which is killed in the middle of it: nothing is
//! lost, the first out stands in front, acknowledgements are served, and the flood is told once.
//! Figures of a larger one: `make bench ONLY=alarms`.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::flood::{FloodPark, Size, area};
use e2e::procfs;
use e2e::station::Station;
use serde_json::{Value, json};

/// Four hundred alarms of ten minutes, as fast as they can come.
const SIZE: Size = Size { areas: 10, rising: 120, block: PORTION, silent: 40 };
/// Channels of an area, which rise between two looks of the person.
const PORTION: usize = 12;
/// The area before which the station is killed: the flood is on, with fewer open warnings than it
/// took to begin.
const KILLED_BEFORE: usize = 5;
const SOON: Duration = Duration::from_mins(1);
/// A debug build, its stores and some hundred alarms: far below this, and it must stay so.
const MEMORY_BYTES_MAX: u64 = 512 << 20;

fn list(station: &Station, path: &str) -> Result<Vec<Value>> {
    station.get(path)?.as_array().cloned().with_context(|| format!("{path} is no list"))
}

#[test]
fn four_hundred_alarms_are_all_there_with_the_first_out_in_front() -> Result<()> {
    let mut park = FloodPark::new(SIZE)?;
    let mut station = Station::run(&park.site(), &park.data())?;
    park.ready(&station)?;
    let mut acknowledged = 0;
    for first in (0..SIZE.rising).step_by(PORTION) {
        if first == KILLED_BEFORE * PORTION {
            station.kill()?;
            station = Station::run(&park.site(), &park.data())?;
        }
        park.rise(first..first + PORTION)?;
        // Whatever stands in front now is seen to while more comes.
        let warning = station.until("a warning", SOON, |station| {
            let open = list(station, "warnings")?;
            let is_new = |one: &&Value| one["state"] == "active-unacknowledged";
            Ok(open.iter().find(is_new).cloned())
        })?;
        let path = format!("warnings/{}/acknowledge", warning["id"].as_str().context("no id")?);
        let (status, answer) = station.post(&path, &json!({ "note": "看到" }))?;
        // Somebody else's alarm may have raised it to red meanwhile; never is there no answer.
        ensure!(status == 200, "{status} {answer}");
        acknowledged += 1;
    }
    ensure!(acknowledged == SIZE.rising / PORTION, "{acknowledged} acknowledgements");
    station.until("all alarms", SOON, |station| {
        let is_all = list(station, "alarms")?.len() == SIZE.alarms()
            && list(station, "equipment")?.len() == SIZE.silent;
        Ok(is_all.then_some(()))
    })?;
    first_out_is_in_front(&station)?;
    let peak = procfs::resident_peak_bytes(station.process().id())?;
    ensure!(peak < MEMORY_BYTES_MAX, "{peak} bytes");
    station.stop()?;
    all_are_recorded(&park)
}

/// Areas went wrong one after the other, and all of them are red by now.
fn first_out_is_in_front(station: &Station) -> Result<()> {
    let expected: Vec<_> = (0..SIZE.areas).map(area).collect();
    let areas = |list: &[Value]| -> Vec<String> {
        list.iter().filter_map(|one| one["area"].as_str().map(str::to_owned)).collect()
    };
    let open = list(station, "warnings")?;
    ensure!(areas(&open) == expected, "{:?}", areas(&open));
    ensure!(open.iter().all(|one| one["tier"] == "red"), "{open:?}");
    let fed: usize = open.iter().filter_map(|one| one["alarms"].as_array().map(Vec::len)).sum();
    ensure!(fed == SIZE.gas_alarms(), "{fed} alarms feed warnings");
    let floods = list(station, "floods")?;
    let ids: Vec<_> = open.iter().map(|one| one["id"].clone()).collect();
    ensure!(floods[0]["first_out"] == json!(ids), "{floods:?}");
    ensure!(floods[0]["begun_at"].is_string(), "no flood: {floods:?}");
    Ok(())
}

/// Each alarm has begun once in the ledger, and the flood too.
fn all_are_recorded(park: &FloodPark) -> Result<()> {
    let mut command = Command::new(binary::python()?);
    command.arg(binary::root().join("tests/python/read_ledger.py")).arg(park.data());
    let done = command.args(["0", "0"]).output()?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let found: Value = serde_json::from_slice(&done.stdout)?;
    let mut begun: BTreeMap<String, u32> = BTreeMap::new();
    let events = found["events"].as_array().context("no events")?;
    let floods: Vec<_> = events.iter().filter(|event| event["kind"] == "flood").collect();
    ensure!(floods.len() == 1 && floods[0]["change"] == "began", "{floods:?}");
    for event in events {
        if event["kind"] == "alarm" && event["change"] == "raise" {
            let alarm = &event["body"]["alarm"];
            *begun.entry(format!("{}{}", alarm["rule"], alarm["channel"])).or_default() += 1;
        }
    }
    ensure!(begun.len() == SIZE.alarms(), "{} alarms are recorded", begun.len());
    ensure!(begun.values().all(|count| *count == 1), "{begun:?}");
    Ok(())
}
