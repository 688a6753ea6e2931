//! No rule may look at itself, directly or over others, and no chain of rules may be too long.
//!
//! Rules are taken off in order of dependence (Kahn); what is left looks at a cycle. Each round
//! takes at least one rule off, so there are at most as many rounds as rules.

use std::collections::BTreeMap;

use siskin_model::RuleId;

use super::parts;
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::written::rules::WrittenRule;

/// Longest chain of rules that look at rules: the engine follows no longer one.
const DEPTH_MAX: usize = 64;

/// Names every cycle once.
pub(super) fn check(rules: &[WrittenRule], problems: &mut Problems) {
    let mut left = Left::new();
    for rule in rules {
        let of = parts(rule);
        if !of.is_empty() {
            left.entry(&rule.id.value).or_insert(of);
        }
    }
    check_depth(rules, &left, problems);
    loop {
        take_off(&mut left);
        let Some(cycle) = left.keys().next().map(|first| follow(first, &left)) else {
            return;
        };
        tell(&cycle, problems);
        for part in cycle {
            left.remove(&part.value);
        }
    }
}

/// Rules that look at rules, with what each looks at.
type Left<'a> = BTreeMap<&'a RuleId, Vec<&'a At<RuleId>>>;

/// Names the first rule at the end of a chain that is too long.
fn check_depth(rules: &[WrittenRule], left: &Left<'_>, problems: &mut Problems) {
    let mut left = left.clone();
    for _ in 0..DEPTH_MAX {
        if take_round(&mut left) == 0 {
            return;
        }
    }
    let before = left.clone();
    take_round(&mut left);
    let taken = |rule: &&WrittenRule| {
        before.contains_key(&rule.id.value) && !left.contains_key(&rule.id.value)
    };
    if let Some(rule) = rules.iter().find(taken) {
        let message = format!(
            "rule `{}` looks at rules that look at rules, more than {DEPTH_MAX} deep",
            rule.id.value
        );
        let hint = "name the rules at the beginning of the chain instead";
        problems.add(Draft::new(message, hint).at(rule.place, "too deep"));
    }
}

/// Takes off every rule that looks only at rules already taken off.
fn take_off(left: &mut Left<'_>) {
    while take_round(left) > 0 {}
}

/// Takes one layer off; says how many rules it had.
fn take_round(left: &mut Left<'_>) -> usize {
    let free: Vec<&RuleId> = left
        .iter()
        .filter(|(_, of)| !of.iter().any(|part| left.contains_key(&part.value)))
        .map(|(id, _)| *id)
        .collect();
    for id in &free {
        left.remove(*id);
    }
    free.len()
}

/// Goes from rule to rule until one comes again: each reference on the cycle.
fn follow<'a>(first: &RuleId, left: &Left<'a>) -> Vec<&'a At<RuleId>> {
    let mut way: Vec<&At<RuleId>> = Vec::new();
    let mut here = first.clone();
    while let Some(next) =
        left.get(&here).and_then(|of| of.iter().find(|part| left.contains_key(&part.value)))
    {
        if let Some(start) = way.iter().position(|part| part.value == next.value) {
            return way.split_off(start);
        }
        way.push(next);
        here = next.value.clone();
    }
    way
}

fn tell(cycle: &[&At<RuleId>], problems: &mut Problems) {
    let Some(first) = cycle.first() else {
        return;
    };
    let way = cycle.iter().chain([first]).map(|part| format!("`{}`", part.value));
    let way: Vec<String> = way.collect();
    let message = format!("rule `{}` looks at itself: {}", first.value, way.join(" → "));
    let hint = "a rule can only look at rules that do not look at it: take one of them out";
    let mut draft = Draft::new(message, hint).at(first.place, "looked at here");
    for part in cycle.iter().skip(1) {
        draft = draft.at(part.place, "and here");
    }
    problems.add(draft);
}
