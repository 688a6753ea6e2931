//! Steps of warnings in the order of the ledger, for whoever reads on from where they stopped.
//!
//! Every entry is given, those of other kinds without their content: who counts them knows that
//! nothing was left out. Must never pass over an entry.

use rusqlite::{Connection, OptionalExtension, Row, params};
use siskin_model::notify::MessageKind;
use siskin_model::{Timestamp, WarningEvent, WarningId};

use super::tables::value;
use super::{Ledger, ROWS_MAX};
use crate::StoreError;
use crate::file::{integer, natural};

const ACT: &str = "read steps of warnings";

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerRow {
    /// Its place.
    pub seq: u64,
    /// When it was written, by the station's clock.
    pub recorded_at: Timestamp,
    /// What happened to a warning; none of other kinds.
    pub step: Option<WarningEvent>,
}

impl Ledger {
    /// Entries after `seq` in order, at most `limit` and [`ROWS_MAX`].
    pub fn rows_after(&self, seq: u64, limit: usize) -> Result<Vec<LedgerRow>, StoreError> {
        let sql = "SELECT seq, recorded_at, CASE WHEN kind = 'warning' THEN body END
                   FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let limit = integer(limit.min(ROWS_MAX) as u64);
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(sql)?;
            let row = |row: &Row<'_>| {
                let at = Timestamp::from_millis(row.get(1)?);
                Ok((natural(row, 0)?, at, row.get::<_, Option<String>>(2)?))
            };
            let rows = select.query_map([integer(seq), limit], row)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let stored = read(&self.file.reader()).map_err(self.file.failed(ACT))?;
        let whole = |(seq, recorded_at, body): (u64, Timestamp, Option<String>)| {
            let step = body.map(|body| value(&self.file, &format!("event {seq}"), &body));
            Ok(LedgerRow { seq, recorded_at, step: step.transpose()? })
        };
        stored.into_iter().map(whole).collect()
    }

    /// When the entry in this place was written; none where there is none.
    pub fn recorded_at(&self, seq: u64) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT recorded_at FROM event WHERE seq = ?1";
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(sql)?;
            select.query_row([integer(seq)], |row| row.get::<_, i64>(0)).optional()
        };
        let found = read(&self.file.reader()).map_err(self.file.failed(ACT))?;
        Ok(found.map(Timestamp::from_millis))
    }

    /// The number of the message for everybody that told of the warning's step in this place.
    pub fn message_of(&self, warning: &WarningId, seq: u64) -> Result<Option<u32>, StoreError> {
        let left_out = MessageKind::Acknowledged.as_str();
        let sql = "SELECT transition FROM message WHERE warning = ?1 AND event = ?2
                   AND kind <> ?3";
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(sql)?;
            select
                .query_row(params![warning.as_str(), integer(seq), left_out], |row| row.get(0))
                .optional()
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT))
    }
}
