//! What is asked of one logger: its clock, and history for gaps. One request at a time, each with
//! a limited number of tries; what waits outlives the connection. No socket and no clock here.

use std::collections::VecDeque;
use std::time::Duration;

use siskin_model::Timestamp;
use tokio::time::Instant;

use super::gaps::Span;

/// Requests that may wait; at the limit the oldest gap is not asked for, which is logged.
const CALLS_MAX: usize = 48;
/// How long one try may take (HJ 212-2017, table 1, for slow lines).
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);
/// How long a request that was accepted may take until its result.
const RESULT_PATIENCE: Duration = Duration::from_mins(2);
/// Tries of one request: the first and three more (table 1).
const TRIES_MAX: u32 = 4;
/// The clock is set at most this often.
const SET_TIME_GAP: Duration = Duration::from_hours(1);
/// A clock that is further off is set again.
pub(super) const CLOCK_OFF_MS: i64 = 5_000;

/// `QnRtn` of a request that will be carried out (table 7).
const READY: &str = "QnRtn=1";

/// One request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    SetTime,
    History { cn: u16, span: Span },
}

#[derive(Debug)]
struct Asked {
    call: Call,
    qn: String,
    tries: u32,
    until: Instant,
}

#[derive(Debug, Default)]
pub(super) struct Calls {
    waiting: VecDeque<Call>,
    asked: Option<Asked>,
    set_at: Option<Instant>,
}

impl Calls {
    /// The logger called again: what it had not answered is asked again.
    pub(super) fn again(&mut self) {
        let unanswered = self.asked.take().map(|asked| asked.call);
        self.waiting.extend(unanswered.filter(|call| *call != Call::SetTime));
        self.set_at = None;
    }

    /// Asks for the clock to be set, unless that was done a short while ago.
    pub(super) fn set_time(&mut self, now: Instant) {
        if self.set_at.is_none_or(|at| now.duration_since(at) >= SET_TIME_GAP) {
            self.set_at = Some(now);
            self.waiting.retain(|call| *call != Call::SetTime);
            self.waiting.push_front(Call::SetTime);
        }
    }

    /// The logger itself asks for the time, which it may do once for each request that is open.
    pub(super) fn time_wanted(&mut self, now: Instant) {
        let asked = self.asked.as_ref().map(|asked| asked.call);
        if !self.waiting.contains(&Call::SetTime) && asked != Some(Call::SetTime) {
            self.set_at = None;
            self.set_time(now);
        }
    }

    /// Asks for the averages `cn` of a gap, in pieces that a logger can answer.
    pub(super) fn history(&mut self, cn: u16, gap: Span) {
        let piece_ms = match cn {
            2051 => 3_600_000,
            2061 => 86_400_000,
            _ => 31 * 86_400_000,
        };
        // Newest first: where there are too many, the oldest are left out.
        let mut to = gap.to;
        while to > gap.from {
            if self.waiting.len() >= CALLS_MAX {
                let from = gap.from;
                tracing::warn!(target: "siskin::collect", %from, %to, "history is not asked for");
                return;
            }
            let from = to.plus_ms(-piece_ms).max(gap.from);
            self.waiting.push_back(Call::History { cn, span: Span { from, to } });
            to = from;
        }
    }

    /// What is to be asked now: the next request, or one that was not answered in time.
    pub(super) fn due(&mut self, now: Instant) -> Option<Call> {
        if let Some(asked) = &self.asked {
            if now < asked.until {
                return None;
            }
            if asked.tries < TRIES_MAX {
                return Some(asked.call);
            }
            let call = asked.call;
            tracing::warn!(target: "siskin::collect", ?call, "a logger does not answer a request");
            self.asked = None;
        }
        self.waiting.front().copied()
    }

    /// `call`, which was due, was sent with this QN.
    pub(super) fn sent(&mut self, call: Call, qn: String, now: Instant) {
        let tries = self.asked.as_ref().map_or(1, |asked| asked.tries + 1);
        if tries == 1 {
            self.waiting.pop_front();
        }
        self.asked = Some(Asked { call, qn, tries, until: now + ANSWER_PATIENCE });
    }

    /// The logger accepted or refused a request (9011).
    pub(super) fn answered(&mut self, qn: Option<&str>, cp: &str, now: Instant) {
        let Some(asked) = self.asked.as_mut().filter(|asked| Some(asked.qn.as_str()) == qn) else {
            return;
        };
        if cp == READY {
            asked.until = now + RESULT_PATIENCE;
            // It was understood: it is not asked again.
            asked.tries = TRIES_MAX;
        } else {
            let call = asked.call;
            tracing::warn!(target: "siskin::collect", ?call, cp, "a logger refused a request");
            self.asked = None;
        }
    }

    /// The logger carried a request out, or failed to (9012).
    pub(super) fn done(&mut self, qn: Option<&str>, cp: &str) {
        if let Some(asked) = self.asked.take_if(|asked| Some(asked.qn.as_str()) == qn) {
            let call = asked.call;
            tracing::info!(target: "siskin::collect", ?call, cp, "a logger answered a request");
        }
    }
}

/// Whether a logger's clock, which wrote `qn` just now, is to be set.
pub(super) fn is_off(qn: Timestamp, now: Timestamp) -> bool {
    now.since_ms(qn).saturating_abs() > CLOCK_OFF_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from_s: i64, to_s: i64) -> Span {
        let at = |s: i64| Timestamp::from_millis(s * 1000);
        Span { from: at(from_s), to: at(to_s) }
    }

    #[test]
    fn one_request_at_a_time_with_its_tries() {
        let now = Instant::now();
        let mut calls = Calls::default();
        calls.set_time(now);
        calls.history(2051, span(0, 60));
        for tries in 0..TRIES_MAX {
            let now = now + ANSWER_PATIENCE * tries;
            assert_eq!(calls.due(now), Some(Call::SetTime));
            calls.sent(Call::SetTime, tries.to_string(), now);
            assert_eq!(calls.due(now), None);
        }
        let later = now + ANSWER_PATIENCE * TRIES_MAX;
        let history = Call::History { cn: 2051, span: span(0, 60) };
        assert_eq!(calls.due(later), Some(history));
        calls.sent(history, "9".into(), later);
        calls.answered(Some("8"), READY, later);
        calls.answered(Some("9"), READY, later);
        assert_eq!(calls.due(later + ANSWER_PATIENCE), None);
        calls.done(Some("9"), "ExeRtn=1");
        assert!(calls.asked.is_none() && calls.due(later).is_none());
    }

    #[test]
    fn what_is_refused_is_not_asked_again() {
        let now = Instant::now();
        let mut calls = Calls::default();
        calls.history(2061, span(0, 60));
        let call = calls.due(now).unwrap();
        calls.sent(call, "1".into(), now);
        calls.answered(Some("1"), "QnRtn=2", now);
        assert_eq!(calls.due(now + RESULT_PATIENCE), None);
    }

    #[test]
    fn a_long_gap_is_asked_for_in_pieces_up_to_the_limit() {
        let mut calls = Calls::default();
        calls.history(2051, span(0, 9_000));
        let spans: Vec<_> = calls.waiting.iter().copied().collect();
        let call = |from, to| Call::History { cn: 2051, span: span(from, to) };
        assert_eq!(spans, [call(5_400, 9_000), call(1_800, 5_400), call(0, 1_800)]);
        calls.history(2051, span(0, 365 * 86_400));
        assert_eq!(calls.waiting.len(), CALLS_MAX);
    }

    #[test]
    fn the_clock_is_set_now_and_then_or_when_the_logger_asks() {
        let now = Instant::now();
        let mut calls = Calls::default();
        calls.set_time(now);
        calls.set_time(now + Duration::from_mins(1));
        calls.time_wanted(now);
        assert_eq!(calls.waiting.len(), 1);
        calls.sent(Call::SetTime, "1".into(), now);
        calls.done(Some("1"), "ExeRtn=1");
        calls.time_wanted(now);
        assert_eq!(calls.waiting.len(), 1);
        let at = Timestamp::from_millis(1_000_000);
        assert!(is_off(at.plus_ms(5_001), at) && is_off(at.plus_ms(-5_001), at));
        assert!(!is_off(at.plus_ms(5_000), at));
    }
}
