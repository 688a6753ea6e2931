//! Finished days are summed up into minutes and hours, off the way of live readings.
//!
//! Must never leave a roll-up standing as true that lacks a chunk of its day, and never make the
//! only record of a day anew from what is left of its readings.

use rusqlite::TransactionBehavior;
use siskin_model::Timestamp;

use super::bucket::{self, Bucket, BucketStep};
use super::days::day_of;
use super::rollup_tables::{self, Bodies, Known, StoredRollup};
use super::{Series, point, summary};
use crate::StoreError;
use crate::file::locked;

/// A day is finished this long after its end: its last hour is rolled by then.
pub const COMPACT_GRACE_MS: i64 = 600_000;

/// What a compaction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CompactReport {
    /// Days of channels summed up.
    pub days: u64,
    /// The size of their roll-ups.
    pub bytes: u64,
    /// Days that could not be read, and stay as they are.
    pub damaged: u64,
    /// Finished days that still wait.
    pub due: u64,
}

impl Series {
    /// Sums up finished days whose chunks are new or have changed, `budget` days of channels at
    /// most; the next call goes on where this one ended. Each day is a short transaction of its
    /// own, and what is read and computed is outside of it. A day that cannot be read is counted,
    /// logged and passed over: one bad chunk must not keep the others from being summed up.
    pub fn compact(&self, now: Timestamp, budget: usize) -> Result<CompactReport, StoreError> {
        let mut cursor = locked(&self.compacting);
        let end = day_of(now.plus_ms(-COMPACT_GRACE_MS));
        let mut report = CompactReport::default();
        let act = "find the days to sum up";
        for _ in 0..budget {
            let next = rollup_tables::next_due(&self.file.reader(), *cursor, end);
            let Some((row, day)) = next.map_err(self.file.failed(act))? else {
                *cursor = FIRST;
                break;
            };
            match self.compact_day(row, day) {
                Ok(bytes) => {
                    report.days += 1;
                    report.bytes += bytes;
                }
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(%error, "a day cannot be summed up");
                    report.damaged += 1;
                }
                Err(error) => return Err(error),
            }
            *cursor = (row, day);
        }
        let due = rollup_tables::count_due(&self.file.reader(), end);
        report.due = due.map_err(self.file.failed(act))?;
        Ok(report)
    }

    fn compact_day(&self, row: u32, day: i64) -> Result<u64, StoreError> {
        let (known, chunks, newest) = self.whole_day(row, day)?;
        // What comes for a trimmed day stays beside its roll-up until it is trimmed too.
        let rollups = if known.raw_gone() || chunks.is_empty() {
            Vec::new()
        } else {
            let points = point::merged(self.decoded(row, chunks)?);
            let minutes = bucket::of_points(&points, BucketStep::MINUTE);
            let hours = bucket::of_minutes(minutes.clone(), BucketStep::HOUR);
            vec![
                rollup(BucketStep::MINUTE, &minutes, day, false)?,
                rollup(BucketStep::HOUR, &hours, day, false)?,
            ]
        };
        let mut writer = self.file.patient_writer();
        let mut write = || {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // A chunk that came meanwhile is not in them: then the day stays due.
            if rollup_tables::newest_arrival(&transaction, row, day)? == newest {
                for (step, new) in &rollups {
                    rollup_tables::put(&transaction, row, *step, day, new)?;
                }
                rollup_tables::end_due(&transaction, row, day)?;
            }
            transaction.commit()
        };
        write().map_err(self.file.failed("store roll-ups"))?;
        Ok(rollups.iter().map(|(_, new)| new.body.len() as u64).sum())
    }

    /// In one view of the file: what is known of a day, its chunks, and the newest arrival.
    pub(super) fn whole_day(
        &self,
        row: u32,
        day: i64,
    ) -> Result<(Known, Bodies, Option<i64>), StoreError> {
        let db = self.file.reader();
        let read = || {
            let view = db.unchecked_transaction()?;
            let known = rollup_tables::known(&view, row, day)?;
            let chunks = rollup_tables::chunks(&view, row, day)?;
            Ok((known, chunks, rollup_tables::newest_arrival(&view, row, day)?))
        };
        read().map_err(self.file.failed("read a day"))
    }
}

/// The roll-up of a day's buckets.
pub(super) fn rollup(
    step: BucketStep,
    buckets: &[Bucket],
    day: i64,
    raw_gone: bool,
) -> Result<(BucketStep, StoredRollup), StoreError> {
    let day_ms = day.saturating_mul(BucketStep::DAY.as_millis());
    Ok((step, StoredRollup { body: summary::encode(buckets, day_ms, step)?, raw_gone }))
}

/// Before every due day.
pub(super) const FIRST: (u32, i64) = (0, i64::MIN);
