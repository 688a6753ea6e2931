//! Random readings of a few channels, and the orders in which they may arrive.
//!
//! Everything is a proptest strategy, so that what fails shrinks to few rows that come in order.

#![allow(dead_code, reason = "each test takes its part")]

use proptest::prelude::*;
use siskin_engine::{Outcome, Rehearsal, RuleSet};
use siskin_model::{AlarmEvent, ChannelIndex, Edge, Quality, Reading, Site, Timestamp};

pub(crate) const START_MS: i64 = 1_767_225_600_000;
/// The reorder window of the tests' site.
pub(crate) const WINDOW_MS: u32 = 10_000;
/// The latest that a late row comes.
const LATE_MAX_MS: i64 = 900_000;

/// So many cases of a property, where `PROPTEST_CASES` does not say more; enough time to make a
/// failing case small, and no more.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    let is_told = std::env::var_os("PROPTEST_CASES").is_some();
    let cases = if is_told { usual.cases } else { cases };
    ProptestConfig { cases, max_shrink_time: 30_000, ..usual }
}

/// What a channel says: when, hundredths of ppm, what is known about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) at_ms: i64,
    pub(crate) cents: i32,
    pub(crate) quality: Quality,
}

/// How a row comes: so long after its time, and perhaps once more, so long after its time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fate {
    delay_ms: i64,
    again_ms: Option<i64>,
}

/// One channel: pieces of silence before in 100 ms, level, rows, slope and quality, with a saw
/// tooth.
pub(crate) fn channel() -> impl Strategy<Value = Vec<Row>> {
    let quality = prop_oneof![
        12 => Just(Quality::Good),
        1 => prop::sample::select(&Quality::ALL[..]),
    ];
    let piece = (
        prop_oneof![20 => 0i64..4, 1 => 250i64..420],
        prop_oneof![0i32..3000, 800i32..1200, 4000i32..6000],
        1usize..60,
        -40i32..60,
        quality,
    );
    prop::collection::vec(piece, 1..8).prop_map(|pieces| {
        let mut at_ms = START_MS;
        let mut rows = Vec::new();
        for (silence, level, length, slope, quality) in pieces {
            at_ms += silence * 100;
            for (i, n) in (0i32..).zip(0..length) {
                at_ms += 900 + [0, 100, 200][n % 3];
                let cents = (level + slope * i + (i * 7919) % 23).max(0);
                rows.push(Row { at_ms, cents, quality });
            }
        }
        rows
    })
}

/// A few channels.
pub(crate) fn channels() -> impl Strategy<Value = Vec<Vec<Row>>> {
    prop::collection::vec(channel(), 1..4)
}

/// Everything comes within the reorder window, one row in twenty twice.
pub(crate) fn within_the_window() -> impl Strategy<Value = Vec<Fate>> {
    let delay = || prop_oneof![1 => Just(0), 3 => 0..=i64::from(WINDOW_MS)];
    let again = prop_oneof![19 => Just(None), 1 => delay().prop_map(Some)];
    let fate = (delay(), again).prop_map(|(delay_ms, again_ms)| Fate { delay_ms, again_ms });
    prop::collection::vec(fate, 1..60)
}

/// As within the window, but one row in ten comes up to a quarter of an hour late.
pub(crate) fn late() -> impl Strategy<Value = Vec<Fate>> {
    let late = i64::from(WINDOW_MS) + 1..LATE_MAX_MS;
    let delay = move || prop_oneof![5 => Just(0), 4 => 0..=i64::from(WINDOW_MS), 1 => late.clone()];
    let again = prop_oneof![19 => Just(None), 1 => delay().prop_map(Some)];
    let fate = (delay(), again).prop_map(|(delay_ms, again_ms)| Fate { delay_ms, again_ms });
    prop::collection::vec(fate, 1..60)
}

/// All rows in order of time.
pub(crate) fn in_order(channels: &[Vec<Row>]) -> Vec<Reading> {
    arriving(channels, &[Fate { delay_ms: 0, again_ms: None }])
}

/// All rows in the order in which they come; `fates` go round. The clock is the newest stamp seen.
pub(crate) fn arriving(channels: &[Vec<Row>], fates: &[Fate]) -> Vec<Reading> {
    let mut fates = fates.iter().cycle();
    let mut coming = Vec::new();
    for (channel, rows) in (0u32..).map(ChannelIndex).zip(channels) {
        for row in rows {
            let fate = fates.next().expect("there is a fate");
            coming.push((row.at_ms + fate.delay_ms, channel, *row));
            coming.extend(fate.again_ms.map(|again_ms| (row.at_ms + again_ms, channel, *row)));
        }
    }
    // Rows of one channel that come at once come in order of their time.
    coming.sort_by_key(|(at_ms, channel, row)| (*at_ms, row.at_ms, *channel));
    let mut now = Timestamp::from_millis(i64::MIN);
    let reading = |(_, channel, row): (i64, ChannelIndex, Row)| {
        let measured_at = Timestamp::from_millis(row.at_ms);
        now = now.max(measured_at);
        let value = Some(f64::from(row.cents) / 100.0);
        Reading::new(channel, measured_at, now, value, row.quality)
    };
    coming.into_iter().map(reading).collect()
}

/// What a rehearsal says about readings that come in groups of `group`.
pub(crate) fn rehearse(
    site: &Site,
    rules: &RuleSet,
    readings: &[Reading],
    group: usize,
) -> Outcome {
    let mut rehearsal = Rehearsal::new(site, rules).unwrap();
    for readings in readings.chunks(group) {
        rehearsal.arrive(readings);
    }
    rehearsal.finish()
}

/// When, on which channel, which rule, begin or end.
pub(crate) type Transition = (i64, String, String, Edge);

/// What happened when. A late row may change the value that a begin shows, not what was told.
pub(crate) fn transitions(alarms: &[AlarmEvent]) -> Vec<Transition> {
    let transition = |e: &AlarmEvent| {
        let (channel, rule) = (e.alarm.channel.to_string(), e.alarm.rule.to_string());
        (e.at.as_millis(), channel, rule, e.edge)
    };
    let mut found: Vec<_> = alarms.iter().map(transition).collect();
    found.sort_unstable();
    found
}

/// In order of time, channel, rule and edge: what is compared does not hang on ties.
pub(crate) fn sorted(mut alarms: Vec<AlarmEvent>) -> Vec<AlarmEvent> {
    let key = |e: &AlarmEvent| (e.at, e.alarm.channel.clone(), e.alarm.rule.clone(), e.edge);
    alarms.sort_by_key(key);
    alarms
}
