//! Whether a vote can be won: enough channels are near enough, and the wind is measured.

use std::collections::BTreeSet;

use siskin_engine::RuleKind;
use siskin_engine::rule::Span;
use siskin_model::RuleId;
use siskin_model::site::{Position, Quantity};

use super::super::setpoints::and_more;
use super::super::{Context, PlacedChannel, PlacedRule};
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::written::rules::WrittenKind;

/// Pairs of channels whose distance is looked at; larger sites are not checked here.
const PAIRS_MAX: usize = 4_000_000;

/// Refuses a vote that some of its channels can never win.
pub(super) fn check(
    rule: &PlacedRule,
    of: &[(usize, &At<RuleId>)],
    on: &[usize],
    bound: &BTreeSet<(usize, usize)>,
    context: &Context<'_>,
    problems: &mut Problems,
) {
    let (RuleKind::Vote { needs, span, within_m, .. }, WrittenKind::Vote { needs: written, .. }) =
        (&rule.rule.kind, &rule.written.kind)
    else {
        return;
    };
    let voters: Vec<&PlacedChannel> = (0..context.channels.len())
        .filter(|channel| of.iter().any(|(index, _)| bound.contains(&(*index, *channel))))
        .filter_map(|channel| context.channels.get(channel))
        .collect();
    // A template stands for any number of channels.
    let is_open = voters.iter().any(|placed| placed.position.is_none());
    if is_open || context.devices_broken || on.len().saturating_mul(voters.len()) > PAIRS_MAX {
        return;
    }
    let count = |placed: &PlacedChannel| {
        voters.iter().filter(|other| may_corroborate(placed, other, *span, *within_m)).count()
    };
    let few: Vec<(&PlacedChannel, usize)> = on
        .iter()
        .filter_map(|channel| context.channels.get(*channel))
        .map(|placed| (placed, count(placed)))
        .filter(|(_, count)| u32::try_from(*count).is_ok_and(|count| count < *needs))
        .collect();
    let Some((placed, count)) = few.first() else {
        return;
    };
    let message = format!(
        "rule `{}` needs {needs} channels, only {count} can count on channel `{}`{}",
        rule.rule.id,
        placed.channel.id,
        and_more(few.len())
    );
    let hint = "lower `needs`, write `span = \"site\"` or a larger `within_m`, or leave the area \
                out of the vote";
    let draft = Draft::new(message, hint).at(written.place, "can never be met");
    problems.add(draft.at(placed.place, "by this channel"));
}

/// Whether an alarm on `other` counts on `placed`, whatever the wind; a channel counts itself.
fn may_corroborate(
    placed: &PlacedChannel,
    other: &PlacedChannel,
    span: Span,
    within_m: Option<f64>,
) -> bool {
    let (a, b) = (&placed.channel, &other.channel);
    if a.quantity != b.quantity || (span == Span::Area && a.area != b.area) {
        return false;
    }
    match (within_m, placed.position, other.position) {
        (Some(within_m), Some(here), Some(there)) => distance_m(here, there) <= within_m,
        _ => true,
    }
}

fn distance_m(a: Position, b: Position) -> f64 {
    (a.x_m - b.x_m).hypot(a.y_m - b.y_m)
}

/// A vote along the wind needs to know it.
pub(super) fn check_wind(rule: &PlacedRule, context: &Context<'_>, problems: &mut Problems) {
    let WrittenKind::Vote { wind: Some(wind), .. } = &rule.written.kind else {
        return;
    };
    let has = |quantity: &Quantity| {
        context.channels.iter().any(|placed| placed.channel.quantity == *quantity)
    };
    let missing = match (has(&Quantity::WindSpeed), has(&Quantity::WindDirection)) {
        (true, true) => return,
        (true, false) => "no `wind-direction` channel",
        (false, true) => "no `wind-speed` channel",
        (false, false) => "neither a `wind-speed` nor a `wind-direction` channel",
    };
    if context.devices_broken {
        return;
    }
    let message = format!("rule `{}` looks at the wind, the site has {missing}", rule.rule.id);
    let hint = "add the wind to analyzers.toml, or take `wind` out of the vote";
    problems.add(Draft::new(message, hint).at(wind.place, "of which wind"));
}
