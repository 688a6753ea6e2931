//! The same readings in other orders of arrival, in other groups and with restarts in between give
//! what they give in order, for rules of every kind.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/arrivals.rs"]
mod arrivals;
#[path = "support/random_rules.rs"]
mod random_rules;
mod support;

use std::collections::BTreeSet;

use arrivals::{
    Fate, Row, START_MS, Transition, WINDOW_MS, arriving, channels, config, in_order, late,
    rehearse, sorted, transitions, within_the_window,
};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use random_rules::{channel_rules, linked_rules, on_all};
use siskin_engine::rule::Baseline;
use siskin_engine::{Outcome, Rehearsal, Rule, RuleKind, RuleSet};
use siskin_model::{
    AlarmEvent, Correction, CorrectionChange, Edge, Quality, Reading, Site, Tier, Timestamp,
};
use support::{rule, site, site_reordering};

/// What was over this long before it could be told is long past.
const LONG_PAST_MS: i64 = 60_000;

/// A few channels, their rules and how their rows come.
#[derive(Debug, Clone)]
struct Case {
    channels: Vec<Vec<Row>>,
    rules: Vec<Rule>,
    fates: Vec<Fate>,
    /// Groups of so many readings.
    group: usize,
    /// Places at which the process is killed and started again.
    cuts: Vec<Index>,
}

fn case(
    rules: impl Strategy<Value = Vec<Rule>>,
    fates: impl Strategy<Value = Vec<Fate>>,
) -> impl Strategy<Value = Case> {
    let group = prop::sample::select(vec![1, 7, 64, 256, usize::MAX]);
    let cuts = prop::collection::vec(any::<Index>(), 1..20);
    (channels(), rules, fates, group, cuts).prop_map(|(channels, rules, fates, group, cuts)| Case {
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
}

/// Cases of each property, where `PROPTEST_CASES` (as in `make soak`) does not say more.
const CASES: u32 = 64;

/// What the readings say in order, all at once, where nothing waits for others.
fn ordered(case: &Case) -> Vec<AlarmEvent> {
    let count = case.channels.len();
    let (site, rules) = (site(u32::try_from(count).unwrap()), on_all(case.rules.clone(), count));
    sorted(rehearse(&site, &rules, &in_order(&case.channels), usize::MAX).alarms)
}

/// As `rehearse`, with restarts after the groups in which the cuts lie.
fn with_restarts(
    (site, rules): (&Site, &RuleSet),
    readings: &[Reading],
    group: usize,
    cuts: &[Index],
) -> Outcome {
    let cuts: BTreeSet<_> = cuts.iter().map(|cut| cut.index(readings.len())).collect();
    let mut rehearsal = Rehearsal::new(site, rules).unwrap();
    let mut done = 0;
    for readings in readings.chunks(group) {
        rehearsal.arrive(readings);
        let places = done..done + readings.len();
        done = places.end;
        if cuts.range(places).next().is_some() {
            rehearsal = rehearsal.restarted(site, rules).unwrap();
        }
    }
    rehearsal.finish()
}

/// What was told more often than it came: once, and once more after each time that a correction
/// took it back.
fn told_again(outcome: &Outcome) -> Vec<Transition> {
    let told = transitions(&outcome.announced);
    let is_removal = |c: &&Correction| c.change == CorrectionChange::Removed;
    let removed = outcome.corrections.iter().filter(is_removal).map(|c| c.event.clone());
    let removed = transitions(&removed.collect::<Vec<_>>());
    let count = |all: &[Transition], one: &Transition| all.iter().filter(|t| *t == one).count();
    told.iter().filter(|one| count(&told, one) > 1 + count(&removed, one)).cloned().collect()
}

/// Begins that were told although they were long over when they were told: the newest moment then
/// known, and the begin.
fn told_too_late(
    (site, rules): (&Site, &RuleSet),
    readings: &[Reading],
    group: usize,
) -> Vec<(Timestamp, AlarmEvent)> {
    let mut rehearsal = Rehearsal::new(site, rules).unwrap();
    let mut found = Vec::new();
    let (mut done, mut told) = (0, 0);
    let mut now = Timestamp::from_millis(i64::MIN);
    for readings_now in readings.chunks(group) {
        // What could have been told long before this group came.
        let before = now.plus_ms(-i64::from(WINDOW_MS) - LONG_PAST_MS);
        rehearsal.arrive(readings_now);
        done += readings_now.len();
        now = readings_now[readings_now.len() - 1].received_at;
        let new = &rehearsal.announced()[told..];
        told += new.len();
        let begins: Vec<_> = new.iter().filter(|event| event.edge == Edge::Raise).collect();
        if begins.is_empty() {
            continue;
        }
        let so_far = &readings[..done];
        let long_past =
            |event: &&AlarmEvent| event.at < before && is_over(event, site, rules, so_far);
        found.extend(begins.into_iter().filter(long_past).map(|event| (now, event.clone())));
    }
    found
}

/// Whether the alarm is known to be over, as far as its channel has been judged.
fn is_over(begin: &AlarmEvent, site: &Site, rules: &RuleSet, so_far: &[Reading]) -> bool {
    let mut readings = so_far.to_vec();
    readings.sort_by_key(|reading| (reading.measured_at, reading.channel));
    let of_channel = |r: &&Reading| begin.alarm.channel.as_str() == r.channel.0.to_string();
    let newest = readings.iter().filter(of_channel).map(|r| r.measured_at).max().unwrap();
    let known = rehearse(site, rules, &readings, usize::MAX).alarms;
    known.iter().any(|event| {
        let (now, then) = (&event.alarm, &begin.alarm);
        let is_same = (&now.channel, &now.rule, now.since) == (&then.channel, &then.rule, begin.at);
        let is_past = event.at < newest.plus_ms(-i64::from(WINDOW_MS) - LONG_PAST_MS);
        is_same && event.edge == Edge::Clear && is_past
    })
}

fn out_of_order_within_the_window(case: &Case) -> TestCaseResult {
    let (site, rules, readings) = case.made();
    let outcome = rehearse(&site, &rules, &readings, case.group);
    prop_assert_eq!(sorted(outcome.alarms), ordered(case));
    prop_assert_eq!(outcome.corrections, vec![]);
    prop_assert_eq!(outcome.counters.late, 0);
    Ok(())
}

fn groups_do_not_matter(case: &Case) -> TestCaseResult {
    let (site, rules, readings) = case.made();
    let one = rehearse(&site, &rules, &readings, case.group);
    let other = rehearse(&site, &rules, &readings, 1);
    prop_assert_eq!(one.alarms, other.alarms);
    prop_assert_eq!(sorted(one.announced), sorted(other.announced));
    prop_assert_eq!(one.counters, other.counters);
    Ok(())
}

fn late_rows_end_in_the_same_record(case: &Case) -> TestCaseResult {
    let (site, rules, readings) = case.made();
    let outcome = rehearse(&site, &rules, &readings, case.group);
    let wanted = ordered(case);
    prop_assert_eq!(transitions(&outcome.alarms), transitions(&wanted));
    prop_assert_eq!(told_again(&outcome), vec![]);
    Ok(())
}

fn nothing_long_past_is_raised(case: &Case) -> TestCaseResult {
    let (site, rules, readings) = case.made();
    prop_assert_eq!(told_too_late((&site, &rules), &readings, case.group.min(64)), vec![]);
    Ok(())
}

fn restarts_change_nothing(case: &Case) -> TestCaseResult {
    let (site, rules, readings) = case.made();
    let outcome = with_restarts((&site, &rules), &readings, case.group, &case.cuts);
    prop_assert_eq!(told_again(&outcome), vec![]);
    prop_assert_eq!(outcome.corrections, vec![]);
    prop_assert_eq!(sorted(outcome.alarms), ordered(case));
    Ok(())
}

fn restarts_among_late_rows_change_nothing(case: &Case) -> TestCaseResult {
    let (site, rules, readings) = case.made();
    let outcome = with_restarts((&site, &rules), &readings, case.group, &case.cuts);
    let wanted = ordered(case);
    prop_assert_eq!(transitions(&outcome.alarms), transitions(&wanted));
    prop_assert_eq!(told_again(&outcome), vec![]);
    Ok(())
}

/// A rise in the running on-delay, a level that an alarm holds still, a silence during an alarm.
fn a_rise_and_a_silence() -> Vec<Row> {
    let level = |s: i32| match s {
        0..100 => Some(10),
        100..200 => Some(20),
        400..480 => Some(s - 380),
        480..520 => Some(60),
        _ => None,
    };
    let row = |s: i32| {
        let at_ms = START_MS + i64::from(s) * 1_000;
        Some(Row { at_ms, cents: level(s)? * 100, quality: Quality::Good })
    };
    (0..520).filter_map(row).collect()
}

/// What an alarm holds still is held from its true begin, wherever the engine is made anew: while
/// its on-delay runs, while the level stands still, and long after that, behind a silence.
#[test]
fn a_level_that_stands_still_is_the_same_after_a_restart_at_any_moment() {
    let baseline = Baseline {
        window_ms: 60_000,
        step_ms: 5_000,
        quantile: 0.5,
        steps_min: 6,
        freeze_max_ms: 90_000,
        noise_min: 0.05,
    };
    let kind = RuleKind::Baseline { baseline, raise_by: 5.0, clear_by: 2.0, noise_times: 0.0 };
    let rises = Rule { gap_ms: 10_000, ..rule("rises", Some(Tier::Blue), kind, 19, 0) };
    let (site, rules) = (site(1), on_all(vec![rises], 1));
    let readings = in_order(&[a_rise_and_a_silence()]);
    let edges = |outcome: Outcome| -> Vec<(i64, Edge)> {
        outcome.alarms.iter().map(|e| ((e.at.as_millis() - START_MS) / 1_000, e.edge)).collect()
    };
    // Raised 19 s after 100 s at 10 ppm above the level. At 480 s the level is that of 420 to
    // 479 s, 69.5 ppm: 60 ppm is below it.
    let wanted = vec![(119, Edge::Raise), (480, Edge::Clear)];
    assert_eq!(edges(rehearse(&site, &rules, &readings, 1)), wanted);
    for cut in 0..readings.len() {
        let mut rehearsal = Rehearsal::new(&site, &rules).unwrap();
        rehearsal.arrive(&readings[..cut]);
        rehearsal = rehearsal.restarted(&site, &rules).unwrap();
        rehearsal.arrive(&readings[cut..]);
        assert_eq!(edges(rehearsal.finish()), wanted, "restarted before row {cut}");
    }
}

/// Rules that look at one channel.
mod of_one_channel {
    use super::*;

    proptest! {
        #![proptest_config(config(CASES))]

        #[test]
        fn out_of_order(case in case(channel_rules(), within_the_window())) {
            out_of_order_within_the_window(&case)?;
        }

        #[test]
        fn grouped(case in case(channel_rules(), within_the_window())) {
            groups_do_not_matter(&case)?;
        }

        #[test]
        fn late(case in case(channel_rules(), super::late())) {
            late_rows_end_in_the_same_record(&case)?;
        }

        #[test]
        fn long_past(case in case(channel_rules(), super::late())) {
            nothing_long_past_is_raised(&case)?;
        }

        #[test]
        fn restarted(case in case(channel_rules(), within_the_window())) {
            restarts_change_nothing(&case)?;
        }

        #[test]
        fn restarted_among_late_rows(case in case(channel_rules(), super::late())) {
            restarts_among_late_rows_change_nothing(&case)?;
        }
    }
}

/// The same with votes and boolean conditions over their alarms.
mod over_several {
    use super::*;

    proptest! {
        #![proptest_config(config(CASES))]

        #[test]
        fn out_of_order(case in case(linked_rules(), within_the_window())) {
            out_of_order_within_the_window(&case)?;
        }

        #[test]
        fn grouped(case in case(linked_rules(), within_the_window())) {
            groups_do_not_matter(&case)?;
        }

        #[test]
        fn late(case in case(linked_rules(), super::late())) {
            late_rows_end_in_the_same_record(&case)?;
        }

        #[test]
        fn long_past(case in case(linked_rules(), super::late())) {
            nothing_long_past_is_raised(&case)?;
        }

        #[test]
        fn restarted(case in case(linked_rules(), within_the_window())) {
            restarts_change_nothing(&case)?;
        }

        #[test]
        fn restarted_among_late_rows(case in case(linked_rules(), super::late())) {
            restarts_among_late_rows_change_nothing(&case)?;
        }
    }
}
