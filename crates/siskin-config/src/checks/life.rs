//! The lives of warnings: ladders that rise, desks that look after every area, and suppression that
//! cannot hide the worst.

use std::collections::{BTreeMap, BTreeSet};

use siskin_engine::Binding;
use siskin_model::life::{Desk, Ladder, Rung};
use siskin_model::site::Area;
use siskin_model::{AlarmKind, AreaId, LifePolicy};

use super::names::{self, Names};
use super::{Context, PlacedRule, scope};
use crate::problems::{Draft, Problems};
use crate::sources::Place;
use crate::written::rules::WrittenRule;
use crate::written::site::WrittenSite;
use crate::written::warnings::{WrittenDesk, WrittenLadder, WrittenRung};

/// Begins of one alarm within a minute that make it chatter: the "fleeting or chattering" of
/// ISA-18.2 (three or more in a minute).
const CHATTER_RAISES: usize = 3;
/// The most steps of a ladder.
const RUNGS_MAX: usize = 8;
/// The longest that a shelf may be allowed to last: a day.
const SHELF_MINUTES_MAX: u32 = 1440;

const MINUTE_MS: i64 = 60_000;

/// The policy; none where there is a problem.
pub(super) fn policy(
    written: &WrittenSite,
    areas: &[Area],
    names: &Names,
    problems: &mut Problems,
) -> Option<LifePolicy> {
    let before = problems.count();
    ladders(&written.ladders, problems);
    desks((&written.desks, written.place), areas, names, problems);
    let warnings = written.warnings.as_ref()?;
    for (tier, minutes) in &warnings.shelve_minutes {
        if minutes.value > SHELF_MINUTES_MAX {
            let tier = tier.as_str();
            let message = format!("`{tier}` may be shelved for {} minutes", minutes.value);
            let hint = format!("write at most {SHELF_MINUTES_MAX}: a day");
            problems.add(Draft::new(message, hint).at(minutes.place, "too long"));
        }
    }
    let shelves = warnings.shelve_minutes.iter();
    let policy = LifePolicy {
        lower_after_ms: warnings.lower_after.0,
        latched: warnings.latched.clone(),
        chatter_raises: if warnings.chatter_guard { CHATTER_RAISES } else { 0 },
        shelf_ms_max: shelves.map(|(t, m)| (*t, i64::from(m.value) * MINUTE_MS)).collect(),
        ladders: written.ladders.iter().map(ladder).collect(),
        desks: written.desks.iter().map(desk).collect(),
    };
    (problems.count() == before).then_some(policy)
}

fn ladder(written: &WrittenLadder) -> Ladder {
    let rung = |rung: &WrittenRung| Rung { after_ms: rung.after.value.0, to: rung.to.0.clone() };
    Ladder { tier: written.tier.value, rungs: written.steps.iter().map(rung).collect() }
}

fn desk(written: &WrittenDesk) -> Desk {
    let areas = written.areas.iter().flat_map(|areas| &areas.value);
    Desk {
        id: written.id.value.0.clone(),
        name: written.name.clone(),
        areas: areas.map(|area| area.value.clone()).collect(),
    }
}

fn ladders(ladders: &[WrittenLadder], problems: &mut Problems) {
    let ids = ladders.iter().map(|one| (one.tier.value.as_str(), one.tier.place));
    names::unique("ladder", ids, problems);
    for ladder in ladders {
        let mut after_ms = 0;
        for rung in &ladder.steps {
            if rung.after.value.0 <= after_ms {
                let message = "the steps of a ladder are longer and longer after the begin";
                let hint = "write the steps in order of time, each later than the one before";
                problems.add(Draft::new(message, hint).at(rung.after.place, "not later"));
            }
            after_ms = after_ms.max(rung.after.value.0);
        }
        if ladder.steps.len() > RUNGS_MAX {
            let message = format!("a ladder of {} steps", ladder.steps.len());
            let hint = format!("write at most {RUNGS_MAX}");
            problems.add(Draft::new(message, hint).at(ladder.place, "too many"));
        }
    }
}

fn desks(
    (desks, site): (&[WrittenDesk], Place),
    areas: &[Area],
    names: &Names,
    problems: &mut Problems,
) {
    names::unique("position", desks.iter().map(|d| (d.id.value.0.as_str(), d.id.place)), problems);
    let mut of: BTreeMap<&AreaId, Place> = BTreeMap::new();
    let mut rest: Option<Place> = None;
    for desk in desks {
        let Some(own) = &desk.areas else {
            if let Some(first) = rest.replace(desk.id.place) {
                let message = "two positions look after what no other looks after";
                let draft = Draft::new(message, "give one of them `areas`");
                problems.add(draft.at(desk.id.place, "again here").at(first, "first here"));
            }
            continue;
        };
        if own.value.is_empty() {
            let message = "`areas` of a position is empty";
            let hint = "name its areas, or leave the key out for all that no other looks after";
            problems.add(Draft::new(message, hint).at(own.place, "nothing here"));
        }
        for area in &own.value {
            names.known(area, "area", problems);
            if let Some(first) = of.insert(&area.value, area.place) {
                let message = format!("two positions look after `{}`", area.value);
                let draft = Draft::new(message, "leave it to one of them");
                problems.add(draft.at(area.place, "again here").at(first, "first here"));
            }
        }
    }
    if rest.is_some() {
        return;
    }
    for area in areas.iter().filter(|area| !of.contains_key(&area.id)) {
        let message = format!("no position looks after `{}`", area.id);
        let hint = "add it to the `areas` of a position, or write a position without `areas`";
        let place = desks.first().map_or(site, |desk| desk.id.place);
        problems.add(Draft::new(message, hint).at(place, "not by this one"));
    }
}

/// Which rules may keep which from people: one of the same area, of the same tier or above, that is
/// itself never suppressed; and never the site's highest tier.
pub(super) fn suppression(
    rules: &[PlacedRule],
    bindings: &[Binding],
    context: &Context<'_>,
    problems: &mut Problems,
) {
    let by_channel = scope::by_channel(bindings);
    let areas_of = |wanted: &str| -> BTreeSet<&AreaId> {
        let judges = |index| {
            let on = by_channel.get(&index).map_or(&[][..], Vec::as_slice);
            let mut on = on.iter().filter_map(|binding| rules.get(binding.rule));
            on.any(|placed| placed.rule.id.as_str() == wanted)
        };
        let found = context.indexed().filter(|(index, _)| judges(*index));
        found.map(|(_, placed)| &placed.channel.area).collect()
    };
    for placed in rules {
        let Some(by) = &placed.written.suppressed_by else { continue };
        let Some(other) = rules.iter().find(|other| other.rule.id == by.value) else { continue };
        let problem = match (placed.rule.tier, other.rule.tier) {
            (Some(tier), _) if Some(&tier) == context.tiers.iter().max() => {
                Some("the site's highest tier is never suppressed")
            }
            _ if other.rule.id == placed.rule.id => Some("a rule cannot suppress itself"),
            _ if other.rule.suppressed_by.is_some() => {
                Some("a rule that is suppressed itself cannot suppress another")
            }
            _ if other.rule.kind.alarm_kind() != AlarmKind::Gas => {
                Some("only a rule about gas can suppress one about gas")
            }
            (tier, above) if above < tier => Some("a lower tier cannot suppress a higher one"),
            _ if !areas_of(placed.rule.id.as_str()).is_subset(&areas_of(by.value.as_str())) => {
                Some("the other rule does not judge in every area of this one")
            }
            _ => None,
        };
        if let Some(problem) = problem {
            let message = format!("rule `{}`: {problem}", placed.rule.id);
            let hint = "take `suppressed_by` out, or name another rule";
            problems.add(Draft::new(message, hint).at(by.place, "not this one"));
        }
    }
}

/// Refuses a name that no rule has.
pub(super) fn refer(rules: &[WrittenRule], names: &Names, problems: &mut Problems) {
    for by in rules.iter().filter_map(|rule| rule.suppressed_by.as_ref()) {
        names.known(by, "rule", problems);
    }
}
