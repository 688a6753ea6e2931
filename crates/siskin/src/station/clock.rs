//! The station's clock: the system's time, but it never goes back.
//!
//! Readings are judged in order of their time. If the system's clock is set back by an hour, a
//! station that followed it would take an hour of readings for late ones and judge none of them:
//! a silent failure. So this clock goes on at its own pace from where it was, a little slower
//! until the system's time has caught up, and says how far ahead it is. It follows every step
//! forward.

use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use siskin_model::Timestamp;

/// While it is ahead the clock runs slower by one part in this many.
const SLOWER_BY: i64 = 16;
/// Being ahead by less is not worth a word.
pub(crate) const AHEAD_MS_TOLD: i64 = 1_000;

/// A clock that never goes back.
#[derive(Debug)]
pub(crate) struct StationClock {
    started: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "units stand last in names")]
struct State {
    now_ms: i64,
    /// The uneven clock's reading at `now_ms`.
    elapsed_ms: i64,
    /// Less than one part of slowness, still to be taken.
    rest_ms: i64,
    ahead_ms: i64,
}

impl StationClock {
    /// A clock that shows the system's time.
    pub(crate) fn new() -> Self {
        let state = State { now_ms: system_ms(), elapsed_ms: 0, rest_ms: 0, ahead_ms: 0 };
        Self { started: Instant::now(), state: Mutex::new(state) }
    }

    /// What is stored was measured up to `newest`: the clock must not show an earlier moment.
    pub(crate) fn not_before(&self, newest: Timestamp) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now_ms = state.now_ms.max(newest.as_millis());
    }

    /// The moment now.
    pub(crate) fn now(&self) -> Timestamp {
        let elapsed_ms = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let was_ahead = state.ahead_ms > AHEAD_MS_TOLD;
        *state = state.at(elapsed_ms, system_ms());
        if state.ahead_ms > AHEAD_MS_TOLD && !was_ahead {
            let ahead_ms = state.ahead_ms;
            tracing::error!(
                ahead_ms,
                "the system's clock was set back, or stored readings are from its future; \
                 the station's clock goes on; hint: check the time service of this machine"
            );
        }
        Timestamp::from_millis(state.now_ms)
    }

    /// How far it was ahead of the system's time when it was last read.
    pub(crate) fn ahead_ms(&self) -> i64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).ahead_ms
    }
}

impl State {
    /// The state when `elapsed_ms` have passed since the start and the system says `system_ms`.
    fn at(self, elapsed_ms: i64, system_ms: i64) -> Self {
        let passed_ms = (elapsed_ms - self.elapsed_ms).max(0);
        let own_ms = self.now_ms.saturating_add(passed_ms);
        if system_ms >= own_ms {
            return Self { now_ms: system_ms, elapsed_ms, rest_ms: 0, ahead_ms: 0 };
        }
        let owed_ms = self.rest_ms + passed_ms;
        let slow_ms = (owed_ms / SLOWER_BY).min(own_ms - system_ms);
        let now_ms = own_ms - slow_ms;
        let rest_ms = owed_ms % SLOWER_BY;
        Self { now_ms, elapsed_ms, rest_ms, ahead_ms: now_ms - system_ms }
    }
}

fn system_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the clock at each `(elapsed, system)` and gives `(now, ahead)`.
    fn check(start_ms: i64, reads: &[(i64, i64)], want: &[(i64, i64)]) {
        let mut state = State { now_ms: start_ms, elapsed_ms: 0, rest_ms: 0, ahead_ms: 0 };
        let got: Vec<_> = reads
            .iter()
            .map(|&(elapsed_ms, system_ms)| {
                state = state.at(elapsed_ms, system_ms);
                (state.now_ms, state.ahead_ms)
            })
            .collect();
        assert_eq!(got, want);
    }

    #[test]
    fn it_follows_the_system_and_its_steps_forward() {
        check(0, &[(10, 10), (20, 5_000), (30, 5_010)], &[(10, 0), (5_000, 0), (5_010, 0)]);
    }

    #[test]
    fn a_step_back_never_stops_or_turns_it() {
        let hour_ms = 3_600_000;
        let reads = [(1_000, hour_ms + 1_000), (2_000, 2_000), (18_000, 18_000)];
        let want = [
            (hour_ms + 1_000, 0),
            (hour_ms + 2_000 - 62, hour_ms - 62),
            (hour_ms + 18_000 - 1_062, hour_ms - 1_062),
        ];
        check(hour_ms, &reads, &want);
    }

    #[test]
    fn it_meets_the_system_again() {
        for step_ms in [3, 16, 1_000] {
            let mut state = State { now_ms: 10_000, elapsed_ms: 0, rest_ms: 0, ahead_ms: 0 };
            let mut before_ms = state.now_ms;
            for step in 1..=(200_000 / step_ms) {
                state = state.at(step * step_ms, step * step_ms);
                assert!(state.now_ms > before_ms, "{step} steps of {step_ms} ms");
                before_ms = state.now_ms;
            }
            assert_eq!((state.now_ms, state.ahead_ms), (state.elapsed_ms, 0));
        }
    }
}
