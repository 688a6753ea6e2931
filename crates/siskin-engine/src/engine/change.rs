//! Other rules while running: unchanged rules keep their state, changed ones are warmed from the
//! past.
//!
//! A channel none of whose rules changed is not touched. Must never lose an alarm: the alarm of a
//! rule that is gone ends with an event; one whose rule changed stays raised until the new rule
//! says that it is over.

use std::collections::{BTreeMap, BTreeSet};

use siskin_model::{Alarm, ChannelIndex, Edge, Site, Timestamp};

use super::{Effects, Engine, EngineError};
use crate::compose::{Composer, Key};
use crate::contrast::Contrasts;
use crate::history::History;
use crate::plan::Plan;
use crate::rule::{Rule, RuleSet};

impl Engine {
    /// Puts other rules in at `now`. The record must hold every effect given out so far. After an
    /// error the old rules go on as before.
    pub fn change_rules(
        &mut self,
        now: Timestamp,
        (site, rules): (&Site, &RuleSet),
        history: &mut dyn History,
        effects: &mut Effects,
    ) -> Result<(), EngineError> {
        let plan = Plan::new(site, rules)?;
        if !self.plan.has_channels_of(&plan) {
            return Err(EngineError::OtherChannels);
        }
        let (mut next, mut found) = (self.clone(), Effects::default());
        let gone = next.take_plan(plan, now, &mut found);
        next.warm_changed(&self.plan, &gone, history, &mut found)?;
        let at = Timestamp::from_millis(next.event_ms.max(now.as_millis()));
        next.reconcile(at, &mut found);
        *self = next;
        effects.append(&mut found);
        Ok(())
    }

    /// The new plan, with every state that it shares with the old one. Alarms of rules that are
    /// gone, or that warn otherwise now, end: gives those of the latter, by their new places.
    fn take_plan(&mut self, plan: Plan, now: Timestamp, effects: &mut Effects) -> BTreeSet<Key> {
        self.contrasts = Contrasts::new(&plan);
        let mut composer = Composer::new(&plan, &self.contrasts);
        composer.keep_wind(&mut self.composer);
        self.composer = composer;
        let old = std::mem::replace(&mut self.plan, plan);
        for (index, channel) in (0u32..).zip(&mut self.channels) {
            let places: BTreeMap<u32, u32> = self.plan.same_on(&old, index);
            channel.renumber(&places);
        }
        let active = std::mem::take(&mut self.active);
        let mut gone: Vec<(u32, Alarm)> = Vec::new();
        for ((index, place), alarm) in active {
            let stays = |rule: &Rule| {
                let before = old.rule(place);
                before.is_some_and(|b| {
                    (b.tier, b.kind.alarm_kind()) == (rule.tier, rule.kind.alarm_kind())
                })
            };
            match self.plan.place_on(index, &alarm) {
                Some(place) if self.plan.rule(place).is_some_and(stays) => {
                    self.active.insert((index, place), alarm);
                }
                _ => gone.push((index, alarm)),
            }
        }
        let otherwise = gone.iter().filter_map(|(i, a)| Some((*i, self.plan.place_on(*i, a)?)));
        let otherwise = otherwise.collect();
        for (index, alarm) in gone {
            self.tell(index, Edge::Clear, now, alarm, effects);
        }
        otherwise
    }

    /// Channels with a changed rule, and those judged together with them, are made anew.
    fn warm_changed(
        &mut self,
        old: &Plan,
        gone: &BTreeSet<Key>,
        history: &mut dyn History,
        effects: &mut Effects,
    ) -> Result<(), EngineError> {
        let told = self.active.clone();
        let count = u32::try_from(self.channels.len()).unwrap_or(u32::MAX);
        let is_changed = |index: u32| !self.plan.is_same_on(old, index);
        let mut changed: Vec<u32> = (0..count).filter(|index| is_changed(*index)).collect();
        if self.has_several() {
            changed.extend((0..count).filter(|index| self.composer.is_linked(*index)));
        }
        let mut groups: Vec<Vec<u32>> =
            changed.into_iter().map(|index| self.composer.group(index)).collect();
        groups.sort();
        groups.dedup();
        for group in groups {
            self.warm_group(&group, gone, history)?;
        }
        self.scan();
        self.settle(effects);
        // What was told of the last moments and does not follow from the new rules.
        for (index, rule, at_ms, _) in std::mem::take(&mut self.recorded) {
            let key = (index, rule);
            if gone.contains(&key) {
                continue;
            }
            match told.get(&key) {
                Some(alarm) => drop(self.active.insert(key, alarm.clone())),
                None => drop(self.active.remove(&key)),
            }
            self.judge_again_from(ChannelIndex(index), Timestamp::from_millis(at_ms));
        }
        Ok(())
    }

    /// Makes the channels of a group anew up to a bound and judges from there on; what the record
    /// has already is not told again.
    fn warm_group(
        &mut self,
        group: &[u32],
        gone: &BTreeSet<Key>,
        history: &mut dyn History,
    ) -> Result<(), EngineError> {
        let judged_ms: Vec<(u32, i64)> = group
            .iter()
            .filter_map(|i| Some((*i, self.channels.get(*i as usize)?.newest_ms()?)))
            .collect();
        let newest_ms = self.event_ms;
        let bounds = judged_ms.iter().map(|(index, to_ms)| {
            let waits_ms = self.grouped_hold_ms(*index);
            if waits_ms == 0 { to_ms + 1 } else { (to_ms + 1).min(newest_ms - waits_ms) }
        });
        let Some(from_ms) = bounds.min() else { return Ok(()) };
        let bounds_ms = vec![from_ms; self.channels.len()];
        self.active.retain(|key, _| !group.contains(&key.0));
        self.warm(group, &bounds_ms, history)?;
        self.active.retain(|key, _| !gone.contains(key));
        self.agree_on(group);
        let mut again = Vec::new();
        for (index, to_ms) in judged_ms {
            let (from, to) =
                (Timestamp::from_millis(from_ms), Timestamp::from_millis(to_ms.saturating_add(1)));
            again.extend(history.readings(ChannelIndex(index), from, to)?);
        }
        again.sort_by_key(|reading| (reading.measured_at, reading.channel));
        let counters = self.counters;
        for reading in &again {
            self.judge(reading);
        }
        self.counters = counters;
        Ok(())
    }

    /// Makes the states of a group agree with its active alarms.
    fn agree_on(&mut self, group: &[u32]) {
        let active = &self.active;
        for index in group {
            if let Some(channel) = self.channels.get_mut(*index as usize) {
                channel.agree(|rule| active.contains_key(&(*index, rule)));
            }
        }
        self.composer.agree(group, &|key| active.contains_key(&key));
        let keys: Vec<_> = active.keys().copied().collect();
        self.contrasts.agree(group, &keys);
    }
}
