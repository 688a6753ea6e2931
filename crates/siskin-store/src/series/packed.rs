//! Every statement on packed days: all readings of a finished day of a channel in one chunk, in the
//! place of the chunks of its hours.
//!
//! Hours of a packed day that have chunks came later and lie over it, until the day is packed anew.
//! Days and hours must be read in one view of the file: between two a day could be packed, and
//! then it would be in neither of them. Must never put a day in without taking out, in the same
//! transaction, all that it holds.

use rusqlite::{Connection, OptionalExtension, params};

use super::span::{Span, hours_of};
use super::tables;
use crate::file::integer;

/// A day with more readings (one in 43 ms) stays in hours: to be read or packed it would be in
/// memory as a whole, here with 80 MB.
pub(crate) const PACKED_READINGS_MAX: usize = 2_000_000;

/// A day to be put in.
#[derive(Debug)]
pub(crate) struct NewDay {
    pub(crate) readings: usize,
    pub(crate) body: Vec<u8>,
}

/// Puts a day in the place of its hours and of what was packed of it before; to be called in a
/// transaction that has seen that these hold nothing else.
///
/// Its arrival is a new one, and `seq_max` is the highest of all that it holds (none where one of
/// them does not know it): so a follower takes it for news exactly where one of them would be.
pub(crate) fn put(db: &Connection, row: u32, day: i64, new: &NewDay) -> rusqlite::Result<()> {
    let (first, last) = hours_of(day);
    let mut known = db.prepare_cached(
        "SELECT CASE WHEN min(seq_max) = 0 THEN 0 ELSE max(seq_max) END FROM (
            SELECT seq_max FROM chunk WHERE channel = ?1 AND hour BETWEEN ?2 AND ?3
            UNION ALL SELECT seq_max FROM day_chunk WHERE channel = ?1 AND day = ?4)",
    )?;
    let seq_max: Option<i64> =
        known.query_row(params![row, first, last, day], |found| found.get(0))?;
    // Before the new one is written, so that their pages are used again.
    delete(db, row, day)?;
    let arrival = tables::next_arrival(db)?;
    let mut put = db.prepare_cached(
        "INSERT INTO day_chunk (channel, day, readings, body, arrival, seq_max)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let readings = integer(new.readings as u64);
    put.execute(params![row, day, readings, new.body, arrival, seq_max.unwrap_or(0)])?;
    Ok(())
}

/// Deletes all readings of a day, packed and in hours.
pub(crate) fn delete(db: &Connection, row: u32, day: i64) -> rusqlite::Result<()> {
    let (first, last) = hours_of(day);
    let sql = "DELETE FROM chunk WHERE channel = ?1 AND hour BETWEEN ?2 AND ?3";
    db.prepare_cached(sql)?.execute(params![row, first, last])?;
    let sql = "DELETE FROM day_chunk WHERE channel = ?1 AND day = ?2";
    db.prepare_cached(sql)?.execute(params![row, day])?;
    Ok(())
}

/// Whether an hour of the day lacks a part: then what is there is not all there was, and must stay
/// as it lies for people to see.
pub(crate) fn lacks_a_part(db: &Connection, row: u32, day: i64) -> rusqlite::Result<bool> {
    let (first, last) = hours_of(day);
    let mut select = db.prepare_cached(
        "SELECT 1 FROM chunk WHERE channel = ?1 AND hour BETWEEN ?2 AND ?3
         GROUP BY hour HAVING max(part) + 1 <> count(*) LIMIT 1",
    )?;
    select.exists(params![row, first, last])
}

/// The packed days of a channel, each with its body, in order.
pub(crate) fn bodies(
    db: &Connection,
    row: u32,
    (first, last): (i64, i64),
) -> rusqlite::Result<super::span::Bodies> {
    let mut select = db.prepare_cached(
        "SELECT day, body FROM day_chunk
         WHERE channel = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day",
    )?;
    let found = select.query_map(params![row, first, last], |found| {
        Ok((Span::Day(found.get(0)?), found.get(1)?))
    })?;
    found.collect()
}

/// Which days of a channel are packed; the index alone is read.
pub(crate) fn days(
    db: &Connection,
    row: u32,
    (first, last): (i64, i64),
) -> rusqlite::Result<Vec<i64>> {
    let mut select = db.prepare_cached(
        "SELECT day FROM day_chunk WHERE channel = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day",
    )?;
    let found = select.query_map(params![row, first, last], |found| found.get(0))?;
    found.collect()
}

/// The newest packed day of a channel up to `day_max`.
pub(crate) fn newest(db: &Connection, row: u32, day_max: i64) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT max(day) FROM day_chunk WHERE channel = ?1 AND day <= ?2";
    db.prepare_cached(sql)?.query_row(params![row, day_max], |found| found.get(0))
}

/// The first packed day of a channel from `from` on, and before `end`.
pub(crate) fn next(
    db: &Connection,
    row: u32,
    from: i64,
    end: i64,
) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT min(day) FROM day_chunk WHERE channel = ?1 AND day >= ?2 AND day < ?3";
    db.prepare_cached(sql)?.query_row(params![row, from, end], |found| found.get(0))
}

/// The arrival of a packed day.
pub(crate) fn arrival(db: &Connection, row: u32, day: i64) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT arrival FROM day_chunk WHERE channel = ?1 AND day = ?2";
    db.prepare_cached(sql)?.query_row(params![row, day], |found| found.get(0)).optional()
}
