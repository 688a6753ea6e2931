//! Flood mode of an operator's desk: above ten calls in ten minutes until below five.
//!
//! The two numbers are those of ISA-18.2 / EEMUA 191 for an alarm flood. It hides nothing and loses
//! nothing: it only says that there is one, so that the page can group by area and show the first
//! out. Pure: every moment is an argument, and the memory of a desk is a few moments.

use std::collections::VecDeque;

use siskin_model::Timestamp;

/// The time that is looked at.
pub const WINDOW_MS: i64 = 600_000;
/// More calls than this begin a flood.
pub const ABOVE: usize = 10;
/// Fewer calls than this end it.
pub const BELOW: usize = 5;

/// A flood that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flooded {
    /// Since when.
    pub begun_at: Timestamp,
    /// Calls since the window in which it began.
    pub calls: u64,
}

/// The calls of one desk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flood {
    /// The newest calls, as many as it takes to know that there are more than [`ABOVE`].
    newest: VecDeque<i64>,
    on: Option<Flooded>,
}

impl Flood {
    /// As it was before a restart: its calls of the last window, oldest first, and the flood that
    /// was told to have begun.
    pub fn resumed(calls_ms: impl IntoIterator<Item = i64>, on: Option<Flooded>) -> Self {
        let mut flood = Self { newest: VecDeque::new(), on };
        for at_ms in calls_ms {
            flood.remember(at_ms);
        }
        flood
    }

    /// People are called at `at_ms`; gives the flood that this begins.
    pub fn call(&mut self, at_ms: i64) -> Option<Flooded> {
        self.remember(at_ms);
        if let Some(on) = &mut self.on {
            on.calls += 1;
            return None;
        }
        let calls = self.within(at_ms);
        if calls <= ABOVE {
            return None;
        }
        let begun = Flooded { begun_at: Timestamp::from_millis(at_ms), calls: calls as u64 };
        self.on = Some(begun);
        Some(begun)
    }

    /// Time passes; gives the flood that this ends.
    pub fn look(&mut self, now_ms: i64) -> Option<Flooded> {
        let calls = self.within(now_ms);
        self.on.take_if(|_| calls < BELOW)
    }

    /// The flood that goes on.
    pub fn on(&self) -> Option<Flooded> {
        self.on
    }

    fn remember(&mut self, at_ms: i64) {
        self.newest.push_back(at_ms);
        if self.newest.len() > ABOVE + 1 {
            self.newest.pop_front();
        }
    }

    /// Calls within the window, as far as they are remembered.
    fn within(&self, now_ms: i64) -> usize {
        let from_ms = now_ms.saturating_sub(WINDOW_MS);
        self.newest.iter().filter(|at_ms| **at_ms > from_ms).count()
    }
}

/// The floods of all desks.
#[derive(Debug, Clone, Default)]
pub(super) struct Floods {
    pub(super) of: Vec<Flood>,
}

impl Floods {
    pub(super) fn new(desks: usize) -> Self {
        Self { of: vec![Flood::default(); desks] }
    }

    /// Takes over what the desks were before a restart, in the order of the policy.
    pub(super) fn seed(&mut self, before: impl IntoIterator<Item = Flood>) {
        for (flood, before) in self.of.iter_mut().zip(before) {
            *flood = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::FloodChange;

    use super::*;

    /// Calls at these seconds; then the seconds at which floods began and ended, looking each
    /// second.
    fn check(calls_s: &[i64], expected: &[(i64, FloodChange, u64)]) {
        let mut flood = Flood::default();
        let mut told = Vec::new();
        for s in 0..4000 {
            for _ in calls_s.iter().filter(|call| **call == s) {
                let begun = flood.call(s * 1000);
                told.extend(begun.map(|one| (s, FloodChange::Began, one.calls)));
            }
            let ended = flood.look(s * 1000);
            told.extend(ended.map(|one| (s, FloodChange::Ended, one.calls)));
            assert!(flood.newest.len() <= ABOVE + 1);
        }
        assert_eq!(told, expected);
    }

    #[test]
    fn ten_calls_in_ten_minutes_are_no_flood_and_eleven_are_one() {
        let ten: Vec<i64> = (0..10).map(|n| n * 60).collect();
        check(&ten, &[]);
        let eleven: Vec<i64> = (0..11).map(|n| n * 59).collect();
        // The fifth newest call, at 354 s, leaves the window ten minutes later.
        check(&eleven, &[(590, FloodChange::Began, 11), (954, FloodChange::Ended, 11)]);
    }

    #[test]
    fn a_flood_goes_on_over_a_restart_and_ends_once() {
        let mut flood = Flood::default();
        let begun = (0..11).filter_map(|s| flood.call(s * 1000)).last();
        let mut again = Flood::resumed((0..11).map(|s| s * 1000), flood.on());
        assert_eq!(again, flood);
        assert_eq!(again.call(11_000), None, "it is not told twice");
        let calls = begun.map(|on| on.calls + 1);
        assert_eq!(again.look(2 * WINDOW_MS).map(|on| on.calls), calls);
        assert_eq!(again.look(2 * WINDOW_MS), None);
    }

    #[test]
    fn a_flood_counts_what_comes_while_it_lasts_and_ends_once() {
        let many: Vec<i64> = vec![100; 5000];
        let expected = [(100, FloodChange::Began, 11), (700, FloodChange::Ended, 5000)];
        check(&many, &expected);
    }
}
