//! From rules to composites: which rules ask about which alarms, and who may corroborate whom.

use std::collections::{BTreeMap, BTreeSet};

use siskin_model::{Quantity, RuleId};

use super::composite::{Ask, Composite, Key, Peer, When};
use crate::contrast::Contrasts;
use crate::machine::{Delays, State};
use crate::plan::{Known, Plan};
use crate::rule::{Expr, Rule, RuleKind, Span};

/// Rules over rules may be nested this deep; `siskin-config` refuses cycles.
const DEPTH_MAX: usize = 64;

/// All composites, each after those it asks about.
pub(super) fn composites(plan: &Plan) -> Vec<Composite> {
    let places: BTreeMap<&RuleId, u32> =
        (0u32..).zip(&plan.rules).map(|(p, r)| (&r.id, p)).collect();
    let depths = depths(&plan.rules, &places);
    let mut made = Vec::new();
    for (index, known) in plan.indexed() {
        for (place, rule) in plan.on(index.0) {
            let ask = match &rule.kind {
                RuleKind::Vote { .. } => vote(plan, (index.0, known), rule, &places),
                RuleKind::Boolean { when } => resolved(when, &places).map(Ask::When),
                _ => None,
            };
            if let Some(ask) = ask {
                let depth = depths.get(&place).copied().unwrap_or(0);
                made.push((depth, composite((index.0, place), rule, ask)));
            }
        }
    }
    made.sort_by_key(|(depth, composite)| (*depth, composite.key));
    made.into_iter().map(|(_, composite)| composite).collect()
}

fn composite(key: Key, rule: &Rule, ask: Ask) -> Composite {
    Composite {
        key,
        ask,
        delays: Delays { on_ms: rule.on_delay_ms, off_ms: rule.off_delay_ms },
        gap_ms: rule.gap_ms,
        state: State::Normal,
        since_ms: 0,
        wakes_ms: None,
    }
}

fn named(rule: &Rule) -> Vec<&RuleId> {
    fn of(expr: &Expr) -> Vec<&RuleId> {
        match expr {
            Expr::Rule(id) => vec![id],
            Expr::And(parts) | Expr::Or(parts) => parts.iter().flat_map(of).collect(),
            Expr::Not(part) => of(part),
        }
    }
    match &rule.kind {
        RuleKind::Vote { of, .. } => of.iter().collect(),
        RuleKind::Boolean { when } => of(when),
        _ => Vec::new(),
    }
}

/// How many rules stand below each one; none below those over readings.
fn depths(rules: &[Rule], places: &BTreeMap<&RuleId, u32>) -> BTreeMap<u32, usize> {
    let asked = (0u32..).zip(rules).map(|(place, rule)| {
        let asked = named(rule).into_iter().filter_map(|id| places.get(id).copied());
        (place, asked.collect::<Vec<u32>>())
    });
    let asked: Vec<_> = asked.filter(|(_, asked)| !asked.is_empty()).collect();
    let mut depths: BTreeMap<u32, usize> = BTreeMap::new();
    for _ in 0..DEPTH_MAX {
        let before = depths.clone();
        for (place, asked) in &asked {
            let below = asked.iter().map(|one| depths.get(one).copied().unwrap_or(0)).max();
            depths.insert(*place, 1 + below.unwrap_or(0));
        }
        if depths == before {
            break;
        }
    }
    depths
}

fn resolved(expr: &Expr, places: &BTreeMap<&RuleId, u32>) -> Option<When> {
    let all = |parts: &[Expr]| -> Option<Vec<When>> {
        parts.iter().map(|p| resolved(p, places)).collect()
    };
    Some(match expr {
        Expr::Rule(id) => When::Rule(*places.get(id)?),
        Expr::And(parts) => When::And(all(parts)?),
        Expr::Or(parts) => When::Or(all(parts)?),
        Expr::Not(part) => When::Not(Box::new(resolved(part, places)?)),
    })
}

fn vote(
    plan: &Plan,
    (index, own): (u32, &Known),
    rule: &Rule,
    places: &BTreeMap<&RuleId, u32>,
) -> Option<Ask> {
    let RuleKind::Vote { of, needs, span, within_m, memory_ms, wind } = &rule.kind else {
        return None;
    };
    let of: Vec<u32> = of.iter().filter_map(|id| places.get(id).copied()).collect();
    let is_judged = |known: &Known| known.rules.iter().any(|(place, _)| of.contains(place));
    let is_near = |known: &Known| within_m.is_none_or(|m| distance_m(own, known) <= m);
    let is_in = |known: &Known| *span == Span::Site || known.area == own.area;
    let peers = plan.indexed().filter(|(other, known)| {
        other.0 != index
            && known.quantity == own.quantity
            && is_in(known)
            && is_near(known)
            && is_judged(known)
    });
    let peers = peers
        .map(|(other, known)| Peer { channel: other.0, bearing_deg: bearing_deg(own, known) })
        .collect();
    let needs = usize::try_from(*needs).ok()?;
    Some(Ask::Vote { of, needs, memory_ms: *memory_ms, peers, wind: *wind })
}

fn distance_m(a: &Known, b: &Known) -> f64 {
    (b.position.x_m - a.position.x_m).hypot(b.position.y_m - a.position.y_m)
}

/// Clockwise from north; none at the same place.
fn bearing_deg(a: &Known, b: &Known) -> Option<f64> {
    let (east, north) = (b.position.x_m - a.position.x_m, b.position.y_m - a.position.y_m);
    (distance_m(a, b) > 0.0).then(|| east.atan2(north).to_degrees())
}

/// Channels that are linked by votes or comparisons, for each of them.
pub(super) fn groups(composites: &[Composite], contrasts: &Contrasts) -> BTreeMap<u32, Vec<u32>> {
    let mut group_of: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    let asked = composites.iter().map(|composite| {
        let asked = composite.inputs().into_iter().map(|(channel, _)| channel);
        asked.chain([composite.key.0]).collect::<BTreeSet<u32>>()
    });
    let compared = contrasts.linked().map(|channels| channels.iter().copied().collect());
    for linked in asked.chain(compared) {
        let mut merged = linked.clone();
        for channel in &linked {
            merged.extend(group_of.get(channel).into_iter().flatten());
        }
        for channel in merged.clone() {
            group_of.insert(channel, merged.clone());
        }
    }
    group_of.into_iter().map(|(channel, group)| (channel, group.into_iter().collect())).collect()
}

/// The channels of the wind.
pub(super) fn wind_channels(plan: &Plan) -> BTreeMap<u32, Quantity> {
    let is_wind =
        |quantity: &Quantity| matches!(quantity, Quantity::WindSpeed | Quantity::WindDirection);
    let winds = plan.indexed().filter(|(_, known)| is_wind(&known.quantity));
    winds.map(|(index, known)| (index.0, known.quantity.clone())).collect()
}
