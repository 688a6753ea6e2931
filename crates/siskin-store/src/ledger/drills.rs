//! Drills in the ledger: each begin and end is one transaction with its entry in the audit, and an
//! end with the ends of the drill's warnings.
//!
//! The steps of a drill's warnings are events like all others, with the drill's number in their
//! body; what was laid over the readings follows from the scenario, which stands here. At most one
//! drill runs; the table itself refuses a second one.

use rusqlite::{Connection, Params, Row, TransactionBehavior, params};
use serde_json::json;
use siskin_model::{Drill, DrillEnd, DrillId, NewDrill, Timestamp, Warning, WarningEvent};

use super::audit::{self, NewAudit};
use super::doubt::Written as InDoubt;
use super::tables::{self, value};
use super::{Committed, Ledger, NewMessage, ROWS_MAX, Step, events, outbox};
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

const ACT_WRITE: &str = "write a drill";
const ACT_READ: &str = "read drills";

macro_rules! drill_tables {
    () => {
        "
        CREATE TABLE drill (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            begun_at INTEGER NOT NULL,
            by TEXT NOT NULL,
            body TEXT NOT NULL,
            ended_at INTEGER,
            reason TEXT,
            ending TEXT
        ) STRICT;
        CREATE UNIQUE INDEX drill_running ON drill ((1)) WHERE ended_at IS NULL;
        CREATE INDEX warning_exercise ON warning (exercise) WHERE exercise IS NOT NULL;"
    };
}
pub(super) use drill_tables;

impl Ledger {
    /// Begins a drill; an error where one runs.
    pub fn begin_drill(&self, plan: &NewDrill) -> Result<Drill, StoreError> {
        let body = tables::json(plan)?;
        let id = self.drill_transaction(|file, db| {
            let write = || {
                let sql = "INSERT INTO drill (begun_at, by, body) VALUES (?1, ?2, ?3)
                     RETURNING number";
                let values = params![plan.begun_at.as_millis(), plan.begun_by, body];
                db.query_row(sql, values, |row| natural(row, 0))
            };
            let number = write().map_err(file.failed(ACT_WRITE))?;
            let told = json!({ "note": plan.note, "scenario": plan.scenario });
            let (at, by) = (plan.begun_at, plan.begun_by.clone());
            audit::append(file, db, &entry(at, by, "drill.begin", number, told))?;
            Ok(DrillId(number))
        })?;
        Ok(Drill { id, plan: plan.clone(), ended: None })
    }

    /// Ends a drill and its warnings by `endings`; gives these with their numbers. A drill that has
    /// ended stays as it is, and nothing is written.
    pub fn end_drill(
        &self,
        id: DrillId,
        end: &DrillEnd,
        endings: &[WarningEvent],
        messages: &[NewMessage],
    ) -> Result<Committed, StoreError> {
        let ending = tables::json(end)?;
        let step = Step {
            series_seq: 0,
            recorded_at: end.at,
            alarms: Vec::new(),
            warnings: endings.to_vec(),
            corrections: Vec::new(),
            equipment: Vec::new(),
            holds: Vec::new(),
            floods: Vec::new(),
            messages: messages.to_vec(),
            late: Vec::new(),
            audit: Vec::new(),
            pulse: None,
        };
        let written = self.drill_transaction(|file, db| {
            let write = || {
                let sql = "UPDATE drill SET ended_at = ?2, reason = ?3, ending = ?4
                     WHERE number = ?1 AND ended_at IS NULL";
                let at_ms = end.at.as_millis();
                db.execute(sql, params![integer(id.0), at_ms, end.reason.as_str(), ending])
            };
            if write().map_err(file.failed(ACT_WRITE))? == 0 {
                // An end that was written and not confirmed may have messages nobody sends yet.
                let delivery = outbox::newest(file, db)?;
                return Ok(Committed { delivery, ..Committed::default() });
            }
            let committed = events::write(file, db, &step, &mut InDoubt::default())?;
            let by = audit::name_or_station(end.by.as_deref().unwrap_or_default());
            let told = json!({
                "reason": end.reason,
                "note": end.note,
                "warnings": endings.len(),
            });
            audit::append(file, db, &entry(end.at, by, "drill.end", id.0, told))?;
            Ok(committed)
        })?;
        let newest = written.warnings.last().map_or(0, |(seq, _)| *seq);
        self.newest_seq.fetch_max(newest, std::sync::atomic::Ordering::AcqRel);
        Ok(written)
    }

    fn drill_transaction<T>(
        &self,
        act: impl FnOnce(&StoreFile, &Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut writer = self.file.writer();
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(self.file.failed(ACT_WRITE))?;
        let done = act(&self.file, &transaction)?;
        transaction.commit().map_err(self.file.failed(ACT_WRITE))?;
        Ok(done)
    }

    /// Drills, the newest first, at most `limit` and [`ROWS_MAX`].
    pub fn drills(&self, limit: usize) -> Result<Vec<Drill>, StoreError> {
        let limit = integer(limit.min(ROWS_MAX) as u64);
        select(&self.file, "ORDER BY number DESC LIMIT ?1", [limit])
    }

    /// A drill by its number.
    pub fn drill(&self, id: DrillId) -> Result<Option<Drill>, StoreError> {
        let found = select(&self.file, "WHERE number = ?1", [integer(id.0)])?;
        Ok(found.into_iter().next())
    }

    /// The drill that runs.
    pub fn drill_running(&self) -> Result<Option<Drill>, StoreError> {
        Ok(select(&self.file, "WHERE ended_at IS NULL", [])?.into_iter().next())
    }

    /// Warnings of a drill that are not over.
    pub fn drill_warnings_open(&self, id: DrillId) -> Result<Vec<Warning>, StoreError> {
        let sql = "SELECT seq, body FROM warning WHERE exercise = ?1 AND is_open = 1
             ORDER BY raised_at, id";
        let found = rows(&self.file, sql, [integer(id.0)])?;
        found.iter().map(|(_, body)| value(&self.file, "a warning", body)).collect()
    }

    /// The steps of a drill's warnings in order, each with the moment at which it was written, the
    /// first [`ROWS_MAX`].
    pub fn drill_steps(&self, id: DrillId) -> Result<Vec<(Timestamp, WarningEvent)>, StoreError> {
        let sql = "SELECT recorded_at, body FROM event WHERE kind = 'warning'
             AND warning IN (SELECT id FROM warning WHERE exercise = ?1) ORDER BY seq LIMIT ?2";
        let found = rows(&self.file, sql, [integer(id.0), integer(ROWS_MAX as u64)])?;
        let step = |(at_ms, body): &(i64, String)| {
            let event = value(&self.file, "a step of a drill", body)?;
            Ok((Timestamp::from_millis(*at_ms), event))
        };
        found.iter().map(step).collect()
    }
}

fn entry(at: Timestamp, by: String, act: &str, number: u64, body: serde_json::Value) -> NewAudit {
    NewAudit { at, by, act: act.to_owned(), about: format!("drill-{number}"), body }
}

fn rows(
    file: &StoreFile,
    sql: &str,
    values: impl Params,
) -> Result<Vec<(i64, String)>, StoreError> {
    let read = |db: &Connection| {
        let mut select = db.prepare_cached(sql)?;
        let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        select.query_map(values, row)?.collect::<rusqlite::Result<_>>()
    };
    read(&file.reader()).map_err(file.failed(ACT_READ))
}

type Found = (u64, String, Option<String>);

fn select(file: &StoreFile, which: &str, values: impl Params) -> Result<Vec<Drill>, StoreError> {
    let sql = format!("SELECT number, body, ending FROM drill {which}");
    let read = |db: &Connection| {
        let mut select = db.prepare_cached(&sql)?;
        let row = |row: &Row<'_>| Ok((natural(row, 0)?, row.get(1)?, row.get(2)?));
        select.query_map(values, row)?.collect::<rusqlite::Result<Vec<Found>>>()
    };
    let found = read(&file.reader()).map_err(file.failed(ACT_READ))?;
    let drill = |(number, body, ending): &Found| {
        let what = format!("drill {number}");
        let plan = value(file, &what, body)?;
        let ended = ending.as_deref().map(|text| value(file, &what, text)).transpose()?;
        Ok(Drill { id: DrillId(*number), plan, ended })
    };
    found.iter().map(drill).collect()
}
