//! Rules over several alarms or channels: votes and boolean conditions.
//!
//! They see begins and ends of other alarms in order of event time, a little later than the alarms
//! themselves (twice the longest reorder window and [`HOLD_MS`]), so that the order in which
//! channels arrive does not matter. The moments they give are those of the alarms they follow from,
//! or of the reading with which a delay is over. Must never delay the alarms they are made of.

mod composite;
mod plan;
mod story;
pub mod wind;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use siskin_model::{ChannelIndex, Edge, Quantity, Reading};

pub(crate) use self::composite::Key;
use self::story::{Around, Heard, Input, Story};
use self::wind::Wind;
use crate::channel::{RawEdge, SILENCE};
use crate::contrast::Contrasts;
use crate::plan::Plan;

/// Channels may be this far behind each other, beside twice the longest reorder window: a reading
/// may come as late as the window, and then waits as long. Silence is looked for once a second.
pub const HOLD_MS: i64 = 2_000;

/// All rules over other alarms of a site.
#[derive(Debug, Clone, Default)]
pub(crate) struct Composer {
    /// Channels that must be judged again together.
    groups: BTreeMap<u32, Vec<u32>>,
    /// Each group's composites, by its first channel.
    stories: BTreeMap<u32, Story>,
    /// Those that have something to look at.
    busy: BTreeSet<u32>,
    /// Those with composites that ask about the wind.
    windy: Vec<u32>,
    wind_of: BTreeMap<u32, Quantity>,
    wind: Wind,
    heard: Heard,
    hold_ms: i64,
    looked_to_ms: i64,
}

/// A past of one group of channels that is looked at again.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// Channels of the group, in order.
    pub(crate) channels: Vec<u32>,
    /// Composites begin here, with what the record says was raised.
    pub(crate) rewarm_ms: i64,
    /// Their own begins and ends count from here on; before, the record says what they were.
    pub(crate) from_ms: i64,
    /// Up to where they are looked at; what comes after waits for [`Composer::run`].
    pub(crate) up_to_ms: i64,
    /// What was raised before the first of `recorded`.
    pub(crate) begun: Vec<Key>,
    /// What was raised just before `from_ms`.
    pub(crate) raised: Vec<Key>,
    /// Recorded begins and ends before `from_ms`: since the rewarmed stretch began and, of votes
    /// that remember, somewhat longer. In order of time.
    pub(crate) recorded: Vec<(i64, Key, Edge)>,
    /// Begins and ends of the other alarms from `from_ms` on, and silences.
    pub(crate) edges: Vec<(u32, RawEdge)>,
    /// Judged readings since `rewarm_ms`, in order of time.
    pub(crate) heard: BTreeMap<u32, Vec<i64>>,
}

impl Composer {
    pub(crate) fn new(plan: &Plan, contrasts: &Contrasts) -> Self {
        let composites = plan::composites(plan);
        let groups = plan::groups(&composites, contrasts);
        let windows = plan.channels.iter().map(|known| known.reorder_window_ms);
        let mut stories: BTreeMap<u32, Story> = BTreeMap::new();
        let mut heard: Heard = vec![None; plan.channels.len()];
        for composite in composites {
            if let Some(heard) = heard.get_mut(composite.key.0 as usize) {
                *heard = Some(VecDeque::new());
            }
            stories.entry(first_of(&groups, composite.key.0)).or_default().put(composite);
        }
        let windy = stories.iter().filter(|(_, story)| story.asks_wind());
        let windy: Vec<u32> = windy.map(|(first, _)| *first).collect();
        Self {
            wind_of: if windy.is_empty() { BTreeMap::new() } else { plan::wind_channels(plan) },
            hold_ms: 2 * windows.max().unwrap_or(0) + HOLD_MS,
            groups,
            stories,
            windy,
            heard,
            looked_to_ms: i64::MIN,
            ..Self::default()
        }
    }

    /// Whether the site has such rules.
    #[inline]
    pub(crate) fn is_needed(&self) -> bool {
        !self.stories.is_empty()
    }

    #[inline]
    pub(crate) fn hears_wind(&self) -> bool {
        !self.wind_of.is_empty()
    }

    /// A judged reading of a channel. Says whether it comes too late: a delay might have been over
    /// with it where everything was looked at already.
    #[inline]
    pub(crate) fn heard(&mut self, channel: u32, t_ms: i64) -> bool {
        let Some(Some(heard)) = self.heard.get_mut(channel as usize) else { return false };
        // The newest one that was looked at says how long the channel has been silent.
        while heard.get(1).is_some_and(|at_ms| *at_ms <= self.looked_to_ms) {
            heard.pop_front();
        }
        heard.push_back(t_ms);
        t_ms <= self.looked_to_ms && self.is_waiting(channel)
    }

    #[cold]
    fn is_waiting(&self, channel: u32) -> bool {
        let story = self.stories.get(&first_of(&self.groups, channel));
        story.is_some_and(|story| story.is_waiting(channel))
    }

    /// Whether composites sit on the channel: they need to know when it was judged.
    pub(crate) fn hears(&self, channel: u32) -> bool {
        matches!(self.heard.get(channel as usize), Some(Some(_)))
    }

    /// A reading that may be of the wind.
    pub(crate) fn wind(&mut self, reading: &Reading) {
        let t_ms = reading.measured_at.as_millis();
        let value = reading.value.filter(|_| reading.quality.is_judged());
        let is_new = match (self.wind_of.get(&reading.channel.0), value) {
            (Some(Quantity::WindSpeed), Some(m_s)) => self.wind.speed(t_ms, m_s),
            (Some(Quantity::WindDirection), Some(deg)) => self.wind.direction(t_ms, deg),
            _ => return,
        };
        if !is_new {
            return;
        }
        for first in &self.windy {
            if let Some(story) = self.stories.get_mut(first) {
                let coming = wind::turns_ms(t_ms).into_iter().filter(|at| *at > self.looked_to_ms);
                coming.for_each(|at_ms| story.wind_turns(at_ms));
                self.busy.insert(*first);
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

    /// Up to where it has looked.
    pub(crate) fn looked_to_ms(&self) -> i64 {
        self.looked_to_ms
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

    /// Takes in an edge if any composite asks about it, and silences of their channels. Says
    /// whether it comes too late: that moment was looked at already and must be judged again.
    pub(crate) fn add(&mut self, channel: u32, raw: &RawEdge) -> bool {
        let first = first_of(&self.groups, channel);
        let Some(story) = self.stories.get_mut(&first) else { return false };
        if raw.at_ms <= self.looked_to_ms {
            return raw.rule == SILENCE || story.asks((channel, raw.rule));
        }
        if add(story, channel, raw) {
            self.busy.insert(first);
        }
        false
    }

    /// Looks at everything up to `event_ms` less the hold, and gives the composites' own edges.
    pub(crate) fn run(&mut self, event_ms: i64, out: &mut Vec<(u32, RawEdge)>) {
        let up_to_ms = self.looks_to_ms(event_ms);
        let around = Around { heard: &self.heard, wind: &self.wind };
        self.busy.retain(|first| {
            let Some(story) = self.stories.get_mut(first) else { return false };
            story.run(up_to_ms, around, Some(out));
            !story.is_idle()
        });
        self.looked_to_ms = self.looked_to_ms.max(up_to_ms);
    }

    /// Whether a composite's alarm is raised; none if the rule is no composite on the channel.
    pub(crate) fn is_raised(&self, key: Key) -> Option<bool> {
        self.stories.get(&first_of(&self.groups, key.0))?.is_raised(key)
    }

    /// Makes the composites of a group agree with the record; running delays that agree are kept.
    pub(crate) fn agree(&mut self, channels: &[u32], is_raised: &dyn Fn(Key) -> bool) {
        let story = channels.first().and_then(|first| self.stories.get_mut(first));
        if let Some(story) = story {
            let keys: Vec<Key> = story.keys().collect();
            for key in keys {
                story.agree(key, is_raised(key));
            }
        }
    }

    /// Looks at a past of one group again. Gives the composites' edges from `from_ms` on.
    pub(crate) fn again(&mut self, past: &Past) -> Vec<(u32, RawEdge)> {
        let mut out = Vec::new();
        let Some(first) = past.channels.first().copied() else { return out };
        let Some(mut story) = self.stories.remove(&first) else { return out };
        self.hear_again(past);
        let around = Around { heard: &self.heard, wind: &self.wind };
        begin(&mut story, past, around.wind);
        story.run(past.from_ms - 1, around, None);
        let keys: Vec<Key> = story.keys().collect();
        for key in keys {
            story.agree(key, past.raised.contains(&key));
        }
        story.look_at_all(past.from_ms);
        story.run(past.up_to_ms, around, Some(&mut out));
        self.stories.insert(first, story);
        self.busy.insert(first);
        out
    }

    fn hear_again(&mut self, past: &Past) {
        for channel in &past.channels {
            if let Some(Some(heard)) = self.heard.get_mut(*channel as usize) {
                *heard = past.heard.get(channel).into_iter().flatten().copied().collect();
            }
        }
    }
}

/// A story as it was when the rewarmed stretch began, with what comes in from there on.
fn begin(story: &mut Story, past: &Past, wind: &Wind) {
    story.forget();
    for key in &past.begun {
        story.note(*key, Edge::Raise, i64::MIN);
        story.agree(*key, true);
    }
    for (at_ms, key, edge) in &past.recorded {
        if *at_ms < past.rewarm_ms {
            story.note(*key, *edge, *at_ms);
            story.agree(*key, *edge == Edge::Raise);
        } else {
            story.add(*at_ms, Input::Edge(*key, *edge));
        }
    }
    story.look_at_all(past.rewarm_ms);
    for at_ms in wind.turns_since_ms(past.rewarm_ms) {
        story.wind_turns(at_ms);
    }
    for (channel, raw) in &past.edges {
        add(story, *channel, raw);
    }
}

fn add(story: &mut Story, channel: u32, raw: &RawEdge) -> bool {
    let key = (channel, raw.rule);
    if raw.rule == SILENCE {
        #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
        let gap_ms = raw.judged.map_or(0, |gap_ms| gap_ms as i64);
        story.add(raw.at_ms, Input::Silence { channel, gap_ms });
    } else if story.asks(key) {
        story.add(raw.at_ms, Input::Edge(key, raw.edge));
    } else {
        return false;
    }
    true
}

/// The first channel of the group that a channel belongs to.
fn first_of(groups: &BTreeMap<u32, Vec<u32>>, channel: u32) -> u32 {
    groups.get(&channel).and_then(|group| group.first().copied()).unwrap_or(channel)
}
