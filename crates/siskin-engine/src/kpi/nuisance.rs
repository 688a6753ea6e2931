//! What came without use: chattering, fleeting and stale ones.

use std::collections::BTreeMap;

use siskin_model::Timestamp;

use super::{Annunciation, DAY_MS, Span};

/// So many in [`CHATTER_MS`] are chattering.
const CHATTER_COUNT: usize = 3;
const CHATTER_MS: i64 = 60_000;
/// Gone again before anybody could have looked.
const FLEETING_MS: i64 = 10_000;

/// A source and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What called.
    pub source: String,
    /// How often.
    pub count: u64,
}

/// What came without use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nuisance {
    /// Sources with three or more in one minute, and how many belong to such minutes.
    pub chattering: Vec<Source>,
    /// Sources with some that were gone after ten seconds, and how many.
    pub fleeting: Vec<Source>,
    /// Sources that were active for more than a day inside the span, and how many times.
    pub stale: Vec<Source>,
}

impl Nuisance {
    pub(super) fn of(span: Span, all: &[&Annunciation], inside: &[&Annunciation]) -> Self {
        let mut moments: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
        for one in inside {
            moments.entry(&one.source).or_default().push(one.at);
        }
        let chatter = moments.iter().map(|(source, at)| (*source, chattered(at)));
        let fleeting = inside.iter().filter(|one| is_fleeting(one));
        let stale = all.iter().filter(|one| is_stale(one, span));
        Self {
            chattering: sources(chatter),
            fleeting: sources(fleeting.map(|one| (one.source.as_str(), 1))),
            stale: sources(stale.map(|one| (one.source.as_str(), 1))),
        }
    }
}

/// How many of the rising moments lie with others in a minute that has too many.
fn chattered(at: &[Timestamp]) -> u64 {
    let mut is_chatter = vec![false; at.len()];
    for (first, window) in at.windows(CHATTER_COUNT).enumerate() {
        let (Some(begin), Some(end)) = (window.first(), window.last()) else { continue };
        if end.as_millis() - begin.as_millis() < CHATTER_MS {
            is_chatter.iter_mut().skip(first).take(CHATTER_COUNT).for_each(|one| *one = true);
        }
    }
    is_chatter.iter().filter(|one| **one).count() as u64
}

fn is_fleeting(one: &Annunciation) -> bool {
    one.returned_at.is_some_and(|returned| returned < one.at.plus_ms(FLEETING_MS))
}

/// Active for more than a day, and at a moment of the span for the first time more than a day.
fn is_stale(one: &Annunciation, span: Span) -> bool {
    let stale_from = one.at.plus_ms(DAY_MS);
    let ends = [one.returned_at, one.ended_at];
    let end = ends.into_iter().flatten().min();
    stale_from < span.to && end.is_none_or(|at| at > stale_from.max(span.from))
}

fn sources<'a>(counts: impl Iterator<Item = (&'a str, u64)>) -> Vec<Source> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (source, count) in counts.filter(|(_, count)| *count > 0) {
        *sums.entry(source).or_default() += count;
    }
    let one = |(source, count): (&str, u64)| Source { source: source.to_owned(), count };
    let mut sources: Vec<_> = sums.into_iter().map(one).collect();
    sources.sort_by(|a, b| b.count.cmp(&a.count).then(a.source.cmp(&b.source)));
    sources
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, span};
    use super::*;

    fn nuisance(calls: &[Annunciation], length_ms: i64) -> Nuisance {
        let span = span(length_ms);
        let all: Vec<_> = calls.iter().collect();
        let inside: Vec<_> = calls.iter().filter(|one| span.has(one.at)).collect();
        Nuisance::of(span, &all, &inside)
    }

    fn source(source: &str, count: u64) -> Source {
        Source { source: source.to_owned(), count }
    }

    #[test]
    fn three_in_less_than_a_minute_chatter() {
        let mut calls: Vec<_> = [0, 30_000, 59_999].map(|ms| call(ms, "fast")).into();
        calls.extend([0, 30_000, 60_000].map(|ms| call(ms, "slow")));
        calls.extend([500_000, 900_000].map(|ms| call(ms, "fast")));
        calls.sort_by_key(|one| one.at);
        assert_eq!(nuisance(&calls, DAY_MS).chattering, [source("fast", 3)]);
    }

    #[test]
    fn what_is_gone_within_ten_seconds_is_fleeting() {
        let mut calls = [call(0, "a"), call(0, "b"), call(0, "c")];
        calls[0].returned_at = Some(calls[0].at.plus_ms(9_999));
        calls[1].returned_at = Some(calls[1].at.plus_ms(10_000));
        assert_eq!(nuisance(&calls, DAY_MS).fleeting, [source("a", 1)]);
    }

    #[test]
    fn stale_is_more_than_a_day_wherever_it_began() {
        let mut calls = [call(-3 * DAY_MS, "old"), call(-3 * DAY_MS, "gone"), call(0, "new")];
        calls[1].returned_at = Some(calls[1].at.plus_ms(2 * DAY_MS));
        assert_eq!(nuisance(&calls, DAY_MS).stale, [source("old", 1)]);
        let mut risen = calls.clone();
        risen[0].ended_at = Some(risen[0].at.plus_ms(DAY_MS));
        assert_eq!(nuisance(&risen, DAY_MS).stale, []);
        assert_eq!(nuisance(&calls, DAY_MS + 1).stale, [source("new", 1), source("old", 1)]);
    }
}
