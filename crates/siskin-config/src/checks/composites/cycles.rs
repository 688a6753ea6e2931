//! No rule may look at itself, directly or over others.
//!
//! Rules are taken off in order of dependence (Kahn); what is left looks at a cycle. Each round
//! takes at least one rule off, so there are at most as many rounds as rules.

use std::collections::BTreeMap;

use siskin_model::RuleId;

use super::parts;
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::written::rules::WrittenRule;

/// Names every cycle once.
pub(super) fn check(rules: &[WrittenRule], problems: &mut Problems) {
    let mut left: BTreeMap<&RuleId, Vec<&At<RuleId>>> = BTreeMap::new();
    for rule in rules {
        let of = parts(rule);
        if !of.is_empty() {
            left.entry(&rule.id.value).or_insert(of);
        }
    }
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

/// Takes off every rule that looks only at rules already taken off.
fn take_off(left: &mut BTreeMap<&RuleId, Vec<&At<RuleId>>>) {
    loop {
        let before = left.len();
        let free: Vec<&RuleId> = left
            .iter()
            .filter(|(_, of)| !of.iter().any(|part| left.contains_key(&part.value)))
            .map(|(id, _)| *id)
            .collect();
        for id in free {
            left.remove(id);
        }
        if left.len() == before {
            return;
        }
    }
}

/// Goes from rule to rule until one comes again: each reference on the cycle.
fn follow<'a>(
    first: &RuleId,
    left: &BTreeMap<&'a RuleId, Vec<&'a At<RuleId>>>,
) -> Vec<&'a At<RuleId>> {
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
