//! Devices of the real station as people look at them: a third-party Modbus device is seen with its
//! registers, falls silent and is called silent; what was done to it is in the log for ever.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::accounts::FIRST;
use e2e::modbus::{Devices, State};
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use serde_json::{Value, json};

/// Longest wait for what needs a poll or a few timeouts.
const LATER: Duration = Duration::from_secs(25);
const DEVICE: &str = "at-1";
const LOG: &str = "channels/at-1-cl2/maintenance";

fn site(devices: &Devices) -> Result<SiteFolder> {
    let link = Link::Modbus(devices.port(DEVICE)?);
    SiteFolder::write(&[Analyzer { id: DEVICE, area: "area-1", link }], Options::default())
}

fn device(station: &Station) -> Result<Value> {
    let listed = station.get("devices")?;
    let found = listed.as_array().into_iter().flatten().find(|one| one["id"] == DEVICE);
    found.cloned().with_context(|| listed.to_string())
}

fn is_in(station: &Station, state: &str) -> Result<Value> {
    station.until(&format!("{DEVICE} is {state}"), LATER, |station| {
        let seen = device(station)?;
        Ok((seen["state"] == state).then_some(seen))
    })
}

/// Waits for a frame in which the gas is `shown`.
fn frame_with(station: &Station, shown: &str) -> Result<(Value, Value)> {
    station.until(&format!("a frame that says {shown}"), LATER, |station| {
        let frame = station.get(&format!("devices/{DEVICE}/registers"))?;
        let fields = frame["fields"].as_array().cloned().unwrap_or_default();
        let gas = fields.into_iter().find(|field| field["point"] == "gas");
        let gas = gas.filter(|gas| gas["shown"] == shown);
        Ok(gas.map(|gas| (frame, gas)))
    })
}

#[test]
fn a_device_is_seen_with_its_registers_and_called_silent_when_it_is() -> Result<()> {
    let mut devices = Devices::start(&[DEVICE])?;
    devices.set(DEVICE, 12.5, State::Monitor)?;
    let folder = site(&devices)?;
    let station = Station::run(&folder.site(), &folder.data())?;
    let seen = is_in(&station, "answering")?;
    let port = devices.port(DEVICE)?;
    ensure!(seen["address"] == format!("127.0.0.1:{port} · 1"), "{seen}");
    ensure!(seen["vendor"] == "Honeywell" && seen["edge"].is_null(), "{seen}");
    let (frame, gas) = frame_with(&station, "12.5")?;
    // 12.5 is the float32 41480000; the Midas sends its low word first.
    ensure!(gas["registers"] == json!(["0000", "4148"]) && gas["unit"] == "ppm", "{gas}");
    ensure!(gas["quality"] == "good", "{gas}");
    let request = &frame["requests"][0];
    ensure!(request["function"] == 3 && request["failure"].is_null(), "{frame}");
    ensure!(frame["heard_at"].is_string() && frame["is_cut"] == false, "{frame}");
    let steady = station.until("three answers in a row", LATER, |station| {
        let seen = device(station)?;
        Ok(seen["jitter_ms"].is_u64().then_some(seen))
    })?;
    ensure!(steady["interval_ms"].as_u64() > Some(0), "{steady}");
    devices.mode(DEVICE, "hang")?;
    let silent = is_in(&station, "silent")?;
    ensure!(silent["errors"]["unanswered"].as_u64() > Some(0), "{silent}");
    ensure!(silent["last_error"]["zh"].is_string(), "{silent}");
    // What it said last stays, with the moment it said it.
    let (kept, _) = frame_with(&station, "12.5")?;
    ensure!(kept["heard_at"].is_string(), "{kept}");
    devices.mode(DEVICE, "normal")?;
    is_in(&station, "answering")?;
    station.stop()
}

#[test]
fn what_was_done_is_in_the_log_after_a_restart_and_in_the_audit() -> Result<()> {
    let devices = Devices::start(&[DEVICE])?;
    let folder = site(&devices)?;
    let station = Station::run(&folder.site(), &folder.data())?;
    let (status, refused) = station.post_by(
        FIRST,
        LOG,
        &json!({
            "kind": "calibration", "at_ms": 0, "standard": 5.0, "after": 5.0,
        }),
    )?;
    ensure!(status == 422 && refused["type"] == "/problems/bad-field", "{status} {refused}");
    ensure!(refused["detail"].as_str().is_some_and(|text| text.contains("`at_ms`")), "{refused}");
    let now_ms = e2e::moment::now_ms();
    let body = json!({
        "kind": "calibration", "at_ms": now_ms - 60_000, "standard": 5.0, "before": 4.6,
        "after": 5.01, "next_due_ms": now_ms + 3_600_000, "note": "换了滤芯",
    });
    let (status, made) = station.post_by(FIRST, LOG, &body)?;
    ensure!(status == 200 && made["by"] == FIRST && made["number"] == 1, "{status} {made}");
    station.stop()?;
    let station = Station::run(&folder.site(), &folder.data())?;
    let log = station.get(LOG)?;
    ensure!(log == json!([made]), "{log}");
    ensure!(station.get("maintenance")? == json!([made]), "the newest of its kind");
    let due = station.get("maintenance/due")?;
    ensure!(due[0]["state"] == "soon" && due[0]["every_days"].is_null(), "{due}");
    let health = station.get("health")?;
    ensure!(health["maintenance"]["soon"] == 1, "{}", health["maintenance"]);
    let audit = station.get("audit")?.to_string();
    ensure!(audit.contains("换了滤芯") && audit.contains("at-1-cl2"), "{audit}");
    station.stop()
}
