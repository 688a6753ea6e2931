//! What happened on one group of linked channels, moment after moment.
//!
//! Everything of one moment is taken in before any composite is looked at, and each composite is
//! looked at once, after those it asks about. So the composites' begins and ends are a function of
//! the begins and ends, the silences and the readings that go in, whatever order they came in. Must
//! never complete a delay without a reading of the composite's own channel (invariant 2).

use std::collections::{BTreeMap, BTreeSet};

use siskin_model::Edge;

use super::composite::{Composite, Key, Raised};
use super::wind::Wind;
use crate::channel::RawEdge;
use crate::machine::State;

/// What comes in at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Input {
    /// A begin or end of an alarm.
    Edge(Key, Edge),
    /// The first judged reading of a channel after this long.
    Silence { channel: u32, gap_ms: i64 },
}

/// When judged readings of the channels came, by channel; only of those with composites.
pub(super) type Heard = Vec<Option<std::collections::VecDeque<i64>>>;

/// What composites may look at beside alarms.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) heard: &'a Heard,
    pub(super) wind: &'a Wind,
}

/// One group: its composites and what is not looked at yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Story {
    /// In an order in which each asks only about those before it.
    composites: Vec<Composite>,
    /// Which composites ask about an alarm.
    asking: BTreeMap<Key, Vec<usize>>,
    raised: Raised,
    inputs: BTreeMap<i64, Vec<Input>>,
    /// Moments at which composites must be looked at without anything coming in.
    timers: BTreeSet<(i64, usize)>,
    /// Composites whose delay runs and waits for a reading that did not come yet.
    waiting: BTreeSet<usize>,
}

impl Story {
    /// `composite` comes after those it asks about.
    pub(super) fn put(&mut self, composite: Composite) {
        let place = self.composites.len();
        for key in composite.inputs() {
            self.asking.entry(key).or_default().push(place);
        }
        self.composites.push(composite);
    }

    /// Whether there is nothing to look at.
    pub(super) fn is_idle(&self) -> bool {
        self.inputs.is_empty() && self.timers.is_empty() && self.waiting.is_empty()
    }

    /// Whether a delay runs on a channel and waits for a reading.
    pub(super) fn is_waiting(&self, channel: u32) -> bool {
        let mut waiting = self.waiting.iter().filter_map(|place| self.composites.get(*place));
        waiting.any(|composite| composite.key.0 == channel)
    }

    pub(super) fn asks(&self, key: Key) -> bool {
        self.asking.contains_key(&key)
    }

    pub(super) fn asks_wind(&self) -> bool {
        self.composites.iter().any(Composite::asks_wind)
    }

    /// Whether a composite's alarm is raised; none if the rule is no composite on the channel.
    pub(super) fn is_raised(&self, key: Key) -> Option<bool> {
        self.composites.iter().find(|c| c.key == key).map(Composite::is_raised)
    }

    /// The keys of its composites.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.composites.iter().map(|composite| composite.key)
    }

    pub(super) fn add(&mut self, at_ms: i64, input: Input) {
        let inputs = self.inputs.entry(at_ms).or_default();
        if !inputs.contains(&input) {
            inputs.push(input);
        }
    }

    /// The wind may have turned at `at_ms`.
    pub(super) fn wind_turns(&mut self, at_ms: i64) {
        for (place, composite) in self.composites.iter().enumerate() {
            if composite.asks_wind() {
                self.timers.insert((at_ms, place));
            }
        }
    }

    /// Every composite is looked at, at `at_ms`.
    pub(super) fn look_at_all(&mut self, at_ms: i64) {
        self.timers.extend((0..self.composites.len()).map(|place| (at_ms, place)));
    }

    /// Nothing is known any more.
    pub(super) fn forget(&mut self) {
        self.raised = Raised::default();
        self.inputs.clear();
        self.timers.clear();
        self.waiting.clear();
        self.composites.iter_mut().for_each(Composite::forget);
    }

    /// An alarm that began or ended before what comes next; nobody looks.
    pub(super) fn note(&mut self, key: Key, edge: Edge, at_ms: i64) {
        let Some(asking) = self.asking.get(&key) else { return };
        self.raised.note(key, edge, at_ms);
        for place in asking {
            let fades_ms = self.composites.get(*place).and_then(Composite::fades_ms);
            if let Some(fades_ms) = fades_ms.filter(|_| edge == Edge::Clear) {
                self.timers.insert((at_ms + fades_ms, *place));
            }
        }
    }

    /// Makes one composite agree with the record; a running delay that agrees is kept.
    pub(super) fn agree(&mut self, key: Key, raised: bool) {
        if let Some(composite) = self.composites.iter_mut().find(|c| c.key == key) {
            composite.agree(raised);
        }
    }

    /// Looks at everything up to `up_to_ms`. What the composites say goes to `out`; without it the
    /// record knows it already, and their begins and ends come in with the others.
    pub(super) fn run(
        &mut self,
        up_to_ms: i64,
        around: Around<'_>,
        mut out: Option<&mut Vec<(u32, RawEdge)>>,
    ) {
        for place in std::mem::take(&mut self.waiting) {
            self.wake(place, around);
        }
        loop {
            let input_ms = self.inputs.first_key_value().map(|(at_ms, _)| *at_ms);
            let timer_ms = self.timers.first().map(|timer| timer.0);
            let next_ms = input_ms.into_iter().chain(timer_ms).min();
            let Some(at_ms) = next_ms.filter(|at_ms| *at_ms <= up_to_ms) else { return };
            let is_by_time = input_ms != Some(at_ms);
            let mut dirty = self.take_in(at_ms, out.is_none());
            while let Some(place) = dirty.pop_first() {
                if is_by_time && self.is_silent(at_ms, place, around) {
                    continue;
                }
                let edge = self.look(at_ms, place, around);
                if let Some((edge, key, out)) = edge.zip(out.as_mut()).map(|((e, k), o)| (e, k, o))
                {
                    let (channel, rule) = key;
                    let none = (None, None, None);
                    let (judged, limit, forecast) = none;
                    out.push((channel, RawEdge { at_ms, rule, edge, judged, limit, forecast }));
                    self.note(key, edge, at_ms);
                    let asking = self.asking.get(&key).into_iter().flatten().copied();
                    dirty.extend(asking.filter(|asking| *asking > place));
                }
            }
        }
    }

    /// Takes in what belongs to a moment; gives the composites to look at.
    fn take_in(&mut self, at_ms: i64, is_recorded: bool) -> BTreeSet<usize> {
        let mut dirty = BTreeSet::new();
        while let Some((_, place)) = self.timers.first().copied().filter(|t| t.0 == at_ms) {
            self.timers.pop_first();
            dirty.insert(place);
        }
        for input in self.inputs.remove(&at_ms).unwrap_or_default() {
            match input {
                Input::Edge(key, edge) => {
                    if is_recorded {
                        self.agree(key, edge == Edge::Raise);
                    }
                    self.note(key, edge, at_ms);
                    dirty.extend(self.asking.get(&key).into_iter().flatten());
                }
                Input::Silence { channel, gap_ms } => {
                    for (place, composite) in self.composites.iter_mut().enumerate() {
                        if composite.key.0 == channel && composite.silence(at_ms, gap_ms) {
                            dirty.insert(place);
                        }
                    }
                }
            }
        }
        dirty
    }

    /// Whether time alone could raise a composite whose channel says nothing: the wind that turned,
    /// or is not known any more, says nothing about the air there (invariant 2).
    fn is_silent(&self, at_ms: i64, place: usize, around: Around<'_>) -> bool {
        let Some(composite) = self.composites.get(place).filter(|c| c.state == State::Normal)
        else {
            return false;
        };
        let heard = around.heard.get(composite.key.0 as usize).and_then(Option::as_ref);
        let last = heard.and_then(|heard| {
            let before = heard.partition_point(|heard_ms| *heard_ms <= at_ms).checked_sub(1)?;
            heard.get(before)
        });
        last.is_none_or(|last_ms| at_ms - last_ms > composite.gap_ms)
    }

    fn look(&mut self, at_ms: i64, place: usize, around: Around<'_>) -> Option<(Edge, Key)> {
        let composite = self.composites.get_mut(place)?;
        let edge = composite.look(at_ms, &self.raised, around.wind);
        let key = composite.key;
        self.wake(place, around);
        edge.map(|edge| (edge, key))
    }

    /// A running delay is over with the first reading of the channel that is old enough.
    fn wake(&mut self, place: usize, around: Around<'_>) {
        let Some(composite) = self.composites.get_mut(place) else { return };
        let Some(due_ms) = composite.due_ms().filter(|_| composite.wakes_ms.is_none()) else {
            return;
        };
        let heard = around.heard.get(composite.key.0 as usize).and_then(Option::as_ref);
        let after = |heard: &std::collections::VecDeque<i64>| {
            heard.get(heard.partition_point(|at_ms| *at_ms < due_ms)).copied()
        };
        composite.wakes_ms = heard.and_then(after);
        match composite.wakes_ms {
            Some(at_ms) => drop(self.timers.insert((at_ms, place))),
            None => drop(self.waiting.insert(place)),
        }
    }
}
