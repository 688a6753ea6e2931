//! The tables of `ledger.db`, its mark, and how rows become values.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::file::{Kind, StoreFile, integer, natural};

pub(crate) const KIND: Kind = Kind {
    file_name: "ledger.db",
    title: "ledger",
    application_id: 0x5369_4c65,
    version: 1,
    schema: "
        CREATE TABLE event (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            recorded_at INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('alarm', 'warning')),
            change TEXT NOT NULL,
            at INTEGER NOT NULL,
            rule TEXT,
            channel TEXT,
            warning TEXT,
            body TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX event_alarm ON event (rule, channel, at, change)
            WHERE kind = 'alarm';
        CREATE INDEX event_warning ON event (warning, seq) WHERE kind = 'warning';
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
            body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX warning_raised ON warning (raised_at);
        CREATE INDEX warning_open ON warning (raised_at) WHERE is_open = 1;
        CREATE TABLE mark (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            series_seq INTEGER NOT NULL
        ) STRICT;",
};

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
