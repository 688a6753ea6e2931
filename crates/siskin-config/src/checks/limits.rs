//! The limits of a rule in its own unit, with the places they were written at.

use siskin_engine::RuleKind;
use siskin_engine::rule::Side;

use super::PlacedRule;
use crate::sources::Place;
use crate::written::rules::WrittenKind;

/// What a limit is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// A value or a mean, in the rule's unit.
    Value,
    /// A height above a baseline or above other channels, in the rule's unit.
    Rise,
    /// The rule's unit a minute.
    PerMinute,
    /// A plain number: noises, or a fraction.
    Plain,
}

/// The limits of a rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) scale: Scale,
    pub(super) side: Side,
    /// Where it raises; the target of a trend.
    pub(super) raise: f64,
    pub(super) raise_place: Place,
    /// Where it clears; a trend has none.
    pub(super) clear: Option<(f64, Place)>,
    /// What the two are called.
    pub(super) keys: (&'static str, &'static str),
}

impl Limits {
    /// A limit with its unit, for people.
    pub(super) fn told(&self, value: f64, rule: &PlacedRule) -> String {
        let (value, unit) = (super::setpoints::shown(value), rule.rule.unit.as_str());
        match self.scale {
            Scale::Value | Scale::Rise => format!("{value} {unit}"),
            Scale::PerMinute => format!("{value} {unit}/min"),
            Scale::Plain => value,
        }
    }
}

/// The limits of a rule; none for rules without, and for jump and stuck.
pub(super) fn limits(rule: &PlacedRule) -> Option<Limits> {
    let keys = ("raise_at", "clear_below");
    let high = |scale, raise: (f64, Place), clear: (f64, Place), keys| Limits {
        scale,
        side: Side::High,
        raise: raise.0,
        raise_place: raise.1,
        clear: Some(clear),
        keys,
    };
    match (&rule.written.kind, &rule.rule.kind) {
        (
            WrittenKind::Threshold { raise_at: r, clear_at: c, .. },
            RuleKind::Threshold { side, raise_at, clear_at },
        ) => {
            let clear_key = if *side == Side::High { "clear_below" } else { "clear_above" };
            let (raise, clear) = ((*raise_at, r.place), (*clear_at, c.place));
            let limits = high(Scale::Value, raise, clear, ("raise_at", clear_key));
            Some(Limits { side: *side, ..limits })
        }
        (
            WrittenKind::WindowMean { raise_at: r, clear_below: c, .. },
            RuleKind::WindowMean { raise_at, clear_below, .. },
        ) => Some(high(Scale::Value, (*raise_at, r.place), (*clear_below, c.place), keys)),
        (
            WrittenKind::RateOfRise { raise_per_min: r, clear_per_min: c, .. },
            RuleKind::RateOfRise { raise_per_min, clear_per_min, .. },
        ) => {
            let (raise, clear) = ((*raise_per_min, r.place), (*clear_per_min, c.place));
            Some(high(Scale::PerMinute, raise, clear, ("raise_per_min", "clear_per_min")))
        }
        (WrittenKind::Trend { target: r, .. }, RuleKind::Trend { target, .. }) => {
            let target = (*target, r.place);
            Some(Limits { clear: None, ..high(Scale::Value, target, target, ("target", "")) })
        }
        (
            WrittenKind::Baseline { raise_by: r, clear_by: c, .. },
            RuleKind::Baseline { raise_by, clear_by, .. },
        ) => {
            let (raise, clear) = ((*raise_by, r.place), (*clear_by, c.place));
            Some(high(Scale::Rise, raise, clear, ("raise_by", "clear_by")))
        }
        (
            WrittenKind::Contrast { raise_at: r, clear_below: c, .. },
            RuleKind::Contrast { raise_at, clear_below, .. },
        ) => Some(high(Scale::Rise, (*raise_at, r.place), (*clear_below, c.place), keys)),
        (
            WrittenKind::Cusum { raise_at: r, clear_below: c, .. }
            | WrittenKind::Dose { raise_at: r, clear_below: c, .. },
            _,
        ) => Some(high(Scale::Plain, (r.value, r.place), (c.value, c.place), keys)),
        _ => None,
    }
}
