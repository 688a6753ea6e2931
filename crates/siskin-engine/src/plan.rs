//! What is judged on which channel: the site and its rules in the engine's own numbers.
//!
//! Fixed between two changes of rules. Must never hold state of the air.

use std::collections::BTreeMap;

use siskin_model::site::{Position, Range};
use siskin_model::{Alarm, AreaId, ChannelId, ChannelIndex, GasId, Quantity, RuleId, Site, Unit};

use crate::channel::Channel;
use crate::engine::EngineError;
use crate::rule::{Rule, RuleKind, RuleSet};

/// The stretch that is judged again before a span is this many times the longest delay, so that
/// every delay that runs at its begin began inside it.
const REWARM_DELAYS: i64 = 4;

/// A channel as the engine needs it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Known {
    pub(crate) id: ChannelId,
    pub(crate) area: AreaId,
    pub(crate) quantity: Quantity,
    pub(crate) unit: Unit,
    pub(crate) position: Position,
    pub(crate) reorder_window_ms: i64,
    resolution: f64,
    range: Range,
    /// Place of each rule that judges it, and the factor of the units.
    pub(crate) rules: Vec<(u32, f64)>,
}

/// The site and its rules.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) channels: Vec<Known>,
    pub(crate) rules: Vec<Rule>,
    /// Limits in the channel's unit, by channel and rule.
    limits: BTreeMap<(u32, u32), f64>,
}

impl Known {
    pub(crate) fn gas(&self) -> Option<&GasId> {
        self.quantity.gas()
    }
}

impl Plan {
    pub(crate) fn new(site: &Site, rules: &RuleSet) -> Result<Self, EngineError> {
        let analyzer = |index: usize| site.analyzers.get(index);
        let mut channels: Vec<_> = site
            .channels
            .iter()
            .map(|channel| Known {
                id: channel.id.clone(),
                area: channel.area.clone(),
                quantity: channel.quantity.clone(),
                unit: channel.unit,
                position: analyzer(channel.analyzer)
                    .map_or(Position { x_m: 0.0, y_m: 0.0 }, |a| a.position),
                reorder_window_ms: analyzer(channel.analyzer)
                    .map_or(0, |a| i64::from(a.reorder_window_ms)),
                resolution: channel.resolution,
                range: channel.range,
                rules: Vec::new(),
            })
            .collect();
        let mut limits = BTreeMap::new();
        for binding in &rules.bindings {
            let no_rule = || EngineError::NoRule(binding.rule);
            let rule = rules.rules.get(binding.rule).ok_or_else(no_rule)?;
            let place = u32::try_from(binding.rule).map_err(|_| no_rule())?;
            let no_channel =
                || EngineError::NoChannel { rule: rule.id.to_string(), channel: binding.channel.0 };
            let channel = channels.get_mut(binding.channel.get()).ok_or_else(no_channel)?;
            channel.rules.push((place, binding.factor));
            if let Some(limit) = limit_of(rule) {
                limits.insert((binding.channel.0, place), limit * binding.factor);
            }
        }
        Ok(Self { channels, rules: rules.rules.clone(), limits })
    }

    pub(crate) fn known(&self, channel: u32) -> Option<&Known> {
        self.channels.get(channel as usize)
    }

    pub(crate) fn rule(&self, place: u32) -> Option<&Rule> {
        self.rules.get(place as usize)
    }

    /// A channel that has seen nothing yet.
    pub(crate) fn channel(&self, known: &Known) -> Channel {
        let mut channel = Channel::new(known.resolution, known.range);
        for (place, factor) in &known.rules {
            if let Some(rule) = self.rule(*place) {
                channel.bind(*place, rule, *factor);
            }
        }
        channel
    }

    /// The fixed limit of a rule on a channel, in the channel's unit.
    pub(crate) fn limit(&self, channel: u32, rule: u32) -> Option<f64> {
        self.limits.get(&(channel, rule)).copied()
    }

    /// Channel and rule of an alarm, where the rule judges the channel.
    pub(crate) fn place_of(&self, alarm: &Alarm) -> Option<(u32, u32)> {
        let channel = self.channels.iter().position(|known| known.id == alarm.channel)?;
        let channel = u32::try_from(channel).ok()?;
        Some((channel, self.place_on(channel, alarm)?))
    }

    /// The rule of an alarm of `channel`, where the rule judges it.
    pub(crate) fn place_on(&self, channel: u32, alarm: &Alarm) -> Option<u32> {
        let rules = self.on(channel);
        rules.into_iter().find(|(_, rule)| rule.id == alarm.rule).map(|(place, _)| place)
    }

    /// The rules that judge a channel.
    pub(crate) fn on(&self, channel: u32) -> Vec<(u32, &Rule)> {
        let known = self.known(channel);
        let places = known.into_iter().flat_map(|known| &known.rules);
        places.filter_map(|(place, _)| Some((*place, self.rule(*place)?))).collect()
    }

    /// How much past a channel's rules look at.
    pub(crate) fn reach_ms(&self, channel: u32) -> i64 {
        self.on(channel).iter().map(|(_, rule)| rule.kind.reach_ms()).max().unwrap_or(0)
    }

    /// How long before a span judging must begin so that running delays are right at its begin.
    pub(crate) fn rewarm_ms(&self, channel: u32) -> i64 {
        let longest = |rule: &Rule| rule.on_delay_ms.max(rule.off_delay_ms).max(rule.gap_ms);
        REWARM_DELAYS * self.on(channel).iter().map(|(_, r)| longest(r)).max().unwrap_or(0)
    }

    /// Whether the channels are the same, whatever their rules.
    pub(crate) fn has_channels_of(&self, other: &Self) -> bool {
        let bare = |known: &Known| Known { rules: Vec::new(), ..known.clone() };
        self.channels.len() == other.channels.len()
            && self.channels.iter().zip(&other.channels).all(|(a, b)| bare(a) == bare(b))
    }

    /// The rules of a channel as they are judged there.
    fn judged_on(&self, channel: u32) -> Vec<(u32, &Rule, f64)> {
        let places = self.known(channel).into_iter().flat_map(|known| &known.rules);
        places.filter_map(|(place, factor)| Some((*place, self.rule(*place)?, *factor))).collect()
    }

    /// Whether the very same rules judge a channel in both plans.
    pub(crate) fn is_same_on(&self, other: &Self, channel: u32) -> bool {
        let (mine, others) = (self.judged_on(channel), other.judged_on(channel));
        let same = |(a, b): (&(u32, &Rule, f64), &(u32, &Rule, f64))| {
            a.1 == b.1 && a.2.to_bits() == b.2.to_bits()
        };
        mine.len() == others.len() && mine.iter().zip(&others).all(same)
    }

    /// Where the rules of a channel stand here, by their place in `old`.
    pub(crate) fn same_on(&self, old: &Self, channel: u32) -> BTreeMap<u32, u32> {
        let mine = self.judged_on(channel);
        let place =
            |id: &RuleId| mine.iter().find(|(_, rule, _)| rule.id == *id).map(|(place, ..)| *place);
        let before = old.judged_on(channel).into_iter();
        before.filter_map(|(was, rule, _)| Some((was, place(&rule.id)?))).collect()
    }

    /// All channels with their numbers.
    pub(crate) fn indexed(&self) -> impl Iterator<Item = (ChannelIndex, &Known)> {
        (0u32..).map(ChannelIndex).zip(&self.channels)
    }
}

fn limit_of(rule: &Rule) -> Option<f64> {
    match rule.kind {
        RuleKind::Threshold { raise_at, .. } | RuleKind::WindowMean { raise_at, .. } => {
            Some(raise_at)
        }
        RuleKind::Trend { target, .. } => Some(target),
        _ => None,
    }
}
