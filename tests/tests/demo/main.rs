//! `siskin demo` as a visitor meets it: one run of it is watched by the API, the live stream and a
//! real browser, then interrupted; every test here looks at its own part of that record.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod story;

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::accounts::FIRST;
use e2e::binary;
use e2e::moment;
use e2e::procfs;
use e2e::station::Station;
use e2e::wait::poll;
use serde_json::Value;

use story::story;

/// The demo says that its leak begins 20 s after the start; red must follow within 60 s.
const RED_MAX_MS: i64 = 80_000;
/// Ctrl-C must end everything within this time.
const STOP_MAX: Duration = Duration::from_secs(3);
/// Longest time from the last heartbeat until the page is covered.
const COVERED_MAX_MS: f64 = 3000.0;
/// Where the chlorine leak is.
const AREA: &str = "chlorine-tank-farm";

/// Warnings of `gas`, wherever they are.
fn warnings<'a>(warnings: &'a Value, gas: &str) -> Vec<&'a Value> {
    let all = warnings.as_array().into_iter().flatten();
    all.filter(|warning| warning["gas"] == gas).collect()
}

/// The record of the step of the browser.
fn step<'a>(steps: &'a [Value], name: &str) -> Result<&'a Value> {
    let found = steps.iter().find(|step| step["step"] == name);
    found.with_context(|| format!("the browser did not come to `{name}`: {steps:?}"))
}

#[test]
fn chlorine_rises_through_the_tiers_to_red() -> Result<()> {
    let story = story()?;
    let mut tiers: Vec<&Value> = story.leak_events.iter().map(|e| &e["warning"]["tier"]).collect();
    tiers.dedup();
    let red = tiers.iter().position(|tier| **tier == "red").context("no red")?;
    let before: Vec<_> = tiers.iter().take(red).filter_map(|tier| tier.as_str()).collect();
    ensure!(
        before == ["yellow", "orange"] || before == ["blue", "yellow", "orange"],
        "red came after {before:?}"
    );
    let event = story.leak_events.iter().find(|e| e["warning"]["tier"] == "red");
    let at_ms = moment::millis(&event.context("no red")?["at"])?;
    let after_ms = at_ms - moment::millis(&story.health["started_at"])?;
    ensure!(after_ms <= RED_MAX_MS, "red came {after_ms} ms after the start");
    ensure!(after_ms > 20_000, "red came before the leak: {after_ms} ms");
    Ok(())
}

#[test]
fn both_protocols_feed_the_red_warning() -> Result<()> {
    let story = story()?;
    let channels = story.leak_channels.to_string();
    let any = |ids: [&str; 2]| ids.into_iter().any(|id| channels.contains(id));
    ensure!(any(["at-101-cl2", "at-102-cl2"]), "no Modbus channel: {channels}");
    ensure!(any(["at-401-cl2", "at-402-cl2"]), "no MQTT channel: {channels}");
    Ok(())
}

#[test]
fn a_second_leak_elsewhere_is_a_warning_of_its_own() -> Result<()> {
    let story = story()?;
    let found = warnings(&story.warnings, "hydrogen-sulfide");
    let found: Vec<_> = found.iter().filter(|one| one["area"] == "desulfurization").collect();
    ensure!(found.len() == 1, "{}", story.warnings);
    let raised = moment::millis(&found[0]["raised_at"])?;
    let after_ms = raised - moment::millis(&story.health["started_at"])?;
    ensure!(after_ms > 45_000, "hydrogen sulfide came before its leak: {after_ms} ms");
    let areas = warnings(&story.warnings, "chlorine");
    let elsewhere = areas.iter().filter(|one| one["area"] != AREA).count();
    ensure!(elsewhere == 0, "the chlorine is said to be elsewhere too: {areas:?}");
    Ok(())
}

#[test]
fn a_dead_analyzer_is_an_alarm_of_its_own_and_no_gas() -> Result<()> {
    let story = story()?;
    let alarms = story.alarms.as_array().context("no list")?;
    let dead = alarms.iter().find(|alarm| alarm["channel"] == "at-201-co");
    let dead = dead.context("no alarm of at-201-co")?;
    ensure!(dead["kind"] == "no-data" && dead["tier"].is_null(), "{dead}");
    let others: Vec<_> = alarms
        .iter()
        .filter(|alarm| alarm["kind"] == "no-data" && alarm["channel"] != "at-201-co")
        .collect();
    ensure!(others.is_empty(), "others are silent too: {others:?}");
    let monoxide = warnings(&story.warnings, "carbon-monoxide");
    ensure!(monoxide.is_empty(), "{monoxide:?}");
    Ok(())
}

#[test]
fn an_analyzer_in_calibration_raises_nothing() -> Result<()> {
    let story = story()?;
    let channels = story.channels.as_array().context("no list")?;
    let calibrating = channels.iter().find(|value| value["channel"] == "at-105-nh3");
    let calibrating = calibrating.context("no at-105-nh3")?;
    ensure!(calibrating["quality"] == "calibration", "{calibrating}");
    let value = calibrating["value"].as_f64().context("no value")?;
    ensure!(value > 10.0, "span gas of {value} ppm would raise nothing anyway");
    let of_it = |event: &&Value| event["alarm"]["channel"] == "at-105-nh3";
    let alarms: Vec<_> = story.alarm_events.iter().filter(of_it).collect();
    ensure!(alarms.is_empty(), "{alarms:?}");
    let ammonia = warnings(&story.warnings, "ammonia");
    ensure!(ammonia.is_empty(), "{ammonia:?}");
    Ok(())
}

#[test]
fn nothing_is_refused_late_or_doubled_in_a_healthy_park() -> Result<()> {
    let counters = &story()?.health["counters"];
    for name in ["late", "duplicates", "quarantined", "refused"] {
        ensure!(counters[name] == 0, "{counters}");
    }
    ensure!(counters["readings"].as_u64() > Some(1000), "{counters}");
    Ok(())
}

#[test]
fn the_browser_sees_red_acknowledges_and_remembers() -> Result<()> {
    let story = story()?;
    let red = step(&story.browser, "red")?;
    step(&story.browser, "acknowledged")?;
    let reloaded = step(&story.browser, "reloaded")?;
    ensure!(reloaded["text"].as_str().is_some_and(|text| text.contains(FIRST)));
    let id = red["id"].as_str().context("no id")?;
    ensure!(id.starts_with(&format!("{AREA}.chlorine.")), "{id}");
    let listed = warnings(&story.warnings, "chlorine");
    let listed = listed.iter().find(|warning| warning["id"] == id);
    let listed = listed.context("the ledger does not know it")?;
    ensure!(listed["acknowledged_by"] == FIRST, "{listed}");
    Ok(())
}

#[test]
fn a_frozen_station_covers_the_page_and_its_return_uncovers_it() -> Result<()> {
    let story = story()?;
    let lost = step(&story.browser, "lost")?;
    let after_ms = lost["covered_after_ms"].as_f64().context("not covered")?;
    ensure!(
        (0.0..=COVERED_MAX_MS).contains(&after_ms),
        "covered {after_ms} ms after the last heartbeat"
    );
    step(&story.browser, "back")?;
    Ok(())
}

#[test]
fn the_page_writes_no_errors() -> Result<()> {
    let story = story()?;
    let console = step(&story.browser, "console")?;
    ensure!(console["errors"] == serde_json::json!([]), "{console}");
    ensure!(story.browser_status.success(), "the browser script: {}", story.browser_status);
    Ok(())
}

#[test]
fn ctrl_c_ends_everything_and_leaves_no_process() -> Result<()> {
    let story = story()?;
    ensure!(story.stop_status.success(), "{}", story.stop_status);
    ensure!(story.stopped_in < STOP_MAX, "it took {:?}", story.stopped_in);
    let children: Vec<_> = story.children.iter().map(|child| child.name.as_str()).collect();
    ensure!(children.contains(&"mosquitto"), "it had no broker: {children:?}");
    ensure!(story.left_over.is_empty(), "still there: {:?}", story.left_over);
    Ok(())
}

#[test]
fn kill_9_takes_the_broker_with_it() -> Result<()> {
    let mut station = Station::demo(&binary::siskin()?, 7)?;
    let children = procfs::descendants(station.process().id())?;
    let broker = children.iter().find(|child| child.name == "mosquitto");
    let broker = broker.context("it has no broker")?.id;
    station.kill()?;
    poll("the end of the broker", STOP_MAX, || {
        let ended = procfs::stat(broker).is_none_or(|now| now.state == "Z");
        Ok(ended.then_some(()))
    })
}

#[test]
fn a_taken_port_is_a_clear_error() -> Result<()> {
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = held.local_addr()?.port().to_string();
    let done = Command::new(binary::siskin()?).args(["demo", "--port", &port]).output()?;
    let told = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.code() == Some(1), "{}: {told}", done.status);
    ensure!(told.contains(&format!("127.0.0.1:{port}")) && told.contains("hint:"), "{told}");
    Ok(())
}
