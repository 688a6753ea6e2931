//! One rule by itself: what it refers to, and its set points resolved to numbers.

use siskin_engine::rule::{GAP_MS_DEFAULT, Side, TrendMethod};
use siskin_engine::{Rule, RuleKind};
use siskin_model::{Gas, Limit, Unit};

use super::{Context, PlacedRule, names, site};
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::suggest;
use crate::values::Millis;
use crate::written::rules::{WrittenKind, WrittenRule};
use crate::written::setpoint::SetPoint;

/// Samples that make a line with an error.
const TREND_SAMPLES_MIN: u32 = 3;

/// Checks one rule; none where something it refers to does not exist.
pub(super) fn check(
    written: &WrittenRule,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<PlacedRule> {
    let before = problems.count();
    refers(written, context, problems);
    if let Some(part) = &written.gas_part {
        site::known_tier(part.tier, context.tiers, context.site, problems);
        if !part.unit.value.is_concentration() {
            let message = format!("`{}` is no concentration", part.unit.value.as_str());
            let hint = "limits of gas rules are for example in `ppm` or `mg/m3`";
            problems.add(Draft::new(message, hint).at(part.unit.place, "this unit"));
        }
    }
    if problems.count() > before {
        return None;
    }
    let kind = kind(written, context, problems);
    let part = written.gas_part.as_ref();
    let ms = |delay: Option<At<Millis>>| delay.map_or(0, |delay| delay.value.0);
    let rule = Rule {
        id: written.id.value.clone(),
        name: written.name.clone(),
        kind: kind?,
        tier: part.map(|part| part.tier.value),
        // No-data rules have no limit; their unit is never shown.
        unit: part.map_or(Unit::Ppm, |part| part.unit.value),
        on_delay_ms: ms(part.map(|part| part.on_delay)),
        off_delay_ms: ms(part.map(|part| part.off_delay)),
        gap_ms: part.and_then(|part| part.gap).map_or(GAP_MS_DEFAULT, |gap| gap.value.0),
        source: written.source.clone(),
    };
    (problems.count() == before).then(|| PlacedRule { rule, written: written.clone() })
}

fn refers(written: &WrittenRule, context: &Context<'_>, problems: &mut Problems) {
    let scope = &written.scope;
    if let Some(gas) = &scope.gas
        && !context.catalogue.has_gas(gas.value.as_str())
    {
        let known = context.catalogue.gases.keys().map(String::as_str);
        names::unknown(gas.value.as_str(), gas.place, "gas", known, problems);
    }
    for area in scope.areas.iter().flatten() {
        context.names.areas.known(area, "area", problems);
    }
    for channel in scope.channels.iter().flatten() {
        context.names.channels.known(channel, "channel", problems);
    }
}

fn kind(written: &WrittenRule, context: &Context<'_>, problems: &mut Problems) -> Option<RuleKind> {
    let mut number = |point: &At<SetPoint>| resolve(point, written, context, problems);
    match &written.kind {
        WrittenKind::Threshold { raise_at, clear_below } => {
            let (raise, clear) = (number(raise_at), number(clear_below));
            Some(RuleKind::Threshold { side: Side::High, raise_at: raise?, clear_at: clear? })
        }
        WrittenKind::WindowMean { window, samples_min, raise_at, clear_below } => {
            let (raise, clear) = (number(raise_at), number(clear_below));
            at_least(*samples_min, 1, problems);
            Some(RuleKind::WindowMean {
                window_ms: window.value.0,
                samples_min: samples_min.value,
                raise_at: raise?,
                clear_below: clear?,
            })
        }
        WrittenKind::Trend { window, samples_min, target, horizon, significance } => {
            let target = number(target);
            at_least(*samples_min, TREND_SAMPLES_MIN, problems);
            positive("horizon_s", *horizon, problems);
            if significance.value < 0.0 {
                let message = format!("`significance` is `{}`", significance.value);
                let hint = "write how many standard errors the slope must have, for example 4.0";
                problems.add(Draft::new(message, hint).at(significance.place, "below 0"));
            }
            Some(RuleKind::Trend {
                method: TrendMethod::LeastSquares,
                window_ms: window.value.0,
                samples_min: samples_min.value,
                target: target?,
                horizon_ms: horizon.value.0,
                significance: significance.value,
            })
        }
        WrittenKind::NoData { after } => {
            positive("after_s", *after, problems);
            Some(RuleKind::NoData { after_ms: after.value.0 })
        }
    }
}

fn at_least(samples_min: At<u32>, least: u32, problems: &mut Problems) {
    if samples_min.value < least {
        let message = format!("`samples_min` is `{}`", samples_min.value);
        let draft = Draft::new(message, format!("write at least {least}"));
        problems.add(draft.at(samples_min.place, "too few"));
    }
}

fn positive(key: &str, length: At<Millis>, problems: &mut Problems) {
    if length.value.0 == 0 {
        let message = format!("`{key}` is `0`");
        let draft = Draft::new(message, "write a number of seconds above 0");
        problems.add(draft.at(length.place, "not above 0"));
    }
}

/// The set point in the rule's unit.
fn resolve(
    point: &At<SetPoint>,
    written: &WrittenRule,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<f64> {
    let (name, times) = match &point.value {
        SetPoint::Number(number) => return Some(*number),
        SetPoint::Limit { name, times } => (name, *times),
    };
    let Some(gas) = &written.scope.gas else {
        let message = format!("whose `{}`? the rule names no gas", name.value);
        let draft = Draft::new(message, "add `gas = …` to the rule, or write a number");
        problems.add(draft.at(name.place, "a limit of which gas"));
        return None;
    };
    let gas = context.catalogue.gases.get(gas.value.as_str())?;
    let unit = written.gas_part.as_ref()?.unit;
    let limit = limit(gas, name, problems)?;
    if !limit.verified {
        note_unverified(written, gas, name, limit, problems);
    }
    let factor = gas.factor(limit.unit, unit.value, context.conditions);
    if factor.is_none() {
        let (from, to) = (limit.unit.as_str(), unit.value.as_str());
        let message =
            format!("`{}` is in `{from}`, which is not convertible to `{to}`", name.value);
        let hint = format!("write the rule in `{from}`, or a number instead of the limit");
        let draft = Draft::new(message, hint).at(name.place, "this limit");
        problems.add(draft.at(unit.place, "the rule's unit"));
    }
    factor.map(|factor| limit.value * factor * times)
}

fn limit<'a>(gas: &'a Gas, name: &At<String>, problems: &mut Problems) -> Option<&'a Limit> {
    let limits = gas.limits();
    let found = limits.iter().find(|(known, _)| *known == name.value);
    if found.is_none() {
        let message = format!("the catalogue has no limit `{}` for {}", name.value, gas.id);
        let hint = suggest::listed("limits", limits.iter().map(|(known, _)| *known));
        problems.add(Draft::new(message, hint).at(name.place, "unknown limit"));
    }
    found.map(|(_, limit)| *limit)
}

fn note_unverified(
    written: &WrittenRule,
    gas: &Gas,
    name: &At<String>,
    limit: &Limit,
    problems: &mut Problems,
) {
    let message = format!(
        "rule `{}` rests on {} of {}, which is unverified ({})",
        written.id.value, name.value, gas.id, limit.source
    );
    let hint = "look the limit up in its source and correct the catalogue, or write a number";
    problems.note(Draft::new(message, hint).at(name.place, ""));
}
