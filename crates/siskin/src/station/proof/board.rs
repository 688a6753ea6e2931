//! How far the pulses came: written along the way, read by the API.

use std::sync::{Mutex, MutexGuard, PoisonError};

use siskin_api::contract::{ProofStage, ProofState, ProofView, PulseView};
use siskin_collect::{PULSE_MS, Pulse};
use siskin_model::Timestamp;

/// A way is broken when no pulse came through for this long: two periods and a half, so that one
/// slow pulse is no alarm and two missing ones are.
const STALE_MS: i64 = PULSE_MS as i64 * 5 / 2;

/// The newest pulse at each stage.
#[derive(Debug, Clone, Copy, Default)]
struct Stages {
    taken: Option<Pulse>,
    judged: Option<Pulse>,
    recorded: Option<Pulse>,
    delivered: Option<(Pulse, Timestamp)>,
    /// A worker of the outbox took it.
    sent: Option<Pulse>,
    /// Its receipt is on disk.
    receipted: Option<Pulse>,
}

/// The board.
#[derive(Debug)]
pub(in crate::station) struct ProofBoard {
    started_at: Timestamp,
    stages: Mutex<Stages>,
}

impl ProofBoard {
    pub(in crate::station) fn new(started_at: Timestamp) -> Self {
        Self { started_at, stages: Mutex::default() }
    }

    /// The pipeline took a pulse out of the queue.
    pub(in crate::station) fn taken(&self, pulse: Pulse) {
        self.stages().taken = Some(pulse);
    }

    /// The rules answered it.
    pub(in crate::station) fn judged(&self, pulse: Pulse) {
        self.stages().judged = Some(pulse);
    }

    /// It is in the ledger.
    pub(in crate::station) fn recorded(&self, pulse: Pulse) {
        self.stages().recorded = Some(pulse);
    }

    /// It came out of the live stream.
    pub(in crate::station) fn delivered(&self, number: u64, now: Timestamp) {
        let mut stages = self.stages();
        if let Some(pulse) = stages.recorded.filter(|pulse| pulse.number == number) {
            stages.delivered = Some((pulse, now));
        }
    }

    /// The newest pulse that is in the ledger: what the outbox has to deliver.
    pub(in crate::station) fn to_send(&self) -> Option<Pulse> {
        self.stages().recorded
    }

    /// A worker of the outbox took it.
    pub(in crate::station) fn sent(&self, pulse: Pulse) {
        self.stages().sent = Some(pulse);
    }

    /// Its receipt is on disk.
    pub(in crate::station) fn receipted(&self, number: u64) {
        let mut stages = self.stages();
        if let Some(pulse) = stages.sent.filter(|pulse| pulse.number == number) {
            stages.receipted = Some(pulse);
        }
    }

    /// How it stands.
    pub(in crate::station) fn view(&self, now: Timestamp, offset_s: i32) -> ProofView {
        let stages = *self.stages();
        let last = stages.delivered.map(|(pulse, _)| pulse.sent_at);
        let since = last.unwrap_or(self.started_at);
        let silent_ms = now.as_millis().saturating_sub(since.as_millis()).max(0);
        let receipted = stages.receipted.map(|pulse| pulse.sent_at);
        let owed_since = receipted.unwrap_or(self.started_at);
        let owed_ms = now.as_millis().saturating_sub(owed_since.as_millis()).max(0);
        let broken_at = if silent_ms > STALE_MS {
            Some(stages.first_behind())
        } else if owed_ms > STALE_MS {
            Some(stages.first_of_outbox())
        } else {
            None
        };
        let state = match (broken_at, last, receipted) {
            (Some(_), ..) => ProofState::Broken,
            (None, Some(_), Some(_)) => ProofState::Ok,
            _ => ProofState::Waiting,
        };
        let taken_ms =
            stages.delivered.map(|(pulse, at)| at.as_millis() - pulse.sent_at.as_millis());
        ProofView {
            state,
            last_at: last.map(|at| at.rfc3339(offset_s)),
            age_ms: last.map(|_| silent_ms),
            way_ms: taken_ms.map(|ms| ms.max(0)),
            receipted_at: receipted.map(|at| at.rfc3339(offset_s)),
            receipt_age_ms: receipted.map(|_| owed_ms),
            broken_at,
        }
    }

    fn stages(&self) -> MutexGuard<'_, Stages> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A pulse as it goes out on the live stream.
pub(in crate::station) fn view(pulse: Pulse, offset_s: i32) -> PulseView {
    PulseView { number: pulse.number, sent_at: pulse.sent_at.rfc3339(offset_s) }
}

impl Stages {
    /// The first stage that did not let the newest pulse through.
    fn first_behind(&self) -> ProofStage {
        let number = |pulse: Option<Pulse>| pulse.map_or(0, |pulse| pulse.number);
        let (taken, judged) = (number(self.taken), number(self.judged));
        let recorded = number(self.recorded);
        let delivered = number(self.delivered.map(|(pulse, _)| pulse));
        if judged < taken {
            ProofStage::Rules
        } else if recorded < judged {
            ProofStage::Ledger
        } else if delivered < recorded {
            ProofStage::Stream
        } else {
            ProofStage::Collector
        }
    }

    /// The same of the outbox, where pulses come out of the stream.
    fn first_of_outbox(&self) -> ProofStage {
        let number = |pulse: Option<Pulse>| pulse.map_or(0, |pulse| pulse.number);
        if number(self.receipted) < number(self.sent) {
            ProofStage::Receipts
        } else {
            ProofStage::Outbox
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn pulse(number: u64, sent_ms: i64) -> Pulse {
        Pulse { number, sent_at: START.plus_ms(sent_ms) }
    }

    fn check(board: &ProofBoard, now_ms: i64, state: ProofState, at: Option<ProofStage>) {
        let view = board.view(START.plus_ms(now_ms), 0);
        assert_eq!((view.state, view.broken_at), (state, at), "at {now_ms} ms");
    }

    fn through(board: &ProofBoard, pulse: Pulse) {
        board.taken(pulse);
        board.judged(pulse);
        board.recorded(pulse);
        board.delivered(pulse.number, pulse.sent_at.plus_ms(7));
        board.sent(pulse);
        board.receipted(pulse.number);
    }

    #[test]
    fn a_way_is_open_only_while_pulses_come_out_of_it() {
        let board = ProofBoard::new(START);
        check(&board, STALE_MS, ProofState::Waiting, None);
        check(&board, STALE_MS + 1, ProofState::Broken, Some(ProofStage::Collector));
        through(&board, pulse(1, 0));
        check(&board, STALE_MS, ProofState::Ok, None);
        let view = board.view(START.plus_ms(10), 0);
        assert_eq!((view.age_ms, view.way_ms), (Some(10), Some(7)));
        check(&board, STALE_MS + 1, ProofState::Broken, Some(ProofStage::Collector));
        through(&board, pulse(2, STALE_MS));
        check(&board, STALE_MS + 1, ProofState::Ok, None);
    }

    #[test]
    fn the_stage_that_holds_pulses_back_is_named() {
        let board = ProofBoard::new(START);
        through(&board, pulse(1, 0));
        let late_ms = 10 * STALE_MS;
        board.taken(pulse(2, 1));
        check(&board, late_ms, ProofState::Broken, Some(ProofStage::Rules));
        board.judged(pulse(2, 1));
        check(&board, late_ms, ProofState::Broken, Some(ProofStage::Ledger));
        board.recorded(pulse(2, 1));
        check(&board, late_ms, ProofState::Broken, Some(ProofStage::Stream));
    }

    #[test]
    fn a_pulse_that_is_on_the_stream_and_not_through_the_outbox_is_not_enough() {
        let board = ProofBoard::new(START);
        through(&board, pulse(1, 0));
        let later_ms = 2 * STALE_MS;
        let next = pulse(2, later_ms);
        board.taken(next);
        board.judged(next);
        board.recorded(next);
        board.delivered(2, next.sent_at);
        check(&board, later_ms, ProofState::Broken, Some(ProofStage::Outbox));
        assert_eq!(board.to_send(), Some(next));
        board.sent(next);
        // A receipt of another pulse is none of this one.
        board.receipted(1);
        check(&board, later_ms, ProofState::Broken, Some(ProofStage::Receipts));
        board.receipted(2);
        check(&board, later_ms, ProofState::Ok, None);
        assert_eq!(board.view(START.plus_ms(later_ms + 5), 0).receipt_age_ms, Some(5));
    }
}
