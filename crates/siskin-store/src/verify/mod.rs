//! Looks through the stores of a data folder and names what is damaged (`siskin verify`), and
//! makes a sound file of what can be read of a damaged one ([`repair`]).
//!
//! Looking is done beside a running station, in one read transaction for each file. It must never
//! write, hold a lock that keeps a station from starting, or call something sound that it could
//! not read. The audit is compared with its checkpoints, and the events with them too
//! ([`crate::ledger::AuditReader`]). What it cannot see: bytes of the ledger's other texts that
//! were changed into other texts (alarms and warnings as they stand, versions of rules: what they
//! follow from is covered), and an order of parts or a `seq_max` that is another one.

mod repair;
pub(crate) mod walk;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use siskin_model::Timestamp;

use crate::StoreError;
use crate::error::failed;
use crate::file::{Kind, natural};
use crate::journal;
use crate::ledger::{AuditChecked, AuditReader, AuditWitness};

pub use self::repair::{Repaired, repair};

/// Damage that is listed; what is beyond it is counted.
pub const DAMAGE_LISTED_MAX: usize = 1000;
/// Lines that SQLite gives of what is wrong with its pages.
const PAGE_LINES_MAX: u32 = 100;
/// How long a statement waits for the station's checkpoint.
const BUSY_MAX: Duration = Duration::from_secs(5);

/// Where something is damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Pages or indexes of the database, or its tables.
    Database,
    /// The write-ahead file: so many acknowledged commits may be lost.
    Journal(u64),
    /// A batch of readings that were not packed yet.
    Batch(u64),
    /// An hour of a channel.
    Hour {
        /// The channel's id, or its row where the id cannot be read.
        channel: String,
        /// Where the hour begins, UTC.
        begin: Timestamp,
        /// Which part of the hour.
        part: i64,
    },
    /// A packed day of a channel.
    Day {
        /// The channel's id, or its row where the id cannot be read.
        channel: String,
        /// Where the day begins, UTC.
        begin: Timestamp,
    },
    /// A row of a table.
    Row {
        /// The table.
        table: String,
        /// Its number in the table.
        number: i64,
    },
    /// The ledger's mark is beyond the newest batch of the series.
    Mark,
}

/// One thing that is damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Where.
    pub place: Place,
    /// What is wrong, in the words of whoever found it.
    pub why: String,
    /// How many readings it held, where that is known.
    pub readings: Option<u64>,
}

/// What was found in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckedFile {
    /// Its name in the folder.
    pub name: String,
    /// Its format.
    pub format: i64,
    /// Rows by table.
    pub rows: Vec<(String, u64)>,
    /// Readings that could be read.
    pub readings: u64,
    /// The first of what is damaged.
    pub damage: Vec<Damage>,
    /// How much is damaged.
    pub damage_count: u64,
}

impl CheckedFile {
    pub(crate) fn tell(&mut self, place: Place, why: impl Into<String>, readings: Option<u64>) {
        self.damage_count += 1;
        if self.damage.len() < DAMAGE_LISTED_MAX {
            self.damage.push(Damage { place, why: why.into(), readings });
        }
    }
}

/// What was found in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// The files, as they were looked at.
    pub files: Vec<CheckedFile>,
    /// The audit; none where the ledger has none, or is too damaged to tell.
    pub audit: Option<AuditChecked>,
}

impl Checked {
    /// Nothing is damaged.
    pub fn is_clean(&self) -> bool {
        self.files.iter().all(|file| file.damage_count == 0)
            && self.audit.as_ref().is_none_or(AuditChecked::is_clean)
    }
}

/// Looks through `ledger.db` and `series.db` in `dir`. An error means that it could not look.
pub fn verify(dir: &Path) -> Result<Checked, StoreError> {
    // The ledger first: what it has judged by then is in the series by then.
    let (ledger, mark) = look(dir, &crate::ledger::KIND, crate::ledger::look::look)?;
    let (mut series, newest) = look(dir, &crate::series::KIND, crate::series::look::look)?;
    if let (Some(mark), Some(newest)) = (mark, newest)
        && mark > newest
    {
        let why = format!("it says that batch {mark} was judged, the newest batch is {newest}");
        series.tell(Place::Mark, why, None);
    }
    let audit = audit(dir, &ledger)?;
    Ok(Checked { files: vec![ledger, series], audit })
}

/// Of a ledger that is damaged or of an old format there is nothing to tell of the audit.
fn audit(dir: &Path, ledger: &CheckedFile) -> Result<Option<AuditChecked>, StoreError> {
    let looked = AuditReader::open(dir).and_then(|audit| audit.check(&AuditWitness::default()));
    match looked {
        Ok(checked) => Ok(Some(checked)),
        Err(_) if ledger.damage_count > 0 || ledger.format < crate::ledger::KIND.version => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Looks at one file with what is common to all, then with `more`, which gives its newest number.
fn look(
    dir: &Path,
    kind: &Kind,
    more: fn(&Connection, &mut CheckedFile) -> rusqlite::Result<u64>,
) -> Result<(CheckedFile, Option<u64>), StoreError> {
    let path = dir.join(kind.file_name);
    let mut file = CheckedFile { name: kind.file_name.to_owned(), ..CheckedFile::default() };
    if !path.is_file() {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(StoreError::Folder { act: "read", path, source });
    }
    look_at_journal(&path, &mut file)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(&path, flags)
        .and_then(|db| db.busy_timeout(BUSY_MAX).map(|()| db))
        .map_err(failed(&path, "open the database for reading"))?;
    match look_inside(&db, kind, &path, &mut file) {
        Ok(true) => {}
        Ok(false) => return Ok((file, None)),
        Err(error) => return Err(error),
    }
    let newest = told(more(&db, &mut file), &mut file, &path)?;
    Ok((file, newest))
}

/// Whether the file is one that can be looked at further.
fn look_inside(
    db: &Connection,
    kind: &Kind,
    path: &Path,
    file: &mut CheckedFile,
) -> Result<bool, StoreError> {
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0));
    if told(db.execute_batch("BEGIN"), file, path)?.is_none() {
        return Ok(false);
    }
    let Some(id) = told(number("PRAGMA application_id"), file, path)? else { return Ok(false) };
    let Some(format) = told(number("PRAGMA user_version"), file, path)? else { return Ok(false) };
    file.format = format;
    if id != kind.application_id {
        file.tell(Place::Database, format!("its kind is {id:#x}, not Siskin's"), None);
    }
    if format > kind.version {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found: format,
            known: kind.version,
        });
    }
    if format < 1 {
        file.tell(Place::Database, format!("its format is {format}"), None);
    }
    let lines = told(page_lines(db), file, path)?.unwrap_or_default();
    for line in lines {
        file.tell(Place::Database, line, None);
    }
    Ok(true)
}

/// What SQLite finds wrong with pages and indexes.
fn page_lines(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut select = db.prepare(&format!("PRAGMA integrity_check({PAGE_LINES_MAX})"))?;
    let lines = select.query_map([], |row| row.get::<_, String>(0))?;
    let lines = lines.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

/// The value; none where the file is damaged, which is told. Errors of the world stay errors.
fn told<T>(
    result: rusqlite::Result<T>,
    file: &mut CheckedFile,
    path: &Path,
) -> Result<Option<T>, StoreError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_of_the_file(&error) => {
            file.tell(Place::Database, error.to_string(), None);
            Ok(None)
        }
        Err(error) => Err(failed(path, "look through the database")(error)),
    }
}

/// Whether an error comes from what is in the file, and not from who may read it when.
fn is_of_the_file(error: &rusqlite::Error) -> bool {
    !matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory
                | ErrorCode::DiskFull
        )
    )
}

/// Only while no station has the file: of one that is written to, it would be a false word.
fn look_at_journal(path: &Path, file: &mut CheckedFile) -> Result<(), StoreError> {
    let Ok(lock) = File::open(path.with_extension("db.lock")) else {
        return read_journal(path, file);
    };
    match lock.try_lock_shared() {
        Ok(()) => read_journal(path, file),
        Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(source)) => {
            Err(StoreError::Folder { act: "lock", path: path.to_owned(), source })
        }
    }
}

fn read_journal(path: &Path, file: &mut CheckedFile) -> Result<(), StoreError> {
    let journal = path.with_extension("db-wal");
    let lost = journal::lost(&journal).map_err(|source| StoreError::Folder {
        act: "read",
        path: journal,
        source,
    })?;
    if let Some(lost) = lost {
        let why = format!("the checksum of its frame {} is wrong", lost.frame);
        file.tell(Place::Journal(lost.commits), why, None);
    }
    Ok(())
}

/// A table as this build makes it.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) has_rowid: bool,
    pub(crate) columns: Vec<String>,
}

/// The tables of a kind, by an empty file in memory.
fn tables_of(kind: &Kind) -> rusqlite::Result<Vec<Table>> {
    let db = Connection::open_in_memory()?;
    db.execute_batch(kind.schema)?;
    tables_in(&db)
}

fn tables_in(db: &Connection) -> rusqlite::Result<Vec<Table>> {
    let sql = "SELECT name, wr FROM pragma_table_list
               WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'
               ORDER BY name";
    let mut select = db.prepare(sql)?;
    let found =
        select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)))?;
    let mut tables = Vec::new();
    for table in found {
        let (name, wr) = table?;
        let mut select = db.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
        let columns = select.query_map([&name], |row| row.get(0))?;
        let columns = columns.collect::<rusqlite::Result<_>>()?;
        tables.push(Table { name, has_rowid: !wr, columns });
    }
    Ok(tables)
}

/// Tells tables and columns that are missing; gives the tables that can be read.
pub(crate) fn compare_tables(
    db: &Connection,
    kind: &Kind,
    file: &mut CheckedFile,
) -> rusqlite::Result<Vec<Table>> {
    let found = tables_in(db)?;
    if file.format == kind.version {
        for expected in tables_of(kind)? {
            let there = found.iter().find(|table| table.name == expected.name);
            let missing = |column: &&String| there.is_none_or(|t| !t.columns.contains(column));
            if let Some(column) = expected.columns.iter().find(missing) {
                let why = format!("table `{}` has no column `{column}`", expected.name);
                file.tell(Place::Database, why, None);
            }
        }
    }
    Ok(found)
}

/// The one number that a statement gives.
pub(crate) fn one_number(db: &Connection, sql: &str) -> rusqlite::Result<u64> {
    db.query_row(sql, [], |row| natural(row, 0))
}

/// The audit as `siskin verify` sees it.
#[cfg(test)]
pub(crate) fn audit_of(dir: &Path) -> AuditChecked {
    let (ledger, _) = look(dir, &crate::ledger::KIND, crate::ledger::look::look).unwrap();
    audit(dir, &ledger).unwrap().unwrap()
}

#[cfg(test)]
mod tests;
