//! Begins and ends become alarms, and alarms feed warnings.
//!
//! Must never tell a begin or end twice, and never judge.

use siskin_model::{Alarm, AlarmEvent, ChannelIndex, Edge, Timestamp};

use super::{Effects, Engine};
use crate::channel::{RawEdge, SILENCE};

impl Engine {
    /// Turns the collected edges into effects, in order of time, channel and rule.
    pub(super) fn settle(&mut self, effects: &mut Effects) {
        if self.edges.is_empty() && !self.has_several() {
            return;
        }
        self.settle_up_to(self.event_ms, effects);
    }

    /// The same; alarms over several channels are judged up to `event_ms`, or a little before,
    /// because the others may be that far behind.
    pub(super) fn settle_up_to(&mut self, event_ms: i64, effects: &mut Effects) {
        let mut edges = std::mem::take(&mut self.edges);
        self.contrasts.run(self.composer.looks_to_ms(event_ms), &mut edges);
        for (channel, raw) in &edges {
            if self.composer.add(*channel, raw) {
                self.judge_again_from(ChannelIndex(*channel), Timestamp::from_millis(raw.at_ms));
            }
        }
        self.composer.run(event_ms, &mut edges);
        edges.retain(|(_, raw)| raw.rule != SILENCE);
        edges.sort_by_key(|(channel, raw)| (raw.at_ms, *channel, raw.rule, raw.edge));
        for (channel, raw) in edges.drain(..) {
            let told = self.recorded.remove(&(channel, raw.rule, raw.at_ms, raw.edge));
            self.settle_one(channel, raw, told, effects);
        }
        self.edges = edges;
    }

    fn settle_one(&mut self, channel: u32, raw: RawEdge, is_told: bool, effects: &mut Effects) {
        let at = Timestamp::from_millis(raw.at_ms);
        let key = (channel, raw.rule);
        let alarm = match raw.edge {
            Edge::Raise => self.alarm(channel, &raw),
            Edge::Clear => self.active.remove(&key),
        };
        let Some(alarm) = alarm else { return };
        if raw.edge == Edge::Raise {
            self.active.insert(key, alarm.clone());
        }
        if !is_told {
            self.tell(channel, raw.edge, at, alarm, effects);
        }
    }

    /// An alarm began or ended at `at`: warnings and the record hear of it.
    pub(super) fn tell(
        &mut self,
        channel: u32,
        edge: Edge,
        at: Timestamp,
        alarm: Alarm,
        effects: &mut Effects,
    ) {
        self.warnings.is_now(self.event_ms);
        let why = self.why(channel, &alarm);
        let known = self.plan.known(channel);
        let gas = known.and_then(|k| k.gas().map(|gas| (&k.area, gas)));
        match (edge, gas, alarm.tier) {
            (Edge::Raise, Some(about), Some(tier)) => {
                self.warnings.began(at, about, (&alarm, tier), why, effects);
            }
            (Edge::Raise, ..) => self.warnings.equipment(at, (edge, &alarm), effects),
            (Edge::Clear, ..) => {
                // First: what it kept from people must not be seen as suppressed once more.
                self.suppress_by(at, channel, &alarm, effects);
                self.end_life(at, &alarm, effects);
            }
        }
        if edge == Edge::Raise {
            self.suppress_by(at, channel, &alarm, effects);
        }
        effects.alarms.push(AlarmEvent { edge, at, alarm });
    }

    pub(super) fn alarm(&self, channel: u32, raw: &RawEdge) -> Option<Alarm> {
        let rule = self.plan.rule(raw.rule)?;
        let known = self.plan.known(channel)?;
        let quantum = self.channels.get(channel as usize)?.quantum();
        let limit = raw.limit.map(|quanta| quantum.value(quanta));
        Some(Alarm {
            rule: rule.id.clone(),
            channel: known.id.clone(),
            kind: rule.kind.alarm_kind(),
            tier: rule.tier,
            since: Timestamp::from_millis(raw.at_ms),
            value: raw.judged.map(|quanta| quantum.value(quanta)),
            limit: limit.or_else(|| self.plan.limit(channel, raw.rule)),
            unit: known.unit,
            forecast: raw.forecast,
        })
    }
}
