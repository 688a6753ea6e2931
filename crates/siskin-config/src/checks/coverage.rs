//! Every gas channel is watched: by a rule about gas, and by one about silence (invariant 1).
//!
//! A channel that nobody shall watch says so and why, and that is noted at every check.

use siskin_engine::Binding;
use siskin_model::AlarmKind;

use super::{Context, PlacedChannel, PlacedRule, scope};
use crate::problems::{Draft, Problems};

/// Checks every channel.
pub(super) fn check(
    rules: &[PlacedRule],
    bindings: &[Binding],
    context: &Context<'_>,
    problems: &mut Problems,
) {
    let grouped = scope::by_channel(bindings);
    for (index, placed) in context.indexed() {
        let on = grouped.get(&index).map_or(&[][..], Vec::as_slice);
        let mut on = on.iter().filter_map(|binding| rules.get(binding.rule)).map(|p| &p.rule);
        // A rule without a tier only feeds others: it warns nobody by itself.
        let gas = on.clone().any(|rule| rule.tier.is_some());
        let silence = on.any(|rule| rule.kind.alarm_kind() == AlarmKind::NoData);
        one(placed, gas, silence, problems);
    }
}

fn one(placed: &PlacedChannel, gas: bool, silence: bool, problems: &mut Problems) {
    let id = &placed.channel.id;
    if let Some(reason) = &placed.unwatched {
        let message = format!("channel `{id}` is unwatched: {}", reason.value);
        let hint = "take `unwatched` out as soon as rules watch it";
        problems.note(Draft::new(message, hint).at(reason.place, ""));
        return;
    }
    let is_gas = placed.channel.quantity.gas().is_some();
    let missing = match (is_gas, gas, silence) {
        (true, false, false) => "no rule watches it, neither its gas nor its silence",
        (true, false, true) => "no rule watches its gas",
        (true, true, false) => "no no-data rule watches it: it could fall silent unseen",
        (false, _, false) => {
            let message = format!("weather channel `{id}` has no no-data rule");
            let hint = "add it to a no-data rule, or write one with `all = true`";
            problems.note(Draft::new(message, hint).at(placed.place, ""));
            return;
        }
        _ => return,
    };
    let message = format!("channel `{id}`: {missing}");
    let hint = "write such a rule, or `unwatched = true` with an `unwatched_reason`";
    problems.add(Draft::new(message, hint).at(placed.place, "not watched"));
}
