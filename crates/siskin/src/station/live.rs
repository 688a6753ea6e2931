//! What the API may see at once: latest readings, active alarms, open warnings, health, counters.
//!
//! Written by the pipeline only, after what it shows is on disk; read by many. Locks are held for
//! copies, never over a disk or a queue.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use siskin_api::LiveEvent;
use siskin_api::contract::{ChannelValue, CountersView};
use siskin_config::Settings;
use siskin_engine::Engine;
use siskin_engine::life::flood::{Flood, Flooded};
use siskin_model::{
    Alarm, AlarmKind, AnalyzerHealth, ChannelIndex, Equipment, Hold, Reading, Tier, Timestamp,
    Warning,
};
use tokio::sync::broadcast;

use super::drills::ShownDrill;
use super::link::backlog::Gathering;
use super::listed::Listed;
use super::proof::ProofBoard;
use super::views;

/// Events a slow reader of the stream may be behind before it is told to fetch everything again.
pub(crate) const STREAM_EVENTS_MAX: usize = 1024;

/// Latest reading of a channel and what its alarms say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Latest {
    pub(crate) reading: Option<Reading>,
    pub(crate) tier: Option<Tier>,
    pub(crate) no_data: bool,
}

/// The shown state.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) latest: Vec<Latest>,
    pub(crate) alarms: Listed<Alarm>,
    pub(crate) warnings: Listed<Warning>,
    pub(crate) holds: Vec<Hold>,
    pub(crate) equipment: Listed<Equipment>,
    /// The floods of the desks, in the order of the site.
    pub(crate) floods: Vec<Option<Flooded>>,
    pub(crate) health: Vec<AnalyzerHealth>,
    pub(crate) counters: CountersView,
    pub(crate) storage_error: Option<String>,
    /// What the drill that runs has open: it is in no other list.
    pub(crate) drill: Option<ShownDrill>,
}

impl Shown {
    /// Open warnings, those of a drill too.
    pub(crate) fn all_warnings(&self) -> impl Iterator<Item = &Warning> {
        self.warnings.iter().chain(self.drill.iter().flat_map(|drill| &drill.warnings))
    }

    /// Open holds, those of a drill too.
    pub(crate) fn all_holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.iter().chain(self.drill.iter().flat_map(|drill| &drill.holds))
    }
}

/// The shown state behind a lock, and the live stream.
#[derive(Debug)]
pub(crate) struct Live {
    shown: Mutex<Shown>,
    stream: broadcast::Sender<LiveEvent>,
    /// What the lane of late batches and the pipeline tell each other.
    pub(crate) gathering: Arc<Gathering>,
    pub(crate) simulated: bool,
    pub(crate) started_at: Timestamp,
    /// How far the pulses of the self-proof came.
    pub(super) proof: Arc<ProofBoard>,
}

impl Live {
    pub(crate) fn new(settings: &Settings, simulated: bool, now: Timestamp) -> Self {
        let analyzers = 0..settings.site.analyzers.len();
        let shown = Shown {
            latest: vec![Latest::default(); settings.site.channels.len()],
            alarms: Listed::default(),
            warnings: Listed::default(),
            holds: Vec::new(),
            equipment: Listed::default(),
            floods: Vec::new(),
            health: analyzers.map(|place| AnalyzerHealth::unknown(place, now)).collect(),
            counters: CountersView::default(),
            storage_error: None,
            drill: None,
        };
        let (stream, _) = broadcast::channel(STREAM_EVENTS_MAX);
        let (gathering, proof) = (Arc::default(), Arc::new(ProofBoard::new(now)));
        let shown = Mutex::new(shown);
        Self { shown, stream, gathering, simulated, started_at: now, proof }
    }

    /// The shown state. A panic elsewhere leaves it whole: every write is one assignment or push.
    pub(crate) fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.stream.subscribe()
    }

    /// Sends an event to whoever listens; nobody listening is fine.
    pub(crate) fn publish(&self, event: LiveEvent) {
        let _listeners = self.stream.send(event);
    }

    /// Shows `readings` and what the engine now says, and gives the channels that changed.
    pub(crate) fn show(
        &self,
        readings: &[Reading],
        engine: &Engine,
        settings: &Settings,
    ) -> Vec<ChannelValue> {
        let mut shown = self.shown();
        let mut changed: BTreeSet<ChannelIndex> = BTreeSet::new();
        for reading in readings {
            let Some(latest) = shown.latest.get_mut(reading.channel.get()) else {
                continue;
            };
            if latest.reading.is_none_or(|old| reading.measured_at >= old.measured_at) {
                latest.reading = Some(*reading);
                changed.insert(reading.channel);
            }
        }
        show_alarms(&mut shown, engine, &mut changed);
        shown.warnings.renew(engine.warnings(), |a, b| a.id == b.id);
        shown.holds = engine.holds().cloned().collect();
        shown.equipment.renew(engine.equipment(), |a, b| is_same(&a.alarm, &b.alarm));
        shown.floods = engine.floods().iter().map(Flood::on).collect();
        changed
            .into_iter()
            .filter_map(|index| {
                let channel = settings.site.channel(index)?;
                let latest = shown.latest.get(index.get())?;
                Some(views::channel_value(channel, latest, settings.site.utc_offset_s))
            })
            .collect()
    }
}

/// Brings tiers and no-data marks of the channels up to date.
fn show_alarms(shown: &mut Shown, engine: &Engine, changed: &mut BTreeSet<ChannelIndex>) {
    let mut marks = vec![(None, false); shown.latest.len()];
    for (index, alarm) in engine.alarms() {
        let Some((tier, no_data)) = marks.get_mut(index.get()) else {
            continue;
        };
        *tier = (*tier).max(alarm.tier);
        *no_data |= alarm.kind == AlarmKind::NoData;
    }
    for ((index, latest), (tier, no_data)) in (0u32..).zip(&mut shown.latest).zip(marks) {
        if (latest.tier, latest.no_data) != (tier, no_data) {
            (latest.tier, latest.no_data) = (tier, no_data);
            changed.insert(ChannelIndex(index));
        }
    }
    shown.alarms.renew(engine.alarms().map(|(_, alarm)| alarm), is_same);
}

/// Whether they are of the same rule on the same channel.
fn is_same(a: &Alarm, b: &Alarm) -> bool {
    a.channel == b.channel && a.rule == b.rule
}
