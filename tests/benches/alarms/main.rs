//! Ten thousand alarms of ten minutes through a real station, while people look at its lists and
//! acknowledge: how long they wait, and how much memory it takes. Release build, a real broker.
//!
//! The ten minutes of event time come in [`SPAN`], which is harder. `SISKIN_BIN` is the release
//! build, see `tests/bench.sh`.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod people;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use e2e::flood::{FloodPark, Size, area};
use e2e::process::hide_output;
use e2e::procfs;
use e2e::station::Station;
use e2e::wait::poll;

use people::{Line, Waits};

const SIZE: Size = Size { areas: 100, rising: 3_000, block: 1, silent: 1_000 };
/// Channels that rise at once, and in which time all of them do.
const PORTION: usize = 10;
const SPAN: Duration = Duration::from_mins(1);
/// How long the full lists are looked at afterwards.
const FULL: Duration = Duration::from_secs(20);
/// People who look at all lists, and how often.
const PEOPLE: usize = 4;
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often somebody acknowledges.
const ACT_EVERY: Duration = Duration::from_millis(100);
const ALL_MAX: Duration = Duration::from_mins(2);
const LISTS: [&str; 4] = ["warnings", "equipment", "alarms", "floods"];

fn main() -> Result<()> {
    hide_output();
    ensure!(
        std::env::var_os("SISKIN_BIN").is_some(),
        "SISKIN_BIN must name a release build; hint: make bench ONLY=alarms"
    );
    let mut park = FloodPark::new(SIZE)?;
    let mut station = Station::run(&park.site(), &park.data())?;
    park.ready(&station)?;
    let id = station.process().id();
    figure("alarms_memory_before", megabytes(procfs::resident_bytes(id)?), "MB");
    let (began, waits) = (Instant::now(), looked_at(&station, || all_rise(&mut park, &station))?);
    figure("alarms_span", began.elapsed().as_secs_f64(), "s");
    tell(&waits, "");
    let full = looked_at(&station, || {
        thread::sleep(FULL);
        Ok(())
    })?;
    tell(&full, "_full");
    figure("alarms_memory_after", megabytes(procfs::resident_bytes(id)?), "MB");
    figure("alarms_memory_peak", megabytes(procfs::resident_peak_bytes(id)?), "MB");
    all_are_there(&station)?;
    station.stop()?;
    let bytes = std::fs::metadata(park.data().join("ledger.db"))?.len();
    figure("alarms_ledger", megabytes(bytes), "MB");
    Ok(())
}

#[allow(clippy::print_stdout, reason = "figures are this program's result")]
fn figure(name: &str, value: f64, unit: &str) {
    println!("figure {name} {value:.1} {unit}");
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn count(station: &Station, path: &str) -> Result<usize> {
    Ok(station.get(path)?.as_array().map_or(0, Vec::len))
}

/// The alarms, spread evenly; returns when the station shows the last one.
fn all_rise(park: &mut FloodPark, station: &Station) -> Result<()> {
    let began = Instant::now();
    let portions = SIZE.rising.div_ceil(PORTION);
    for (portion, first) in (0..SIZE.rising).step_by(PORTION).enumerate() {
        let due = SPAN.mul_f64(portion as f64 / portions as f64);
        thread::sleep(due.saturating_sub(began.elapsed()));
        park.rise(first..(first + PORTION).min(SIZE.rising))?;
    }
    poll("all alarms", ALL_MAX, || Ok((count(station, "alarms")? == SIZE.alarms()).then_some(())))
}

/// What people wait for while `work` goes on and somebody listens to the live stream.
fn looked_at(station: &Station, work: impl FnOnce() -> Result<()>) -> Result<Waits> {
    let over = AtomicBool::new(false);
    let lines = (0..=PEOPLE).map(|_| Line::to(station)).collect::<Result<Vec<_>>>()?;
    let stream = station.stream(None)?;
    thread::scope(|scope| {
        let over = &over;
        let listening = scope.spawn(move || people::listen(stream, over));
        let mut people = Vec::new();
        for (place, line) in lines.into_iter().enumerate() {
            people.push(scope.spawn(move || match place {
                0 => line.acknowledge(over, ACT_EVERY),
                _ => line.look(over, &LISTS, LOOK_EVERY),
            }));
        }
        let done = work();
        over.store(true, Ordering::Relaxed);
        let mut all = Waits::default();
        for person in people {
            let waits = person.join().map_err(|_| anyhow::anyhow!("a person panicked"))?;
            all.append(waits?);
        }
        let lost = listening.join().map_err(|_| anyhow::anyhow!("the listener panicked"))?;
        ensure!(lost == 0, "the live stream lost its place {lost} times");
        done.map(|()| all)
    })
}

fn tell(waits: &Waits, suffix: &str) {
    for (name, one) in &waits.of {
        let mut ms = one.ms.clone();
        ms.sort_by(f64::total_cmp);
        let at = |percent: usize| ms.get(ms.len() * percent / 100).or(ms.last()).copied();
        figure(&format!("alarms_{name}_count{suffix}"), ms.len() as f64, "answers");
        figure(&format!("alarms_{name}_p50{suffix}"), at(50).unwrap_or(f64::NAN), "ms");
        figure(&format!("alarms_{name}_p99{suffix}"), at(99).unwrap_or(f64::NAN), "ms");
        figure(&format!("alarms_{name}_bytes{suffix}"), megabytes(one.bytes_max), "MB");
    }
}

/// Every alarm is active and feeds its warning, or stands among those about equipment.
fn all_are_there(station: &Station) -> Result<()> {
    let open = station.get("warnings")?;
    let open = open.as_array().map_or(&[][..], Vec::as_slice);
    let fed: usize = open.iter().filter_map(|one| one["alarms"].as_array().map(Vec::len)).sum();
    ensure!(open.len() == SIZE.areas && fed == SIZE.gas_alarms(), "{fed} alarms feed warnings");
    ensure!(count(station, "equipment")? == SIZE.silent, "alarms about equipment are missing");
    let floods = station.get("floods")?;
    let first: Vec<_> = floods[0]["first_out"].as_array().into_iter().flatten().collect();
    ensure!(first.len() == SIZE.areas, "{first:?}");
    for (place, id) in first.iter().enumerate() {
        let own = format!("{}.", area(place));
        ensure!(id.as_str().is_some_and(|id| id.starts_with(&own)), "{id} is not of {own}");
    }
    figure("alarms_recorded", (fed + SIZE.silent) as f64, "alarms");
    Ok(())
}
