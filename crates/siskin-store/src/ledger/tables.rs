//! The tables of `ledger.db`, its mark, and how rows become values.
//!
//! A file of an earlier format is brought to the present one when it is opened, in one
//! transaction; what it holds is never changed by that.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::audit::audit_tables;
use super::drills::drill_tables;
use super::duty::duty_tables;
use super::edge_alarms::edge_alarm_table;
use super::edges::edge_tables;
use super::incidents::{incident_mark_of_now, incident_tables};
use super::life::life_tables;
use super::maintenance::maintenance_table;
use super::outbox::outbox_tables;
use super::people::people_tables;
use super::pulse::pulse_table;
use crate::StoreError;
use crate::file::{Kind, StoreFile, integer, natural};

/// Everything that happened. `change` of a correction is `added-raise`, `removed-clear` and so on.
macro_rules! event {
    () => {
        "
        CREATE TABLE event (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            recorded_at INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN
                ('alarm', 'warning', 'correction', 'rules', 'equipment', 'flood')),
            change TEXT NOT NULL,
            at INTEGER NOT NULL,
            rule TEXT,
            channel TEXT,
            warning TEXT,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX event_edge ON event (channel, at, rule) WHERE channel IS NOT NULL;
        CREATE INDEX event_at ON event (at) WHERE channel IS NOT NULL;
        CREATE INDEX event_correction ON event (seq) WHERE kind = 'correction';
        CREATE INDEX event_warning ON event (warning, seq) WHERE kind = 'warning';
        CREATE INDEX event_flood ON event (seq) WHERE kind = 'flood';"
    };
}

/// Rule sets that ran, with their full texts, and what shadow sets would have done.
macro_rules! rules {
    () => {
        "
        CREATE TABLE rule_version (
            number INTEGER PRIMARY KEY,
            made_at INTEGER NOT NULL,
            source TEXT NOT NULL,
            by TEXT NOT NULL,
            note TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE TABLE shadow (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            begun_at INTEGER NOT NULL,
            ended_at INTEGER,
            by TEXT NOT NULL,
            note TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX shadow_running ON shadow ((1)) WHERE ended_at IS NULL;
        CREATE TABLE shadow_event (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            shadow INTEGER NOT NULL REFERENCES shadow (number),
            change TEXT NOT NULL,
            at INTEGER NOT NULL,
            rule TEXT NOT NULL,
            channel TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX shadow_edge ON shadow_event (shadow, rule, channel, at, change);
        CREATE INDEX shadow_event_at ON shadow_event (shadow, at);"
    };
}

pub(crate) const KIND: Kind = Kind {
    file_name: "ledger.db",
    title: "ledger",
    application_id: 0x5369_4c65,
    version: 7,
    schema: concat!(
        event!(),
        "
        CREATE TABLE alarm (
            rule TEXT NOT NULL,
            channel TEXT NOT NULL,
            raised_at INTEGER NOT NULL,
            cleared_at INTEGER,
            kind TEXT NOT NULL,
            tier TEXT,
            body TEXT NOT NULL,
            PRIMARY KEY (rule, channel, raised_at)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX alarm_active ON alarm (raised_at) WHERE cleared_at IS NULL;
        CREATE INDEX alarm_ended ON alarm (cleared_at) WHERE cleared_at IS NOT NULL;
        CREATE TABLE warning (
            id TEXT PRIMARY KEY,
            gas TEXT NOT NULL,
            area TEXT NOT NULL,
            tier TEXT NOT NULL,
            state TEXT NOT NULL,
            is_open INTEGER NOT NULL,
            raised_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            body TEXT NOT NULL,
            exercise INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX warning_raised ON warning (raised_at);
        CREATE INDEX warning_open ON warning (raised_at) WHERE is_open = 1;
        CREATE TABLE mark (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            series_seq INTEGER NOT NULL
        ) STRICT;",
        rules!(),
        edge_tables!(),
        edge_alarm_table!(),
        audit_tables!(),
        pulse_table!(),
        incident_tables!(),
        people_tables!(),
        duty_tables!(),
        life_tables!(),
        drill_tables!(),
        outbox_tables!(),
        maintenance_table!()
    ),
    upgrades: &[
        UPGRADE_FROM_1,
        UPGRADE_FROM_2,
        UPGRADE_FROM_3,
        UPGRADE_FROM_4,
        UPGRADE_FROM_5,
        UPGRADE_FROM_6,
    ],
};

/// Format 1 knew neither corrections nor rule sets, and an edge could not come back after a
/// correction had removed it.
const UPGRADE_FROM_1: &str = concat!(
    "ALTER TABLE event RENAME TO event_1;
        DROP INDEX event_alarm;
        DROP INDEX event_warning;",
    event!(),
    "INSERT INTO event SELECT * FROM event_1;
        DROP TABLE event_1;",
    rules!()
);

/// Format 2 knew no edge gateways.
const UPGRADE_FROM_2: &str = edge_tables!();

/// Format 3 forgot what their own watches raised.
const UPGRADE_FROM_3: &str = edge_alarm_table!();

/// Format 4 knew no people, no holds, and no events about equipment and floods; one that came from
/// format 1 has the index of floods.
const UPGRADE_FROM_4: &str = concat!(
    "ALTER TABLE event RENAME TO event_4;
        DROP INDEX event_edge;
        DROP INDEX event_at;
        DROP INDEX event_correction;
        DROP INDEX event_warning;
        DROP INDEX IF EXISTS event_flood;",
    event!(),
    "INSERT INTO event SELECT * FROM event_4;
        DROP TABLE event_4;",
    audit_tables!(),
    pulse_table!(),
    incident_tables!(),
    incident_mark_of_now!(),
    people_tables!(),
    duty_tables!(),
    life_tables!(),
    "ALTER TABLE warning ADD COLUMN exercise INTEGER;",
    drill_tables!()
);

/// Format 5 told nobody outside.
const UPGRADE_FROM_5: &str = outbox_tables!();

/// Format 6 knew nothing of what was done to devices.
const UPGRADE_FROM_6: &str = maintenance_table!();

/// How far the series has been judged, as on disk.
pub(crate) fn mark(db: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT series_seq FROM mark";
    let mark = db.query_row(sql, [], |row| natural(row, 0)).optional()?;
    Ok(mark.unwrap_or(0))
}

pub(crate) fn put_mark(db: &Connection, mark: u64) -> rusqlite::Result<()> {
    let mut put = db.prepare_cached(
        "INSERT INTO mark (only_row, series_seq) VALUES (1, ?1)
         ON CONFLICT (only_row) DO UPDATE SET series_seq = excluded.series_seq",
    )?;
    put.execute([integer(mark)])?;
    Ok(())
}

/// The number of the newest event.
pub(crate) fn newest_seq(db: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT coalesce(max(seq), 0) FROM event";
    db.query_row(sql, [], |row| natural(row, 0))
}

/// A body as JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Json { source })
}

/// The wire name of a plain enum, as it stands in the body.
pub(crate) fn word<T: Serialize>(value: &T) -> Result<String, StoreError> {
    json(value).map(|quoted| quoted.trim_matches('"').to_owned())
}

/// A body back from JSON.
pub(crate) fn value<T: DeserializeOwned>(
    file: &StoreFile,
    what: &str,
    body: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|why| file.damaged(what.to_owned(), &why))
}
