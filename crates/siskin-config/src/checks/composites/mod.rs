//! Votes and boolean conditions: rules that look at other rules' alarms.
//!
//! A composite must never warn of gas where no gas rule is in alarm, never wait for an alarm that
//! cannot come, and never depend on itself. Rules without a tier are there for composites only.

mod cycles;
mod quorum;

use std::collections::{BTreeMap, BTreeSet};

use siskin_engine::rule::Expr;
use siskin_engine::{Binding, RuleKind};
use siskin_model::RuleId;

use super::setpoints::and_more;
use super::{AllNames, Context, PlacedRule, Written};
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::written::rules::{About, WrittenKind, WrittenRule};

/// The rules that a rule looks at, in the order of the text.
pub(super) fn parts(rule: &WrittenRule) -> Vec<&At<RuleId>> {
    match &rule.kind {
        WrittenKind::Vote { of, .. } => of.value.iter().collect(),
        WrittenKind::Boolean { when } => when.value.rules(),
        _ => Vec::new(),
    }
}

/// Checks who refers to whom, also where a rule is broken otherwise.
pub(super) fn refer(written: &Written, names: &AllNames, problems: &mut Problems) {
    let rules: BTreeMap<&RuleId, &WrittenRule> =
        written.rules.iter().rev().map(|rule| (&rule.id.value, rule)).collect();
    for rule in &written.rules {
        for part in parts(rule) {
            if names.rules.known(part, "rule", problems)
                && let Some(found) = rules.get(&part.value)
            {
                check_part(rule, part, found, problems);
            }
        }
        if let WrittenKind::Boolean { when } = &rule.kind {
            check_calm(rule, &when.value.model(), &rules, problems);
        }
    }
    cycles::check(&written.rules, problems);
    if !written.rules_broken {
        check_tiers(&written.rules, problems);
    }
}

/// What a composite may not look at.
fn check_part(rule: &WrittenRule, part: &At<RuleId>, found: &WrittenRule, problems: &mut Problems) {
    let id = &part.value;
    let (message, hint) = match (&rule.kind, &found.kind, found.about) {
        (WrittenKind::Vote { .. }, _, About::Equipment) => (
            format!("a vote cannot count `{id}`: it speaks about the device, not about the gas"),
            "name gas rules only",
        ),
        (_, WrittenKind::NoData { .. }, _) => (
            format!("a condition cannot look at `{id}`: silence says nothing about the gas"),
            "take it out: absence of data never raises and never clears a warning",
        ),
        _ => return,
    };
    let draft = Draft::new(message, hint).at(part.place, "this rule");
    problems.add(draft.at(found.place, "declared here"));
}

/// What a condition is while some of its parts are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    False,
    Unknown,
    True,
}

/// A condition must be false while no gas rule is in alarm, whatever the devices do.
fn check_calm(
    rule: &WrittenRule,
    when: &Expr,
    rules: &BTreeMap<&RuleId, &WrittenRule>,
    problems: &mut Problems,
) {
    let WrittenKind::Boolean { when: written } = &rule.kind else {
        return;
    };
    let all_known = parts(rule).iter().all(|part| rules.contains_key(&part.value));
    if all_known && calm(when, rules) != Truth::False {
        let message = format!("rule `{}` could warn while no gas rule is in alarm", rule.id.value);
        let hint = "join every `not` and every rule about a device by `and` to a gas rule, for \
                    example `high and not stuck`";
        problems.add(Draft::new(message, hint).at(written.place, "can be true in clean air"));
    }
}

fn calm(when: &Expr, rules: &BTreeMap<&RuleId, &WrittenRule>) -> Truth {
    match when {
        Expr::Rule(id) => match rules.get(id).map(|rule| rule.about) {
            Some(About::Gas) => Truth::False,
            _ => Truth::Unknown,
        },
        Expr::Not(inner) => match calm(inner, rules) {
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
            Truth::True => Truth::False,
        },
        Expr::And(parts) => least(parts, rules, Truth::False, Truth::True),
        Expr::Or(parts) => least(parts, rules, Truth::True, Truth::False),
    }
}

/// `strong` where one part is, `weak` where all are, unknown between.
fn least(
    parts: &[Expr],
    rules: &BTreeMap<&RuleId, &WrittenRule>,
    strong: Truth,
    weak: Truth,
) -> Truth {
    let found: Vec<Truth> = parts.iter().map(|part| calm(part, rules)).collect();
    if found.contains(&strong) {
        strong
    } else if found.iter().all(|truth| *truth == weak) {
        weak
    } else {
        Truth::Unknown
    }
}

/// A gas rule without a tier that nobody looks at would warn nobody.
fn check_tiers(rules: &[WrittenRule], problems: &mut Problems) {
    let fed: BTreeSet<&RuleId> = rules.iter().flat_map(parts).map(|part| &part.value).collect();
    for rule in rules {
        if rule.about == About::Gas && rule.tier.is_none() && !fed.contains(&rule.id.value) {
            let message = format!(
                "rule `{}` has no `tier` and no vote or boolean rule names it: it warns nobody",
                rule.id.value
            );
            let hint = "add a line `tier = …`, or name the rule in a `vote` or `boolean` rule";
            problems.add(Draft::new(message, hint).at(rule.place, "`tier` is missing"));
        }
    }
}

/// Checks composites against the channels they judge.
pub(super) fn check(
    rules: &[PlacedRule],
    bindings: &[Binding],
    context: &Context<'_>,
    problems: &mut Problems,
) {
    let index: BTreeMap<&RuleId, usize> =
        rules.iter().enumerate().rev().map(|(index, rule)| (&rule.rule.id, index)).collect();
    let bound: BTreeSet<(usize, usize)> =
        bindings.iter().map(|b| (b.rule, b.channel.get())).collect();
    for (place, rule) in rules.iter().enumerate() {
        let of: Option<Vec<(usize, &At<RuleId>)>> = parts(&rule.written)
            .into_iter()
            .map(|part| Some((*index.get(&part.value)?, part)))
            .collect();
        // A part that could not be read is a problem of its own.
        let Some(of) = of.filter(|of| !of.is_empty()) else {
            continue;
        };
        let on: Vec<usize> =
            bindings.iter().filter(|b| b.rule == place).map(|b| b.channel.get()).collect();
        if let RuleKind::Boolean { .. } = rule.rule.kind {
            judged_by_each(rule, &of, &on, &bound, context, problems);
        } else if judged_by_some(rule, &of, &on, &bound, context, problems) {
            quorum::check(rule, &of, &on, &bound, context, problems);
        }
        quorum::check_wind(rule, context, problems);
    }
}

/// A condition sees only alarms of its own channel: every part must judge it.
fn judged_by_each(
    rule: &PlacedRule,
    of: &[(usize, &At<RuleId>)],
    on: &[usize],
    bound: &BTreeSet<(usize, usize)>,
    context: &Context<'_>,
    problems: &mut Problems,
) {
    let mut named = BTreeSet::new();
    for (index, part) in of {
        let without: Vec<usize> =
            on.iter().copied().filter(|channel| !bound.contains(&(*index, *channel))).collect();
        let Some(placed) = without.first().and_then(|channel| context.channels.get(*channel))
        else {
            continue;
        };
        if named.insert(*index) {
            let message = format!(
                "rule `{}` looks at `{}`, which does not judge channel `{}`{}",
                rule.rule.id,
                part.value,
                placed.channel.id,
                and_more(without.len())
            );
            let hint = "give both rules the same channels";
            let draft = Draft::new(message, hint).at(part.place, "never in alarm there");
            problems.add(draft.at(placed.place, "this channel"));
        }
    }
}

/// A vote raises on channels with an alarm of their own: one of the rules must judge each.
fn judged_by_some(
    rule: &PlacedRule,
    of: &[(usize, &At<RuleId>)],
    on: &[usize],
    bound: &BTreeSet<(usize, usize)>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> bool {
    let judged = |channel: &usize| of.iter().any(|(index, _)| bound.contains(&(*index, *channel)));
    let without: Vec<usize> = on.iter().copied().filter(|channel| !judged(channel)).collect();
    let placed = without.first().and_then(|channel| context.channels.get(*channel));
    let (Some(placed), WrittenKind::Vote { of, .. }) = (placed, &rule.written.kind) else {
        return without.is_empty();
    };
    let message = format!(
        "rule `{}` votes on channel `{}`{}, which none of its rules judges",
        rule.rule.id,
        placed.channel.id,
        and_more(without.len())
    );
    let hint = "give the vote the channels of its rules";
    let draft = Draft::new(message, hint).at(of.place, "none of these");
    problems.add(draft.at(placed.place, "this channel"));
    false
}
