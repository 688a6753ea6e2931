//! Finished hours leave the write-ahead table and become compressed chunks.
//!
//! A roll is many short transactions, and appends go first between any two: first chunks, with a
//! mark of how far they are ([`super::begun`]), then, when every chunk is on disk, deletions of
//! what the batches had. A roll that ends early, by an error or with the process, is gone on with
//! by the next.
//!
//! The steps are on disk in their order, but a moment later than they can be read: the next append
//! or checkpoint takes them there. A power cut takes back the last ones, and they are done again.
//!
//! Must never take a reading out of the table before its chunk is on disk, and never write one into
//! a second chunk. Compression runs outside every lock that an append needs.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use rusqlite::TransactionBehavior;
use siskin_model::Timestamp;

use super::batch::{self, Entry};
use super::begun::Begun;
use super::columns::Cut;
use super::point::{self, Point};
use super::tables::{self, HOUR_MS, NewChunk, StoredBatch, TakenBatch};
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

/// While more readings than these wait (about 320 MB; 2,000 channels at one a second never have as
/// many), hours are rolled in pieces of ten minutes, each a part of its chunk: six parts are under
/// [`PARTS_MAX`], and 10,000 channels stay far from [`super::OPEN_READINGS_MAX`].
const EARLY_READINGS: usize = 8_000_000;
const EARLY_MS: i64 = HOUR_MS / 6;

/// A transaction ends with the chunk or batch that reaches one of these.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) chunks: usize,
    pub(super) batches: u32,
    pub(super) bytes: u64,
}

/// An append waits for one step at most.
const STEP: Step = Step { chunks: 64, batches: 64, bytes: 512 << 10 };
/// The journal is moved into the database when about this much is in it. A commit that comes
/// meanwhile shares the disk: with 16 MiB it waited for 180 ms at worst, with 4 MiB for 24 ms. A
/// journal that is small is written over, too, and its commits are faster than those that extend
/// it.
const JOURNAL_BYTES: u64 = 2 << 20;
/// What a commit writes beside its bodies: whole pages of the tables' trees.
const COMMIT_BYTES: u64 = 4 * 4096;

/// What a roll did, or the rest of one that had ended early and the one after it together.
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

/// Chunks of one transaction.
#[derive(Debug, Default)]
struct Group {
    chunks: Vec<NewChunk>,
    readings: u64,
    bytes: u64,
}

impl Group {
    fn is_full(&self, step: Step) -> bool {
        self.chunks.len() >= step.chunks || self.bytes >= step.bytes
    }
}

/// What a roll does with a batch.
#[derive(Debug)]
enum Fate {
    Delete(u64),
    Shorten(StoredBatch),
    /// It could not be read: its readings are in memory and rolled from there.
    PutAside(u64),
}

impl Series {
    /// Moves finished hours of the batches up to `keep_after_seq` into chunks; later batches stay
    /// whole, since the station has not finished judging them. Late readings of an hour that has
    /// a chunk become a further part of it. Batches with readings of an unfinished hour stay with
    /// those. What they took in the file goes back to the disk. After an error what was done
    /// stands, and the next roll goes on from there.
    ///
    /// `keep_after_seq` must be a mark that is on disk ([`crate::Ledger::flush_mark`]): after a
    /// restart the station judges the batches after that mark, and they must still be here.
    pub fn roll(&self, now: Timestamp, keep_after_seq: u64) -> Result<RollReport, StoreError> {
        self.roll_by(STEP, now, keep_after_seq)
    }

    pub(super) fn roll_by(
        &self,
        step: Step,
        now: Timestamp,
        keep_after_seq: u64,
    ) -> Result<RollReport, StoreError> {
        let mut slot = locked(&self.rolling);
        let mut report = RollReport::default();
        if let Some(begun) = &mut *slot {
            self.go_on(step, begun, &mut report)?;
        }
        let seq_max = keep_after_seq.min(self.newest_seq());
        let begun = slot.insert(Begun::new(cut(now, seq_max, self.readings_open())));
        self.go_on(step, begun, &mut report)?;
        *slot = None;
        self.checkpoint_when_due()?;
        if report.batches_deleted > 0 {
            self.give_back()?;
        }
        Ok(report)
    }

    fn go_on(
        &self,
        step: Step,
        begun: &mut Begun,
        report: &mut RollReport,
    ) -> Result<(), StoreError> {
        let rows = self.columns_read().rows();
        let mut group = Group::default();
        for &row in &rows {
            let taken = self.columns_read().taken(row, begun);
            let mut hours: BTreeMap<i64, (u64, Vec<Point>)> = BTreeMap::new();
            for (seq, point) in taken {
                let (seq_max, points) = hours.entry(hour_of(point.measured_at)).or_default();
                *seq_max = seq.max(*seq_max);
                points.push(point);
            }
            for (hour, (seq_max, points)) in hours {
                group.readings += points.len() as u64;
                let new = self.new_chunk(row, hour, points, seq_max)?;
                group.bytes += new.body.len() as u64;
                group.chunks.push(new);
                if group.is_full(step) {
                    self.store(begun, &group, report)?;
                    group = Group::default();
                }
            }
        }
        self.store(begun, &group, report)?;
        if begun.has_chunks() { self.take_from_batches(step, begun, report) } else { Ok(()) }
    }

    fn new_chunk(
        &self,
        row: u32,
        hour: i64,
        late: Vec<Point>,
        seq_max: u64,
    ) -> Result<NewChunk, StoreError> {
        let failed = self.file.failed("count the parts of an hour");
        let (parts, next) = tables::parts(&self.file.reader(), row, hour).map_err(failed)?;
        let (points, replaces) = if parts < PARTS_MAX {
            (late, false)
        } else {
            match self.chunks().of_parts(row, hour) {
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
            part: if replaces { 0 } else { next },
            readings: points.len(),
            body: chunk::encode(&points)?,
            seq_max,
            replaces,
        })
    }

    /// Puts a group on disk and, in the same transaction, that it is there; then memory lets go.
    fn store(
        &self,
        begun: &mut Begun,
        group: &Group,
        report: &mut RollReport,
    ) -> Result<(), StoreError> {
        let Some(last) = group.chunks.last() else {
            return Ok(());
        };
        let after = begun.after(last.row, last.hour);
        let write = || {
            let mut writer = self.file.patient_writer();
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for new in &group.chunks {
                tables::put_chunk(&transaction, new)?;
                tracing::trace!(row = new.row, hour = new.hour, "a chunk waits for its commit");
            }
            tables::put_roll_begun(&transaction, &after.encode())?;
            transaction.commit()
        };
        write().map_err(self.file.failed("store chunks"))?;
        tracing::trace!(row = last.row, hour = last.hour, "chunks are stored");
        *begun = after;
        for chunks in group.chunks.chunk_by(|a, b| a.row == b.row) {
            // The lock is taken anew for each channel, so that an append waits for one at most.
            let row = chunks.first().map_or(0, |new| new.row);
            self.columns_write().drop_taken(row, begun);
        }
        report.chunks += group.chunks.len() as u64;
        report.readings += group.readings;
        report.bytes += group.bytes;
        self.written(group.bytes);
        self.checkpoint_when_due()
    }

    /// Every chunk is on disk: the batches give up what is in them, a few at a time.
    fn take_from_batches(
        &self,
        step: Step,
        begun: &Begun,
        report: &mut RollReport,
    ) -> Result<(), StoreError> {
        let mut after_seq = 0;
        loop {
            let failed = self.file.failed("find finished batches");
            let found =
                tables::batches_taken(&self.file.reader(), &begun.cut, after_seq, step.batches);
            let mut fates = Vec::new();
            let mut bytes = 0;
            for batch in found.map_err(failed)? {
                after_seq = batch.seq;
                bytes += batch.bytes;
                fates.push(self.fate(&batch, &begun.cut)?);
                if bytes >= step.bytes {
                    break;
                }
            }
            self.carry_out(&fates, report)?;
            if fates.is_empty() {
                return Ok(());
            }
            self.written(bytes);
            self.checkpoint_when_due()?;
        }
    }

    fn fate(&self, batch: &TakenBatch, cut: &Cut) -> Result<Fate, StoreError> {
        let seq = batch.seq;
        if batch.is_whole {
            return Ok(Fate::Delete(seq));
        }
        let failed = self.file.failed("read batches");
        let body = tables::batch(&self.file.reader(), seq).map_err(failed)?;
        match batch::decode(&body.unwrap_or_default()) {
            Ok(mut left) => {
                left.retain(|entry| !cut.takes(seq, &entry.point));
                Ok(stored_batch(seq, &left).map_or(Fate::Delete(seq), Fate::Shorten))
            }
            Err(why) => {
                let path = self.file.path().display();
                tracing::error!(seq, %why, file = %path, "a batch is damaged and was put aside");
                Ok(Fate::PutAside(seq))
            }
        }
    }

    /// One step; without fates the last one, after which the roll is over.
    fn carry_out(&self, fates: &[Fate], report: &mut RollReport) -> Result<(), StoreError> {
        let write = || {
            let mut writer = self.file.patient_writer();
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for fate in fates {
                match fate {
                    Fate::Delete(seq) => tables::delete_batch(&transaction, *seq)?,
                    Fate::Shorten(left) => tables::put_batch(&transaction, left)?,
                    Fate::PutAside(seq) => tables::put_aside(&transaction, *seq)?,
                }
                tracing::trace!(?fate, "a batch waits for its commit");
            }
            if fates.is_empty() {
                tables::end_roll(&transaction)?;
            }
            transaction.commit()
        };
        write().map_err(self.file.failed("delete finished batches"))?;
        tracing::trace!(count = fates.len(), "batches are done");
        for fate in fates {
            match fate {
                Fate::Delete(_) => report.batches_deleted += 1,
                Fate::Shorten(_) => report.batches_trimmed += 1,
                Fate::PutAside(_) => {
                    self.batches_damaged.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        Ok(())
    }

    /// Counts what a commit put into the journal.
    pub(super) fn written(&self, bytes: u64) {
        self.journal_bytes.fetch_add(bytes + COMMIT_BYTES, Ordering::Relaxed);
    }

    pub(super) fn checkpoint_when_due(&self) -> Result<(), StoreError> {
        if self.journal_bytes.load(Ordering::Relaxed) < JOURNAL_BYTES {
            return Ok(());
        }
        self.journal_bytes.store(0, Ordering::Relaxed);
        self.file.checkpoint()
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

fn cut(now: Timestamp, seq_max: u64, open: usize) -> Cut {
    let finished = now.plus_ms(-ROLL_GRACE_MS);
    let step_ms = if open > EARLY_READINGS { EARLY_MS } else { HOUR_MS };
    Cut {
        seq_max,
        finished_before: start_of(finished, step_ms),
        ahead_from: start_of(now, HOUR_MS).plus_ms(ROLL_AHEAD_MS),
    }
}

fn start_of(at: Timestamp, step_ms: i64) -> Timestamp {
    Timestamp::from_millis(at.as_millis().div_euclid(step_ms).saturating_mul(step_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_cut_into_pieces_only_when_too_many_wait() {
        let check = |now_ms: i64, open: usize, finished_ms: i64| {
            let cut = cut(Timestamp::from_millis(now_ms), 7, open);
            assert_eq!(cut.finished_before.as_millis(), finished_ms, "{now_ms} {open}");
            assert_eq!((cut.seq_max, cut.ahead_from.as_millis() % HOUR_MS), (7, 0));
        };
        let half_past = 3 * HOUR_MS + 30 * 60_000;
        check(half_past + ROLL_GRACE_MS, EARLY_READINGS, 3 * HOUR_MS);
        check(half_past + ROLL_GRACE_MS, EARLY_READINGS + 1, half_past);
        check(half_past + ROLL_GRACE_MS - 1, EARLY_READINGS + 1, half_past - EARLY_MS);
        check(-1, 0, -HOUR_MS);
    }
}
