//! The engine against a plain reading of the rules, whatever order the readings come in within the
//! reorder window and however they are grouped.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/arrivals.rs"]
mod arrivals;
#[path = "support/plain.rs"]
mod plain;
#[path = "support/random_rules.rs"]
mod random_rules;
mod support;

use arrivals::{
    WINDOW_MS, arriving, channels, config, in_order, rehearse, transitions, within_the_window,
};
use plain::plain;
use proptest::prelude::*;
use random_rules::{on_all, plain_rules};
use support::{site, site_reordering};

/// Cases of each property, where `PROPTEST_CASES` does not say more.
const CASES: u32 = 100;

proptest! {
    #![proptest_config(config(CASES))]

    #[test]
    fn in_order_the_transitions_are_those_of_the_plain_reading(
        channels in channels(),
        rules in plain_rules(),
        group in 1usize..400,
    ) {
        let wanted = plain(&channels, &rules);
        let count = channels.len();
        let site = site(u32::try_from(count).unwrap());
        let outcome = rehearse(&site, &on_all(rules, count), &in_order(&channels), group);
        prop_assert_eq!(transitions(&outcome.alarms), wanted);
    }

    #[test]
    fn out_of_order_within_the_window_they_are_the_same(
        channels in channels(),
        rules in plain_rules(),
        fates in within_the_window(),
        group in 1usize..400,
    ) {
        let wanted = plain(&channels, &rules);
        let count = channels.len();
        let site = site_reordering(u32::try_from(count).unwrap(), WINDOW_MS);
        let readings = arriving(&channels, &fates);
        let outcome = rehearse(&site, &on_all(rules, count), &readings, group);
        prop_assert_eq!(transitions(&outcome.alarms), wanted);
        prop_assert_eq!(transitions(&outcome.announced), transitions(&outcome.alarms));
        prop_assert_eq!(outcome.counters.late, 0);
    }
}
