//! Rules that compare channels: in other orders of arrival, in other groups, with late rows and
//! restarts they give what they give in order.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/arrivals.rs"]
mod arrivals;
#[path = "support/random_rules.rs"]
mod random_rules;
mod support;

use arrivals::{
    Fate, Row, START_MS, WINDOW_MS, arriving, in_order, late, rehearse, sorted, transitions,
    within_the_window,
};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use random_rules::on_all;
use siskin_engine::rule::{Contrast, Expr, Recent, Span};
use siskin_engine::{Outcome, Rehearsal, Rule, RuleKind, RuleSet};
use siskin_model::{AlarmEvent, Edge, Quality, Reading, RuleId, Site, Tier};
use support::{rule, site_reordering};

/// Channels with their rows, the rules, how the rows come, in which groups, and where restarts lie.
#[derive(Debug, Clone)]
struct Case {
    channels: Vec<Vec<Row>>,
    rules: Vec<Rule>,
    fates: Vec<Fate>,
    group: usize,
    cuts: Vec<Index>,
}

/// One channel: pieces of silence before, level and rows. Some stand out from the others.
fn channel() -> impl Strategy<Value = Vec<Row>> {
    let piece = (
        prop_oneof![12 => Just(0i64), 1 => 6i64..50],
        prop_oneof![4 => 990i32..1010, 1 => 1200i32..1800],
        1usize..40,
        prop_oneof![15 => Just(Quality::Good), 1 => Just(Quality::Maintenance)],
    );
    prop::collection::vec(piece, 2..9).prop_map(|pieces| {
        let mut at_ms = START_MS;
        let mut rows = Vec::new();
        for (silence_s, level, length, quality) in pieces {
            at_ms += silence_s * 1000;
            for (i, n) in (0i32..).zip(0..length) {
                at_ms += 900 + [0, 100, 200][n % 3];
                rows.push(Row { at_ms, cents: level + (i * 7919) % 13, quality });
            }
        }
        rows
    })
}

/// A comparison in short steps and a condition over its alarm.
fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let step_ms = prop::sample::select(vec![5_000i64, 7_000, 10_000]);
    let recent = || {
        (3i64..8, prop::sample::select(vec![0.0, 1.2])).prop_map(|(steps, times)| (steps, times))
    };
    let delay = || prop_oneof![1 => Just(0i64), 2 => 1i64..40];
    (step_ms, 3i64..9, 1u32..3, recent(), recent(), delay(), delay(), 1i64..40).prop_map(
        |(step_ms, baseline, mean_steps, own, group, on_s, off_s, gap_s)| {
            let recent = |(steps, times): (i64, f64)| Recent {
                window_ms: steps * step_ms,
                quantile: 0.9,
                times,
            };
            let contrast = Contrast {
                step_ms,
                baseline_ms: baseline * step_ms,
                steps_min: 2,
                mean_steps,
                own: recent(own),
                group: recent(group),
            };
            let kind =
                RuleKind::Contrast { contrast, span: Span::Area, raise_at: 1.5, clear_below: 0.7 };
            let stands =
                Rule { gap_ms: gap_s * 1000, ..rule("c", Some(Tier::Blue), kind, on_s, off_s) };
            let when = Expr::Rule(RuleId::new("c").unwrap());
            let over =
                rule("b", Some(Tier::Yellow), RuleKind::Boolean { when }, off_s / 2, on_s / 2);
            vec![stands, over]
        },
    )
}

fn case(fates: impl Strategy<Value = Vec<Fate>>) -> impl Strategy<Value = Case> {
    let channels = prop::collection::vec(channel(), 3..5);
    let group = prop::sample::select(vec![1, 7, 64, 256, usize::MAX]);
    let cuts = prop::collection::vec(any::<Index>(), 1..20);
    (channels, rules(), fates, group, cuts).prop_map(|(channels, rules, fates, group, cuts)| Case {
        channels,
        rules,
        fates,
        group,
        cuts,
    })
}

impl Case {
    fn made(&self) -> (Site, RuleSet, Vec<Reading>) {
        let count = self.channels.len();
        let site = site_reordering(u32::try_from(count).unwrap(), WINDOW_MS);
        (site, on_all(self.rules.clone(), count), arriving(&self.channels, &self.fates))
    }

    fn ordered(&self) -> Vec<AlarmEvent> {
        let (site, rules, _) = self.made();
        sorted(rehearse(&site, &rules, &in_order(&self.channels), usize::MAX).alarms)
    }

    fn restarted(&self) -> Outcome {
        let (site, rules, readings) = self.made();
        let cuts: Vec<_> = self.cuts.iter().map(|cut| cut.index(readings.len())).collect();
        let mut rehearsal = Rehearsal::new(&site, &rules).unwrap();
        let mut done = 0;
        for group in readings.chunks(self.group) {
            rehearsal.arrive(group);
            let places = done..done + group.len();
            done = places.end;
            if cuts.iter().any(|cut| places.contains(cut)) {
                rehearsal = rehearsal.restarted(&site, &rules).unwrap();
            }
        }
        rehearsal.finish()
    }
}

fn as_in_order(case: &Case, outcome: Outcome) -> TestCaseResult {
    prop_assert_eq!(sorted(outcome.alarms), case.ordered());
    prop_assert_eq!(outcome.corrections, vec![]);
    Ok(())
}

/// Cases of each property, where `PROPTEST_CASES` does not say more.
const CASES: u32 = 48;

fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    let is_told = std::env::var_os("PROPTEST_CASES").is_some();
    let cases = if is_told { usual.cases } else { CASES };
    ProptestConfig { cases, max_shrink_time: 30_000, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn out_of_order(case in case(within_the_window())) {
        let (site, rules, readings) = case.made();
        as_in_order(&case, rehearse(&site, &rules, &readings, case.group))?;
    }

    #[test]
    fn restarted(case in case(within_the_window())) {
        as_in_order(&case, case.restarted())?;
    }

    #[test]
    fn late_rows(case in case(late())) {
        let (site, rules, readings) = case.made();
        let outcome = rehearse(&site, &rules, &readings, case.group);
        prop_assert_eq!(transitions(&outcome.alarms), transitions(&case.ordered()));
    }

    #[test]
    fn restarted_among_late_rows(case in case(late())) {
        let outcome = case.restarted();
        prop_assert_eq!(transitions(&outcome.alarms), transitions(&case.ordered()));
    }
}

/// Four channels that say 10 ppm every second; the first one what `first` says, if anything.
fn beside_three(first: impl Fn(i64) -> Option<i32>) -> Vec<Vec<Row>> {
    let rows = |cents: &dyn Fn(i64) -> Option<i32>| -> Vec<Row> {
        let row = |s: i64| {
            Some(Row { at_ms: START_MS + s * 1000, cents: cents(s)?, quality: Quality::Good })
        };
        (0..380).filter_map(row).collect()
    };
    vec![rows(&first), rows(&|_| Some(1000)), rows(&|_| Some(1000)), rows(&|_| Some(1000))]
}

fn story(channels: &[Vec<Row>], on_s: i64, off_s: i64) -> Vec<(i64, Edge)> {
    let recent = Recent { window_ms: 60_000, quantile: 0.9, times: 0.0 };
    let contrast = Contrast {
        step_ms: 10_000,
        baseline_ms: 300_000,
        steps_min: 3,
        mean_steps: 1,
        own: recent,
        group: recent,
    };
    let kind = RuleKind::Contrast { contrast, span: Span::Area, raise_at: 2.0, clear_below: 1.0 };
    let stands = rule("c", Some(Tier::Blue), kind, on_s, off_s);
    let site = site_reordering(4, 0);
    let outcome = rehearse(&site, &on_all(vec![stands], 4), &in_order(channels), usize::MAX);
    outcome.alarms.iter().map(|e| ((e.at.as_millis() - START_MS) / 1000, e.edge)).collect()
}

#[test]
fn one_stands_out_and_comes_back() {
    // 15 ppm from 200 s on: the step that ends at 200 s has one such row of ten (+0.5), the next
    // ten. Back at 10 ppm from 250 s on.
    let out = |s: i64| Some(if (200..250).contains(&s) { 1500 } else { 1000 });
    assert_eq!(story(&beside_three(out), 0, 0), [(210, Edge::Raise), (260, Edge::Clear)]);
    assert_eq!(story(&beside_three(out), 20, 30), [(230, Edge::Raise), (290, Edge::Clear)]);
}

#[test]
fn missing_steps_complete_no_delay() {
    // It stands out for one step and falls silent for 60 s, longer than the gap: nothing is raised
    // until it has stood out for 20 s again. A step still has a row of before the silence.
    let out = |s: i64| match s {
        0..200 => Some(1000),
        200..211 | 271.. => Some(1500),
        _ => None,
    };
    assert_eq!(story(&beside_three(out), 20, 0), [(300, Edge::Raise)]);
    // Silent while it is raised, it does not come back, however long the others are calm.
    let out = |s: i64| (s < 230).then_some(if s < 200 { 1000 } else { 1500 });
    assert_eq!(story(&beside_three(out), 0, 30), [(210, Edge::Raise)]);
}
