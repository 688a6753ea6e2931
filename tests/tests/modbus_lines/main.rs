//! The real station and `siskin probe` on lines of third-party slaves: RTU frames over TCP and over
//! a pseudo-terminal. What a slave fails to do never becomes a number and never stops its
//! neighbours (invariants 1, 2, 6 and 9).

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod line;
mod probe;

use anyhow::{Result, ensure};
use e2e::wait;
use line::{INHIBITED, Kind, MONITOR, Park};
use serde_json::json;

/// How often a slave goes and comes back.
const ROUNDS: u8 = 3;
/// Eight slaves of 40 ms do not fit into a period of 200 ms.
const OVERLOADING: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
/// Polls of one slave over which two are compared.
const POLLS: u64 = 40;
const KINDS: [Kind; 2] = [Kind::Tcp, Kind::Pty];

#[test]
fn every_slave_is_read_as_itself_beside_a_dead_one() -> Result<()> {
    for kind in KINDS {
        // Nobody is unit 9.
        let mut park = Park::start(kind, &[3, 4, 9, 17], &[3, 4, 17])?;
        for (unit, ppm) in [(3, 0.3), (4, 0.4), (17, 1.7)] {
            park.reads_good(unit, ppm)?;
        }
        park.line.set(4, 0.25, MONITOR)?;
        park.reads_good(4, 0.25)?;
        park.reads_good(3, 0.3)?;
        let dead = park.link_is(9, "offline")?;
        ensure!(dead["last_error"].is_string(), "{kind:?}: {dead}");
        let channel = park.station.channel("at-9-cl2")?;
        ensure!(channel["value"].is_null(), "{kind:?}: {channel}");
        ensure!(channel["quality"] == "comm-lost", "{kind:?}: {channel}");
    }
    Ok(())
}

#[test]
fn a_slave_that_falls_silent_comes_back_every_time() -> Result<()> {
    for kind in KINDS {
        let mut park = Park::start(kind, &[3, 4], &[3, 4])?;
        for round in 0..ROUNDS {
            park.line.tell(&json!({ "unit": 3, "silent": true }))?;
            park.link_is(3, "offline")?;
            let lost = park.reads(3, "lost", |channel| channel["quality"] == "comm-lost")?;
            ensure!(lost["value"].is_null(), "{kind:?}, round {round}: {lost}");
            // Its neighbour is read as before.
            let ppm = f32::from(round) + 0.5;
            park.line.set(4, ppm, MONITOR)?;
            park.reads_good(4, ppm.into())?;
            park.line.set(3, ppm, MONITOR)?;
            park.line.tell(&json!({ "unit": 3, "silent": false }))?;
            park.link_is(3, "online")?;
            park.reads_good(3, ppm.into())?;
        }
    }
    Ok(())
}

#[test]
fn a_line_that_is_shut_is_opened_again_every_time() -> Result<()> {
    let mut park = Park::start(Kind::Tcp, &[3, 4], &[3, 4])?;
    for round in 0..ROUNDS {
        let (_, before) = park.line.tell(&json!({ "door": "shut" }))?;
        for unit in [3, 4] {
            park.link_is(unit, "offline")?;
            let lost = park.reads(unit, "lost", |channel| channel["quality"] == "comm-lost")?;
            ensure!(lost["value"].is_null(), "round {round}: {lost}");
        }
        park.line.tell(&json!({ "door": "open" }))?;
        for unit in [3, 4] {
            park.link_is(unit, "online")?;
            park.reads_good(unit, f64::from(unit) / 10.0)?;
        }
        let (_, after) = park.line.tell(&json!({ "unit": 3 }))?;
        ensure!(after > before, "round {round}: {before} and {after} connections");
    }
    Ok(())
}

/// How often unit 1 is asked while unit 8 is asked [`POLLS`] times.
fn polls_of_the_first(park: &mut Park) -> Result<u64> {
    let mut count = |unit: u8| Ok::<_, anyhow::Error>(park.line.tell(&json!({ "unit": unit }))?.0);
    let (first, last) = (count(1)?, count(8)?);
    wait::poll("unit 8 is asked again and again", line::LATER, || {
        Ok((count(8)? >= last + POLLS).then_some(()))
    })?;
    Ok(count(1)? - first)
}

#[test]
fn a_slave_in_alarm_is_asked_before_the_others_until_it_ends() -> Result<()> {
    let mut park = Park::start(Kind::Tcp, &OVERLOADING, &OVERLOADING)?;
    for unit in OVERLOADING {
        park.line.tell(&json!({ "unit": unit, "delay_ms": 40 }))?;
    }
    let alarms_are = |park: &Park, active: bool| {
        park.station.until(&format!("alarms: {active}"), line::LATER, |station| {
            let alarms = station.get("alarms")?;
            let has = alarms.as_array().is_some_and(|alarms| !alarms.is_empty());
            Ok((has == active).then_some(()))
        })
    };
    park.line.set(8, 3.0, MONITOR)?;
    alarms_are(&park, true)?;
    let during = polls_of_the_first(&mut park)?;
    park.line.set(8, 0.1, MONITOR)?;
    alarms_are(&park, false)?;
    let after = polls_of_the_first(&mut park)?;
    // Equal turns would be as many polls of each; some are lost to the moment of the change.
    ensure!(during * 10 < POLLS * 9, "in alarm: {during} polls of the first, {POLLS} of it");
    ensure!(after * 4 > POLLS * 3, "no longer: {after} polls of the first, {POLLS} of it");
    Ok(())
}

#[test]
fn a_register_that_is_refused_takes_none_of_the_others() -> Result<()> {
    for kind in KINDS {
        let mut park = Park::start(kind, &[3, 4], &[3, 4])?;
        park.reads_good(3, 0.3)?;
        // Nothing of the profile is at 8, but it lies between its points.
        park.line.tell(&json!({ "unit": 3, "hole": 8 }))?;
        park.line.set(3, 0.75, MONITOR)?;
        park.reads_good(3, 0.75)?;
        // State, gas and unit belong into one answer and 4 lies among them: that is a fault rather
        // than values of different moments.
        park.line.tell(&json!({ "unit": 3, "hole": 4 }))?;
        let gone = park.reads(3, "a fault", |channel| channel["quality"] == "fault")?;
        ensure!(gone["value"].is_null(), "{kind:?}: {gone}");
        let health = park.link_is(3, "degraded")?;
        ensure!(health["last_error"].is_string(), "{kind:?}: {health}");
        park.reads_good(4, 0.4)?;
    }
    Ok(())
}

#[test]
fn an_inhibited_device_is_in_maintenance_and_says_nothing_of_the_air() -> Result<()> {
    let mut park = Park::start(Kind::Tcp, &[3], &[3])?;
    // Orange air; then somebody inhibits the device, and its value falls to zero.
    park.line.set(3, 3.0, MONITOR)?;
    park.reads_good(3, 3.0)?;
    park.station.until("orange", line::LATER, |station| {
        Ok((station.get("warnings")?[0]["tier"] == "orange").then_some(()))
    })?;
    park.line.set(3, 0.0, INHIBITED)?;
    park.reads(3, "maintenance", |channel| {
        channel["quality"] == "maintenance" && channel["value"] == 0.0
    })?;
    let listed = park.station.get("warnings")?;
    ensure!(listed[0]["tier"] == "orange", "taken for clean air: {listed}");
    ensure!(listed[0]["state"] == "active-unacknowledged", "taken for clean air: {listed}");
    // Span gas during the work raises nothing more.
    park.line.set(3, 30.0, INHIBITED)?;
    let work = park.reads(3, "span gas", |channel| channel["value"] == 30.0)?;
    ensure!(work["quality"] == "maintenance", "{work}");
    let listed = park.station.get("warnings")?;
    ensure!(listed[0]["tier"] == "orange", "raised by maintenance: {listed}");
    Ok(())
}
