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
use crate::plan::Plan;

/// Channels may be this far behind each other.
pub const HOLD_MS: i64 = 2_000;

/// A begin or end of an alarm, or a silence (with when it ended).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Input {
    key: Key,
    edge: Edge,
    silent_to_ms: Option<i64>,
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
    /// What has come in and is not looked at yet, in order of event time.
    inputs: BTreeMap<(i64, Key, Edge), Input>,
    /// Moments at which composites must be looked at without anything coming in.
    timers: BTreeSet<(i64, usize)>,
    looked_to_ms: i64,
}

impl Composer {
    pub(crate) fn new(plan: &Plan) -> Self {
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
        Self {
            groups: plan::groups(&composites),
            wind_of: if asks_wind { plan::wind_channels(plan) } else { BTreeMap::new() },
            hold_ms: windows.max().unwrap_or(0).max(HOLD_MS),
            composites,
            asking,
            looked_to_ms: i64::MIN,
            ..Self::default()
        }
    }

    /// Whether the site has such rules.
    pub(crate) fn is_needed(&self) -> bool {
        !self.composites.is_empty()
    }

    /// Whether there is nothing to look at.
    pub(crate) fn is_idle(&self) -> bool {
        self.inputs.is_empty() && self.timers.is_empty()
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
            if composite.asks_wind() && minute_ms > self.looked_to_ms {
                self.timers.insert((minute_ms, place));
            }
        }
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
        self.inputs.insert((raw.at_ms, key, raw.edge), input);
    }

    /// Looks at everything up to `event_ms` less the hold, and gives the composites' own edges.
    pub(crate) fn run(
        &mut self,
        event_ms: i64,
        channels: &[Channel],
        out: &mut Vec<(u32, RawEdge)>,
    ) {
        let up_to_ms =
            if event_ms == i64::MAX { i64::MAX } else { event_ms.saturating_sub(self.hold_ms) };
        let judged_ms = |channel: u32| channels.get(channel as usize).and_then(Channel::judged_ms);
        self.run_to(up_to_ms, &judged_ms, out);
    }

    fn run_to(
        &mut self,
        up_to_ms: i64,
        judged_ms: &dyn Fn(u32) -> Option<i64>,
        out: &mut Vec<(u32, RawEdge)>,
    ) {
        // Delays of channels that have not been judged so far wait here until the next call.
        let mut waiting = Vec::new();
        loop {
            let input_ms = self.inputs.first_key_value().map(|(key, _)| key.0);
            let timer_ms = self.timers.first().map(|timer| timer.0);
            let Some(next_ms) = input_ms.into_iter().chain(timer_ms).min() else {
                break;
            };
            if next_ms > up_to_ms {
                break;
            }
            if timer_ms == Some(next_ms) {
                if let Some((due_ms, place)) = self.timers.pop_first() {
                    self.timer(due_ms, place, judged_ms, (out, &mut waiting));
                }
            } else if let Some((_, input)) = self.inputs.pop_first() {
                self.input(next_ms, input, out);
            }
        }
        self.timers.extend(waiting);
        self.looked_to_ms = self.looked_to_ms.max(up_to_ms);
    }

    fn timer(
        &mut self,
        due_ms: i64,
        place: usize,
        judged_ms: &dyn Fn(u32) -> Option<i64>,
        (out, waiting): (&mut Vec<(u32, RawEdge)>, &mut Vec<(i64, usize)>),
    ) {
        let Some(composite) = self.composites.get_mut(place) else { return };
        if composite.due_ms() == Some(due_ms) {
            if judged_ms(composite.key.0).is_none_or(|judged_ms| judged_ms < due_ms) {
                waiting.push((due_ms, place));
                return;
            }
            let edge = composite.due();
            self.tell(due_ms, place, edge, out);
            return;
        }
        self.look(due_ms, place, out);
    }

    fn input(&mut self, at_ms: i64, input: Input, out: &mut Vec<(u32, RawEdge)>) {
        let asking = self.asking.get(&input.key).cloned().unwrap_or_default();
        if let Some(to_ms) = input.silent_to_ms {
            for place in asking {
                if let Some(composite) = self.composites.get_mut(place) {
                    composite.silence(at_ms, to_ms);
                    self.timers.extend(composite.due_ms().map(|due_ms| (due_ms, place)));
                }
            }
            return;
        }
        self.raised.note(input.key, input.edge, at_ms);
        for place in asking {
            let fades_ms = self.composites.get(place).and_then(Composite::fades_ms);
            if let (Some(fades_ms), Edge::Clear) = (fades_ms, input.edge) {
                self.timers.insert((at_ms + fades_ms, place));
            }
            self.look(at_ms, place, out);
        }
    }

    fn look(&mut self, at_ms: i64, place: usize, out: &mut Vec<(u32, RawEdge)>) {
        let Some(composite) = self.composites.get_mut(place) else { return };
        let edge = composite.look(at_ms, &self.raised, &self.wind);
        self.timers.extend(composite.due_ms().map(|due_ms| (due_ms, place)));
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
        let raw = RawEdge { at_ms, rule, edge, judged: None, limit: None };
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
        self.inputs.retain(|(_, key, _), _| !is_of_group(*key));
        for key in raised.iter().filter(|key| self.asking.contains_key(key)) {
            self.raised.note(*key, Edge::Raise, at_ms);
        }
        let mut gone = BTreeSet::new();
        for (place, composite) in self.composites.iter_mut().enumerate() {
            if is_of_group(composite.key) {
                composite.state = crate::machine::State::Normal;
                composite.agree(raised.contains(&composite.key));
                gone.insert(place);
            }
        }
        self.timers.retain(|(_, place)| !gone.contains(place));
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
        // Nothing of other groups may be looked at meanwhile.
        let is_other = |key: &Key| !group.contains(&key.0);
        let (mut inputs, mut timers) = (BTreeMap::new(), BTreeSet::new());
        std::mem::swap(&mut inputs, &mut self.inputs);
        std::mem::swap(&mut timers, &mut self.timers);
        let composites = &self.composites;
        let of_group = |place: &usize| composites.get(*place).is_some_and(|c| !is_other(&c.key));
        let (mine, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
            inputs.into_iter().partition(|((_, key, _), _)| !is_other(key));
        let (my_timers, other_timers): (BTreeSet<_>, BTreeSet<_>) =
            timers.into_iter().partition(|(_, place)| of_group(place));
        (self.inputs, self.timers) = (mine, my_timers);
        let looked_to_ms = self.looked_to_ms;
        let mut out = Vec::new();
        self.run_to(to_ms.saturating_sub(1), judged_ms, &mut out);
        self.looked_to_ms = looked_to_ms;
        self.inputs.extend(others);
        self.timers.extend(other_timers);
        out
    }

    /// Up to where composites have been looked at.
    pub(crate) fn looked_to_ms(&self) -> i64 {
        self.looked_to_ms
    }
}
