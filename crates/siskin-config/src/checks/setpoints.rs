//! Set points against channels: a limit that cannot be reached would be a silent failure.

use siskin_engine::quantum::QUANTA_PER_STEP;
use siskin_engine::{Binding, RuleKind};
use siskin_model::Unit;

use super::{Context, PlacedChannel, PlacedRule};
use crate::problems::{Draft, Problems};
use crate::sources::Place;
use crate::written::rules::WrittenKind;

/// The limits of a rule in its own unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Where it raises; the target of a trend.
    pub(super) raise: f64,
    pub(super) raise_place: Place,
    /// Where it clears; a trend has none.
    pub(super) clear: Option<(f64, Place)>,
}

/// The limits of a rule; none for no-data.
pub(super) fn limits(rule: &PlacedRule) -> Option<Limits> {
    let raise_place = match &rule.written.kind {
        WrittenKind::Threshold { raise_at, .. } | WrittenKind::WindowMean { raise_at, .. } => {
            raise_at.place
        }
        WrittenKind::Trend { target, .. } => target.place,
        WrittenKind::NoData { .. } => return None,
    };
    let clear_place = match &rule.written.kind {
        WrittenKind::Threshold { clear_below, .. }
        | WrittenKind::WindowMean { clear_below, .. } => Some(clear_below.place),
        _ => None,
    };
    let (raise, clear) = match rule.rule.kind {
        RuleKind::Threshold { raise_at, clear_at: clear_below, .. }
        | RuleKind::WindowMean { raise_at, clear_below, .. } => (raise_at, Some(clear_below)),
        RuleKind::Trend { target, .. } => (target, None),
        _ => return None,
    };
    Some(Limits { raise, raise_place, clear: clear.zip(clear_place) })
}

/// Checks every rule by itself and on every channel it judges.
pub(super) fn check(
    rules: &[PlacedRule],
    bindings: &[Binding],
    context: &Context<'_>,
    problems: &mut Problems,
) {
    for (index, rule) in rules.iter().enumerate() {
        let Some(limits) = limits(rule) else {
            continue;
        };
        check_order(rule, limits, problems);
        let on = bindings.iter().filter(|b| b.rule == index);
        let on: Vec<_> = on
            .filter_map(|b| Some((context.channel(b.channel)?, b.factor)))
            .filter(|(placed, _)| placed.sound)
            .collect();
        check_reach(rule, limits, &on, problems);
        check_step(rule, limits, &on, problems);
    }
}

fn check_order(rule: &PlacedRule, limits: Limits, problems: &mut Problems) {
    let unit = rule.rule.unit.as_str();
    let Some((clear, clear_place)) = limits.clear else {
        return;
    };
    if clear > limits.raise {
        let (clear, raise) = (shown(clear), shown(limits.raise));
        let message = format!("clears below {clear} {unit} but raises at {raise} {unit}");
        let draft = Draft::new(message, "write `clear_below` at or below `raise_at`")
            .at(clear_place, "higher than")
            .at(limits.raise_place, "this");
        problems.add(draft);
    }
    if clear <= 0.0 {
        let message =
            format!("clears below {} {unit}: clean air would never clear it", shown(clear));
        let draft = Draft::new(message, "write `clear_below` above 0");
        problems.add(draft.at(clear_place, "not above 0"));
    }
}

/// A limit above the range is never reached.
fn check_reach(
    rule: &PlacedRule,
    limits: Limits,
    on: &[(&PlacedChannel, f64)],
    problems: &mut Problems,
) {
    let beyond: Vec<_> = on
        .iter()
        .filter(|(placed, factor)| limits.raise * factor > placed.channel.range.high)
        .collect();
    let Some((placed, factor)) = beyond.first() else {
        return;
    };
    let channel = &placed.channel;
    let message = format!(
        "rule `{}` raises at {}, beyond the range of channel `{}`{}",
        rule.rule.id,
        converted(limits.raise, rule.rule.unit, *factor, channel.unit),
        channel.id,
        and_more(beyond.len()),
    );
    let hint = "the channel can never reach it: lower the set point, or leave the channel's area \
                out of the rule and give it rules of its own";
    let draft = Draft::new(message, hint)
        .at(limits.raise_place, "this set point")
        .at(placed.range, format!("ends at {}", shown(channel.range.high)));
    problems.add(draft);
}

/// A limit finer than what the device shows would be met by noise or by zero.
fn check_step(
    rule: &PlacedRule,
    limits: Limits,
    on: &[(&PlacedChannel, f64)],
    problems: &mut Problems,
) {
    // A clear limit of zero is a problem by itself.
    let clear = limits.clear.map(|(clear, _)| clear).filter(|clear| *clear > 0.0);
    let lowest = clear.map_or(limits.raise, |clear| clear.min(limits.raise));
    let fine: Vec<_> = on
        .iter()
        .filter(|(placed, factor)| {
            let channel = &placed.channel;
            let quantum = channel.resolution / QUANTA_PER_STEP;
            limits.raise * factor < channel.resolution || lowest * factor < quantum
        })
        .collect();
    let Some((placed, factor)) = fine.first() else {
        return;
    };
    let channel = &placed.channel;
    let step = shown(channel.resolution);
    let message = format!(
        "rule `{}` raises at {}, channel `{}`{} shows steps of {step}",
        rule.rule.id,
        converted(limits.raise, rule.rule.unit, *factor, channel.unit),
        channel.id,
        and_more(fine.len()),
    );
    let hint = "the device cannot tell the set point from clean air: raise it, or use a finer \
                device";
    let draft = Draft::new(message, hint)
        .at(limits.raise_place, "this set point")
        .at(placed.place, "this channel");
    problems.add(draft);
}

fn and_more(count: usize) -> String {
    match count {
        0 | 1 => String::new(),
        2 => " (and one more)".to_owned(),
        more => format!(" (and {} more)", more - 1),
    }
}

fn converted(value: f64, unit: Unit, factor: f64, into: Unit) -> String {
    if unit == into {
        return format!("{} {}", shown(value), unit.as_str());
    }
    let (before, after) = (shown(value), shown(value * factor));
    format!("{before} {} ({after} {})", unit.as_str(), into.as_str())
}

/// A number with at most four digits behind the point.
pub(super) fn shown(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}
