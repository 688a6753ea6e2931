//! How many alarms people are given: the figures of alarm management, each beside its target.
//!
//! The whole site counts as one operator's position. Targets are those of ISA-18.2-2016 and
//! IEC 62682 as others reproduce them; they were not read in the standards themselves.

use std::collections::BTreeMap;

use serde::Serialize;
use siskin_model::Tier;

use super::episodes::Episode;
use super::intervals::Interval;

const TEN_MINUTES_MS: i64 = 600_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A flood begins with more than this in ten minutes.
const FLOOD_ABOVE: usize = 10;
/// A flood ends with fewer than this in ten minutes (TR18.2.5, unverified).
const FLOOD_ENDS_BELOW: usize = 5;
const HOUR_ABOVE: usize = 30;
/// An alarm chatters when it begins this often within a minute.
const CHATTER_RAISES: usize = 3;
const CHATTER_MS: i64 = 60_000;
/// Alarms that last less than this are fleeting: nobody can act in that time (our choice).
pub(crate) const FLEETING_MS: i64 = 10_000;
const STALE_MS: i64 = DAY_MS;
const SOURCES_TOP: usize = 10;

/// What is shown to people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) episode: &'a Episode,
    /// None for alarms about equipment.
    pub(crate) tier: Option<Tier>,
}

/// The load.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Load {
    /// Alarms that were annunciated in the run.
    pub(crate) alarms: usize,
    pub(crate) per_10min_mean: f64,
    pub(crate) per_10min_peak: usize,
    /// Share of the ten-minute periods with more than ten.
    pub(crate) periods_above_10_share: f64,
    pub(crate) per_hour_mean: f64,
    /// Share of the hours with more than 30.
    pub(crate) hours_above_30_share: f64,
    pub(crate) per_day_mean: f64,
    pub(crate) floods: usize,
    pub(crate) flood_share: f64,
    /// Alarms (rule and channel) that began three times in a minute.
    pub(crate) chattering: usize,
    /// Alarms that lasted less than 10 s.
    pub(crate) fleeting: usize,
    /// Alarms that lasted more than a day.
    pub(crate) stale: usize,
    /// Share of the ten most frequent alarms (rule and channel).
    pub(crate) top_10_share: Option<f64>,
    /// Annunciated alarms by tier; `equipment` for those without.
    pub(crate) by_tier: BTreeMap<&'static str, usize>,
}

/// One target and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Target {
    pub(crate) figure: &'static str,
    pub(crate) at_best: &'static str,
    pub(crate) source: &'static str,
}

const ISA: &str = "ISA-18.2-2016 / IEC 62682, second-hand, unverified";
const TR: &str = "ISA-TR18.2.5, second-hand, unverified";

/// The targets, for one operator's position.
pub(crate) const TARGETS: [Target; 13] = [
    target("per_10min_mean", "~1 (2 at most)", ISA),
    target("per_10min_peak", "<= 10", ISA),
    target("periods_above_10_share", "< 1 %", ISA),
    target("per_hour_mean", "~6 (12 at most)", ISA),
    target("hours_above_30_share", "< 1 %", ISA),
    target("per_day_mean", "~144 (300 at most)", ISA),
    target("floods", "-", TR),
    target("flood_share", "< 1 %", ISA),
    target("chattering", "0", ISA),
    target("fleeting", "0", ISA),
    target("stale", "< 5 a day", ISA),
    target("top_10_share", "1-5 %", ISA),
    target("by_tier", "~80/15/5/<1 %", ISA),
];

const fn target(figure: &'static str, at_best: &'static str, source: &'static str) -> Target {
    Target { figure, at_best, source }
}

/// The load of what was shown in `run`; `shown` is in order of start.
pub(crate) fn load(shown: &[Shown<'_>], run: Interval) -> Load {
    let begun: Vec<Shown<'_>> = shown
        .iter()
        .copied()
        .filter(|shown| shown.episode.start.as_millis() >= run.start_ms)
        .collect();
    let starts_ms: Vec<i64> = begun.iter().map(|s| s.episode.start.as_millis()).collect();
    let periods = counts(&starts_ms, run, TEN_MINUTES_MS);
    let hours = counts(&starts_ms, run, HOUR_MS);
    let alarms = begun.len();
    let each = |length_ms: i64| {
        let lengths = run.length_ms() as f64 / length_ms as f64;
        if lengths > 0.0 { alarms as f64 / lengths } else { 0.0 }
    };
    let (floods, in_flood) = floods(&periods);
    let lasts = |long: &dyn Fn(i64) -> bool, ended: bool| {
        let counts = |shown: &&Shown<'_>| {
            (!ended || shown.episode.end.is_some()) && long(shown.episode.time(run).length_ms())
        };
        shown.iter().filter(counts).count()
    };
    Load {
        alarms,
        per_10min_mean: each(TEN_MINUTES_MS),
        per_10min_peak: periods.iter().copied().max().unwrap_or(0),
        periods_above_10_share: share(&periods, |count| count > FLOOD_ABOVE),
        per_hour_mean: each(HOUR_MS),
        hours_above_30_share: share(&hours, |count| count > HOUR_ABOVE),
        per_day_mean: each(DAY_MS),
        floods,
        flood_share: in_flood as f64 / periods.len().max(1) as f64,
        chattering: chattering(&begun),
        fleeting: lasts(&|ms| ms < FLEETING_MS, true),
        stale: lasts(&|ms| ms > STALE_MS, false),
        top_10_share: top_share(&begun),
        by_tier: by_tier(&begun),
    }
}

/// Begins in each period of the run, whole periods from its start.
fn counts(starts_ms: &[i64], run: Interval, period_ms: i64) -> Vec<usize> {
    let place = |ms: i64| usize::try_from((ms - run.start_ms) / period_ms).unwrap_or(0);
    let mut counts = vec![0; place(run.end_ms) + 1];
    for start_ms in starts_ms {
        if let Some(count) = counts.get_mut(place(*start_ms)) {
            *count += 1;
        }
    }
    counts
}

fn share(counts: &[usize], is_above: impl Fn(usize) -> bool) -> f64 {
    counts.iter().filter(|count| is_above(**count)).count() as f64 / counts.len().max(1) as f64
}

/// How many floods there were, and how many periods they took.
fn floods(periods: &[usize]) -> (usize, usize) {
    let (mut floods, mut taken, mut flooded) = (0, 0, false);
    for count in periods {
        if !flooded && *count > FLOOD_ABOVE {
            flooded = true;
            floods += 1;
        } else if flooded && *count < FLOOD_ENDS_BELOW {
            flooded = false;
        }
        taken += usize::from(flooded);
    }
    (floods, taken)
}

fn by_source<'a>(begun: &[Shown<'a>]) -> BTreeMap<(u32, u32), Vec<&'a Episode>> {
    let mut sources: BTreeMap<(u32, u32), Vec<&Episode>> = BTreeMap::new();
    for shown in begun {
        let episode = shown.episode;
        sources.entry((episode.rule, episode.channel)).or_default().push(episode);
    }
    sources
}

fn chattering(begun: &[Shown<'_>]) -> usize {
    let chatters = |episodes: &Vec<&Episode>| {
        episodes.windows(CHATTER_RAISES).any(|of| match (of.first(), of.last()) {
            (Some(first), Some(last)) => last.start.since_ms(first.start) < CHATTER_MS,
            _ => false,
        })
    };
    by_source(begun).values().filter(|episodes| chatters(episodes)).count()
}

fn top_share(begun: &[Shown<'_>]) -> Option<f64> {
    let mut counts: Vec<usize> = by_source(begun).values().map(Vec::len).collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let top: usize = counts.iter().take(SOURCES_TOP).sum();
    (!begun.is_empty()).then(|| top as f64 / begun.len() as f64)
}

fn by_tier(begun: &[Shown<'_>]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for shown in begun {
        *counts.entry(shown.tier.map_or("equipment", Tier::as_str)).or_default() += 1;
    }
    counts
}
