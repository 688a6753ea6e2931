//! One rule over other alarms, on one channel: its condition and its state.
//!
//! The condition holds from a begin or end to the next; a delay is over with the first reading of
//! the channel after it, as for rules over readings. Must never count a silence longer than the
//! rule's gap: a delay begins anew after it (invariant 2).

use std::collections::BTreeMap;

use siskin_model::Edge;

use super::wind::Wind;
use crate::machine::{Delays, State};
use crate::rule::WindGate;

/// A channel and a rule on it.
pub(crate) type Key = (u32, u32);

/// Another channel that may corroborate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Peer {
    pub(crate) channel: u32,
    /// Direction to it; none at the same place.
    pub(crate) bearing_deg: Option<f64>,
}

/// A boolean condition with rules as places.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum When {
    Rule(u32),
    And(Vec<When>),
    Or(Vec<When>),
    Not(Box<When>),
}

/// What is asked of the other alarms.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    Vote { of: Vec<u32>, needs: usize, memory_ms: i64, peers: Vec<Peer>, wind: Option<WindGate> },
    When(When),
}

/// A rule over other alarms on one channel.
#[derive(Debug, Clone)]
pub(crate) struct Composite {
    pub(crate) key: Key,
    pub(crate) ask: Ask,
    pub(crate) delays: Delays,
    pub(crate) gap_ms: i64,
    pub(crate) state: State,
    pub(crate) since_ms: i64,
    /// The reading of the channel with which the running delay is over, once it is known.
    pub(crate) wakes_ms: Option<i64>,
}

/// Which alarms are raised, and when the others ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Raised {
    alarms: BTreeMap<Key, Option<i64>>,
}

impl Raised {
    pub(crate) fn note(&mut self, key: Key, edge: Edge, at_ms: i64) {
        let ended = match edge {
            Edge::Raise => None,
            Edge::Clear => Some(at_ms),
        };
        self.alarms.insert(key, ended);
    }

    fn is_raised(&self, key: Key) -> bool {
        self.alarms.get(&key).is_some_and(Option::is_none)
    }

    /// Raised at `t_ms`, or not longer ago than `memory_ms`.
    fn counts(&self, key: Key, t_ms: i64, memory_ms: i64) -> bool {
        match self.alarms.get(&key) {
            Some(None) => true,
            Some(Some(ended_ms)) => t_ms - ended_ms < memory_ms,
            None => false,
        }
    }
}

impl When {
    fn is_met(&self, channel: u32, raised: &Raised) -> bool {
        match self {
            Self::Rule(rule) => raised.is_raised((channel, *rule)),
            Self::And(parts) => parts.iter().all(|part| part.is_met(channel, raised)),
            Self::Or(parts) => parts.iter().any(|part| part.is_met(channel, raised)),
            Self::Not(part) => !part.is_met(channel, raised),
        }
    }

    pub(crate) fn rules(&self) -> Vec<u32> {
        match self {
            Self::Rule(rule) => vec![*rule],
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::rules).collect(),
            Self::Not(part) => part.rules(),
        }
    }
}

impl Composite {
    /// The alarms it asks about.
    pub(crate) fn inputs(&self) -> Vec<Key> {
        let own = self.key.0;
        match &self.ask {
            Ask::Vote { of, peers, .. } => {
                let channels = std::iter::once(own).chain(peers.iter().map(|peer| peer.channel));
                channels.flat_map(|channel| of.iter().map(move |rule| (channel, *rule))).collect()
            }
            Ask::When(when) => when.rules().into_iter().map(|rule| (own, rule)).collect(),
        }
    }

    /// Whether time alone can change the condition: when, after an end at `ended_ms`.
    pub(crate) fn fades_ms(&self) -> Option<i64> {
        match &self.ask {
            Ask::Vote { memory_ms, .. } if *memory_ms > 0 => Some(*memory_ms),
            _ => None,
        }
    }

    pub(crate) fn asks_wind(&self) -> bool {
        matches!(&self.ask, Ask::Vote { wind: Some(_), .. })
    }

    fn is_met(&self, t_ms: i64, raised: &Raised, wind: &Wind) -> bool {
        let own = self.key.0;
        match &self.ask {
            Ask::When(when) => when.is_met(own, raised),
            Ask::Vote { of, needs, memory_ms, peers, wind: gate } => {
                let counts = |channel: u32| {
                    of.iter().any(|rule| raised.counts((channel, *rule), t_ms, *memory_ms))
                };
                let open = |peer: &Peer| match (gate, peer.bearing_deg) {
                    (Some(gate), Some(bearing_deg)) => wind.is_open(*gate, t_ms, bearing_deg),
                    _ => true,
                };
                let others = peers.iter().filter(|peer| counts(peer.channel) && open(peer));
                counts(own) && 1 + others.count() >= *needs
            }
        }
    }

    /// Looks at the other alarms at `t_ms`. A delay that is over ends with the reading at
    /// [`Self::wakes_ms`].
    pub(crate) fn look(&mut self, t_ms: i64, raised: &Raised, wind: &Wind) -> Option<Edge> {
        let met = self.is_met(t_ms, raised, wind);
        let is_over = self.wakes_ms == Some(t_ms) && self.due_ms().is_some_and(|due| due <= t_ms);
        let (state, edge) = match (self.state, met) {
            (State::Normal, true) if self.delays.on_ms == 0 => (State::Active, Some(Edge::Raise)),
            (State::Normal, true) => (State::Pending, None),
            (State::Pending, false) => (State::Normal, None),
            (State::Pending, true) if is_over => (State::Active, Some(Edge::Raise)),
            (State::Active, false) if self.delays.off_ms == 0 => (State::Normal, Some(Edge::Clear)),
            (State::Active, false) => (State::Clearing, None),
            (State::Clearing, true) => (State::Active, None),
            (State::Clearing, false) if is_over => (State::Normal, Some(Edge::Clear)),
            _ => return None,
        };
        (self.state, self.since_ms, self.wakes_ms) = (state, t_ms, None);
        edge
    }

    /// When the running delay is long enough.
    pub(crate) fn due_ms(&self) -> Option<i64> {
        match self.state {
            State::Pending => Some(self.since_ms + self.delays.on_ms),
            State::Clearing => Some(self.since_ms + self.delays.off_ms),
            State::Normal | State::Active => None,
        }
    }

    /// The channel speaks again at `t_ms` after `gap_ms`: a delay that runs begins anew. Says
    /// whether the silence was too long for this rule; then it is to be looked at.
    pub(crate) fn silence(&mut self, t_ms: i64, gap_ms: i64) -> bool {
        let is_too_long = gap_ms > self.gap_ms;
        if is_too_long && self.due_ms().is_some() {
            (self.since_ms, self.wakes_ms) = (t_ms, None);
        }
        is_too_long
    }

    pub(crate) fn is_raised(&self) -> bool {
        matches!(self.state, State::Active | State::Clearing)
    }

    /// Nothing has been seen yet.
    pub(crate) fn forget(&mut self) {
        (self.state, self.since_ms, self.wakes_ms) = (State::Normal, 0, None);
    }

    /// Makes it agree with the record; a running delay that agrees already is kept.
    pub(crate) fn agree(&mut self, raised: bool) {
        if self.is_raised() != raised {
            self.state = if raised { State::Active } else { State::Normal };
            self.wakes_ms = None;
        }
    }
}
