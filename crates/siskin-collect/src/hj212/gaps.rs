//! Stretches of a logger's real-time data that are missing.
//!
//! A gap lies between two real-time packets that were heard, or between what was stored before this
//! process began, as far as it was told, and the first packet. Real-time data that come for a gap
//! later make it smaller: a mean is never put beside instant values.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use siskin_model::Timestamp;

/// Gaps that are remembered; at the limit the oldest is forgotten and no longer filled.
const GAPS_MAX: usize = 16;

/// From one moment to another, both exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

impl Span {
    /// Whether more than one packet is missing in it.
    fn is_gap(self, period_ms: u32) -> bool {
        self.to.since_ms(self.from) > 2 * i64::from(period_ms)
    }
}

/// The newest moment of real-time data; it outlives the task that heard them, so that one that is
/// started anew does not ask for what came meanwhile.
#[derive(Debug, Clone, Default)]
pub(super) struct LiveUntil(Arc<Mutex<Option<Timestamp>>>);

impl LiveUntil {
    pub(super) fn new(last: Option<Timestamp>) -> Self {
        Self(Arc::new(Mutex::new(last)))
    }

    /// Makes it `at`, if that is newer; what it was before.
    fn advance(&self, at: Timestamp) -> Option<Timestamp> {
        // A moment is whole, whatever happened while it was written.
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *until;
        *until = before.max(Some(at));
        before
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Gaps {
    live_until: LiveUntil,
    open: VecDeque<Span>,
}

impl Gaps {
    pub(super) fn new(live_until: LiveUntil) -> Self {
        Self { live_until, open: VecDeque::new() }
    }

    /// A real-time packet measured at `at`; the gap it ends, when more than one of the packets
    /// that come every `period_ms` is missing.
    pub(super) fn live(&mut self, at: Timestamp, period_ms: u32) -> Option<Span> {
        let from = self.live_until.advance(at)?;
        if at <= from {
            self.came_late(at, period_ms);
            return None;
        }
        let span = Span { from, to: at };
        if !span.is_gap(period_ms) {
            return None;
        }
        self.add(span);
        Some(span)
    }

    /// What is known at `at` now is no longer missing.
    fn came_late(&mut self, at: Timestamp, period_ms: u32) {
        let is_open = |span: &Span| span.from < at && at < span.to;
        let Some(place) = self.open.iter().position(is_open) else {
            return;
        };
        let Some(Span { from, to }) = self.open.remove(place) else {
            return;
        };
        for rest in [Span { from, to: at }, Span { from: at, to }] {
            if rest.is_gap(period_ms) {
                self.add(rest);
            }
        }
    }

    fn add(&mut self, span: Span) {
        if self.open.len() >= GAPS_MAX {
            self.open.pop_front();
        }
        self.open.push_back(span);
    }

    /// Whether `at` lies inside a gap.
    pub(super) fn holds(&self, at: Timestamp) -> bool {
        self.open.iter().any(|span| span.from < at && at < span.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_millis(s * 1000)
    }

    fn gap(gaps: &mut Gaps, s: i64) -> Option<(Timestamp, Timestamp)> {
        gaps.live(at(s), 30_000).map(|span| (span.from, span.to))
    }

    #[test]
    fn a_gap_is_more_than_one_missing_packet() {
        let mut gaps = Gaps::default();
        assert_eq!(gap(&mut gaps, 1_000), None);
        assert_eq!(gap(&mut gaps, 1_060), None);
        assert_eq!(gap(&mut gaps, 1_300), Some((at(1_060), at(1_300))));
        // What is sent again lies before the newest and opens nothing.
        assert_eq!(gap(&mut gaps, 1_100), None);
        assert_eq!(gap(&mut gaps, 1_330), None);
        let held = [1_060, 1_061, 1_299, 1_300, 1_310].map(|s| gaps.holds(at(s)));
        // 1,100 came late: what is left on its two sides, where that is more than a packet.
        let sides = [1_099, 1_100, 1_101].map(|s| gaps.holds(at(s)));
        assert_eq!((held, sides), ([false, false, true, false, false], [false, false, true]));
    }

    #[test]
    fn what_was_stored_before_the_start_begins_a_gap() {
        let mut gaps = Gaps::new(LiveUntil::new(Some(at(400))));
        assert_eq!(gap(&mut gaps, 1_000), Some((at(400), at(1_000))));
        assert!(gaps.holds(at(401)) && !gaps.holds(at(400)));
        let mut gaps = Gaps::new(LiveUntil::new(Some(at(960))));
        assert_eq!(gap(&mut gaps, 1_000), None);
        // A logger whose clock went back has no gap.
        let mut gaps = Gaps::new(LiveUntil::new(Some(at(2_000))));
        assert_eq!(gap(&mut gaps, 1_000), None);
    }

    #[test]
    fn a_task_that_is_started_anew_knows_how_far_the_old_one_came() {
        let until = LiveUntil::new(Some(at(400)));
        let mut old = Gaps::new(until.clone());
        assert_eq!(gap(&mut old, 1_000), Some((at(400), at(1_000))));
        let mut new = Gaps::new(until);
        assert_eq!(gap(&mut new, 1_030), None);
        assert!(!new.holds(at(500)));
    }

    #[test]
    fn a_backlog_closes_its_gap_in_any_order() {
        for back in [false, true] {
            let mut gaps = Gaps::new(LiveUntil::new(Some(at(0))));
            gaps.live(at(1_000), 30_000);
            let mut backlog: Vec<_> = (1..=33).map(|turn| turn * 30).collect();
            if back {
                backlog.reverse();
            }
            for s in backlog {
                assert_eq!(gap(&mut gaps, s), None);
            }
            assert!((1..1_000).all(|s| !gaps.holds(at(s))), "{:?}", gaps.open);
        }
    }

    #[test]
    fn the_oldest_gap_is_forgotten_at_the_limit() {
        let mut gaps = Gaps::default();
        for turn in 0..=i64::try_from(GAPS_MAX).unwrap() + 1 {
            gaps.live(at(turn * 100), 1_000);
        }
        assert!(!gaps.holds(at(50)) && gaps.holds(at(150)));
    }
}
