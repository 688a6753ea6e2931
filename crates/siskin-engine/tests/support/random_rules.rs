//! Random rules of every kind, with windows so short that short series exercise them.

#![allow(dead_code, reason = "each test takes its part")]

use proptest::prelude::*;
use siskin_engine::rule::{Baseline, DosePoint, Expr, Side, Span, TrendMethod};
use siskin_engine::{Binding, Rule, RuleKind, RuleSet};
use siskin_model::{AlarmKind, ChannelIndex, RuleId, Tier};

use crate::support::{GAP_MS, rule};

/// Kinds that look at one channel's readings with whole-number limits.
fn plain_kinds() -> Vec<RuleKind> {
    let threshold = |side, raise_at, clear_at| RuleKind::Threshold { side, raise_at, clear_at };
    vec![
        threshold(Side::High, 10.0, 9.0),
        threshold(Side::High, 20.0, 18.0),
        threshold(Side::High, 50.0, 45.0),
        threshold(Side::Low, 8.5, 9.25),
        RuleKind::WindowMean {
            window_ms: 60_000,
            samples_min: 40,
            raise_at: 10.0,
            clear_below: 9.0,
        },
        RuleKind::Trend {
            method: TrendMethod::LeastSquares,
            window_ms: 30_000,
            samples_min: 20,
            target: 20.0,
            horizon_ms: 60_000,
            significance: 4.0,
        },
        RuleKind::NoData { after_ms: GAP_MS },
        RuleKind::OutOfRange,
    ]
}

/// Kinds with longer memories. Where a formula has fractions its limits are uneven: then no answer
/// hangs on rounding.
fn other_kinds() -> Vec<RuleKind> {
    let baseline = Baseline {
        window_ms: 60_000,
        step_ms: 5_000,
        quantile: 0.25,
        steps_min: 6,
        freeze_max_ms: 90_000,
        noise_min: 0.05,
    };
    let point = |duration_ms, limit| DosePoint { duration_ms, limit };
    vec![
        RuleKind::RateOfRise {
            window_ms: 20_000,
            samples_min: 10,
            raise_per_min: 10.000_37,
            clear_per_min: 2.000_41,
        },
        RuleKind::Trend {
            method: TrendMethod::TheilSen,
            window_ms: 30_000,
            samples_min: 6,
            target: 30.012_3,
            horizon_ms: 120_000,
            significance: 2.05,
        },
        RuleKind::Baseline { baseline, raise_by: 5.003_03, clear_by: 2.003_07, noise_times: 4.0 },
        RuleKind::Cusum {
            baseline,
            memory_ms: 30_000,
            whiten: Some(0.5),
            allowance: 1.0,
            clip: 4.0,
            raise_at: 8.0,
            clear_below: 1.0,
        },
        RuleKind::Dose {
            points: vec![point(10_000, 40.0), point(30_000, 25.0), point(60_000, 15.0)],
            exponent: None,
            raise_at: 1.000_37,
            clear_below: 0.800_41,
        },
        RuleKind::Stuck { after_ms: 15_000, tolerance: 0.3, ignore_to: Some(0.5) },
        RuleKind::Jump { by: 8.0, within_ms: 2_000 },
    ]
}

/// Kinds over the alarms of `kinds`. As in a site's rules, silence has no vote: what is asked about
/// must be a reading.
fn kinds_over(kinds: &[RuleKind]) -> Vec<RuleKind> {
    let placed = kinds.iter().enumerate();
    let voting = placed.filter(|(_, kind)| !matches!(kind, RuleKind::NoData { .. }));
    let mut names: Vec<_> = voting.map(|(place, _)| id(place)).collect();
    if names.is_empty() {
        names.push(id(kinds.len() + 1));
    }
    let name = |place: usize| Box::new(Expr::Rule(names[place % names.len()].clone()));
    let vote = |needs, memory_ms| RuleKind::Vote {
        of: names.clone(),
        needs,
        span: Span::Area,
        within_m: None,
        memory_ms,
        wind: None,
    };
    let not = Expr::Not(name(1));
    vec![
        vote(2, 0),
        vote(2, 15_000),
        RuleKind::Boolean { when: Expr::And(vec![*name(0), not]) },
        RuleKind::Boolean { when: Expr::Or(vec![*name(0), *name(2)]) },
    ]
}

fn id(place: usize) -> RuleId {
    RuleId::new(&format!("r{place}")).unwrap()
}

/// Delays in seconds and a gap: which rule has which.
type Times = (i64, i64, i64);

fn times() -> impl Strategy<Value = Times> {
    let seconds = prop_oneof![2 => Just(0i64), 3 => 1i64..31];
    (seconds.clone(), seconds, prop_oneof![Just(GAP_MS), 8_000i64..60_000])
}

fn made(kinds: Vec<RuleKind>, times: &[Times]) -> Vec<Rule> {
    let tiers = [Tier::Blue, Tier::Yellow, Tier::Orange, Tier::Red];
    let one = |(place, (kind, (on_s, off_s, gap_ms))): (usize, (RuleKind, &Times))| {
        let has_tier = kind.alarm_kind() == AlarmKind::Gas;
        let tier = has_tier.then_some(tiers[place % tiers.len()]);
        // No delay belongs to silence itself.
        let is_silence = matches!(kind, RuleKind::NoData { .. });
        let (on_s, off_s) = if is_silence { (0, 0) } else { (*on_s, *off_s) };
        Rule { gap_ms: *gap_ms, ..rule(id(place).as_str(), tier, kind, on_s, off_s) }
    };
    kinds.into_iter().zip(times.iter().cycle()).enumerate().map(one).collect()
}

/// Some of the kinds that [`super::plain`] has, with random delays.
pub(crate) fn plain_rules() -> impl Strategy<Value = Vec<Rule>> {
    let is_plain = |kind: &RuleKind| !matches!(kind, RuleKind::Cusum { .. });
    let all: Vec<_> = plain_kinds().into_iter().chain(other_kinds()).filter(is_plain).collect();
    let count = all.len();
    let some = prop::sample::subsequence(all, 1..=count);
    (some, delays()).prop_map(|(kinds, times)| made(kinds, &times))
}

/// Some of all kinds that look at one channel, with random delays.
pub(crate) fn channel_rules() -> impl Strategy<Value = Vec<Rule>> {
    (channel_kinds(), delays()).prop_map(|(kinds, times)| made(kinds, &times))
}

/// The same, and after them some over the alarms of those.
pub(crate) fn linked_rules() -> impl Strategy<Value = Vec<Rule>> {
    let over = prop::sample::subsequence(vec![0usize, 1, 2, 3], 1..=4);
    (channel_kinds(), over, delays()).prop_map(|(mut kinds, over, times)| {
        let named = kinds_over(&kinds);
        kinds.extend(over.into_iter().map(|place| named[place].clone()));
        made(kinds, &times)
    })
}

fn channel_kinds() -> impl Strategy<Value = Vec<RuleKind>> {
    let all: Vec<_> = plain_kinds().into_iter().chain(other_kinds()).collect();
    let count = all.len();
    prop::sample::subsequence(all, 1..=count)
}

fn delays() -> impl Strategy<Value = Vec<Times>> {
    prop::collection::vec(times(), 1..8)
}

/// Every rule on every channel.
pub(crate) fn on_all(rules: Vec<Rule>, channels: usize) -> RuleSet {
    let channels = 0..u32::try_from(channels).unwrap();
    let places = 0..rules.len();
    let bind = |channel| {
        let channel = ChannelIndex(channel);
        places.clone().map(move |rule| Binding { rule, channel, factor: 1.0 })
    };
    let bindings = channels.flat_map(bind).collect();
    RuleSet { rules, bindings }
}
