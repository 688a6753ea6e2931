//! `mirror.db`: how far each target has come, and the lines that it refused.
//!
//! Must never write a cursor before the target has accepted everything up to it: whoever follows
//! from the cursor after a crash must miss nothing.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use siskin_model::Timestamp;

use crate::StoreError;
use crate::file::{Kind, StoreFile, integer, natural};
use crate::series::FollowCursor;

/// Refused lines of each target that are kept for people to look at. Further ones are counted.
pub const REFUSED_KEPT_MAX: u64 = 10_000;

const KIND: Kind = Kind {
    file_name: "mirror.db",
    title: "mirror books",
    application_id: 0x5369_4d69,
    version: 1,
    schema: "
        CREATE TABLE target (
            name TEXT PRIMARY KEY,
            address TEXT NOT NULL,
            seq INTEGER NOT NULL,
            arrival INTEGER NOT NULL,
            event_seq INTEGER NOT NULL,
            refused INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE refused (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            target TEXT NOT NULL REFERENCES target (name),
            at INTEGER NOT NULL,
            line TEXT NOT NULL,
            reason TEXT NOT NULL
        ) STRICT;
        CREATE INDEX refused_target ON refused (target);",
    upgrades: &[],
};

const ACT: &str = "keep the book of a mirror";

/// How far a target has come, in the series and in the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MirrorCursor {
    /// In the series.
    pub series: FollowCursor,
    /// The newest event of the ledger that it has.
    pub event_seq: u64,
}

/// A line that a target did not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedLine {
    /// The line.
    pub line: String,
    /// The target's words.
    pub reason: String,
}

/// The book of all targets of a station.
#[derive(Debug)]
pub struct MirrorBook {
    file: StoreFile,
}

impl MirrorBook {
    /// Opens or makes `mirror.db` in `dir`.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Ok(Self { file: StoreFile::open(dir, &KIND)? })
    }

    /// Where `name` has come to at `address`. None where it was never written to: a name that now
    /// stands for another address begins anew.
    pub(crate) fn cursor(
        &self,
        name: &str,
        address: &str,
    ) -> Result<Option<MirrorCursor>, StoreError> {
        let read = |db: &Connection| {
            let sql = "SELECT seq, arrival, event_seq FROM target WHERE name = ?1 AND address = ?2";
            let cursor = |row: &rusqlite::Row<'_>| {
                let series = FollowCursor { seq: natural(row, 0)?, arrival: natural(row, 1)? };
                Ok(MirrorCursor { series, event_seq: natural(row, 2)? })
            };
            db.query_row(sql, [name, address], cursor).optional()
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT))
    }

    /// Puts a target where it begins.
    pub(crate) fn begin(
        &self,
        name: &str,
        address: &str,
        cursor: MirrorCursor,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO target (name, address, seq, arrival, event_seq)
                   VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (name) DO UPDATE SET address = ?2, seq = ?3, arrival = ?4,
                   event_seq = ?5";
        let (seq, arrival) = (integer(cursor.series.seq), integer(cursor.series.arrival));
        let values = params![name, address, seq, arrival, integer(cursor.event_seq)];
        let writer = self.file.writer();
        writer.execute(sql, values).map(|_| ()).map_err(self.file.failed(ACT))
    }

    /// Everything up to `cursor` was accepted but for `refused`. Durable when it returns.
    pub(crate) fn advance(
        &self,
        name: &str,
        cursor: MirrorCursor,
        refused: &[RefusedLine],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writer = self.file.writer();
        let mut write = || {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let (seq, arrival) = (integer(cursor.series.seq), integer(cursor.series.arrival));
            let more = integer(refused.len() as u64);
            transaction.execute(
                "UPDATE target SET seq = ?2, arrival = ?3, event_seq = ?4, refused = refused + ?5
                 WHERE name = ?1",
                params![name, seq, arrival, integer(cursor.event_seq), more],
            )?;
            let room = REFUSED_KEPT_MAX.saturating_sub(kept(&transaction, name)?);
            for one in refused.iter().take(usize::try_from(room).unwrap_or(usize::MAX)) {
                transaction.execute(
                    "INSERT INTO refused (target, at, line, reason) VALUES (?1, ?2, ?3, ?4)",
                    params![name, now.as_millis(), one.line, one.reason],
                )?;
            }
            transaction.commit()
        };
        write().map_err(self.file.failed(ACT))
    }

    /// How many lines a target refused, and how many of them are kept.
    pub(crate) fn refused(&self, name: &str) -> Result<(u64, u64), StoreError> {
        let read = |db: &Connection| {
            let sql = "SELECT refused FROM target WHERE name = ?1";
            let all = db.query_row(sql, [name], |row| natural(row, 0)).optional()?;
            Ok((all.unwrap_or(0), kept(db, name)?))
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT))
    }

    /// The refused lines of a target that are kept, oldest first.
    pub fn refused_lines(&self, name: &str, limit: usize) -> Result<Vec<RefusedLine>, StoreError> {
        let read = |db: &Connection| {
            let sql = "SELECT line, reason FROM refused WHERE target = ?1 ORDER BY id LIMIT ?2";
            let mut select = db.prepare(sql)?;
            let line = |row: &rusqlite::Row<'_>| {
                Ok(RefusedLine { line: row.get(0)?, reason: row.get(1)? })
            };
            let values = params![name, integer(limit as u64)];
            select.query_map(values, line)?.collect::<rusqlite::Result<_>>()
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT))
    }
}

fn kept(db: &Connection, name: &str) -> rusqlite::Result<u64> {
    db.query_row("SELECT count(*) FROM refused WHERE target = ?1", [name], |row| natural(row, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_kept_and_another_address_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let cursor = MirrorCursor { series: FollowCursor { seq: 7, arrival: 3 }, event_seq: 2 };
        {
            let book = MirrorBook::open(dir.path()).unwrap();
            assert_eq!(book.cursor("a", "x").unwrap(), None);
            book.begin("a", "x", MirrorCursor::default()).unwrap();
            book.advance("a", cursor, &[], Timestamp::from_millis(0)).unwrap();
        }
        let book = MirrorBook::open(dir.path()).unwrap();
        assert_eq!(book.cursor("a", "x").unwrap(), Some(cursor));
        assert_eq!(book.cursor("a", "y").unwrap(), None);
    }

    #[test]
    fn refused_lines_are_kept_up_to_the_limit_and_all_counted() {
        let dir = tempfile::tempdir().unwrap();
        let book = MirrorBook::open(dir.path()).unwrap();
        book.begin("a", "x", MirrorCursor::default()).unwrap();
        let line = RefusedLine { line: "bad".to_owned(), reason: "why".to_owned() };
        let many = vec![line.clone(); 6_000];
        for _ in 0..2 {
            let now = Timestamp::from_millis(1);
            book.advance("a", MirrorCursor::default(), &many, now).unwrap();
        }
        assert_eq!(book.refused("a").unwrap(), (12_000, REFUSED_KEPT_MAX));
        assert_eq!(book.refused_lines("a", 1).unwrap(), [line]);
    }
}
