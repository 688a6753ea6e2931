//! A site's channels in shards, each judged by an engine of its own, so that several threads can
//! judge one batch. This crate starts no threads: the owner runs the shards as it likes.
//!
//! Channels whose alarms or warnings depend on each other stay together: those that votes and
//! contrasts look at, the wind with those that ask for it, and one gas in one area. Every shard is
//! told the time of the whole site, so what comes out is what one engine gives, in the same order.
//! Must never part what belongs together, and never drop a reading.
//!
//! Late readings are counted, not judged again: shards are for histories and for measuring.

use std::collections::BTreeMap;

use siskin_model::{
    Alarm, AlarmEvent, AreaId, ChannelId, ChannelIndex, GasId, Quality, Reading, RuleId, Site,
    Timestamp, WarningEvent,
};

use crate::compose::Composer;
use crate::contrast::Contrasts;
use crate::counters::Counters;
use crate::engine::{Effects, Engine, EngineError, is_quarantined};
use crate::plan::Plan;
use crate::rule::{Binding, RuleKind, RuleSet};

/// In the place of a channel's number: another shard judges it.
const ELSEWHERE: u32 = u32::MAX;

/// Where an effect belongs: moment, channel, rule, begin or end.
type Place = (Timestamp, u32, u32, siskin_model::Edge);

/// Some channels of a site with their engine.
#[derive(Debug, Clone)]
pub struct Shard {
    engine: Engine,
    /// The number of each of the site's channels in this shard.
    local: Vec<u32>,
    /// A channel without rules whose readings say what time it is in the whole site.
    clock: ChannelIndex,
    /// Readings of unknown channels are counted by one shard only.
    counts_unknown: bool,
    event: Option<Timestamp>,
    told: Option<Timestamp>,
    /// Readings of the clock: they are no readings of the site.
    clock_readings: u64,
    unknown: u64,
    part: Vec<Reading>,
    effects: Effects,
}

/// All shards of a site.
#[derive(Debug, Clone)]
pub struct Shards {
    parts: Vec<Shard>,
    channels: BTreeMap<ChannelId, (u32, bool)>,
    rules: BTreeMap<RuleId, u32>,
}

impl Shard {
    /// Judges its own readings of a batch in order of arrival.
    pub fn readings(&mut self, readings: &[Reading]) {
        self.part.clear();
        for reading in readings {
            let Some(local) = self.local.get(reading.channel.get()) else {
                self.unknown += u64::from(self.counts_unknown);
                continue;
            };
            if self.event.is_none_or(|event| event < reading.measured_at)
                && !is_quarantined(reading)
            {
                self.event = Some(reading.measured_at);
            }
            if *local != ELSEWHERE {
                self.part.push(Reading { channel: ChannelIndex(*local), ..*reading });
            }
        }
        if let Some(at) = self.event.filter(|_| self.event > self.told) {
            self.part.push(Reading::new(self.clock, at, at, None, Quality::CommLost));
            self.clock_readings += 1;
            self.told = self.event;
        }
        self.engine.readings(&self.part, &mut self.effects);
    }

    /// The station's clock says `now`.
    pub fn tick(&mut self, now: Timestamp) {
        self.event = self.event.max(Some(now));
        self.engine.tick(now, &mut self.effects);
    }

    /// All readings are in.
    pub fn finish(&mut self) {
        self.engine.finish(&mut self.effects);
    }
}

impl Shards {
    /// At most `count` shards of about the same size; fewer where the channels hang together.
    pub fn new(site: &Site, rules: &RuleSet, count: usize) -> Result<Self, EngineError> {
        let plan = Plan::new(site, rules)?;
        let parts = parts(&groups(&plan, rules), &weights(&plan), count);
        let mut shards = Vec::with_capacity(parts.len());
        for (place, part) in parts.iter().enumerate() {
            shards.push(shard(site, rules, part, place == 0)?);
        }
        let gas = |known: &crate::plan::Known| known.gas().is_some();
        let channels = plan.indexed().map(|(index, k)| (k.id.clone(), (index.0, gas(k)))).collect();
        let rules = (0u32..).zip(&plan.rules).map(|(place, r)| (r.id.clone(), place)).collect();
        Ok(Self { parts: shards, channels, rules })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.parts.len()
    }

    /// Judges readings in order of arrival; adds what follows to `effects`, in the order in which
    /// one engine would. `run` calls the work once for each shard, on threads if it likes.
    pub fn readings(
        &mut self,
        readings: &[Reading],
        effects: &mut Effects,
        run: impl FnOnce(&mut [Shard], &(dyn Fn(&mut Shard) + Sync)),
    ) {
        run(&mut self.parts, &|shard: &mut Shard| shard.readings(readings));
        self.merge(effects);
    }

    /// The station's clock says `now`.
    pub fn tick(&mut self, now: Timestamp, effects: &mut Effects) {
        self.parts.iter_mut().for_each(|shard| shard.tick(now));
        self.merge(effects);
    }

    /// All readings are in.
    pub fn finish(&mut self, effects: &mut Effects) {
        self.parts.iter_mut().for_each(Shard::finish);
        self.merge(effects);
    }

    /// What was counted.
    pub fn counters(&self) -> Counters {
        let mut sum = Counters::default();
        for shard in &self.parts {
            let own = shard.engine.counters();
            sum.judged += own.judged;
            sum.not_judged += own.not_judged - shard.clock_readings;
            sum.duplicates += own.duplicates;
            sum.quarantined += own.quarantined;
            sum.unknown_channel += shard.unknown;
            sum.held_full += own.held_full;
            sum.late += own.late;
            sum.window_full += own.window_full;
        }
        sum
    }

    /// Takes the effects of all shards together, in order of time, channel and rule.
    fn merge(&mut self, effects: &mut Effects) {
        let mut all: Vec<(Place, AlarmEvent, Option<WarningEvent>)> = Vec::new();
        for shard in &mut self.parts {
            let mut warnings = shard.effects.warnings.drain(..);
            for event in shard.effects.alarms.drain(..) {
                let (channel, is_gas) = known(&self.channels, &event.alarm);
                let rule = self.rules.get(&event.alarm.rule).copied().unwrap_or(u32::MAX);
                let place = (event.at, channel, rule, event.edge);
                // Each begin and end of a gas alarm with a tier is one step of one warning.
                let warns = is_gas && event.alarm.tier.is_some();
                let warning = if warns { warnings.next() } else { None };
                debug_assert!(warning.as_ref().is_none_or(|warning| warning.at == event.at));
                all.push((place, event, warning));
            }
            debug_assert!(warnings.next().is_none(), "a warning without its alarm");
        }
        all.sort_by_key(|(place, ..)| *place);
        for (_, event, warning) in all {
            effects.alarms.push(event);
            effects.warnings.extend(warning);
        }
    }
}

fn known(channels: &BTreeMap<ChannelId, (u32, bool)>, alarm: &Alarm) -> (u32, bool) {
    channels.get(&alarm.channel).copied().unwrap_or((u32::MAX, false))
}

/// The engine of some channels, whose numbers rise with the site's.
fn shard(site: &Site, rules: &RuleSet, own: &[u32], first: bool) -> Result<Shard, EngineError> {
    let mut local = vec![ELSEWHERE; site.channels.len()];
    let mut part = Site { channels: Vec::new(), ..site.clone() };
    for (here, channel) in (0u32..).zip(own) {
        part.channels.extend(site.channel(ChannelIndex(*channel)).cloned());
        if let Some(place) = local.get_mut(*channel as usize) {
            *place = here;
        }
    }
    let clock = u32::try_from(part.channels.len()).unwrap_or(ELSEWHERE);
    add_clock(site, &mut part);
    let here =
        |channel: ChannelIndex| local.get(channel.get()).copied().filter(|n| *n != ELSEWHERE);
    let bindings = rules.bindings.iter().filter_map(|binding| {
        Some(Binding { channel: ChannelIndex(here(binding.channel)?), ..*binding })
    });
    let rules = RuleSet { rules: rules.rules.clone(), bindings: bindings.collect() };
    Ok(Shard {
        engine: Engine::new(&part, &rules)?,
        local,
        clock: ChannelIndex(clock),
        counts_unknown: first,
        event: None,
        told: None,
        clock_readings: 0,
        unknown: 0,
        part: Vec::new(),
        effects: Effects::default(),
    })
}

/// Two channels without rules: one says the time of the site, one has the site's longest reorder
/// window, which says how long alarms over several channels wait.
fn add_clock(site: &Site, part: &mut Site) {
    let window_ms =
        |analyzer: usize| site.analyzers.get(analyzer).map_or(0, |a| a.reorder_window_ms);
    let Some(widest) = site.channels.iter().max_by_key(|channel| window_ms(channel.analyzer))
    else {
        return;
    };
    let Some(analyzer) = site.analyzers.get(widest.analyzer) else { return };
    let mut clock = widest.clone();
    clock.analyzer = part.analyzers.len();
    part.analyzers.push(siskin_model::site::Analyzer { reorder_window_ms: 0, ..analyzer.clone() });
    part.channels.extend([clock, widest.clone()]);
}

/// Work of each channel: its rules, and the way to them.
fn weights(plan: &Plan) -> Vec<usize> {
    plan.channels.iter().map(|known| known.rules.len() + 1).collect()
}

/// Channels that must stay together, each group in order, by their first channel.
fn groups(plan: &Plan, rules: &RuleSet) -> Vec<Vec<u32>> {
    let contrasts = Contrasts::new(plan);
    let composer = Composer::new(plan, &contrasts);
    let mut linked = Linked::new(plan.channels.len());
    let mut first_of: BTreeMap<(&AreaId, &GasId), u32> = BTreeMap::new();
    for (index, known) in plan.indexed() {
        if let Some(gas) = known.gas() {
            linked.join(*first_of.entry((&known.area, gas)).or_insert(index.0), index.0);
        }
    }
    for (index, _) in plan.indexed() {
        if composer.is_linked(index.0) && !linked.is_seen(index.0) {
            for other in composer.group(index.0) {
                linked.join(index.0, other);
                linked.see(other);
            }
        }
    }
    let winds = composer.wind_channels();
    for binding in &rules.bindings {
        let rule = rules.rules.get(binding.rule);
        if rule.is_some_and(|rule| matches!(rule.kind, RuleKind::Vote { wind: Some(_), .. })) {
            for wind in &winds {
                linked.join(binding.channel.0, wind.0);
            }
        }
    }
    linked.groups()
}

/// At most `count` parts of about the same weight, of groups that stay as they are. Neighbours stay
/// neighbours, so that a batch in order of the channels is read in long runs.
fn parts(groups: &[Vec<u32>], weights: &[usize], count: usize) -> Vec<Vec<u32>> {
    let weight = |group: &Vec<u32>| -> usize {
        group.iter().filter_map(|channel| weights.get(*channel as usize)).sum()
    };
    let whole: usize = groups.iter().map(weight).sum();
    let mut parts = vec![Vec::new(); count.max(1)];
    let mut before = 0;
    for group in groups {
        let middle = before + weight(group) / 2;
        let place = (middle * count.max(1)).checked_div(whole).unwrap_or(0);
        if let Some(part) = parts.get_mut(place) {
            part.extend(group);
        }
        before += weight(group);
    }
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() {
        parts.push(Vec::new());
    }
    for part in &mut parts {
        part.sort_unstable();
    }
    parts
}

/// Which channels belong together (union and find).
struct Linked {
    up: Vec<u32>,
    seen: Vec<bool>,
}

impl Linked {
    fn new(count: usize) -> Self {
        Self { up: (0u32..).take(count).collect(), seen: vec![false; count] }
    }

    fn is_seen(&self, channel: u32) -> bool {
        self.seen.get(channel as usize).copied().unwrap_or(true)
    }

    fn see(&mut self, channel: u32) {
        if let Some(seen) = self.seen.get_mut(channel as usize) {
            *seen = true;
        }
    }

    fn above(&self, channel: u32) -> u32 {
        self.up.get(channel as usize).copied().unwrap_or(channel)
    }

    fn root(&mut self, channel: u32) -> u32 {
        let mut at = channel;
        while self.above(at) != at {
            let higher = self.above(self.above(at));
            if let Some(up) = self.up.get_mut(at as usize) {
                *up = higher;
            }
            at = higher;
        }
        at
    }

    /// The smaller number becomes the root, so that a group stands at its first channel.
    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(up) = self.up.get_mut(a.max(b) as usize) {
            *up = a.min(b);
        }
    }

    fn groups(mut self) -> Vec<Vec<u32>> {
        let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for channel in (0u32..).take(self.up.len()) {
            groups.entry(self.root(channel)).or_default().push(channel);
        }
        groups.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_keep_groups_whole_and_weigh_about_the_same() {
        let check = |groups: &[&[u32]], count: usize, expected: &[&[u32]]| {
            let groups: Vec<Vec<u32>> = groups.iter().map(|group| group.to_vec()).collect();
            let weights = vec![1; 100];
            assert_eq!(parts(&groups, &weights, count), expected, "{groups:?} in {count}");
        };
        check(&[&[0], &[1], &[2], &[3]], 2, &[&[0, 1], &[2, 3]]);
        check(&[&[0, 3], &[1, 2]], 2, &[&[0, 3], &[1, 2]]);
        // One light group before a heavy one: the heavy one has a part to itself.
        check(&[&[0], &[1, 2, 3, 4, 5, 6, 7]], 2, &[&[0], &[1, 2, 3, 4, 5, 6, 7]]);
        check(&[&[0, 1, 2, 3]], 3, &[&[0, 1, 2, 3]]);
        check(&[], 2, &[&[]]);
    }

    #[test]
    fn what_is_linked_by_way_of_others_is_one_group() {
        let mut linked = Linked::new(6);
        linked.join(4, 5);
        linked.join(1, 3);
        linked.join(3, 5);
        assert_eq!(linked.groups(), [vec![0], vec![1, 3, 4, 5], vec![2]]);
    }
}
