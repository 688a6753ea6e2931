//! Incidents, their entries and the audit of a span, as the ledger has them.

use rusqlite::{Connection, params};
use siskin_model::incident::{Entry, Incident, IncidentId};
use siskin_model::{Timestamp, WarningId};

use super::super::NewAudit;
use super::{ACT_READ, Ledger, ROWS_MAX, incident_of, one};
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};
use crate::ledger::tables::value;

/// An entry of the audit with its place and hash.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// Its number.
    pub number: u64,
    /// The entry.
    pub entry: NewAudit,
    /// Its hash, hexadecimal.
    pub hash: String,
}

impl Ledger {
    /// Incidents, newest first, at most `limit` and [`ROWS_MAX`]; only open ones where `is_open`.
    pub fn incidents(&self, only_open: bool, limit: usize) -> Result<Vec<Incident>, StoreError> {
        incidents(&self.file, &self.file.reader(), only_open, limit.min(ROWS_MAX))
    }

    /// An incident as it stands.
    pub fn incident(&self, id: &IncidentId) -> Result<Option<Incident>, StoreError> {
        one(&self.file, &self.file.reader(), id)
    }

    /// The incident that a warning belongs to.
    pub fn incident_of(&self, warning: &WarningId) -> Result<Option<IncidentId>, StoreError> {
        incident_of(&self.file, &self.file.reader(), warning)
    }

    /// Entries of an incident after the one numbered `after`, in order, at most `limit` and
    /// [`ROWS_MAX`].
    pub fn incident_entries(
        &self,
        id: &IncidentId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let file = &self.file;
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(
                "SELECT body FROM incident_entry WHERE incident = ?1 AND number > ?2
                 ORDER BY number LIMIT ?3",
            )?;
            let limit = integer(limit.min(ROWS_MAX) as u64);
            let rows = select.query_map(params![id.as_str(), integer(after), limit], |row| {
                row.get::<_, String>(0)
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let bodies = read(&file.reader()).map_err(file.failed(ACT_READ))?;
        let entry = |body: String| value(file, &format!("an entry of incident `{id}`"), &body);
        bodies.into_iter().map(entry).collect()
    }

    /// Entries of the audit from `from` to `to` after the one numbered `after`, in order, at most
    /// [`ROWS_MAX`].
    pub fn audit_between(
        &self,
        (from, to): (Timestamp, Timestamp),
        after: u64,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let file = &self.file;
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(
                "SELECT number, at, by, act, about, body, lower(hex(hash)) FROM audit
                 WHERE number > ?1 AND at >= ?2 AND at < ?3 ORDER BY number LIMIT ?4",
            )?;
            let values =
                [integer(after), from.as_millis(), to.as_millis(), integer(ROWS_MAX as u64)];
            let rows = select.query_map(values, |row| {
                let entry = NewAudit {
                    at: Timestamp::from_millis(row.get(1)?),
                    by: row.get(2)?,
                    act: row.get(3)?,
                    about: row.get(4)?,
                    body: serde_json::Value::Null,
                };
                let body: String = row.get(5)?;
                Ok((AuditRow { number: natural(row, 0)?, entry, hash: row.get(6)? }, body))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let rows = read(&file.reader()).map_err(file.failed(ACT_READ))?;
        let whole = |(mut row, body): (AuditRow, String)| {
            row.entry.body = value(file, &format!("audit entry {}", row.number), &body)?;
            Ok(row)
        };
        rows.into_iter().map(whole).collect()
    }
}

/// Newest first.
pub(super) fn incidents(
    file: &StoreFile,
    db: &Connection,
    only_open: bool,
    limit: usize,
) -> Result<Vec<Incident>, StoreError> {
    let sql = if only_open {
        "SELECT id, body FROM incident WHERE is_open = 1
         ORDER BY opened_at DESC, day DESC, number DESC LIMIT ?1"
    } else {
        "SELECT id, body FROM incident ORDER BY opened_at DESC, day DESC, number DESC LIMIT ?1"
    };
    let read = || {
        let mut select = db.prepare_cached(sql)?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let rows = select.query_map([integer(limit as u64)], row)?;
        rows.collect::<rusqlite::Result<Vec<(String, String)>>>()
    };
    let rows = read().map_err(file.failed(ACT_READ))?;
    let incident = |(id, body): (String, String)| value(file, &format!("incident `{id}`"), &body);
    rows.into_iter().map(incident).collect()
}
