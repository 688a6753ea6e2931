//! The ladder: on one channel a higher tier needs a higher set point.
//!
//! Rules are compared that look at the same thing: the value, the mean or the line of one window,
//! one baseline, doses over the same time.

use std::collections::BTreeSet;

use siskin_engine::rule::{Baseline, Contrast, Side, Span, TrendMethod};
use siskin_engine::{Binding, RuleKind};

use super::limits::{Limits, limits};
use super::setpoints::shown;
use super::{Context, PlacedChannel, PlacedRule, scope};
use crate::problems::{Draft, Problems};
use crate::sources::Place;
use crate::written::rules::WrittenKind;

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
                if a.rule.tier.is_none() || a.rule.tier >= b.rule.tier {
                    continue;
                }
                let (a, b) = ((a, low.factor), (b, high.factor));
                let found = compare(a, b, placed).or_else(|| compare_doses(a, b, placed));
                if let Some(draft) = found.filter(|_| named.insert(pair)) {
                    problems.add(draft);
                }
            }
        }
    }
}

/// What a rule looks at: rules of one signal are compared.
#[derive(Debug, PartialEq)]
enum Signal<'a> {
    Value(Side),
    Mean(i64),
    Rate(i64),
    Trend(TrendMethod, i64),
    Rise(&'a Baseline, f64),
    Contrast(&'a Contrast, Span),
    Cusum(&'a Baseline, i64, Option<f64>, [f64; 2]),
}

fn signal(kind: &RuleKind) -> Option<Signal<'_>> {
    match kind {
        RuleKind::Threshold { side, .. } => Some(Signal::Value(*side)),
        RuleKind::WindowMean { window_ms, .. } => Some(Signal::Mean(*window_ms)),
        RuleKind::RateOfRise { window_ms, .. } => Some(Signal::Rate(*window_ms)),
        RuleKind::Trend { method, window_ms, .. } => Some(Signal::Trend(*method, *window_ms)),
        RuleKind::Baseline { baseline, noise_times, .. } => {
            Some(Signal::Rise(baseline, *noise_times))
        }
        RuleKind::Contrast { contrast, span, .. } => Some(Signal::Contrast(contrast, *span)),
        RuleKind::Cusum { baseline, memory_ms, whiten, allowance, clip, .. } => {
            Some(Signal::Cusum(baseline, *memory_ms, *whiten, [*allowance, *clip]))
        }
        _ => None,
    }
}

/// A rule and the factor of its unit on the channel.
type Bound<'a> = (&'a PlacedRule, f64);

fn compare(low: Bound<'_>, high: Bound<'_>, placed: &PlacedChannel) -> Option<Draft> {
    if signal(&low.0.rule.kind)? != signal(&high.0.rule.kind)? {
        return None;
    }
    let (a, b): (Limits, Limits) = (limits(low.0)?, limits(high.0)?);
    let raises = (a.raise * low.1, b.raise * high.1);
    // Of oxygen too little is bad: there a higher tier has a lower set point.
    let falls = match a.side {
        Side::High => raises.0 >= raises.1,
        Side::Low => raises.0 <= raises.1,
    };
    if falls {
        let spots = (a.raise_place, b.raise_place);
        return Some(does_not_rise(low.0, high.0, a.side, raises, spots, placed));
    }
    let (clear_low, place_low) = a.clear?;
    let (clear_high, place_high) = b.clear?;
    let (clear_low, clear_high) = (clear_low * low.1, clear_high * high.1);
    let (crossed, side, under) = match a.side {
        Side::High => (clear_low > clear_high, "below", "under"),
        Side::Low => (clear_low < clear_high, "above", "over"),
    };
    crossed.then(|| {
        let (low_tier, high_tier) = tier_names(low.0, high.0);
        let message = format!(
            "the tiers do not fall in order: `{}` ({high_tier}) clears {side} `{}` ({low_tier})",
            high.0.rule.id, low.0.rule.id
        );
        let key = b.keys.1;
        let hint = format!("give {high_tier} a `{key}` not {under} that of {low_tier}");
        let label = |value: f64| on_channel(value, placed);
        let draft = Draft::new(message, hint).at(place_high, label(clear_high));
        draft.at(place_low, label(clear_low))
    })
}

/// Two doses are compared where they state a level for the same time.
fn compare_doses(low: Bound<'_>, high: Bound<'_>, placed: &PlacedChannel) -> Option<Draft> {
    let (a, b) = (dose(low.0)?, dose(high.0)?);
    for (duration_ms, level_a, place_a) in &a {
        let same = b.iter().find(|(other_ms, ..)| other_ms == duration_ms);
        let Some((_, level_b, place_b)) = same else {
            continue;
        };
        let raises = (level_a * low.1, level_b * high.1);
        if raises.0 >= raises.1 {
            let spots = (*place_a, *place_b);
            return Some(does_not_rise(low.0, high.0, Side::High, raises, spots, placed));
        }
    }
    None
}

/// Duration, the level at which the rule raises, and where that is written.
fn dose(rule: &PlacedRule) -> Option<Vec<(i64, f64, Place)>> {
    let (WrittenKind::Dose { points: written, .. }, RuleKind::Dose { points, raise_at, .. }) =
        (&rule.written.kind, &rule.rule.kind)
    else {
        return None;
    };
    let both = points.iter().zip(&written.value);
    Some(both.map(|(p, w)| (p.duration_ms, p.limit * raise_at, w.value.limit.place)).collect())
}

fn tier_names(low: &PlacedRule, high: &PlacedRule) -> (&'static str, &'static str) {
    let name = |rule: &PlacedRule| rule.rule.tier.map_or("no tier", |tier| tier.as_str());
    (name(low), name(high))
}

fn on_channel(value: f64, placed: &PlacedChannel) -> String {
    let (unit, id) = (placed.channel.unit.as_str(), &placed.channel.id);
    format!("{} {unit} on `{id}`", shown(value))
}

fn does_not_rise(
    low: &PlacedRule,
    high: &PlacedRule,
    side: Side,
    raises: (f64, f64),
    spots: (Place, Place),
    placed: &PlacedChannel,
) -> Draft {
    let (low_tier, high_tier) = tier_names(low, high);
    let (above, higher) = match side {
        Side::High => ("above", "higher"),
        Side::Low => ("below", "lower"),
    };
    let message = format!(
        "the tiers do not rise: `{}` ({high_tier}) must raise {above} `{}` ({low_tier})",
        high.rule.id, low.rule.id
    );
    let hint = format!("give {high_tier} a {higher} set point than {low_tier}");
    let draft = Draft::new(message, hint).at(spots.1, on_channel(raises.1, placed));
    draft.at(spots.0, on_channel(raises.0, placed))
}
