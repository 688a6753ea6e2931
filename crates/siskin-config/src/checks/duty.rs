//! Response cards and desks: what they name must exist, and nobody is left without a card unseen.

use std::collections::BTreeMap;

use siskin_engine::Binding;
use siskin_model::Tier;
use siskin_model::duty::{Card, Desk, nearest_card};

use super::{Context, PlacedRule, Written, names, scope, site};
use crate::problems::{Draft, Problems};
use crate::settings::{Duty, DutyDesk};
use crate::sources::Place;
use crate::written::cards::WrittenCard;

/// The most acts of a card: a list that is longer is not read while the gas comes.
const ACTIONS_MAX: usize = 20;
/// How far ahead gaps of the roster are told, in hours, and where nothing is written.
const AHEAD_H: std::ops::RangeInclusive<u32> = 1..=24 * 62;
const AHEAD_H_DEFAULT: u32 = 72;

/// Checks every card and makes them.
pub(super) fn cards(
    written: &Written,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Vec<Card> {
    let mut seen: BTreeMap<(String, Option<String>, Option<Tier>), Place> = BTreeMap::new();
    for card in &written.cards {
        refers(card, context, problems);
        let area = card.area.as_ref().map(|area| area.value.to_string());
        let key = (card.gas.value.to_string(), area, card.tier.map(|tier| tier.value));
        if let Some(first) = seen.get(&key) {
            let message = format!("two cards are for `{}` in the same place and tier", key.0);
            let draft = Draft::new(message, "make one card of them, or give one an area or tier");
            problems.add(draft.at(card.place, "again here").at(*first, "first here"));
        } else {
            seen.insert(key, card.place);
        }
    }
    written.cards.iter().map(made).collect()
}

fn refers(card: &WrittenCard, context: &Context<'_>, problems: &mut Problems) {
    let gas = &card.gas;
    if !context.catalogue.has_gas(gas.value.as_str()) {
        let known = context.catalogue.gases.keys().map(String::as_str);
        names::unknown(gas.value.as_str(), gas.place, "gas", known, problems);
    }
    if let Some(area) = &card.area {
        context.names.areas.known(area, "area", problems);
    }
    if let Some(tier) = card.tier {
        site::known_tier(tier, context.tiers, context.site, problems);
    }
    let actions = card.texts.actions.len();
    if !(1..=ACTIONS_MAX).contains(&actions) {
        let message = format!("a card has 1 to {ACTIONS_MAX} actions, this one {actions}");
        let draft = Draft::new(message, "write what to do first, second, third");
        problems.add(draft.at(card.actions, "these actions"));
    }
}

fn made(card: &WrittenCard) -> Card {
    Card {
        gas: card.gas.value.clone(),
        area: card.area.as_ref().map(|area| area.value.clone()),
        tier: card.tier.map(|tier| tier.value),
        is_template: card.is_template,
        texts: card.texts.clone(),
        contacts: card.contacts.clone(),
    }
}

/// Notes gases that can warn and have no card, and cards that are still templates.
pub(super) fn card_notes(
    written: &Written,
    cards: &[Card],
    rules: &[PlacedRule],
    bindings: &[Binding],
    context: &Context<'_>,
    problems: &mut Problems,
) {
    for card in written.cards.iter().filter(|card| card.is_template) {
        let message = format!("the response card of `{}` is a template", card.gas.value);
        let hint = "write what the plant's own plan says, and take `template` out";
        problems.note(Draft::new(message, hint).at(card.place, ""));
    }
    let grouped = scope::by_channel(bindings);
    let mut told = Vec::new();
    for (index, placed) in context.indexed() {
        let Some(gas) = placed.channel.quantity.gas().filter(|gas| !told.contains(gas)) else {
            continue;
        };
        let on = grouped.get(&index).map_or(&[][..], Vec::as_slice);
        let tiers = on.iter().filter_map(|binding| rules.get(binding.rule)?.rule.tier);
        let mut lacking =
            tiers.filter(|tier| nearest_card(cards, gas, &placed.channel.area, *tier).is_none());
        if let Some(tier) = lacking.next() {
            let area = &placed.channel.area;
            let message = format!(
                "no response card says what to do about `{gas}` in `{area}` at {}",
                tier.as_str()
            );
            let hint = format!("write a [[card]] for it in cards/{gas}.toml");
            problems.note(Draft::new(message, hint).at(placed.place, ""));
            told.push(gas);
        }
    }
}

/// The desks that must never be empty.
pub(super) fn desks(written: &Written, problems: &mut Problems) -> Duty {
    let Some(duty) = &written.duty else {
        return Duty { ahead_ms: i64::from(AHEAD_H_DEFAULT) * 3_600_000, desks: Vec::new() };
    };
    let mut seen: Vec<(&Place, Desk)> = Vec::new();
    for one in &duty.desks {
        let desk = Desk { role: one.role.clone(), position: one.position.clone() };
        if let Some((first, _)) = seen.iter().find(|(_, other)| *other == desk) {
            let draft = Draft::new(format!("the desk `{desk}` is named twice"), "name it once");
            problems.add(draft.at(one.place, "again here").at(**first, "first here"));
        }
        seen.push((&one.place, desk));
    }
    if let Some(ahead) = duty.ahead_h.filter(|ahead| !AHEAD_H.contains(&ahead.value)) {
        let (low, high) = (AHEAD_H.start(), AHEAD_H.end());
        let message = format!("`ahead_h` must be {low} to {high} hours, found {}", ahead.value);
        let draft = Draft::new(message, "three days give time to find somebody: 72");
        problems.add(draft.at(ahead.place, "out of range"));
    }
    let ahead_h = duty.ahead_h.map_or(AHEAD_H_DEFAULT, |ahead| ahead.value);
    let desks = duty.desks.iter().map(|one| DutyDesk {
        desk: Desk { role: one.role.clone(), position: one.position.clone() },
        name: one.name.clone(),
    });
    Duty { ahead_ms: i64::from(ahead_h) * 3_600_000, desks: desks.collect() }
}
