//! How well the alarms serve the people who answer them: the figures of ISA-18.2 / IEC 62682 and
//! EEMUA 191 over a span of time, for one position.
//!
//! An average hides a flood, so every rate comes with its distribution. [`Collector`] makes
//! annunciations of recorded events; drills are left out by whoever reads them. Must never judge:
//! targets are data, and people compare.

mod collect;
mod load;
mod nuisance;
mod response;

use siskin_model::{Tier, Timestamp};

pub use collect::{Collected, Collector, Told};
pub use load::{Load, Share};
pub use nuisance::{Nuisance, Source};
pub(crate) use response::nearest;
pub use response::{RESPONSE_BOUNDS_MS, Response};

/// Ten minutes, the unit in which the standards count.
pub const PERIOD_MS: i64 = 600_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Something that called for somebody: a warning that began, rose or came back, or an alarm about
/// equipment that began.
#[derive(Debug, Clone, PartialEq)]
pub struct Annunciation {
    /// When, in event time.
    pub at: Timestamp,
    /// When people were told, by the station's clock: later where readings came late.
    pub told_at: Timestamp,
    /// What called, for example `tank-farm.chlorine` or `no-data@at-101-cl2`.
    pub source: String,
    /// Its tier; none for equipment.
    pub tier: Option<Tier>,
    /// When somebody acknowledged it.
    pub acknowledged_at: Option<Timestamp>,
    /// When it returned to normal.
    pub returned_at: Option<Timestamp>,
    /// When it stopped to call for another reason: a rise that called anew, a shelf, suppression.
    pub ended_at: Option<Timestamp>,
}

/// The span [from, to) that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its begin.
    pub from: Timestamp,
    /// Its end; the present moment at most.
    pub to: Timestamp,
}

impl Span {
    fn length_ms(self) -> i64 {
        self.to.as_millis().saturating_sub(self.from.as_millis()).max(0)
    }

    fn has(self, at: Timestamp) -> bool {
        (self.from..self.to).contains(&at)
    }
}

/// The figures of a span.
#[derive(Debug, Clone, PartialEq)]
pub struct Kpis {
    /// The span they are of.
    pub span: Span,
    /// How much came.
    pub load: Load,
    /// What came without use.
    pub nuisance: Nuisance,
    /// How people answered.
    pub response: Response,
}

impl Kpis {
    /// The figures of `span`. Annunciations outside of it count only as stale ones, where they are
    /// active inside; `floods` are the spans in which a flood was on.
    pub fn of(span: Span, annunciations: &[Annunciation], floods: &[Span]) -> Self {
        let mut all: Vec<&Annunciation> = annunciations.iter().collect();
        all.sort_by(|a, b| (a.at, &a.source).cmp(&(b.at, &b.source)));
        let inside: Vec<&Annunciation> =
            all.iter().copied().filter(|one| span.has(one.at)).collect();
        Self {
            span,
            load: Load::of(span, &inside, floods),
            nuisance: Nuisance::of(span, &all, &inside),
            response: Response::of(&inside),
        }
    }
}

/// A part of a whole; 0 of nothing.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// How many there are.
fn count<T>(items: &[T]) -> u64 {
    items.len() as u64
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    pub(crate) fn span(length_ms: i64) -> Span {
        Span { from: START, to: START.plus_ms(length_ms) }
    }

    pub(crate) fn call(at_ms: i64, source: &str) -> Annunciation {
        let at = START.plus_ms(at_ms);
        let source = source.to_owned();
        Annunciation {
            at,
            told_at: at,
            source,
            tier: None,
            acknowledged_at: None,
            returned_at: None,
            ended_at: None,
        }
    }

    #[test]
    fn nothing_at_all_is_all_zeros() {
        let kpis = Kpis::of(span(DAY_MS), &[], &[]);
        assert_eq!((kpis.load.total, kpis.load.per_period_max), (0, 0));
        assert_eq!(kpis.load.periods, [(0, 144)]);
        assert!(kpis.load.per_day.abs() < f64::EPSILON);
        assert!(kpis.nuisance.chattering.is_empty() && kpis.nuisance.stale.is_empty());
        assert_eq!(kpis.response.acknowledged, 0);
        let empty = Kpis::of(span(0), &[call(0, "a")], &[]);
        assert_eq!((empty.load.total, empty.load.periods.len()), (0, 0));
    }

    proptest! {
        /// Whatever comes in whatever order: every annunciation of the span is in one period, one
        /// source and one answer.
        #[test]
        fn everything_is_counted_once(
            calls in prop::collection::vec((-DAY_MS..3 * DAY_MS, 0u8..5, 0i64..HOUR_MS), 0..200),
            length_ms in 1..2 * DAY_MS,
        ) {
            let calls: Vec<_> = calls.iter().map(|(at_ms, source, later_ms)| {
                let mut one = call(*at_ms, &source.to_string());
                one.acknowledged_at = (later_ms % 2 == 0).then(|| one.at.plus_ms(*later_ms));
                one
            }).collect();
            let span = span(length_ms);
            let kpis = Kpis::of(span, &calls, &[]);
            let inside = calls.iter().filter(|one| span.has(one.at)).count() as u64;
            prop_assert_eq!(kpis.load.total, inside);
            let by_period: u64 = kpis.load.periods.iter().map(|(n, times)| n * times).sum();
            prop_assert_eq!(by_period, inside);
            let sources: u64 = kpis.load.top.iter().map(|one| one.count).sum();
            prop_assert_eq!(sources, inside);
            let tiers: u64 = kpis.load.tiers.iter().map(|one| one.1).sum();
            prop_assert_eq!(tiers, inside);
            let answers: u64 = kpis.response.within.iter().sum();
            prop_assert_eq!(answers, kpis.response.acknowledged);
            prop_assert!(kpis.response.acknowledged + kpis.response.open == inside);
            let mut turned = calls.clone();
            turned.reverse();
            prop_assert_eq!(Kpis::of(span, &turned, &[]), kpis);
        }
    }
}
