//! How rules stand, as people see them: values, margins, running delays.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy does not know that the helpers beside the tests are tests too"
)]

mod support;

use siskin_engine::machine::State;
use siskin_engine::rule::{Side, Span};
use siskin_engine::{Binding, Effects, Engine, RuleKind, RuleSet, Standing};
use siskin_model::{ChannelIndex, Quality, Reading, RuleId, Tier, Timestamp};

use support::{rule, site};

fn rules() -> RuleSet {
    let high = RuleKind::Threshold { side: Side::High, raise_at: 10.0, clear_at: 9.0 };
    let low = RuleKind::Threshold { side: Side::Low, raise_at: 2.0, clear_at: 3.0 };
    let mean =
        RuleKind::WindowMean { window_ms: 10_000, samples_min: 3, raise_at: 8.0, clear_below: 7.0 };
    let vote = RuleKind::Vote {
        of: vec![RuleId::new("high").unwrap()],
        needs: 1,
        span: Span::Area,
        within_m: None,
        memory_ms: 0,
        wind: None,
    };
    let rules = vec![
        rule("high", Some(Tier::Red), high, 5, 5),
        rule("low", None, low, 0, 0),
        rule("mean", None, mean, 0, 0),
        rule("silence", None, RuleKind::NoData { after_ms: 60_000 }, 0, 0),
        rule("vote", None, vote, 0, 0),
    ];
    let channel = ChannelIndex(0);
    let bindings = (0..5).map(|rule| Binding { rule, channel, factor: 1.0 }).collect();
    RuleSet { rules, bindings }
}

/// Rule, state, value and limit.
type Stands<'a> = (&'a str, State, Option<(f64, f64)>);

/// After these values, a second apart from second 1 on; the clock then stands at `clock_s`.
fn check(values: &[f64], clock_s: i64, expected: &[Stands<'_>]) {
    let rules = rules();
    let ids: Vec<_> = rules.rules.iter().map(|rule| rule.id.to_string()).collect();
    let mut engine = Engine::new(&site(1), &rules).unwrap();
    let mut effects = Effects::default();
    engine.expect_since(Timestamp::from_millis(0));
    for (second, value) in (1..).zip(values) {
        let at = Timestamp::from_millis(second * 1000);
        let reading = Reading::new(ChannelIndex(0), at, at, Some(*value), Quality::Good);
        engine.readings(&[reading], &mut effects);
    }
    engine.tick(Timestamp::from_millis(clock_s * 1000), &mut effects);
    let mut found: Vec<_> = engine.standings();
    found.sort_by_key(|standing| standing.rule);
    let told = |one: &Standing| {
        let numbers = one.measure.map(|measure| (measure.value, measure.limit));
        (ids[one.rule].clone(), one.state, numbers)
    };
    let found: Vec<_> = found.iter().map(told).collect();
    let expected: Vec<_> =
        expected.iter().map(|(id, state, numbers)| ((*id).to_owned(), *state, *numbers)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_rule_stands_where_the_last_reading_left_it() {
    let normal = State::Normal;
    check(
        &[],
        4,
        &[
            ("high", normal, None),
            ("low", normal, None),
            ("mean", normal, None),
            ("silence", normal, Some((4.0, 60.0))),
            ("vote", normal, None),
        ],
    );
    check(
        &[4.0, 12.0],
        5,
        &[
            ("high", State::Pending, Some((12.0, 10.0))),
            ("low", normal, Some((12.0, 2.0))),
            ("mean", normal, None),
            ("silence", normal, Some((3.0, 60.0))),
            ("vote", normal, None),
        ],
    );
    check(
        &[4.0, 12.0, 11.0],
        3,
        &[
            ("high", State::Pending, Some((11.0, 10.0))),
            ("low", normal, Some((11.0, 2.0))),
            ("mean", State::Active, Some((9.0, 8.0))),
            ("silence", normal, Some((0.0, 60.0))),
            ("vote", normal, None),
        ],
    );
}

#[test]
fn a_raised_rule_a_vote_and_a_running_off_delay_are_seen() {
    let mut values = vec![12.0; 6];
    values.push(1.0);
    check(
        &values,
        20,
        &[
            ("high", State::Clearing, Some((1.0, 10.0))),
            ("low", State::Active, Some((1.0, 2.0))),
            ("mean", State::Active, Some(((12.0 * 6.0 + 1.0) / 7.0, 8.0))),
            ("silence", State::Normal, Some((13.0, 60.0))),
            ("vote", State::Active, None),
        ],
    );
}

#[test]
fn looking_changes_nothing() {
    let rules = rules();
    let mut engine = Engine::new(&site(1), &rules).unwrap();
    let mut effects = Effects::default();
    let at = Timestamp::from_millis(1000);
    let reading = Reading::new(ChannelIndex(0), at, at, Some(12.0), Quality::Good);
    engine.readings(&[reading], &mut effects);
    assert_eq!(engine.standings(), engine.standings());
    assert_eq!(engine.standings().len(), rules.bindings.len());
    let pending = engine.standings().into_iter().find(|one| one.state == State::Pending).unwrap();
    assert_eq!(pending.delay_since, Some(at));
}
