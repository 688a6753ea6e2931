//! When a failed try is made again, and when the next way is taken.

use crate::Timestamp;

/// What to do after a try that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again after so long.
    After(i64),
    /// Take the next way.
    Way,
    /// Give up: no way is left.
    GiveUp,
}

/// The limits of trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The wait after the first failure; it doubles.
    pub wait_ms: i64,
    /// The longest wait.
    pub wait_ms_max: i64,
    /// How long one way is tried while there is another one, from when the message was queued.
    pub way_ms: i64,
    /// How long the last way is tried, from when the message was queued.
    pub last_ms: i64,
}

impl Default for RetryPolicy {
    /// Half a second, doubling to half a minute; a minute on a way that is not the last one, and a
    /// day on the last.
    fn default() -> Self {
        Self { wait_ms: 500, wait_ms_max: 30_000, way_ms: 60_000, last_ms: 86_400_000 }
    }
}

impl RetryPolicy {
    /// The limits of what is not real: a recipient is told in order, and a drill that is not taken
    /// must not keep a warning back for long.
    #[must_use]
    pub const fn of_exercise(self) -> Self {
        Self { last_ms: self.way_ms.saturating_mul(2), ..self }
    }

    /// What to do after the try number `tries` of a way failed at `now`. `can_pass` says that the
    /// failure may pass; `is_last` that no way is left behind this one. Times count from when the
    /// message was queued, not from the first try: what waited behind others that failed goes the
    /// next way at once.
    pub fn next(
        self,
        tries: u32,
        queued_at: Timestamp,
        now: Timestamp,
        (can_pass, is_last): (bool, bool),
    ) -> Next {
        let end = if is_last { Next::GiveUp } else { Next::Way };
        let limit_ms = if is_last { self.last_ms } else { self.way_ms };
        let wait_ms = self.wait_ms(tries);
        if !can_pass || now.since_ms(queued_at).saturating_add(wait_ms) > limit_ms {
            return end;
        }
        Next::After(wait_ms)
    }

    /// The wait after the try number `tries`, from 1.
    pub fn wait_ms(self, tries: u32) -> i64 {
        let doublings = tries.saturating_sub(1).min(20);
        self.wait_ms.saturating_mul(1 << doublings).min(self.wait_ms_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end() {
        let policy = RetryPolicy::default();
        let waits: Vec<_> = (1..9).map(|tries| policy.wait_ms(tries)).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
        let check = |tries, now_ms, can_pass, is_last, expected| {
            let (queued, now) = (Timestamp::from_millis(0), Timestamp::from_millis(now_ms));
            let next = policy.next(tries, queued, now, (can_pass, is_last));
            assert_eq!(next, expected, "{tries} {now_ms} {can_pass} {is_last}");
        };
        check(1, 100, true, false, Next::After(500));
        check(1, 100, false, false, Next::Way);
        check(1, 100, false, true, Next::GiveUp);
        check(7, 50_000, true, false, Next::Way);
        check(7, 50_000, true, true, Next::After(30_000));
        check(1, 61_000, true, false, Next::Way);
        check(99, 86_400_000, true, true, Next::GiveUp);
    }

    #[test]
    fn what_is_not_real_is_given_up_after_two_minutes() {
        let policy = RetryPolicy::default().of_exercise();
        let check = |now_ms, is_last, expected| {
            let (queued, now) = (Timestamp::from_millis(0), Timestamp::from_millis(now_ms));
            assert_eq!(policy.next(7, queued, now, (true, is_last)), expected, "{now_ms}");
        };
        check(20_000, false, Next::After(30_000));
        check(50_000, false, Next::Way);
        check(80_000, true, Next::After(30_000));
        check(100_000, true, Next::GiveUp);
    }
}
