//! Rules over several alarms or channels: votes and boolean conditions.
//!
//! They see begins and ends of other alarms in order of event time, a little later than the alarms
//! themselves ([`HOLD_MS`], or the longest reorder window), so that the order in which channels
//! arrive does not matter. The moments they give are those of the alarms they follow from. Must
//! never delay the alarms they are made of.

mod composite;
mod plan;
pub mod wind;

use std::collections::{BTreeMap, BTreeSet};

use siskin_model::{ChannelIndex, Edge, Quantity, Reading};

use self::composite::{Composite, Key, Raised};
use self::wind::Wind;
use crate::channel::{Channel, RawEdge, SILENCE};
use crate::contrast::Contrasts;
use crate::plan::Plan;

/// Channels may be this far behind each other, beside twice the longest reorder window: a reading
/// may come as late as the window, and then waits as long. Silence is looked for once a second.
pub const HOLD_MS: i64 = 2_000;

/// A begin or end of an alarm, or a silence (with when it ended).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Input {
    key: Key,
    edge: Edge,
    silent_to_ms: Option<i64>,
}

/// What one group of linked channels has to look at.
#[derive(Debug, Clone)]
struct Queue {
    /// What has come in and is not looked at yet, in order of event time.
    inputs: BTreeMap<(i64, Key, Edge), Input>,
    /// Moments at which composites must be looked at without anything coming in.
    timers: BTreeSet<(i64, usize)>,
    looked_to_ms: i64,
}

/// What stands in the way of a moment.
enum Moment {
    Past,
    /// The composite's channel is not judged so far yet; what comes after must wait for it.
    Waits,
}

/// All rules over other alarms of a site. Indices are places in `composites`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Composer {
    /// In an order in which each asks only about those before it.
    composites: Vec<Composite>,
    /// Which composites ask about an alarm, or are broken by a channel's silence.
    asking: BTreeMap<Key, Vec<usize>>,
    /// Channels that must be judged again together.
    groups: BTreeMap<u32, Vec<u32>>,
    wind_of: BTreeMap<u32, Quantity>,
    hold_ms: i64,
    raised: Raised,
    wind: Wind,
    /// By the first channel of each group.
    queues: BTreeMap<u32, Queue>,
}

impl Default for Queue {
    fn default() -> Self {
        Self { inputs: BTreeMap::new(), timers: BTreeSet::new(), looked_to_ms: i64::MIN }
    }
}

impl Composer {
    pub(crate) fn new(plan: &Plan, contrasts: &Contrasts) -> Self {
        let composites = plan::composites(plan);
        let mut asking: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for (place, composite) in composites.iter().enumerate() {
            for key in composite.inputs() {
                asking.entry(key).or_default().push(place);
            }
            asking.entry((composite.key.0, SILENCE)).or_default().push(place);
        }
        let windows = plan.channels.iter().map(|known| known.reorder_window_ms);
        let asks_wind = composites.iter().any(Composite::asks_wind);
        let groups = plan::groups(&composites, contrasts);
        let firsts = composites.iter().map(|composite| first_of(&groups, composite.key.0));
        Self {
            queues: firsts.map(|first| (first, Queue::default())).collect(),
            groups,
            wind_of: if asks_wind { plan::wind_channels(plan) } else { BTreeMap::new() },
            hold_ms: 2 * windows.max().unwrap_or(0) + HOLD_MS,
            composites,
            asking,
            ..Self::default()
        }
    }

    /// Whether the site has such rules.
    pub(crate) fn is_needed(&self) -> bool {
        !self.composites.is_empty()
    }

    /// Whether there is nothing to look at.
    pub(crate) fn is_idle(&self) -> bool {
        self.queues.values().all(|queue| queue.inputs.is_empty() && queue.timers.is_empty())
    }

    #[inline]
    pub(crate) fn hears_wind(&self) -> bool {
        !self.wind_of.is_empty()
    }

    /// A reading that may be of the wind.
    pub(crate) fn wind(&mut self, reading: &Reading) {
        let t_ms = reading.measured_at.as_millis();
        let value = reading.value.filter(|_| reading.quality.is_judged());
        match (self.wind_of.get(&reading.channel.0), value) {
            (Some(Quantity::WindSpeed), Some(m_s)) => self.wind.speed(t_ms, m_s),
            (Some(Quantity::WindDirection), Some(deg)) => self.wind.direction(t_ms, deg),
            _ => return,
        }
        // A turn of the wind is looked at once a minute.
        let minute_ms = (t_ms.div_euclid(60_000) + 1) * 60_000;
        for (place, composite) in self.composites.iter().enumerate() {
            if composite.asks_wind() {
                let first = first_of(&self.groups, composite.key.0);
                let queue = self.queues.entry(first).or_default();
                if minute_ms > queue.looked_to_ms {
                    queue.timers.insert((minute_ms, place));
                }
            }
        }
    }

    /// Up to where every channel has had the time to deliver, when the newest event is there.
    pub(crate) fn looks_to_ms(&self, event_ms: i64) -> i64 {
        if event_ms == i64::MAX { event_ms } else { event_ms.saturating_sub(self.hold_ms) }
    }

    /// How far it looks behind the newest event.
    pub(crate) fn hold_ms(&self) -> i64 {
        self.hold_ms
    }

    /// Whether alarms of the channel are asked about by a composite.
    pub(crate) fn is_linked(&self, channel: u32) -> bool {
        self.groups.contains_key(&channel)
    }

    /// The channels of the wind, where it is asked about.
    pub(crate) fn wind_channels(&self) -> Vec<ChannelIndex> {
        self.wind_of.keys().copied().map(ChannelIndex).collect()
    }

    /// Takes the wind over from another composer of the same site.
    pub(crate) fn keep_wind(&mut self, other: &mut Self) {
        std::mem::swap(&mut self.wind, &mut other.wind);
    }

    /// The channels that are judged again together with `channel`.
    pub(crate) fn group(&self, channel: u32) -> Vec<u32> {
        self.groups.get(&channel).cloned().unwrap_or_else(|| vec![channel])
    }

    /// Takes in an edge if any composite asks about it.
    pub(crate) fn add(&mut self, channel: u32, raw: &RawEdge) {
        let key = (channel, raw.rule);
        if !self.asking.contains_key(&key) {
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a moment in whole milliseconds")]
        let silent_to_ms = raw.judged.filter(|_| raw.rule == SILENCE).map(|to_ms| to_ms as i64);
        let input = Input { key, edge: raw.edge, silent_to_ms };
        let queue = self.queues.entry(first_of(&self.groups, channel)).or_default();
        queue.inputs.insert((raw.at_ms, key, raw.edge), input);
    }

    /// Looks at everything up to `event_ms` less the hold, and gives the composites' own edges.
    pub(crate) fn run(
        &mut self,
        event_ms: i64,
        channels: &[Channel],
        out: &mut Vec<(u32, RawEdge)>,
    ) {
        let up_to_ms = self.looks_to_ms(event_ms);
        let judged_ms = |channel: u32| channels.get(channel as usize).and_then(Channel::judged_ms);
        let firsts: Vec<u32> = self.queues.keys().copied().collect();
        for first in firsts {
            self.run_queue(first, up_to_ms, &judged_ms, out);
        }
    }

    fn run_queue(
        &mut self,
        first: u32,
        up_to_ms: i64,
        judged_ms: &dyn Fn(u32) -> Option<i64>,
        out: &mut Vec<(u32, RawEdge)>,
    ) {
        loop {
            let Some(queue) = self.queues.get_mut(&first) else { return };
            let input_ms = queue.inputs.first_key_value().map(|(key, _)| key.0);
            let timer_ms = queue.timers.first().map(|timer| timer.0);
            let next_ms = input_ms.into_iter().chain(timer_ms).min();
            let Some(next_ms) = next_ms.filter(|next_ms| *next_ms <= up_to_ms) else {
                queue.looked_to_ms = queue.looked_to_ms.max(up_to_ms);
                return;
            };
            if timer_ms == Some(next_ms) {
                let Some((due_ms, place)) = queue.timers.pop_first() else { return };
                if let Moment::Waits = self.timer((due_ms, place), up_to_ms, judged_ms, out) {
                    if let Some(queue) = self.queues.get_mut(&first) {
                        queue.timers.insert((due_ms, place));
                        queue.looked_to_ms = queue.looked_to_ms.max(due_ms - 1);
                    }
                    return;
                }
            } else if let Some((_, input)) = queue.inputs.pop_first() {
                self.input(next_ms, input, out);
            }
        }
    }

    fn timer(
        &mut self,
        (due_ms, place): (i64, usize),
        up_to_ms: i64,
        judged_ms: &dyn Fn(u32) -> Option<i64>,
        out: &mut Vec<(u32, RawEdge)>,
    ) -> Moment {
        let Some(composite) = self.composites.get_mut(place) else { return Moment::Past };
        if composite.due_ms() != Some(due_ms) {
            self.look(due_ms, place, out);
            return Moment::Past;
        }
        let judged_ms = judged_ms(composite.key.0).unwrap_or(i64::MIN);
        if judged_ms < due_ms {
            // A silence beyond the gap breaks the delay; the channel's next reading starts it anew.
            let is_silent = up_to_ms.saturating_sub(judged_ms) > composite.gap_ms;
            return if is_silent { Moment::Past } else { Moment::Waits };
        }
        let edge = composite.due();
        self.tell(due_ms, place, edge, out);
        Moment::Past
    }

    fn set_timer(&mut self, at_ms: Option<i64>, place: usize) {
        let channel = self.composites.get(place).map_or(0, |composite| composite.key.0);
        let queue = self.queues.entry(first_of(&self.groups, channel)).or_default();
        queue.timers.extend(at_ms.map(|at_ms| (at_ms, place)));
    }

    fn input(&mut self, at_ms: i64, input: Input, out: &mut Vec<(u32, RawEdge)>) {
        let asking = self.asking.get(&input.key).cloned().unwrap_or_default();
        if let Some(to_ms) = input.silent_to_ms {
            for place in asking {
                let composite = self.composites.get_mut(place);
                let due_ms = composite.and_then(|composite| {
                    composite.silence(at_ms, to_ms);
                    composite.due_ms()
                });
                self.set_timer(due_ms, place);
            }
            return;
        }
        self.raised.note(input.key, input.edge, at_ms);
        for place in asking {
            let fades_ms = self.composites.get(place).and_then(Composite::fades_ms);
            let ended = input.edge == Edge::Clear;
            self.set_timer(fades_ms.filter(|_| ended).map(|fades_ms| at_ms + fades_ms), place);
            self.look(at_ms, place, out);
        }
    }

    fn look(&mut self, at_ms: i64, place: usize, out: &mut Vec<(u32, RawEdge)>) {
        let Some(composite) = self.composites.get_mut(place) else { return };
        let edge = composite.look(at_ms, &self.raised, &self.wind);
        let due_ms = composite.due_ms();
        self.set_timer(due_ms, place);
        self.tell(at_ms, place, edge, out);
    }

    /// A composite's own begin or end goes out, and in again for those that ask about it.
    fn tell(
        &mut self,
        at_ms: i64,
        place: usize,
        edge: Option<Edge>,
        out: &mut Vec<(u32, RawEdge)>,
    ) {
        let (Some(edge), Some(composite)) = (edge, self.composites.get(place)) else { return };
        let (channel, rule) = composite.key;
        let raw = RawEdge { at_ms, rule, edge, judged: None, limit: None, forecast: None };
        out.push((channel, raw));
        self.add(channel, &raw);
    }

    /// Whether a composite's alarm is raised; none if the rule is no composite on the channel.
    pub(crate) fn is_raised(&self, key: Key) -> Option<bool> {
        self.composites.iter().find(|c| c.key == key).map(Composite::is_raised)
    }

    /// Begins anew for the channels of a group: nothing is known of their alarms but what `raised`
    /// says was raised just before what comes next.
    pub(crate) fn begin(&mut self, group: &[u32], raised: &[Key], at_ms: i64) {
        let is_of_group = |key: Key| group.contains(&key.0);
        self.raised.forget(is_of_group);
        if let Some(queue) = group.first().and_then(|first| self.queues.get_mut(first)) {
            queue.inputs.clear();
            queue.timers.clear();
        }
        for key in raised.iter().filter(|key| self.asking.contains_key(key)) {
            self.raised.note(*key, Edge::Raise, at_ms);
        }
        for composite in self.composites.iter_mut().filter(|c| is_of_group(c.key)) {
            composite.forget();
            composite.agree(raised.contains(&composite.key));
        }
    }

    /// Makes the composites of a group agree with the record; running delays that agree are kept.
    pub(crate) fn agree(&mut self, group: &[u32], is_raised: &dyn Fn(Key) -> bool) {
        for composite in self.composites.iter_mut().filter(|c| group.contains(&c.key.0)) {
            composite.agree(is_raised(composite.key));
        }
    }

    /// As [`Self::run`] over a past span of one group, up to just before `to_ms`.
    pub(crate) fn run_group(
        &mut self,
        group: &[u32],
        to_ms: i64,
        judged_ms: &dyn Fn(u32) -> Option<i64>,
    ) -> Vec<(u32, RawEdge)> {
        let mut out = Vec::new();
        if let Some(first) = group.first() {
            let looked_to_ms = self.looked_to_ms(group);
            self.run_queue(*first, to_ms.saturating_sub(1), judged_ms, &mut out);
            if let Some(queue) = self.queues.get_mut(first) {
                queue.looked_to_ms = looked_to_ms;
            }
        }
        out
    }

    /// Up to where the composites of a group have been looked at.
    pub(crate) fn looked_to_ms(&self, group: &[u32]) -> i64 {
        let queue = group.first().and_then(|first| self.queues.get(first));
        queue.map_or(i64::MIN, |queue| queue.looked_to_ms)
    }
}

/// The first channel of the group that a channel belongs to.
fn first_of(groups: &BTreeMap<u32, Vec<u32>>, channel: u32) -> u32 {
    groups.get(&channel).and_then(|group| group.first().copied()).unwrap_or(channel)
}
