//! Sign-ins that failed: what a lock-out is judged by, also after a restart.
//!
//! The name that was typed is kept as a hash only: people type passwords into the wrong field.

use rusqlite::{Connection, params};
use siskin_model::Timestamp;

use super::{ACT_READ, ACT_WRITE};
use crate::StoreError;
use crate::file::integer;
use crate::ledger::Ledger;
use crate::ledger::audit::{self, NewAudit};

/// The most failures that are kept; the oldest go first.
pub const FAILURES_MAX: u64 = 10_000;

/// A sign-in that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInFailure {
    /// What it is counted by: a hash of the name that was typed, with or without its origin.
    pub subject: [u8; 32],
    /// When.
    pub at: Timestamp,
}

impl Ledger {
    /// When sign-ins of `subject` failed after `since`, newest first, at most `limit`.
    pub fn sign_in_failures(
        &self,
        subject: &[u8; 32],
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(
                "SELECT at FROM sign_in_failure WHERE subject = ?1 AND at > ?2
                 ORDER BY at DESC LIMIT ?3",
            )?;
            let bounds = params![subject.as_slice(), since.as_millis(), limit];
            let row = |row: &rusqlite::Row<'_>| row.get(0).map(Timestamp::from_millis);
            select.query_map(bounds, row)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT_READ))
    }

    /// Writes what a failure counts for, and forgets what is before `kept_since` and beyond
    /// [`FAILURES_MAX`].
    pub fn put_sign_in_failure(
        &self,
        failures: &[SignInFailure],
        kept_since: Timestamp,
        entry: &NewAudit,
    ) -> Result<(), StoreError> {
        let write = |db: &Connection| {
            for failure in failures {
                let sql = "INSERT INTO sign_in_failure (subject, at) VALUES (?1, ?2)";
                let row = params![failure.subject.as_slice(), failure.at.as_millis()];
                db.prepare_cached(sql)?.execute(row)?;
            }
            let newest = db.last_insert_rowid();
            let sql = "DELETE FROM sign_in_failure WHERE at < ?1 OR number <= ?2";
            let bounds = params![kept_since.as_millis(), newest - integer(FAILURES_MAX)];
            db.prepare_cached(sql)?.execute(bounds).map(drop)
        };
        audit::with(&self.file, entry, |db| write(db).map_err(self.file.failed(ACT_WRITE)))
    }
}
