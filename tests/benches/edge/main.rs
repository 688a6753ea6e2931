//! The way from 500 analyzers over a gateway to the station: memory and processor of the gateway,
//! and what live readings feel while a backlog drains. Real programs, release builds.
//!
//! First the park runs undisturbed. Then the gateway is stopped, its spool is filled with `HOURS`
//! of readings as a cut line leaves them, and it is started again while the analyzers go on. It
//! fails unless the station then has every reading of the backlog, once, and the live ones without
//! a hole. `SISKIN_BIN`, `SISKIN_EDGE_BIN` and `FILL_SPOOL_BIN` are set by `tests/bench.sh`.

mod devices;
mod kept;
mod meter;
mod park;

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::edge::Edge;
use e2e::moment;
use e2e::process::hide_output;
use e2e::procfs;
use e2e::station::Station;
use e2e::wait::poll;

use meter::{Meter, Waits};
use park::{CHANNELS, Park, count, view};

/// Hours of the backlog unless `HOURS` says otherwise.
const HOURS: u64 = 6;
/// How long the undisturbed park is measured.
const IDLE: Duration = Duration::from_mins(1);
/// Connections stand and first readings are in before anything is measured.
const SETTLE: Duration = Duration::from_secs(15);
/// Longest wait for all analyzers.
const START_MAX: Duration = Duration::from_mins(2);
/// A drain that takes longer has failed.
const DRAIN_MAX: Duration = Duration::from_hours(1);
/// Longest wait until the past is judged.
const JUDGED_MAX: Duration = Duration::from_mins(20);
/// Between the end of the backlog and the live readings, and before the backlog.
const APART_MS: i64 = 60_000;
/// The station is calm when it takes no more processor than this times that of the idle park, over
/// so long.
const CALM_FACTOR: f64 = 2.0;
const CALM_SPAN: Duration = Duration::from_secs(3);
/// Clock ticks of Linux in a second.
const TICKS_PER_S: f64 = 100.0;
/// Holes that one restart of the gateway may leave in each channel: an answer that came too late.
const HOLES_MAX: usize = CHANNELS;

fn main() -> Result<()> {
    hide_output();
    for name in ["SISKIN_BIN", "SISKIN_EDGE_BIN"] {
        let is_set = std::env::var_os(name).is_some();
        ensure!(is_set, "{name} must name a release build; hint: make bench ONLY=edge");
    }
    let hours = std::env::var("HOURS").map_or(Ok(HOURS), |text| text.parse())?;
    let park = Park::start()?;
    let mut station = park.station()?;
    let edge = park.edge(&station)?;
    let began_ms = moment::now_ms();
    all_read(&station)?;
    thread::sleep(SETTLE);
    let idle = undisturbed(&mut station, &edge)?;
    edge.stop()?;
    let seconds = hours * 3600;
    let span_ms = i64::try_from(seconds)? * 1000;
    let from_ms = began_ms - APART_MS - span_ms;
    park.fill(seconds, from_ms)?;
    figure("edge_backlog", (seconds * CHANNELS as u64) as f64, "readings");
    let edge = drain(&park, &mut station, &idle, seconds * CHANNELS as u64)?;
    exact(&park, &station, (from_ms, from_ms + span_ms), (began_ms, moment::now_ms()))?;
    edge.stop()?;
    station.stop()
}

#[allow(clippy::print_stdout, reason = "figures are this program's result")]
fn figure(name: &str, value: f64, unit: &str) {
    println!("figure {name} {value:.2} {unit}");
}

/// Every channel has a good value.
fn all_read(station: &Station) -> Result<()> {
    poll("every analyzer is read", START_MAX, || {
        let channels = station.get("channels")?;
        let all = channels.as_array().context("no channels")?;
        let is_good = |c: &&serde_json::Value| c.get("quality").is_some_and(|q| q == "good");
        Ok((all.iter().filter(is_good).count() == CHANNELS).then_some(()))
    })
}

/// Processor time of a process in seconds.
fn cpu_s(id: u32) -> Result<f64> {
    Ok(procfs::stat(id).context("it has ended")?.ticks as f64 / TICKS_PER_S)
}

/// What is compared with later.
struct Idle {
    p99_ms: f64,
    /// The station's processor time in a second.
    station_share: f64,
}

fn undisturbed(station: &mut Station, edge: &Edge) -> Result<Idle> {
    let id = station.process().id();
    let before = (cpu_s(edge.id())?, cpu_s(id)?, count(&view(station)?, "readings")?);
    let (began, meter) = (Instant::now(), Meter::start(station)?);
    thread::sleep(IDLE);
    let waits = meter.waits(CHANNELS)?;
    let readings = count(&view(station)?, "readings")? - before.2;
    let span_s = began.elapsed().as_secs_f64();
    let share = |before: f64, after: f64| (after - before) / span_s;
    let (edge_share, station_share) =
        (share(before.0, cpu_s(edge.id())?), share(before.1, cpu_s(id)?));
    let thousands = readings as f64 / 1000.0 / span_s;
    figure("edge_rate", thousands * 1000.0, "readings/s");
    figure("edge_rss", procfs::resident_bytes(edge.id())? as f64 / 1e6, "MB");
    figure("edge_rss_peak", procfs::resident_peak_bytes(edge.id())? as f64 / 1e6, "MB");
    figure("edge_cpu_per_1000_readings_s", edge_share / thousands * 100.0, "% of a core");
    figure(
        "edge_station_cpu_per_1000_readings_s",
        station_share / thousands * 100.0,
        "% of a core",
    );
    told("edge_live_idle", &waits);
    Ok(Idle { p99_ms: waits.at(990), station_share })
}

fn told(name: &str, waits: &Waits) {
    figure(&format!("{name}_p50"), waits.at(500), "ms");
    figure(&format!("{name}_p99"), waits.at(990), "ms");
    figure(&format!("{name}_max"), waits.at(1000), "ms");
    figure(&format!("{name}_seen"), waits.share_seen * 100.0, "% of the readings");
}

/// Starts the gateway on its full spool; ends when the station has and has judged all of it.
fn drain(park: &Park, station: &mut Station, idle: &Idle, backlog: u64) -> Result<Edge> {
    let id = station.process().id();
    let before = count(&view(station)?, "readings_backlog")?;
    let station_before_s = cpu_s(id)?;
    let edge = park.edge(station)?;
    poll("the gateway is back", START_MAX, || {
        Ok((view(station)?.get("connected") == Some(&true.into())).then_some(()))
    })?;
    let (began, meter) = (Instant::now(), Meter::start(station)?);
    poll("the backlog is stored", DRAIN_MAX, || {
        // The thread that measures needs the processor more.
        thread::sleep(Duration::from_millis(500));
        let taken = count(&view(station)?, "readings_backlog")? - before;
        Ok((taken >= backlog).then_some(()))
    })?;
    let span_s = began.elapsed().as_secs_f64();
    let (edge_s, station_s) = (cpu_s(edge.id())?, cpu_s(id)? - station_before_s);
    let waits = meter.waits(CHANNELS)?;
    let readings = backlog as f64;
    figure("edge_drain", span_s, "s");
    figure("edge_drain_day", span_s / 60.0 * 24.0 * 3600.0 * CHANNELS as f64 / readings, "min");
    figure("edge_drain_rate", readings / span_s, "readings/s");
    figure("edge_link_gateway", readings / edge_s, "readings/s/core");
    figure("edge_link_station", readings / station_s, "readings/s/core");
    figure("edge_drain_rss_peak", procfs::resident_peak_bytes(edge.id())? as f64 / 1e6, "MB");
    told("edge_live_drain", &waits);
    figure("edge_live_drain_ratio", waits.at(990) / idle.p99_ms, "x idle p99");
    let meter = Meter::start(station)?;
    judged(id, idle)?;
    figure("edge_judged_after", began.elapsed().as_secs_f64(), "s");
    let waits = meter.waits(CHANNELS)?;
    told("edge_live_judging", &waits);
    figure("edge_live_judging_ratio", waits.at(990) / idle.p99_ms, "x idle p99");
    Ok(edge)
}

/// The past is judged again when the station is as calm as it was.
fn judged(id: u32, idle: &Idle) -> Result<()> {
    poll("the past is judged", JUDGED_MAX, || {
        let before = cpu_s(id)?;
        thread::sleep(CALM_SPAN);
        let share = (cpu_s(id)? - before) / CALM_SPAN.as_secs_f64();
        Ok((share < CALM_FACTOR * idle.station_share).then_some(()))
    })
}

/// Every reading is there once.
fn exact(
    park: &Park,
    station: &Station,
    backlog_ms: (i64, i64),
    live_ms: (i64, i64),
) -> Result<()> {
    let of_each = u64::try_from((backlog_ms.1 - backlog_ms.0) / 1000)?;
    let kept = kept::backlog(station, &park.channels, backlog_ms, of_each)?;
    figure("edge_backlog_kept", kept as f64, "readings");
    let (live, holes) = kept::live(station, &park.channels, live_ms)?;
    figure("edge_live_kept", live as f64, "readings");
    figure("edge_live_holes", holes as f64, "holes");
    ensure!(holes <= HOLES_MAX, "{holes} live readings are lost or kept twice");
    let view = view(station)?;
    for name in ["gaps", "readings_lost", "refused"] {
        ensure!(count(&view, name)? == 0, "`{name}` of the gateway is not 0: {view}");
    }
    Ok(())
}
