//! One rule by itself: what it refers to, and its numbers resolved and within their bounds.

mod baseline;
pub(super) mod bounds;
mod contrast;
mod kinds;
mod setpoint;

use siskin_engine::Rule;
use siskin_engine::rule::GAP_MS_DEFAULT;
use siskin_model::Unit;

use super::{Context, PlacedRule, names, site};
use crate::problems::{Draft, Problems};
use crate::written::rules::{About, WrittenRule};

/// The unit of rules without limits; it is never shown.
const NO_UNIT: Unit = Unit::Ppm;

/// Checks one rule; none where something it refers to does not exist.
pub(crate) fn check(
    written: &WrittenRule,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<PlacedRule> {
    let before = problems.count();
    refers(written, context, problems);
    if let Some(tier) = written.tier {
        site::known_tier(tier, context.tiers, context.site, problems);
    }
    if let Some(unit) = written.unit
        && written.about == About::Gas
        && !unit.value.is_concentration()
    {
        let message = format!("`{}` is no concentration", unit.value.as_str());
        let hint = "limits of gas rules are for example in `ppm` or `mg/m3`";
        problems.add(Draft::new(message, hint).at(unit.place, "this unit"));
    }
    if problems.count() > before {
        return None;
    }
    let kind = kinds::checked(written, context, problems);
    let delays = written.delays;
    let rule = Rule {
        id: written.id.value.clone(),
        name: written.name.clone(),
        kind: kind?,
        tier: written.tier.map(|tier| tier.value),
        unit: written.unit.map_or(NO_UNIT, |unit| unit.value),
        on_delay_ms: delays.map_or(0, |delays| delays.on.value.0),
        off_delay_ms: delays.map_or(0, |delays| delays.off.value.0),
        gap_ms: delays.and_then(|delays| delays.gap).map_or(GAP_MS_DEFAULT, |gap| gap.value.0),
        source: written.source.clone(),
        suppressed_by: written.suppressed_by.as_ref().map(|by| by.value.clone()),
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
