//! How much came: rates, their distribution, floods, and who made the most of it.

use std::collections::BTreeMap;

use siskin_model::{Tier, Timestamp};

use super::{Annunciation, DAY_MS, HOUR_MS, PERIOD_MS, Span, count, share};

/// Sources that are named.
const TOP_MAX: usize = 10;
/// An hour with more than this is a loaded one.
const HOUR_LIMIT: u64 = 30;
/// Ten minutes with more than this are a flood.
const PERIOD_LIMIT: u64 = 10;

/// A source and its part of everything.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// What called.
    pub source: String,
    /// How often.
    pub count: u64,
    /// Of everything, 0 to 1.
    pub share: f64,
}

/// How much came.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// Annunciations.
    pub total: u64,
    /// The mean of ten minutes.
    pub per_period: f64,
    /// The mean of an hour.
    pub per_hour: f64,
    /// The mean of a day.
    pub per_day: f64,
    /// The most in any ten minutes, wherever they begin.
    pub per_period_max: u64,
    /// How many periods of ten minutes had so many: (number, periods), rising. Periods are counted
    /// from the span's begin; the last one may be shorter.
    pub periods: Vec<(u64, u64)>,
    /// Of the periods, those with more than 10, 0 to 1.
    pub periods_over: f64,
    /// Of the hours, those with more than 30, 0 to 1.
    pub hours_over: f64,
    /// Of the time, that in a flood, 0 to 1.
    pub in_flood: f64,
    /// The sources with the most, at most ten; where there are more, the last is all others.
    pub top: Vec<Share>,
    /// How many of each tier, the highest first; none: equipment.
    pub tiers: Vec<(Option<Tier>, u64)>,
}

impl Load {
    pub(super) fn of(span: Span, inside: &[&Annunciation], floods: &[Span]) -> Self {
        let total = count(inside);
        let rate = |unit_ms: i64| match span.length_ms() {
            0 => 0.0,
            length_ms => total as f64 * unit_ms as f64 / length_ms as f64,
        };
        let (periods, hours) = (per(span, inside, PERIOD_MS), per(span, inside, HOUR_MS));
        let over = |counts: &[u64], limit| {
            share(count(&counts.iter().filter(|n| **n > limit).collect::<Vec<_>>()), count(counts))
        };
        Self {
            total,
            per_period: rate(PERIOD_MS),
            per_hour: rate(HOUR_MS),
            per_day: rate(DAY_MS),
            per_period_max: most(inside),
            periods: distribution(&periods),
            periods_over: over(&periods, PERIOD_LIMIT),
            hours_over: over(&hours, HOUR_LIMIT),
            in_flood: in_flood(span, floods),
            top: top(inside),
            tiers: tiers(inside),
        }
    }
}

/// How many in each `unit_ms` from the span's begin.
fn per(span: Span, inside: &[&Annunciation], unit_ms: i64) -> Vec<u64> {
    let units = usize::try_from(span.length_ms().div_euclid(unit_ms)).unwrap_or(0);
    let rest = usize::from(span.length_ms().rem_euclid(unit_ms) > 0);
    let mut counts = vec![0; units + rest];
    for one in inside {
        let since_ms = one.at.as_millis() - span.from.as_millis();
        let unit = usize::try_from(since_ms.div_euclid(unit_ms)).unwrap_or(usize::MAX);
        if let Some(count) = counts.get_mut(unit) {
            *count += 1;
        }
    }
    counts
}

fn distribution(counts: &[u64]) -> Vec<(u64, u64)> {
    let mut times = BTreeMap::new();
    for count in counts {
        *times.entry(*count).or_insert(0) += 1;
    }
    times.into_iter().collect()
}

/// The most in any ten minutes.
fn most(inside: &[&Annunciation]) -> u64 {
    let begins = inside.iter().enumerate();
    let from = |(first, one): (usize, &&Annunciation)| {
        let end = one.at.plus_ms(PERIOD_MS);
        let later = inside.get(first..).unwrap_or_default();
        later.partition_point(|other| other.at < end) as u64
    };
    begins.map(from).max().unwrap_or(0)
}

fn in_flood(span: Span, floods: &[Span]) -> f64 {
    let cut = |flood: &Span| Span { from: flood.from.max(span.from), to: flood.to.min(span.to) };
    let mut parts: Vec<Span> = floods.iter().map(cut).filter(|part| part.from < part.to).collect();
    parts.sort_by_key(|part| part.from);
    let (mut sum_ms, mut until) = (0, Timestamp::from_millis(i64::MIN));
    for part in parts {
        let from = part.from.max(until);
        if from < part.to {
            sum_ms += Span { from, to: part.to }.length_ms();
            until = part.to;
        }
    }
    if sum_ms == 0 { 0.0 } else { sum_ms as f64 / span.length_ms() as f64 }
}

fn top(inside: &[&Annunciation]) -> Vec<Share> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for one in inside {
        *counts.entry(&one.source).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let total = count(inside);
    let one =
        |source: &str, n| Share { source: source.to_owned(), count: n, share: share(n, total) };
    let others: u64 = counts.iter().skip(TOP_MAX).map(|(_, n)| n).sum();
    let named = counts.iter().take(TOP_MAX).map(|(source, n)| one(source, *n));
    named.chain((others > 0).then(|| one("", others))).collect()
}

fn tiers(inside: &[&Annunciation]) -> Vec<(Option<Tier>, u64)> {
    let mut counts = BTreeMap::new();
    for one in inside {
        *counts.entry(one.tier).or_insert(0) += 1;
    }
    counts.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{START, call, span};
    use super::*;

    fn load(length_ms: i64, at_s: &[i64], floods: &[Span]) -> Load {
        let calls: Vec<_> = at_s.iter().map(|s| call(s * 1000, "a")).collect();
        let inside: Vec<_> = calls.iter().collect();
        Load::of(span(length_ms), &inside, floods)
    }

    #[test]
    fn rates_are_of_the_whole_span_and_the_most_of_any_ten_minutes() {
        // Eleven in the first minute, one at 599 s, one at 600 s.
        let mut at_s: Vec<i64> = (0..11).collect();
        at_s.extend([599, 600]);
        let load = load(2 * HOUR_MS, &at_s, &[]);
        assert_eq!((load.total, load.per_period_max), (13, 12));
        assert_eq!(load.periods, [(0, 10), (1, 1), (12, 1)]);
        assert!((load.per_hour - 6.5).abs() < 1e-12 && (load.per_day - 156.0).abs() < 1e-9);
        assert!((load.periods_over - 1.0 / 12.0).abs() < 1e-12);
        assert!(load.hours_over.abs() < f64::EPSILON);
    }

    #[test]
    fn thirty_one_in_an_hour_are_too_many_and_thirty_are_not() {
        let at_s: Vec<i64> = (0..31).map(|n| n * 60).collect();
        assert!((load(2 * HOUR_MS, &at_s, &[]).hours_over - 0.5).abs() < 1e-12);
        assert!(load(2 * HOUR_MS, &at_s[..30], &[]).hours_over.abs() < f64::EPSILON);
    }

    #[test]
    fn floods_that_overlap_are_counted_once_and_cut_to_the_span() {
        let flood =
            |from_ms, to_ms| Span { from: START.plus_ms(from_ms), to: START.plus_ms(to_ms) };
        let floods = [flood(-500, 100), flood(50, 200), flood(900, 5000), flood(20, 20)];
        assert!((load(1000, &[], &floods).in_flood - 0.3).abs() < 1e-12);
    }

    #[test]
    fn ten_sources_are_named_and_the_rest_is_one_line() {
        let calls: Vec<_> = (0..12)
            .flat_map(|source| (0..=source).map(move |n| call(n, &format!("s{source:02}"))))
            .collect();
        let inside: Vec<_> = calls.iter().collect();
        let top = Load::of(span(DAY_MS), &inside, &[]).top;
        let named: Vec<_> = top.iter().map(|one| (one.source.as_str(), one.count)).collect();
        assert_eq!(named.first(), Some(&("s11", 12)));
        assert_eq!((named.len(), named.last()), (11, Some(&("", 3))));
    }

    #[test]
    fn tiers_come_highest_first_and_equipment_last() {
        let mut calls = [call(0, "a"), call(1, "b"), call(2, "b")];
        calls[1].tier = Some(Tier::Blue);
        calls[2].tier = Some(Tier::Red);
        let inside: Vec<_> = calls.iter().collect();
        let tiers = Load::of(span(DAY_MS), &inside, &[]).tiers;
        assert_eq!(tiers, [(Some(Tier::Red), 1), (Some(Tier::Blue), 1), (None, 1)]);
    }
}
