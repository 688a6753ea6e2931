//! Finished days are summed up into minutes and hours, and packed ([`super::packed`]), off the way
//! of live readings.
//!
//! Must never leave a roll-up standing as true that lacks a chunk of its day, never make the
//! only record of a day anew from what is left of its readings, and never pack a day of which
//! something cannot be read, or of which readings still wait for a roll: a follower that has these
//! would be given older ones of the same stamp as news.

use rusqlite::{Connection, TransactionBehavior};
use siskin_model::Timestamp;

use super::bucket::{self, Bucket, BucketStep};
use super::days::day_of;
use super::packed::{NewDay, PACKED_READINGS_MAX};
use super::point::{self, Point};
use super::rollup_tables::{self, Known, StoredRollup};
use super::span::{Bodies, Span};
use super::{Series, chunk, packed, summary};
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
    /// Of these days, those that were packed.
    pub packed: u64,
    /// The size of what was packed.
    pub packed_bytes: u64,
    /// Days that could not be read, and stay as they are.
    pub damaged: u64,
    /// Finished days that still wait.
    pub due: u64,
}

impl Series {
    /// Sums up finished days whose chunks are new or have changed, `budget` days of channels at
    /// most, and packs them; the next call goes on where this one ended. Each day is a short
    /// transaction of its own, and what is read and computed is outside of it. A day that cannot be
    /// read is counted, logged and passed over: one bad chunk must not keep the others from being
    /// summed up.
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
                Ok(done) => {
                    report.days += 1;
                    report.bytes += done.rollup_bytes;
                    report.packed += u64::from(done.packed_bytes > 0);
                    report.packed_bytes += done.packed_bytes;
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
        if report.packed > 0 {
            self.give_back()?;
        }
        Ok(report)
    }

    fn compact_day(&self, row: u32, day: i64) -> Result<Done, StoreError> {
        let (known, chunks, newest) = self.whole_day(row, day)?;
        // What comes for a trimmed day stays beside its roll-up until it is trimmed too.
        let sum = if known.raw_gone() || chunks.is_empty() {
            Sum::default()
        } else {
            self.sum(row, day, chunks)?
        };
        let done = {
            // No hour's chunks are taken from under a roll, and nothing is appended meanwhile.
            let _no_roll = locked(&self.rolling);
            let mut writer = self.file.patient_writer();
            let begin = Span::Day(day).begin();
            let end = begin.plus_ms(BucketStep::DAY.as_millis());
            let is_rolled = self.columns_read().range(row, begin, end).is_empty();
            let mut write = || {
                let transaction =
                    writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let done = put(&transaction, (row, day), newest, &sum, is_rolled)?;
                tracing::trace!(row, day, "a day waits for its commit");
                transaction.commit()?;
                Ok(done)
            };
            write().map_err(self.file.failed("store a day"))?
        };
        tracing::trace!(row, day, "a day is stored");
        self.written(done.rollup_bytes + done.packed_bytes);
        self.checkpoint_when_due()?;
        Ok(done)
    }

    /// Sums up what a day has, and packs it where that is more than a packed day.
    fn sum(&self, row: u32, day: i64, chunks: Bodies) -> Result<Sum, StoreError> {
        let is_packed = matches!(chunks.as_slice(), [(Span::Day(_), _)]);
        let points = point::merged(self.decoded(row, chunks)?);
        let minutes = bucket::of_points(&points, BucketStep::MINUTE);
        let hours = bucket::of_minutes(minutes.clone(), BucketStep::HOUR);
        let rollups = vec![
            rollup(BucketStep::MINUTE, &minutes, day, false)?,
            rollup(BucketStep::HOUR, &hours, day, false)?,
        ];
        let packed = if is_packed { None } else { packed_of(&points)? };
        Ok(Sum { rollups, packed })
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

/// The day as one chunk; a day with too many readings is none.
fn packed_of(points: &[Point]) -> Result<Option<NewDay>, StoreError> {
    if points.len() > PACKED_READINGS_MAX {
        return Ok(None);
    }
    Ok(Some(NewDay { readings: points.len(), body: chunk::encode(points)? }))
}

/// What a day is to be.
#[derive(Debug, Default)]
struct Sum {
    rollups: Vec<(BucketStep, StoredRollup)>,
    packed: Option<NewDay>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, Default)]
struct Done {
    rollup_bytes: u64,
    packed_bytes: u64,
}

/// Stores a day, in a transaction. A chunk that came meanwhile is not in it: then the day stays as
/// it is, and due.
fn put(
    db: &Connection,
    (row, day): (u32, i64),
    newest: Option<i64>,
    sum: &Sum,
    is_rolled: bool,
) -> rusqlite::Result<Done> {
    let mut done = Done::default();
    if rollup_tables::newest_arrival(db, row, day)? != newest {
        return Ok(done);
    }
    for (step, new) in &sum.rollups {
        rollup_tables::put(db, row, *step, day, new)?;
        done.rollup_bytes += new.body.len() as u64;
    }
    // What waits for its roll makes the day due again; a day that lacks a part stays as it lies.
    if let Some(new) = &sum.packed
        && is_rolled
        && !packed::lacks_a_part(db, row, day)?
    {
        packed::put(db, row, day, new)?;
        done.packed_bytes = new.body.len() as u64;
    }
    rollup_tables::end_due(db, row, day)?;
    Ok(done)
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

#[cfg(test)]
mod tests {
    use siskin_model::{Origin, Quality};

    use super::*;

    #[test]
    fn a_day_with_too_many_readings_is_not_packed() {
        let check = |count: usize, expected: Option<usize>| {
            let at = Timestamp::from_millis(0);
            let points = vec![Point::new(at, at, None, Quality::CommLost, Origin::Live); count];
            let packed = packed_of(&points).unwrap();
            assert_eq!(packed.map(|day| day.readings), expected, "{count}");
        };
        check(3, Some(3));
        check(PACKED_READINGS_MAX + 1, None);
    }
}
