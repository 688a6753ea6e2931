//! Starting and stopping: from a site and its profiles to one task per line.

use std::collections::BTreeMap;
use std::sync::Arc;

use siskin_model::site::{Analyzer, Connection};
use siskin_model::{AnalyzerId, ChannelIndex, Site, Timestamp};
use siskin_wire::{DeviceProfile, Slot, SlotError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::health::HealthCell;
use crate::outlet::Outlet;
use crate::supervise::supervise;
use crate::trace::Traces;
use crate::{Clock, Intake, Priority, hj212, modbus, mqtt, sparkplug};

/// Why the sources of a site cannot be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectError {
    /// No profile by this name.
    #[error(
        "analyzer `{analyzer}` has the profile `{profile}`, which does not exist; \
         hint: profiles are the files of firmware-configs/devices"
    )]
    NoProfile {
        /// The analyzer.
        analyzer: AnalyzerId,
        /// Its profile.
        profile: String,
    },
    /// The profile is broken.
    #[error("profile `{profile}`: `{path}`: {message}; hint: {hint}")]
    Profile {
        /// The profile.
        profile: String,
        /// The key.
        path: String,
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A channel asks for something that its profile does not have.
    #[error("analyzer `{analyzer}`: {source}")]
    Slot {
        /// The analyzer.
        analyzer: AnalyzerId,
        /// Why.
        source: SlotError,
    },
    /// Siskin does not speak it.
    #[error("analyzer `{analyzer}` speaks {protocol}, which cannot be read yet; hint: take it out")]
    NotYet {
        /// The analyzer.
        analyzer: AnalyzerId,
        /// Its protocol.
        protocol: &'static str,
    },
    /// Analyzers publish, but nobody said where.
    #[error("analyzer `{0}` speaks MQTT, but the site has no broker; hint: add `[broker]`")]
    NoBroker(AnalyzerId),
    /// Data loggers are to dial in, but nobody said where.
    #[error("analyzer `{0}` speaks HJ 212, but nobody listens; hint: add `[hj212]` with `listen`")]
    NoListener(AnalyzerId),
}

/// When each analyzer, by its place in the site, measured what was stored last before the sources
/// started; an analyzer that is not in it: nobody knows. A loss of the line is no measurement.
///
/// Only HJ 212 loggers can be asked for what came after.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past(pub BTreeMap<usize, Timestamp>);

/// The running sources of a site.
#[derive(Debug)]
pub struct Sources {
    tasks: JoinSet<()>,
    traces: Traces,
}

impl Sources {
    /// Starts a task for each line. Must be called inside a tokio runtime. Analyzers in `priority`
    /// are polled before others. Everything ends within a second of `stop`, or when the receiver
    /// of `out` is dropped.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "the station hands over what it shares; sources may come to keep it"
    )]
    pub fn start(
        site: Arc<Site>,
        profiles: Arc<BTreeMap<String, DeviceProfile>>,
        out: mpsc::Sender<Intake>,
        clock: Clock,
        priority: Priority,
        stop: CancellationToken,
    ) -> Result<Self, CollectError> {
        Self::resume(site, profiles, Past::default(), out, clock, priority, stop)
    }

    /// The same where it is known what was stored before.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "the station hands over what it shares; sources may come to keep it"
    )]
    pub fn resume(
        site: Arc<Site>,
        profiles: Arc<BTreeMap<String, DeviceProfile>>,
        past: Past,
        out: mpsc::Sender<Intake>,
        clock: Clock,
        priority: Priority,
        stop: CancellationToken,
    ) -> Result<Self, CollectError> {
        let plan = lines(&site, &profiles, &past, &clock)?;
        let out = Outlet::new(out);
        let mut tasks = JoinSet::new();
        for line in plan.modbus {
            let cells = line.devices.iter().map(|d| d.health.clone()).collect();
            let (task_out, task_clock) = (out.clone(), Arc::clone(&clock));
            let priority = priority.clone();
            let make = move || {
                let endpoint = modbus::Endpoint::new(
                    &line,
                    modbus::Real,
                    task_out.clone(),
                    Arc::clone(&task_clock),
                    priority.clone(),
                );
                endpoint.run()
            };
            let (out, clock) = (out.clone(), Arc::clone(&clock));
            tasks.spawn(supervise(make, cells, out, clock, stop.clone()));
        }
        if let Some(line) = plan.sparkplug {
            tasks.spawn(line.run(out.clone(), Arc::clone(&clock), stop.clone()));
        }
        if let Some(line) = plan.hj212 {
            let cells = line.loggers.iter().map(|logger| logger.health.clone()).collect();
            let (task_out, task_clock) = (out.clone(), Arc::clone(&clock));
            let make =
                move || hj212::Server::new(&line, task_out.clone(), Arc::clone(&task_clock)).run();
            let (out, clock) = (out.clone(), Arc::clone(&clock));
            tasks.spawn(supervise(make, cells, out, clock, stop.clone()));
        }
        if let Some(line) = plan.mqtt {
            let cells = line.topics.iter().map(|t| t.health.clone()).collect();
            let (task_out, task_clock) = (out.clone(), Arc::clone(&clock));
            let make = move || {
                let session = mqtt::Session::new(&line, task_out.clone(), Arc::clone(&task_clock));
                session.run()
            };
            tasks.spawn(supervise(make, cells, out, clock, stop));
        }
        Ok(Self { tasks, traces: plan.traces })
    }

    /// What is known of each device besides its health, as it is whenever somebody asks.
    pub fn traces(&self) -> Traces {
        self.traces.clone()
    }

    /// Waits until every task has ended; they end by the token given to [`Sources::start`].
    pub async fn stopped(self) {
        self.tasks.join_all().await;
    }
}

struct Lines {
    modbus: Vec<modbus::Line>,
    mqtt: Option<mqtt::Line>,
    sparkplug: Option<sparkplug::Line>,
    hj212: Option<hj212::Line>,
    traces: Traces,
}

/// One line for each Modbus endpoint, in order of addresses, and one for the broker.
fn lines(
    site: &Site,
    profiles: &BTreeMap<String, DeviceProfile>,
    past: &Past,
    clock: &Clock,
) -> Result<Lines, CollectError> {
    let now = clock();
    let mut modbus: BTreeMap<modbus::Address, Vec<modbus::DeviceSpec>> = BTreeMap::new();
    let mut topics = Vec::new();
    let mut loggers = Vec::new();
    let mut nodes = Vec::new();
    let mut cells = BTreeMap::new();
    // Those of a gateway are read there, and their readings come by the link.
    let own = site.analyzers.iter().enumerate().filter(|(_, analyzer)| analyzer.edge.is_none());
    for (index, analyzer) in own {
        let profile = profile(analyzer, profiles)?;
        let (channels, slots) = slots(site, index);
        let health = HealthCell::new(index, analyzer.id.clone(), now);
        cells.insert(index, health.clone());
        let refuse = |source| CollectError::Slot { analyzer: analyzer.id.clone(), source };
        if let Some((address, unit)) = modbus::Address::of(&analyzer.connection) {
            let place = (index, analyzer);
            let spec = modbus::DeviceSpec::new(place, unit, profile, channels, slots, health);
            modbus.entry(address).or_default().push(spec.map_err(refuse)?);
            continue;
        }
        match &analyzer.connection {
            Connection::Sparkplug { group, node, device } => {
                let place = (group.as_str(), node.as_str(), device.as_deref());
                let spec = sparkplug::DeviceSpec::new(place, profile, channels, slots, health);
                nodes.push(spec.map_err(refuse)?);
                if site.broker.is_none() {
                    return Err(CollectError::NoBroker(analyzer.id.clone()));
                }
            }
            Connection::Mqtt { topic } => {
                let spec = mqtt::TopicSpec::new(topic, profile, channels, slots, health);
                topics.push(spec.map_err(refuse)?);
                if site.broker.is_none() {
                    return Err(CollectError::NoBroker(analyzer.id.clone()));
                }
            }
            Connection::Hj212(agreed) => {
                let at = (site.utc_offset_s, channels, slots);
                let last = past.0.get(&index).copied();
                let spec = hj212::LoggerSpec::new(analyzer, agreed, profile, at, last, health);
                loggers.push(spec.map_err(refuse)?);
                if site.hj212.is_none() {
                    return Err(CollectError::NoListener(analyzer.id.clone()));
                }
            }
            other => {
                let (analyzer, protocol) = (analyzer.id.clone(), other.protocol());
                return Err(CollectError::NotYet { analyzer, protocol });
            }
        }
    }
    let modbus = modbus.into_iter().map(|(address, mut devices)| {
        // Most lines have one device, and a list that grew has room for four.
        devices.shrink_to_fit();
        modbus::Line { address, devices }
    });
    let broker = site.broker.clone().filter(|_| !topics.is_empty());
    let listen = site.hj212.as_ref().filter(|_| !loggers.is_empty()).map(|hj212| hj212.listen);
    let hj212 = listen.map(|listen| hj212::Line { listen, loggers });
    Ok(Lines {
        modbus: modbus.collect(),
        mqtt: broker.map(|broker| mqtt::Line { broker, topics }),
        hj212,
        sparkplug: sparkplug::Line::of(site, nodes),
        traces: Traces::new(cells),
    })
}

fn profile<'a>(
    analyzer: &Analyzer,
    profiles: &'a BTreeMap<String, DeviceProfile>,
) -> Result<&'a DeviceProfile, CollectError> {
    let profile = profiles.get(&analyzer.profile).ok_or_else(|| CollectError::NoProfile {
        analyzer: analyzer.id.clone(),
        profile: analyzer.profile.clone(),
    })?;
    match profile.check().into_iter().next() {
        None => Ok(profile),
        Some(problem) => Err(CollectError::Profile {
            profile: profile.id.clone(),
            path: problem.path,
            message: problem.message,
            hint: problem.hint,
        }),
    }
}

/// The channels of the analyzer at `index` and what each wants of it.
fn slots(site: &Site, index: usize) -> (Vec<ChannelIndex>, Vec<Slot>) {
    let channels = site.indexed().filter(|(_, c)| c.analyzer == index);
    channels
        .map(|(at, channel)| {
            let gas = channel.quantity.gas().and_then(|id| site.gas(id));
            (at, Slot::new(channel, gas, site.conditions))
        })
        .unzip()
}
