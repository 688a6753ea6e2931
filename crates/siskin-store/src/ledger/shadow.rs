//! Shadow rule sets and what they would have raised and cleared: kept apart from everything that
//! was told, and never told.
//!
//! At most one shadow runs at a time; the table itself refuses a second one.

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, named_params, params};
use serde::{Deserialize, Serialize};
use serde_json::json;
use siskin_model::{AlarmEvent, Timestamp};

use super::audit::{self, NewAudit};
use super::rules::{RuleFile, sums};
use super::tables::{self, value, word};
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

const ACT_WRITE: &str = "write a shadow set";
const ACT_READ: &str = "read the shadow set";

/// A shadow set that is to begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewShadow {
    /// When it began, by the station's clock.
    pub begun_at: Timestamp,
    /// Who proposed it.
    pub by: String,
    /// Why; may be empty.
    pub note: String,
    /// The set.
    pub files: Vec<RuleFile>,
}

/// A shadow set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shadow {
    /// From 1 on.
    pub number: u64,
    /// What it is.
    pub set: NewShadow,
}

/// Ends the shadow that runs, if one does, and begins another.
pub(crate) fn begin(file: &StoreFile, set: &NewShadow) -> Result<Shadow, StoreError> {
    let body = tables::json(set)?;
    let mut writer = file.writer();
    let transaction = writer
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(file.failed(ACT_WRITE))?;
    let write = |db: &Connection| {
        let ended = end_in(db, set.begun_at)?;
        let number = db.query_row(
            "INSERT INTO shadow (begun_at, by, note, body) VALUES (?1, ?2, ?3, ?4)
             RETURNING number",
            params![set.begun_at.as_millis(), set.by, set.note, body],
            |row| natural(row, 0),
        )?;
        Ok((number, ended))
    };
    let (number, ended) = write(&transaction).map_err(file.failed(ACT_WRITE))?;
    let body = json!({ "note": set.note, "files": sums(&set.files), "ended": ended });
    let told = entry(set.begun_at, &set.by, "shadow.begin", number, body);
    audit::append(file, &transaction, &told)?;
    transaction.commit().map_err(file.failed(ACT_WRITE))?;
    Ok(Shadow { number, set: set.clone() })
}

/// Ends the shadow that runs; false where none does. `by` is empty where nobody asked for it.
pub(crate) fn end(file: &StoreFile, at: Timestamp, by: &str) -> Result<bool, StoreError> {
    let mut writer = file.writer();
    let transaction = writer
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(file.failed(ACT_WRITE))?;
    let ended = end_in(&transaction, at).map_err(file.failed(ACT_WRITE))?;
    if let Some(number) = ended {
        let told = entry(at, by, "shadow.end", number, serde_json::Value::Null);
        audit::append(file, &transaction, &told)?;
    }
    transaction.commit().map_err(file.failed(ACT_WRITE))?;
    Ok(ended.is_some())
}

fn entry(at: Timestamp, by: &str, act: &str, number: u64, body: serde_json::Value) -> NewAudit {
    let (by, act) = (audit::name_or_station(by), act.to_owned());
    NewAudit { at, by, act, about: number.to_string(), body }
}

/// The number of the one that ended.
fn end_in(db: &Connection, at: Timestamp) -> rusqlite::Result<Option<u64>> {
    let sql = "UPDATE shadow SET ended_at = ?1 WHERE ended_at IS NULL RETURNING number";
    db.query_row(sql, [at.as_millis()], |row| natural(row, 0)).optional()
}

/// The shadow that runs.
pub(crate) fn running(file: &StoreFile) -> Result<Option<Shadow>, StoreError> {
    let read = |db: &Connection| {
        let sql = "SELECT number, body FROM shadow WHERE ended_at IS NULL";
        let row = |row: &Row<'_>| Ok((natural(row, 0)?, row.get::<_, String>(1)?));
        db.query_row(sql, [], row).optional()
    };
    let found = read(&file.reader()).map_err(file.failed(ACT_READ))?;
    let Some((number, body)) = found else {
        return Ok(None);
    };
    Ok(Some(Shadow { number, set: value(file, &format!("shadow {number}"), &body)? }))
}

/// Writes what a shadow raised and cleared, each edge once.
pub(crate) fn write(
    file: &StoreFile,
    shadow: u64,
    events: &[AlarmEvent],
) -> Result<(), StoreError> {
    let mut writer = file.writer();
    let transaction = writer
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(file.failed(ACT_WRITE))?;
    for event in events {
        let (change, body) = (word(&event.edge)?, tables::json(event)?);
        let put = || {
            let mut put = transaction.prepare_cached(
                "INSERT OR IGNORE INTO shadow_event (shadow, change, at, rule, channel, body)
                 VALUES (:shadow, :change, :at, :rule, :channel, :body)",
            )?;
            put.execute(named_params! {
                ":shadow": integer(shadow),
                ":change": change,
                ":at": event.at.as_millis(),
                ":rule": event.alarm.rule.as_str(),
                ":channel": event.alarm.channel.as_str(),
                ":body": body,
            })
        };
        put().map_err(file.failed(ACT_WRITE))?;
    }
    transaction.commit().map_err(file.failed(ACT_WRITE))
}

/// What a shadow raised and cleared, newest first.
pub(crate) fn events(
    file: &StoreFile,
    shadow: u64,
    limit: usize,
) -> Result<Vec<AlarmEvent>, StoreError> {
    let read = |db: &Connection| {
        let mut select = db.prepare_cached(
            "SELECT body FROM shadow_event WHERE shadow = ?1 ORDER BY at DESC, seq DESC LIMIT ?2",
        )?;
        let values = [integer(shadow), integer(limit as u64)];
        let rows = select.query_map(values, |row| row.get::<_, String>(0))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let bodies = read(&file.reader()).map_err(file.failed(ACT_READ))?;
    bodies.iter().map(|body| value(file, "an event of a shadow set", body)).collect()
}
