//! Stations that end while late readings wait to be judged, or any wait for their window.

use anyhow::{Result, ensure};
use e2e::gateway::Gateway;
use e2e::process::say;
use e2e::site::Options;
use e2e::station::Station;

use crate::SOON;
use crate::alarms::{PAST_EPISODE, around_the_hole, in_the_hole};
use crate::told::{begins_with, calm, corrected, counter, level, reached, stored, ticks, told};

#[test]
fn kill_9_before_late_readings_are_judged_loses_no_correction() -> Result<()> {
    for wait_for_store in [false, true] {
        say(&format!("killed when {}", if wait_for_store { "stored" } else { "published" }));
        let gateway = Gateway::start(Options::default())?;
        let station = gateway.first_station()?;
        stored(&station, &gateway, &around_the_hole())?;
        if wait_for_store {
            stored(&station, &gateway, &in_the_hole())?;
        } else {
            gateway.send(&in_the_hole())?;
        }
        station.kill()?;
        let station = gateway.station()?;
        corrected(&station, &gateway, &PAST_EPISODE)?;
        station.kill()?;
        let station = gateway.station()?;
        reached(&station, &gateway, &calm(300..320))?;
        ticks(&station)?;
        corrected(&station, &gateway, &PAST_EPISODE)?;
        let all = told(&station, &gateway)?;
        ensure!(all.len() == PAST_EPISODE.len(), "{all:?}");
        ensure!(station.get("warnings?scope=all")? == serde_json::json!([]));
        station.stop()?;
    }
    Ok(())
}

#[test]
fn readings_that_wait_for_their_window_are_judged_once_over_a_restart() -> Result<()> {
    for in_order in [true, false] {
        say(if in_order { "stopped" } else { "killed" });
        let gateway = Gateway::start(Options { red_on_delay_s: 3, ..Options::default() })?;
        let station = gateway.first_station()?;
        // Of the last ones nobody knows yet whether older ones are on their way.
        stored(&station, &gateway, &[calm(0..100), level(100..106, 6.0)].concat())?;
        let before = told(&station, &gateway)?;
        ensure!(before.is_empty(), "judged before the window was over: {before:?}");
        if in_order {
            station.stop()?;
        } else {
            station.kill()?;
        }
        let station = gateway.station()?;
        station.until("red", SOON, |station| {
            Ok((station.get("warnings")?[0]["tier"] == "red").then_some(()))
        })?;
        station.kill()?;
        let station = gateway.station()?;
        reached(&station, &gateway, &calm(106..130))?;
        let found: Vec<_> = told(&station, &gateway)?;
        let alarms: Vec<_> = found.iter().filter(|w| !w.starts_with("warning")).collect();
        let wanted = [
            "yellow raise 100",
            "orange raise 100",
            "red raise 103",
            "yellow clear 106",
            "orange clear 106",
            "red clear 106",
        ];
        ensure!(alarms == wanted, "{found:?}");
        let raised = begins_with(&found, "warning raised");
        ensure!(raised == ["warning raised yellow 100"], "{found:?}");
        ensure!(counter(&station, "late")? == 0);
        station.stop()?;
    }
    Ok(())
}

#[test]
fn kill_9_after_readings_came_twice_tells_nothing_twice() -> Result<()> {
    let gateway = Gateway::start(Options::default())?;
    let station = gateway.first_station()?;
    let episode = [calm(0..100), level(100..120, 6.0), calm(120..200)].concat();
    stored(&station, &gateway, &episode)?;
    station.until("it is over", SOON, |station| {
        let all = told(station, &gateway)?;
        Ok(all.iter().any(|words| words == "red clear 120").then_some(()))
    })?;
    ticks(&station)?;
    // Ladders go by the station's clock.
    let by_readings = |station: &Station| -> Result<Vec<String>> {
        let all = told(station, &gateway)?.into_iter();
        Ok(all.filter(|words| !words.starts_with("warning passed-on")).collect())
    };
    let before = by_readings(&station)?;
    ensure!(begins_with(&before, "warning raised").len() == 1, "{before:?}");
    // Without these, the rest of the episode would seem to be another one.
    stored(&station, &gateway, &[level(100..110, 6.0), calm(125..140)].concat())?;
    ticks(&station)?;
    station.kill()?;
    let station = gateway.station()?;
    reached(&station, &gateway, &calm(200..230))?;
    ticks(&station)?;
    let after = by_readings(&station)?;
    ensure!(after == before, "told {before:?}, after the kill {after:?}");
    station.stop()
}
