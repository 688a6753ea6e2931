//! The states of an alarm and the one step between them.
//!
//! `Normal` → `Pending` (on-delay runs) → `Active` → `Clearing` (off-delay runs) → `Normal`, after
//! ISA-18.2 / IEC 62682. A delay counts event time between readings that meet the condition; a
//! silence puts a running delay back, so that silence never completes one (invariant 2).

use siskin_model::Edge;

/// Where an alarm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// No alarm.
    #[default]
    Normal,
    /// The condition is met, the on-delay runs.
    Pending,
    /// Raised.
    Active,
    /// Raised; the clear condition is met, the off-delay runs.
    Clearing,
}

/// One alarm: its state and when the running delay began.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine {
    state: State,
    since_ms: i64,
}

/// The delays of a rule.
#[derive(Debug, Clone, Copy)]
pub struct Delays {
    /// How long the raise condition must hold.
    pub on_ms: i64,
    /// How long the clear condition must hold.
    pub off_ms: i64,
}

impl Machine {
    /// Looks at one reading at `t_ms` that meets the raise or the clear condition, or neither.
    #[inline]
    pub fn step(&mut self, t_ms: i64, raise: bool, clear: bool, delays: Delays) -> Option<Edge> {
        match self.state {
            State::Normal if raise => {
                if delays.on_ms == 0 {
                    self.state = State::Active;
                    return Some(Edge::Raise);
                }
                self.state = State::Pending;
                self.since_ms = t_ms;
            }
            State::Pending if !raise => self.state = State::Normal,
            State::Pending if t_ms - self.since_ms >= delays.on_ms => {
                self.state = State::Active;
                return Some(Edge::Raise);
            }
            State::Active if clear => {
                if delays.off_ms == 0 {
                    self.state = State::Normal;
                    return Some(Edge::Clear);
                }
                self.state = State::Clearing;
                self.since_ms = t_ms;
            }
            State::Clearing if !clear => self.state = State::Active,
            State::Clearing if t_ms - self.since_ms >= delays.off_ms => {
                self.state = State::Normal;
                return Some(Edge::Clear);
            }
            _ => {}
        }
        None
    }

    /// A silence passed: a running delay goes back to its start, a raised alarm stays raised.
    #[inline]
    pub fn silence(&mut self) {
        match self.state {
            State::Pending => self.state = State::Normal,
            State::Clearing => self.state = State::Active,
            State::Normal | State::Active => {}
        }
    }

    /// Whether the alarm is raised.
    pub fn is_raised(self) -> bool {
        matches!(self.state, State::Active | State::Clearing)
    }

    /// Makes the machine agree with the ledger; a running delay that agrees already is kept.
    pub fn agree(&mut self, raised: bool) {
        if self.is_raised() != raised {
            self.state = if raised { State::Active } else { State::Normal };
        }
    }

    /// Where the alarm is.
    pub fn state(self) -> State {
        self.state
    }

    /// When the delay that runs began; none while none runs.
    pub fn delay_since_ms(self) -> Option<i64> {
        matches!(self.state, State::Pending | State::Clearing).then_some(self.since_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAYS: Delays = Delays { on_ms: 5_000, off_ms: 30_000 };

    /// Feeds `(second, raise, clear)` and gives the seconds and edges that came out.
    fn check(delays: Delays, steps: &[(i64, bool, bool)], want: &[(i64, Edge)]) {
        let mut machine = Machine::default();
        let got: Vec<_> = steps
            .iter()
            .filter_map(|&(s, raise, clear)| {
                machine.step(s * 1000, raise, clear, delays).map(|edge| (s, edge))
            })
            .collect();
        assert_eq!(got, want);
    }

    #[test]
    fn an_on_delay_must_hold_without_a_break() {
        let up: Vec<_> = (0..10).map(|s| (s, true, false)).collect();
        check(DELAYS, &up, &[(5, Edge::Raise)]);
        let mut broken = up;
        broken[3] = (3, false, false);
        check(DELAYS, &broken, &[(9, Edge::Raise)]);
    }

    #[test]
    fn no_delay_means_at_once() {
        let none = Delays { on_ms: 0, off_ms: 0 };
        let steps = [(0, true, false), (1, false, false), (2, false, true)];
        check(none, &steps, &[(0, Edge::Raise), (2, Edge::Clear)]);
    }

    #[test]
    fn between_the_limits_an_off_delay_starts_again() {
        let mut steps = vec![(0, true, false), (5, true, false)];
        steps.extend((6..20).map(|s| (s, false, true)));
        steps.push((20, false, false));
        steps.extend((21..60).map(|s| (s, false, true)));
        check(DELAYS, &steps, &[(5, Edge::Raise), (51, Edge::Clear)]);
    }

    #[test]
    fn silence_completes_no_delay_and_ends_no_alarm() {
        let mut machine = Machine::default();
        machine.step(0, true, false, DELAYS);
        machine.silence();
        assert_eq!(machine.state(), State::Normal);
        machine.step(100_000, true, false, DELAYS);
        assert_eq!(machine.step(105_000, true, false, DELAYS), Some(Edge::Raise));
        machine.step(106_000, false, true, DELAYS);
        machine.silence();
        assert_eq!(machine.state(), State::Active);
    }
}
