//! What people were called to in a span of time: steps of warnings, of alarms about equipment, and
//! floods, by the station or beside it.
//!
//! Read a page at a time, so that whoever writes finds the lock free in between. Drills are left
//! out and counted. Must never give a part of a span for the whole: what is too much is refused.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row, params};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use siskin_model::{
    Alarm, Equipment, EquipmentEvent, FloodEvent, Timestamp, Warning, WarningEvent,
};

use super::Ledger;
use super::audit::open_beside;
use crate::StoreError;
use crate::error::failed;
use crate::file::{integer, natural};

/// The most events of one span; a few tens of megabytes in whoever collects them.
pub const LIFE_EVENTS_MAX: usize = 200_000;
/// Rows that are read before the lock is free again.
const PAGE_ROWS: usize = 1_000;
/// The most warnings and alarms that are looked for from before the span.
const BEFORE_MAX: usize = 10_000;
/// Warnings that are over are looked for that far back; open ones however old they are.
const BACK_MS: i64 = 31 * 24 * 3_600_000;
/// How ids of drills begin.
const DRILL: &str = "drill-";
const ACT: &str = "read what people were called to";

/// An event with its place in the ledger and when it was written.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are warnings, the largest")]
pub enum LifeEvent {
    /// A step of a warning.
    Warning(u64, Timestamp, WarningEvent),
    /// A step of an alarm about equipment.
    Equipment(u64, Timestamp, EquipmentEvent),
    /// The begin or end of a flood.
    Flood(FloodEvent),
}

/// What stood before the span and has a say in it.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are warnings, the largest")]
pub enum LifeBefore {
    /// A warning as its last event before the span left it.
    Warning(Warning),
    /// An alarm about equipment that was active, and has not changed in what was read.
    Equipment(Equipment),
}

/// What was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LifeRead {
    /// Events that were given.
    pub events: usize,
    /// Events of drills that were left out.
    pub drills: u64,
    /// There are more than [`LIFE_EVENTS_MAX`]: what was given is not the whole span.
    pub is_too_much: bool,
}

/// Reads the ledger of a data folder, beside a running station or without one.
#[derive(Debug)]
pub struct LifeReader {
    path: PathBuf,
    db: Connection,
}

impl LifeReader {
    /// Opens the ledger in `dir`.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let (path, db) = open_beside(dir)?;
        Ok(Self { path, db })
    }

    /// Events with `from` <= at < `to` and what stood before, as of [`Ledger::life_between`].
    pub fn between(
        &self,
        span: (Timestamp, Timestamp),
        take: &mut dyn FnMut(LifeEvent),
        before: &mut dyn FnMut(LifeBefore),
    ) -> Result<LifeRead, StoreError> {
        between(&self.path, &|ask| ask(&self.db), span, take, before)
    }
}

impl Ledger {
    /// Gives all events with `from` <= at < `to` to `take`, by kind and time, and to `before` what
    /// stood at `from`. Blocks for the disk, not for a commit.
    pub fn life_between(
        &self,
        span: (Timestamp, Timestamp),
        take: &mut dyn FnMut(LifeEvent),
        before: &mut dyn FnMut(LifeBefore),
    ) -> Result<LifeRead, StoreError> {
        between(self.file.path(), &|ask| ask(&self.file.reader()), span, take, before)
    }
}

/// A row of the table of events.
type EventRow = (u64, i64, i64, String);
/// Asks a question of a connection that is locked for that question only.
type Asking<'a> = &'a dyn Fn(&mut dyn FnMut(&Connection));

fn between(
    path: &Path,
    on: Asking<'_>,
    span: (Timestamp, Timestamp),
    take: &mut dyn FnMut(LifeEvent),
    before: &mut dyn FnMut(LifeBefore),
) -> Result<LifeRead, StoreError> {
    let reading = Reading { path, on };
    let mut read = LifeRead::default();
    for one in reading.before(span)? {
        before(one);
    }
    for flood in reading.floods_before(span.0)? {
        take(LifeEvent::Flood(flood));
    }
    for kind in Kind::ALL {
        reading.events(kind, span, take, &mut read)?;
    }
    Ok(read)
}

/// Which events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Warning,
    Equipment,
    Flood,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Warning, Self::Equipment, Self::Flood];

    /// The page after a place. The second condition lets the index of these kinds be used.
    fn sql(self) -> String {
        let kind = match self {
            Self::Warning => "warning",
            Self::Equipment => "equipment",
            Self::Flood => "flood",
        };
        format!(
            "SELECT seq, at, recorded_at, body FROM event
             WHERE kind = '{kind}' AND kind IN ('warning', 'equipment', 'flood')
             AND at >= ?1 AND at < ?2 AND (at > ?3 OR seq > ?4)
             ORDER BY at, seq LIMIT ?5"
        )
    }
}

struct Reading<'a> {
    path: &'a Path,
    on: Asking<'a>,
}

impl Reading<'_> {
    fn ask<T>(
        &self,
        mut question: impl FnMut(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut answer = None;
        (self.on)(&mut |db| answer = Some(question(db)));
        answer.unwrap_or(Err(rusqlite::Error::InvalidQuery)).map_err(failed(self.path, ACT))
    }

    fn value<T: DeserializeOwned>(&self, what: &str, body: &str) -> Result<T, StoreError> {
        serde_json::from_str(body).map_err(|why| StoreError::Damaged {
            what: what.to_owned(),
            path: self.path.to_owned(),
            why: why.to_string(),
        })
    }

    fn events(
        &self,
        kind: Kind,
        (from, to): (Timestamp, Timestamp),
        take: &mut dyn FnMut(LifeEvent),
        read: &mut LifeRead,
    ) -> Result<(), StoreError> {
        let (sql, mut place) = (kind.sql(), (from.as_millis(), 0_u64));
        loop {
            // What lies at the place's own moment and was given is passed over by its number.
            let values = (place.0, to.as_millis(), place.0, integer(place.1));
            let rows = self.ask(|db| page(db, &sql, values))?;
            for (seq, at_ms, recorded_ms, body) in &rows {
                place = (*at_ms, *seq);
                if is_of_drill(body) {
                    read.drills += 1;
                    continue;
                }
                if read.events == LIFE_EVENTS_MAX {
                    read.is_too_much = true;
                    return Ok(());
                }
                read.events += 1;
                take(self.event(kind, *seq, Timestamp::from_millis(*recorded_ms), body)?);
            }
            if rows.len() < PAGE_ROWS {
                return Ok(());
            }
        }
    }

    fn event(
        &self,
        kind: Kind,
        seq: u64,
        recorded_at: Timestamp,
        body: &str,
    ) -> Result<LifeEvent, StoreError> {
        let what = format!("event {seq}");
        Ok(match kind {
            Kind::Warning => LifeEvent::Warning(seq, recorded_at, self.value(&what, body)?),
            Kind::Equipment => LifeEvent::Equipment(seq, recorded_at, self.value(&what, body)?),
            Kind::Flood => LifeEvent::Flood(self.value(&what, body)?),
        })
    }

    /// The newest event of each desk's floods before a moment, within a month.
    fn floods_before(&self, from: Timestamp) -> Result<Vec<FloodEvent>, StoreError> {
        let sql = "SELECT body FROM event
                   WHERE kind = 'flood' AND kind IN ('warning', 'equipment', 'flood')
                   AND at >= ?1 AND at < ?2 ORDER BY at, seq LIMIT ?3";
        let since_ms = from.plus_ms(-BACK_MS).as_millis();
        let values = (since_ms, from.as_millis(), integer(BEFORE_MAX as u64));
        let bodies = self.ask(|db| {
            let mut select = db.prepare_cached(sql)?;
            let rows = select.query_map(values, |row| row.get::<_, String>(0))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let plain = bodies.iter().filter(|body| !is_of_drill(body));
        plain.map(|body| self.value("a flood", body)).collect()
    }

    fn before(&self, span: (Timestamp, Timestamp)) -> Result<Vec<LifeBefore>, StoreError> {
        let warnings = self.ask(|db| warnings_before(db, span.0))?;
        let equipment = self.ask(|db| equipment_before(db, span))?;
        let mut found = Vec::new();
        for body in warnings.iter().filter(|body| !is_of_drill(body)) {
            let event: WarningEvent = self.value("an event of a warning", body)?;
            found.push(LifeBefore::Warning(event.warning));
        }
        for body in equipment.iter().filter(|body| !is_of_drill(body)) {
            let one = self.value::<Equipment>("an alarm about equipment", body);
            let one = one.or_else(|_| self.value("an alarm", body).map(was_active));
            found.push(LifeBefore::Equipment(one?));
        }
        Ok(found)
    }
}

/// An alarm that was active all the time, of which nothing else is known any more.
fn was_active(alarm: Alarm) -> Equipment {
    Equipment {
        changed_at: alarm.since,
        alarm,
        state: siskin_model::WarningState::ActiveUnacknowledged,
        is_active: true,
        acknowledged: None,
        is_owed: false,
        shelf: None,
    }
}

fn page(
    db: &Connection,
    sql: &str,
    (from_ms, to_ms, at_ms, seq): (i64, i64, i64, i64),
) -> rusqlite::Result<Vec<EventRow>> {
    let mut select = db.prepare_cached(sql)?;
    let row = |row: &Row<'_>| Ok((natural(row, 0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let values = params![from_ms, to_ms, at_ms, seq, integer(PAGE_ROWS as u64)];
    select.query_map(values, row)?.collect()
}

/// The last event before `from` of each warning that was open at some time after it.
fn warnings_before(db: &Connection, from: Timestamp) -> rusqlite::Result<Vec<String>> {
    let mut ids = db.prepare_cached(
        "SELECT id FROM warning WHERE is_open = 1 AND raised_at < ?1
         UNION
         SELECT id FROM warning WHERE raised_at < ?1 AND raised_at >= ?2 AND changed_at >= ?1
         LIMIT ?3",
    )?;
    let since_ms = from.plus_ms(-BACK_MS).as_millis();
    let values = params![from.as_millis(), since_ms, integer(BEFORE_MAX as u64)];
    let ids: Vec<String> =
        ids.query_map(values, |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut last = db.prepare_cached(
        "SELECT body FROM event WHERE kind = 'warning' AND warning = ?1 AND at < ?2
         ORDER BY seq DESC LIMIT 1",
    )?;
    let mut bodies = Vec::new();
    for id in ids {
        let found = last.query_map(params![id, from.as_millis()], |row| row.get(0))?;
        bodies.extend(found.collect::<rusqlite::Result<Vec<String>>>()?);
    }
    Ok(bodies)
}

/// Alarms about equipment that were active at `from` and did not change before `to`.
fn equipment_before(
    db: &Connection,
    (from, to): (Timestamp, Timestamp),
) -> rusqlite::Result<Vec<String>> {
    let mut select = db.prepare_cached(
        "SELECT body FROM equipment WHERE is_open = 1 AND changed_at < ?1
         UNION ALL
         SELECT body FROM alarm WHERE tier IS NULL AND raised_at < ?1 AND cleared_at >= ?2
         LIMIT ?3",
    )?;
    let values = params![from.as_millis(), to.as_millis(), integer(BEFORE_MAX as u64)];
    select.query_map(values, |row| row.get(0))?.collect()
}

/// The marks of an exercise.
#[derive(Deserialize)]
struct Marks {
    exercise: Option<serde_json::Value>,
    warning: Option<Marked>,
    equipment: Option<Marked>,
}

#[derive(Deserialize)]
struct Marked {
    #[serde(default)]
    id: String,
    exercise: Option<serde_json::Value>,
}

/// Whether a body is of a drill: by its id, or by its mark.
fn is_of_drill(body: &str) -> bool {
    // Most bodies have neither, and need not be read for it.
    if !body.contains(DRILL) && !body.contains("\"exercise\"") {
        return false;
    }
    let is_mark = |mark: &Option<serde_json::Value>| {
        mark.as_ref().is_some_and(|mark| *mark != serde_json::Value::Bool(false))
    };
    let Ok(marks) = serde_json::from_str::<Marks>(body) else { return false };
    let mut marked = [&marks.warning, &marks.equipment].into_iter().flatten();
    let own_id = serde_json::from_str::<Marked>(body).is_ok_and(|own| own.id.starts_with(DRILL));
    own_id
        || is_mark(&marks.exercise)
        || marked.any(|one| one.id.starts_with(DRILL) || is_mark(&one.exercise))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_is_known_by_its_id_or_its_mark() {
        let check = |body: &str, expected| assert_eq!(is_of_drill(body), expected, "{body}");
        check(r#"{"change":"raised","warning":{"id":"yard.chlorine.2026"}}"#, false);
        check(r#"{"change":"raised","warning":{"id":"drill-3.yard.chlorine.2026"}}"#, true);
        check(r#"{"warning":{"id":"yard.chlorine.2026","exercise":3}}"#, true);
        check(r#"{"warning":{"id":"yard.chlorine.2026","exercise":null}}"#, false);
        check(r#"{"warning":{"id":"yard.chlorine.2026"},"exercise":true}"#, true);
        check(r#"{"warning":{"id":"yard.chlorine.2026"},"exercise":false}"#, false);
        check(r#"{"id":"drill-1.yard.chlorine.2026","gas":"chlorine"}"#, true);
        // A note that speaks of a drill is none.
        check(r#"{"warning":{"id":"yard.x.1"},"said":{"note":"like drill-3"}}"#, false);
        check(r#"{"desk":"room","change":"began","exercise":1}"#, true);
    }

    #[test]
    fn events_of_a_span_are_found_by_their_index() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        for kind in Kind::ALL {
            let sql = format!("EXPLAIN QUERY PLAN {}", kind.sql());
            let db = ledger.file.reader();
            let mut plan = db.prepare(&sql).unwrap();
            let lines = plan.query_map([1, 2, 1, 0, 9], |row| row.get::<_, String>(3)).unwrap();
            let lines: Vec<String> = lines.map(Result::unwrap).collect();
            let is_found = lines.iter().all(|line| line.contains("event_life"));
            assert!(is_found, "{kind:?}: {lines:?}");
        }
    }
}
