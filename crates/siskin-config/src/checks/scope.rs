//! Which rule judges which channel, and the factor between their units.

use std::collections::BTreeMap;

use siskin_engine::Binding;
use siskin_model::{ChannelIndex, Unit};

use super::{Context, PlacedChannel, PlacedRule};
use crate::problems::{Draft, Problems};
use crate::written::rules::About;

/// Binds every rule to the channels of its scope.
pub(super) fn bind(
    rules: &[PlacedRule],
    context: &Context<'_>,
    problems: &mut Problems,
) -> Vec<Binding> {
    let mut bindings = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let before = bindings.len();
        let mut refused = false;
        for (channel, placed) in context.indexed() {
            if !covers(rule, placed) {
                continue;
            }
            match factor(rule, placed, context) {
                Ok(factor) => bindings.push(Binding { rule: index, channel, factor }),
                Err(draft) => {
                    refused = true;
                    problems.add(draft);
                }
            }
        }
        if bindings.len() == before && !refused && !context.devices_broken {
            let message = format!("rule `{}` judges no channel", rule.rule.id);
            let hint = "no channel of the site is in its scope: correct the scope, or take the \
                        rule out";
            problems.add(Draft::new(message, hint).at(rule.written.place, "watches nothing"));
        }
    }
    bindings
}

fn covers(rule: &PlacedRule, placed: &PlacedChannel) -> bool {
    let scope = &rule.written.scope;
    let channel = &placed.channel;
    let gas = scope.gas.as_ref();
    let of_gas = gas.is_none_or(|gas| channel.quantity.gas() == Some(&gas.value));
    let areas = scope.areas.as_ref();
    let in_area = areas.is_none_or(|areas| areas.iter().any(|a| a.value == channel.area));
    // A channel named by itself that is of another gas is refused by `factor`, not left out.
    match &scope.channels {
        Some(channels) => channels.iter().any(|c| c.value == channel.id),
        None => of_gas && in_area,
    }
}

/// What one of the rule's unit is in the channel's unit.
fn factor(rule: &PlacedRule, placed: &PlacedChannel, context: &Context<'_>) -> Result<f64, Draft> {
    let channel = &placed.channel;
    let scope = &rule.written.scope;
    if let Some(gas) = &scope.gas
        && channel.quantity.gas() != Some(&gas.value)
    {
        let message = format!("channel `{}` does not measure `{}`", channel.id, gas.value);
        let draft = Draft::new(message, "take the channel out of the rule, or correct the gas");
        return Err(draft.at(gas.place, "the rule's gas").at(placed.place, "this channel"));
    }
    let gas = channel.quantity.gas();
    if gas.is_none() && rule.written.about == About::Gas {
        let message = format!("rule `{}` is about gas and judges weather", rule.rule.id);
        let hint = "only gas gives tiers: take the channel out of the rule";
        let draft = Draft::new(message, hint).at(rule.written.place, "this rule");
        return Err(draft.at(placed.place, "this channel measures no gas"));
    }
    let Some(unit) = rule.written.unit else {
        return Ok(1.0);
    };
    let (from, to) = (rule.rule.unit, channel.unit);
    let factor = match gas.map(|gas| context.catalogue.gases.get(gas.as_str())) {
        Some(Some(gas)) => gas.factor(from, to, context.conditions),
        // The unknown gas is a problem already.
        Some(None) => Some(1.0),
        None => (from == to).then_some(1.0),
    };
    factor.ok_or_else(|| {
        let draft = Draft::new(
            format!(
                "`{}` of {} cannot be converted to `{}`",
                from.as_str(),
                channel.quantity.gas().map_or("weather", |gas| gas.as_str()),
                to.as_str()
            ),
            convert_hint(from, to),
        );
        draft.at(unit.place, "the rule's unit").at(placed.unit, "the channel's unit")
    })
}

fn convert_hint(from: Unit, to: Unit) -> &'static str {
    if from == Unit::PercentLel || to == Unit::PercentLel {
        "the catalogue has no lower explosive limit in % by volume for this gas"
    } else if from.is_concentration() && to.is_concentration() {
        "the catalogue has no molar mass for this gas: use the same unit in both"
    } else {
        "write the rule in the channel's unit, one rule for each unit"
    }
}

/// The bindings of every channel, by the channel's place.
pub(super) fn by_channel(bindings: &[Binding]) -> BTreeMap<ChannelIndex, Vec<Binding>> {
    let mut grouped: BTreeMap<ChannelIndex, Vec<Binding>> = BTreeMap::new();
    for binding in bindings {
        grouped.entry(binding.channel).or_default().push(*binding);
    }
    grouped
}
