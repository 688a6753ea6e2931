//! Late, repeated and disordered readings in a running station: what is over is corrected and
//! never warned of, what is true now is warned of with its true begin, and kill -9 loses none of
//! it (invariants 3, 4, 5 and 8). `told.rs` sends readings and reads the ledger, `alarms.rs` has
//! alarms that late readings change, `restarts.rs` ends stations.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod alarms;
mod restarts;
mod told;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::gateway::{CHANNEL, Gateway};
use e2e::moment;
use e2e::process::say;
use e2e::site::Options;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use told::{begins_with, calm, counter, level, stored, told};

/// Longest wait for what follows a message.
const SOON: Duration = Duration::from_secs(20);
/// Where the disorder comes from; printed, so that a failure can be had again.
const SEED: u64 = 20_261_124;
/// Readings of the disordered run, one a second.
const DISORDERED: i64 = 300;
/// A reading comes at most this many seconds late there: within the default window of 10 s.
const JITTER_S: i64 = 9;

/// Levels that come and go, some shorter than red's delay, then clean air.
fn wandering(random: &mut StdRng) -> Vec<(i64, f64)> {
    let levels = [0.1, 0.95, 1.5, 3.0, 4.7, 6.0];
    let (mut readings, mut ppm, mut left) = (Vec::new(), 0.1, 5);
    for second in 0..DISORDERED {
        if left == 0 {
            left = random.random_range(1..8);
            ppm = levels[random.random_range(0..levels.len())];
        }
        left -= 1;
        readings.push((second, ppm));
    }
    // As long as a chattering alarm needs to be over in event time, and its readings wait.
    readings.extend(calm(DISORDERED..DISORDERED + 120));
    readings
}

/// The same readings out of order, one in ten twice; and how many came again.
fn disordered(readings: &[(i64, f64)], random: &mut StdRng) -> (Vec<(i64, f64)>, u64) {
    let mut arrivals = Vec::new();
    let mut repeats = 0;
    for reading in readings {
        arrivals.push((reading.0 + random.random_range(0..=JITTER_S), *reading));
        if random.random_range(0..10) == 0 {
            arrivals.push((reading.0 + random.random_range(0..=JITTER_S), *reading));
            repeats += 1;
        }
    }
    arrivals.sort_by_key(|(arrives, _)| *arrives);
    (arrivals.into_iter().map(|(_, reading)| reading).collect(), repeats)
}

#[test]
fn order_and_repeats_within_the_window_change_nothing() -> Result<()> {
    say(&format!("seed {SEED}"));
    let mut random = StdRng::seed_from_u64(SEED);
    let readings = wandering(&mut random);
    let (mixed, repeats) = disordered(&readings, &mut random);
    ensure!(mixed != readings && repeats > 10, "{repeats} repeats");
    let origin_ms = moment::now_ms() - 600_000;
    let options = Options { red_on_delay_s: 3, ..Options::default() };
    let judge = |sent: &[(i64, f64)]| -> Result<_> {
        let gateway = Gateway::start_at(origin_ms, options)?;
        let station = gateway.first_station()?;
        stored(&station, &gateway, sent)?;
        let counted = (counter(&station, "late")?, counter(&station, "duplicates")?);
        let mut warnings = station.get("warnings?scope=all")?;
        // When the next is called counts from when people were told, by the station's clock.
        for warning in warnings.as_array_mut().context("no list of warnings")? {
            warning.as_object_mut().context("no warning")?.remove("passing");
        }
        // Alarms and warnings of one step are told one kind after the other.
        let told = told(&station, &gateway)?;
        let (of_warnings, of_alarms): (Vec<_>, Vec<_>) =
            told.into_iter().partition(|words| words.starts_with("warning"));
        Ok(([of_alarms, of_warnings].concat(), warnings, counted))
    };
    let (ordered, ordered_warnings, counted) = judge(&readings)?;
    ensure!(counted == (0, 0), "late, duplicates: {counted:?}");
    for words in ["red raise", "red clear", "yellow clear", "warning raised", "warning returned"] {
        ensure!(!begins_with(&ordered, words).is_empty(), "no `{words}` in {ordered:?}");
    }
    let (found, warnings, counted) = judge(&mixed)?;
    ensure!(counted == (0, repeats), "late, duplicates: {counted:?}, sent again {repeats}");
    ensure!(found == ordered, "in order {ordered:#?}, out of order {found:#?}");
    ensure!(warnings == ordered_warnings, "{ordered_warnings} became {warnings}");
    Ok(())
}

#[test]
fn a_stamp_of_the_future_is_set_aside_and_moves_nothing() -> Result<()> {
    let gateway = Gateway::start(Options::default())?;
    let station = gateway.first_station()?;
    stored(&station, &gateway, &calm(0..60))?;
    // Second 600 is now; an hour later is still near enough for this profile, not for the engine.
    gateway.send(&[(600 + 3600, 9.0)])?;
    station.until("it is counted", SOON, |station| {
        Ok((counter(station, "quarantined")? == 1).then_some(()))
    })?;
    let latest = station.channel(CHANNEL)?;
    ensure!(moment::millis(&latest["measured_at"])? == gateway.moment_ms(59), "{latest}");
    let (from_ms, to_ms) = (gateway.moment_ms(600), gateway.moment_ms(7200));
    ensure!(station.readings(CHANNEL, from_ms, to_ms)?.is_empty(), "it became history");
    stored(&station, &gateway, &[level(60..70, 6.0), calm(70..90)].concat())?;
    ensure!(counter(&station, "late")? == 0);
    let found = told(&station, &gateway)?;
    for words in ["red raise 60", "red clear 70", "warning raised yellow 60"] {
        ensure!(found.iter().any(|found| found == words), "no `{words}` in {found:?}");
    }
    Ok(())
}

#[test]
fn what_an_idle_channel_said_last_is_judged_by_the_clock() -> Result<()> {
    let options = Options { reorder_window_s: Some(1), ..Options::default() };
    let gateway = Gateway::start(options)?;
    let station = gateway.first_station()?;
    let mut stream = station.stream(None)?;
    let sent_at_ms = moment::now_exact_ms();
    gateway.send(&[(60, 6.0)])?;
    let red = stream.until("red", SOON, |event| {
        (event.data["warning"]["tier"] == "red").then(|| event.clone())
    })?;
    ensure!(red.read_at_ms - sent_at_ms > 1000.0, "judged before its window was over");
    ensure!(moment::millis(&red.data["at"])? == gateway.moment_ms(60), "{:?}", red.data);
    ensure!(counter(&station, "late")? == 0);
    Ok(())
}
