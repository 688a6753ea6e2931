//! The door of the engine: readings, the passing of time and acts of people go in as calls,
//! effects come out in the order in which they must be written down.
//!
//! Nothing in here knows who stores or shows the effects. Calls are made by one owner at a time.

use std::collections::BTreeMap;

use siskin_model::{
    Acknowledgement, Alarm, AlarmEvent, AreaId, ChannelId, ChannelIndex, Correction, Edge, GasId, Quality,
    Reading, Site, Tier, Timestamp, Unit, Warning, WarningEvent, WarningId,
};

use crate::channel::{Channel, RawEdge};
use crate::counters::Counters;
use crate::grouping::Grouping;
use crate::rule::{Rule, RuleKind, RuleSet};
use crate::warnings::{AcknowledgeError, WarningBook};

/// A reading stamped this much later than it arrived is set aside: its clock is wrong.
pub const FUTURE_MS_MAX: i64 = 5_000;
/// Batches from this size on are judged channel after channel.
const GROUP_MIN: usize = 256;
/// No-data rules look at idle channels when event time has moved this far.
const SILENCE_SCAN_MS: i64 = 1_000;

/// Why a rule set does not fit a site. `siskin-config` never makes such a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A binding names a rule that is not there.
    #[error("a binding names rule number {0}, which does not exist; hint: report this as a bug")]
    NoRule(usize),
    /// A binding names a channel that is not there.
    #[error("rule `{rule}` is bound to channel number {channel}; hint: report this as a bug")]
    NoChannel {
        /// The rule.
        rule: String,
        /// The channel's number.
        channel: u32,
    },
}

/// What must be written down, in order: alarms first, then the warnings they changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effects {
    /// Begins and ends of alarms.
    pub alarms: Vec<AlarmEvent>,
    /// Steps in the lives of warnings.
    pub warnings: Vec<WarningEvent>,
    /// What late readings changed in the record of the past.
    pub corrections: Vec<Correction>,
}

impl Effects {
    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.alarms.is_empty() && self.warnings.is_empty() && self.corrections.is_empty()
    }

    /// Forgets all, keeps the memory.
    pub fn clear(&mut self) {
        self.alarms.clear();
        self.warnings.clear();
        self.corrections.clear();
    }
}

#[derive(Debug, Clone)]
struct Known {
    id: ChannelId,
    area: AreaId,
    gas: Option<GasId>,
    unit: Unit,
}

/// The rules of a site and their state.
#[derive(Debug, Clone)]
pub struct Engine {
    channels: Vec<Channel>,
    known: Vec<Known>,
    rules: Vec<Rule>,
    /// Limits in the channel's unit, by channel and rule.
    limits: BTreeMap<(u32, u32), f64>,
    active: BTreeMap<(u32, u32), Alarm>,
    warnings: WarningBook,
    event_ms: i64,
    scanned_ms: i64,
    counters: Counters,
    edges: Vec<(u32, RawEdge)>,
    scratch: Vec<RawEdge>,
    grouping: Grouping,
}

impl Engine {
    /// An engine that has seen nothing yet.
    pub fn new(site: &Site, rules: &RuleSet) -> Result<Self, EngineError> {
        let mut channels: Vec<_> = site
            .channels
            .iter()
            .map(|channel| Channel::new(channel.resolution, channel.range.high))
            .collect();
        let known = site.channels.iter().map(|channel| Known {
            id: channel.id.clone(),
            area: channel.area.clone(),
            gas: channel.quantity.gas().cloned(),
            unit: channel.unit,
        });
        let mut limits = BTreeMap::new();
        for binding in &rules.bindings {
            let no_rule = || EngineError::NoRule(binding.rule);
            let rule = rules.rules.get(binding.rule).ok_or_else(no_rule)?;
            let place = u32::try_from(binding.rule).map_err(|_| no_rule())?;
            let no_channel =
                || EngineError::NoChannel { rule: rule.id.to_string(), channel: binding.channel.0 };
            let channel = channels.get_mut(binding.channel.get()).ok_or_else(no_channel)?;
            channel.bind(place, rule, binding.factor);
            if let Some(limit) = limit_of(rule) {
                limits.insert((binding.channel.0, place), limit * binding.factor);
            }
        }
        Ok(Self {
            channels,
            known: known.collect(),
            rules: rules.rules.clone(),
            limits,
            active: BTreeMap::new(),
            warnings: WarningBook::default(),
            event_ms: i64::MIN,
            scanned_ms: i64::MIN,
            counters: Counters::default(),
            edges: Vec::new(),
            scratch: Vec::new(),
            grouping: Grouping::default(),
        })
    }

    /// Judges readings in order of arrival; adds what follows to `effects`.
    pub fn readings(&mut self, readings: &[Reading], effects: &mut Effects) {
        if readings.len() < GROUP_MIN {
            for reading in readings {
                self.reading(reading);
            }
        } else {
            self.grouped(readings);
        }
        if self.event_ms.saturating_sub(self.scanned_ms) >= SILENCE_SCAN_MS {
            self.scan();
        }
        self.settle(effects);
    }

    /// As one by one, but channel after channel: each channel's state is fetched once. Channels do
    /// not see each other before [`Self::settle`], so the result is the same.
    fn grouped(&mut self, readings: &[Reading]) {
        let mut grouping = std::mem::take(&mut self.grouping);
        grouping.sort(readings, self.channels.len());
        for reading in grouping.order(readings) {
            self.reading(reading);
        }
        self.grouping = grouping;
    }

    /// The station's clock says `now`: event time is at least that, so silence can be seen.
    pub fn tick(&mut self, now: Timestamp, effects: &mut Effects) {
        self.event_ms = self.event_ms.max(now.as_millis());
        self.scan();
        self.settle(effects);
    }

    /// All readings are in: raises the no-data alarms that the newest stamp makes due.
    pub fn finish(&mut self, effects: &mut Effects) {
        self.scan();
        self.settle(effects);
    }

    #[inline]
    fn reading(&mut self, reading: &Reading) {
        let t_ms = reading.measured_at.as_millis();
        let Some(channel) = self.channels.get_mut(reading.channel.get()) else {
            self.counters.unknown_channel += 1;
            return;
        };
        if t_ms > reading.received_at.as_millis().saturating_add(FUTURE_MS_MAX) {
            self.counters.quarantined += 1;
            return;
        }
        if let Some(newest_ms) = channel.newest_ms()
            && t_ms <= newest_ms
        {
            if t_ms == newest_ms {
                self.counters.duplicates += 1;
            } else {
                self.counters.late += 1;
            }
            return;
        }
        self.event_ms = self.event_ms.max(t_ms);
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
        self.edges.extend(self.scratch.drain(..).map(|edge| (reading.channel.0, edge)));
    }

    fn scan(&mut self) {
        if self.event_ms == i64::MIN {
            return;
        }
        self.scanned_ms = self.event_ms;
        for (index, channel) in (0u32..).zip(&mut self.channels) {
            channel.tick(self.event_ms, &mut self.scratch);
            self.edges.extend(self.scratch.drain(..).map(|edge| (index, edge)));
        }
    }

    /// Turns the collected edges into effects, in order of time, channel and rule.
    fn settle(&mut self, effects: &mut Effects) {
        if self.edges.is_empty() {
            return;
        }
        let mut edges = std::mem::take(&mut self.edges);
        edges.sort_by_key(|(channel, raw)| (raw.at_ms, *channel, raw.rule, raw.edge));
        for (channel, raw) in edges.drain(..) {
            self.settle_one(channel, raw, effects);
        }
        self.edges = edges;
    }

    fn settle_one(&mut self, channel: u32, raw: RawEdge, effects: &mut Effects) {
        let at = Timestamp::from_millis(raw.at_ms);
        let key = (channel, raw.rule);
        let alarm = match raw.edge {
            Edge::Raise => self.alarm(channel, &raw, at),
            Edge::Clear => self.active.remove(&key),
        };
        let Some(alarm) = alarm else { return };
        if raw.edge == Edge::Raise {
            self.active.insert(key, alarm.clone());
        }
        let known = self.known.get(channel as usize);
        let gas = known.and_then(|k| k.gas.as_ref().map(|gas| (&k.area, gas)));
        match (raw.edge, gas, alarm.tier) {
            (Edge::Raise, Some(about), Some(tier)) => {
                effects.warnings.push(self.warnings.began(at, about, (&alarm, tier)));
            }
            (Edge::Raise, ..) => {}
            (Edge::Clear, ..) => effects.warnings.extend(self.warnings.ended(at, &alarm)),
        }
        effects.alarms.push(AlarmEvent { edge: raw.edge, at, alarm });
    }

    fn alarm(&self, channel: u32, raw: &RawEdge, at: Timestamp) -> Option<Alarm> {
        let rule = self.rules.get(raw.rule as usize)?;
        let known = self.known.get(channel as usize)?;
        let quantum = self.channels.get(channel as usize)?.quantum();
        Some(Alarm {
            rule: rule.id.clone(),
            channel: known.id.clone(),
            kind: rule.kind.alarm_kind(),
            tier: rule.tier,
            since: at,
            value: raw.judged.map(|quanta| quantum.value(quanta)),
            limit: self.limits.get(&(channel, raw.rule)).copied(),
            unit: known.unit,
        })
    }

    /// A person acknowledges a warning, having seen it at tier `seen`.
    pub fn acknowledge(
        &mut self,
        id: &WarningId,
        seen: Option<Tier>,
        act: Acknowledgement,
        effects: &mut Effects,
    ) -> Result<Warning, AcknowledgeError> {
        let event = self.warnings.acknowledge(id, seen, act)?;
        let warning = event.warning.clone();
        effects.warnings.push(event);
        Ok(warning)
    }

    /// Puts a stored reading into the windows without judging it. Readings of a channel come in
    /// order of time.
    pub fn fill(&mut self, reading: &Reading) {
        let t_ms = reading.measured_at.as_millis();
        let Some(channel) = self.channels.get_mut(reading.channel.get()) else {
            return;
        };
        if channel.newest_ms().is_some_and(|newest_ms| t_ms <= newest_ms) {
            return;
        }
        self.event_ms = self.event_ms.max(t_ms);
        let quanta = judged_quanta(channel, reading);
        channel.fill(t_ms, quanta, reading.quality.is_heard());
    }

    /// Judges stored readings whose effects are in the ledger already: only running delays and
    /// windows follow from it.
    pub fn rewarm(&mut self, readings: &[Reading]) {
        for reading in readings {
            self.reading(reading);
        }
        self.edges.clear();
        self.counters = Counters::default();
    }

    /// Makes alarms agree with the ledger; running delays that agree already are kept. Alarms of
    /// rules or channels that are no longer there are left out and given back.
    pub fn agree(&mut self, alarms: Vec<Alarm>) -> Vec<Alarm> {
        self.active.clear();
        let mut gone = Vec::new();
        for alarm in alarms {
            match self.place_of(&alarm) {
                Some(key) => {
                    self.active.insert(key, alarm);
                }
                None => gone.push(alarm),
            }
        }
        for (index, channel) in (0u32..).zip(&mut self.channels) {
            channel.agree(|rule| self.active.contains_key(&(index, rule)));
        }
        gone
    }

    /// Ends alarms that [`Self::agree`] gave back: their rule or channel was taken out of the site.
    pub fn withdraw(&mut self, at: Timestamp, alarms: Vec<Alarm>, effects: &mut Effects) {
        for alarm in alarms {
            effects.warnings.extend(self.warnings.ended(at, &alarm));
            effects.alarms.push(AlarmEvent { edge: Edge::Clear, at, alarm });
        }
    }

    fn place_of(&self, alarm: &Alarm) -> Option<(u32, u32)> {
        let channel = self.known.iter().position(|known| known.id == alarm.channel)?;
        let rule = self.rules.iter().position(|rule| rule.id == alarm.rule)?;
        Some((u32::try_from(channel).ok()?, u32::try_from(rule).ok()?))
    }

    /// Takes over the warnings that were open before a restart.
    pub fn seed_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings.seed(warnings);
    }

    /// From `since` on every channel is expected to speak.
    pub fn expect_since(&mut self, since: Timestamp) {
        for channel in &mut self.channels {
            channel.expect_since(since.as_millis());
        }
    }

    /// The longest history any rule looks at.
    pub fn window_max_ms(&self) -> i64 {
        self.rules.iter().map(|rule| rule.kind.window_ms()).max().unwrap_or(0)
    }

    /// The longest delay or gap of any rule.
    pub fn delay_max_ms(&self) -> i64 {
        let delays = self.rules.iter().map(|r| r.on_delay_ms.max(r.off_delay_ms).max(r.gap_ms));
        delays.max().unwrap_or(0)
    }

    /// The active alarms.
    pub fn alarms(&self) -> impl Iterator<Item = (ChannelIndex, &Alarm)> {
        self.active.iter().map(|((channel, _), alarm)| (ChannelIndex(*channel), alarm))
    }

    /// The open warnings.
    pub fn warnings(&self) -> impl Iterator<Item = &Warning> {
        self.warnings.open()
    }

    /// What was counted.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Bytes held per channel on average.
    pub fn bytes_per_channel(&self) -> usize {
        let all: usize = self.channels.iter().map(Channel::bytes).sum();
        all / self.channels.len().max(1)
    }
}

/// Whether a reading's stamp lies so far after its arrival that its clock must be wrong. Such a
/// reading is neither judged nor stored as history; it is counted.
#[inline]
pub fn is_quarantined(reading: &Reading) -> bool {
    let limit_ms = reading.received_at.as_millis().saturating_add(FUTURE_MS_MAX);
    reading.measured_at.as_millis() > limit_ms
}

#[inline]
fn judged_quanta(channel: &Channel, reading: &Reading) -> Option<i32> {
    if !reading.quality.is_judged() {
        return None;
    }
    channel.quanta(reading.value, reading.quality == Quality::OverRange)
}

fn limit_of(rule: &Rule) -> Option<f64> {
    match rule.kind {
        RuleKind::Threshold { raise_at, .. } | RuleKind::WindowMean { raise_at, .. } => {
            Some(raise_at)
        }
        RuleKind::Trend { target, .. } => Some(target),
        _ => None,
    }
}
