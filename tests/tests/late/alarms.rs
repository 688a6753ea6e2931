//! Alarms that late readings add, move, join, take back and bring back.

use anyhow::{Context, Result, ensure};
use e2e::gateway::{CHANNEL, Gateway};
use e2e::moment;
use e2e::site::Options;
use e2e::station::Station;
use e2e::stream::Event;

use crate::SOON;
use crate::told::{
    active, calm, corrected, counter, level, over_after_a_restart, stored, ticks, told,
};

/// The live part of the past episode: the gateway was cut off from second 81 to 149.
pub(crate) fn around_the_hole() -> Vec<(i64, f64)> {
    [calm(0..81), calm(150..300)].concat()
}

/// What it kept meanwhile: 6 ppm for 20 s.
pub(crate) fn in_the_hole() -> Vec<(i64, f64)> {
    [calm(81..100), level(100..120, 6.0), calm(120..150)].concat()
}

/// What follows from it.
pub(crate) const PAST_EPISODE: [&str; 6] = [
    "added yellow raise 100",
    "added orange raise 100",
    "added red raise 100",
    "added yellow clear 120",
    "added orange clear 120",
    "added red clear 120",
];

#[test]
fn a_past_episode_that_comes_late_is_corrected_and_never_warned_of() -> Result<()> {
    let gateway = Gateway::start(Options::default())?;
    let station = gateway.first_station()?;
    stored(&station, &gateway, &around_the_hole())?;
    let mut stream = station.stream(None)?;
    let late = in_the_hole();
    stored(&station, &gateway, &late)?;
    corrected(&station, &gateway, &PAST_EPISODE)?;
    let mut live = 0;
    stream.until("all corrections on the live stream", SOON, |event| {
        live += usize::from(event.name == "correction");
        (live == PAST_EPISODE.len()).then_some(())
    })?;
    ensure!(counter(&station, "late")? == late.len() as u64);

    // Sent again, it is in the record already.
    stored(&station, &gateway, &late)?;
    ticks(&station)?;
    ensure!(counter(&station, "duplicates")? == late.len() as u64);
    ensure!(counter(&station, "late")? == late.len() as u64);
    corrected(&station, &gateway, &PAST_EPISODE)?;
    let others = |event: &Event| event.name == "warning" || event.name == "alarm";
    let sirens: Vec<_> = stream.pending().into_iter().filter(others).collect();
    ensure!(sirens.is_empty(), "{sirens:?}");
    let all = told(&station, &gateway)?;
    ensure!(all.len() == PAST_EPISODE.len(), "{all:?}");
    ensure!(station.get("warnings?scope=all")? == serde_json::json!([]));
    ensure!(station.get("alarms")? == serde_json::json!([]));
    the_hole_is_filled(&station, &gateway)
}

/// The history has every reading once, in order, and the newest is the newest still.
fn the_hole_is_filled(station: &Station, gateway: &Gateway) -> Result<()> {
    let (from_ms, to_ms) = (gateway.moment_ms(0), gateway.moment_ms(300));
    let kept = station.readings(CHANNEL, from_ms, to_ms)?;
    let kept: Vec<_> = kept.iter().map(|p| (p["at_ms"].as_i64(), p["mean"].as_f64())).collect();
    let whole = [calm(0..100), level(100..120, 6.0), calm(120..300)].concat();
    let whole: Vec<_> =
        whole.iter().map(|(s, v)| (Some(gateway.moment_ms(*s)), Some(*v))).collect();
    ensure!(kept == whole, "{kept:?}");
    let latest = station.channel(CHANNEL)?;
    ensure!(moment::millis(&latest["measured_at"])? == gateway.moment_ms(299), "{latest}");
    Ok(())
}

#[test]
fn a_channel_found_in_alarm_now_is_warned_of_with_its_true_begin() -> Result<()> {
    let gateway = Gateway::start(Options::default())?;
    let station = gateway.first_station()?;
    // 0.95 ppm is below yellow's limit and above the one at which yellow ends.
    stored(&station, &gateway, &[calm(0..101), level(150..250, 0.95)].concat())?;
    ticks(&station)?;
    ensure!(told(&station, &gateway)?.is_empty());
    let mut stream = station.stream(None)?;
    gateway.send(&level(120..140, 1.5))?;
    let warning = stream.until("the warning", SOON, |event| {
        (event.name == "warning").then(|| event.data.clone())
    })?;
    ensure!(warning["change"] == "raised" && warning["warning"]["tier"] == "yellow", "{warning}");
    let began = gateway.moment_ms(120);
    ensure!(moment::millis(&warning["warning"]["raised_at"])? == began, "{warning}");
    let id = warning["warning"]["id"].as_str().context("no id")?;
    ensure!(id.ends_with(&moment::compact(began)?), "{id}");
    let found = told(&station, &gateway)?;
    ensure!(found == ["yellow raise 120", "warning raised yellow 120"], "{found:?}");
    let alarms = station.get("alarms")?;
    ensure!(alarms.as_array().map(Vec::len) == Some(1), "{alarms}");
    ensure!(moment::millis(&alarms[0]["since"])? == began, "{alarms}");
    // It ends as any other does.
    stored(&station, &gateway, &calm(250..270))?;
    let found = told(&station, &gateway)?;
    ensure!(found[2..] == ["yellow clear 250", "warning returned yellow 250"], "{found:?}");
    Ok(())
}

#[test]
fn a_late_reading_can_take_an_alarm_back() -> Result<()> {
    let options = Options { red_on_delay_s: 3, ..Options::default() };
    let gateway = Gateway::start(options)?;
    let station = gateway.first_station()?;
    // 6 ppm seem to hold for 3 s; 4.7 ppm keep red up once it is up.
    let six = [(101, 6.0), (102, 6.0), (104, 6.0), (105, 6.0), (106, 6.0)];
    stored(&station, &gateway, &[calm(0..101), six.to_vec(), level(107..150, 4.7)].concat())?;
    let before = told(&station, &gateway)?;
    ensure!(before.iter().any(|words| words == "red raise 104"), "{before:?}");
    let mut stream = station.stream(None)?;
    gateway.send(&[(103, 0.1)])?;
    let warning = stream.until("red is taken back", SOON, |event| {
        (event.data["warning"]["tier"] == "orange").then(|| event.data.clone())
    })?;
    ensure!(warning["warning"]["tier_peak"] == "red", "it was told, so it stays told: {warning}");
    let broken = [
        "removed red raise 104",
        "added yellow clear 103",
        "added orange clear 103",
        "added yellow raise 104",
        "added orange raise 104",
    ];
    corrected(&station, &gateway, &broken)?;
    let active = active(&station, &gateway)?;
    ensure!(active == ["orange 104", "yellow 104"], "{active:?}");
    over_after_a_restart(station, &gateway)
}

#[test]
fn a_late_reading_can_join_two_alarms() -> Result<()> {
    let gateway = Gateway::start(Options::default())?;
    let station = gateway.first_station()?;
    let live = [calm(0..101), level(101..104, 1.5), calm(104..105), level(105..150, 1.5)];
    stored(&station, &gateway, &live.concat())?;
    ensure!(active(&station, &gateway)? == ["yellow 105"]);
    // The device says again what it measured, and it is something else.
    gateway.send(&[(104, 1.2)])?;
    corrected(&station, &gateway, &["removed yellow clear 104", "removed yellow raise 105"])?;
    let active = active(&station, &gateway)?;
    ensure!(active == ["yellow 101"], "{active:?}");
    over_after_a_restart(station, &gateway)
}

#[test]
fn a_late_reading_can_bring_an_alarm_back() -> Result<()> {
    let gateway = Gateway::start(Options::default())?;
    let station = gateway.first_station()?;
    // 0.95 ppm do not raise yellow and do not end it either.
    let live = [calm(0..101), level(101..104, 1.5), calm(104..105), level(105..150, 0.95)];
    stored(&station, &gateway, &live.concat())?;
    ensure!(active(&station, &gateway)?.is_empty());
    let mut stream = station.stream(None)?;
    gateway.send(&[(104, 1.2)])?;
    let warning = stream.until("the warning", SOON, |event| {
        (event.name == "warning").then(|| event.data["warning"].clone())
    })?;
    ensure!(warning["tier"] == "yellow", "{warning}");
    ensure!(warning["state"] == "active-unacknowledged", "{warning}");
    corrected(&station, &gateway, &["removed yellow clear 104"])?;
    let active = active(&station, &gateway)?;
    ensure!(active == ["yellow 101"], "{active:?}");
    over_after_a_restart(station, &gateway)
}
