//! A site of one analyzer, its channel and its profile, and what its sources say.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use siskin_collect::{Clock, Intake, Priority, Sources};
use siskin_model::site::{Analyzer, Broker, Channel, Connection, Position, Quantity, Range};
use siskin_model::{
    AnalyzerHealth, AnalyzerId, AreaId, ChannelId, Conditions, GasId, Reading, Site, Text,
    Timestamp, Unit,
};
use siskin_wire::DeviceProfile;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Nothing here takes this long; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn clock() -> Clock {
    Arc::new(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap())
    })
}

pub(crate) fn profiles() -> Arc<BTreeMap<String, DeviceProfile>> {
    let texts = [
        include_str!("../../../../firmware-configs/devices/honeywell-midas.toml"),
        include_str!("../../../../firmware-configs/devices/siskin-json.toml"),
        include_str!("../../../../firmware-configs/devices/sparkplug-generic.toml"),
    ];
    let profiles = texts.map(|text| toml::from_str::<DeviceProfile>(text).unwrap());
    Arc::new(profiles.into_iter().map(|p| (p.id.clone(), p)).collect())
}

/// A site with one analyzer that measures chlorine at `point`.
pub(crate) fn site(profile: &str, point: &str, connection: Connection) -> Site {
    let area = AreaId::new("tank-farm").unwrap();
    let broker = Broker::plain("127.0.0.1", 0, "siskin-test");
    Site {
        id: "test-park".into(),
        name: Text::new("测", "test"),
        utc_offset_s: 28_800,
        origin: None,
        conditions: Conditions::REFERENCE,
        tiers: Vec::new(),
        areas: Vec::new(),
        analyzers: vec![Analyzer {
            id: AnalyzerId::new("at-101").unwrap(),
            name: Text::new("测", "test"),
            area: area.clone(),
            position: Position { x_m: 0.0, y_m: 0.0 },
            height_m: 1.5,
            profile: profile.into(),
            connection,
            poll_ms: 50,
            timeout_ms: 2_000,
            reorder_window_ms: 0,
            edge: None,
        }],
        channels: vec![Channel {
            id: ChannelId::new("at-101-cl2").unwrap(),
            analyzer: 0,
            area,
            quantity: Quantity::Gas(GasId::new("chlorine").unwrap()),
            unit: Unit::Ppm,
            point: point.into(),
            range: Range { low: 0.0, high: 50.0 },
            resolution: 0.01,
        }],
        gases: Vec::new(),
        receivers: Vec::new(),
        broker: Some(broker),
        hj212: None,
        edges: Vec::new(),
        life: siskin_model::LifePolicy::default(),
    }
}

/// Running sources and their way out.
pub(crate) struct Station {
    sources: Sources,
    intake: mpsc::Receiver<Intake>,
    stop: CancellationToken,
    pub(crate) health: Vec<AnalyzerHealth>,
}

impl Station {
    pub(crate) fn start(site: Site) -> Self {
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
        Self { sources: sources.unwrap(), intake, stop, health: Vec::new() }
    }

    /// The next reading; health that comes before it is kept in `health`.
    pub(crate) async fn reading(&mut self) -> (Reading, Option<oneshot::Sender<()>>) {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.intake.recv());
            match next.await.expect("no reading in time").expect("closed") {
                Intake::Pulse(pulse) => panic!("{pulse:?}"),
                Intake::Health(health) => self.health.push(health),
                Intake::Readings { readings, committed, .. } => return (readings[0], committed),
            }
        }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        let stopped = tokio::time::timeout(PATIENCE, self.sources.stopped());
        stopped.await.expect("the sources did not stop");
    }
}
