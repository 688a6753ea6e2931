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
    Row, WINDOW_MS, arriving, channels, in_order, late, rehearse, sorted, transitions,
    within_the_window,
};
use proptest::prelude::*;
use proptest::sample::Index;
use random_rules::{all_rules, on_all};
use siskin_engine::{Outcome, Rehearsal, RuleSet};
use siskin_model::{AlarmEvent, Edge, Reading, Site, Timestamp};
use support::site_reordering;

/// Groups that the readings come in.
fn group() -> impl Strategy<Value = usize> {
    prop::sample::select(vec![1, 7, 64, 256, usize::MAX])
}

/// Places at which the process is killed and started again.
fn cuts() -> impl Strategy<Value = Vec<Index>> {
    prop::collection::vec(any::<Index>(), 1..20)
}

/// A site and its rules for these channels.
fn park(channels: &[Vec<Row>], rules: Vec<siskin_engine::Rule>) -> (Site, RuleSet) {
    let site = site_reordering(u32::try_from(channels.len()).unwrap(), WINDOW_MS);
    (site, on_all(rules, channels.len()))
}

/// What the readings say in order, all at once.
fn ordered(channels: &[Vec<Row>], site: &Site, rules: &RuleSet) -> Vec<AlarmEvent> {
    sorted(rehearse(site, rules, &in_order(channels), usize::MAX).alarms)
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

/// What was told more than once, and what was told out of turn: a begin after a begin.
fn told_wrongly(announced: &[AlarmEvent]) -> Vec<&AlarmEvent> {
    let mut told = BTreeSet::new();
    let is_again = |event: &&AlarmEvent| {
        let alarm = &event.alarm;
        !told.insert((alarm.channel.clone(), alarm.rule.clone(), event.at, event.edge))
    };
    announced.iter().filter(is_again).collect()
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
        // What could have been told before this group came.
        let before = now.plus_ms(-i64::from(WINDOW_MS));
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
        let is_past = event.at < newest.plus_ms(-i64::from(WINDOW_MS));
        is_same && event.edge == Edge::Clear && is_past
    })
}

proptest! {
    #[test]
    fn out_of_order_within_the_window(
        channels in channels(),
        rules in all_rules(),
        fates in within_the_window(),
        group in group(),
    ) {
        let (site, rules) = park(&channels, rules);
        let readings = arriving(&channels, &fates);
        let outcome = rehearse(&site, &rules, &readings, group);
        prop_assert_eq!(sorted(outcome.alarms), ordered(&channels, &site, &rules));
        prop_assert_eq!(outcome.corrections, vec![]);
        prop_assert_eq!(outcome.counters.late, 0);
    }

    #[test]
    fn groups_do_not_matter(
        channels in channels(),
        rules in all_rules(),
        fates in within_the_window(),
        (one, other) in (group(), group()),
    ) {
        let (site, rules) = park(&channels, rules);
        let readings = arriving(&channels, &fates);
        let one = rehearse(&site, &rules, &readings, one);
        let other = rehearse(&site, &rules, &readings, other);
        prop_assert_eq!(one.alarms, other.alarms);
        prop_assert_eq!(sorted(one.announced), sorted(other.announced));
        prop_assert_eq!(one.counters, other.counters);
    }

    #[test]
    fn late_rows_end_in_the_same_record(
        channels in channels(),
        rules in all_rules(),
        fates in late(),
        group in group(),
    ) {
        let (site, rules) = park(&channels, rules);
        let readings = arriving(&channels, &fates);
        let outcome = rehearse(&site, &rules, &readings, group);
        prop_assert_eq!(
            transitions(&outcome.alarms),
            transitions(&ordered(&channels, &site, &rules))
        );
        prop_assert_eq!(told_wrongly(&outcome.announced), Vec::<&AlarmEvent>::new());
    }

    #[test]
    fn late_rows_raise_nothing_that_is_long_past(
        channels in channels(),
        rules in all_rules(),
        fates in late(),
        group in prop::sample::select(vec![1usize, 7, 64]),
    ) {
        let (site, rules) = park(&channels, rules);
        let readings = arriving(&channels, &fates);
        prop_assert_eq!(told_too_late((&site, &rules), &readings, group), vec![]);
    }

    #[test]
    fn restarts_change_nothing(
        channels in channels(),
        rules in all_rules(),
        fates in within_the_window(),
        group in group(),
        cuts in cuts(),
    ) {
        let (site, rules) = park(&channels, rules);
        let readings = arriving(&channels, &fates);
        let outcome = with_restarts((&site, &rules), &readings, group, &cuts);
        prop_assert_eq!(sorted(outcome.alarms), ordered(&channels, &site, &rules));
        prop_assert_eq!(outcome.corrections, vec![]);
        prop_assert_eq!(told_wrongly(&outcome.announced), Vec::<&AlarmEvent>::new());
    }

    #[test]
    fn restarts_among_late_rows_change_nothing(
        channels in channels(),
        rules in all_rules(),
        fates in late(),
        group in group(),
        cuts in cuts(),
    ) {
        let (site, rules) = park(&channels, rules);
        let readings = arriving(&channels, &fates);
        let outcome = with_restarts((&site, &rules), &readings, group, &cuts);
        prop_assert_eq!(
            transitions(&outcome.alarms),
            transitions(&ordered(&channels, &site, &rules))
        );
        prop_assert_eq!(told_wrongly(&outcome.announced), Vec::<&AlarmEvent>::new());
    }
}
