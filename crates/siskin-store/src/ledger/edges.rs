//! What the station knows of its edge gateways: which of their batches are on disk, what they had
//! to drop, and how far their clocks were off.
//!
//! Sequence numbers belong to a spool: a gateway whose spool was lost begins again at one, and its
//! new batches must never be taken for the old ones. Ranges are written after the readings in them
//! and are never larger than what is on disk.

use std::ops::Range;

use rusqlite::{Connection, Row, TransactionBehavior, named_params, params};
use siskin_model::Timestamp;

use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

const ACT_WRITE: &str = "write what came from an edge gateway";
const ACT_READ: &str = "read what came from edge gateways";
/// Moments of clocks that are kept of a gateway; older ones are dropped.
pub const EDGE_CLOCKS_MAX: u64 = 1_000;

/// Batches that a gateway had to drop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeGap {
    /// The gateway.
    pub edge: String,
    /// Its spool.
    pub spool: String,
    /// Sequence numbers of the batches.
    pub seqs: Range<u64>,
    /// How many readings were in them, or were left out of them.
    pub readings: u64,
    /// When the oldest of these was measured.
    pub from: Timestamp,
    /// When the newest of these was measured.
    pub to: Timestamp,
    /// Why, as one word of the link.
    pub why: String,
    /// When the station was told.
    pub told_at: Timestamp,
}

/// How far a gateway's clock was off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdgeClock {
    /// When it was measured, by the station's clock.
    pub at: Timestamp,
    /// The gateway's clock minus the station's.
    pub skew_ms: i64,
    /// How long the question and its answer took: the skew is known to half of it.
    pub round_ms: i64,
}

/// The tables of format 3.
macro_rules! edge_tables {
    () => {
        "
        CREATE TABLE edge_range (
            edge TEXT NOT NULL,
            spool TEXT NOT NULL,
            first_seq INTEGER NOT NULL,
            end_seq INTEGER NOT NULL,
            PRIMARY KEY (edge, spool, first_seq)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE edge_gap (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            edge TEXT NOT NULL,
            spool TEXT NOT NULL,
            first_seq INTEGER NOT NULL,
            end_seq INTEGER NOT NULL,
            readings INTEGER NOT NULL,
            from_at INTEGER NOT NULL,
            to_at INTEGER NOT NULL,
            why TEXT NOT NULL,
            told_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX edge_gap_once
            ON edge_gap (edge, spool, first_seq, end_seq, from_at, why);
        CREATE TABLE edge_clock (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            edge TEXT NOT NULL,
            at INTEGER NOT NULL,
            skew_ms INTEGER NOT NULL,
            round_ms INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX edge_clock_of ON edge_clock (edge, number);"
    };
}
pub(crate) use edge_tables;

/// Which batches of a spool are on disk, rising.
pub(crate) fn committed(
    file: &StoreFile,
    edge: &str,
    spool: &str,
) -> Result<Vec<Range<u64>>, StoreError> {
    let read = |db: &Connection| {
        let mut select = db.prepare_cached(
            "SELECT first_seq, end_seq FROM edge_range WHERE edge = ?1 AND spool = ?2
             ORDER BY first_seq",
        )?;
        let row = |row: &Row<'_>| Ok(natural(row, 0)?..natural(row, 1)?);
        select.query_map([edge, spool], row)?.collect::<rusqlite::Result<Vec<_>>>()
    };
    read(&file.reader()).map_err(file.failed(ACT_READ))
}

/// Writes which batches of a spool are on disk; `ranges` takes the place of what was written.
pub(crate) fn put_committed(
    file: &StoreFile,
    edge: &str,
    spool: &str,
    ranges: &[Range<u64>],
) -> Result<(), StoreError> {
    let write = |db: &mut Connection| {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "DELETE FROM edge_range WHERE edge = ?1 AND spool = ?2";
        transaction.prepare_cached(sql)?.execute([edge, spool])?;
        for range in ranges {
            let sql = "INSERT INTO edge_range (edge, spool, first_seq, end_seq)
                       VALUES (?1, ?2, ?3, ?4)";
            let (first, end) = (integer(range.start), integer(range.end));
            transaction.prepare_cached(sql)?.execute(params![edge, spool, first, end])?;
        }
        transaction.commit()
    };
    write(&mut file.writer()).map_err(file.failed(ACT_WRITE))
}

/// Writes a gap; one that is told again is the same one, and one that has grown takes the place of
/// what it was, so that no reading is counted twice. False where it was known.
pub(crate) fn put_gap(file: &StoreFile, gap: &EdgeGap) -> Result<bool, StoreError> {
    let write = |db: &mut Connection| {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Empty ranges stand for readings that never had a number: each is a loss of its own.
        let mut grown = transaction.prepare_cached(
            "DELETE FROM edge_gap WHERE edge = :edge AND spool = :spool AND why = :why
             AND first_seq < end_seq AND first_seq >= :first AND end_seq <= :end
             AND NOT (first_seq = :first AND end_seq = :end)",
        )?;
        grown.execute(named_params! {
            ":edge": gap.edge,
            ":spool": gap.spool,
            ":why": gap.why,
            ":first": integer(gap.seqs.start),
            ":end": integer(gap.seqs.end),
        })?;
        drop(grown);
        let mut put = transaction.prepare_cached(
            "INSERT OR IGNORE INTO edge_gap
                (edge, spool, first_seq, end_seq, readings, from_at, to_at, why, told_at)
             VALUES (:edge, :spool, :first, :end, :readings, :from, :to, :why, :told_at)",
        )?;
        let written = put.execute(named_params! {
            ":edge": gap.edge,
            ":spool": gap.spool,
            ":first": integer(gap.seqs.start),
            ":end": integer(gap.seqs.end),
            ":readings": integer(gap.readings),
            ":from": gap.from.as_millis(),
            ":to": gap.to.as_millis(),
            ":why": gap.why,
            ":told_at": gap.told_at.as_millis(),
        })?;
        drop(put);
        transaction.commit()?;
        Ok(written > 0)
    };
    write(&mut file.writer()).map_err(file.failed(ACT_WRITE))
}

/// Gaps of a gateway, newest first.
pub(crate) fn gaps(file: &StoreFile, edge: &str, limit: usize) -> Result<Vec<EdgeGap>, StoreError> {
    let read = |db: &Connection| {
        let mut select = db.prepare_cached(
            "SELECT edge, spool, first_seq, end_seq, readings, from_at, to_at, why, told_at
             FROM edge_gap WHERE edge = ?1 ORDER BY number DESC LIMIT ?2",
        )?;
        let row = |row: &Row<'_>| {
            Ok(EdgeGap {
                edge: row.get(0)?,
                spool: row.get(1)?,
                seqs: natural(row, 2)?..natural(row, 3)?,
                readings: natural(row, 4)?,
                from: Timestamp::from_millis(row.get(5)?),
                to: Timestamp::from_millis(row.get(6)?),
                why: row.get(7)?,
                told_at: Timestamp::from_millis(row.get(8)?),
            })
        };
        select
            .query_map(params![edge, integer(limit as u64)], row)?
            .collect::<rusqlite::Result<Vec<_>>>()
    };
    read(&file.reader()).map_err(file.failed(ACT_READ))
}

/// How many gaps a gateway told, and the readings in them.
pub(crate) fn gap_totals(file: &StoreFile, edge: &str) -> Result<(u64, u64), StoreError> {
    let read = |db: &Connection| {
        let sql = "SELECT count(*), coalesce(sum(readings), 0) FROM edge_gap WHERE edge = ?1";
        let mut select = db.prepare_cached(sql)?;
        select.query_row([edge], |row| Ok((natural(row, 0)?, natural(row, 1)?)))
    };
    read(&file.reader()).map_err(file.failed(ACT_READ))
}

/// Writes how far a clock was off, and drops what is beyond [`EDGE_CLOCKS_MAX`].
pub(crate) fn put_clock(file: &StoreFile, edge: &str, clock: EdgeClock) -> Result<(), StoreError> {
    let write = |db: &mut Connection| {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached(
                "INSERT INTO edge_clock (edge, at, skew_ms, round_ms) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![edge, clock.at.as_millis(), clock.skew_ms, clock.round_ms])?;
        transaction
            .prepare_cached(
                "DELETE FROM edge_clock WHERE edge = ?1 AND number <= (
                     SELECT number FROM edge_clock WHERE edge = ?1
                     ORDER BY number DESC LIMIT 1 OFFSET ?2)",
            )?
            .execute(params![edge, integer(EDGE_CLOCKS_MAX)])?;
        transaction.commit()
    };
    write(&mut file.writer()).map_err(file.failed(ACT_WRITE))
}

/// How far the clock of a gateway was off, newest first.
pub(crate) fn clocks(
    file: &StoreFile,
    edge: &str,
    limit: usize,
) -> Result<Vec<EdgeClock>, StoreError> {
    let read = |db: &Connection| {
        let mut select = db.prepare_cached(
            "SELECT at, skew_ms, round_ms FROM edge_clock WHERE edge = ?1
             ORDER BY number DESC LIMIT ?2",
        )?;
        let row = |row: &Row<'_>| {
            let at = Timestamp::from_millis(row.get(0)?);
            Ok(EdgeClock { at, skew_ms: row.get(1)?, round_ms: row.get(2)? })
        };
        select
            .query_map(params![edge, integer(limit as u64)], row)?
            .collect::<rusqlite::Result<Vec<_>>>()
    };
    read(&file.reader()).map_err(file.failed(ACT_READ))
}
