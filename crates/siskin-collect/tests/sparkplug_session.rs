//! The Sparkplug source against a real mosquitto and a simulated edge node.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests; a panic is how they fail"
)]

#[allow(dead_code, reason = "its station shows the first reading of a message; here all count")]
mod support;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use siskin_collect::{Intake, Priority, Sources};
use siskin_model::site::{Connection, MqttVersion};
use siskin_model::{AnalyzerHealth, LinkState, Quality, Reading, Site, Timestamp};
use siskin_sim::PrivateBroker;
use siskin_sim::sparkplug::{EdgeNode, Metric, NodeSpec};
use support::{clock, profiles, site};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Nothing here takes this long; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

fn now() -> Timestamp {
    clock()()
}

fn gas(ppm: f64) -> Metric {
    Metric::number("Gas/Value", 1, Some(ppm), "ppm")
}

fn park(port: u16, version: MqttVersion) -> Site {
    let connection = Connection::Sparkplug {
        group: "park".into(),
        node: "gw-1".into(),
        device: Some("at-101".into()),
    };
    let mut site = site("sparkplug-generic", "value", connection);
    let broker = site.broker.as_mut().unwrap();
    (broker.port, broker.version) = (port, version);
    site
}

/// A node whose device was born with 0.25 ppm.
fn node(port: u16, bd_seq: u64) -> EdgeNode {
    let metrics = vec![gas(0.25), Metric::text("Gas/Status", 2, "ok")];
    EdgeNode::start(NodeSpec {
        port,
        group: "park".into(),
        node: "gw-1".into(),
        bd_seq,
        devices: [("at-101".to_owned(), metrics)].into(),
    })
}

/// Running sources and all that they say.
struct Station {
    sources: Sources,
    intake: mpsc::Receiver<Intake>,
    stop: CancellationToken,
    readings: VecDeque<Reading>,
    health: Vec<AnalyzerHealth>,
}

impl Station {
    fn start(site: Site) -> Self {
        let (out, intake) = mpsc::channel(64);
        let stop = CancellationToken::new();
        let sources = Sources::start(
            Arc::new(site),
            profiles(),
            out,
            clock(),
            Priority::nobody(),
            stop.clone(),
        );
        let (readings, health) = (VecDeque::new(), Vec::new());
        Self { sources: sources.unwrap(), intake, stop, readings, health }
    }

    async fn reading(&mut self) -> Reading {
        loop {
            if let Some(reading) = self.readings.pop_front() {
                return reading;
            }
            let next = tokio::time::timeout(PATIENCE, self.intake.recv());
            match next.await.expect("no reading in time").expect("closed") {
                Intake::Pulse(pulse) => panic!("{pulse:?}"),
                Intake::Health(health) => self.health.push(health),
                Intake::Readings { readings, committed, .. } => {
                    assert!(committed.is_none(), "nobody can be thanked");
                    self.readings.extend(readings);
                }
            }
        }
    }

    async fn stop(self) {
        self.stop.cancel();
        let stopped = tokio::time::timeout(PATIENCE, self.sources.stopped());
        stopped.await.expect("the sources did not stop");
    }
}

struct Bench {
    station: Station,
    broker: PrivateBroker,
    _folder: TempDir,
}

impl Bench {
    async fn start(version: MqttVersion) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let broker = PrivateBroker::start(folder.path()).await.unwrap();
        let station = Station::start(park(broker.port(), version));
        Self { station, broker, _folder: folder }
    }

    /// Waits for a reading of this value and quality; what is before it may only be what the
    /// births and the loss of the line say, again and again.
    async fn until(&mut self, value: Option<f64>, quality: Quality) -> Timestamp {
        loop {
            let reading = self.station.reading().await;
            let said = (reading.value, reading.quality);
            if said == (value, quality) {
                return reading.measured_at;
            }
            let usual = [(Some(0.25), Quality::Good), (None, Quality::CommLost)];
            assert!(usual.contains(&said), "{reading:?}");
        }
    }

    async fn next(&mut self) -> (Option<f64>, Quality) {
        let reading = self.station.reading().await;
        (reading.value, reading.quality)
    }

    async fn stop(self) {
        self.station.stop().await;
        self.broker.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn births_aliases_order_the_past_and_deaths() {
    for version in [MqttVersion::V311, MqttVersion::V5] {
        a_life(version).await;
    }
}

async fn a_life(version: MqttVersion) {
    let mut bench = Bench::start(version).await;
    let node = node(bench.broker.port(), 7);
    bench.until(Some(0.25), Quality::Good).await;
    let sent_at = now();
    node.data("at-101", &[gas(0.5)], sent_at);
    assert_eq!(bench.until(Some(0.5), Quality::Good).await, sent_at);
    node.data_swapped("at-101", &[gas(1.0)], &[gas(2.0)], now());
    bench.until(Some(1.0), Quality::Good).await;
    assert_eq!(bench.next().await, (Some(2.0), Quality::Good));
    let kept_at = now().plus_ms(-3_600_000);
    let status = Metric::text("Gas/Status", 2, "ok").kept_since(kept_at);
    node.data("at-101", &[status, gas(9.0).kept_since(kept_at), gas(3.0)], now());
    assert_eq!(bench.until(Some(9.0), Quality::Good).await, kept_at);
    assert_eq!(bench.next().await, (Some(3.0), Quality::Good));
    node.data("at-101", &[Metric::text("Gas/Status", 2, "cal"), gas(30.0)], now());
    assert_eq!(bench.next().await, (Some(30.0), Quality::Calibration));
    node.data("at-101", &[Metric::number("Gas/Value", 1, None, "ppm")], now());
    assert_eq!(bench.next().await, (None, Quality::Calibration));
    node.device_death("at-101", now());
    assert_eq!(bench.next().await, (None, Quality::CommLost));
    node.crash().await;
    let dead = |bench: &Bench| {
        let told = bench.station.health.iter().filter_map(|h| h.last_error.clone());
        told.filter(|text| text.contains("DDEATH")).count()
    };
    let again = self::node(bench.broker.port(), 8);
    bench.until(Some(0.25), Quality::Good).await;
    assert_eq!(dead(&bench), 1);
    again.crash().await;
    bench.until(None, Quality::CommLost).await;
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_message_is_doubted_until_the_node_was_born_again() {
    for version in [MqttVersion::V311, MqttVersion::V5] {
        a_loss(version).await;
    }
}

async fn a_loss(version: MqttVersion) {
    let mut bench = Bench::start(version).await;
    let node = node(bench.broker.port(), 7);
    bench.until(Some(0.25), Quality::Good).await;
    let births = node.births();
    node.set_deaf(true);
    node.lose_one();
    node.data("at-101", &[gas(4.0)], now());
    bench.until(Some(4.0), Quality::Uncertain).await;
    node.data("at-101", &[gas(5.0)], now());
    assert_eq!(bench.next().await, (Some(5.0), Quality::Uncertain));
    assert!(node.births() >= births);
    node.set_deaf(false);
    // The next request comes after its shortest gap.
    bench.until(Some(0.25), Quality::Good).await;
    node.data("at-101", &[gas(6.0)], now());
    bench.until(Some(6.0), Quality::Good).await;
    assert!(node.births() > births);
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_that_comes_later_asks_for_the_births() {
    let folder = tempfile::tempdir().unwrap();
    let broker = PrivateBroker::start(folder.path()).await.unwrap();
    let node = node(broker.port(), 7);
    // The node has been there for a while.
    let mut first = Station::start(park(broker.port(), MqttVersion::V311));
    let reading = first.reading().await;
    assert_eq!(reading.value, Some(0.25));
    first.stop().await;
    let births = node.births();
    let mut bench = Bench {
        station: Station::start(park(broker.port(), MqttVersion::V311)),
        broker,
        _folder: folder,
    };
    bench.until(Some(0.25), Quality::Good).await;
    assert!(node.births() > births);
    let online = bench.station.health.iter().any(|h| h.link == LinkState::Offline);
    assert!(!online, "{:?}", bench.station.health);
    bench.stop().await;
}

#[tokio::test]
async fn both_versions_begin_clean_with_the_will_of_the_host() {
    for (version, level) in [(MqttVersion::V311, 4), (MqttVersion::V5, 5)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let station = Station::start(park(listener.local_addr().unwrap().port(), version));
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 2];
        stream.read_exact(&mut head).await.unwrap();
        assert!(head[0] == 0x10 && head[1] < 0x80, "{head:?}");
        let mut body = vec![0; head[1].into()];
        stream.read_exact(&mut body).await.unwrap();
        assert_eq!(body[..7], [0, 4, b'M', b'Q', b'T', b'T', level]);
        // Will retained, QoS 1, and a clean start. In MQTT 5 the session ends with its connection
        // unless property 0x11 says otherwise; it is not there.
        assert_eq!(body[7] & 0x3E, 0x2E, "{version:?}: {:#x}", body[7]);
        if version == MqttVersion::V5 {
            let len = usize::from(body[10]);
            assert!(!body[11..11 + len].starts_with(&[0x11]), "{body:?}");
        }
        let will = String::from_utf8_lossy(&body);
        assert!(will.contains("spBv1.0/STATE/") && will.contains(r#"{"online":false,"#), "{will}");
        station.stop().await;
    }
}
