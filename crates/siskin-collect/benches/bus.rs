//! A bus in real time: 32 slaves behind one RTU-over-TCP port, one of them dead, one slow, one that
//! talks garbage, each asked every second. How steadily the healthy are asked, by the slaves' own
//! log. Prints `figure NAME VALUE UNIT` lines. First argument: seconds that count, 30 without it.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a benchmark")]

use std::collections::BTreeMap;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use siskin_collect::{Clock, Intake, Priority, Sources};
use siskin_model::site::{self, Analyzer, Channel, Connection, Position, Quantity};
use siskin_model::{
    AnalyzerId, AreaId, ChannelId, Conditions, GasId, Quality, Site, Text, Timestamp, Unit,
};
use siskin_sim::bus::port::TcpPort;
use siskin_sim::bus::{Bus, Fault, Framing, Slave};
use siskin_wire::DeviceProfile;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const SLAVES: u8 = 32;
const DEAD: u8 = 5;
const SLOW: u8 = 9;
const GARBLING: u8 = 13;
const SECONDS: u64 = 30;
/// In these first seconds the schedule finds out who is slow or dead, and the healthy are late.
/// They have a figure of their own.
const SETTLING_S: u64 = 10;
const SETTLING_US: u64 = SETTLING_S * 1_000_000;
const PERIOD_US: u64 = 1_000_000;
/// An answer of the healthy; about that of a device on a line of 9600 bits a second.
const ANSWERS_AFTER: Duration = Duration::from_millis(10);
/// How often the machine is asked how late it is.
const WAKE_EVERY: Duration = Duration::from_millis(5);
/// What the mean period of a healthy slave may differ from the period, in percent.
const PERIOD_DEVIATION_MAX: f64 = 5.0;
/// What a single step of a healthy slave may differ from the period, in ms, at p99.
const JITTER_P99_MAX_MS: f64 = 20.0;

const PROFILE: &str = r#"
id = "bus"
version = 1
status = "documented"
vendor = "Acme"
model = "One"
transport = "modbus"
source = { doc = "made for the benchmark", pages = "1" }
validity_default = "good"
heartbeat = { point = "beat", stale_after_ms = 10000 }
[points.gas]
fc = 3
addr = 0
manual_ref = "40001"
type = "u16"
scale = 0.1
unit = "ppm"
[points.beat]
fc = 3
addr = 1
manual_ref = "40002"
type = "u16"
"#;

fn slaves() -> Vec<Slave> {
    let sick = |unit| match unit {
        DEAD => Some(Fault::Hang),
        SLOW => Some(Fault::Delay(Duration::from_millis(290))),
        GARBLING => Some(Fault::Garbage(b"\x0d\x03\x04??????????".to_vec())),
        _ => None,
    };
    let slave = |unit| {
        let slave = Slave::new(unit, ANSWERS_AFTER, u16::from(unit));
        match sick(unit) {
            Some(fault) => slave.with(0..u64::MAX, fault),
            None => slave,
        }
    };
    (1..=SLAVES).map(slave).collect()
}

fn analyzer(unit: u8, port: u16) -> Analyzer {
    Analyzer {
        id: AnalyzerId::new(&format!("at-{unit}")).unwrap(),
        name: Text::new("测", "test"),
        area: AreaId::new("area").unwrap(),
        position: Position { x_m: 0.0, y_m: 0.0 },
        height_m: 1.5,
        profile: "bus".into(),
        connection: Connection::ModbusRtuOverTcp { host: "127.0.0.1".into(), port, unit },
        poll_ms: 1_000,
        timeout_ms: 350,
        reorder_window_ms: 0,
        edge: None,
    }
}

fn channel(unit: u8) -> Channel {
    Channel {
        id: ChannelId::new(&format!("at-{unit}-cl2")).unwrap(),
        analyzer: usize::from(unit) - 1,
        area: AreaId::new("area").unwrap(),
        quantity: Quantity::Gas(GasId::new("chlorine").unwrap()),
        unit: Unit::Ppm,
        point: "gas".into(),
        range: site::Range { low: 0.0, high: 50.0 },
        resolution: 0.1,
    }
}

fn site(port: u16) -> Site {
    Site {
        id: "bench".into(),
        name: Text::new("测", "test"),
        utc_offset_s: 28_800,
        origin: None,
        conditions: Conditions::REFERENCE,
        tiers: Vec::new(),
        areas: Vec::new(),
        analyzers: (1..=SLAVES).map(|unit| analyzer(unit, port)).collect(),
        channels: (1..=SLAVES).map(channel).collect(),
        gases: Vec::new(),
        receivers: Vec::new(),
        broker: None,
        hj212: None,
        edges: Vec::new(),
        life: siskin_model::LifePolicy::default(),
    }
}

/// Reads the bus for `seconds`; gives the good readings of each unit.
async fn read(bus: &Bus, seconds: u64) -> BTreeMap<u32, u64> {
    let port = TcpPort::open(bus.clone()).await.unwrap();
    let clock: Clock = Arc::new(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap())
    });
    let profile: DeviceProfile = toml::from_str(PROFILE).unwrap();
    let profiles = Arc::new(BTreeMap::from([(profile.id.clone(), profile)]));
    let (out, mut intake) = mpsc::channel(1_024);
    let stop = CancellationToken::new();
    let site = Arc::new(site(port.addr.port()));
    let sources =
        Sources::start(site, profiles, out, clock, Priority::nobody(), stop.clone()).unwrap();
    let mut good = BTreeMap::new();
    let count = async {
        while let Some(intake) = intake.recv().await {
            let Intake::Readings { readings, .. } = intake else { continue };
            for reading in readings.iter().filter(|r| r.quality == Quality::Good) {
                *good.entry(reading.channel.0 + 1).or_insert(0) += 1;
            }
        }
    };
    let _over = tokio::time::timeout(Duration::from_secs(seconds), count).await;
    stop.cancel();
    drop(intake);
    sources.stopped().await;
    good
}

/// Steps between the requests to `unit` at the moments `during`, all in microseconds.
fn steps_us(bus: &Bus, unit: u8, during: Range<u64>) -> Vec<u64> {
    let asked: Vec<_> = bus.asked_us(unit).into_iter().filter(|us| during.contains(us)).collect();
    asked.windows(2).map(|pair| pair.last().unwrap() - pair.first().unwrap()).collect()
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("figure {name} {value:.3} {unit}");
}

fn healthy() -> impl Iterator<Item = u8> {
    (1..=SLAVES).filter(|unit| ![DEAD, SLOW, GARBLING].contains(unit))
}

/// How far the mean of `steps` is from the period, in percent; NaN without any.
fn mean_off(steps: &[u64]) -> f64 {
    let mean_us = steps.iter().sum::<u64>() as f64 / steps.len() as f64;
    (mean_us / PERIOD_US as f64 - 1.0).abs() * 100.0
}

/// How much later than wanted the machine wakes a thread that does nothing else, in microseconds,
/// sorted: what of the jitter is not ours. Ends when `over` is set.
fn machine_late_us(over: &AtomicBool) -> Vec<u128> {
    let mut late = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let began = Instant::now();
        std::thread::sleep(WAKE_EVERY);
        late.push(began.elapsed().saturating_sub(WAKE_EVERY).as_micros());
    }
    late.sort_unstable();
    late
}

/// Whether the healthy were asked steadily.
fn judge_steps(bus: &Bus) -> bool {
    let settling = healthy().flat_map(|unit| steps_us(bus, unit, 0..SETTLING_US));
    let worst_us = settling.map(|us| us.abs_diff(PERIOD_US)).max().unwrap();
    figure("bus_settling_jitter_max", worst_us as f64 / 1e3, "ms");
    let steps: Vec<_> = healthy().map(|u| steps_us(bus, u, SETTLING_US..u64::MAX)).collect();
    let deviation = steps.iter().map(|steps| mean_off(steps)).fold(0.0, f64::max);
    let mut jitter: Vec<_> = steps.iter().flatten().map(|us| us.abs_diff(PERIOD_US)).collect();
    jitter.sort_unstable();
    let at = |percent: usize| *jitter.get((jitter.len() - 1) * percent / 100).unwrap() as f64 / 1e3;
    figure("bus_steps", jitter.len() as f64, "steps");
    figure("bus_period_deviation_max", deviation, "%");
    figure("bus_jitter_p50", at(50), "ms");
    figure("bus_jitter_p99", at(99), "ms");
    figure("bus_jitter_max", at(100), "ms");
    let all = steps.iter().all(|steps| !steps.is_empty());
    all && deviation <= PERIOD_DEVIATION_MAX && at(99) <= JITTER_P99_MAX_MS
}

/// Whether nothing that was said by nobody became a number.
fn judge_readings(good: &BTreeMap<u32, u64>) -> bool {
    let of = |unit: u8| *good.get(&unit.into()).unwrap_or(&0);
    figure("bus_good_of_healthy_min", healthy().map(of).min().unwrap() as f64, "readings");
    figure("bus_good_of_slow", of(SLOW) as f64, "readings");
    figure("bus_good_of_dead_and_garbling", (of(DEAD) + of(GARBLING)) as f64, "readings");
    of(DEAD) + of(GARBLING) == 0
}

fn tell_machine(late_us: &[u128]) {
    let at = |percent: usize| *late_us.get((late_us.len() - 1) * percent / 100).unwrap() as f64;
    figure("bus_machine_late_p99", at(99) / 1e3, "ms");
    figure("bus_machine_late_max", at(100) / 1e3, "ms");
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
    figure("bus_machine_load", load, "running");
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let seconds = std::env::args().find_map(|text| text.parse().ok()).unwrap_or(SECONDS);
    let bus = Bus::new(Framing::Rtu, slaves());
    let over = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&over);
    let machine = std::thread::spawn(move || machine_late_us(&seen));
    let good = read(&bus, SETTLING_S + seconds).await;
    over.store(true, Ordering::Relaxed);
    tell_machine(&machine.join().unwrap());
    let (is_steady, is_true) = (judge_steps(&bus), judge_readings(&good));
    if is_steady && is_true {
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "error: the healthy slaves are not asked steadily (limits {PERIOD_DEVIATION_MAX} %, \
         {JITTER_P99_MAX_MS} ms), or a sick one gave readings; hint: is the machine busy"
    );
    ExitCode::FAILURE
}
