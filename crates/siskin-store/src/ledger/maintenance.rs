//! What people did to devices: calibrations, bump tests, repairs. Beside the audit, which has each
//! entry too: this table is what is asked for a channel.
//!
//! Rows are never changed or deleted.

use rusqlite::{Params, Row, params};
use siskin_model::{ChannelId, Maintenance};

use super::tables::{json, value};
use super::{Ledger, NewAudit, ROWS_MAX, audit};
use crate::StoreError;
use crate::file::{integer, natural};

const ACT_READ: &str = "read the maintenance log";
const ACT_WRITE: &str = "write the maintenance log";

macro_rules! maintenance_table {
    () => {
        "
        CREATE TABLE maintenance (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            channel TEXT NOT NULL,
            kind TEXT NOT NULL,
            at INTEGER NOT NULL,
            next_due INTEGER,
            by TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX maintenance_channel ON maintenance (channel, kind, at);"
    };
}
pub(super) use maintenance_table;

impl Ledger {
    /// Writes what was done; gives its number.
    pub fn put_maintenance(&self, made: &Maintenance, entry: &NewAudit) -> Result<u64, StoreError> {
        let body = json(made)?;
        audit::with(&self.file, entry, |db| {
            let write = || {
                let sql = "INSERT INTO maintenance (channel, kind, at, next_due, by, body)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
                let due = made.next_due.map(siskin_model::Timestamp::as_millis);
                db.prepare_cached(sql)?.execute(params![
                    made.channel.as_str(),
                    made.kind.as_str(),
                    made.at.as_millis(),
                    due,
                    made.by,
                    body
                ])?;
                Ok(db.last_insert_rowid())
            };
            let number = write().map_err(self.file.failed(ACT_WRITE))?;
            Ok(u64::try_from(number).unwrap_or_default())
        })
    }

    /// What was done to the device of a channel, the newest work first, at most `limit` and
    /// [`ROWS_MAX`].
    pub fn maintenance(
        &self,
        channel: &ChannelId,
        limit: usize,
    ) -> Result<Vec<(u64, Maintenance)>, StoreError> {
        let sql = "SELECT number, body FROM maintenance WHERE channel = ?1
             ORDER BY at DESC, number DESC LIMIT ?2";
        let limit = integer(limit.min(ROWS_MAX) as u64);
        self.maintenance_rows(sql, params![channel.as_str(), limit])
    }

    /// The newest work of each kind on each channel, by channel, the first `limit`: what it says is
    /// due is due, whatever stood in those before it.
    pub fn maintenance_newest(&self, limit: usize) -> Result<Vec<(u64, Maintenance)>, StoreError> {
        // Of the row with the greatest moment SQLite gives the other columns too; of two of one
        // moment the one that was written later.
        let sql = "SELECT number, body FROM maintenance WHERE number IN
             (SELECT max(one.number) FROM maintenance one JOIN
                 (SELECT channel, kind, max(at) AS at FROM maintenance GROUP BY channel, kind) last
                 ON one.channel = last.channel AND one.kind = last.kind AND one.at = last.at
              GROUP BY one.channel, one.kind)
             ORDER BY channel, kind LIMIT ?1";
        self.maintenance_rows(sql, params![integer(limit as u64)])
    }

    fn maintenance_rows(
        &self,
        sql: &str,
        params: impl Params,
    ) -> Result<Vec<(u64, Maintenance)>, StoreError> {
        let db = self.file.reader();
        let read = || {
            let row = |row: &Row<'_>| Ok((natural(row, 0)?, row.get::<_, String>(1)?));
            db.prepare_cached(sql)?.query_map(params, row)?.collect::<Result<Vec<_>, _>>()
        };
        let found = read().map_err(self.file.failed(ACT_READ))?;
        let made = |(number, body): (u64, String)| {
            let what = format!("entry {number} of the maintenance log");
            Ok((number, value(&self.file, &what, &body)?))
        };
        found.into_iter().map(made).collect()
    }
}
