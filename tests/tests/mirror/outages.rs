//! The fake InfluxDB: every answer it may give, an hour of outage, kill -9 of the station.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use e2e::gateway::{CHANNEL, Gateway};
use e2e::moment;
use e2e::process::say;
use e2e::site::{Options, RED_PPM};
use e2e::station::Station;

use crate::fake::{Act, Fake};
use crate::stored::{Curve, health, stored};
use crate::{LATER, SOON, mirror};

/// Seconds of simulated data while the target is down.
const HOUR_S: i64 = 3_600;
/// Readings that are sent at once: fewer than the broker keeps for a reader that is behind.
const PIECE: i64 = 300;

/// Any curve with more than two decimals.
fn ppm(second: i64) -> f64 {
    let wave = (second as f64 / 40.0).sin() * 0.3 + 0.4;
    (wave * 100.0).round() / 100.0
}

fn readings(seconds: std::ops::Range<i64>) -> Vec<(i64, f64)> {
    seconds.map(|second| (second, ppm(second))).collect()
}

/// Sends readings in pieces, each once the one before is stored.
pub(crate) fn send(
    station: &Station,
    gateway: &Gateway,
    seconds: std::ops::Range<i64>,
) -> Result<()> {
    let (mut from, to) = (seconds.start, seconds.end);
    while from < to {
        let end = to.min(from + PIECE);
        gateway.send(&readings(from..end))?;
        heard(station, gateway, end - 1)?;
        from = end;
    }
    Ok(())
}

fn heard(station: &Station, gateway: &Gateway, second: i64) -> Result<()> {
    station.until(&format!("second {second} is heard"), SOON, |station| {
        let at = station.channel(CHANNEL)?["measured_at"].clone();
        Ok((moment::millis(&at)? >= gateway.moment_ms(second)).then_some(()))
    })
}

/// The first stamps at which two curves differ.
fn differences(held: &Curve, kept: &Curve) -> String {
    let stamps = held.keys().chain(kept.keys());
    let differs = stamps.filter(|stamp| held.get(stamp) != kept.get(stamp));
    let texts: Vec<_> = differs
        .take(5)
        .map(|stamp| format!("{stamp}: {:?} and not {:?}", held.get(stamp), kept.get(stamp)))
        .collect();
    format!("{} held, {} stored; {}", held.len(), kept.len(), texts.join(", "))
}

/// Waits until the target has what the store has, but for the stamps of `without`.
pub(crate) fn equal(
    station: &Station,
    gateway: &Gateway,
    fake: &Fake,
    without: &[i64],
) -> Result<()> {
    let mut last = String::new();
    let awaited = station.until("the target has what the store has", LATER, |station| {
        let (from, to) = (gateway.moment_ms(-400), moment::now_ms() + 60_000);
        let mut kept = stored(station, from, to)?;
        kept.retain(|stamp, _| !without.contains(stamp));
        let held = fake.curve()?;
        last = differences(&held, &kept);
        Ok((held == kept && fake.script_left() == 0).then_some(()))
    });
    awaited.map_err(|error| error.context(format!("{last}; {:?}", health(station))))?;
    ensure!(fake.broken().is_empty(), "the contract was broken: {:?}", fake.broken());
    Ok(())
}

#[test]
fn whatever_the_target_answers_it_ends_with_what_is_stored() -> Result<()> {
    let fake = Fake::start()?;
    let gateway = Gateway::start(Options::default())?;
    gateway.add_to_site(&mirror(fake.port()))?;
    let bad_ms = gateway.moment_ms(33);
    fake.refuse_stamp(bad_ms);
    fake.play(&[
        Act::Status(401),
        Act::Busy,
        Act::Status(500),
        Act::Status(503),
        Act::Hang,
        Act::Cut,
        Act::CutAfterTaking,
        Act::Status(413),
        Act::Status(302),
    ]);
    let station = gateway.first_station()?;
    send(&station, &gateway, 0..120)?;
    // A late one, and a correction of what is mirrored or not.
    gateway.send(&[(20, RED_PPM.into()), (130, 0.3)])?;
    heard(&station, &gateway, 130)?;
    equal(&station, &gateway, &fake, &[bad_ms])?;
    let seen = station.until("the bad line is counted", SOON, |station| {
        let seen = health(station)?;
        Ok((seen["refused"] != 0).then_some(seen))
    })?;
    // Twice where the hour's turn came meanwhile: what is in a new chunk is delivered again.
    let refused = seen["refused"].as_u64();
    ensure!(matches!(refused, Some(1 | 2)) && seen["refused_kept"] == seen["refused"], "{seen}");
    ensure!(seen["failures"].as_u64() >= Some(8), "{seen}");
    gateway.send(&[(21, 0.77), (131, 0.31)])?;
    heard(&station, &gateway, 131)?;
    equal(&station, &gateway, &fake, &[bad_ms])?;
    station.until("the mirror is well", SOON, |station| {
        let seen = health(station)?;
        let is_well = seen["state"] == "ok" && seen["batches_behind"] == 0;
        Ok((is_well && !seen["complete_at"].is_null()).then_some(()))
    })?;
    station.stop()
}

#[test]
fn an_hour_of_outage_and_kill_9_lose_nothing() -> Result<()> {
    let fake = Fake::start()?;
    let gateway = Gateway::start_at(moment::now_ms() - 5_000_000, Options::default())?;
    gateway.add_to_site(&mirror(fake.port()))?;
    let station = gateway.first_station()?;
    send(&station, &gateway, 0..60)?;
    equal(&station, &gateway, &fake, &[])?;
    fake.set_down(true);
    send(&station, &gateway, 60..HOUR_S / 2)?;
    station.kill()?;
    let station = gateway.station()?;
    send(&station, &gateway, HOUR_S / 2..HOUR_S + 60)?;
    let behind = health(&station)?;
    ensure!(behind["state"] == "retrying" && !behind["last_error"].is_null(), "{behind}");
    ensure!(behind["failures_in_a_row"].as_u64() > Some(0), "{behind}");
    // The lag is looked at while the target is away, also by a station that found it away.
    station.until("the lag is seen", SOON, |station| {
        let seen = health(station)?;
        let (waits, batches) =
            (seen["oldest_waiting_ms"].as_u64(), seen["batches_behind"].as_u64());
        Ok((waits > Some(0) && batches > Some(1)).then_some(()))
    })?;
    ensure!(station.get("health")?["status"] == "degraded");
    let before = fake.requests();
    fake.set_down(false);
    equal(&station, &gateway, &fake, &[])?;
    say(&format!("an hour of one channel in {} requests", fake.requests() - before));
    station.kill()?;
    let station = gateway.station()?;
    send(&station, &gateway, HOUR_S + 60..HOUR_S + 90)?;
    equal(&station, &gateway, &fake, &[])?;
    station.stop()
}

#[test]
fn warnings_and_alarms_are_mirrored_with_their_levels() -> Result<()> {
    let fake = Fake::start()?;
    let gateway = Gateway::start(Options::default())?;
    gateway.add_to_site(&mirror(fake.port()))?;
    let station = gateway.first_station()?;
    let red = f64::from(RED_PPM) + 1.0;
    gateway.send(&[(0, 0.1), (1, red), (2, red), (3, 0.1), (30, 0.1), (31, 0.1)])?;
    heard(&station, &gateway, 31)?;
    let tier_levels = |points: &[(i64, BTreeMap<String, String>)]| -> Vec<String> {
        points.iter().map(|(_, fields)| fields["tier_level"].clone()).collect()
    };
    let (mut warnings, mut alarms) = (Vec::new(), Vec::new());
    let awaited = station.until("a red warning and its return", SOON, |_| {
        (warnings, alarms) = (fake.points("warning"), fake.points("alarm"));
        let levels = tier_levels(&warnings);
        let is_over = levels.iter().any(|l| l == "4i") && levels.last().is_some_and(|l| l == "0i");
        Ok(is_over.then_some(()))
    });
    awaited.map_err(|error| error.context(format!("{warnings:?}")))?;
    let raised = alarms.iter().filter(|(_, fields)| fields["active"] == "1i").count();
    let cleared = alarms.iter().filter(|(_, fields)| fields["active"] == "0i").count();
    ensure!(raised == 3 && cleared == 3, "{alarms:?}");
    ensure!(fake.broken().is_empty(), "{:?}", fake.broken());
    station.stop()
}
