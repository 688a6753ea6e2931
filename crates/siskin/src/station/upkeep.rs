//! The series store's housekeeping, in a thread of its own: roll, sum up, trim.
//!
//! Must never stand in the way of live readings, nor delete fast: a clock that is wrong for an hour
//! must not cost years of history. Owned by the pipeline, which starts it at its turns, asks it to
//! stop when it ends itself, and tells of its failures.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use siskin_model::{Retention, Timestamp};
use siskin_store::series::TrimmedDay;
use siskin_store::{CompactReport, RollReport, Series, StoreError, TrimReport};

/// Turns of the pipeline in a day: one every 30 s.
const TURNS_A_DAY: usize = 2_880;
/// Days of channels that are summed up in one turn; at about 10 ms for a day at one a second. What
/// is left waits for the next turn.
const COMPACT_DAYS_A_TURN: usize = 500;
/// The same between two looks at whether to stop.
const COMPACT_DAYS_A_LOOK: usize = 20;
/// So many days of history go in a day at most, of every channel: the least that a wrong clock or a
/// slip in `[history]` leaves for people to see it. A shorter time to keep takes effect as slowly.
const TRIM_DAYS_A_DAY: usize = 24;

/// Those who follow the store.
pub(super) trait Followers: Send + Sync {
    /// The newest chunk that none of them needs any more.
    fn followed(&self) -> u64;
    /// These days of channels were deleted.
    fn deleted(&self, days: &[TrimmedDay]);
}

/// No followers.
pub(super) struct Nobody;

impl Followers for Nobody {
    fn followed(&self) -> u64 {
        u64::MAX
    }

    fn deleted(&self, _: &[TrimmedDay]) {}
}

/// What one turn did.
#[derive(Debug, Clone, Default)]
pub(super) struct UpkeepReport {
    pub(super) rolled: RollReport,
    pub(super) summed_up: CompactReport,
    pub(super) trimmed: TrimReport,
}

/// A turn that runs.
#[derive(Debug)]
pub(super) struct Upkeep {
    thread: JoinHandle<Result<UpkeepReport, StoreError>>,
    stop: Arc<AtomicBool>,
}

/// What a turn needs.
pub(super) struct Turn {
    pub(super) series: Arc<Series>,
    pub(super) channels: usize,
    pub(super) now: Timestamp,
    /// The series up to here is judged, and that is on disk.
    pub(super) mark: u64,
    pub(super) keep: Retention,
    pub(super) followers: Arc<dyn Followers>,
}

impl Upkeep {
    pub(super) fn start(turn: Turn) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let run = move || turn.run(&told);
        let thread = std::thread::Builder::new().name("siskin-upkeep".to_owned()).spawn(run)?;
        Ok(Self { thread, stop })
    }

    pub(super) fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Asks it to end after the piece it is at, and waits; the error is a panic's.
    pub(super) fn end(self) -> std::thread::Result<Result<UpkeepReport, StoreError>> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join()
    }
}

impl Turn {
    fn run(&self, stop: &AtomicBool) -> Result<UpkeepReport, StoreError> {
        let rolled = self.series.roll(self.now, self.mark)?;
        let mut report = UpkeepReport { rolled, ..UpkeepReport::default() };
        let mut left = COMPACT_DAYS_A_TURN;
        while left > 0 && !stop.load(Ordering::Relaxed) {
            let piece = self.series.compact(self.now, COMPACT_DAYS_A_LOOK)?;
            let summed_up = &mut report.summed_up;
            summed_up.days += piece.days;
            summed_up.bytes += piece.bytes;
            summed_up.damaged += piece.damaged;
            summed_up.due = piece.due;
            if piece.days == 0 {
                break;
            }
            left -= COMPACT_DAYS_A_LOOK.min(left);
        }
        if !stop.load(Ordering::Relaxed) {
            let budget = trim_budget(self.channels);
            let followed = self.followers.followed();
            report.trimmed = self.series.trim(self.now, &self.keep, followed, budget)?;
            self.followers.deleted(&report.trimmed.raw_days);
        }
        Ok(report)
    }
}

fn trim_budget(channels: usize) -> usize {
    channels.saturating_mul(TRIM_DAYS_A_DAY).div_ceil(TURNS_A_DAY).max(1)
}

impl UpkeepReport {
    /// Tells what people should know of.
    pub(super) fn log(&self) {
        let Self { rolled, summed_up, trimmed } = self;
        if rolled.chunks > 0 || summed_up.days > 0 {
            tracing::debug!(?rolled, ?summed_up, "series store rolled");
        }
        if trimmed.raw + trimmed.minute + trimmed.hour > 0 {
            tracing::info!(?trimmed, "history over its time was deleted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deleting_is_slow_and_never_stands_still() {
        let check = |channels, expected| assert_eq!(trim_budget(channels), expected);
        check(0, 1);
        check(1, 1);
        check(1_000, 9);
        check(10_000, 84);
    }
}
