//! Which readings were deleted because their time was over.
//!
//! Must never call a span whole of which readings were deleted.

use rusqlite::{Connection, OptionalExtension, params};
use siskin_model::{ChannelIndex, Timestamp};

use super::Series;
use super::bucket::BucketStep;
use super::days::day_of;
use crate::StoreError;

const DAY_MS: i64 = BucketStep::DAY.as_millis();

/// A span of whose readings only those that came after it was trimmed are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trimmed {
    /// Its begin.
    pub from: Timestamp,
    /// Its end, not included.
    pub to: Timestamp,
}

impl Series {
    /// The parts of [from, to) whose readings were deleted by [`Series::trim`]: whole days of UTC,
    /// cut to the question, in order, those side by side as one. Before a day of which not even
    /// hours are left, every day counts as such.
    pub fn trimmed(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Trimmed>, StoreError> {
        let row = self.channels.row(channel)?;
        if from >= to {
            return Ok(Vec::new());
        }
        let days = (day_of(from), day_of(to.plus_ms(-1)));
        let found = {
            let db = self.file.reader();
            gone_before(&db, row).and_then(|before| Ok((before, days_gone(&db, row, days)?)))
        };
        let (before, days_gone) = found.map_err(self.file.failed("find the days trimmed"))?;
        let first = before.filter(|&before| before > days.0).map(|before| (days.0, before));
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for (begin, end) in first.into_iter().chain(days_gone.iter().map(|&day| (day, day + 1))) {
            match spans.last_mut() {
                Some(last) if begin <= last.1 => last.1 = end.max(last.1),
                _ => spans.push((begin, end)),
            }
        }
        let begin_of = |day: i64| Timestamp::from_millis(day.saturating_mul(DAY_MS));
        let cut = |(begin, end): (i64, i64)| Trimmed {
            from: begin_of(begin).max(from),
            to: begin_of(end).min(to),
        };
        Ok(spans.into_iter().map(cut).collect())
    }
}

fn gone_before(db: &Connection, row: u32) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT gone_before FROM trimmed WHERE channel = ?1";
    let found = db.prepare_cached(sql)?.query_row([row], |row| row.get(0)).optional()?;
    Ok(found.flatten())
}

fn days_gone(db: &Connection, row: u32, (first, last): (i64, i64)) -> rusqlite::Result<Vec<i64>> {
    let mut select = db.prepare_cached(
        "SELECT day FROM rollup
         WHERE channel = ?1 AND step_s = 3600 AND day BETWEEN ?2 AND ?3 AND raw_gone <> 0
         ORDER BY day",
    )?;
    let found = select.query_map(params![row, first, last], |row| row.get(0))?;
    found.collect()
}

/// Nothing is left of a day any more; to be called in the transaction that deletes its hours.
pub(super) fn put_gone(db: &Connection, row: u32, day: i64) -> rusqlite::Result<()> {
    let mut put = db.prepare_cached(
        "INSERT INTO trimmed (channel, gone_before) VALUES (?1, ?2)
         ON CONFLICT (channel) DO UPDATE
             SET gone_before = max(coalesce(gone_before, ?2), ?2)",
    )?;
    put.execute(params![row, day + 1])?;
    Ok(())
}
