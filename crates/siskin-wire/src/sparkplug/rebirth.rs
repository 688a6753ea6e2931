//! When a node is asked for its births: at once, and then ever more seldom until it gives them.

use siskin_model::Timestamp;

/// The shortest time between two requests to one node. A birth of a large node is much data.
pub(super) const GAP_MIN_MS: i64 = 10_000;
/// The longest.
const GAP_MAX_MS: i64 = 160_000;
/// After this long without a request the next one is the first again.
const CALM_MS: i64 = 600_000;

/// The requests to one node.
#[derive(Debug, Clone, Default)]
pub(super) struct Rebirth {
    wanted: bool,
    asked_at: Option<Timestamp>,
    gap_ms: i64,
}

impl Rebirth {
    pub(super) fn want(&mut self) {
        self.wanted = true;
    }

    /// The births are there, or will come by themselves.
    pub(super) fn done(&mut self) {
        self.wanted = false;
    }

    /// The broker was away: requests went nowhere.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Whether to ask now; then it has been asked.
    pub(super) fn ask(&mut self, now: Timestamp) -> bool {
        let age_ms = self.asked_at.map(|at| now.since_ms(at));
        if !self.wanted || age_ms.is_some_and(|age_ms| age_ms < self.gap_ms) {
            return false;
        }
        let calm = age_ms.is_none_or(|age_ms| age_ms >= CALM_MS);
        self.gap_ms = if calm { GAP_MIN_MS } else { (self.gap_ms * 2).min(GAP_MAX_MS) };
        self.asked_at = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::at;
    use super::*;

    fn asked(rebirth: &mut Rebirth, until_s: i64) -> Vec<i64> {
        (0..=until_s).filter(|s| rebirth.ask(at(s * 1000))).collect()
    }

    #[test]
    fn requests_become_seldom_and_end_with_the_birth() {
        let mut rebirth = Rebirth::default();
        assert_eq!(asked(&mut rebirth, 60), Vec::<i64>::new());
        rebirth.want();
        assert_eq!(asked(&mut rebirth, 500), [0, 10, 30, 70, 150, 310, 470]);
        rebirth.done();
        assert!(!rebirth.ask(at(900_000)));
        rebirth.want();
        assert!(!rebirth.ask(at(500_000)));
        assert!(rebirth.ask(at(1_070_000)));
        assert!(rebirth.ask(at(1_080_000)));
    }
}
