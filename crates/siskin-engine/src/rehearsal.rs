//! An engine with its history in memory: for replays, rule tests and backtests, where there is no
//! store to judge late readings again from.
//!
//! Must never judge anything itself: it keeps what the engine says.

use std::collections::BTreeMap;

use siskin_model::{
    Alarm, AlarmEvent, ChannelId, ChannelIndex, Correction, CorrectionChange, Edge, Reading,
    RuleId, Site, Timestamp, WarningEvent,
};

use crate::counters::Counters;
use crate::engine::restore::Stored;
use crate::engine::{Effects, Engine, EngineError, is_quarantined};
use crate::history::{History, HistoryError};
use crate::life::{Act, ActError, Acting, Done};
use crate::rule::RuleSet;

/// Late readings are judged again when event time has moved this far, all of them together.
const AGAIN_EVERY_MS: i64 = 60_000;

/// What came out of a rehearsal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// The final record: begins and ends of alarms after all corrections, in order of time.
    pub alarms: Vec<AlarmEvent>,
    /// Begins and ends as they were told live, in the order in which they were told.
    pub announced: Vec<AlarmEvent>,
    /// What late readings changed.
    pub corrections: Vec<Correction>,
    /// Steps of warnings as they were told live.
    pub warnings: Vec<WarningEvent>,
    /// What was counted.
    pub counters: Counters,
}

/// The record of one channel.
#[derive(Debug, Clone, Default)]
struct Past {
    /// In order of measured-at, each stamp once.
    readings: Vec<Reading>,
    /// By moment, rule and edge.
    edges: BTreeMap<(Timestamp, RuleId, Edge), AlarmEvent>,
}

/// The record of all channels.
#[derive(Debug, Clone, Default)]
struct Memory {
    pasts: Vec<Past>,
    by_id: BTreeMap<ChannelId, usize>,
}

/// An engine and what it has seen.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    engine: Engine,
    memory: Memory,
    /// What was told; taken into the memory up to `told`.
    effects: Effects,
    told: (usize, usize),
    newest: Option<Timestamp>,
    again_at: Option<Timestamp>,
}

impl Rehearsal {
    /// Nothing seen yet.
    pub fn new(site: &Site, rules: &RuleSet) -> Result<Self, EngineError> {
        let by_id = site.channels.iter().enumerate().map(|(i, c)| (c.id.clone(), i)).collect();
        let pasts = vec![Past::default(); site.channels.len()];
        Ok(Self {
            engine: Engine::new(site, rules)?,
            memory: Memory { pasts, by_id },
            effects: Effects::default(),
            told: (0, 0),
            newest: None,
            again_at: None,
        })
    }

    /// Readings in order of arrival.
    pub fn arrive(&mut self, readings: &[Reading]) {
        self.engine.readings(readings, &mut self.effects);
        // Late ones are compared with what came before, so with the memory as it was.
        let memory = &self.memory;
        self.engine.sort_late(|late| memory.has(late));
        for reading in readings.iter().filter(|reading| !is_quarantined(reading)) {
            self.memory.put(reading);
            self.newest = self.newest.max(Some(reading.measured_at));
        }
        self.again_if_due();
    }

    /// The clock says `now`.
    pub fn tick(&mut self, now: Timestamp) {
        self.engine.tick(now, &mut self.effects);
        self.newest = self.newest.max(Some(now));
        let memory = &self.memory;
        self.engine.sort_late(|late| memory.has(late));
        self.again_if_due();
    }

    /// A person does something.
    pub fn act(&mut self, act: &Act, who: &Acting) -> Result<Done, ActError> {
        self.engine.act(act, who, &mut self.effects)
    }

    /// The engine as it is.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Everything that was told so far, in order.
    pub fn effects(&self) -> &Effects {
        &self.effects
    }

    fn again_if_due(&mut self) {
        self.remember();
        if self.engine.again_waiting() == 0 {
            return;
        }
        let Some(newest) = self.newest else { return };
        let due = *self.again_at.get_or_insert(newest.plus_ms(AGAIN_EVERY_MS));
        if newest >= due {
            self.again();
        }
    }

    /// Judges every waiting span again.
    fn again(&mut self) {
        self.again_at = None;
        let done = self.engine.judge_again(&mut self.memory, usize::MAX, &mut self.effects);
        debug_assert!(done.is_ok(), "memory cannot fail to be read");
        self.remember();
    }

    /// Takes what was told into the record.
    fn remember(&mut self) {
        let (alarms, corrections) = self.told;
        for event in self.effects.alarms.iter().skip(alarms) {
            self.memory.record(event);
        }
        for correction in self.effects.corrections.iter().skip(corrections) {
            match correction.change {
                CorrectionChange::Added => self.memory.record(&correction.event),
                CorrectionChange::Removed => self.memory.strike(&correction.event),
            }
        }
        self.told = (self.effects.alarms.len(), self.effects.corrections.len());
    }

    /// Begins and ends that were told live so far, in the order in which they were told.
    pub fn announced(&self) -> &[AlarmEvent] {
        &self.effects.alarms
    }

    /// Puts other rules in, as of the newest event.
    pub fn change_rules(&mut self, site: &Site, rules: &RuleSet) -> Result<(), EngineError> {
        let now = self.newest.unwrap_or(Timestamp::from_millis(0));
        self.engine.change_rules(now, (site, rules), &mut self.memory, &mut self.effects)?;
        self.remember();
        Ok(())
    }

    /// As if the process had been killed and started again: an engine made from the record alone.
    /// Spans that wait to be judged again are known from what the record had not yet judged.
    pub fn restarted(mut self, site: &Site, rules: &RuleSet) -> Result<Self, EngineError> {
        let mut engine = Engine::new(site, rules)?;
        let newest = |past: &Past| past.readings.last().map(|reading| reading.measured_at);
        let stored: Vec<_> = self
            .memory
            .pasts
            .iter()
            .map(|past| Stored { newest: newest(past), unjudged: None })
            .collect();
        let bounds = engine.restore(&stored, &mut self.memory)?;
        engine.seed_warnings(self.engine.warnings().cloned().collect());
        let equipment = self.engine.equipment().cloned().collect();
        engine.seed_life(self.engine.holds().cloned().collect(), equipment);
        engine.seed_floods(self.engine.floods().iter().cloned());
        engine.seed_begins(self.memory.begins());
        let after = |(past, bound): (&Past, Timestamp)| {
            let begin = past.readings.partition_point(|r| r.measured_at < bound);
            past.readings.get(begin..).unwrap_or_default().to_vec()
        };
        let waiting = self.memory.pasts.iter().zip(bounds).flat_map(after).collect();
        engine.take_stored(waiting, &mut self.effects);
        engine.restored(&mut self.effects);
        if let Some(newest) = self.newest {
            engine.reconcile(newest, &mut self.effects);
        }
        for (channel, from) in self.engine.again_spans() {
            engine.judge_again_from(channel, from);
        }
        if let Some(newest) = self.newest {
            engine.tick(newest, &mut self.effects);
        }
        self.engine = engine;
        self.remember();
        Ok(self)
    }

    /// All readings are in.
    pub fn finish(mut self) -> Outcome {
        self.engine.finish(&mut self.effects);
        let memory = &self.memory;
        self.engine.sort_late(|late| memory.has(late));
        self.remember();
        self.again();
        let pasts = self.memory.pasts.into_iter();
        let mut alarms: Vec<_> = pasts.flat_map(|past| past.edges.into_values()).collect();
        alarms.sort_by(|a, b| {
            let key = |e: &AlarmEvent| (e.at, e.edge);
            (key(a), &a.alarm.channel, &a.alarm.rule).cmp(&(
                key(b),
                &b.alarm.channel,
                &b.alarm.rule,
            ))
        });
        Outcome {
            alarms,
            announced: self.effects.alarms,
            corrections: self.effects.corrections,
            warnings: self.effects.warnings,
            counters: self.engine.counters(),
        }
    }
}

impl Memory {
    /// Every recorded begin, in order of time within a channel.
    fn begins(&self) -> impl Iterator<Item = (&Alarm, Timestamp)> {
        let edges = self.pasts.iter().flat_map(|past| past.edges.values());
        edges.filter(|event| event.edge == Edge::Raise).map(|event| (&event.alarm, event.at))
    }

    fn past(&self, channel: ChannelIndex) -> Option<&Past> {
        self.pasts.get(channel.get())
    }

    fn has(&self, reading: &Reading) -> bool {
        let find = |past: &Past| {
            let found = past.readings.binary_search_by_key(&reading.measured_at, |r| r.measured_at);
            found.ok().and_then(|place| past.readings.get(place).copied())
        };
        let same =
            |known: Reading| (known.value, known.quality) == (reading.value, reading.quality);
        self.past(reading.channel).and_then(find).is_some_and(same)
    }

    fn put(&mut self, reading: &Reading) {
        let Some(past) = self.pasts.get_mut(reading.channel.get()) else { return };
        if past.readings.last().is_none_or(|last| last.measured_at < reading.measured_at) {
            past.readings.push(*reading);
            return;
        }
        let at = past.readings.partition_point(|r| r.measured_at < reading.measured_at);
        match past.readings.get_mut(at) {
            Some(same) if same.measured_at == reading.measured_at => *same = *reading,
            _ => past.readings.insert(at, *reading),
        }
    }

    fn edges_of(
        &mut self,
        event: &AlarmEvent,
    ) -> Option<&mut BTreeMap<(Timestamp, RuleId, Edge), AlarmEvent>> {
        let place = self.by_id.get(&event.alarm.channel)?;
        self.pasts.get_mut(*place).map(|past| &mut past.edges)
    }

    fn record(&mut self, event: &AlarmEvent) {
        let key = (event.at, event.alarm.rule.clone(), event.edge);
        if let Some(edges) = self.edges_of(event) {
            edges.insert(key, event.clone());
        }
    }

    fn strike(&mut self, event: &AlarmEvent) {
        let key = (event.at, event.alarm.rule.clone(), event.edge);
        if let Some(edges) = self.edges_of(event) {
            edges.remove(&key);
        }
    }
}

impl History for Memory {
    fn readings(
        &mut self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Reading>, HistoryError> {
        let Some(past) = self.past(channel) else { return Ok(Vec::new()) };
        let begin = past.readings.partition_point(|r| r.measured_at < from);
        let end = past.readings.partition_point(|r| r.measured_at < to);
        Ok(past.readings.get(begin..end.max(begin)).unwrap_or_default().to_vec())
    }

    fn edges(
        &mut self,
        channel: ChannelIndex,
        from: Timestamp,
    ) -> Result<Vec<AlarmEvent>, HistoryError> {
        let Some(past) = self.past(channel) else { return Ok(Vec::new()) };
        Ok(past.edges.values().filter(|event| event.at >= from).cloned().collect())
    }

    fn active(&mut self, channel: ChannelIndex, at: Timestamp) -> Result<Vec<Alarm>, HistoryError> {
        let mut active: Vec<Alarm> = Vec::new();
        let edges = self.past(channel).into_iter().flat_map(|past| past.edges.values());
        for event in edges.filter(|event| event.at < at) {
            active.retain(|alarm| alarm.rule != event.alarm.rule);
            if event.edge == Edge::Raise {
                active.push(event.alarm.clone());
            }
        }
        Ok(active)
    }
}
