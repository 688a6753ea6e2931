//! Starting and stopping: from a site and its profiles to one task per line.

use std::collections::BTreeMap;
use std::sync::Arc;

use siskin_model::site::{Analyzer, Connection};
use siskin_model::{AnalyzerId, ChannelIndex, Site};
use siskin_wire::{DeviceProfile, Slot, SlotError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::health::HealthCell;
use crate::outlet::Outlet;
use crate::supervise::supervise;
use crate::{Clock, Intake, modbus, mqtt};

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
}

/// The running sources of a site.
#[derive(Debug)]
pub struct Sources {
    tasks: JoinSet<()>,
}

impl Sources {
    /// Starts a task for each line. Must be called inside a tokio runtime. Everything ends within
    /// a second of `stop`, or when the receiver of `out` is dropped.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "the station hands over what it shares; sources may come to keep it"
    )]
    pub fn start(
        site: Arc<Site>,
        profiles: Arc<BTreeMap<String, DeviceProfile>>,
        out: mpsc::Sender<Intake>,
        clock: Clock,
        stop: CancellationToken,
    ) -> Result<Self, CollectError> {
        let plan = lines(&site, &profiles, &clock)?;
        let out = Outlet::new(out);
        let mut tasks = JoinSet::new();
        for line in plan.modbus {
            let cells = line.devices.iter().map(|d| d.health.clone()).collect();
            let (task_out, task_clock) = (out.clone(), Arc::clone(&clock));
            let make = move || {
                let endpoint = modbus::Endpoint::new(
                    &line,
                    modbus::Tcp,
                    task_out.clone(),
                    Arc::clone(&task_clock),
                );
                endpoint.run()
            };
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
        Ok(Self { tasks })
    }

    /// Waits until every task has ended; they end by the token given to [`Sources::start`].
    pub async fn stopped(self) {
        self.tasks.join_all().await;
    }
}

struct Lines {
    modbus: Vec<modbus::Line>,
    mqtt: Option<mqtt::Line>,
}

/// One line for each Modbus endpoint, in order of addresses, and one for the broker.
fn lines(
    site: &Site,
    profiles: &BTreeMap<String, DeviceProfile>,
    clock: &Clock,
) -> Result<Lines, CollectError> {
    let now = clock();
    let mut modbus: BTreeMap<(String, u16), Vec<modbus::DeviceSpec>> = BTreeMap::new();
    let mut topics = Vec::new();
    for (index, analyzer) in site.analyzers.iter().enumerate() {
        let profile = profile(analyzer, profiles)?;
        let (channels, slots) = slots(site, index);
        let health = HealthCell::new(index, analyzer.id.clone(), now);
        let refuse = |source| CollectError::Slot { analyzer: analyzer.id.clone(), source };
        match &analyzer.connection {
            Connection::ModbusTcp { host, port, unit } => {
                let spec =
                    modbus::DeviceSpec::new(analyzer, *unit, profile, channels, slots, health);
                let devices = modbus.entry((host.clone(), *port)).or_default();
                devices.push(spec.map_err(refuse)?);
            }
            Connection::Mqtt { topic } => {
                let spec = mqtt::TopicSpec::new(topic, profile, channels, slots, health);
                topics.push(spec.map_err(refuse)?);
                if site.broker.is_none() {
                    return Err(CollectError::NoBroker(analyzer.id.clone()));
                }
            }
            other => {
                let (analyzer, protocol) = (analyzer.id.clone(), other.protocol());
                return Err(CollectError::NotYet { analyzer, protocol });
            }
        }
    }
    let modbus =
        modbus.into_iter().map(|((host, port), devices)| modbus::Line { host, port, devices });
    let broker = site.broker.clone().filter(|_| !topics.is_empty());
    Ok(Lines { modbus: modbus.collect(), mqtt: broker.map(|broker| mqtt::Line { broker, topics }) })
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
