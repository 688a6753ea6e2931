//! How fast and how heavy: from a register's change to the event on the live stream, and processor
//! and memory of the demo. Release build, pymodbus devices on loopback, the stream read over HTTP.
//!
//! The change comes at a random moment of the poll period, so the latency holds the wait for the
//! next poll; what comes after the device's answer has figures of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::modbus::{Devices, State};
use e2e::moment;
use e2e::process::hide_output;
use e2e::procfs;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use e2e::stream::{Event, Stream};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Devices that are read at the same time, each on its own address.
const DEVICES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
/// Changes of each device that are measured.
const ROUNDS: u16 = 20;
/// The poll period of the demo, and one tenth of it.
const PERIODS_MS: [u32; 2] = [1000, 100];
const SEED: u64 = 1;
/// Longest wait for one change.
const CHANGE_MAX: Duration = Duration::from_secs(10);
/// The demo's age when measuring begins: its leak is running.
const DEMO_AGE_S: usize = 25;
/// How long the demo is measured.
const DEMO_SPAN_S: usize = 20;
/// Clock ticks of Linux in a second.
const TICKS_PER_S: f64 = 100.0;

fn main() -> Result<()> {
    hide_output();
    let program = binary::siskin_release()?;
    for period_ms in PERIODS_MS {
        latency(&program, period_ms)?;
    }
    demo(&program)
}

#[allow(clippy::print_stdout, reason = "figures are this program's result")]
fn figure(name: &str, value: f64, unit: &str) {
    println!("figure {name} {value:.1} {unit}");
}

/// The value below which `share` of the sorted values lie.
fn share_of(sorted: &[f64], share: f64) -> f64 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list of a few hundred"
    )]
    let place = (sorted.len() as f64 * share).ceil() as usize;
    let last = sorted.get(place.saturating_sub(1)).or(sorted.last());
    last.copied().unwrap_or(f64::NAN)
}

fn print(name: &str, mut values: Vec<f64>, suffix: &str) {
    values.sort_by(f64::total_cmp);
    figure(&format!("{name}_p50{suffix}"), share_of(&values, 0.50), "ms");
    figure(&format!("{name}_p99{suffix}"), share_of(&values, 0.99), "ms");
}

/// One period: all devices change at random moments, round after round.
fn latency(program: &Path, period_ms: u32) -> Result<()> {
    let mut devices = Devices::start(&DEVICES)?;
    let analyzers = DEVICES.iter().map(|id| {
        let link = Link::Modbus(devices.port(id)?);
        Ok(Analyzer { id, area: "unit", link })
    });
    let analyzers = analyzers.collect::<Result<Vec<_>>>()?;
    let options = Options { poll_ms: period_ms, ..Options::default() };
    let folder = SiteFolder::write(&analyzers, options)?;
    let station = Station::run_by(program, &folder.site(), &folder.data())?;
    let mut stream = station.stream(None)?;
    let mut random = StdRng::seed_from_u64(SEED);
    let (mut whole, mut after) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let ppm = f32::from(round) / 64.0 + 1.0 / 64.0;
        let mut changed = BTreeMap::new();
        for device in DEVICES {
            let wait_ms = random.random_range(0..u64::from(period_ms) / 5);
            thread::sleep(Duration::from_millis(wait_ms));
            changed.insert(device, devices.set(device, ppm, State::Monitor)?.at_ms);
        }
        for (seen_ms, arrived_ms) in seen(&mut stream, changed, f64::from(ppm))? {
            // The first round waits for the connections.
            if round > 0 {
                whole.push(seen_ms);
                after.push(arrived_ms);
            }
        }
    }
    let suffix = if period_ms == PERIODS_MS[0] { "" } else { "_fast" };
    figure(&format!("live_poll_period{suffix}"), f64::from(period_ms), "ms");
    figure(&format!("live_changes{suffix}"), whole.len() as f64, "changes");
    print("live_latency", whole, suffix);
    print("live_after_answer", after, suffix);
    station.stop()
}

/// Waits until every device's new value was on the stream: time since its change and since the
/// arrival of its answer.
fn seen(
    stream: &mut Stream,
    mut changed: BTreeMap<&str, f64>,
    value: f64,
) -> Result<Vec<(f64, f64)>> {
    let mut found = Vec::new();
    let mut take = |event: &Event| -> Result<bool> {
        for (device, changed_ms) in changed.clone() {
            let Some(reading) = event.reading(&format!("{device}-cl2")) else {
                continue;
            };
            if reading["value"].as_f64() == Some(value) {
                let arrived_ms = moment::millis(&reading["received_at"])? as f64;
                found.push((event.read_at_ms - changed_ms, event.read_at_ms - arrived_ms));
                changed.remove(device);
            }
        }
        Ok(changed.is_empty())
    };
    let what = format!("{value} ppm everywhere");
    stream.until(&what, CHANGE_MAX, |event| match take(event) {
        Ok(true) => Some(Ok(())),
        Ok(false) => None,
        Err(error) => Some(Err(error)),
    })??;
    Ok(found)
}

/// Processor and memory of the demo, without and with its broker.
fn demo(program: &Path) -> Result<()> {
    let mut station = Station::demo(program, SEED)?;
    let mut stream = station.stream(None)?;
    let id = station.process().id();
    beats(&mut stream, DEMO_AGE_S)?;
    let (ticks, broker_ticks) = ticks(id)?;
    let began = Instant::now();
    beats(&mut stream, DEMO_SPAN_S)?;
    let (ticks_after, broker_after) = self::ticks(id)?;
    let span_s = began.elapsed().as_secs_f64();
    let percent = |before: u64, after: u64| (after - before) as f64 / TICKS_PER_S / span_s * 100.0;
    figure("demo_cpu", percent(ticks, ticks_after), "%");
    figure("demo_broker_cpu", percent(broker_ticks, broker_after), "%");
    figure("demo_rss", procfs::resident_bytes(id)? as f64 / 1e6, "MB");
    station.process().signal("INT")?;
    let status = station.process().ended(CHANGE_MAX)?;
    ensure!(status.success(), "the demo ended with {status}");
    Ok(())
}

/// The stream's heartbeats are the clock: one a second.
fn beats(stream: &mut Stream, count: usize) -> Result<()> {
    let mut left = count;
    let limit = Duration::from_secs(2 * count as u64);
    stream.until("heartbeats", limit, |event| {
        left -= usize::from(event.name == "heartbeat");
        (left == 0).then_some(())
    })
}

fn ticks(id: u32) -> Result<(u64, u64)> {
    let own = procfs::stat(id).context("the demo has ended")?.ticks;
    let broker = procfs::descendants(id)?;
    Ok((own, broker.iter().map(|child| child.ticks).sum()))
}
