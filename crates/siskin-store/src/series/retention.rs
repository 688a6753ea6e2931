//! What is over its time is deleted, the finest resolution first.
//!
//! Must never delete readings that are not summed up, nor readings that a follower (a mirror) has
//! not seen, and never hold the file for more than one day of one channel.

use rusqlite::{Connection, TransactionBehavior};
use siskin_model::{Keep, Retention, Timestamp};

use super::bucket::{self, BucketStep};
use super::rollup::{FIRST, rollup};
use super::rollup_tables::{self, Known, StoredRollup};
use super::span::Bodies;
use super::{Series, newest, point};
use crate::StoreError;
use crate::file::locked;

/// Free pages that stay in the file for what comes next, 1 MiB.
pub const FREE_PAGES_KEPT: u64 = 256;
/// Pages given back in one go, 1 MiB: an append waits for one of them at most.
const VACUUM_PAGES: u64 = 256;
/// Pieces given back in one call.
const VACUUM_PIECES_MAX: u32 = 64;
const PAGE_BYTES: u64 = 4_096;

/// What a trim did, in days of channels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrimReport {
    /// Of which the readings were deleted.
    pub raw: u64,
    /// The same one by one, for a follower that was no longer waited for.
    pub raw_days: Vec<TrimmedDay>,
    /// Of which the minutes were deleted.
    pub minute: u64,
    /// Of which the hours were deleted.
    pub hour: u64,
    /// Over their time and kept, since they are not summed up, not followed or damaged.
    pub kept: u64,
    /// Roll-ups that could not be read and are made anew before their readings may go.
    pub damaged: u64,
    /// Free pages given back to the disk.
    pub pages: u64,
}

/// A day of a channel whose readings were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrimmedDay {
    /// Days of UTC since 1970.
    pub day: i64,
    /// The newest of its chunks. A follower before it has not seen the whole day.
    pub newest_arrival: u64,
}

/// Where each resolution's pass over channels and days ended; it goes on there.
#[derive(Debug)]
pub(super) struct Cursors {
    raw: (u32, i64),
    minute: (u32, i64),
    hour: (u32, i64),
}

impl Default for Cursors {
    fn default() -> Self {
        Self { raw: FIRST, minute: FIRST, hour: FIRST }
    }
}

/// What became of one day.
enum Fate {
    Deleted,
    Kept,
    Damaged,
}

impl Series {
    /// Deletes what is over its time, `budget` days of channels at most in each resolution; the
    /// next call goes on where this one ended. Readings go only when their day is summed up and
    /// none of its chunks arrived after `followed`: the newest arrival that every follower has
    /// behind it, `u64::MAX` where there is none. A day that cannot be read keeps its readings for
    /// ever.
    ///
    /// Readings that come for a day that was trimmed are kept and added to its roll-ups, never put
    /// in their place: a peak does not disappear. A correction of a reading that was trimmed
    /// counts beside it.
    pub fn trim(
        &self,
        now: Timestamp,
        keep: &Retention,
        followed: u64,
        budget: usize,
    ) -> Result<TrimReport, StoreError> {
        // A roll's chunks are not taken from under it.
        let _no_roll = locked(&self.rolling);
        let mut cursors = locked(&self.trimming);
        let mut report = TrimReport::default();
        let followed = i64::try_from(followed).unwrap_or(i64::MAX);
        let pass = Pass { series: self, now, budget };
        let mut raw_days = Vec::new();
        report.raw = pass.run(
            keep.raw(),
            &mut cursors.raw,
            &mut report,
            |db, row, from, end| {
                rollup_tables::next_chunk_day(&*db.unchecked_transaction()?, row, from, end)
            },
            |row, day| self.trim_raw(row, day, followed, &mut raw_days),
        )?;
        report.raw_days = raw_days;
        let next = |db: &_, row, from, end| {
            rollup_tables::next_rollup_day(db, row, BucketStep::MINUTE, from, end)
        };
        report.minute =
            pass.run(keep.minute(), &mut cursors.minute, &mut report, next, |row, day| {
                self.trim_rollup(row, day, BucketStep::MINUTE)
            })?;
        let next = |db: &_, row, from, end| {
            rollup_tables::next_rollup_day(db, row, BucketStep::HOUR, from, end)
        };
        report.hour = pass.run(keep.hour(), &mut cursors.hour, &mut report, next, |row, day| {
            self.trim_rollup(row, day, BucketStep::HOUR)
        })?;
        report.pages = self.give_back()?;
        Ok(report)
    }

    fn trim_raw(
        &self,
        row: u32,
        day: i64,
        followed: i64,
        deleted: &mut Vec<TrimmedDay>,
    ) -> Result<Fate, StoreError> {
        let (known, chunks, arrival) = self.whole_day(row, day)?;
        if known.is_due || known.hour.is_none() || arrival > Some(followed) {
            return Ok(Fate::Kept);
        }
        if !self.is_readable(row, day, &known)? {
            if !known.raw_gone() {
                let due = rollup_tables::make_due(&self.file.patient_writer(), row, day);
                due.map_err(self.file.failed("make a roll-up due"))?;
            }
            return Ok(Fate::Damaged);
        }
        let last = newest::of_bodies(row, &chunks);
        let joined = if known.raw_gone() { self.joined(row, day, known, chunks)? } else { vec![] };
        let fate = self.delete(|db| {
            let is_due = rollup_tables::known(db, row, day)?.is_due;
            if is_due || rollup_tables::newest_arrival(db, row, day)? != arrival {
                return Ok(false);
            }
            for (step, new) in &joined {
                rollup_tables::put(db, row, *step, day, new)?;
            }
            rollup_tables::delete_chunks(db, row, day, last).map(|()| true)
        })?;
        if let (Fate::Deleted, Some(arrival)) = (&fate, arrival) {
            let newest_arrival = u64::try_from(arrival).unwrap_or(0);
            deleted.push(TrimmedDay { day, newest_arrival });
        }
        Ok(fate)
    }

    /// The roll-ups of a trimmed day with what came since. Minutes that were trimmed do not come
    /// back as a few late ones: the hours have them.
    fn joined(
        &self,
        row: u32,
        day: i64,
        known: Known,
        late: Bodies,
    ) -> Result<Vec<(BucketStep, StoredRollup)>, StoreError> {
        let late = point::merged(self.decoded(row, late)?);
        let late = bucket::of_points(&late, BucketStep::MINUTE);
        let stored = [(BucketStep::MINUTE, known.minute), (BucketStep::HOUR, known.hour)];
        let mut joined = Vec::new();
        for (step, base) in stored {
            let Some(base) = base else { continue };
            let base = self.summed(row, day, step, &base)?;
            let all = bucket::overlaid(base, &bucket::of_minutes(late.clone(), step));
            joined.push(rollup(step, &all, day, true)?);
        }
        Ok(joined)
    }

    /// Whether the roll-ups that are to stand for a day's readings can be read.
    fn is_readable(&self, row: u32, day: i64, known: &Known) -> Result<bool, StoreError> {
        for (step, stored) in [(BucketStep::MINUTE, &known.minute), (BucketStep::HOUR, &known.hour)]
        {
            let Some(stored) = stored else { continue };
            match self.summed(row, day, step, stored) {
                Ok(_) => {}
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(%error, "a roll-up is damaged, its readings are kept");
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Nothing goes before what is finer has gone.
    fn trim_rollup(&self, row: u32, day: i64, step: BucketStep) -> Result<Fate, StoreError> {
        self.delete(|db| {
            let known = rollup_tables::known(db, row, day)?;
            let raw = rollup_tables::newest_arrival(db, row, day)?;
            let finer = step == BucketStep::HOUR && known.minute.is_some();
            if known.is_due || raw.is_some() || finer {
                return Ok(false);
            }
            rollup_tables::delete_rollup(db, row, step, day).map(|_| true)
        })
    }

    /// Runs one deletion as a transaction of its own; `act` says whether it deleted.
    fn delete(
        &self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<bool>,
    ) -> Result<Fate, StoreError> {
        let mut writer = self.file.patient_writer();
        let write = || {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let deleted = act(&transaction)?;
            transaction.commit()?;
            Ok(if deleted { Fate::Deleted } else { Fate::Kept })
        };
        write().map_err(self.file.failed("delete what is over its time"))
    }

    /// Gives free pages back to the disk in small pieces.
    pub(super) fn give_back(&self) -> Result<u64, StoreError> {
        let mut given = 0;
        for _ in 0..VACUUM_PIECES_MAX {
            let pages =
                self.give_back_a_piece().map_err(self.file.failed("give free pages back"))?;
            if pages == 0 {
                break;
            }
            given += pages;
            // A page from the end of the file takes the place of each.
            self.written(pages * PAGE_BYTES);
            self.checkpoint_when_due()?;
        }
        Ok(given)
    }

    fn give_back_a_piece(&self) -> rusqlite::Result<u64> {
        let writer = self.file.patient_writer();
        let free = rollup_tables::free_pages(&writer)?.saturating_sub(FREE_PAGES_KEPT);
        let pages = free.min(VACUUM_PAGES);
        if pages > 0 {
            rollup_tables::vacuum(&writer, pages)?;
        }
        Ok(pages)
    }
}

/// One resolution's way over all channels and their days.
struct Pass<'a> {
    series: &'a Series,
    now: Timestamp,
    budget: usize,
}

impl Pass<'_> {
    /// Calls `act` with days that are over their time, from the cursor on; the days deleted.
    fn run(
        &self,
        keep: Keep,
        cursor: &mut (u32, i64),
        report: &mut TrimReport,
        next: impl Fn(&Connection, u32, i64, i64) -> rusqlite::Result<Option<i64>>,
        mut act: impl FnMut(u32, i64) -> Result<Fate, StoreError>,
    ) -> Result<u64, StoreError> {
        let Some(end) = keep.expired_before(self.now) else { return Ok(0) };
        let file = &self.series.file;
        let failed = || file.failed("find what is over its time");
        let (mut left, mut deleted) = (self.budget, 0);
        let rows = rollup_tables::rows(&file.reader()).map_err(failed())?;
        for row in rows.into_iter().filter(|&row| row >= cursor.0) {
            let mut from = if row == cursor.0 { cursor.1 } else { FIRST.1 };
            loop {
                // Not in a `while let`: the file must be free while a day is dealt with.
                let found = next(&file.reader(), row, from, end).map_err(failed())?;
                let Some(day) = found else { break };
                if left == 0 {
                    *cursor = (row, day);
                    return Ok(deleted);
                }
                left -= 1;
                match act(row, day)? {
                    Fate::Deleted => deleted += 1,
                    Fate::Kept => report.kept += 1,
                    Fate::Damaged => report.damaged += 1,
                }
                from = day + 1;
            }
        }
        *cursor = FIRST;
        Ok(deleted)
    }
}
