//! The tables of `series.db` and every statement on them.
//!
//! `channel` gives a channel id its row for ever. `batch` is the write-ahead table. `chunk` holds
//! hours by channel and part; parts of an hour are in order of arrival, so a later one wins.
//! `day_chunk` holds days that are over, each as one chunk of a channel ([`super::packed`]).
//! `arrival` numbers chunks of hours and days over the whole file in the order in which they were
//! written and is never given twice; `seq_max` is the newest batch of which a chunk holds readings.
//! By the two a follower (a mirror) that has seen batches up to S and chunks up to A knows what it
//! has not seen: batches after S, and chunks after A whose `seq_max` is over S. It reads the
//! batches first (or both in one transaction), takes the chunks before the batches, and moves S
//! only when all those chunks are taken, see `follower.rs`. `rollup` holds what is left of a day
//! when its readings are summed up, `rollup_due` the days whose roll-up is not made yet or not true
//! any more. `trimmed` has the newest reading of those that were deleted of a channel, and before
//! which day not even hours are left.
//! `roll_begun` says how far a roll has come that is not finished, see [`super::begun`]. `damaged`
//! keeps batches that could not be read, for the people who look after the disk.

use rusqlite::{Connection, OptionalExtension, params};

use super::columns::Cut;
use super::packed;
use super::span::{self, Bodies, Span};
use crate::file::{Kind, integer, natural};

macro_rules! history_tables {
    () => {
        "
        CREATE INDEX chunk_arrival ON chunk (arrival);
        CREATE TABLE arrival (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            newest INTEGER NOT NULL
        ) STRICT;
        INSERT INTO arrival (only_row, newest) VALUES (1, 0);
        CREATE TABLE rollup (
            channel INTEGER NOT NULL REFERENCES channel (row),
            step_s INTEGER NOT NULL CHECK (step_s IN (60, 3600)),
            day INTEGER NOT NULL,
            body BLOB NOT NULL,
            raw_gone INTEGER NOT NULL,
            UNIQUE (channel, step_s, day)
        ) STRICT;
        CREATE TABLE rollup_due (
            channel INTEGER NOT NULL REFERENCES channel (row),
            day INTEGER NOT NULL,
            PRIMARY KEY (channel, day)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE roll_begun (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            body BLOB NOT NULL
        ) STRICT;"
    };
}

macro_rules! trimmed_table {
    () => {
        "
        CREATE TABLE trimmed (
            channel INTEGER PRIMARY KEY REFERENCES channel (row),
            newest BLOB,
            gone_before INTEGER
        ) STRICT;"
    };
}

macro_rules! day_tables {
    () => {
        "
        CREATE TABLE day_chunk (
            channel INTEGER NOT NULL REFERENCES channel (row),
            day INTEGER NOT NULL,
            readings INTEGER NOT NULL,
            body BLOB NOT NULL,
            arrival INTEGER NOT NULL,
            seq_max INTEGER NOT NULL,
            UNIQUE (channel, day)
        ) STRICT;
        CREATE INDEX day_chunk_arrival ON day_chunk (arrival);"
    };
}

/// The first format that has packed days.
pub(crate) const VERSION_OF_DAYS: i64 = 3;

pub(crate) const KIND: Kind = Kind {
    file_name: "series.db",
    title: "series",
    application_id: 0x5369_5365,
    version: 3,
    schema: concat!(
        "
        CREATE TABLE channel (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            quantity TEXT NOT NULL,
            unit TEXT NOT NULL
        ) STRICT;
        CREATE TABLE batch (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        CREATE TABLE chunk (
            channel INTEGER NOT NULL REFERENCES channel (row),
            hour INTEGER NOT NULL,
            part INTEGER NOT NULL,
            readings INTEGER NOT NULL,
            body BLOB NOT NULL,
            arrival INTEGER NOT NULL DEFAULT 0,
            seq_max INTEGER NOT NULL DEFAULT 0,
            UNIQUE (channel, hour, part)
        ) STRICT;
        CREATE TABLE damaged (
            seq INTEGER PRIMARY KEY,
            body BLOB NOT NULL
        ) STRICT;",
        history_tables!(),
        trimmed_table!(),
        day_tables!()
    ),
    // Format 1 knew no roll-ups and no order of chunks: its chunks are numbered as they lie.
    // Format 2 did not know what it had deleted, and no packed days: those that it summed up stay
    // in hours until late readings come.
    upgrades: &[FORMAT_2, concat!(trimmed_table!(), day_tables!())],
};

const FORMAT_2: &str = concat!(
    "ALTER TABLE chunk ADD COLUMN arrival INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE chunk ADD COLUMN seq_max INTEGER NOT NULL DEFAULT 0;
        UPDATE chunk SET arrival = rowid;",
    history_tables!(),
    "UPDATE arrival SET newest = (SELECT coalesce(max(rowid), 0) FROM chunk);
        INSERT INTO rollup_due (channel, day)
            SELECT DISTINCT channel, (hour - (hour % 24 + 24) % 24) / 24 FROM chunk;"
);

/// Gives a connection that only reads an empty table of days, in its own memory: the file's format
/// is an earlier one.
pub(crate) fn no_days(db: &Connection) -> rusqlite::Result<()> {
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.execute_batch("CREATE TEMP TABLE day_chunk (channel, day, readings, body, arrival, seq_max)")
}

pub(crate) const HOUR_MS: i64 = 3_600_000;
/// Days of the store are days of UTC.
pub(crate) const HOURS_A_DAY: i64 = 24;

/// A batch as it lies in the table.
#[derive(Debug)]
pub(crate) struct StoredBatch {
    pub(crate) seq: u64,
    pub(crate) first_ms: i64,
    pub(crate) last_ms: i64,
    pub(crate) body: Vec<u8>,
}

/// A batch with this number that no one was told of is from a commit whose outcome nobody saw.
pub(crate) fn put_batch(db: &Connection, batch: &StoredBatch) -> rusqlite::Result<()> {
    let mut put = db.prepare_cached(
        "INSERT OR REPLACE INTO batch (seq, first_at, last_at, body) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let StoredBatch { seq, first_ms, last_ms, body } = batch;
    put.execute(params![integer(*seq), first_ms, last_ms, body])?;
    Ok(())
}

/// Calls `take` with every batch after `seq`, in order.
pub(crate) fn each_batch_after(
    db: &Connection,
    seq: u64,
    mut take: impl FnMut(u64, &[u8]),
) -> rusqlite::Result<()> {
    let mut select =
        db.prepare_cached("SELECT seq, body FROM batch WHERE seq > ?1 ORDER BY seq")?;
    let mut rows = select.query([integer(seq)])?;
    while let Some(row) = rows.next()? {
        take(natural(row, 0)?, row.get_ref(1)?.as_blob()?);
    }
    Ok(())
}

/// One batch, where there is one.
pub(crate) fn batch(db: &Connection, seq: u64) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut select = db.prepare_cached("SELECT body FROM batch WHERE seq = ?1")?;
    select.query_row([integer(seq)], |row| row.get(0)).optional()
}

/// The highest number a batch ever had.
pub(crate) fn newest_seq(db: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'batch'";
    let newest = db.query_row(sql, [], |row| natural(row, 0)).optional()?;
    Ok(newest.unwrap_or(0))
}

/// Puts a batch aside that cannot be read; to be called in a transaction.
pub(crate) fn put_aside(db: &Connection, seq: u64) -> rusqlite::Result<()> {
    let sql =
        "INSERT OR REPLACE INTO damaged (seq, body) SELECT seq, body FROM batch WHERE seq = ?1";
    db.execute(sql, [integer(seq)])?;
    delete_batch(db, seq)
}

/// How many batches were ever put aside.
pub(crate) fn count_aside(db: &Connection) -> rusqlite::Result<u64> {
    db.query_row("SELECT count(*) FROM damaged", [], |row| natural(row, 0))
}

/// The next batches after `after_seq` of which a cut takes something, in order, at most `max`.
pub(crate) fn batches_taken(
    db: &Connection,
    cut: &Cut,
    after_seq: u64,
    max: u32,
) -> rusqlite::Result<Vec<TakenBatch>> {
    let mut select = db.prepare_cached(
        "SELECT seq, first_at, last_at, length(body) FROM batch
         WHERE seq > ?1 AND seq <= ?2 AND (first_at < ?3 OR last_at >= ?4)
         ORDER BY seq LIMIT ?5",
    )?;
    let (finished_ms, ahead_ms) = (cut.finished_before.as_millis(), cut.ahead_from.as_millis());
    let values = params![integer(after_seq), integer(cut.seq_max), finished_ms, ahead_ms, max];
    let found = select.query_map(values, |row| {
        let (first_ms, last_ms): (i64, i64) = (row.get(1)?, row.get(2)?);
        let is_whole = last_ms < finished_ms || first_ms >= ahead_ms;
        Ok(TakenBatch { seq: natural(row, 0)?, is_whole, bytes: natural(row, 3)? })
    })?;
    found.collect()
}

/// A batch of which a cut takes something.
#[derive(Debug)]
pub(crate) struct TakenBatch {
    pub(crate) seq: u64,
    /// All its readings are on one side of the cut.
    pub(crate) is_whole: bool,
    /// Its size.
    pub(crate) bytes: u64,
}

pub(crate) fn delete_batch(db: &Connection, seq: u64) -> rusqlite::Result<()> {
    let mut delete = db.prepare_cached("DELETE FROM batch WHERE seq = ?1")?;
    delete.execute([integer(seq)])?;
    Ok(())
}

/// How far a roll has come that is not finished.
pub(crate) fn roll_begun(db: &Connection) -> rusqlite::Result<Option<Vec<u8>>> {
    db.query_row("SELECT body FROM roll_begun", [], |row| row.get(0)).optional()
}

pub(crate) fn put_roll_begun(db: &Connection, body: &[u8]) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO roll_begun (only_row, body) VALUES (1, ?1)";
    db.prepare_cached(sql)?.execute([body])?;
    Ok(())
}

pub(crate) fn end_roll(db: &Connection) -> rusqlite::Result<()> {
    db.execute("DELETE FROM roll_begun", [])?;
    Ok(())
}

/// A new chunk.
#[derive(Debug)]
pub(crate) struct NewChunk {
    pub(crate) row: u32,
    pub(crate) hour: i64,
    pub(crate) part: i64,
    pub(crate) readings: usize,
    pub(crate) body: Vec<u8>,
    /// The newest batch that it has readings of.
    pub(crate) seq_max: u64,
    /// It holds what the older parts of its hour held, and takes their place.
    pub(crate) replaces: bool,
}

/// Numbers that may have been given and not come to disk before the power failed.
const ARRIVALS_LOST_MAX: i64 = 1 << 32;

/// Passes over the numbers that a follower may have seen and the file has not: commits of a roll
/// are on disk a moment after they can be read. Called when a file is opened.
pub(crate) fn pass_arrivals(db: &Connection) -> rusqlite::Result<()> {
    db.execute("UPDATE arrival SET newest = newest + ?1", [ARRIVALS_LOST_MAX])?;
    Ok(())
}

/// A number that no chunk of an hour or day ever had.
pub(crate) fn next_arrival(db: &Connection) -> rusqlite::Result<i64> {
    let mut next = db.prepare_cached("UPDATE arrival SET newest = newest + 1 RETURNING newest")?;
    next.query_row([], |row| row.get(0))
}

pub(crate) fn put_chunk(db: &Connection, new: &NewChunk) -> rusqlite::Result<()> {
    if new.replaces {
        let mut delete = db.prepare_cached("DELETE FROM chunk WHERE channel = ?1 AND hour = ?2")?;
        delete.execute(params![new.row, new.hour])?;
    }
    let arrival = next_arrival(db)?;
    let mut put = db.prepare_cached(
        "INSERT INTO chunk (channel, hour, part, readings, body, arrival, seq_max)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let (readings, seq_max) = (integer(new.readings as u64), integer(new.seq_max));
    put.execute(params![new.row, new.hour, new.part, readings, new.body, arrival, seq_max])?;
    let mut due =
        db.prepare_cached("INSERT OR IGNORE INTO rollup_due (channel, day) VALUES (?1, ?2)")?;
    due.execute(params![new.row, new.hour.div_euclid(HOURS_A_DAY)])?;
    Ok(())
}

/// How many parts an hour has, and the number of the next one.
pub(crate) fn parts(db: &Connection, row: u32, hour: i64) -> rusqlite::Result<(i64, i64)> {
    let sql = "SELECT count(*), coalesce(max(part) + 1, 0) FROM chunk
               WHERE channel = ?1 AND hour = ?2";
    let mut select = db.prepare_cached(sql)?;
    select.query_row(params![row, hour], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The newest hour of a channel before `before` that has a chunk.
fn newest_hour(db: &Connection, row: u32, before: i64) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT max(hour) FROM chunk WHERE channel = ?1 AND hour < ?2";
    let mut select = db.prepare_cached(sql)?;
    select.query_row(params![row, before], |row| row.get(0))
}

/// The newest hours of a channel before hour `before` in which readings are stored: one hour that
/// has a chunk, or those of a packed day. To be called in one view of the file.
pub(crate) fn newest_hours(
    view: &Connection,
    row: u32,
    before: i64,
) -> rusqlite::Result<Option<(i64, i64)>> {
    let hour = newest_hour(view, row, before)?;
    let day_max = before.saturating_sub(1).div_euclid(HOURS_A_DAY);
    let of_day = packed::newest(view, row, day_max)?.map(span::hours_of);
    // Of a packed day's own hours it is the day that is asked: they came later, and may be early.
    Ok(of_day.filter(|(_, last)| hour.is_none_or(|hour| hour <= *last)).or(hour.map(|h| (h, h))))
}

/// The hours of a channel that have chunks; the index alone is read.
pub(crate) fn hours(
    db: &Connection,
    row: u32,
    (first, last): (i64, i64),
) -> rusqlite::Result<Vec<i64>> {
    let mut select = db.prepare_cached(
        "SELECT DISTINCT hour FROM chunk WHERE channel = ?1 AND hour BETWEEN ?2 AND ?3
         ORDER BY hour",
    )?;
    let found = select.query_map(params![row, first, last], |row| row.get(0))?;
    found.collect()
}

/// The chunks of hours of a channel, by hour and part.
pub(crate) fn bodies(
    db: &Connection,
    row: u32,
    (first, last): (i64, i64),
) -> rusqlite::Result<Bodies> {
    let mut select = db.prepare_cached(
        "SELECT hour, body FROM chunk
         WHERE channel = ?1 AND hour BETWEEN ?2 AND ?3 ORDER BY hour, part",
    )?;
    let found = select
        .query_map(params![row, first, last], |row| Ok((Span::Hour(row.get(0)?), row.get(1)?)))?;
    found.collect()
}
