//! Plain SQLite: a row a reading, in the order of channel and time, a durable commit a second.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, params};
use siskin_model::Reading;

use super::{Minutes, Peer, Row, hundredths};

const SCHEMA: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE reading (channel INTEGER, measured_ms INTEGER, received_ms INTEGER, value REAL,
        quality INTEGER, PRIMARY KEY (channel, measured_ms)) WITHOUT ROWID, STRICT;
    CREATE TABLE channel (channel INTEGER PRIMARY KEY);";

pub(crate) struct Rows {
    db: Connection,
}

impl Rows {
    pub(crate) fn open(folder: &Path) -> Self {
        let db = Connection::open(folder.join("rows.db")).unwrap();
        db.execute_batch(SCHEMA).unwrap();
        Self { db }
    }
}

impl Peer for Rows {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn append(&mut self, readings: &[Reading]) {
        let transaction = self.db.transaction().unwrap();
        let sql = "INSERT INTO reading VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut insert = transaction.prepare_cached(sql).unwrap();
        for reading in readings {
            let (measured, received) = (reading.measured_at, reading.received_at);
            let (channel, quality) = (reading.channel.0, reading.quality.code());
            let stamps = (measured.as_millis(), received.as_millis());
            let row = params![channel, stamps.0, stamps.1, reading.value, quality];
            insert.execute(row).unwrap();
        }
        drop(insert);
        transaction.commit().unwrap();
    }

    fn settle(&mut self, _end_ms: i64) {
        let known = "INSERT INTO channel SELECT DISTINCT channel FROM reading";
        self.db.execute(known, []).unwrap();
        let done = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        let busy = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], done).unwrap();
        assert_eq!(busy, 0);
    }

    fn range(&mut self, channel: u32, from_ms: i64, to_ms: i64) -> Vec<Row> {
        let sql = "SELECT measured_ms, received_ms - measured_ms, value, quality FROM reading
            WHERE channel = ?1 AND measured_ms >= ?2 AND measured_ms < ?3 ORDER BY measured_ms";
        let mut select = self.db.prepare_cached(sql).unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            Ok((row.get(0)?, row.get(1)?, hundredths(row.get(2)?), row.get(3)?))
        };
        let rows = select.query_map(params![channel, from_ms, to_ms], row).unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn minutes(&mut self, channels: &[u32], from_ms: i64, to_ms: i64) -> Minutes {
        let sql = "SELECT measured_ms / 60000 * 60000, max(value) FROM reading
            WHERE channel = ?1 AND measured_ms >= ?2 AND measured_ms < ?3 GROUP BY 1";
        let mut select = self.db.prepare_cached(sql).unwrap();
        let mut minutes = Minutes::new();
        for &channel in channels {
            let row =
                |row: &rusqlite::Row<'_>| Ok(((channel, row.get(0)?), hundredths(row.get(1)?)));
            let rows = select.query_map(params![channel, from_ms, to_ms], row).unwrap();
            minutes.extend(rows.map(Result::unwrap));
        }
        minutes
    }

    fn last(&mut self, _end_ms: i64) -> BTreeMap<u32, i64> {
        let sql = "SELECT channel, (SELECT value FROM reading WHERE
            reading.channel = channel.channel ORDER BY measured_ms DESC LIMIT 1) FROM channel";
        let mut select = self.db.prepare_cached(sql).unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, hundredths(row.get(1)?)));
        select.query_map([], row).unwrap().map(Result::unwrap).collect()
    }

    fn file_name(&self) -> Option<&'static str> {
        Some("rows.db")
    }

    fn end(self: Box<Self>) {}
}
