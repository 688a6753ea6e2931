//! Every statement on roll-ups, and on the readings of a day as a whole.
//!
//! `raw_gone` says that readings of the day were deleted. A roll-up without it holds all chunks of
//! its day unless the day is due. One with it is the only record of what was deleted, and holds
//! nothing of the chunks that are there: those came later, it must never be made anew from them.

use rusqlite::{Connection, OptionalExtension, params};

use super::bucket::BucketStep;
use super::point::Point;
use super::span::{Bodies, hours_of};
use super::tables::{self, HOURS_A_DAY};
use super::{newest, packed, trimmed};

/// A roll-up as it lies in the table.
#[derive(Debug)]
pub(crate) struct StoredRollup {
    pub(crate) body: Vec<u8>,
    pub(crate) raw_gone: bool,
}

/// What the file has of one channel and day beside chunks.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) minute: Option<StoredRollup>,
    pub(crate) hour: Option<StoredRollup>,
    /// Chunks came that they do not hold.
    pub(crate) is_due: bool,
}

impl Known {
    /// Whether readings of the day were deleted: then chunks are not all there was.
    pub(crate) fn raw_gone(&self) -> bool {
        self.minute.iter().chain(&self.hour).any(|rollup| rollup.raw_gone)
    }
}

const fn seconds(step: BucketStep) -> i64 {
    step.as_millis() / 1000
}

pub(crate) fn known(db: &Connection, row: u32, day: i64) -> rusqlite::Result<Known> {
    let mut due = db.prepare_cached("SELECT 1 FROM rollup_due WHERE channel = ?1 AND day = ?2")?;
    Ok(Known {
        minute: rollup(db, row, BucketStep::MINUTE, day)?,
        hour: rollup(db, row, BucketStep::HOUR, day)?,
        is_due: due.exists(params![row, day])?,
    })
}

fn rollup(
    db: &Connection,
    row: u32,
    step: BucketStep,
    day: i64,
) -> rusqlite::Result<Option<StoredRollup>> {
    let mut select = db.prepare_cached(
        "SELECT body, raw_gone FROM rollup
         WHERE channel = ?1 AND step_s = ?2 AND day = ?3",
    )?;
    let stored = select.query_row(params![row, seconds(step), day], |row| {
        Ok(StoredRollup { body: row.get(0)?, raw_gone: row.get(1)? })
    });
    stored.optional()
}

/// What a day has of readings: the packed day, and over it the chunks of its hours. To be called in
/// one view of the file.
pub(crate) fn chunks(view: &Connection, row: u32, day: i64) -> rusqlite::Result<Bodies> {
    let mut bodies = packed::bodies(view, row, (day, day))?;
    bodies.extend(tables::bodies(view, row, hours_of(day))?);
    Ok(bodies)
}

/// The newest arrival of what a day has of readings. To be called in one view of the file.
pub(crate) fn newest_arrival(
    view: &Connection,
    row: u32,
    day: i64,
) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT max(arrival) FROM chunk WHERE channel = ?1 AND hour BETWEEN ?2 AND ?3";
    let (first, last) = hours_of(day);
    let of_hours: Option<i64> =
        view.prepare_cached(sql)?.query_row(params![row, first, last], |found| found.get(0))?;
    Ok(of_hours.max(packed::arrival(view, row, day)?))
}

/// The first due channel and day behind `after` of those before day `end`.
pub(crate) fn next_due(
    db: &Connection,
    after: (u32, i64),
    end: i64,
) -> rusqlite::Result<Option<(u32, i64)>> {
    let mut select = db.prepare_cached(
        "SELECT channel, day FROM rollup_due
         WHERE (channel, day) > (?1, ?2) AND day >= ?3 AND day < ?4 ORDER BY channel, day LIMIT 1",
    )?;
    let bounds = params![after.0, after.1, super::days::FIRST_DAY, end];
    select.query_row(bounds, |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// How many channel-days before day `end` are due.
pub(crate) fn count_due(db: &Connection, end: i64) -> rusqlite::Result<u64> {
    let sql = "SELECT count(*) FROM rollup_due WHERE day >= ?1 AND day < ?2";
    let mut select = db.prepare_cached(sql)?;
    select.query_row([super::days::FIRST_DAY, end], |row| crate::file::natural(row, 0))
}

pub(crate) fn put(
    db: &Connection,
    row: u32,
    step: BucketStep,
    day: i64,
    new: &StoredRollup,
) -> rusqlite::Result<()> {
    let mut put = db.prepare_cached(
        "INSERT OR REPLACE INTO rollup (channel, step_s, day, body, raw_gone)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    put.execute(params![row, seconds(step), day, new.body, new.raw_gone])?;
    Ok(())
}

pub(crate) fn make_due(db: &Connection, row: u32, day: i64) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO rollup_due (channel, day) VALUES (?1, ?2)";
    db.prepare_cached(sql)?.execute(params![row, day])?;
    Ok(())
}

pub(crate) fn end_due(db: &Connection, row: u32, day: i64) -> rusqlite::Result<()> {
    let sql = "DELETE FROM rollup_due WHERE channel = ?1 AND day = ?2";
    db.prepare_cached(sql)?.execute(params![row, day])?;
    Ok(())
}

/// All channels that the file ever knew, also those that left the site.
pub(crate) fn rows(db: &Connection) -> rusqlite::Result<Vec<u32>> {
    let mut select = db.prepare_cached("SELECT row FROM channel ORDER BY row")?;
    let found = select.query_map([], |row| row.get(0))?;
    found.collect()
}

/// The first day of a channel from `from` on, and before `end`, that has readings.
/// To be called in one view of the file.
pub(crate) fn next_chunk_day(
    db: &Connection,
    row: u32,
    from: i64,
    end: i64,
) -> rusqlite::Result<Option<i64>> {
    let mut select = db.prepare_cached(
        "SELECT min(hour) FROM chunk WHERE channel = ?1 AND hour >= ?2 AND hour < ?3",
    )?;
    let bounds = params![row, hours_of(from).0, hours_of(end).0];
    let hour: Option<i64> = select.query_row(bounds, |row| row.get(0))?;
    let of_hours = hour.map(|hour| hour.div_euclid(HOURS_A_DAY));
    Ok(of_hours.into_iter().chain(packed::next(db, row, from, end)?).min())
}

/// The first day of a channel from `from` on, and before `end`, that has a roll-up of this step.
pub(crate) fn next_rollup_day(
    db: &Connection,
    row: u32,
    step: BucketStep,
    from: i64,
    end: i64,
) -> rusqlite::Result<Option<i64>> {
    let mut select = db.prepare_cached(
        "SELECT min(day) FROM rollup
         WHERE channel = ?1 AND step_s = ?2 AND day >= ?3 AND day < ?4",
    )?;
    select.query_row(params![row, seconds(step), from, end], |row| row.get(0))
}

/// Deletes the readings of a day, and says in its roll-ups that they are the only record now.
/// `last` is what was measured last of them, and is kept.
pub(crate) fn delete_chunks(
    db: &Connection,
    row: u32,
    day: i64,
    last: Option<Point>,
) -> rusqlite::Result<()> {
    let mut mark = db.prepare_cached(
        "UPDATE rollup SET raw_gone = 1
         WHERE channel = ?1 AND step_s IN (60, 3600) AND day = ?2",
    )?;
    mark.execute(params![row, day])?;
    if let Some(last) = last {
        newest::keep(db, row, last)?;
    }
    packed::delete(db, row, day)
}

pub(crate) fn delete_rollup(
    db: &Connection,
    row: u32,
    step: BucketStep,
    day: i64,
) -> rusqlite::Result<usize> {
    if step == BucketStep::HOUR {
        trimmed::put_gone(db, row, day)?;
    }
    let sql = "DELETE FROM rollup WHERE channel = ?1 AND step_s = ?2 AND day = ?3";
    db.prepare_cached(sql)?.execute(params![row, seconds(step), day])
}

/// Pages of the file that hold nothing.
pub(crate) fn free_pages(db: &Connection) -> rusqlite::Result<u64> {
    db.query_row("PRAGMA freelist_count", [], |row| crate::file::natural(row, 0))
}

/// Gives up to `pages` of them back to the disk. SQLite frees a page with each row it answers.
pub(crate) fn vacuum(db: &Connection, pages: u64) -> rusqlite::Result<()> {
    let mut vacuum = db.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut freed = vacuum.query([])?;
    while freed.next()?.is_some() {}
    Ok(())
}
