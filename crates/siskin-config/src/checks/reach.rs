//! Limits that are no levels against the ranges of channels: doses, jumps and standing still.

use siskin_engine::quantum::QUANTA_PER_STEP;
use siskin_engine::{Binding, RuleKind};

use super::setpoints::{and_more, shown};
use super::{Context, PlacedChannel, PlacedRule};
use crate::problems::{Draft, Problems};
use crate::sources::Place;
use crate::written::rules::WrittenKind;

/// Widest tolerance: the engine keeps an extreme for each quantum of it.
const TOLERANCE_QUANTA_MAX: f64 = 4_096.0;

/// Checks every rule on every channel it judges.
pub(super) fn check(
    rules: &[PlacedRule],
    bindings: &[Binding],
    context: &Context<'_>,
    problems: &mut Problems,
) {
    for (index, rule) in rules.iter().enumerate() {
        let Some(place) = place(rule) else {
            continue;
        };
        let on = bindings.iter().filter(|b| b.rule == index);
        let wrong: Vec<_> = on
            .filter_map(|b| Some((context.channel(b.channel)?, b.factor)))
            .filter(|(placed, _)| placed.sound)
            .filter_map(|(placed, factor)| Some((placed, wrong(&rule.rule.kind, placed, factor)?)))
            .collect();
        let Some((placed, (what, hint))) = wrong.first() else {
            continue;
        };
        let (id, channel) = (&rule.rule.id, &placed.channel.id);
        let more = and_more(wrong.len());
        let message = format!("rule `{id}` {what} channel `{channel}`{more}");
        let range = placed.channel.range;
        let label = format!("from {} to {}", shown(range.low), shown(range.high));
        problems.add(Draft::new(message, *hint).at(place, "this limit").at(placed.range, label));
    }
}

/// Whether a channel can reach none of a dose's levels.
pub(super) fn is_dose_beyond(kind: &RuleKind, placed: &PlacedChannel, factor: f64) -> bool {
    let RuleKind::Dose { points, raise_at, .. } = kind else { return false };
    let levels = points.iter().map(|point| point.limit * raise_at * factor);
    levels.fold(f64::INFINITY, f64::min) > placed.channel.range.high
}

/// Where the limit stands; none for the other kinds.
fn place(rule: &PlacedRule) -> Option<Place> {
    match &rule.written.kind {
        WrittenKind::Dose { points, .. } => Some(points.place),
        WrittenKind::Stuck { tolerance, .. } => Some(tolerance.place),
        WrittenKind::Jump { by, .. } => Some(by.place),
        _ => None,
    }
}

/// What is wrong on a channel, and what to do.
fn wrong(
    kind: &RuleKind,
    placed: &PlacedChannel,
    factor: f64,
) -> Option<(&'static str, &'static str)> {
    let range = placed.channel.range;
    let width = range.high - range.low;
    match kind {
        RuleKind::Dose { .. } => is_dose_beyond(kind, placed, factor).then_some((
            "has only limits beyond the range of",
            "the channel can never reach them: add a longer time with a lower limit, or leave \
                 the channel out of the rule",
        )),
        RuleKind::Stuck { tolerance, .. } => {
            let steps = tolerance * factor / placed.channel.resolution * QUANTA_PER_STEP;
            (tolerance * factor >= width || steps > TOLERANCE_QUANTA_MAX).then_some((
                "has too wide a `tolerance` for",
                "write within how much a frozen value stays, a few steps of the channel's \
                 `resolution`",
            ))
        }
        RuleKind::Jump { by, .. } => (by * factor > width).then_some((
            "asks for a jump beyond the range of",
            "no value of the channel can jump that far: write a smaller `by`",
        )),
        _ => None,
    }
}
