//! Rules that are put in while running: unchanged ones go on as if nothing had happened, changed
//! ones are warmed from the past, and an error changes nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/arrivals.rs"]
mod arrivals;
#[path = "support/random_rules.rs"]
mod random_rules;
mod support;

use std::collections::BTreeSet;

use arrivals::{
    Fate, Row, WINDOW_MS, arriving, channels, config, in_order, rehearse, sorted, within_the_window,
};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use random_rules::{channel_rules, linked_rules, on_all};
use siskin_engine::{EngineError, Outcome, Rehearsal, Rule, RuleSet};
use siskin_model::Site;
use support::{rule, site, site_reordering};

/// Judges readings one by one; after those at the cuts the `turn`-th of `sets` is put in.
fn with_changes(
    site: &Site,
    sets: &[&RuleSet],
    readings: &[siskin_model::Reading],
    cuts: &[Index],
) -> Outcome {
    let cuts: BTreeSet<_> = cuts.iter().map(|cut| cut.index(readings.len())).collect();
    let mut rehearsal = Rehearsal::new(site, sets[0]).unwrap();
    let mut turn = 0;
    for (place, reading) in readings.iter().enumerate() {
        rehearsal.arrive(std::slice::from_ref(reading));
        if cuts.contains(&place) {
            turn += 1;
            rehearsal.change_rules(site, sets[turn % sets.len()]).unwrap();
        }
    }
    if turn % sets.len() != 0 {
        rehearsal.change_rules(site, sets[0]).unwrap();
    }
    rehearsal.finish()
}

/// The same rules, put in again and again, and the same rules beside one more that never raises
/// and is taken out again: nothing is told, lost or told twice.
fn unchanged_rules_go_on(
    channels: &[Vec<Row>],
    rules: &[Rule],
    fates: &[Fate],
    cuts: &[Index],
) -> TestCaseResult {
    let count = channels.len();
    let (ordered, reordering) = (
        site(u32::try_from(count).unwrap()),
        site_reordering(u32::try_from(count).unwrap(), WINDOW_MS),
    );
    let set = on_all(rules.to_vec(), count);
    let mut more = rules.to_vec();
    more.push(rule("beyond", None, support::never(), 0, 0));
    let more = on_all(more, count);
    let wanted = sorted(rehearse(&ordered, &set, &in_order(channels), usize::MAX).alarms);
    let readings = arriving(channels, fates);
    let found = with_changes(&reordering, &[&set, &more], &readings, cuts);
    prop_assert_eq!(found.corrections, vec![]);
    prop_assert_eq!(sorted(found.announced), wanted.clone());
    prop_assert_eq!(sorted(found.alarms), wanted);
    Ok(())
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn rules_of_one_channel_that_did_not_change_go_on(
        channels in channels(),
        rules in channel_rules(),
        fates in within_the_window(),
        cuts in prop::collection::vec(any::<Index>(), 1..6),
    ) {
        unchanged_rules_go_on(&channels, &rules, &fates, &cuts)?;
    }

    #[test]
    fn rules_over_several_that_did_not_change_go_on(
        channels in channels(),
        rules in linked_rules(),
        fates in within_the_window(),
        cuts in prop::collection::vec(any::<Index>(), 1..6),
    ) {
        unchanged_rules_go_on(&channels, &rules, &fates, &cuts)?;
    }
}

#[test]
fn rules_of_other_channels_are_refused_and_the_old_ones_go_on() {
    let (one, two) = (site(1), site(2));
    let set = on_all(vec![rule("beyond", None, support::never(), 0, 0)], 1);
    let mut rehearsal = Rehearsal::new(&one, &set).unwrap();
    let other = on_all(set.rules.clone(), 2);
    let refused = rehearsal.change_rules(&two, &other);
    assert!(matches!(refused, Err(EngineError::OtherChannels)));
    assert_eq!(rehearsal.finish().alarms, []);
}
