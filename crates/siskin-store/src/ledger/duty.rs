//! Duty in the ledger: the contact book, shifts, who came instead, hand-overs.
//!
//! Rows are never changed in what they say. A changed contact or shift is a new row, and the old
//! one gets the moment at which it ceased to hold (`over_at`), so that who was on duty, and what
//! the roster said at any time, can be answered for ever. Every change is one transaction with its
//! entry in the audit. Whether a change may be made (the past!) is judged by the caller; here it is
//! only refused where the ledger is no longer what the caller saw.

use rusqlite::{Connection, Row, TransactionBehavior, params};
use serde::de::DeserializeOwned;
use siskin_model::duty::{Contact, HandOver, HandOverEnd, Shift, ShiftId, Substitution};
use siskin_model::{ContactId, Timestamp};

use super::tables::{json, value};
use super::{Ledger, NewAudit, ROWS_MAX, audit};
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

const ACT_READ: &str = "read the duty";
const ACT_WRITE: &str = "write the duty";

macro_rules! duty_tables {
    () => {
        "
        CREATE TABLE duty_contact (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL,
            made_at INTEGER NOT NULL,
            over_at INTEGER,
            body TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX duty_contact_now ON duty_contact (id) WHERE over_at IS NULL;
        CREATE TABLE duty_shift (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL,
            from_ms INTEGER NOT NULL,
            to_ms INTEGER NOT NULL,
            made_at INTEGER NOT NULL,
            over_at INTEGER,
            body TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX duty_shift_now ON duty_shift (id) WHERE over_at IS NULL;
        CREATE INDEX duty_shift_from ON duty_shift (from_ms) WHERE over_at IS NULL;
        CREATE TABLE duty_substitution (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            shift TEXT NOT NULL,
            from_ms INTEGER NOT NULL,
            made_at INTEGER NOT NULL,
            by TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX duty_substitution_from ON duty_substitution (from_ms);
        CREATE TABLE duty_handover (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            relief_at INTEGER NOT NULL,
            acknowledged_at INTEGER,
            body TEXT NOT NULL,
            summary TEXT NOT NULL,
            acknowledgement TEXT
        ) STRICT;
        CREATE INDEX duty_handover_relief ON duty_handover (relief_at);"
    };
}
pub(super) use duty_tables;

/// What changes in the roster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterChange {
    /// Shifts as they stood, which no longer hold.
    pub out: Vec<Shift>,
    /// Shifts that hold from now on.
    pub put: Vec<Shift>,
}

/// Whether a change was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is on disk.
    Yes,
    /// The ledger is no longer what the caller saw; nothing was written.
    Changed,
}

/// A hand-over with what the station said when it was begun.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptHandOver {
    /// The hand-over.
    pub handover: HandOver,
    /// The station's summary, as it was then.
    pub summary: serde_json::Value,
}

impl Ledger {
    /// The contact book as it stands, by id.
    pub fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        let sql = "SELECT id, body FROM duty_contact WHERE over_at IS NULL ORDER BY id LIMIT ?1";
        let limit = integer(ROWS_MAX as u64);
        rows(&self.file, sql, params![limit], "a contact")
    }

    /// Writes a contact in the place of the one with its id.
    pub fn put_contact(&self, contact: &Contact, entry: &NewAudit) -> Result<(), StoreError> {
        let body = json(contact)?;
        audit::with(&self.file, entry, |db| {
            let write = || {
                contact_over(db, &contact.id, entry.at)?;
                let sql = "INSERT INTO duty_contact (id, made_at, body) VALUES (?1, ?2, ?3)";
                db.prepare_cached(sql)?.execute(params![
                    contact.id.as_str(),
                    entry.at.as_millis(),
                    body
                ])
            };
            write().map(drop).map_err(self.file.failed(ACT_WRITE))
        })
    }

    /// Takes a contact out of the book; [`Written::Changed`] where it was not in it.
    pub fn end_contact(&self, id: &ContactId, entry: &NewAudit) -> Result<Written, StoreError> {
        self.duty_change(entry, |db| Ok(contact_over(db, id, entry.at)? == 1))
    }

    /// Shifts that are not over at `from` and begin before `to`, by begin, the first [`ROWS_MAX`].
    pub fn shifts(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Shift>, StoreError> {
        let sql = "SELECT id, body FROM duty_shift
             WHERE over_at IS NULL AND from_ms < ?2 AND from_ms > ?1 - ?3 AND to_ms > ?1
             ORDER BY from_ms, id LIMIT ?4";
        let longest_ms = siskin_model::duty::shift::SHIFT_MS_MAX;
        let (from, to) = (from.as_millis(), to.as_millis());
        let limit = integer(ROWS_MAX as u64);
        rows(&self.file, sql, params![from, to, longest_ms, limit], "a shift")
    }

    /// The shift with this id, as it stands.
    pub fn shift(&self, id: &ShiftId) -> Result<Option<Shift>, StoreError> {
        let sql = "SELECT id, body FROM duty_shift WHERE over_at IS NULL AND id = ?1";
        rows(&self.file, sql, params![id.as_str()], "a shift").map(|found| found.into_iter().next())
    }

    /// Every text that the roster had for the shift with this id: from when it held, until when.
    pub fn shift_history(
        &self,
        id: &ShiftId,
    ) -> Result<Vec<(Timestamp, Option<Timestamp>, Shift)>, StoreError> {
        let db = self.file.reader();
        let read = || {
            let sql = "SELECT made_at, over_at, body FROM duty_shift WHERE id = ?1 ORDER BY number";
            let row = |row: &Row<'_>| {
                let over_at: Option<i64> = row.get(1)?;
                Ok((row.get::<_, i64>(0)?, over_at, row.get::<_, String>(2)?))
            };
            db.prepare_cached(sql)?.query_map([id.as_str()], row)?.collect::<Result<Vec<_>, _>>()
        };
        let found = read().map_err(self.file.failed(ACT_READ))?;
        let made = |(made, over, body): (i64, Option<i64>, String)| {
            let at = Timestamp::from_millis;
            Ok((at(made), over.map(at), value(&self.file, "a shift", &body)?))
        };
        found.into_iter().map(made).collect()
    }

    /// Whether a shift that ends after `after` names this contact, or one did come instead.
    pub fn contact_is_needed(&self, id: &ContactId, after: Timestamp) -> Result<bool, StoreError> {
        let shifts = self.shifts(after, Timestamp::from_millis(i64::MAX))?;
        let substitutions = self.substitutions(after)?;
        Ok(shifts.iter().any(|shift| shift.person == *id || shift.substitutes.contains(id))
            || substitutions.iter().any(|one| one.person == *id && one.to > after))
    }

    /// Changes the roster as a whole or not at all: [`Written::Changed`] where one of the shifts
    /// that shall go is not there as it was seen, or one that shall come is there already.
    pub fn change_roster(
        &self,
        change: &RosterChange,
        entry: &NewAudit,
    ) -> Result<Written, StoreError> {
        let bodies = |shifts: &[Shift]| {
            let one = |shift: &Shift| Ok((shift.id(), json(shift)?));
            shifts.iter().map(one).collect::<Result<Vec<_>, StoreError>>()
        };
        let (out, put) = (bodies(&change.out)?, bodies(&change.put)?);
        let at = entry.at.as_millis();
        self.duty_change(entry, |db| {
            let mut over = db.prepare_cached(
                "UPDATE duty_shift SET over_at = ?3
                 WHERE over_at IS NULL AND id = ?1 AND body = ?2",
            )?;
            for (id, body) in &out {
                if over.execute(params![id.as_str(), body, at])? != 1 {
                    return Ok(false);
                }
            }
            let mut insert = db.prepare_cached(
                "INSERT INTO duty_shift (id, from_ms, to_ms, made_at, body)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            )?;
            for (shift, (id, body)) in change.put.iter().zip(&put) {
                let (from, to) = (shift.from.as_millis(), shift.to.as_millis());
                if insert.execute(params![id.as_str(), from, to, at, body])? != 1 {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// Who came instead in shifts that may not be over at `after`, in the order it was said.
    pub fn substitutions(&self, after: Timestamp) -> Result<Vec<Substitution>, StoreError> {
        let sql = "SELECT shift, body FROM duty_substitution WHERE from_ms > ?1
             ORDER BY number LIMIT ?2";
        let longest_ms = siskin_model::duty::shift::SHIFT_MS_MAX;
        let from_ms = after.plus_ms(-longest_ms).as_millis();
        let limit = integer(ROWS_MAX as u64);
        rows(&self.file, sql, params![from_ms, limit], "a substitution")
    }

    /// Writes who comes instead; [`Written::Changed`] where the shift is not there any more.
    pub fn put_substitution(
        &self,
        made: &Substitution,
        entry: &NewAudit,
    ) -> Result<Written, StoreError> {
        let body = json(made)?;
        self.duty_change(entry, |db| {
            let sql = "INSERT INTO duty_substitution (shift, from_ms, made_at, by, body)
                 SELECT id, ?2, ?3, ?4, ?5 FROM duty_shift WHERE over_at IS NULL AND id = ?1";
            let (from, at) = (made.from.as_millis(), entry.at.as_millis());
            let mut put = db.prepare_cached(sql)?;
            Ok(put.execute(params![made.shift.as_str(), from, at, entry.by, body])? == 1)
        })
    }

    /// Writes a hand-over that was begun; gives its number. The one in `handover` is not looked at.
    pub fn begin_handover(&self, kept: &KeptHandOver, entry: &NewAudit) -> Result<u64, StoreError> {
        let (body, summary) = (json(&kept.handover)?, json(&kept.summary)?);
        audit::with(&self.file, entry, |db| {
            let write = || {
                let sql =
                    "INSERT INTO duty_handover (relief_at, body, summary) VALUES (?1, ?2, ?3)";
                let relief_at = kept.handover.relief_at.as_millis();
                db.prepare_cached(sql)?.execute(params![relief_at, body, summary])?;
                Ok(db.last_insert_rowid())
            };
            let number = write().map_err(self.file.failed(ACT_WRITE))?;
            Ok(u64::try_from(number).unwrap_or_default())
        })
    }

    /// Writes that a hand-over was heard; [`Written::Changed`] where there is none by this number
    /// that nobody has acknowledged.
    pub fn end_handover(
        &self,
        number: u64,
        end: &HandOverEnd,
        entry: &NewAudit,
    ) -> Result<Written, StoreError> {
        let body = json(end)?;
        self.duty_change(entry, |db| {
            let sql = "UPDATE duty_handover SET acknowledged_at = ?2, acknowledgement = ?3
                 WHERE number = ?1 AND acknowledged_at IS NULL";
            let (number, at) = (integer(number), end.at.as_millis());
            Ok(db.prepare_cached(sql)?.execute(params![number, at, body])? == 1)
        })
    }

    /// Hand-overs of reliefs at or after `since`, newest first, at most `limit` and [`ROWS_MAX`].
    pub fn handovers(
        &self,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<KeptHandOver>, StoreError> {
        let sql = "SELECT number, body, summary, acknowledgement FROM duty_handover
             WHERE relief_at >= ?1 ORDER BY number DESC LIMIT ?2";
        let limit = integer(limit.min(ROWS_MAX) as u64);
        handovers(&self.file, sql, params![since.as_millis(), limit])
    }

    /// The hand-over with this number.
    pub fn handover(&self, number: u64) -> Result<Option<KeptHandOver>, StoreError> {
        let sql = "SELECT number, body, summary, acknowledgement FROM duty_handover
             WHERE number = ?1";
        handovers(&self.file, sql, params![integer(number)]).map(|found| found.into_iter().next())
    }

    /// How often each act stands in the audit at or after `since`, by its name. Looks through the
    /// newest [`ROWS_MAX`] entries: more acts in a shift are not people's.
    pub fn acts_since(&self, since: Timestamp) -> Result<Vec<(String, u64)>, StoreError> {
        let db = self.file.reader();
        let read = || {
            let sql = "SELECT act, count(*) FROM
                 (SELECT act, at FROM audit ORDER BY number DESC LIMIT ?2)
                 WHERE at >= ?1 GROUP BY act ORDER BY act";
            let row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, natural(row, 1)?));
            let limit = integer(ROWS_MAX as u64);
            let mut found = db.prepare_cached(sql)?;
            found.query_map(params![since.as_millis(), limit], row)?.collect::<Result<_, _>>()
        };
        read().map_err(self.file.failed(ACT_READ))
    }

    /// One transaction of `act` and its audit entry. Where `act` says that the ledger is not what
    /// its caller saw, neither is written.
    fn duty_change(
        &self,
        entry: &NewAudit,
        act: impl FnOnce(&Connection) -> rusqlite::Result<bool>,
    ) -> Result<Written, StoreError> {
        let mut writer = self.file.writer();
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(self.file.failed(ACT_WRITE))?;
        if !act(&transaction).map_err(self.file.failed(ACT_WRITE))? {
            return Ok(Written::Changed);
        }
        audit::append(&self.file, &transaction, entry)?;
        transaction.commit().map_err(self.file.failed(ACT_WRITE))?;
        Ok(Written::Yes)
    }
}

fn contact_over(db: &Connection, id: &ContactId, at: Timestamp) -> rusqlite::Result<usize> {
    let sql = "UPDATE duty_contact SET over_at = ?2 WHERE over_at IS NULL AND id = ?1";
    db.prepare_cached(sql)?.execute(params![id.as_str(), at.as_millis()])
}

/// The bodies of rows of (name, body).
fn rows<T: DeserializeOwned>(
    file: &StoreFile,
    sql: &str,
    params: impl rusqlite::Params,
    what: &str,
) -> Result<Vec<T>, StoreError> {
    let db = file.reader();
    let read = || {
        let row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        db.prepare_cached(sql)?.query_map(params, row)?.collect::<Result<Vec<_>, _>>()
    };
    let found = read().map_err(file.failed(ACT_READ))?;
    found.iter().map(|(id, body)| value(file, &format!("{what} `{id}`"), body)).collect()
}

fn handovers(
    file: &StoreFile,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<KeptHandOver>, StoreError> {
    let db = file.reader();
    let read = || {
        let row = |row: &Row<'_>| {
            let texts = (row.get::<_, String>(1)?, row.get::<_, String>(2)?);
            Ok((natural(row, 0)?, texts, row.get::<_, Option<String>>(3)?))
        };
        db.prepare_cached(sql)?.query_map(params, row)?.collect::<Result<Vec<_>, _>>()
    };
    let found = read().map_err(file.failed(ACT_READ))?;
    let made = |(number, (body, summary), end): (u64, (String, String), Option<String>)| {
        let what = format!("hand-over {number}");
        let read: HandOver = value(file, &what, &body)?;
        let acknowledged = end.map(|end| value(file, &what, &end)).transpose()?;
        let handover = HandOver { number, acknowledged, ..read };
        Ok(KeptHandOver { handover, summary: value(file, &what, &summary)? })
    };
    found.into_iter().map(made).collect()
}

/// Whether a row of these tables can be used; none where `table` is another one.
pub(super) fn sound(table: &str, row: &Row<'_>) -> Option<Result<(), String>> {
    fn body<T: DeserializeOwned>(row: &Row<'_>) -> Result<(), String> {
        let text: String = row.get("body").map_err(|error| error.to_string())?;
        serde_json::from_str::<T>(&text).map(|_| ()).map_err(|error| error.to_string())
    }
    Some(match table {
        "duty_contact" => body::<Contact>(row),
        "duty_shift" => body::<Shift>(row),
        "duty_substitution" => body::<Substitution>(row),
        "duty_handover" => body::<HandOver>(row),
        _ => return None,
    })
}
