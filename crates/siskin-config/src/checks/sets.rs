//! Bundled rule sets on channels that they do not fit: a set cannot know how far a detector reaches
//! or which tiers a site uses.
//!
//! A rule of the site that cannot be reached is an error; one of a set is left out on that channel,
//! and that is noted at every check. Must never leave a channel without a rule about its gas: that
//! is still an error (`coverage`).

use std::collections::BTreeMap;

use siskin_engine::Binding;

use super::limits::limits;
use super::{Context, PlacedChannel, PlacedRule, reach, setpoints};
use crate::problems::{Draft, Problems};
use crate::written::rules::WrittenRule;

const HINT_RANGE: &str = "over-range there counts as the end of the range: use a device with a \
                          wider range, or give the channel rules of its own";

/// Whether a rule of a set is for a tier below all that the site uses; then it is left out.
pub(super) fn is_below_the_tiers(
    rule: &WrittenRule,
    context: &Context<'_>,
    problems: &mut Problems,
) -> bool {
    let (Some(_), Some(tier)) = (&rule.set, rule.tier) else {
        return false;
    };
    if context.tiers.iter().any(|used| *used <= tier.value) {
        return false;
    }
    let message = format!(
        "rule `{}` is for {}, which this site does not use: it is left out",
        rule.id.value,
        tier.value.as_str()
    );
    let hint = "add the tier to `tiers` in site.toml if the site should have it";
    problems.note(Draft::new(message, hint).at(tier.place, ""));
    true
}

/// The bindings without those of a set's rules that the channel cannot reach.
pub(super) fn within_reach(
    rules: &[PlacedRule],
    bindings: Vec<Binding>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Vec<Binding> {
    let mut left_out: BTreeMap<usize, Vec<&PlacedChannel>> = BTreeMap::new();
    let mut kept = Vec::with_capacity(bindings.len());
    for binding in bindings {
        let rule = rules.get(binding.rule).filter(|rule| rule.written.set.is_some());
        let placed = context.channel(binding.channel).filter(|placed| placed.sound);
        match (rule, placed) {
            (Some(rule), Some(placed)) if is_beyond(rule, placed, binding.factor) => {
                left_out.entry(binding.rule).or_default().push(placed);
            }
            _ => kept.push(binding),
        }
    }
    for (rule, channels) in left_out {
        let (Some(rule), Some(first)) = (rules.get(rule), channels.first()) else {
            continue;
        };
        let (id, channel, more) =
            (&rule.rule.id, &first.channel, setpoints::and_more(channels.len()));
        let message = format!(
            "rule `{id}` lies beyond the range of channel `{}`{more}, which ends at {} {}: it is \
             left out there",
            channel.id,
            setpoints::shown(channel.range.high),
            channel.unit.as_str()
        );
        problems.note(Draft::new(message, HINT_RANGE).at(first.range, ""));
    }
    kept
}

fn is_beyond(rule: &PlacedRule, placed: &PlacedChannel, factor: f64) -> bool {
    limits(rule).is_some_and(|limits| setpoints::is_beyond(&limits, placed, factor))
        || reach::is_dose_beyond(&rule.rule.kind, placed, factor)
}
