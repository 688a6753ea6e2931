//! What keeps warnings from people for a time, alarms about equipment as they stand, and floods.
//!
//! Written in the transaction of the step that they belong to, beside the warnings they change.
//! Holds stay after their end. Must never decide when one ends.

use rusqlite::{Connection, Params, Row, named_params, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use siskin_model::{Equipment, EquipmentEvent, FloodEvent, Hold, Timestamp};

use super::doubt::Written;
use super::tables::{json, value, word};
use super::{Committed, Ledger, ROWS_MAX, Step};
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

const ACT_WRITE: &str = "write a hold or an alarm about equipment";
const ACT_READ: &str = "read holds and alarms about equipment";

macro_rules! life_tables {
    () => {
        "
        CREATE TABLE hold (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            by TEXT NOT NULL,
            begun_at INTEGER NOT NULL,
            until INTEGER NOT NULL,
            ended_at INTEGER,
            body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX hold_begun ON hold (begun_at);
        CREATE INDEX hold_open ON hold (until) WHERE ended_at IS NULL;
        CREATE TABLE equipment (
            rule TEXT NOT NULL,
            channel TEXT NOT NULL,
            state TEXT NOT NULL,
            is_open INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (rule, channel)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX equipment_open ON equipment (changed_at) WHERE is_open = 1;
        CREATE INDEX event_life ON event (kind, at)
            WHERE kind IN ('warning', 'equipment', 'flood');"
    };
}
pub(super) use life_tables;

/// Writes a step's holds, alarms about equipment and floods; gives the events with their numbers.
pub(super) fn write(
    file: &StoreFile,
    db: &Connection,
    step: &Step,
    written: &mut Written,
    committed: &mut Committed,
) -> Result<(), StoreError> {
    for hold in &step.holds {
        put_hold(file, db, hold)?;
    }
    for event in &step.equipment {
        put_equipment(file, db, &event.equipment)?;
        if let Some(seq) = written.event("equipment", event)? {
            committed.equipment.push((seq, event.clone()));
            continue;
        }
        let change = word(&event.change)?;
        let seq = put_event(file, db, step.recorded_at, ("equipment", &change, event.at), event)?;
        committed.equipment.push((seq, event.clone()));
    }
    for event in &step.floods {
        if let Some(seq) = written.event("flood", event)? {
            committed.floods.push((seq, event.clone()));
            continue;
        }
        let change = word(&event.change)?;
        let seq = put_event(file, db, step.recorded_at, ("flood", &change, event.at), event)?;
        committed.floods.push((seq, event.clone()));
    }
    Ok(())
}

fn put_hold(file: &StoreFile, db: &Connection, hold: &Hold) -> Result<(), StoreError> {
    let body = json(hold)?;
    let write = || {
        let mut put = db.prepare_cached(
            "INSERT OR REPLACE INTO hold
             (id, kind, subject, by, begun_at, until, ended_at, body)
             VALUES (:id, :kind, :subject, :by, :begun_at, :until, :ended_at, :body)",
        )?;
        put.execute(named_params! {
            ":id": hold.id,
            ":kind": hold.kind.as_str(),
            ":subject": hold.subject.to_string(),
            ":by": hold.by,
            ":begun_at": hold.begun_at.as_millis(),
            ":until": hold.until.as_millis(),
            ":ended_at": hold.ended.as_ref().map(|ended| ended.at.as_millis()),
            ":body": body,
        })
    };
    write().map(drop).map_err(file.failed(ACT_WRITE))
}

fn put_equipment(file: &StoreFile, db: &Connection, one: &Equipment) -> Result<(), StoreError> {
    let body = json(one)?;
    let write = || {
        let mut put = db.prepare_cached(
            "INSERT OR REPLACE INTO equipment (rule, channel, state, is_open, changed_at, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let (rule, channel) = (one.alarm.rule.as_str(), one.alarm.channel.as_str());
        let changed_ms = one.changed_at.as_millis();
        let (state, is_open) = (one.state.as_str(), one.state.is_open());
        put.execute(params![rule, channel, state, is_open, changed_ms, body])
    };
    write().map(drop).map_err(file.failed(ACT_WRITE))
}

/// The number of the new event. It has no channel and no rule: those columns are of the record of
/// alarms, which this is no part of.
fn put_event<T: Serialize>(
    file: &StoreFile,
    db: &Connection,
    recorded_at: Timestamp,
    (kind, change, at): (&str, &str, Timestamp),
    event: &T,
) -> Result<u64, StoreError> {
    let body = json(event)?;
    let write = || {
        let mut put = db.prepare_cached(
            "INSERT INTO event (recorded_at, kind, change, at, body)
             VALUES (?1, ?2, ?3, ?4, ?5) RETURNING seq",
        )?;
        let values = params![recorded_at.as_millis(), kind, change, at.as_millis(), body];
        put.query_row(values, |row| natural(row, 0))
    };
    write().map_err(file.failed(ACT_WRITE))
}

impl Ledger {
    /// Holds that have not ended, those that end first in front.
    pub fn holds_open(&self) -> Result<Vec<Hold>, StoreError> {
        let sql = "SELECT body FROM hold WHERE ended_at IS NULL ORDER BY until, id";
        bodies(&self.file, "a hold", sql, [])
    }

    /// Holds, the newest first, at most `limit` and [`ROWS_MAX`].
    pub fn holds_all(&self, limit: usize) -> Result<Vec<Hold>, StoreError> {
        let sql = "SELECT body FROM hold ORDER BY begun_at DESC, id LIMIT ?1";
        bodies(&self.file, "a hold", sql, [integer(limit.min(ROWS_MAX) as u64)])
    }

    /// Alarms about equipment that are not over.
    pub fn equipment_open(&self) -> Result<Vec<Equipment>, StoreError> {
        let sql = "SELECT body FROM equipment WHERE is_open = 1 ORDER BY changed_at, rule, channel";
        bodies(&self.file, "an alarm about equipment", sql, [])
    }
}

impl Committed {
    /// The newest number among what this part wrote.
    pub(super) fn newest_of_life(&self) -> u64 {
        let equipment = self.equipment.iter().map(|(seq, _): &(u64, EquipmentEvent)| *seq);
        let floods = self.floods.iter().map(|(seq, _): &(u64, FloodEvent)| *seq);
        equipment.chain(floods).max().unwrap_or(0)
    }
}

/// The first column of every row, from JSON; the lock is free when it returns.
fn bodies<T: DeserializeOwned>(
    file: &StoreFile,
    what: &str,
    sql: &str,
    values: impl Params,
) -> Result<Vec<T>, StoreError> {
    let read = |db: &Connection| {
        let mut select = db.prepare_cached(sql)?;
        let body = |row: &Row<'_>| row.get::<_, String>(0);
        select.query_map(values, body)?.collect::<rusqlite::Result<Vec<_>>>()
    };
    let stored = read(&file.reader()).map_err(file.failed(ACT_READ))?;
    stored.iter().map(|body| value(file, what, body)).collect()
}
