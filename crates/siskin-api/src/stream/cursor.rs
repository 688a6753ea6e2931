//! Which live events a stream passes on: each event of the ledger once, in order.

/// What to do with a live event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is new.
    Pass,
    /// The replay had it.
    Skip,
    /// It comes after a newer one, so that the client's view may be wrong.
    Reset,
}

/// How far a stream is in the ledger.
#[derive(Debug, Clone, Default)]
pub(super) struct Cursor {
    replayed_to: Option<u64>,
    newest: Option<u64>,
}

impl Cursor {
    /// Behind a replay up to and including `replayed_to`; with none, everything live is new.
    pub(super) fn new(replayed_to: Option<u64>) -> Self {
        Self { replayed_to, newest: None }
    }

    /// Judges the next live event by its place in the ledger; none for events that have no place.
    pub(super) fn judge(&mut self, seq: Option<u64>) -> Verdict {
        let Some(seq) = seq else {
            return Verdict::Pass;
        };
        if self.replayed_to.is_some_and(|replayed| seq <= replayed) {
            return Verdict::Skip;
        }
        if self.newest.is_some_and(|newest| seq <= newest) {
            return Verdict::Reset;
        }
        self.newest = Some(seq);
        Verdict::Pass
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Pass, Reset, Skip};
    use super::*;

    fn check(replayed_to: Option<u64>, steps: &[(Option<u64>, Verdict)]) {
        let mut cursor = Cursor::new(replayed_to);
        for (seq, expected) in steps {
            assert_eq!(cursor.judge(*seq), *expected, "{seq:?} of {steps:?}");
        }
    }

    #[test]
    fn what_was_replayed_is_skipped_and_the_rest_passes() {
        check(
            Some(5),
            &[(Some(4), Skip), (Some(5), Skip), (None, Pass), (Some(6), Pass), (Some(9), Pass)],
        );
        check(None, &[(Some(1), Pass), (None, Pass), (Some(2), Pass)]);
        check(Some(0), &[(Some(0), Skip), (Some(1), Pass)]);
    }

    #[test]
    fn disorder_is_never_passed_over_in_silence() {
        check(Some(5), &[(Some(7), Pass), (Some(6), Reset), (Some(7), Reset), (Some(8), Pass)]);
    }
}
