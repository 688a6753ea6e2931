//! The server over loopback, against the simulated logger and against bytes made by hand.

mod kept;
mod past;
mod sealed;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use siskin_model::site::{Hj212Crc, Hj212Logger, Hj212Version, Range};
use siskin_model::{
    AnalyzerHealth, AnalyzerId, ChannelIndex, LinkState, Origin, Quality, Reading, Timestamp, Unit,
};
use siskin_sim::hj212::{Faults, Logger, LoggerSpec as SimSpec, Sample, frame};
use siskin_wire::hj212::{Mapping, Opener, moment};
use siskin_wire::{DeviceProfile, Slot};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use super::gaps::LiveUntil;
use super::{Line, LoggerSpec, Server};
use crate::feed::Feed;
use crate::health::HealthCell;
use crate::outlet::Outlet;
use crate::{Clock, Intake};

/// Nothing here takes this long; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// 2026-01-01T08:00:00+08:00, the station's clock in these tests.
const NOW_MS: i64 = 1_767_225_600_000;
const EAST_S: i32 = 28_800;
const MN: &str = "A110000_0001";
const PROFILE: &str = r#"
id = "acme-logger"
version = 1
status = "documented"
vendor = "Acme"
model = "Logger"
transport = "hj212"
source = { doc = "HJ 212-2017", pages = "table B.2" }
[hj212]
fill = "2051"
[hj212.values.cl2]
factor = "a21022"
unit = "ppm"
"#;

fn spec(index: u32, mn: &str) -> LoggerSpec {
    spec_of(PROFILE, index, mn)
}

fn spec_of(profile: &str, index: u32, mn: &str) -> LoggerSpec {
    let profile: DeviceProfile = toml::from_str(profile).unwrap();
    let slot = Slot {
        point: "cl2".into(),
        unit: Unit::Ppm,
        range: Range { low: 0.0, high: 50.0 },
        factors: vec![(Unit::Ppm, 1.0)],
    };
    let place = usize::try_from(index).unwrap();
    let analyzer = AnalyzerId::new(&format!("at-{index}")).unwrap();
    let agreed = Hj212Logger {
        mn: mn.into(),
        password: Some("123456".into()),
        version: Hj212Version::V2017,
        crc: Hj212Crc::Standard,
        sets_clock: false,
        sm4: None,
    };
    LoggerSpec {
        health: HealthCell::new(place, analyzer, Timestamp::from_millis(NOW_MS)),
        mapping: Mapping::new(&profile, vec![slot], EAST_S).unwrap(),
        opener: Opener::new(&agreed),
        agreed,
        feed: Feed::new(vec![ChannelIndex(index)]),
        poll_ms: 30_000,
        live_until: LiveUntil::default(),
    }
}

/// A running server and what it hands out.
struct Station {
    address: SocketAddr,
    intake: mpsc::Receiver<Intake>,
    health: Vec<AnalyzerHealth>,
    /// How the readings came that were handed out, one for each message.
    origins: Vec<Origin>,
    _server: tokio::task::JoinHandle<()>,
}

impl Station {
    async fn start(loggers: Vec<LoggerSpec>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (out, intake) = mpsc::channel(64);
        let clock: Clock = Arc::new(|| Timestamp::from_millis(NOW_MS));
        let line = Line { listen: address, loggers };
        let mut server = Server::new(&line, Outlet::new(out), clock);
        let server = tokio::spawn(async move {
            server.serve(listener).await;
        });
        Self { address, intake, health: Vec::new(), origins: Vec::new(), _server: server }
    }

    /// The next readings; health that comes before them is kept.
    async fn readings(&mut self) -> (Vec<Reading>, Option<oneshot::Sender<()>>) {
        loop {
            match self.next().await {
                Intake::Pulse(pulse) => panic!("{pulse:?}"),
                Intake::Health(health) => self.health.push(health),
                Intake::Readings { readings, origin, committed } => {
                    self.origins.push(origin);
                    return (readings, committed);
                }
            }
        }
    }

    async fn next(&mut self) -> Intake {
        let next = tokio::time::timeout(PATIENCE, self.intake.recv());
        next.await.expect("nothing in time").expect("closed")
    }

    /// Health until one is as wanted.
    async fn told(&mut self, wanted: impl Fn(&AnalyzerHealth) -> bool) {
        while !self.health.iter().any(&wanted) {
            if let Intake::Health(health) = self.next().await {
                self.health.push(health);
            }
        }
    }
}

fn sim(address: SocketAddr, faults: Faults) -> Logger {
    let (mn, password) = (MN.into(), "123456".into());
    Logger::new(SimSpec { address, mn, password, sm4: None, faults })
}

/// Chlorine at `ago_s` before now.
fn sample(ago_s: i64, ppm: f64, flag: char) -> Sample {
    let at = Timestamp::from_millis(NOW_MS - ago_s * 1000);
    let data_time = moment::to_second(at, EAST_S);
    Sample { data_time, values: vec![("a21022".into(), ppm, flag)] }
}

fn ago_s(reading: &Reading) -> i64 {
    (NOW_MS - reading.measured_at.as_millis()) / 1000
}

/// Everything that the logger measured comes once for each time it was sent, in order, with its
/// time, however badly the logger sends it.
#[tokio::test]
async fn nothing_is_lost_or_changed_by_pieces_noise_wrong_sums_and_cuts() {
    let noise = b"##99##12x\r\n#".to_vec();
    for faults in [
        Faults::default(),
        Faults { piece_bytes: Some(1), ..Faults::default() },
        Faults { piece_bytes: Some(7), noise, ..Faults::default() },
        Faults { wrong_sum_every: Some(2), ..Faults::default() },
        Faults { cut_after: Some(3), piece_bytes: Some(50), ..Faults::default() },
    ] {
        let mut station = Station::start(vec![spec(0, MN)]).await;
        let mut logger = sim(station.address, faults.clone());
        let want: Vec<_> = (0..8i32).map(|i| (i64::from(240 - i * 30), f64::from(i))).collect();
        for (ago_s, ppm) in &want {
            logger.measured(sample(*ago_s, *ppm, 'N'));
        }
        let deliver = tokio::spawn(async move {
            logger.deliver().await;
            logger
        });
        let mut got = Vec::new();
        while got.len() < want.len() {
            let (readings, committed) = station.readings().await;
            got.extend(readings.iter().filter(|r| r.value.is_some()).map(|reading| {
                assert_eq!(reading.quality, Quality::Good);
                (ago_s(reading), reading.value.unwrap())
            }));
            if let Some(committed) = committed {
                committed.send(()).unwrap();
            }
        }
        let logger = tokio::time::timeout(PATIENCE, deliver).await.unwrap().unwrap();
        assert_eq!(logger.unthanked(), 0);
        assert_eq!(got, want, "{faults:?}");
    }
}

/// A connection by hand.
struct Peer(TcpStream);

impl Peer {
    async fn dial(station: &Station) -> Self {
        Self(TcpStream::connect(station.address).await.unwrap())
    }

    async fn say(&mut self, data: &str) {
        self.0.write_all(&frame(data, 0)).await.unwrap();
    }

    async fn hear(&mut self, wanted: &str) {
        let mut heard = vec![0; wanted.len() + 12];
        let read = tokio::time::timeout(PATIENCE, self.0.read_exact(&mut heard));
        read.await.expect("nothing was said").unwrap();
        assert_eq!(String::from_utf8_lossy(&heard), String::from_utf8_lossy(&frame(wanted, 0)));
    }

    /// The station closes the connection and says nothing more.
    async fn closed(&mut self) {
        let mut rest = Vec::new();
        let read = tokio::time::timeout(PATIENCE, self.0.read_to_end(&mut rest));
        // A reset is a way to close, too.
        if read.await.expect("still open").is_ok() {
            assert!(rest.is_empty(), "{rest:?}");
        }
    }
}

fn data(mn: &str, pw: &str, qn: &str, ppm: &str) -> String {
    format!(
        "QN={qn};ST=22;CN=2011;PW={pw};MN={mn};Flag=5;\
         CP=&&DataTime=20260101075930;a21022-Rtd={ppm},a21022-Flag=N&&"
    )
}

fn thanks(mn: &str, qn: &str) -> String {
    format!("QN={qn};ST=91;CN=9014;PW=123456;MN={mn};Flag=4;CP=&&&&")
}

#[tokio::test]
async fn a_logger_is_thanked_after_the_commit_in_order_and_never_for_what_was_not_stored() {
    let mut station = Station::start(vec![spec(0, MN)]).await;
    let mut peer = Peer::dial(&station).await;
    peer.say(&data(MN, "123456", "1", "0.5")).await;
    peer.say(&data(MN, "123456", "2", "0.7")).await;
    let (_, first) = station.readings().await;
    let (_, second) = station.readings().await;
    second.unwrap().send(()).unwrap();
    first.unwrap().send(()).unwrap();
    peer.hear(&thanks(MN, "1")).await;
    peer.hear(&thanks(MN, "2")).await;
    peer.say(&data(MN, "123456", "3", "0.9")).await;
    let (readings, third) = station.readings().await;
    assert_eq!((readings[0].value, ago_s(&readings[0])), (Some(0.9), 30));
    drop(third);
    peer.closed().await;
    let (silence, _) = station.readings().await;
    assert_eq!((silence[0].value, silence[0].quality), (None, Quality::CommLost));
}

#[tokio::test]
async fn strangers_and_wrong_passwords_give_nothing_and_harm_nobody() {
    let mut station = Station::start(vec![spec(0, MN), spec(1, "B220000_0001")]).await;
    let mut right = Peer::dial(&station).await;
    right.say(&data(MN, "123456", "1", "0.5")).await;
    station.readings().await.1.unwrap().send(()).unwrap();
    right.hear(&thanks(MN, "1")).await;
    let mut wrong = Peer::dial(&station).await;
    wrong.say(&data(MN, "654321", "2", "40")).await;
    wrong.say(&data("C330000_0001", "123456", "3", "40")).await;
    wrong.say("QN=4;ST=22;CN=2011;MN=;CP=&&&&").await;
    station
        .told(|health| {
            let why = health.last_error.as_deref().unwrap_or_default();
            health.analyzer == 1 && why.contains("the MN `C330000_0001`")
        })
        .await;
    // The right one is still the one that speaks, and the first thing that is taken is its.
    right.say(&data(MN, "123456", "5", "0.6")).await;
    let (readings, committed) = station.readings().await;
    assert_eq!(readings[0].value, Some(0.6));
    committed.unwrap().send(()).unwrap();
    right.hear(&thanks(MN, "5")).await;
    // Whoever is known and comes later is heard on the connection of a stranger, too.
    wrong.say(&data("B220000_0001", "123456", "6", "0.1")).await;
    let (readings, _) = station.readings().await;
    assert_eq!((readings[0].channel, readings[0].value), (ChannelIndex(1), Some(0.1)));
}

#[tokio::test]
async fn the_newest_connection_of_a_logger_counts_and_its_silence_is_said_once() {
    let mut station = Station::start(vec![spec(0, MN)]).await;
    let mut old = Peer::dial(&station).await;
    old.say(&data(MN, "123456", "1", "0.5")).await;
    station.readings().await.1.unwrap().send(()).unwrap();
    old.hear(&thanks(MN, "1")).await;
    let mut new = Peer::dial(&station).await;
    new.say(&data(MN, "123456", "2", "0.6")).await;
    let (readings, committed) = station.readings().await;
    assert_eq!(readings[0].value, Some(0.6));
    committed.unwrap().send(()).unwrap();
    new.hear(&thanks(MN, "2")).await;
    old.closed().await;
    drop(new);
    let (silence, committed) = station.readings().await;
    assert_eq!((silence.len(), silence[0].quality), (1, Quality::CommLost));
    assert!(committed.is_none());
    station.told(|health| health.link == LinkState::Offline && health.connects == 2).await;
}

#[tokio::test]
async fn the_clock_is_set_and_the_loggers_question_answered() {
    let mut own = spec(0, MN);
    own.agreed.sets_clock = true;
    let station = Station::start(vec![own]).await;
    let mut logger = sim(station.address, Faults::default());
    let served = logger.serve(|told| told.contains("CN=1012"));
    tokio::time::timeout(PATIENCE, served).await.unwrap().unwrap();
    assert_eq!(logger.clock(), Some("20260101080000"));
}

#[tokio::test]
async fn a_gap_is_filled_by_averages_that_are_marked_as_such() {
    let mut station = Station::start(vec![spec(0, MN)]).await;
    let mut logger = sim(station.address, Faults::default());
    for (ago_s, ppm) in [(660, 7.0), (600, 1.0), (500, 9.0), (400, 2.0), (300, 8.0), (60, 3.0)] {
        logger.remembers(sample(ago_s, ppm, 'N'));
    }
    logger.remembers(sample(360, 60.0, 'T'));
    // Live until ten minutes ago, and again since five minutes ago.
    logger.measured(sample(600, 1.0, 'N'));
    logger.measured(sample(300, 4.0, 'N'));
    let work = async {
        logger.deliver().await;
        logger.serve(|told| told.contains("CN=2051")).await.unwrap();
    };
    let mut filled = Vec::new();
    let take = async {
        while filled.len() < 3 {
            let (readings, committed) = station.readings().await;
            let is_mean =
                |r: &&Reading| matches!(r.quality, Quality::Uncertain | Quality::OverRange);
            let is_backlog = station.origins.last() == Some(&Origin::Backlog);
            assert_eq!(readings.iter().any(|r| is_mean(&r)), is_backlog, "{readings:?}");
            filled.extend(readings.iter().filter(is_mean).map(|r| (ago_s(r), r.value, r.quality)));
            // The logger may have gone without waiting for its thanks.
            committed.and_then(|committed| committed.send(()).ok());
        }
    };
    tokio::time::timeout(PATIENCE, async { tokio::join!(work, take) }).await.unwrap();
    let mean = |ago_s, ppm, quality| (ago_s, Some(ppm), quality);
    let (doubt, over) = (Quality::Uncertain, Quality::OverRange);
    assert_eq!(filled, [mean(500, 9.0, doubt), mean(400, 2.0, doubt), mean(360, 60.0, over)]);
}
