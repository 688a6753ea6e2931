//! What a restart must know of floods: those that go on, and whom the last minutes called.
//!
//! Read only; when a flood begins and ends is decided elsewhere. Must never take a flood that was
//! told to have begun for one that has not.

use rusqlite::{Connection, Row, params_from_iter, types::Value};
use siskin_model::{AreaId, FloodChange, FloodEvent, Timestamp, WarningChange};

use super::tables::{value, word};
use super::{Ledger, ROWS_MAX};
use crate::StoreError;
use crate::file::{integer, natural};

const ACT: &str = "read the floods";

/// A flood that was told to begin and not to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskFlood {
    /// The number of its begin.
    pub seq: u64,
    /// Its begin.
    pub begun: FloodEvent,
}

/// People were called to a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The number of the warning's event.
    pub seq: u64,
    /// Where.
    pub area: AreaId,
    /// When it was written down, by the station's clock.
    pub at: Timestamp,
}

impl Ledger {
    /// Floods that go on, one of a desk at most.
    pub fn floods_on(&self) -> Result<Vec<DeskFlood>, StoreError> {
        // Of the row with the greatest number SQLite gives the other columns too.
        let sql = "SELECT max(seq), body FROM event WHERE kind = 'flood'
                   GROUP BY json_extract(body, '$.desk') ORDER BY 1";
        let read = |db: &Connection| {
            let row = |row: &Row<'_>| Ok((natural(row, 0)?, row.get::<_, String>(1)?));
            db.prepare_cached(sql)?.query_map([], row)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        let last = read(&self.file.reader()).map_err(self.file.failed(ACT))?;
        let event = |(seq, body): (u64, String)| {
            let begun: FloodEvent = value(&self.file, &format!("event {seq}"), &body)?;
            Ok(DeskFlood { seq, begun })
        };
        let last: Vec<DeskFlood> =
            last.into_iter().map(event).collect::<Result<_, StoreError>>()?;
        Ok(last.into_iter().filter(|one| one.begun.change == FloodChange::Began).collect())
    }

    /// Calls that were written down at most `window_ms` before the newest one, newest first, at
    /// most [`ROWS_MAX`].
    pub fn calls_of_last(&self, window_ms: i64) -> Result<Vec<Call>, StoreError> {
        // Backwards by number: what was written down long ago is not looked at.
        let sql = "SELECT seq, recorded_at, json_extract(body, '$.warning.area') FROM event
                   WHERE kind = 'warning' AND change IN (?1, ?2, ?3, ?4) ORDER BY seq DESC";
        let words = call_words()?;
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(sql)?;
            let mut rows = select.query(params_from_iter(&words))?;
            let (mut found, mut since) = (Vec::new(), None);
            while let Some(row) = rows.next()? {
                let at = Timestamp::from_millis(row.get(1)?);
                if at < *since.get_or_insert(at.plus_ms(-window_ms)) || found.len() == ROWS_MAX {
                    break;
                }
                found.push((natural(row, 0)?, at, row.get::<_, String>(2)?));
            }
            Ok(found)
        };
        let found = read(&self.file.reader()).map_err(self.file.failed(ACT))?;
        let call = |(seq, at, area): (u64, Timestamp, String)| {
            Ok(Call { seq, area: self.area(seq, &area)?, at })
        };
        found.into_iter().map(call).collect()
    }

    /// How often people were called in each area after event `seq`.
    pub fn calls_after(&self, seq: u64) -> Result<Vec<(AreaId, u64)>, StoreError> {
        let sql = "SELECT json_extract(body, '$.warning.area'), count(*) FROM event
                   WHERE seq > ?5 AND kind = 'warning' AND change IN (?1, ?2, ?3, ?4) GROUP BY 1";
        let words = call_words()?.into_iter().map(Value::Text);
        let values: Vec<Value> = words.chain([Value::Integer(integer(seq))]).collect();
        let read = |db: &Connection| {
            let row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, natural(row, 1)?));
            let mut select = db.prepare_cached(sql)?;
            select.query_map(params_from_iter(&values), row)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        let found = read(&self.file.reader()).map_err(self.file.failed(ACT))?;
        found.into_iter().map(|(area, count)| Ok((self.area(seq, &area)?, count))).collect()
    }

    fn area(&self, seq: u64, id: &str) -> Result<AreaId, StoreError> {
        AreaId::new(id).map_err(|why| self.file.damaged(format!("an area after event {seq}"), &why))
    }
}

fn call_words() -> Result<[String; WarningChange::CALLS.len()], StoreError> {
    let [a, b, c, d] = WarningChange::CALLS;
    Ok([word(&a)?, word(&b)?, word(&c)?, word(&d)?])
}
