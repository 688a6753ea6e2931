//! Opening a store file: one owner, the right kind, a known version, durable commits.
//!
//! Must never touch a file that is not ours or that a later Siskin wrote. Write-ahead mode with
//! `synchronous=FULL`: a commit that returned has been fsynced, except a patient writer's, which
//! nobody was told of.

use std::fs::{self, File, TryLockError};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row, TransactionBehavior};

use crate::error::failed;
use crate::{StoreError, journal};

/// How long a statement waits for a program that looks into the file from outside.
const BUSY_MAX: Duration = Duration::from_secs(5);
/// The write-ahead file is cut back to this size once all of it is in the database. Room that is
/// written over again and again makes quick commits; more than this would only lie on the disk.
const JOURNAL_BYTES_KEPT: i64 = 4 << 20;
/// The write-ahead file grows to this at most before a commit moves it into the database.
const JOURNAL_BYTES_MAX: i64 = 64 << 20;
/// Where checkpoints are made aside, a commit makes one itself only when the write-ahead file has
/// grown to this many pages of 4 KiB (the 64 MiB above): nobody made one for long.
const JOURNAL_PAGES_MAX: i64 = JOURNAL_BYTES_MAX / 4096;

/// A kind of store file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// Name in the data folder.
    pub(crate) file_name: &'static str,
    /// Name for people.
    pub(crate) title: &'static str,
    /// SQLite application id.
    pub(crate) application_id: i64,
    /// Format written by this build.
    pub(crate) version: i64,
    /// Makes the tables of that format.
    pub(crate) schema: &'static str,
    /// The step from each earlier format to the one after it; the first is from format 1.
    pub(crate) upgrades: &'static [&'static str],
}

/// An open store file.
#[derive(Debug)]
pub(crate) struct StoreFile {
    path: PathBuf,
    /// Before the others, so that it closes first: the last connection to close moves the journal
    /// into the database file, and one that only reads cannot.
    reader: Mutex<Connection>,
    writer: Mutex<Connection>,
    /// Held by whoever has the writer next: see [`StoreFile::patient_writer`].
    next: Mutex<()>,
    /// Of the one patient writer that may stand in line.
    patient: Mutex<Connection>,
    commits_lost: u64,
    /// Held while the file is open; the kernel lets go of it when the process dies.
    _owner: File,
}

impl StoreFile {
    /// Opens or makes the file of `kind` in `dir`.
    pub(crate) fn open(dir: &Path, kind: &Kind) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(|source| StoreError::Folder {
            act: "make the folder",
            path: dir.to_owned(),
            source,
        })?;
        let path = dir.join(kind.file_name);
        let owner = own(&path)?;
        let commits_lost = commits_lost(&path)?;
        let mut writer = Connection::open(&path).map_err(failed(&path, "open the database"))?;
        prepare(&mut writer, &path, kind)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(&path, flags)
            .and_then(|reader| reader.busy_timeout(BUSY_MAX).map(|()| reader))
            .map_err(failed(&path, "open the database for reading"))?;
        let (writer, reader) = (Mutex::new(writer), Mutex::new(reader));
        let patient = Mutex::new(patient(&path).map_err(failed(&path, "open the database"))?);
        let next = Mutex::new(());
        Ok(Self { path, reader, writer, next, patient, commits_lost, _owner: owner })
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Commits that were acknowledged and lost, because a byte of the write-ahead file is not what
    /// was written: found when the file was opened. They may be in the database all the same, where
    /// a checkpoint had come before.
    pub(crate) fn commits_lost(&self) -> u64 {
        self.commits_lost
    }

    /// The connection that writes.
    pub(crate) fn writer(&self) -> MutexGuard<'_, Connection> {
        let _next = locked(&self.next);
        locked(&self.writer)
    }

    /// The same for work in many short transactions that nobody waits for. A lock goes to whoever
    /// is quick, and that would be the thread that has just let go of it. So there is a place in
    /// line: whoever waits in [`StoreFile::writer`] has it, and a patient writer comes after.
    ///
    /// Its commits are not fsynced, so that nobody waits for that: the next commit of the writer,
    /// or the next checkpoint, does it for them too. A power cut may take the last ones back, in
    /// their order, and never a later one without an earlier one.
    pub(crate) fn patient_writer(&self) -> PatientWriter<'_> {
        let db = locked(&self.patient);
        let _next = locked(&self.next);
        PatientWriter { _turn: locked(&self.writer), db }
    }

    /// From now on [`StoreFile::checkpoint`] is called often enough, and commits need not do it.
    pub(crate) fn checkpoints_aside(&self) -> Result<(), StoreError> {
        let set = self.writer().pragma_update(None, "wal_autocheckpoint", JOURNAL_PAGES_MAX);
        set.map_err(self.failed("set up the database"))
    }

    /// Moves what the write-ahead file has into the database. Neither a commit nor a query waits
    /// for it; what they keep it from moving, the next one moves.
    pub(crate) fn checkpoint(&self) -> Result<(), StoreError> {
        let act = "move the journal into the database";
        let patient = locked(&self.patient);
        patient
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
            .map_err(self.failed(act))
    }

    /// The connection that reads; it sees what has been committed.
    pub(crate) fn reader(&self) -> MutexGuard<'_, Connection> {
        locked(&self.reader)
    }

    /// The same, for those who let go of it between two statements.
    pub(crate) fn reader_lock(&self) -> &Mutex<Connection> {
        &self.reader
    }

    /// For `map_err` of an SQLite call on this file.
    pub(crate) fn failed(&self, act: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
        failed(&self.path, act)
    }

    /// A part of this file is not what was written.
    pub(crate) fn damaged(&self, what: String, why: &impl ToString) -> StoreError {
        StoreError::Damaged { what, path: self.path.clone(), why: why.to_string() }
    }
}

/// A connection of its own, and the turn to write.
#[derive(Debug)]
pub(crate) struct PatientWriter<'a> {
    /// Before the connection, so that the turn is over before the next one comes for it.
    _turn: MutexGuard<'a, Connection>,
    db: MutexGuard<'a, Connection>,
}

impl Deref for PatientWriter<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.db
    }
}

impl DerefMut for PatientWriter<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.db
    }
}

fn patient(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY_MAX)?;
    // Commits wait for no fsync; a checkpoint always does, before and after it moves a page.
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "wal_autocheckpoint", 0)?;
    // Whoever begins the journal anew cuts it back.
    db.pragma_update(None, "journal_size_limit", JOURNAL_BYTES_KEPT)?;
    Ok(db)
}

/// A lock whose holder panicked is taken all the same: an unfinished transaction rolled back with
/// the holder's stack, and refusing every later write would be the greater harm.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An SQLite integer of a number that never reaches 2^63: it counts what happens in a park.
pub(crate) fn integer(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A stored number that is never negative.
pub(crate) fn natural(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let n: i64 = row.get(column)?;
    u64::try_from(n).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, n))
}

/// A store file that nobody else has, without opening it.
#[derive(Debug)]
pub(crate) struct Owned(#[expect(dead_code, reason = "held until it is dropped")] File);

impl Owned {
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        own(path).map(Self)
    }
}

/// One process owns a store file: its memory of what the file holds must be right.
fn own(path: &Path) -> Result<File, StoreError> {
    let lock_path = path.with_extension("db.lock");
    let folder = |source| StoreError::Folder { act: "lock", path: lock_path.clone(), source };
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock_path)
        .map_err(folder)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(folder(source)),
    }
}

/// Looks for damage in the write-ahead file before SQLite passes over it, and keeps a copy.
pub(crate) fn commits_lost(path: &Path) -> Result<u64, StoreError> {
    let journal_path = path.with_extension("db-wal");
    let folder = |act| {
        let path = journal_path.clone();
        move |source| StoreError::Folder { act, path, source }
    };
    let Some(lost) = journal::lost(&journal_path).map_err(folder("read"))? else {
        return Ok(0);
    };
    let kept = path.with_extension("db-wal.damaged");
    fs::copy(&journal_path, &kept).map_err(folder("keep a copy of"))?;
    tracing::error!(
        file = %journal_path.display(),
        frame = lost.frame,
        commits = lost.commits,
        kept = %kept.display(),
        "the journal is damaged; commits after the damage may be lost; \
         hint: check the disk, run `siskin verify`"
    );
    Ok(lost.commits)
}

/// Checks whose file it is before anything is written to it, then sets it up.
fn prepare(db: &mut Connection, path: &Path, kind: &Kind) -> Result<(), StoreError> {
    let read = |db: &Connection, sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0));
    let state = |db: &Connection| {
        Ok((
            read(db, "SELECT count(*) FROM sqlite_master")?,
            read(db, "PRAGMA application_id")?,
            read(db, "PRAGMA user_version")?,
        ))
    };
    db.busy_timeout(BUSY_MAX).map_err(failed(path, "set up the database"))?;
    let (tables, application_id, found) = state(db).map_err(failed(path, "read the format"))?;
    let is_new = tables == 0 && application_id == 0 && found == 0;
    if !is_new && application_id != kind.application_id {
        return Err(StoreError::NotOurs { path: path.to_owned(), kind: kind.title });
    }
    if found > kind.version {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: kind.version });
    }
    if is_new {
        // Only possible before the first table; retention gives pages back by it.
        db.pragma_update(None, "auto_vacuum", "INCREMENTAL")
            .map_err(failed(path, "set up the database"))?;
    }
    db.pragma_update(None, "journal_mode", "WAL")
        .and_then(|()| db.pragma_update(None, "synchronous", "FULL"))
        .and_then(|()| db.pragma_update(None, "journal_size_limit", JOURNAL_BYTES_KEPT))
        .map_err(failed(path, "set up the database"))?;
    if is_new {
        make(db, kind).map_err(failed(path, "make the tables"))?;
    } else if found < kind.version {
        upgrade(db, kind, found).map_err(failed(path, "bring the tables up to date"))?;
        let (file, to) = (path.display(), kind.version);
        tracing::info!(%file, from = found, to, "a store file was upgraded");
    }
    Ok(())
}

/// Tables and version in one transaction: a half-made file cannot come to be.
fn make(db: &mut Connection, kind: &Kind) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(kind.schema)?;
    transaction.pragma_update(None, "application_id", kind.application_id)?;
    transaction.pragma_update(None, "user_version", kind.version)?;
    transaction.commit()
}

/// All steps in one transaction: the file has the old format or the new one, never one between.
fn upgrade(db: &mut Connection, kind: &Kind, found: i64) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (from, step) in (1..).zip(kind.upgrades) {
        if from >= found {
            transaction.execute_batch(step)?;
        }
    }
    transaction.pragma_update(None, "user_version", kind.version)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind {
        file_name: "sample.db",
        title: "samples",
        application_id: 0x5369_7361,
        version: 3,
        schema: "CREATE TABLE sample (n INTEGER) STRICT;",
        upgrades: &["CREATE TABLE sample (n INTEGER) STRICT;", "INSERT INTO sample VALUES (2);"],
    };

    /// Opens after `spoil` had its way with the folder; the error as people see it.
    fn check(spoil: impl FnOnce(&Path), expected: &[&str]) {
        let dir = tempfile::tempdir().unwrap();
        spoil(dir.path());
        let text = StoreFile::open(dir.path(), &KIND).unwrap_err().to_string();
        for part in expected {
            assert!(text.contains(part), "`{part}` is missing in: {text}");
        }
        assert!(text.contains("hint: ") && text.contains("sample.db"), "{text}");
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused() {
        check(
            |dir| {
                let other = Connection::open(dir.join("sample.db")).unwrap();
                other.execute_batch("CREATE TABLE theirs (n)").unwrap();
            },
            &["not one of Siskin's samples"],
        );
        check(
            |dir| fs::write(dir.join("sample.db"), "no database, ".repeat(99)).unwrap(),
            &["damaged", "not a database"],
        );
        check(|dir| fs::create_dir(dir.join("sample.db")).unwrap(), &["cannot open the database"]);
    }

    #[test]
    fn a_newer_format_is_refused_and_left_alone() {
        check(
            |dir| {
                drop(StoreFile::open(dir, &KIND).unwrap());
                let db = Connection::open(dir.join("sample.db")).unwrap();
                db.pragma_update(None, "user_version", 4).unwrap();
            },
            &["format 4", "up to 3"],
        );
    }

    #[test]
    fn an_older_format_is_brought_up_step_by_step() {
        for (found, expected) in [(1, 1), (2, 2)] {
            let dir = tempfile::tempdir().unwrap();
            let old = Connection::open(dir.path().join("sample.db")).unwrap();
            old.pragma_update(None, "application_id", KIND.application_id).unwrap();
            old.pragma_update(None, "user_version", found).unwrap();
            if found == 2 {
                old.execute_batch("CREATE TABLE sample (n INTEGER) STRICT;").unwrap();
                old.execute_batch("INSERT INTO sample VALUES (1)").unwrap();
            }
            drop(old);
            for _again in 0..2 {
                let file = StoreFile::open(dir.path(), &KIND).unwrap();
                let one = |sql: &str| file.reader().query_row(sql, [], |row| row.get::<_, i64>(0));
                assert_eq!(one("SELECT count(*) FROM sample").unwrap(), expected);
                assert_eq!(one("PRAGMA user_version").unwrap(), KIND.version);
            }
        }
    }

    #[test]
    fn a_file_has_one_owner() {
        let dir = tempfile::tempdir().unwrap();
        let first = StoreFile::open(dir.path(), &KIND).unwrap();
        let second = StoreFile::open(dir.path(), &KIND).unwrap_err();
        assert!(matches!(second, StoreError::InUse { .. }), "{second}");
        drop(first);
        StoreFile::open(dir.path(), &KIND).unwrap();
    }

    #[test]
    fn a_closed_file_is_one_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = StoreFile::open(dir.path(), &KIND).unwrap();
        file.writer().execute("INSERT INTO sample VALUES (1)", []).unwrap();
        assert!(dir.path().join("sample.db-wal").exists());
        drop(file);
        assert!(!dir.path().join("sample.db-wal").exists());
    }

    #[test]
    fn a_new_file_says_what_it_is_and_fsyncs_commits() {
        let dir = tempfile::tempdir().unwrap();
        let file = StoreFile::open(dir.path(), &KIND).unwrap();
        let pragma = |name: &str| {
            let sql = format!("PRAGMA {name}");
            let text = |row: &rusqlite::Row<'_>| {
                let value: rusqlite::types::Value = row.get(0)?;
                Ok(format!("{value:?}"))
            };
            file.writer().query_row(&sql, [], text).unwrap()
        };
        assert_eq!(pragma("application_id"), format!("Integer({})", 0x5369_7361));
        assert_eq!(pragma("user_version"), "Integer(3)");
        assert_eq!(pragma("journal_mode"), "Text(\"wal\")");
        assert_eq!(pragma("synchronous"), "Integer(2)");
        assert_eq!(pragma("auto_vacuum"), "Integer(2)");
    }
}
