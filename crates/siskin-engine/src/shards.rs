//! A site's channels in shards, each judged by an engine of its own, so that several threads can
//! judge one batch. This crate starts no threads: the owner runs the shards as it likes.
//!
//! Channels whose alarms or warnings depend on each other stay together: those that votes and
//! contrasts look at, the wind with those that ask for it, and one gas in one area. Every shard is
//! told the time of the whole site, so what comes out is what one engine gives, in the same order.
//! Must never part what belongs together, and never drop a reading.
//!
//! Late readings are counted, not judged again: shards are for histories and for measuring. For the
//! same reason warnings live without the site's policy here: every begin and end of an alarm is one
//! step, tiers fall at once, and the lives of alarms about equipment are not told.

use std::collections::BTreeMap;

use siskin_model::{
    Alarm, AlarmEvent, AreaId, ChannelId, ChannelIndex, GasId, LifePolicy, Reading, RuleId, Site,
    Timestamp,
};

use crate::compose::Composer;
use crate::contrast::Contrasts;
use crate::counters::Counters;
use crate::engine::{Effects, Engine, EngineError, is_quarantined};
use crate::grouping::SORTED_MAX;
use crate::plan::Plan;
use crate::rule::{Binding, RuleKind, RuleSet};

/// Readings of a batch for each shard: many, so that starting the work takes little of its time.
const BATCH_READINGS_MAX: usize = 8 * SORTED_MAX;

/// Some channels of a site with their engine.
#[derive(Debug, Clone)]
pub struct Shard {
    engine: Engine,
    /// Which of all shards it is.
    number: u32,
    /// What it sorts for all.
    share: Share,
    effects: Effects,
}

/// A part of a batch, sorted by shard: by one, for all, so that each reads the whole batch only
/// once in part.
#[derive(Debug, Clone, Default)]
struct Share {
    /// For each shard, the channel there and the place in the batch.
    taken: Vec<Vec<(u32, u32)>>,
    newest_ms: i64,
    /// Readings of channels that the site does not have.
    unknown: u64,
}

/// All shards of a site.
#[derive(Debug, Clone)]
pub struct Shards {
    parts: Vec<Shard>,
    /// For each channel of the site, its shard and its number there.
    homes: Vec<(u32, u32)>,
    channels: BTreeMap<ChannelId, (u32, bool)>,
    rules: BTreeMap<RuleId, u32>,
    unknown: u64,
    event_ms: i64,
}

impl Share {
    /// Sorts `readings`, the first of which stands at `begin` in the batch.
    fn sort(&mut self, readings: &[Reading], begin: u32, homes: &[(u32, u32)]) {
        (self.newest_ms, self.unknown) = (i64::MIN, 0);
        for taken in &mut self.taken {
            taken.clear();
            taken.reserve(readings.len());
        }
        for (place, reading) in (begin..).zip(readings) {
            let Some((shard, channel)) = homes.get(reading.channel.get()) else {
                self.unknown += 1;
                continue;
            };
            let at_ms = reading.measured_at.as_millis();
            if at_ms > self.newest_ms && !is_quarantined(reading) {
                self.newest_ms = at_ms;
            }
            if let Some(taken) = self.taken.get_mut(*shard as usize) {
                taken.push((*channel, place));
            }
        }
    }
}

impl Shard {
    /// Judges its own readings of a batch in order of arrival.
    fn judge(&mut self, batch: &[Reading], shares: &[Share], newest_ms: i64) {
        let own = shares.iter().filter_map(|share| share.taken.get(self.number as usize));
        for taken in own.flat_map(|taken| taken.chunks(SORTED_MAX)) {
            let of = |(channel, place): &(u32, u32)| Some((*channel, batch.get(*place as usize)?));
            self.engine.take(taken.iter().filter_map(of));
        }
        self.engine.look_at(newest_ms, &mut self.effects);
    }

    /// The station's clock says `now`.
    pub fn tick(&mut self, now: Timestamp) {
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
        let mut homes = vec![(0, 0); site.channels.len()];
        let mut shards = Vec::with_capacity(parts.len());
        for (number, part) in (0u32..).zip(&parts) {
            for (here, channel) in (0..).zip(part) {
                if let Some(home) = homes.get_mut(*channel as usize) {
                    *home = (number, here);
                }
            }
            let engine = engine_of(site, rules, part)?;
            let share = Share { taken: vec![Vec::new(); parts.len()], ..Share::default() };
            shards.push(Shard { engine, number, share, effects: Effects::default() });
        }
        let gas = |known: &crate::plan::Known| known.gas().is_some();
        let channels = plan.indexed().map(|(index, k)| (k.id.clone(), (index.0, gas(k)))).collect();
        let rules = (0u32..).zip(&plan.rules).map(|(place, r)| (r.id.clone(), place)).collect();
        let (unknown, event_ms) = (0, i64::MIN);
        Ok(Self { parts: shards, homes, channels, rules, unknown, event_ms })
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
        mut run: impl FnMut(&mut [Shard], &(dyn Fn(&mut Shard) + Sync)),
    ) {
        for batch in readings.chunks(BATCH_READINGS_MAX * self.parts.len()) {
            self.batch(batch, &mut run);
        }
        self.merge(effects);
    }

    fn batch(
        &mut self,
        batch: &[Reading],
        mut run: impl FnMut(&mut [Shard], &(dyn Fn(&mut Shard) + Sync)),
    ) {
        let (homes, share) = (&self.homes, batch.len().div_ceil(self.parts.len()));
        run(&mut self.parts, &|shard: &mut Shard| {
            let begin = (shard.number as usize * share).min(batch.len());
            let own = batch.get(begin..(begin + share).min(batch.len())).unwrap_or_default();
            // A batch is cut far below 2^32.
            shard.share.sort(own, u32::try_from(begin).unwrap_or(u32::MAX), homes);
        });
        let take = |shard: &mut Shard| std::mem::take(&mut shard.share);
        let shares: Vec<Share> = self.parts.iter_mut().map(take).collect();
        self.unknown += shares.iter().map(|share| share.unknown).sum::<u64>();
        let newest_ms = shares.iter().map(|share| share.newest_ms).max();
        let event_ms = newest_ms.unwrap_or(i64::MIN).max(self.event_ms);
        self.event_ms = event_ms;
        run(&mut self.parts, &|shard: &mut Shard| shard.judge(batch, &shares, event_ms));
        for (shard, share) in self.parts.iter_mut().zip(shares) {
            shard.share = share;
        }
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
        let mut sum = Counters { unknown_channel: self.unknown, ..Counters::default() };
        for shard in &self.parts {
            let own = shard.engine.counters();
            sum.judged += own.judged;
            sum.not_judged += own.not_judged;
            sum.duplicates += own.duplicates;
            sum.quarantined += own.quarantined;
            sum.held_full += own.held_full;
            sum.late += own.late;
            sum.window_full += own.window_full;
        }
        sum
    }

    /// Takes the effects of all shards together, in order of time, channel and rule.
    fn merge(&mut self, effects: &mut Effects) {
        let Self { parts, channels, rules, .. } = self;
        let place = |event: &AlarmEvent| {
            let (channel, is_gas) = known(channels, &event.alarm);
            let rule = rules.get(&event.alarm.rule).copied().unwrap_or(u32::MAX);
            ((event.at, channel, rule, event.edge), is_gas)
        };
        // What each shard tells is in order.
        let mut told: Vec<_> = parts
            .iter_mut()
            .map(|Shard { effects: Effects { alarms, warnings, equipment, .. }, .. }| {
                equipment.clear();
                let alarms = alarms.drain(..).map(|event| (place(&event), event));
                (alarms.peekable(), warnings.drain(..))
            })
            .collect();
        loop {
            let first = told.iter_mut().filter_map(|(alarms, warnings)| {
                let ((place, _), _) = alarms.peek()?;
                Some((*place, alarms, warnings))
            });
            let Some((_, alarms, warnings)) = first.min_by_key(|(place, ..)| *place) else { break };
            let Some(((_, is_gas), event)) = alarms.next() else { break };
            // Each begin and end of a gas alarm with a tier is one step of one warning.
            let warning = if is_gas && event.alarm.tier.is_some() { warnings.next() } else { None };
            debug_assert!(warning.as_ref().is_none_or(|warning| warning.at == event.at));
            effects.alarms.push(event);
            effects.warnings.extend(warning);
        }
        debug_assert!(told.iter_mut().all(|(_, w)| w.next().is_none()), "a warning without alarm");
    }
}

fn known(channels: &BTreeMap<ChannelId, (u32, bool)>, alarm: &Alarm) -> (u32, bool) {
    channels.get(&alarm.channel).copied().unwrap_or((u32::MAX, false))
}

/// The engine of some channels, whose numbers rise with the site's.
fn engine_of(site: &Site, rules: &RuleSet, own: &[u32]) -> Result<Engine, EngineError> {
    let here: BTreeMap<u32, u32> = own.iter().copied().zip(0..).collect();
    let life = LifePolicy::default();
    let mut part = Site { channels: Vec::new(), life, ..site.clone() };
    part.channels.extend(own.iter().filter_map(|c| site.channel(ChannelIndex(*c)).cloned()));
    add_widest(site, &mut part);
    let bindings = rules.bindings.iter().filter_map(|binding| {
        Some(Binding { channel: ChannelIndex(*here.get(&binding.channel.0)?), ..*binding })
    });
    let rules = RuleSet { rules: rules.rules.clone(), bindings: bindings.collect() };
    Engine::new(&part, &rules)
}

/// A channel without rules that has the site's longest reorder window, which says how long alarms
/// over several channels wait.
fn add_widest(site: &Site, part: &mut Site) {
    let window_ms =
        |analyzer: usize| site.analyzers.get(analyzer).map_or(0, |a| a.reorder_window_ms);
    let widest = site.channels.iter().max_by_key(|channel| window_ms(channel.analyzer));
    part.channels.extend(widest.cloned());
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
