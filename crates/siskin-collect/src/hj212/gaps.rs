//! Stretches of a logger's real-time data that are missing.
//!
//! Known are only gaps between two real-time packets that this process heard: what was stored
//! before it started is not known here, and a mean is never put beside instant values.

use std::collections::VecDeque;

use siskin_model::Timestamp;

/// Gaps that are remembered; at the limit the oldest is forgotten and no longer filled.
const GAPS_MAX: usize = 16;

/// From one moment to another, both exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Gaps {
    live_until: Option<Timestamp>,
    open: VecDeque<Span>,
}

impl Gaps {
    /// A real-time packet measured at `at`; the gap it ends, when more than one of the packets
    /// that come every `period_ms` is missing.
    pub(super) fn live(&mut self, at: Timestamp, period_ms: u32) -> Option<Span> {
        let from = self.live_until.filter(|until| *until < at);
        if from.is_some() || self.live_until.is_none() {
            self.live_until = Some(at);
        }
        let span = Span { from: from?, to: at };
        if span.to.since_ms(span.from) <= 2 * i64::from(period_ms) {
            return None;
        }
        if self.open.len() >= GAPS_MAX {
            self.open.pop_front();
        }
        self.open.push_back(span);
        Some(span)
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

    #[test]
    fn a_gap_is_more_than_one_missing_packet() {
        let mut gaps = Gaps::default();
        let gap = |gaps: &mut Gaps, s| gaps.live(at(s), 30_000).map(|span| (span.from, span.to));
        assert_eq!(gap(&mut gaps, 1_000), None);
        assert_eq!(gap(&mut gaps, 1_060), None);
        assert_eq!(gap(&mut gaps, 1_300), Some((at(1_060), at(1_300))));
        // What is sent again lies before the newest and opens nothing.
        assert_eq!(gap(&mut gaps, 1_100), None);
        assert_eq!(gap(&mut gaps, 1_330), None);
        let held = [1_060, 1_061, 1_299, 1_300, 1_310].map(|s| gaps.holds(at(s)));
        assert_eq!(held, [false, true, true, false, false]);
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
