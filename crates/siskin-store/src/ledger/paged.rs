//! The steps of a warning, what was told of them and what became of it, a page at a time, from the
//! first on: for whoever has to have all of it, however much it is.
//!
//! Must never leave one out between two pages.

use rusqlite::{Connection, Row, params};
use siskin_model::notify::{Delivery, Happened, Message, Receipt};
use siskin_model::{Timestamp, WarningEvent, WarningId};

use super::outbox::{DELIVERY, KeptReceipt, delivery};
use super::{Ledger, ROWS_MAX, events};
use crate::StoreError;
use crate::file::{integer, natural};

const ACT: &str = "read messages";

impl Ledger {
    /// Deliveries of a warning with a higher number than `after`, in order, at most `limit` and
    /// [`ROWS_MAX`].
    pub fn deliveries_of(
        &self,
        warning: &WarningId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!(
            "SELECT {DELIVERY} FROM delivery WHERE warning = ?1 AND number > ?2
             ORDER BY number LIMIT ?3"
        );
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(&sql)?;
            let values = params![warning.as_str(), integer(after), rows(limit)];
            select.query_map(values, delivery)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT))
    }

    /// Steps of a warning behind the place `after`, in order, at most `limit` and [`ROWS_MAX`].
    pub fn warning_events_after(
        &self,
        id: &WarningId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, WarningEvent)>, StoreError> {
        events::of_warning(&self.file, id, (after, limit.min(ROWS_MAX)))
    }

    /// The messages of a warning after this one, in order, at most `limit` and [`ROWS_MAX`].
    pub fn messages_after(
        &self,
        warning: &WarningId,
        after: u32,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let sql = "SELECT body FROM message WHERE warning = ?1 AND transition > ?2
                   ORDER BY transition LIMIT ?3";
        self.messages(sql, params![warning.as_str(), after, rows(limit)])
    }

    /// The receipts of a delivery with a higher number than `after`, in order, at most `limit` and
    /// [`ROWS_MAX`].
    pub fn receipts_after(
        &self,
        of: u64,
        after: u64,
        limit: usize,
    ) -> Result<Vec<KeptReceipt>, StoreError> {
        let sql = "SELECT number, happened, at, way, answer FROM receipt
                   WHERE delivery = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
        let row = |row: &Row<'_>| {
            let word: String = row.get(1)?;
            let happened = Happened::ALL.into_iter().find(|one| one.as_str() == word);
            Ok((natural(row, 0)?, happened, row.get(2)?, row.get(3)?, row.get(4)?))
        };
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(sql)?;
            let values = params![integer(of), integer(after), rows(limit)];
            select.query_map(values, row)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        let stored = read(&self.file.reader()).map_err(self.file.failed(ACT))?;
        let kept = |(own, happened, at, way, answer): (u64, Option<Happened>, i64, u32, String)| {
            let at = Timestamp::from_millis(at);
            let happened = happened
                .ok_or_else(|| self.file.damaged(format!("receipt {own}"), &"an unknown word"))?;
            let receipt = Receipt { delivery: of, happened, at, way, answer };
            Ok(KeptReceipt { number: own, receipt })
        };
        stored.into_iter().map(kept).collect()
    }
}

fn rows(limit: usize) -> i64 {
    integer(limit.min(ROWS_MAX) as u64)
}
