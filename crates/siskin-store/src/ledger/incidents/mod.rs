//! Incidents in the ledger: each act is one transaction with its entry and its audit entry.
//!
//! An incident's row is the sum of its entries, which are never changed. A warning belongs to one
//! incident at most. Must never judge: [`Incident::take`] says what an act does.

mod follow;
mod read;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use siskin_model::incident::{Act, ActRefused, Entry, Incident, IncidentId};
use siskin_model::{Timestamp, WarningId};

use super::audit::{self, NewAudit};
use super::tables::{json, value};
use super::{Ledger, ROWS_MAX};
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

pub use follow::{FollowPolicy, STATION};
pub use read::AuditRow;

const ACT_WRITE: &str = "write an incident";
const ACT_READ: &str = "read incidents";

macro_rules! incident_tables {
    () => {
        "
        CREATE TABLE incident (
            id TEXT PRIMARY KEY,
            day TEXT NOT NULL,
            number INTEGER NOT NULL,
            opened_at INTEGER NOT NULL,
            is_open INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX incident_day ON incident (day, number);
        CREATE INDEX incident_at ON incident (opened_at);
        CREATE INDEX incident_open ON incident (opened_at) WHERE is_open = 1;
        CREATE TABLE incident_entry (
            incident TEXT NOT NULL REFERENCES incident (id),
            number INTEGER NOT NULL,
            at INTEGER NOT NULL,
            by TEXT NOT NULL,
            kind TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (incident, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE incident_warning (
            warning TEXT PRIMARY KEY,
            incident TEXT NOT NULL REFERENCES incident (id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE incident_mark (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            seq INTEGER NOT NULL
        ) STRICT;"
    };
}
pub(super) use incident_tables;

/// Warnings that were over before the ledger knew incidents open none.
macro_rules! incident_mark_of_now {
    () => {
        "
        INSERT INTO incident_mark (only_row, seq) SELECT 1, coalesce(max(seq), 0) FROM event;"
    };
}
pub(super) use incident_mark_of_now;

/// Why an act on an incident was not done; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum IncidentError {
    /// No incident by this id.
    #[error("there is no incident `{0}`; hint: the list of incidents names all")]
    NotFound(IncidentId),
    /// The act does not fit the incident.
    #[error(transparent)]
    Refused(#[from] ActRefused),
    /// The warning is in another incident.
    #[error("warning `{warning}` belongs to incident `{incident}`; hint: act on that one")]
    Taken {
        /// The warning.
        warning: WarningId,
        /// Its incident.
        incident: IncidentId,
    },
    /// The disk refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who acts, and when by the station's clock.
#[derive(Debug, Clone, Copy)]
pub struct ActBy<'a> {
    /// The person's name, or [`STATION`].
    pub by: &'a str,
    /// When.
    pub at: Timestamp,
}

impl Ledger {
    /// Opens an incident by `open`, which must be [`Act::Open`], then does `then` to it; all or
    /// nothing. `day` is that of [`IncidentId::day`].
    pub fn open_incident(
        &self,
        day: &str,
        open: &Act,
        then: &[Act],
        who: ActBy<'_>,
    ) -> Result<Incident, IncidentError> {
        self.incident_transaction(|file, db| {
            let mut incident = open_in(file, db, day, open, who)?;
            for act in then {
                incident = take_in(file, db, &incident, act, who)?;
            }
            Ok(incident)
        })
    }

    /// Does `acts` to an incident if `check` agrees, in one durable transaction; all or nothing.
    pub fn act_on_incident(
        &self,
        id: &IncidentId,
        acts: &[Act],
        who: ActBy<'_>,
        check: impl FnOnce(&Incident) -> Result<(), ActRefused>,
    ) -> Result<Incident, IncidentError> {
        self.incident_transaction(|file, db| {
            let found = one(file, db, id)?;
            let mut incident = found.ok_or_else(|| IncidentError::NotFound(id.clone()))?;
            check(&incident)?;
            for act in acts {
                incident = take_in(file, db, &incident, act, who)?;
            }
            Ok(incident)
        })
    }

    fn incident_transaction<T>(
        &self,
        act: impl FnOnce(&StoreFile, &Connection) -> Result<T, IncidentError>,
    ) -> Result<T, IncidentError> {
        let file = &self.file;
        let mut writer = file.writer();
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(file.failed(ACT_WRITE))?;
        let done = act(file, &transaction)?;
        transaction.commit().map_err(file.failed(ACT_WRITE))?;
        Ok(done)
    }
}

/// The incident as it stands.
fn one(file: &StoreFile, db: &Connection, id: &IncidentId) -> Result<Option<Incident>, StoreError> {
    let read = || {
        let mut select = db.prepare_cached("SELECT body FROM incident WHERE id = ?1")?;
        select.query_row([id.as_str()], |row| row.get::<_, String>(0)).optional()
    };
    let body = read().map_err(file.failed(ACT_READ))?;
    body.map(|body| value(file, &format!("incident `{id}`"), &body)).transpose()
}

fn open_in(
    file: &StoreFile,
    db: &Connection,
    day: &str,
    open: &Act,
    who: ActBy<'_>,
) -> Result<Incident, IncidentError> {
    let next = "SELECT coalesce(max(number), 0) + 1 FROM incident WHERE day = ?1";
    let number = db.query_row(next, [day], |row| natural(row, 0));
    let number = number.map_err(file.failed(ACT_WRITE))?;
    let id = IncidentId::of(day, number);
    let opened = Incident::open(id, open.clone(), who.by, who.at);
    let (incident, entry) = opened.ok_or(ActRefused::Open)?;
    let body = json(&incident)?;
    let put = || {
        db.prepare_cached(
            "INSERT INTO incident (id, day, number, opened_at, is_open, body)
             VALUES (?1, ?2, ?3, ?4, 1, ?5)",
        )?
        .execute(params![
            incident.id.as_str(),
            day,
            integer(number),
            who.at.as_millis(),
            body
        ])
    };
    put().map_err(file.failed(ACT_WRITE))?;
    write_entry(file, db, &incident.id, &entry)?;
    Ok(incident)
}

fn take_in(
    file: &StoreFile,
    db: &Connection,
    before: &Incident,
    act: &Act,
    who: ActBy<'_>,
) -> Result<Incident, IncidentError> {
    if let Act::Join { warning, .. } = act {
        join(file, db, &before.id, warning)?;
    }
    let (after, entry) = before.take(act.clone(), who.by, who.at)?;
    let body = json(&after)?;
    let put = || {
        let mut put =
            db.prepare_cached("UPDATE incident SET is_open = ?2, body = ?3 WHERE id = ?1")?;
        put.execute(params![after.id.as_str(), after.is_open(), body])
    };
    put().map_err(file.failed(ACT_WRITE))?;
    write_entry(file, db, &after.id, &entry)?;
    Ok(after)
}

fn join(
    file: &StoreFile,
    db: &Connection,
    incident: &IncidentId,
    warning: &WarningId,
) -> Result<(), IncidentError> {
    if let Some(other) = incident_of(file, db, warning)? {
        return Err(IncidentError::Taken { warning: warning.clone(), incident: other });
    }
    let put = || {
        let mut put =
            db.prepare_cached("INSERT INTO incident_warning (warning, incident) VALUES (?1, ?2)")?;
        put.execute([warning.as_str(), incident.as_str()])
    };
    put().map_err(file.failed(ACT_WRITE))?;
    Ok(())
}

fn incident_of(
    file: &StoreFile,
    db: &Connection,
    warning: &WarningId,
) -> Result<Option<IncidentId>, StoreError> {
    let read = || {
        let sql = "SELECT incident FROM incident_warning WHERE warning = ?1";
        let mut select = db.prepare_cached(sql)?;
        select.query_row([warning.as_str()], |row| row.get::<_, String>(0)).optional()
    };
    let found = read().map_err(file.failed(ACT_READ))?;
    Ok(found.map(|id| IncidentId::from_text(&id)))
}

/// The entry, and the audit's about it.
fn write_entry(
    file: &StoreFile,
    db: &Connection,
    id: &IncidentId,
    entry: &Entry,
) -> Result<(), StoreError> {
    let body = json(entry)?;
    let kind = entry.act.audit_name();
    let put = || {
        let mut put = db.prepare_cached(
            "INSERT INTO incident_entry (incident, number, at, by, kind, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let at_ms = entry.at.as_millis();
        put.execute(params![id.as_str(), integer(entry.number), at_ms, entry.by, kind, body])
    };
    put().map_err(file.failed(ACT_WRITE))?;
    let body = serde_json::to_value(&entry.act).map_err(|source| StoreError::Json { source })?;
    let (at, by) = (entry.at, entry.by.clone());
    let told = NewAudit { at, by, act: kind.to_owned(), about: id.to_string(), body };
    audit::append(file, db, &told).map(|_| ())
}
