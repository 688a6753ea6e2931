//! Rules that compare the channels of a gas with each other: one stands out, and did not before.
//!
//! What all channels share (regional background, weather, a common drift) cancels out, and so does
//! what has been so for hours. Channels are compared step by step: a step is the time (t − step, t]
//! with t a whole number of steps since 1970, and a channel's mean stands for it. A step is judged
//! once every channel has had the time to deliver it. Missing steps are never filled in.
//!
//! One alarm per group; it sits on the channel that stood out most when it began.

mod group;
mod signal;

use std::collections::BTreeMap;

use self::group::Group;
use crate::channel::RawEdge;
use crate::compose::Past;
use crate::plan::Plan;
use crate::rule::{RuleKind, Span};

pub(crate) use self::group::Sample;

/// All such rules of a site.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contrasts {
    groups: Vec<Group>,
    /// Groups and the place in each, by channel.
    member_of: BTreeMap<u32, Vec<(usize, usize)>>,
}

impl Contrasts {
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut members: BTreeMap<(u32, String), Vec<u32>> = BTreeMap::new();
        for (index, known) in plan.indexed() {
            for (place, rule) in plan.on(index.0) {
                let RuleKind::Contrast { span, .. } = &rule.kind else { continue };
                let area = match span {
                    Span::Area => known.area.to_string(),
                    Span::Site => String::new(),
                };
                let name = format!("{}\u{0}{area}", known.quantity.as_str());
                members.entry((place, name)).or_default().push(index.0);
            }
        }
        let mut contrasts = Self::default();
        for ((place, _), channels) in members {
            let Some(group) = Group::new(plan, place, &channels) else { continue };
            for (member, channel) in channels.iter().enumerate() {
                let of = contrasts.member_of.entry(*channel).or_default();
                of.push((contrasts.groups.len(), member));
            }
            contrasts.groups.push(group);
        }
        contrasts
    }

    /// Whether the site has such rules.
    #[inline]
    pub(crate) fn is_needed(&self) -> bool {
        !self.groups.is_empty()
    }

    /// The channels of each group.
    pub(crate) fn linked(&self) -> impl Iterator<Item = &[u32]> {
        self.groups.iter().map(Group::channels)
    }

    /// Whether a channel belongs to a group.
    pub(crate) fn has(&self, channel: u32) -> bool {
        self.member_of.contains_key(&channel)
    }

    /// A judged sample. Says whether it comes too late: its step was judged without it.
    pub(crate) fn sample(&mut self, channel: u32, sample: Sample) -> bool {
        let mut is_late = false;
        for (group, member) in self.member_of.get(&channel).into_iter().flatten() {
            if let Some(group) = self.groups.get_mut(*group) {
                is_late |= !group.sample(*member, sample);
            }
        }
        is_late
    }

    /// Judges the steps that end by `up_to_ms`.
    pub(crate) fn run(&mut self, up_to_ms: i64, out: &mut Vec<(u32, RawEdge)>) {
        for group in &mut self.groups {
            group.run(up_to_ms, out);
        }
    }

    /// Whether an alarm is raised; none if the rule is no contrast on the channel.
    pub(crate) fn is_raised(&self, (channel, rule): (u32, u32)) -> Option<bool> {
        let of = self.member_of.get(&channel)?;
        let mut groups = of.iter().filter_map(|(group, _)| self.groups.get(*group));
        let group = groups.find(|group| group.rule() == rule)?;
        Some(group.raised_on() == Some(channel))
    }

    /// Makes the alarms of these channels' groups agree with what is raised.
    pub(crate) fn agree(&mut self, channels: &[u32], active: &[(u32, u32)]) {
        for group in &mut self.groups {
            if group.channels().iter().any(|channel| channels.contains(channel)) {
                group.agree(active);
            }
        }
    }

    /// Judges the groups of these channels anew: `samples` of all of them in order of time, from
    /// the begin of what the groups look at. Gives the edges from `from_ms` on.
    pub(crate) fn again(
        &mut self,
        past: &Past,
        samples: &BTreeMap<u32, &[Sample]>,
    ) -> Vec<(u32, RawEdge)> {
        let mut out = Vec::new();
        for group in &mut self.groups {
            if group.channels().iter().any(|channel| past.channels.contains(channel)) {
                group.again(past, samples, &mut out);
            }
        }
        out
    }
}
