//! The ladder: on one channel a higher tier needs a higher set point.
//!
//! Rules are compared that look at the same thing: the value, the mean of one window, the line of
//! one window.

use std::collections::BTreeSet;

use siskin_engine::{Binding, RuleKind};

use super::setpoints::{Limits, limits, shown};
use super::{Context, PlacedChannel, PlacedRule, scope};
use crate::problems::{Draft, Problems};

/// Checks the ladder of every channel; each pair of rules is named once.
pub(super) fn check(
    rules: &[PlacedRule],
    bindings: &[Binding],
    context: &Context<'_>,
    problems: &mut Problems,
) {
    let mut named = BTreeSet::new();
    let grouped = scope::by_channel(bindings);
    for (index, placed) in context.indexed().filter(|(_, placed)| placed.sound) {
        let on = grouped.get(&index).map_or(&[][..], Vec::as_slice);
        for low in on {
            for high in on {
                let pair = (low.rule, high.rule);
                let (Some(a), Some(b)) = (rules.get(low.rule), rules.get(high.rule)) else {
                    continue;
                };
                if a.rule.tier >= b.rule.tier || signal(&a.rule.kind) != signal(&b.rule.kind) {
                    continue;
                }
                let found = compare((a, low.factor), (b, high.factor), placed);
                if let Some(draft) = found.filter(|_| named.insert(pair)) {
                    problems.add(draft);
                }
            }
        }
    }
}

/// What a rule looks at: its kind and window.
fn signal(kind: &RuleKind) -> (u8, i64) {
    let kind_number = match kind {
        RuleKind::Threshold { .. } => 0,
        RuleKind::WindowMean { .. } => 1,
        RuleKind::Trend { .. } => 2,
        _ => 3,
    };
    (kind_number, kind.window_ms())
}

fn compare(
    (low, low_factor): (&PlacedRule, f64),
    (high, high_factor): (&PlacedRule, f64),
    placed: &PlacedChannel,
) -> Option<Draft> {
    let (a, b): (Limits, Limits) = (limits(low)?, limits(high)?);
    let (low_tier, high_tier) = (low.rule.tier?.as_str(), high.rule.tier?.as_str());
    let unit = placed.channel.unit.as_str();
    let (low_id, high_id, channel) = (&low.rule.id, &high.rule.id, &placed.channel.id);
    let (raise_low, raise_high) = (a.raise * low_factor, b.raise * high_factor);
    let label = |value: f64| format!("{} {unit} on `{channel}`", shown(value));
    if raise_low >= raise_high {
        let message = format!(
            "the tiers do not rise: `{high_id}` ({high_tier}) must raise above `{low_id}` \
             ({low_tier})"
        );
        let hint = format!("give {high_tier} a higher set point than {low_tier}");
        let draft = Draft::new(message, hint).at(b.raise_place, label(raise_high));
        return Some(draft.at(a.raise_place, label(raise_low)));
    }
    let (clear_low, place_low) = a.clear?;
    let (clear_high, place_high) = b.clear?;
    let (clear_low, clear_high) = (clear_low * low_factor, clear_high * high_factor);
    (clear_low > clear_high).then(|| {
        let message = format!(
            "the tiers do not fall in order: `{high_id}` ({high_tier}) clears below `{low_id}` \
             ({low_tier})"
        );
        let hint = format!("give {high_tier} a `clear_below` not under that of {low_tier}");
        let draft = Draft::new(message, hint).at(place_high, label(clear_high));
        draft.at(place_low, label(clear_low))
    })
}
