//! The running park: one task for the world, one for each Modbus device, one for all MQTT devices.
//!
//! Listens on loopback only. Every task ends within a second of the token. A task that ends before
//! is reported in the log; the others go on, and devices whose world has ended go silent instead
//! of repeating old values.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use siskin_model::site::{Analyzer, Connection, Site};
use siskin_model::{AnalyzerId, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::SimError;
use crate::devices::{Device, Face, Model, Shown, serve};
use crate::publish::{self, Wireless};
use crate::scenario::{DeviceState, Scenario};
use crate::world::{Snapshot, World};

/// The world goes on in steps of this length.
const STEP: Duration = Duration::from_millis(100);
/// Steps made up for at once after a stall; the world loses what is beyond, as if it had slept.
const CATCH_UP_STEPS_MAX: u64 = 100;
/// The profile of devices that speak MQTT.
const MQTT_PROFILE: &str = "siskin-json";

/// The latest snapshot.
pub(crate) type Latest = watch::Receiver<Arc<Snapshot>>;

/// What to simulate.
#[derive(Debug, Clone)]
pub struct ParkSpec {
    /// The park.
    pub site: Arc<Site>,
    /// Everything random comes from it.
    pub seed: u64,
    /// What happens.
    pub scenario: Scenario,
    /// Host and port of the broker the MQTT devices publish to.
    pub broker: Option<(String, u16)>,
}

/// A park whose devices can be read.
#[derive(Debug)]
pub struct RunningPark {
    addresses: BTreeMap<AnalyzerId, SocketAddr>,
    owner: JoinHandle<()>,
}

impl RunningPark {
    /// Starts every device of `spec`; all end within a second of `stop`.
    pub async fn start(spec: ParkSpec, stop: CancellationToken) -> Result<Self, SimError> {
        let mut world = World::new(Arc::clone(&spec.site), spec.scenario, spec.seed)?;
        let (snapshots, latest) = watch::channel(Arc::new(world.step(0.0)));
        let mut addresses = BTreeMap::new();
        let mut wireless = Vec::new();
        // Dropped with all its tasks if a device cannot start.
        let mut tasks = JoinSet::new();
        for (place, analyzer) in spec.site.analyzers.iter().enumerate() {
            if let Connection::ModbusTcp { unit, .. } = analyzer.connection {
                let device = device(&spec.site, place, analyzer, unit, latest.clone())?;
                let (listener, address) = listen(&analyzer.id).await?;
                addresses.insert(analyzer.id.clone(), address);
                tasks.spawn(serve(device, listener, stop.clone()));
            } else {
                wireless.push(wireless_device(&spec.site, place, analyzer)?);
            }
        }
        if !wireless.is_empty() {
            let broker = spec.broker.ok_or(SimError::NoBroker)?;
            let name = format!("siskin-sim-{}", spec.site.id);
            tasks.spawn(publish::run(broker, name, wireless, latest, stop.clone()));
        }
        tasks.spawn(turn(world, snapshots, stop.clone()));
        Ok(Self { addresses, owner: tokio::spawn(watch_over(tasks, stop)) })
    }

    /// Where each Modbus device listens.
    pub fn addresses(&self) -> &BTreeMap<AnalyzerId, SocketAddr> {
        &self.addresses
    }

    /// Returns when every task has ended.
    pub async fn stopped(self) {
        if let Err(error) = self.owner.await {
            tracing::error!(target: "siskin_sim", %error, "the park's owner failed");
        }
    }
}

/// Now, by this machine's clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = since.map_or(0, |since| since.as_millis());
    Timestamp::from_millis(i64::try_from(ms).unwrap_or(i64::MAX))
}

async fn listen(analyzer: &AnalyzerId) -> Result<(TcpListener, SocketAddr), SimError> {
    let failed = |source| SimError::Listen { analyzer: analyzer.clone(), source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Places of the channels of the analyzer at `place`.
fn channels_of(site: &Site, place: usize) -> Vec<usize> {
    let channels = site.channels.iter().enumerate();
    channels.filter(|(_, channel)| channel.analyzer == place).map(|(at, _)| at).collect()
}

fn unfit(analyzer: &Analyzer, channels: usize) -> SimError {
    SimError::Unfit { analyzer: analyzer.id.clone(), profile: analyzer.profile.clone(), channels }
}

fn no_model(analyzer: &Analyzer, known: String) -> SimError {
    SimError::NoModel { analyzer: analyzer.id.clone(), profile: analyzer.profile.clone(), known }
}

fn device(
    site: &Arc<Site>,
    place: usize,
    analyzer: &Analyzer,
    unit: u8,
    latest: Latest,
) -> Result<Device, SimError> {
    let model = Model::of(&analyzer.profile).ok_or_else(|| no_model(analyzer, Model::known()))?;
    let channels = channels_of(site, place);
    let units = channels.iter().filter_map(|at| site.channels.get(*at));
    if channels.is_empty() || !units.map(|c| c.unit).all(|unit| model.shows(unit)) {
        return Err(unfit(analyzer, channels.len()));
    }
    let site = Arc::clone(site);
    Ok(Device {
        id: analyzer.id.clone(),
        model,
        unit,
        face: Box::new(move || face(&site, place, &channels, unit, &latest)),
    })
}

/// What the analyzer at `place` shows now. Without a world it is dead.
fn face(site: &Site, place: usize, channels: &[usize], unit: u8, latest: &Latest) -> Face {
    let alive = latest.has_changed().is_ok();
    let snapshot = Arc::clone(&latest.borrow());
    let state = snapshot.states.get(place).copied();
    let shown = channels.iter().filter_map(|at| {
        let (channel, value) = (site.channels.get(*at)?, snapshot.shown.get(*at)?);
        Some(Shown {
            quantity: channel.quantity.clone(),
            value: *value,
            unit: channel.unit,
            range: channel.range,
            resolution: channel.resolution,
        })
    });
    Face {
        state: state.filter(|_| alive).unwrap_or(DeviceState::Dead),
        shown: shown.collect(),
        uptime_s: snapshot.t_s,
        now: now(),
        unit,
    }
}

fn wireless_device(site: &Site, place: usize, analyzer: &Analyzer) -> Result<Wireless, SimError> {
    let Connection::Mqtt { topic } = &analyzer.connection else {
        return Err(no_model(analyzer, Model::known()));
    };
    if analyzer.profile != MQTT_PROFILE {
        return Err(no_model(analyzer, MQTT_PROFILE.to_owned()));
    }
    // A message of this profile holds one value.
    let channels = channels_of(site, place);
    let [at] = channels.as_slice() else {
        return Err(unfit(analyzer, channels.len()));
    };
    let channel = site.channels.get(*at).ok_or_else(|| unfit(analyzer, 1))?;
    Ok(Wireless {
        topic: topic.clone(),
        analyzer: place,
        channel: *at,
        unit: channel.unit,
        high: channel.range.high,
    })
}

/// Turns the world with the clock and hands out what it shows.
async fn turn(mut world: World, out: watch::Sender<Arc<Snapshot>>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(STEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let begun = Instant::now();
    let (mut done, mut lost) = (0u64, 0u64);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let passed = begun.elapsed().as_millis() / STEP.as_millis();
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        let behind = passed.saturating_sub(done + lost);
        let steps = behind.min(CATCH_UP_STEPS_MAX);
        if behind > steps {
            lost += behind - steps;
            tracing::warn!(target: "siskin_sim", steps = behind - steps, "the world lost time");
        }
        for _ in 0..steps {
            done += 1;
            out.send_replace(Arc::new(world.step(done as f64 * STEP.as_secs_f64())));
        }
    }
}

/// Waits for every task and reports those that end before `stop`.
async fn watch_over(mut tasks: JoinSet<()>, stop: CancellationToken) {
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Err(error) => tracing::error!(target: "siskin_sim", %error, "a task failed"),
            Ok(()) if !stop.is_cancelled() => {
                tracing::error!(target: "siskin_sim", "a task ended before the park");
            }
            Ok(()) => {}
        }
    }
}

#[cfg(test)]
mod tests;
