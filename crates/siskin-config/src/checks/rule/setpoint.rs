//! A set point as a number in the rule's unit: written as one, or a limit of the catalogue.

use siskin_model::{Gas, Limit};

use super::super::Context;
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::suggest;
use crate::written::rules::WrittenRule;
use crate::written::setpoint::SetPoint;

/// The set point in the rule's unit.
pub(super) fn resolve(
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
    let unit = written.unit?;
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
