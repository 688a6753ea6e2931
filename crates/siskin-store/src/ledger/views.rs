//! What follows from the events: alarms with begin and end, warnings as they stand.
//!
//! Written in the transaction of the events, so a view never says more or less than they do.

use rusqlite::{Connection, Params, Row, named_params, params};
use serde::de::DeserializeOwned;
use siskin_model::{
    Alarm, AlarmEvent, ChannelId, Edge, RuleId, Tier, Timestamp, Warning, WarningId,
};

use super::tables::{json, value, word};
use crate::StoreError;
use crate::file::{StoreFile, integer};

const ACT_WRITE: &str = "update the views";
const ACT_READ: &str = "read the views";

/// Begins or ends an alarm. An end whose begin is not here makes a row with both,
/// and what has ended stays so.
pub(crate) fn apply_alarm(
    file: &StoreFile,
    db: &Connection,
    event: &AlarmEvent,
) -> Result<(), StoreError> {
    let alarm = &event.alarm;
    let (kind, tier) = (word(&alarm.kind)?, alarm.tier.map(Tier::as_str));
    let body = json(alarm)?;
    let cleared_ms = (event.edge == Edge::Clear).then(|| event.at.as_millis());
    let write = || {
        let mut put = db.prepare_cached(
            "INSERT INTO alarm (rule, channel, raised_at, cleared_at, kind, tier, body)
             VALUES (:rule, :channel, :raised_at, :cleared_at, :kind, :tier, :body)
             ON CONFLICT (rule, channel, raised_at)
             DO UPDATE SET cleared_at = coalesce(excluded.cleared_at, cleared_at)",
        )?;
        put.execute(named_params! {
            ":rule": alarm.rule.as_str(),
            ":channel": alarm.channel.as_str(),
            ":raised_at": alarm.since.as_millis(),
            ":cleared_at": cleared_ms,
            ":kind": kind,
            ":tier": tier,
            ":body": body,
        })
    };
    write().map(drop).map_err(file.failed(ACT_WRITE))
}

/// Takes the alarms of one rule on one channel out of the view that were active at `earliest` or
/// began later; gives the moment from which the view must be made again.
pub(crate) fn forget_alarms(
    file: &StoreFile,
    db: &Connection,
    rule: &RuleId,
    channel: &ChannelId,
    earliest: Timestamp,
) -> Result<Timestamp, StoreError> {
    let forget = || {
        let mut delete = db.prepare_cached(
            "DELETE FROM alarm WHERE rule = ?1 AND channel = ?2
             AND (raised_at >= ?3 OR cleared_at IS NULL OR cleared_at >= ?3) RETURNING raised_at",
        )?;
        let values = params![rule.as_str(), channel.as_str(), earliest.as_millis()];
        let begins = delete.query_map(values, |row| row.get::<_, i64>(0))?;
        begins.collect::<rusqlite::Result<Vec<_>>>()
    };
    let begins = forget().map_err(file.failed(ACT_WRITE))?;
    let begins = begins.into_iter().map(Timestamp::from_millis);
    Ok(begins.fold(earliest, Timestamp::min))
}

/// Makes or replaces a warning.
pub(crate) fn apply_warning(
    file: &StoreFile,
    db: &Connection,
    seq: u64,
    warning: &Warning,
) -> Result<(), StoreError> {
    let body = json(warning)?;
    let write = || {
        let mut put = db.prepare_cached(
            "INSERT OR REPLACE INTO warning
             (id, gas, area, tier, state, is_open, raised_at, changed_at, seq, body, exercise)
             VALUES (:id, :gas, :area, :tier, :state, :is_open, :raised_at, :changed_at,
             :seq, :body, :exercise)",
        )?;
        put.execute(named_params! {
            ":id": warning.id.as_str(),
            ":gas": warning.gas.as_str(),
            ":area": warning.area.as_str(),
            ":tier": warning.tier.as_str(),
            ":state": warning.state.as_str(),
            ":is_open": warning.state.is_open(),
            ":raised_at": warning.raised_at.as_millis(),
            ":changed_at": warning.changed_at.as_millis(),
            ":seq": integer(seq),
            ":body": body,
            ":exercise": warning.exercise.map(|drill| integer(drill.0)),
        })
    };
    write().map(drop).map_err(file.failed(ACT_WRITE))
}

pub(crate) fn alarms_active(file: &StoreFile) -> Result<Vec<Alarm>, StoreError> {
    let sql = "SELECT body FROM alarm WHERE cleared_at IS NULL ORDER BY raised_at, rule, channel";
    bodies(file, "an alarm", sql, [])
}

pub(crate) fn alarms_active_at(file: &StoreFile, t: Timestamp) -> Result<Vec<Alarm>, StoreError> {
    let sql = "SELECT body FROM alarm
               WHERE raised_at <= ?1 AND (cleared_at IS NULL OR cleared_at > ?1)
               ORDER BY raised_at, rule, channel";
    bodies(file, "an alarm", sql, [t.as_millis()])
}

pub(crate) fn alarms_active_on(
    file: &StoreFile,
    channel: &ChannelId,
    t: Timestamp,
) -> Result<Vec<Alarm>, StoreError> {
    let sql = "SELECT body FROM alarm
               WHERE channel = ?1 AND raised_at <= ?2
               AND (cleared_at IS NULL OR cleared_at > ?2)
               ORDER BY raised_at, rule";
    bodies(file, "an alarm", sql, params![channel.as_str(), t.as_millis()])
}

/// None of a drill: what is open here is taken for real by whoever reads it.
pub(crate) fn warnings_open(file: &StoreFile) -> Result<Vec<Warning>, StoreError> {
    let sql = "SELECT body FROM warning WHERE is_open = 1 AND exercise IS NULL
               ORDER BY raised_at, id";
    bodies(file, "a warning", sql, [])
}

pub(crate) fn warnings_all(file: &StoreFile, limit: usize) -> Result<Vec<Warning>, StoreError> {
    let sql = "SELECT body FROM warning ORDER BY raised_at DESC, id LIMIT ?1";
    bodies(file, "a warning", sql, [integer(limit as u64)])
}

pub(crate) fn warning(file: &StoreFile, id: &WarningId) -> Result<Option<Warning>, StoreError> {
    let sql = "SELECT body FROM warning WHERE id = ?1";
    let found = bodies(file, "a warning", sql, params![id.as_str()])?;
    Ok(found.into_iter().next())
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
