//! The self-proof: a pulse goes from the collector to the stream, and its age is on the API.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::modbus::Devices;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use e2e::stream::Event;

/// Longest wait for the first pulse, which is sent at once.
const SOON: Duration = Duration::from_secs(15);
/// One period and the time of a busy machine.
const PERIOD: Duration = Duration::from_secs(75);

fn site(devices: &Devices) -> Result<SiteFolder> {
    let link = Link::Modbus(devices.port("at-1")?);
    SiteFolder::write(&[Analyzer { id: "at-1", area: "tank-farm", link }], Options::default())
}

#[test]
fn a_pulse_comes_through_at_the_start_and_again_after_a_restart() -> Result<()> {
    let devices = Devices::start(&["at-1"])?;
    let folder = site(&devices)?;
    for _ in 0..2 {
        let station = Station::run(&folder.site(), &folder.data())?;
        let proof = station.until("the first pulse", SOON, |station| {
            let proof = station.get("health")?["self_proof"].clone();
            Ok((proof["state"] == "ok").then_some(proof))
        })?;
        ensure!(proof["broken_at"].is_null(), "{proof}");
        ensure!(proof["way_ms"].as_i64().is_some_and(|ms| (0..10_000).contains(&ms)), "{proof}");
        ensure!(proof["age_ms"].as_i64().is_some_and(|ms| (0..60_000).contains(&ms)), "{proof}");
        // Nothing of it is among what people see.
        for list in ["warnings?scope=all", "alarms"] {
            let text = station.get(list)?.to_string();
            ensure!(!text.contains("pulse") && !text.contains("self-proof"), "{text}");
        }
        station.stop()?;
    }
    Ok(())
}

#[test]
fn the_next_pulse_is_on_the_stream_as_warnings_are() -> Result<()> {
    let devices = Devices::start(&["at-1"])?;
    let folder = site(&devices)?;
    let station = Station::run(&folder.site(), &folder.data())?;
    let mut stream = station.stream(None)?;
    let pulse = |event: &Event| (event.name == "pulse").then(|| event.data.clone());
    let pulse = stream.until("a pulse", PERIOD, pulse)?;
    ensure!(pulse["number"].as_u64().is_some_and(|number| number >= 1), "{pulse}");
    station.stop()
}
