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
    version: 2,
    schema: "
        CREATE TABLE target (
            name TEXT PRIMARY KEY,
            address TEXT NOT NULL,
            seq INTEGER NOT NULL,
            arrival INTEGER NOT NULL,
            event_seq INTEGER NOT NULL,
            refused INTEGER NOT NULL DEFAULT 0,
            received_at INTEGER,
            written_at INTEGER
        ) STRICT;
        CREATE TABLE refused (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            target TEXT NOT NULL REFERENCES target (name),
            at INTEGER NOT NULL,
            line TEXT NOT NULL,
            reason TEXT NOT NULL
        ) STRICT;
        CREATE INDEX refused_target ON refused (target);
        CREATE TABLE missed (
            target TEXT NOT NULL REFERENCES target (name),
            day INTEGER NOT NULL,
            PRIMARY KEY (target, day)
        ) STRICT, WITHOUT ROWID;",
    // Format 1 did not know when a target was last written to, nor what it missed.
    upgrades: &["
        ALTER TABLE target ADD COLUMN received_at INTEGER;
        ALTER TABLE target ADD COLUMN written_at INTEGER;
        CREATE TABLE missed (
            target TEXT NOT NULL REFERENCES target (name),
            day INTEGER NOT NULL,
            PRIMARY KEY (target, day)
        ) STRICT, WITHOUT ROWID;"],
};

const ACT: &str = "keep the book of a mirror";

/// How far a target has come, in the series and in the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MirrorCursor {
    /// In the series.
    pub series: FollowCursor,
    /// The newest event of the ledger that it has.
    pub event_seq: u64,
    /// Received-at of the newest reading it had when it last had all of them.
    pub received_at: Option<Timestamp>,
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
            let sql = "SELECT seq, arrival, event_seq, received_at FROM target
                       WHERE name = ?1 AND address = ?2";
            let cursor = |row: &rusqlite::Row<'_>| {
                let series = FollowCursor { seq: natural(row, 0)?, arrival: natural(row, 1)? };
                let received_at = row.get::<_, Option<i64>>(3)?.map(Timestamp::from_millis);
                Ok(MirrorCursor { series, event_seq: natural(row, 2)?, received_at })
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
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO target (name, address, seq, arrival, event_seq, written_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (name) DO UPDATE SET address = ?2, seq = ?3, arrival = ?4,
                   event_seq = ?5, received_at = NULL, written_at = ?6";
        let (seq, arrival) = (integer(cursor.series.seq), integer(cursor.series.arrival));
        let event_seq = integer(cursor.event_seq);
        let mut writer = self.file.writer();
        let mut write = || {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let values = params![name, address, seq, arrival, event_seq, now.as_millis()];
            transaction.execute(sql, values)?;
            transaction.execute("DELETE FROM missed WHERE target = ?1", [name])?;
            transaction.commit()
        };
        write().map_err(self.file.failed(ACT))
    }

    /// When the target last took something, or was begun with; `now` where nobody knows.
    pub(crate) fn written_at(&self, name: &str, now: Timestamp) -> Result<Timestamp, StoreError> {
        let sql = "UPDATE target SET written_at = coalesce(written_at, ?2) WHERE name = ?1
                   RETURNING written_at";
        let values = params![name, now.as_millis()];
        let written = self.file.writer().query_row(sql, values, |row| row.get(0)).optional();
        let written = written.map_err(self.file.failed(ACT))?;
        Ok(written.map_or(now, Timestamp::from_millis))
    }

    /// Readings of these days (UTC, since 1970) were deleted before the target had them.
    pub(crate) fn miss(&self, name: &str, days: &[i64]) -> Result<(), StoreError> {
        let mut writer = self.file.writer();
        let mut write = || {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let sql = "INSERT OR IGNORE INTO missed (target, day) VALUES (?1, ?2)";
            for day in days {
                transaction.execute(sql, params![name, day])?;
            }
            transaction.commit()
        };
        write().map_err(self.file.failed(ACT))
    }

    /// Of how many days a target has not got all readings and never will.
    pub(crate) fn missed_days(&self, name: &str) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM missed WHERE target = ?1";
        let read = self.file.reader().query_row(sql, [name], |row| natural(row, 0));
        read.map_err(self.file.failed(ACT))
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
                "UPDATE target SET seq = ?2, arrival = ?3, event_seq = ?4, refused = refused + ?5,
                 received_at = ?6, written_at = ?7 WHERE name = ?1",
                params![
                    name,
                    seq,
                    arrival,
                    integer(cursor.event_seq),
                    more,
                    cursor.received_at.map(Timestamp::as_millis),
                    now.as_millis()
                ],
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

    const NOW: Timestamp = Timestamp::from_millis(9);

    #[test]
    fn cursors_are_kept_and_another_address_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let series = FollowCursor { seq: 7, arrival: 3 };
        let received_at = Some(Timestamp::from_millis(5));
        let cursor = MirrorCursor { series, event_seq: 2, received_at };
        {
            let book = MirrorBook::open(dir.path()).unwrap();
            assert_eq!(book.cursor("a", "x").unwrap(), None);
            book.begin("a", "x", MirrorCursor::default(), NOW).unwrap();
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
        book.begin("a", "x", MirrorCursor::default(), NOW).unwrap();
        let line = RefusedLine { line: "bad".to_owned(), reason: "why".to_owned() };
        let many = vec![line.clone(); 6_000];
        for _ in 0..2 {
            let now = Timestamp::from_millis(1);
            book.advance("a", MirrorCursor::default(), &many, now).unwrap();
        }
        assert_eq!(book.refused("a").unwrap(), (12_000, REFUSED_KEPT_MAX));
        assert_eq!(book.refused_lines("a", 1).unwrap(), [line]);
    }

    #[test]
    fn days_that_were_missed_are_counted_once_and_begin_anew_with_the_target() {
        let dir = tempfile::tempdir().unwrap();
        let book = MirrorBook::open(dir.path()).unwrap();
        book.begin("a", "x", MirrorCursor::default(), NOW).unwrap();
        book.miss("a", &[1, 2, 2]).unwrap();
        book.miss("a", &[2, 3]).unwrap();
        assert_eq!((book.missed_days("a").unwrap(), book.missed_days("b").unwrap()), (3, 0));
        book.begin("a", "y", MirrorCursor::default(), NOW).unwrap();
        assert_eq!(book.missed_days("a").unwrap(), 0);
    }

    #[test]
    fn a_book_of_format_1_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let db = Connection::open(dir.path().join("mirror.db")).unwrap();
        db.execute_batch(
            "CREATE TABLE target (name TEXT PRIMARY KEY, address TEXT NOT NULL,
                 seq INTEGER NOT NULL, arrival INTEGER NOT NULL, event_seq INTEGER NOT NULL,
                 refused INTEGER NOT NULL DEFAULT 0) STRICT;
             CREATE TABLE refused (id INTEGER PRIMARY KEY AUTOINCREMENT,
                 target TEXT NOT NULL REFERENCES target (name), at INTEGER NOT NULL,
                 line TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
             CREATE INDEX refused_target ON refused (target);
             INSERT INTO target VALUES ('a', 'x', 7, 3, 2, 1);
             PRAGMA user_version = 1;",
        )
        .unwrap();
        db.pragma_update(None, "application_id", KIND.application_id).unwrap();
        drop(db);
        let book = MirrorBook::open(dir.path()).unwrap();
        let series = FollowCursor { seq: 7, arrival: 3 };
        let kept = MirrorCursor { series, event_seq: 2, received_at: None };
        assert_eq!(book.cursor("a", "x").unwrap(), Some(kept));
        // Its time away is counted from the first start that knows of it.
        assert_eq!(book.written_at("a", NOW).unwrap(), NOW);
        assert_eq!(book.written_at("a", Timestamp::from_millis(99)).unwrap(), NOW);
    }
}
