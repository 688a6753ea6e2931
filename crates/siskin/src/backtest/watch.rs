//! Sees when the air first reached a stated level in an incident: what a warning has to be ahead
//! of. Must never judge: it only remembers moments.

use std::collections::BTreeMap;

use siskin_config::Settings;
use siskin_engine::RuleKind;
use siskin_engine::rule::Side;
use siskin_model::{GasId, Reading};

use super::incidents::{Incident, Scope};
use super::intervals::Interval;
use super::shards::Shard;

/// Levels and incidents by channel.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// By channel of the site; only channels with a level and an incident.
    channels: BTreeMap<u32, Watched>,
}

#[derive(Debug, Clone)]
struct Watched {
    level: f64,
    /// Incidents with their places, in order of start.
    incidents: Vec<(Interval, usize)>,
    longest_ms: i64,
}

/// The highest threshold of each channel, in its unit, or the stated level of its gas.
pub(crate) fn levels(set: &Settings, stated: &BTreeMap<GasId, f64>) -> BTreeMap<u32, f64> {
    let mut levels = BTreeMap::new();
    for binding in &set.rules.bindings {
        let rule = set.rules.rules.get(binding.rule);
        let raise_at = rule.and_then(|rule| match rule.kind {
            RuleKind::Threshold { side: Side::High, raise_at, .. } => Some(raise_at),
            _ => None,
        });
        if let Some(raise_at) = raise_at {
            let level: &mut f64 = levels.entry(binding.channel.0).or_insert(f64::NEG_INFINITY);
            *level = level.max(raise_at * binding.factor);
        }
    }
    for (index, channel) in set.site.indexed() {
        if let Some(level) = channel.quantity.gas().and_then(|gas| stated.get(gas)) {
            levels.insert(index.0, *level);
        }
    }
    levels
}

impl Watch {
    /// Watches the channels with `levels` for the incidents that concern them.
    pub(crate) fn new(set: &Settings, levels: &BTreeMap<u32, f64>, incidents: &[Incident]) -> Self {
        let mut by_scope: BTreeMap<&Scope, Vec<(Interval, usize)>> = BTreeMap::new();
        for (place, incident) in incidents.iter().enumerate() {
            by_scope.entry(&incident.scope).or_default().push((incident.time, place));
        }
        let mut channels: BTreeMap<u32, Watched> = BTreeMap::new();
        for (scope, of_scope) in by_scope {
            let only = scope.channel.map(|channel| channel..channel.saturating_add(1));
            let all = 0..u32::try_from(set.site.channels.len()).unwrap_or(u32::MAX);
            for channel in only.unwrap_or(all).filter(|c| scope.covers(&set.site, *c)) {
                let Some(level) = levels.get(&channel).copied() else { continue };
                let empty = || Watched { level, incidents: Vec::new(), longest_ms: 0 };
                let watched = channels.entry(channel).or_insert_with(empty);
                watched.incidents.extend(&of_scope);
            }
        }
        for watched in channels.values_mut() {
            watched.incidents.sort_unstable();
            let lengths = watched.incidents.iter().map(|(time, _)| time.length_ms());
            watched.longest_ms = lengths.max().unwrap_or(0);
        }
        Self { channels }
    }

    /// The part of one shard.
    pub(crate) fn of(&self, shard: &Shard) -> Look<'_> {
        let owned = shard.channels.iter().take(shard.owned);
        let channels = owned.map(|channel| self.channels.get(channel)).collect();
        Look { channels, reached_ms: BTreeMap::new() }
    }
}

/// Looks at the readings of one shard.
pub(crate) struct Look<'a> {
    channels: Vec<Option<&'a Watched>>,
    reached_ms: BTreeMap<usize, i64>,
}

impl Look<'_> {
    /// Looks at more readings, in any order.
    pub(crate) fn look(&mut self, readings: &[Reading]) {
        for reading in readings {
            let Some(Some(watched)) = self.channels.get(reading.channel.get()) else { continue };
            let value = reading.value.filter(|_| reading.quality.is_judged());
            if value.is_none_or(|value| value < watched.level) {
                continue;
            }
            let at_ms = reading.measured_at.as_millis();
            let begun = watched.incidents.partition_point(|(time, _)| time.start_ms <= at_ms);
            for (time, incident) in watched.incidents.iter().take(begun).rev() {
                if time.start_ms < at_ms - watched.longest_ms {
                    break;
                }
                if at_ms <= time.end_ms {
                    let first_ms = self.reached_ms.entry(*incident).or_insert(at_ms);
                    *first_ms = at_ms.min(*first_ms);
                }
            }
        }
    }

    pub(crate) fn reached_ms(self) -> BTreeMap<usize, i64> {
        self.reached_ms
    }
}
