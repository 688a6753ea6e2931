//! A bench: a scripted device behind a line, and what the station saw of it.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use siskin_model::site::{Analyzer, Connection, Position, Range};
use siskin_model::{
    AnalyzerHealth, AnalyzerId, AreaId, ChannelIndex, LinkState, Quality, Reading, Text, Timestamp,
    Unit,
};
use siskin_sim::bus::{Bus, Framing};
use siskin_wire::{DeviceProfile, Slot};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::super::dial::{Address, Dial};
use super::super::{DeviceSpec, Endpoint, Line, Priority};
use crate::health::HealthCell;
use crate::outlet::Outlet;
use crate::words::check_text;
use crate::{Clock, Intake};

const PROFILE: &str = r#"
id = "acme-1"
version = 1
status = "documented"
vendor = "Acme"
model = "One"
transport = "modbus"
source = { doc = "Acme One manual", pages = "1" }
validity_default = "good"
heartbeat = { point = "beat", stale_after_ms = 10000 }
[points.gas]
fc = 3
addr = 0
manual_ref = "40001"
type = "u16"
scale = 0.1
unit = "ppm"
invalid = [0x7FFF]
[points.beat]
fc = 3
addr = 1
manual_ref = "40002"
type = "u16"
"#;

/// What a device does with one request.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// Answers with these registers.
    Words(Vec<u16>),
    /// Answers so after a while.
    Late(Duration, Vec<u16>),
    Exception(u8),
    /// Answers for another unit.
    WrongUnit,
    Garbage(Vec<u8>),
    Close,
    /// Answers and closes.
    LastWords(Vec<u16>),
    Hang,
}

/// One request as the device saw it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) ms: u64,
    pub(super) unit: u8,
}

/// The device's side. `None` for a connection means that it is refused.
type Script = Arc<dyn Fn(Asked) -> Reply + Send + Sync>;
type Door = Arc<dyn Fn(u64) -> bool + Send + Sync>;

#[derive(Clone)]
pub(super) struct Memory {
    start: Instant,
    door: Door,
    script: Script,
    pub(super) dialed_ms: Arc<Mutex<Vec<u64>>>,
}

fn ms_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap()
}

impl Dial for Memory {
    type Stream = DuplexStream;

    async fn dial(&self, _: &Address) -> io::Result<DuplexStream> {
        let now_ms = ms_since(self.start);
        self.dialed_ms.lock().unwrap().push(now_ms);
        if !(self.door)(now_ms) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (ours, theirs) = tokio::io::duplex(1024);
        tokio::spawn(serve(theirs, self.start, Arc::clone(&self.script)));
        Ok(ours)
    }
}

async fn serve(mut stream: DuplexStream, start: Instant, script: Script) {
    let mut frame = [0u8; 12];
    while stream.read_exact(&mut frame).await.is_ok() {
        let unit = frame[6];
        let asked = Asked { ms: ms_since(start), unit };
        let header = |unit: u8, body: &[u8]| {
            let len = u16::try_from(body.len() + 1).unwrap().to_be_bytes();
            let mut out = vec![frame[0], frame[1], 0, 0, len[0], len[1], unit];
            out.extend_from_slice(body);
            out
        };
        let words = |words: &[u16]| {
            let mut body = vec![frame[7], u8::try_from(words.len() * 2).unwrap()];
            body.extend(words.iter().flat_map(|w| w.to_be_bytes()));
            body
        };
        let (bytes, close) = match script(asked) {
            Reply::Words(w) => (header(unit, &words(&w)), false),
            Reply::LastWords(w) => (header(unit, &words(&w)), true),
            Reply::Late(pause, w) => {
                tokio::time::sleep(pause).await;
                (header(unit, &words(&w)), false)
            }
            Reply::Exception(code) => (header(unit, &[frame[7] | 0x80, code]), false),
            Reply::WrongUnit => (header(unit + 1, &words(&[1, 2])), false),
            Reply::Garbage(bytes) => (bytes, false),
            Reply::Close => return,
            Reply::Hang => std::future::pending().await,
        };
        if stream.write_all(&bytes).await.is_err() || close {
            return;
        }
    }
}

/// What the station saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) readings: Vec<Reading>,
    pub(super) health: Vec<AnalyzerHealth>,
    pub(super) dialed_ms: Vec<u64>,
}

impl Seen {
    /// (milliseconds, value, quality) of the readings of the device at `index`.
    pub(super) fn of(&self, index: u32) -> Vec<(i64, Option<f64>, Quality)> {
        let of = self.readings.iter().filter(|r| r.channel.0 == index);
        of.map(|r| (r.measured_at.as_millis(), r.value, r.quality)).collect()
    }

    /// The links that the device at `index` went through.
    pub(super) fn links(&self, index: usize) -> Vec<LinkState> {
        let of = self.health.iter().filter(|h| h.analyzer == index);
        let mut links: Vec<_> = of.map(|h| h.link).collect();
        links.dedup();
        links
    }

    /// The last failure of the device at `index`, in English; it is there in Chinese, too.
    pub(super) fn last_error(&self, index: usize) -> String {
        let mut of = self.health.iter().rev().filter(|h| h.analyzer == index);
        let told = of.find_map(|h| Some((h.last_error_zh.clone()?, h.last_error.clone()?)));
        let (zh, en) = told.unwrap();
        check_text(&Text::new(zh, &*en));
        en
    }
}

pub(crate) fn analyzer(index: usize, timeout_ms: u32) -> Analyzer {
    Analyzer {
        id: AnalyzerId::new(&format!("at-{index}")).unwrap(),
        name: Text::new("测", "test"),
        area: AreaId::new("area").unwrap(),
        position: Position { x_m: 0.0, y_m: 0.0 },
        height_m: 1.5,
        profile: "acme-1".into(),
        connection: Connection::ModbusTcp { host: "bench".into(), port: 502, unit: 1 },
        poll_ms: 1_000,
        timeout_ms,
        reorder_window_ms: 0,
        edge: None,
    }
}

fn spec(index: u32, timeout_ms: u32) -> DeviceSpec {
    let profile: DeviceProfile = toml::from_str(PROFILE).unwrap();
    assert_eq!(profile.check(), []);
    let place = usize::try_from(index).unwrap();
    let analyzer = analyzer(place, timeout_ms);
    let slot = Slot {
        point: "gas".into(),
        unit: Unit::Ppm,
        range: Range { low: 0.0, high: 50.0 },
        factors: vec![(Unit::Ppm, 1.0)],
    };
    let health = HealthCell::new(place, analyzer.id.clone(), Timestamp::from_millis(0));
    let unit = u8::try_from(index).unwrap() + 1;
    DeviceSpec::new(
        (place, &analyzer),
        unit,
        &profile,
        vec![ChannelIndex(index)],
        vec![slot],
        health,
    )
    .unwrap()
}

/// Runs `devices` units (1, 2 …) on one line for `run_ms`, polled every second.
pub(super) async fn run(
    devices: u32,
    run_ms: u64,
    door: impl Fn(u64) -> bool + Send + Sync + 'static,
    script: impl Fn(Asked) -> Reply + Send + Sync + 'static,
) -> Seen {
    let start = Instant::now();
    let dial =
        Memory { start, door: Arc::new(door), script: Arc::new(script), dialed_ms: Arc::default() };
    let dialed_ms = Arc::clone(&dial.dialed_ms);
    let address = Address::Tcp("bench".into(), 502);
    let mut seen = watch(dial, address, devices, 1_000, run_ms, Priority::nobody()).await;
    seen.dialed_ms.clone_from(&dialed_ms.lock().unwrap());
    seen
}

/// A simulated bus in memory.
#[derive(Debug, Clone)]
struct OverMemory {
    bus: Bus,
    dialed_ms: Arc<Mutex<Vec<u64>>>,
    start: Instant,
}

impl Dial for OverMemory {
    type Stream = DuplexStream;

    async fn dial(&self, _: &Address) -> io::Result<DuplexStream> {
        self.dialed_ms.lock().unwrap().push(ms_since(self.start));
        let (ours, theirs) = tokio::io::duplex(1_024);
        let bus = self.bus.clone();
        tokio::spawn(async move { bus.serve(theirs).await });
        Ok(ours)
    }
}

/// Polls units 1 to `devices` of `bus` every second for `run_ms`; each is waited for `timeout_ms`.
pub(super) async fn run_bus(
    bus: &Bus,
    framing: Framing,
    devices: u32,
    timeout_ms: u32,
    run_ms: u64,
    priority: Priority,
) -> Seen {
    let address = match framing {
        Framing::Tcp => Address::Tcp("bench".into(), 502),
        Framing::Rtu => Address::RtuOverTcp("bench".into(), 502),
    };
    let dialed_ms = Arc::new(Mutex::new(Vec::new()));
    let start = Instant::now();
    let dial = OverMemory { bus: bus.clone(), dialed_ms: Arc::clone(&dialed_ms), start };
    let mut seen = watch(dial, address, devices, timeout_ms, run_ms, priority).await;
    seen.dialed_ms.clone_from(&dialed_ms.lock().unwrap());
    seen
}

async fn watch(
    dial: impl Dial,
    address: Address,
    devices: u32,
    timeout_ms: u32,
    run_ms: u64,
    priority: Priority,
) -> Seen {
    let start = Instant::now();
    let clock: Clock =
        Arc::new(move || Timestamp::from_millis(i64::try_from(ms_since(start)).unwrap()));
    let devices = (0..devices).map(|index| spec(index, timeout_ms)).collect();
    let line = Line { address, devices };
    let (tx, mut rx) = mpsc::channel(100_000);
    let endpoint = Endpoint::new(&line, dial, Outlet::new(tx), clock, priority);
    let ended = tokio::time::timeout(Duration::from_millis(run_ms), endpoint.run()).await;
    assert!(ended.is_err(), "the endpoint ended by itself");
    let mut seen = Seen::default();
    while let Ok(intake) = rx.try_recv() {
        match intake {
            Intake::Pulse(pulse) => panic!("{pulse:?}"),
            Intake::Readings { readings, committed, .. } => {
                assert!(committed.is_none());
                seen.readings.extend(readings);
            }
            Intake::Health(health) => seen.health.push(health),
        }
    }
    seen
}

/// Registers of a device that shows `tenths` and whose heartbeat counts seconds.
pub(super) fn words(tenths: u16, asked: Asked) -> Vec<u16> {
    vec![tenths, u16::try_from(asked.ms / 1_000 % 65_536).unwrap()]
}
