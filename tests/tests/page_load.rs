//! The page under load, in a real browser against a real station and a real broker: two thousand
//! channels a second with two hundred active alarms, and hours of comings and goings in minutes.
//!
//! `tests/browser/load.mjs` judges what is in the document and in memory; how much processor the
//! page takes only where `SISKIN_IDLE` says that the machine does nothing else. Times are told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::accounts::FIRST;
use e2e::browser;
use e2e::flood::{FloodPark, RISE_PPM, Size};
use e2e::proxy::Proxy;
use e2e::station::Station;

/// Three alarms of each channel that is high.
const HIGH: usize = 67;
const LOAD: Size = Size { areas: HIGH, rising: 2_000, block: 1, silent: 0 };
const LOAD_EVERY: Duration = Duration::from_secs(1);
const LOAD_MOMENTS: usize = 4;
const LOAD_BEATS: usize = 10;
const LOAD_MAX: Duration = Duration::from_mins(5);

/// Said to be read so seldom that none is late on a machine that is busy beside it: rows of late
/// analyzers would come and go, and be counted.
const POLL_MS: u32 = 10_000;

/// A soak sends what so many channels say in an hour in a twentieth of it.
const SOAK: Size = Size { areas: 10, rising: 100, block: 1, silent: 0 };
const SOAK_SPEED: usize = 20;
const SOAK_EVERY: Duration = Duration::from_millis(50);
const SOAK_MOMENTS: usize = 10;
/// Of event time, in rounds of one second: how long a channel stays high, between two rounds of
/// acknowledging, between two cuts of the line, and how long a cut lasts.
const TURN: usize = 60;
const ACKNOWLEDGE: usize = 100;
const CUT_EVERY: usize = 600;
const CUT: usize = 40;
/// One channel of so many is high.
const HIGH_OF: usize = 10;
/// Without `SISKIN_SOAK_HOURS`: a twelfth of an hour, as every `make test` makes it.
const SOAK_SECONDS: usize = 300;
/// The soak may be so many times slower than its pace.
const SLOWER_MAX: usize = 10;

/// One round after the other until it is `over`: their pace does not depend on the page.
fn paced(
    over: &AtomicBool,
    every: Duration,
    mut round: impl FnMut(usize) -> Result<()>,
) -> Result<()> {
    let began = Instant::now();
    let mut due = Duration::ZERO;
    for number in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        round(number)?;
        due += every;
        thread::sleep(due.saturating_sub(began.elapsed()));
    }
    Ok(())
}

/// Runs the browser while `feed` goes on; the first failure of either counts.
fn watched(
    arguments: &[String],
    steps: &[&str],
    limit: Duration,
    feed: impl FnOnce(&AtomicBool) -> Result<()> + Send,
) -> Result<()> {
    let over = AtomicBool::new(false);
    let arguments: Vec<_> = arguments.iter().map(Into::into).collect();
    thread::scope(|scope| {
        let over = &over;
        let feeding = scope.spawn(move || feed(over));
        let seen = browser::told("load.mjs", &arguments, steps, limit);
        over.store(true, Ordering::Relaxed);
        let done = feeding.join().map_err(|_| anyhow::anyhow!("the feeder panicked"))?;
        done.context("the feeder").and(seen)
    })
}

#[test]
fn two_thousand_channels_and_two_hundred_alarms_are_shown_without_effort() -> Result<()> {
    let mut park = FloodPark::polled(LOAD, POLL_MS)?;
    let station = Station::run(&park.site(), &park.data())?;
    park.ready(&station)?;
    park.round(|place| place < HIGH)?;
    let alarms = HIGH * RISE_PPM.len();
    station.until("all alarms", LOAD_MAX, |station| {
        let active = station.get("alarms")?.as_array().map_or(0, Vec::len);
        Ok((active == alarms).then_some(()))
    })?;
    let arguments = [
        "load".to_owned(),
        station.url().to_owned(),
        LOAD_MOMENTS.to_string(),
        LOAD_BEATS.to_string(),
        HIGH.to_string(),
    ];
    watched(&arguments, &["paint", "load"], LOAD_MAX, |over| {
        paced(over, LOAD_EVERY, |_| park.round(|place| place < HIGH))
    })?;
    station.stop()
}

#[test]
fn hours_of_comings_and_goings_leave_nothing_behind() -> Result<()> {
    let seconds = match std::env::var("SISKIN_SOAK_HOURS") {
        Ok(hours) => {
            let hours: f64 = hours.parse().context("SISKIN_SOAK_HOURS")?;
            usize::try_from(Duration::try_from_secs_f64(hours * 3_600.0)?.as_secs())?
        }
        Err(_) => SOAK_SECONDS,
    };
    let beats = (seconds / SOAK_SPEED / SOAK_MOMENTS).max(1);
    let mut park = FloodPark::polled(SOAK, POLL_MS)?;
    let station = Station::run(&park.site(), &park.data())?;
    park.ready(&station)?;
    let line = Proxy::start()?;
    let port = station.url().rsplit(':').next().context("no port")?.parse()?;
    line.lead(port);
    let arguments = [
        "soak".to_owned(),
        format!("http://127.0.0.1:{}", line.port()),
        SOAK_MOMENTS.to_string(),
        beats.to_string(),
    ];
    let limit = Duration::from_mins(2)
        + Duration::from_secs(u64::try_from(seconds * SLOWER_MAX / SOAK_SPEED)?);
    watched(&arguments, &["soak"], limit, move |over| {
        paced(over, SOAK_EVERY, |number| {
            match number % CUT_EVERY {
                CUT => line.mend(),
                0 if number > 0 => line.cut(),
                _ => {}
            }
            if number.is_multiple_of(ACKNOWLEDGE) {
                acknowledge_all(&station)?;
            }
            park.round(|place| (place + number / TURN).is_multiple_of(HIGH_OF))
        })?;
        station.stop()
    })
}

/// Whoever is on duty: what has returned goes with it, and comes again as a new warning.
fn acknowledge_all(station: &Station) -> Result<()> {
    let open = station.get("warnings")?;
    for one in open.as_array().into_iter().flatten() {
        let waits = one["state"].as_str().is_some_and(|state| state.ends_with("-unacknowledged"));
        if let Some(id) = one["id"].as_str().filter(|_| waits) {
            let (status, answer) = station.acknowledge(id, FIRST, "看到")?;
            // It may have gone meanwhile.
            ensure!(matches!(status, 200 | 404 | 409), "{id}: {status} {answer}");
        }
    }
    Ok(())
}
