//! Set points against channels: a limit that cannot be reached would be a silent failure.

use siskin_engine::quantum::QUANTA_PER_STEP;
use siskin_engine::rule::Side;
use siskin_engine::{Binding, RuleKind};
use siskin_model::Unit;

use super::limits::{Limits, Scale, limits};
use super::{Context, PlacedChannel, PlacedRule};
use crate::problems::{Draft, Problems};

const HINT_BEYOND: &str = "the channel can never reach it: lower the set point, or leave the \
                           channel's area out of the rule and give it rules of its own";
const HINT_BELOW: &str = "the channel can never fall to it: raise the set point, or leave the \
                          channel's area out of the rule and give it rules of its own";

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
        check_return(rule, limits, &on, problems);
    }
}

fn check_order(rule: &PlacedRule, limits: Limits, problems: &mut Problems) {
    let Some((clear, clear_place)) = limits.clear else {
        return;
    };
    let (told_clear, told_raise) = (limits.told(clear, rule), limits.told(limits.raise, rule));
    let (raise_key, clear_key) = limits.keys;
    let (wrong, below, order, label) = match limits.side {
        Side::High => (clear > limits.raise, "below", "below", "higher than"),
        Side::Low => (clear < limits.raise, "above", "above", "lower than"),
    };
    if wrong {
        let message = format!("clears {below} {told_clear} but raises at {told_raise}");
        let hint = format!("write `{clear_key}` at or {order} `{raise_key}`");
        let draft = Draft::new(message, hint).at(clear_place, label);
        problems.add(draft.at(limits.raise_place, "this"));
    }
    if clear <= 0.0 && limits.side == Side::High && limits.scale != Scale::PerMinute {
        let message = format!("clears below {told_clear}: clean air would never clear it");
        let draft = Draft::new(message, format!("write `{clear_key}` above 0"));
        problems.add(draft.at(clear_place, "not above 0"));
    }
}

/// Whether a channel's range leaves the limit out of reach.
pub(super) fn is_beyond(limits: &Limits, placed: &PlacedChannel, factor: f64) -> bool {
    let (range, raise) = (placed.channel.range, limits.raise * factor);
    match (limits.scale, limits.side) {
        (Scale::Value, Side::High) => raise > range.high,
        (Scale::Value, Side::Low) => raise < range.low,
        (Scale::Rise, _) => raise > range.high - range.low,
        (Scale::PerMinute | Scale::Plain, _) => false,
    }
}

/// A limit outside the range is never reached.
fn check_reach(
    rule: &PlacedRule,
    limits: Limits,
    on: &[(&PlacedChannel, f64)],
    problems: &mut Problems,
) {
    let beyond: Vec<_> =
        on.iter().filter(|(placed, factor)| is_beyond(&limits, placed, *factor)).collect();
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
    let (hint, label) = match limits.side {
        Side::High => (HINT_BEYOND, format!("ends at {}", shown(channel.range.high))),
        Side::Low => (HINT_BELOW, format!("begins at {}", shown(channel.range.low))),
    };
    let draft =
        Draft::new(message, hint).at(limits.raise_place, "this set point").at(placed.range, label);
    problems.add(draft);
}

/// A limit finer than what the device shows would be met by noise or by zero.
fn check_step(
    rule: &PlacedRule,
    limits: Limits,
    on: &[(&PlacedChannel, f64)],
    problems: &mut Problems,
) {
    if !is_level(rule, limits) {
        return;
    }
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

/// Whether the set point alone tells gas from clean air.
fn is_level(rule: &PlacedRule, limits: Limits) -> bool {
    match rule.rule.kind {
        // The noise of the channel itself keeps a small rise from being met by chance.
        RuleKind::Baseline { noise_times, .. } => noise_times <= 0.0,
        _ => limits.scale == Scale::Value && limits.side == Side::High,
    }
}

/// A low alarm that clears only beyond the end of the range would stay for ever.
fn check_return(
    rule: &PlacedRule,
    limits: Limits,
    on: &[(&PlacedChannel, f64)],
    problems: &mut Problems,
) {
    let (Side::Low, Some((clear, clear_place))) = (limits.side, limits.clear) else {
        return;
    };
    let never = on.iter().find(|(placed, factor)| clear * factor >= placed.channel.range.high);
    let Some((placed, _)) = never else {
        return;
    };
    let channel = &placed.channel;
    let message = format!(
        "rule `{}` clears above {}, channel `{}` shows nothing higher",
        rule.rule.id,
        limits.told(clear, rule),
        channel.id,
    );
    let draft = Draft::new(message, "write `clear_above` inside the channel's range")
        .at(clear_place, "never cleared")
        .at(placed.range, format!("ends at {}", shown(channel.range.high)));
    problems.add(draft);
}

pub(super) fn and_more(count: usize) -> String {
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
