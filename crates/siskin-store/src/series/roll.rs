//! Finished hours leave the write-ahead table and become compressed chunks.
//!
//! Must never take a reading out of the table before its chunk is on disk: chunks and deletions
//! are one transaction. Compression runs outside every lock that an append needs.

use std::collections::BTreeMap;

use rusqlite::TransactionBehavior;
use siskin_model::Timestamp;

use super::batch::{self, Entry};
use super::columns::Cut;
use super::point::{self, Point};
use super::tables::{self, HOUR_MS, NewChunk, StoredBatch};
use super::{Series, chunk};
use crate::StoreError;
use crate::file::locked;

/// An hour is finished this long after its end: what arrives late is likely to be in by then.
pub const ROLL_GRACE_MS: i64 = 60_000;
/// Hours that begin this far ahead come from a wrong clock and are rolled as they are: they would
/// stay in memory until the clock is right.
pub const ROLL_AHEAD_MS: i64 = 2 * HOUR_MS;
/// An hour that has this many parts is written anew as one part when late readings come.
pub const PARTS_MAX: i64 = 8;

/// What a roll did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RollReport {
    /// Chunks written.
    pub chunks: u64,
    /// Readings in them that were not in a chunk before.
    pub readings: u64,
    /// Their size.
    pub bytes: u64,
    /// Batches that left the write-ahead table.
    pub batches_deleted: u64,
    /// Batches of which a part left it.
    pub batches_trimmed: u64,
}

impl Series {
    /// Moves finished hours of the batches up to `keep_after_seq` into chunks; later batches stay
    /// whole, since the station has not finished judging them. Late readings of an hour that has
    /// a chunk become a further part of it. Batches with readings of an unfinished hour stay with
    /// those. An error leaves everything as it was.
    ///
    /// `keep_after_seq` must be a mark that is on disk ([`crate::Ledger::flush_mark`]): after a
    /// restart the station judges the batches after that mark, and they must still be here.
    pub fn roll(&self, now: Timestamp, keep_after_seq: u64) -> Result<RollReport, StoreError> {
        let _one_at_a_time = locked(&self.rolling);
        let cut = Cut {
            seq_max: keep_after_seq.min(self.newest_seq()),
            finished_before: hour_start(now.plus_ms(-ROLL_GRACE_MS)),
            ahead_from: hour_start(now).plus_ms(ROLL_AHEAD_MS),
        };
        let rows = self.columns_read().rows();
        let mut report = RollReport::default();
        let mut chunks = Vec::new();
        for &row in &rows {
            self.chunks_of(row, &cut, &mut chunks, &mut report)?;
        }
        if chunks.is_empty() {
            return Ok(report);
        }
        let trimmed = self.trimmed(&cut)?;
        self.store(&cut, &chunks, &trimmed, &mut report)?;
        for &row in &rows {
            // The lock is taken anew for each channel, so that an append waits for one at most.
            self.columns_write().drop_taken(row, &cut);
        }
        Ok(report)
    }

    /// The chunks of one channel that the cut calls for.
    fn chunks_of(
        &self,
        row: u32,
        cut: &Cut,
        chunks: &mut Vec<NewChunk>,
        report: &mut RollReport,
    ) -> Result<(), StoreError> {
        let taken = self.columns_read().taken(row, cut);
        let mut hours: BTreeMap<i64, (u64, Vec<Point>)> = BTreeMap::new();
        for (seq, point) in taken {
            let (seq_max, points) = hours.entry(hour_of(point.measured_at)).or_default();
            *seq_max = seq.max(*seq_max);
            points.push(point);
        }
        for (hour, (seq_max, points)) in hours {
            report.readings += points.len() as u64;
            let new = self.new_chunk(row, hour, points, seq_max)?;
            report.chunks += 1;
            report.bytes += new.body.len() as u64;
            chunks.push(new);
        }
        Ok(())
    }

    fn new_chunk(
        &self,
        row: u32,
        hour: i64,
        late: Vec<Point>,
        seq_max: u64,
    ) -> Result<NewChunk, StoreError> {
        let failed = self.file.failed("count the parts of an hour");
        let parts = tables::parts(&self.file.reader(), row, hour).map_err(failed)?;
        let (points, replaces) = if parts < PARTS_MAX {
            (late, false)
        } else {
            match tables::points(&self.file, row, (hour, hour)) {
                Ok(older) => (older.into_iter().chain(late).collect(), true),
                // A part that cannot be read is left for people to look at.
                Err(StoreError::Damaged { .. }) => (late, false),
                Err(error) => return Err(error),
            }
        };
        let points = point::merged(points);
        Ok(NewChunk {
            row,
            hour,
            part: if replaces { 0 } else { parts },
            readings: points.len(),
            body: chunk::encode(&points)?,
            seq_max,
            replaces,
        })
    }

    /// What is left of the batches that the cut takes in part; `None` where nothing is left.
    fn trimmed(&self, cut: &Cut) -> Result<Vec<(u64, Option<StoredBatch>)>, StoreError> {
        let failed = self.file.failed("read batches");
        let in_part = tables::batches_in_part(&self.file.reader(), cut).map_err(failed)?;
        let trim = |stored: StoredBatch| {
            let damaged = |why| self.file.damaged(format!("batch {}", stored.seq), &why);
            let mut left = batch::decode(&stored.body).map_err(damaged)?;
            left.retain(|entry| !cut.takes(&entry.point));
            Ok((stored.seq, stored_batch(stored.seq, &left)))
        };
        in_part.into_iter().map(trim).collect()
    }

    fn store(
        &self,
        cut: &Cut,
        chunks: &[NewChunk],
        trimmed: &[(u64, Option<StoredBatch>)],
        report: &mut RollReport,
    ) -> Result<(), StoreError> {
        let mut writer = self.file.writer();
        let mut write = || {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for new in chunks {
                tables::put_chunk(&transaction, new)?;
            }
            let mut deleted = tables::delete_finished(&transaction, cut)?;
            let mut shortened = 0;
            for (seq, left) in trimmed {
                if let Some(left) = left {
                    tables::put_batch(&transaction, left)?;
                    shortened += 1;
                } else {
                    deleted += tables::delete_batch(&transaction, *seq)?;
                }
            }
            transaction.commit()?;
            Ok((deleted, shortened))
        };
        let (deleted, shortened) = write().map_err(self.file.failed("store chunks"))?;
        report.batches_deleted = deleted as u64;
        report.batches_trimmed = shortened;
        Ok(())
    }
}

/// The batch as the table holds it; an empty one is none.
pub(super) fn stored_batch(seq: u64, entries: &[Entry]) -> Option<StoredBatch> {
    let stamps = || entries.iter().map(|e| e.point.measured_at.as_millis());
    Some(StoredBatch {
        seq,
        first_ms: stamps().min()?,
        last_ms: stamps().max()?,
        body: batch::encode(entries),
    })
}

/// Whole hours since 1970.
pub(super) fn hour_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(HOUR_MS)
}

fn hour_start(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(hour_of(at).saturating_mul(HOUR_MS))
}
