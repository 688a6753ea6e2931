//! One channel being made anew from its readings and from what is recorded of its alarms.
//!
//! Before the span the record says which alarms were raised: a running delay may have begun before
//! the first reading, and what an alarm holds still must be held from its true begin. From the
//! span's begin on the channel judges by itself. Must never use a reading twice.

use std::iter::Peekable;

use siskin_model::{Alarm, AlarmEvent, Edge, Reading};

use super::{Engine, judged_quanta};
use crate::channel::{Channel, RawEdge};
use crate::contrast::Sample;
use crate::plan::Plan;

/// A channel on its way from the past to now.
pub(super) struct Replayed<'a> {
    plan: &'a Plan,
    index: u32,
    heard_ms: Option<i64>,
    pub(super) channel: Channel,
    pub(super) edges: Vec<RawEdge>,
    /// All judged samples, where the channel is compared with others.
    pub(super) samples: Vec<Sample>,
    is_compared: bool,
    /// When it was judged, where composites sit on the channel.
    pub(super) heard: Vec<i64>,
    is_composed: bool,
}

impl<'a> Replayed<'a> {
    /// A new channel whose alarms `active` are raised.
    pub(super) fn new(engine: &'a Engine, index: u32, active: &[Alarm]) -> Self {
        let plan = &engine.plan;
        let made = plan.known(index).map(|known| plan.channel(known));
        let old = engine.channels.get(index as usize);
        let none = siskin_model::site::Range { low: 0.0, high: 0.0 };
        let mut replayed = Self {
            plan,
            index,
            heard_ms: old.and_then(Channel::heard_ms),
            channel: made.unwrap_or_else(|| Channel::new(1.0, none)),
            edges: Vec::new(),
            samples: Vec::new(),
            is_compared: engine.contrasts.has(index),
            heard: Vec::new(),
            is_composed: engine.composer.hears(index),
        };
        replayed.agree(active);
        for alarm in active {
            if let Some(rule) = plan.place_on(index, alarm) {
                replayed.channel.raised_since(rule, alarm.since.as_millis());
            }
        }
        replayed
    }

    /// Fills the windows with the readings before `to_ms`; alarms are raised as `events` say.
    pub(super) fn fill(&mut self, readings: &[Reading], to_ms: i64, events: &[AlarmEvent]) {
        let mut events = events.iter().peekable();
        let end = readings.partition_point(|r| r.measured_at.as_millis() < to_ms);
        for reading in readings.iter().take(end) {
            self.apply_before(reading, &mut events);
            let quanta = judged_quanta(&self.channel, reading);
            let is_heard = reading.quality.is_heard();
            self.sample(reading, quanta);
            self.channel.fill(reading.measured_at.as_millis(), quanta, is_heard);
        }
        for event in events {
            self.apply(event);
        }
    }

    fn sample(&mut self, reading: &Reading, quanta: Option<i32>) {
        if let Some(quanta) = quanta.filter(|_| self.is_compared) {
            let value = self.channel.quantum().value(f64::from(quanta));
            self.samples.push(Sample { t_ms: reading.measured_at.as_millis(), value });
        }
    }

    /// Alarms are raised as the record says when this reading is judged.
    fn apply_before<'e>(
        &mut self,
        reading: &Reading,
        events: &mut Peekable<impl Iterator<Item = &'e AlarmEvent>>,
    ) {
        while let Some(event) = events.next_if(|event| event.at < reading.measured_at) {
            self.apply(event);
        }
    }

    fn apply(&mut self, event: &AlarmEvent) {
        if let Some(rule) = self.plan.place_on(self.index, &event.alarm) {
            self.channel.agree_one(rule, event.edge == Edge::Raise);
        }
    }

    /// Judges the readings in [from, to), where alarms are raised as `events` say.
    pub(super) fn judge(
        &mut self,
        readings: &[Reading],
        (from_ms, to_ms): (i64, i64),
        events: &[AlarmEvent],
    ) {
        let mut events = events.iter().peekable();
        let begin = readings.partition_point(|r| r.measured_at.as_millis() < from_ms);
        let end = readings.partition_point(|r| r.measured_at.as_millis() < to_ms);
        for reading in readings.iter().take(end).skip(begin) {
            self.apply_before(reading, &mut events);
            self.judge_one(reading);
        }
    }

    fn judge_one(&mut self, reading: &Reading) {
        let t_ms = reading.measured_at.as_millis();
        if !reading.quality.is_heard() {
            self.channel.unheard(t_ms);
            return;
        }
        let quanta = judged_quanta(&self.channel, reading);
        self.sample(reading, quanta);
        if self.is_composed && quanta.is_some() {
            self.heard.push(t_ms);
        }
        self.channel.heard(t_ms, quanta, &mut self.edges);
    }

    /// Makes the alarms agree with the record; running delays that agree already are kept.
    pub(super) fn agree(&mut self, active: &[Alarm]) {
        let (plan, index) = (self.plan, self.index);
        let raised: Vec<u32> = active.iter().filter_map(|a| plan.place_on(index, a)).collect();
        self.channel.agree(|rule| raised.contains(&rule));
    }

    /// What is raised after `events`, where `active` was before them.
    pub(super) fn active(active: &[Alarm], events: &[AlarmEvent]) -> Vec<Alarm> {
        let mut active = active.to_vec();
        for event in events {
            active.retain(|alarm| alarm.rule != event.alarm.rule);
            if event.edge == Edge::Raise {
                active.push(event.alarm.clone());
            }
        }
        active
    }

    /// All readings are judged, and up to `seen_ms` nothing more came.
    pub(super) fn end(&mut self, seen_ms: i64) {
        if let Some(heard_ms) = self.heard_ms {
            self.channel.expect_since(heard_ms);
        }
        self.channel.tick(seen_ms, &mut self.edges);
    }
}
