//! How fast messages come in: the real broker, a publisher that is faster than what it feeds, and
//! in turns the broker's own client, which only counts, and a station, which stores and judges.
//!
//! The clock runs from the first message until the last one was read, by the station until its
//! readings are on disk and judged. All share the same processors, the broker too. Of several
//! rounds the best of each counts. `SISKIN_BIN` is the release build, see `tests/bench.sh`.

mod broker;
mod park;

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::moment;
use e2e::process::{Process, hide_output};
use e2e::procfs;
use e2e::publisher::Publisher;
use e2e::station::Station;
use e2e::wait::poll;

use broker::{AUTOSAVE_CHANGES, Broker};
use park::{Park, topic};

/// Messages of a round: all of them fit into the broker's queue for one client.
const MESSAGES: usize = 100_000;
const ROUNDS: usize = 5;
/// One value a message, and twenty.
const PARKS: [Park; 2] = [
    Park { name: "intake_mqtt", devices: 100, tags: 1 },
    Park { name: "intake_mqtt_20", devices: 50, tags: 20 },
];
/// Longest wait for the last message.
const ROUND_MAX: Duration = Duration::from_mins(2);
/// Microseconds in a clock tick of Linux.
const TICK_US: f64 = 10_000.0;

fn main() -> Result<()> {
    hide_output();
    ensure!(
        std::env::var_os("SISKIN_BIN").is_some(),
        "SISKIN_BIN must name a release build; hint: make bench ONLY=intake"
    );
    say(&format!("mosquitto as in deploy/mosquitto, but autosave_interval {AUTOSAVE_CHANGES}"));
    for park in PARKS {
        measure(&park)?;
    }
    Ok(())
}

#[allow(clippy::print_stdout, reason = "figures are this program's result")]
fn say(text: &str) {
    println!("{text}");
}

fn measure(park: &Park) -> Result<()> {
    let Park { name, devices, tags } = *park;
    let rounds = MESSAGES / devices;
    let (mut alone, mut counted, mut stored) = (0_f64, 0_f64, 0_f64);
    let mut station_us = f64::MAX;
    for _ in 0..ROUNDS {
        alone = alone.max(publish_alone(park, rounds)?);
        counted = counted.max(count(park, rounds)?);
        let (rate, us) = store(park, rounds)?;
        (stored, station_us) = (stored.max(rate), station_us.min(us));
    }
    let bytes = park.payload(0, 0, 1_767_225_600_000).len();
    say(&format!("figure {name}_payload {bytes} bytes"));
    say(&format!("figure {name}_publisher {alone:.0} messages/s"));
    say(&format!("figure {name}_counted {counted:.0} messages/s"));
    say(&format!("figure {name}_stored {stored:.0} messages/s"));
    say(&format!("figure {name}_readings {:.0} readings/s", stored * tags as f64));
    say(&format!("figure {name}_cpu {station_us:.1} us/message"));
    say(&format!("figure {name}_ratio {:.2} x", stored / counted));
    Ok(())
}

/// Publishes `rounds` messages of every topic of `park`; the broker has them when this returns.
/// Stamps are true, but each message of a topic has one of its own.
fn publish(port: u16, park: &Park, rounds: usize) -> Result<()> {
    let mut publisher = Publisher::connect(port)?;
    let mut stamp_ms = 0;
    for round in 0..rounds {
        stamp_ms = moment::now_ms().max(stamp_ms + 1);
        let message = |device| (topic(device), park.payload(device, round, stamp_ms));
        publisher.send((0..park.devices).map(message))?;
    }
    publisher.settle()
}

/// Messages a second that the broker takes from the publisher when nobody reads.
fn publish_alone(park: &Park, rounds: usize) -> Result<f64> {
    let broker = Broker::start()?;
    let began = Instant::now();
    publish(broker.port, park, rounds)?;
    Ok(rate(park, rounds, began))
}

/// Messages a second of mosquitto_sub, which has a session as the station has and writes nowhere.
fn count(park: &Park, rounds: usize) -> Result<f64> {
    let broker = Broker::start()?;
    let (port, all) = (broker.port.to_string(), (rounds * park.devices).to_string());
    let line =
        "exec mosquitto_sub -h 127.0.0.1 -q 1 -c -i bench -t park/+/reading \"$@\" >/dev/null";
    let mut command = Command::new("sh");
    command.args(["-c", line, "sh", "-p", &port, "-C", &all]);
    let mut reader = Process::start("mosquitto_sub", &command)?;
    broker.subscribed("park/+/reading")?;
    let began = Instant::now();
    publish(broker.port, park, rounds)?;
    let status = reader.ended(ROUND_MAX)?;
    let rate = rate(park, rounds, began);
    ensure!(status.success(), "mosquitto_sub ended with {status}");
    Ok(rate)
}

/// Messages a second of the station, and its processor time for one.
fn store(park: &Park, rounds: usize) -> Result<(f64, f64)> {
    let broker = Broker::start()?;
    let folders = park.folders(broker.port)?;
    let mut station = Station::run_with(&folders.site(), &folders.data(), &folders.configs())?;
    broker.subscribed(&topic(park.devices - 1))?;
    let id = station.process().id();
    let before = (counter(&station, "readings")?, ticks(id)?);
    let wanted = before.0 + (rounds * park.devices * park.tags) as u64;
    let began = Instant::now();
    publish(broker.port, park, rounds)?;
    poll("everything is stored", ROUND_MAX, || {
        Ok((counter(&station, "readings")? >= wanted).then_some(()))
    })?;
    let rate = rate(park, rounds, began);
    let spent = (ticks(id)? - before.1) as f64 * TICK_US / (rounds * park.devices) as f64;
    for name in ["refused", "late", "duplicates", "quarantined"] {
        let count = counter(&station, name)?;
        ensure!(count == 0, "{count} readings are counted as `{name}`, the figure would not hold");
    }
    station.stop()?;
    Ok((rate, spent))
}

fn rate(park: &Park, rounds: usize, began: Instant) -> f64 {
    (rounds * park.devices) as f64 / began.elapsed().as_secs_f64()
}

fn counter(station: &Station, name: &str) -> Result<u64> {
    let health = station.get("health")?;
    let count = health.pointer(&format!("/counters/{name}")).and_then(serde_json::Value::as_u64);
    count.with_context(|| format!("no counter `{name}` in {health}"))
}

fn ticks(id: u32) -> Result<u64> {
    Ok(procfs::stat(id).context("the station has ended")?.ticks)
}
