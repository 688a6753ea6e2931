//! Channels in shards that can be judged apart: votes and contrasts link the channels they look
//! at, and the wind is heard by every shard that asks for it. Everything else looks at one channel
//! alone. Must never part channels whose alarms depend on each other.

use std::collections::BTreeMap;

use siskin_config::Settings;
use siskin_engine::rule::Span;
use siskin_engine::{Binding, Rule, RuleKind, RuleSet};
use siskin_model::{AreaId, ChannelIndex, Quantity, Site};

/// Channels that are judged by one engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shard {
    /// The channels whose alarms this shard tells, then those it only hears.
    pub(crate) channels: Vec<u32>,
    /// How many of them it tells.
    pub(crate) owned: usize,
}

/// The shards of a site under all `sets` of rules (which have the same channels).
pub(crate) fn shards(sets: &[Settings]) -> Vec<Shard> {
    let Some(first) = sets.first() else { return Vec::new() };
    let count = first.site.channels.len();
    let mut linked = Linked::new(count);
    let mut asks_wind = false;
    for set in sets {
        for rule in &set.rules.rules {
            asks_wind |= matches!(rule.kind, RuleKind::Vote { wind: Some(_), .. });
            link(set, rule, &mut linked);
        }
    }
    let winds: Vec<u32> = if asks_wind { wind_channels(&first.site) } else { Vec::new() };
    let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for channel in (0u32..).take(count) {
        groups.entry(linked.root(channel)).or_default().push(channel);
    }
    let made = |mut channels: Vec<u32>| {
        let owned = channels.len();
        let more: Vec<u32> = winds.iter().copied().filter(|w| !channels.contains(w)).collect();
        if owned > 1 {
            channels.extend(more);
        }
        Shard { channels, owned }
    };
    groups.into_values().map(made).collect()
}

/// Links the channels that a rule over several channels, or one of the rules it counts, judges.
fn link(set: &Settings, rule: &Rule, linked: &mut Linked) {
    let (of, span) = match &rule.kind {
        RuleKind::Vote { of, span, .. } => (of.as_slice(), span),
        RuleKind::Contrast { span, .. } => (&[][..], span),
        _ => return,
    };
    let mut first_of: BTreeMap<(&str, Option<&AreaId>), u32> = BTreeMap::new();
    for binding in &set.rules.bindings {
        let bound = set.rules.rules.get(binding.rule);
        let counts = bound.is_some_and(|bound| bound.id == rule.id || of.contains(&bound.id));
        let Some(channel) = set.site.channel(binding.channel).filter(|_| counts) else { continue };
        let area = (*span == Span::Area).then_some(&channel.area);
        let first = first_of.entry((channel.quantity.as_str(), area)).or_insert(binding.channel.0);
        linked.join(*first, binding.channel.0);
    }
}

fn wind_channels(site: &Site) -> Vec<u32> {
    let is_wind =
        |quantity: &Quantity| matches!(quantity, Quantity::WindSpeed | Quantity::WindDirection);
    let winds = site.indexed().filter(|(_, channel)| is_wind(&channel.quantity));
    winds.map(|(index, _)| index.0).collect()
}

/// Which channels belong together (union and find).
struct Linked(Vec<u32>);

impl Linked {
    fn new(count: usize) -> Self {
        Self((0u32..).take(count).collect())
    }

    fn up(&self, channel: u32) -> u32 {
        self.0.get(channel as usize).copied().unwrap_or(channel)
    }

    fn root(&mut self, channel: u32) -> u32 {
        let mut at = channel;
        while self.up(at) != at {
            let above = self.up(self.up(at));
            if let Some(slot) = self.0.get_mut(at as usize) {
                *slot = above;
            }
            at = above;
        }
        at
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(slot) = self.0.get_mut(a.max(b) as usize) {
            *slot = a.min(b);
        }
    }
}

/// A rule set with what is needed to cut shards out of it.
#[derive(Debug)]
pub(crate) struct Cutter<'a> {
    settings: &'a Settings,
    site: Site,
    bindings: BTreeMap<u32, Vec<Binding>>,
}

impl<'a> Cutter<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        let site = Site { channels: Vec::new(), ..settings.site.clone() };
        let mut bindings: BTreeMap<u32, Vec<Binding>> = BTreeMap::new();
        for binding in &settings.rules.bindings {
            bindings.entry(binding.channel.0).or_default().push(*binding);
        }
        Self { settings, site, bindings }
    }

    /// Site and rules with the shard's channels alone, in the shard's order.
    pub(crate) fn cut(&self, shard: &Shard) -> (Site, RuleSet) {
        let mut site = self.site.clone();
        let mut bindings = Vec::new();
        for (place, channel) in (0u32..).map(ChannelIndex).zip(&shard.channels) {
            site.channels.extend(self.settings.site.channel(ChannelIndex(*channel)).cloned());
            let own = self.bindings.get(channel).into_iter().flatten();
            bindings.extend(own.map(|binding| Binding { channel: place, ..*binding }));
        }
        (site, RuleSet { rules: self.settings.rules.rules.clone(), bindings })
    }
}
