//! The door of the engine: readings, the passing of time and acts of people go in as calls,
//! effects come out in the order in which they must be written down.
//!
//! Nothing in here knows who stores or shows the effects. Calls are made by one owner at a time.
//! [`again`] judges spans of the past again, [`restore`] brings an engine back after a restart,
//! `change` puts other rules in, `settle` turns begins and ends into alarms and warnings, `life`
//! passes acts of people and time on to the warnings.

pub mod again;
mod change;
mod effects;
mod life;
mod pace;
mod replayed;
pub mod restore;
mod settle;
mod standing;

use std::collections::{BTreeMap, BTreeSet};

use self::pace::Pace;
use siskin_model::{Alarm, AlarmKind, ChannelIndex, Edge, Quality, Reading, Site, Timestamp};

use crate::channel::{Channel, RawEdge};
use crate::compose::Composer;
use crate::contrast::{Contrasts, Sample};
use crate::counters::Counters;
use crate::grouping::{Grouping, SORTED_MAX};
use crate::hold::{Held, Hold};
use crate::life::WarningBook;
use crate::plan::Plan;
use crate::rule::RuleSet;

pub use effects::{Effects, EngineError};
pub use standing::{Measure, Standing};

/// A reading stamped this much later than it arrived is set aside: its clock is wrong.
pub const FUTURE_MS_MAX: i64 = 5_000;
/// Late readings that wait for [`Engine::sort_late`]. Beyond it they are taken as new at once.
pub const LATE_MAX: usize = 1 << 20;
/// Batches from this size on are judged channel after channel.
const GROUP_MIN: usize = 256;
/// Readings of a channel that are judged at once, where there are that many: what it takes to fetch
/// a channel's state is shared between them.
const ROWS_EACH: usize = 64;
/// No-data rules look at idle channels when event time has moved this far.
const SILENCE_SCAN_MS: i64 = 1_000;

/// The rules of a site and their state.
#[derive(Debug, Clone)]
pub struct Engine {
    plan: Plan,
    channels: Vec<Channel>,
    holds: Vec<Hold>,
    composer: Composer,
    contrasts: Contrasts,
    active: BTreeMap<(u32, u32), Alarm>,
    warnings: WarningBook,
    /// How far each channel had come at the last tick, and what the clock said then.
    paces: Vec<Pace>,
    clock_ms: i64,
    event_ms: i64,
    scanned_ms: i64,
    /// Nothing more comes: silence counts up to the newest event, whatever the reorder window.
    is_finished: bool,
    counters: Counters,
    edges: Vec<(u32, RawEdge)>,
    scratch: Vec<RawEdge>,
    grouping: Grouping,
    /// Late readings that nobody has looked at yet.
    late: Vec<Reading>,
    /// Channels to be judged again, each from when.
    again_from_ms: BTreeMap<u32, i64>,
    /// Begins and ends that are in the record already, after a restart: they are told once.
    recorded: BTreeSet<(u32, u32, i64, Edge)>,
    /// How far event time must have come for what is recorded.
    recorded_ms: i64,
}

impl Engine {
    /// An engine that has seen nothing yet.
    pub fn new(site: &Site, rules: &RuleSet) -> Result<Self, EngineError> {
        let plan = Plan::new(site, rules)?;
        let contrasts = Contrasts::new(&plan);
        Ok(Self {
            channels: plan.channels.iter().map(|known| plan.channel(known)).collect(),
            holds: plan.channels.iter().map(|known| Hold::new(known.reorder_window_ms)).collect(),
            composer: Composer::new(&plan, &contrasts),
            contrasts,
            paces: vec![Pace::default(); plan.channels.len()],
            clock_ms: i64::MIN,
            plan,
            active: BTreeMap::new(),
            warnings: WarningBook::new(&site.life, &site.tiers),
            event_ms: i64::MIN,
            scanned_ms: i64::MIN,
            is_finished: false,
            counters: Counters::default(),
            edges: Vec::new(),
            scratch: Vec::new(),
            grouping: Grouping::default(),
            late: Vec::new(),
            again_from_ms: BTreeMap::new(),
            recorded: BTreeSet::new(),
            recorded_ms: i64::MIN,
        })
    }

    /// Judges readings in order of arrival; adds what follows to `effects`.
    pub fn readings(&mut self, readings: &[Reading], effects: &mut Effects) {
        if readings.len() < GROUP_MIN {
            for reading in readings {
                self.arrive(reading);
            }
        } else {
            let channels = self.channels.len();
            for batch in readings.chunks(SORTED_MAX.max(ROWS_EACH * channels)) {
                let known = batch.iter().filter(|reading| reading.channel.get() < channels);
                self.counters.unknown_channel += (batch.len() - known.clone().count()) as u64;
                self.take(known.map(|reading| (reading.channel.0, reading)));
            }
        }
        self.look(effects);
    }

    /// Takes readings, each with its channel, channel after channel: each channel's state is
    /// fetched once. Channels do not see each other before [`Self::settle`], so what follows is
    /// the same as one by one.
    pub(crate) fn take<'a>(&mut self, readings: impl Iterator<Item = (u32, &'a Reading)> + Clone) {
        let mut grouping = std::mem::take(&mut self.grouping);
        for reading in grouping.sort(self.channels.len(), readings) {
            self.arrive(reading);
        }
        self.grouping = grouping;
    }

    /// Tells what follows, in a site where others have seen readings up to `newest_ms`.
    pub(crate) fn look_at(&mut self, newest_ms: i64, effects: &mut Effects) {
        self.event_ms = self.event_ms.max(newest_ms);
        self.look(effects);
    }

    /// Looks for silence where it is time, and tells what there is to tell.
    fn look(&mut self, effects: &mut Effects) {
        if self.event_ms.saturating_sub(self.scanned_ms) >= SILENCE_SCAN_MS {
            self.scan();
            self.settle(effects);
            self.pass(effects);
        } else {
            self.settle(effects);
        }
    }

    /// The station's clock says `now`: event time is at least that, so silence can be seen.
    pub fn tick(&mut self, now: Timestamp, effects: &mut Effects) {
        self.event_ms = self.event_ms.max(now.as_millis());
        self.scan();
        self.settle(effects);
        self.look_at_paces(now.as_millis());
        self.pass(effects);
        self.clock(now, effects);
    }

    /// All readings are in: judges what waits, raises the no-data alarms that the newest stamp
    /// makes due.
    pub fn finish(&mut self, effects: &mut Effects) {
        for place in 0..self.holds.len() {
            while let Some(reading) = self.holds.get_mut(place).and_then(Hold::take_any) {
                self.judge(&reading);
            }
        }
        self.is_finished = true;
        if self.event_ms != i64::MIN {
            for (index, channel) in (0u32..).zip(&mut self.channels) {
                channel.tick(self.event_ms, &mut self.scratch);
                self.edges.extend(self.scratch.drain(..).map(|edge| (index, edge)));
            }
        }
        self.settle_up_to(i64::MAX, effects);
        self.warnings.pass(self.event_ms, |_| i64::MAX, effects);
    }

    #[inline]
    fn arrive(&mut self, reading: &Reading) {
        let Some(hold) = self.holds.get_mut(reading.channel.get()) else {
            self.counters.unknown_channel += 1;
            return;
        };
        if is_quarantined(reading) {
            self.counters.quarantined += 1;
            return;
        }
        self.event_ms = self.event_ms.max(reading.measured_at.as_millis());
        if hold.is_open() {
            self.judge(reading);
        } else {
            self.hold(reading);
        }
    }

    /// Keeps a reading until its turn, and judges those whose turn has come.
    fn hold(&mut self, reading: &Reading) {
        let place = reading.channel.get();
        let (Some(hold), Some(channel)) = (self.holds.get_mut(place), self.channels.get(place))
        else {
            return;
        };
        let t_ms = reading.measured_at.as_millis();
        if channel.newest_ms().is_some_and(|newest_ms| t_ms <= newest_ms) {
            self.is_late(reading);
            return;
        }
        let mut early = match hold.put(reading) {
            Held::Waits => None,
            Held::Replaced => {
                self.counters.duplicates += 1;
                None
            }
            Held::Full => {
                self.counters.held_full += 1;
                hold.take_any()
            }
        };
        let now_ms = reading.received_at.as_millis();
        loop {
            let hold = self.holds.get_mut(place);
            let next = early.take().or_else(|| hold.and_then(|hold| hold.take(now_ms)));
            let Some(next) = next else { break };
            self.judge(&next);
        }
    }

    #[cold]
    fn is_late(&mut self, reading: &Reading) {
        self.counters.late += 1;
        if self.late.len() < LATE_MAX {
            self.late.push(*reading);
        } else {
            self.judge_again_from(reading.channel, reading.measured_at);
        }
    }

    #[inline]
    fn judge(&mut self, reading: &Reading) {
        let t_ms = reading.measured_at.as_millis();
        let Some(channel) = self.channels.get_mut(reading.channel.get()) else {
            return;
        };
        if channel.newest_ms().is_some_and(|newest_ms| t_ms <= newest_ms) {
            self.is_late(reading);
            return;
        }
        if !reading.quality.is_heard() {
            self.counters.not_judged += 1;
            channel.unheard(t_ms);
            return;
        }
        let quanta = judged_quanta(channel, reading);
        if quanta.is_some() {
            self.counters.judged += 1;
            self.counters.window_full += u64::from(channel.is_full());
        } else {
            self.counters.not_judged += 1;
        }
        channel.heard(t_ms, quanta, &mut self.scratch);
        if !self.scratch.is_empty() {
            self.edges.extend(self.scratch.drain(..).map(|edge| (reading.channel.0, edge)));
        }
        if self.composer.hears_wind() {
            self.composer.wind(reading);
        }
        if let Some(quanta) = quanta.filter(|_| self.has_several()) {
            self.linked(reading, quanta);
        }
    }

    /// Whether the site has rules over several alarms or channels.
    #[inline]
    fn has_several(&self) -> bool {
        self.composer.is_needed() || self.contrasts.is_needed()
    }

    /// What rules over several channels need to know of a judged reading.
    fn linked(&mut self, reading: &Reading, quanta: i32) {
        let (index, t_ms) = (reading.channel.0, reading.measured_at.as_millis());
        let Some(channel) = self.channels.get(reading.channel.get()) else { return };
        let value = channel.quantum().value(f64::from(quanta));
        let is_late = self.composer.heard(index, t_ms);
        if self.contrasts.sample(index, Sample { t_ms, value }) || is_late {
            self.judge_again_from(reading.channel, reading.measured_at);
        }
    }

    /// Judges what has waited long enough and looks for silence.
    fn scan(&mut self) {
        if self.event_ms == i64::MIN {
            return;
        }
        self.scanned_ms = self.event_ms;
        for place in 0..self.holds.len() {
            let now_ms = self.event_ms;
            while let Some(reading) = self.holds.get_mut(place).and_then(|hold| hold.take(now_ms)) {
                self.judge(&reading);
            }
        }
        let channels = (0u32..).zip(self.channels.iter_mut().zip(&self.holds));
        for (index, (channel, hold)) in channels {
            channel.tick(silence_seen_ms(self.event_ms, hold), &mut self.scratch);
            self.edges.extend(self.scratch.drain(..).map(|edge| (index, edge)));
        }
    }

    /// From `since` on every channel is expected to speak.
    pub fn expect_since(&mut self, since: Timestamp) {
        self.clock_ms = self.clock_ms.max(since.as_millis());
        for channel in &mut self.channels {
            channel.expect_since(since.as_millis());
        }
    }

    /// The active alarms.
    pub fn alarms(&self) -> impl Iterator<Item = (ChannelIndex, &Alarm)> {
        self.active.iter().map(|((channel, _), alarm)| (ChannelIndex(*channel), alarm))
    }

    /// Whether an alarm about gas is active on `channel`, or the on-delay of one runs there. The
    /// on-delays of rules over several channels are not looked at.
    pub fn is_in_gas_alarm(&self, channel: ChannelIndex) -> bool {
        let mut active = self.active.range((channel.0, 0)..=(channel.0, u32::MAX));
        if active.any(|(_, alarm)| alarm.kind == AlarmKind::Gas) {
            return true;
        }
        let is_gas = |place: u32| {
            let rule = usize::try_from(place).ok().and_then(|at| self.plan.rules.get(at));
            rule.is_some_and(|rule| rule.kind.alarm_kind() == AlarmKind::Gas)
        };
        self.channels.get(channel.get()).is_some_and(|channel| channel.is_pending(is_gas))
    }

    /// What was counted.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Up to where a channel is judged; what is newer waits for its reorder window.
    pub fn judged_to(&self, channel: ChannelIndex) -> Option<Timestamp> {
        self.channels.get(channel.get())?.newest_ms().map(Timestamp::from_millis)
    }

    /// Readings that wait for their reorder window.
    pub fn waiting(&self) -> usize {
        self.holds.iter().map(|hold| hold.waiting().count()).sum()
    }

    /// Bytes held per channel on average.
    pub fn bytes_per_channel(&self) -> usize {
        let channels: usize = self.channels.iter().map(Channel::bytes).sum();
        let holds: usize = self.holds.iter().map(|hold| size_of::<Hold>() + hold.bytes()).sum();
        (channels + holds) / self.channels.len().max(1)
    }
}

/// Whether a reading's stamp lies so far after its arrival that its clock must be wrong. Such a
/// reading is neither judged nor stored as history; it is counted.
#[inline]
pub fn is_quarantined(reading: &Reading) -> bool {
    let limit_ms = reading.received_at.as_millis().saturating_add(FUTURE_MS_MAX);
    reading.measured_at.as_millis() > limit_ms
}

/// Up to when it is known that a channel said nothing more: what comes within the reorder window
/// may still be older than the newest event.
#[inline]
fn silence_seen_ms(event_ms: i64, hold: &Hold) -> i64 {
    let seen_ms = event_ms.saturating_sub(hold.window_ms());
    hold.first_ms().map_or(seen_ms, |first_ms| seen_ms.min(first_ms))
}

#[inline]
fn judged_quanta(channel: &Channel, reading: &Reading) -> Option<i32> {
    if !reading.quality.is_judged() {
        return None;
    }
    channel.quanta(reading.value, reading.quality == Quality::OverRange)
}
