//! Events: written once, in order, never changed.

use rusqlite::{Connection, Params, Row, named_params, params};
use siskin_model::{AlarmEvent, Correction, Timestamp, WarningEvent, WarningId};

use super::doubt::Written;
use super::tables::{json, value, word};
use super::{Committed, LedgerEvent, Step, late, outbox, record, views};
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

const ACT_WRITE: &str = "write an event";
const ACT_READ: &str = "read events";

/// Writes a step's events and what follows from them; gives those that are new.
pub(crate) fn write(
    file: &StoreFile,
    db: &Connection,
    step: &Step,
    written: &mut Written,
) -> Result<Committed, StoreError> {
    let mut committed = Committed::default();
    for event in &step.alarms {
        if let Some(seq) = written.event("alarm", event)? {
            committed.alarms.push((seq, event.clone()));
        } else if !record::has(file, db, event)? {
            let seq = write_alarm(file, db, step.recorded_at, event)?;
            views::apply_alarm(file, db, event)?;
            committed.alarms.push((seq, event.clone()));
        }
    }
    let before = late::before(file, db, step)?;
    let mut corrections = Vec::with_capacity(step.corrections.len());
    for correction in &step.corrections {
        match written.event("correction", correction)? {
            Some(seq) => {
                committed.corrections.push((seq, correction.clone()));
                // What is told of them is on disk too, and whoever sends it has heard of none.
                committed.delivery = outbox::newest(file, db)?;
            }
            None => corrections.push(correction.clone()),
        }
    }
    committed.corrections.extend(record::correct(file, db, step.recorded_at, &corrections)?);
    let mut known = Vec::with_capacity(step.warnings.len());
    for event in &step.warnings {
        known.push(count_equal(file, db, event)?);
    }
    for (i, (event, known)) in step.warnings.iter().zip(known).enumerate() {
        if let Some(seq) = written.event("warning", event)? {
            committed.warnings.push((seq, event.clone()));
            // Its messages are on disk too, and whoever sends them has heard of none.
            committed.delivery = outbox::newest(file, db)?;
            continue;
        }
        // A tier may go up, down and up again within one step and end in an event equal to an
        // earlier one of the step. Only what the ledger had before the step is a repetition.
        let earlier = step.warnings.iter().take(i).filter(|e| *e == event);
        if earlier.count() < known {
            continue;
        }
        let seq = write_warning(file, db, step.recorded_at, event)?;
        views::apply_warning(file, db, seq, &event.warning)?;
        let told = outbox::write(file, db, (step, i), (seq, event))?;
        committed.delivery = told.or(committed.delivery);
        committed.warnings.push((seq, event.clone()));
    }
    if let Some((seq, _)) = committed.corrections.first() {
        let told = late::write(file, db, step, (&before, *seq))?;
        committed.delivery = told.or(committed.delivery);
    }
    Ok(committed)
}

/// The number of the new event.
fn write_alarm(
    file: &StoreFile,
    db: &Connection,
    recorded_at: Timestamp,
    event: &AlarmEvent,
) -> Result<u64, StoreError> {
    let (change, body) = (word(&event.edge)?, json(event)?);
    let write = || {
        let mut put = db.prepare_cached(
            "INSERT INTO event (recorded_at, kind, change, at, rule, channel, body)
             VALUES (:recorded_at, 'alarm', :change, :at, :rule, :channel, :body)
             RETURNING seq",
        )?;
        let values = named_params! {
            ":recorded_at": recorded_at.as_millis(),
            ":change": change,
            ":at": event.at.as_millis(),
            ":rule": event.alarm.rule.as_str(),
            ":channel": event.alarm.channel.as_str(),
            ":body": body,
        };
        put.query_row(values, |row| natural(row, 0))
    };
    write().map_err(file.failed(ACT_WRITE))
}

/// How many events of the ledger are equal to this one.
fn count_equal(
    file: &StoreFile,
    db: &Connection,
    event: &WarningEvent,
) -> Result<usize, StoreError> {
    let (change, body) = (word(&event.change)?, json(event)?);
    let count = || {
        let mut select = db.prepare_cached(
            "SELECT count(*) FROM event WHERE kind = 'warning' AND warning = ?1
             AND at = ?2 AND change = ?3 AND body = ?4",
        )?;
        let values = params![event.warning.id.as_str(), event.at.as_millis(), change, body];
        select.query_row(values, |row| row.get::<_, u32>(0))
    };
    let count = count().map_err(file.failed(ACT_WRITE))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

fn write_warning(
    file: &StoreFile,
    db: &Connection,
    recorded_at: Timestamp,
    event: &WarningEvent,
) -> Result<u64, StoreError> {
    let (change, body) = (word(&event.change)?, json(event)?);
    let write = || {
        let mut put = db.prepare_cached(
            "INSERT INTO event (recorded_at, kind, change, at, warning, body)
             VALUES (?1, 'warning', ?2, ?3, ?4, ?5) RETURNING seq",
        )?;
        let (recorded_ms, at_ms) = (recorded_at.as_millis(), event.at.as_millis());
        let values = params![recorded_ms, change, at_ms, event.warning.id.as_str(), body];
        put.query_row(values, |row| natural(row, 0))
    };
    write().map_err(file.failed(ACT_WRITE))
}

/// Events after `seq`, in order.
pub(crate) fn after(
    file: &StoreFile,
    seq: u64,
    limit: usize,
) -> Result<Vec<(u64, LedgerEvent)>, StoreError> {
    let sql = "SELECT seq, body, kind FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let values = [integer(seq), integer(limit as u64)];
    let kind = |row: &Row<'_>| row.get::<_, String>(2);
    let event = |(seq, body, kind): (u64, String, String)| {
        let what = format!("event {seq}");
        let event = match kind.as_str() {
            "alarm" => LedgerEvent::Alarm(value(file, &what, &body)?),
            "correction" => LedgerEvent::Correction(value(file, &what, &body)?),
            "rules" => LedgerEvent::Rules(value(file, &what, &body)?),
            "equipment" => LedgerEvent::Equipment(value(file, &what, &body)?),
            "flood" => LedgerEvent::Flood(value(file, &what, &body)?),
            _ => LedgerEvent::Warning(value(file, &what, &body)?),
        };
        Ok((seq, event))
    };
    let stored = rows(file, sql, values, kind)?;
    stored.into_iter().map(event).collect()
}

/// Corrections after `seq`, in order.
pub(crate) fn corrections_after(
    file: &StoreFile,
    seq: u64,
    limit: usize,
) -> Result<Vec<(u64, Correction)>, StoreError> {
    let sql = "SELECT seq, body FROM event WHERE kind = 'correction' AND seq > ?1
               ORDER BY seq LIMIT ?2";
    let stored = rows(file, sql, [integer(seq), integer(limit as u64)], |_| Ok(()))?;
    let correction = |(seq, body, ()): (u64, String, ())| {
        Ok((seq, value(file, &format!("event {seq}"), &body)?))
    };
    stored.into_iter().map(correction).collect()
}

/// Events of one warning, in order.
pub(crate) fn of_warning(
    file: &StoreFile,
    id: &WarningId,
    (after, limit): (u64, usize),
) -> Result<Vec<(u64, WarningEvent)>, StoreError> {
    let sql = "SELECT seq, body FROM event WHERE kind = 'warning' AND warning = ?1
               AND seq > ?2 ORDER BY seq LIMIT ?3";
    let values = params![id.as_str(), integer(after), integer(limit as u64)];
    let stored = rows(file, sql, values, |_| Ok(()))?;
    let event = |(seq, body, ()): (u64, String, ())| {
        Ok((seq, value(file, &format!("event {seq}"), &body)?))
    };
    stored.into_iter().map(event).collect()
}

/// Rows of number and body, and what `more` takes from them; the lock is free when it returns.
fn rows<T>(
    file: &StoreFile,
    sql: &str,
    values: impl Params,
    more: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<(u64, String, T)>, StoreError> {
    let read = |db: &Connection| {
        let mut select = db.prepare_cached(sql)?;
        let row = |row: &Row<'_>| Ok((natural(row, 0)?, row.get(1)?, more(row)?));
        select.query_map(values, row)?.collect::<rusqlite::Result<_>>()
    };
    read(&file.reader()).map_err(file.failed(ACT_READ))
}
