//! Makes a sound file of all rows that can be read of a damaged one.
//!
//! The rows go into a new file, which takes the old one's place in one rename; the old one is kept
//! whole beside it, as `series.db.damaged-N` and so on. Nothing is ever deleted. Must never run
//! while a station has the file, and never leave a folder without its file.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, params_from_iter};

use super::walk::{self, Step};
use super::{CheckedFile, Table, tables_in, tables_of};
use crate::error::failed;
use crate::file::{Kind, Owned, commits_lost, integer, natural};
use crate::series::look as series;
use crate::{StoreError, ledger};

/// Files of one name that are kept beside; beyond it the disk is what has to be looked at.
const KEPT_MAX: u32 = 1000;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The file.
    pub name: String,
    /// Where the damaged one is kept.
    pub kept: PathBuf,
    /// Rows in the new file.
    pub rows: u64,
    /// Rows that could be read in part or not at all; the old file has what there is of them.
    pub rows_left: u64,
}

/// Repairs the files of `damaged` in `dir`. Numbers of batches go on above what was judged before:
/// a batch with an old number would never be judged.
pub fn repair(dir: &Path, damaged: &[CheckedFile]) -> Result<Vec<Repaired>, StoreError> {
    let kinds = [&ledger::KIND, &crate::series::KIND];
    let owned: Vec<_> = kinds.iter().map(|kind| Owned::take(&dir.join(kind.file_name))).collect();
    let _owned: Vec<_> = owned.into_iter().collect::<Result<_, _>>()?;
    let mut repaired = Vec::new();
    for kind in kinds {
        let is_damaged = |file: &&CheckedFile| file.name == kind.file_name && file.damage_count > 0;
        if damaged.iter().any(|file| is_damaged(&file)) {
            repaired.push(one(dir, kind)?);
        }
    }
    Ok(repaired)
}

fn one(dir: &Path, kind: &Kind) -> Result<Repaired, StoreError> {
    let path = dir.join(kind.file_name);
    let act = "read the damaged database";
    // What a damaged journal has behind its damage is kept in a file of its own.
    commits_lost(&path)?;
    let old = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map_err(failed(&path, act))?;
    let format: i64 =
        old.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed(&path, act))?;
    if format != kind.version {
        return Err(StoreError::Damaged {
            what: "the format number".to_owned(),
            path,
            why: format!("it is {format}, only files of format {} are repaired", kind.version),
        });
    }
    let new_path = dir.join(format!("{}.new", kind.file_name));
    for end in ["new", "new-wal", "new-shm"] {
        remove(&path.with_extension(format!("db.{end}")))?;
    }
    let (rows, rows_left) = copied(&old, &new_path, kind, dir)?;
    let kept = kept(dir, kind.file_name)?;
    // The journal's rows are in the new file; for the old one they are moved into it, so that
    // no journal is left that would be taken for the new file's.
    old.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(failed(&path, "move the journal into the database"))?;
    drop(old);
    put_in_place(&path, &new_path, &kept)?;
    Ok(Repaired { name: kind.file_name.to_owned(), kept, rows, rows_left })
}

fn folder(act: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Folder { act, path, source }
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(folder("remove what an earlier repair left at", path)(error))
        }
        _ => Ok(()),
    }
}

/// A name beside the file that is free.
fn kept(dir: &Path, name: &str) -> Result<PathBuf, StoreError> {
    let mut names = (1..=KEPT_MAX).map(|n| dir.join(format!("{name}.damaged-{n}")));
    let free = names.find(|path| !path.exists());
    free.ok_or_else(|| {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        folder("keep a further damaged file in", dir)(source)
    })
}

/// The old file gets a second name, then the new one takes its first: at no moment is there none.
fn put_in_place(path: &Path, new: &Path, kept: &Path) -> Result<(), StoreError> {
    fs::hard_link(path, kept).map_err(folder("keep the damaged file as", kept))?;
    for end in ["db-wal", "db-shm"] {
        let beside = path.with_extension(end);
        if fs::metadata(&beside).is_ok_and(|about| about.len() == 0 || end == "db-shm") {
            remove(&beside)?;
        } else if beside.exists() {
            let to = PathBuf::from(format!("{}-{}", kept.display(), &end[3..]));
            fs::rename(&beside, &to).map_err(folder("keep the journal as", &to))?;
        }
    }
    fs::rename(new, path).map_err(folder("put the new file in place of", path))?;
    let dir = path.parent().unwrap_or(Path::new("."));
    let synced = fs::File::open(dir).and_then(|dir| dir.sync_all());
    synced.map_err(folder("write to disk the folder", dir))
}

/// Copies what can be read; gives rows copied and left.
fn copied(
    old: &Connection,
    path: &Path,
    kind: &Kind,
    dir: &Path,
) -> Result<(u64, u64), StoreError> {
    let act = "write the new database";
    let new = Connection::open(path).map_err(failed(path, act))?;
    let write = || -> rusqlite::Result<(u64, u64)> {
        // Tables come in no order of who refers to whom; rows are looked at one by one.
        new.pragma_update(None, "foreign_keys", false)?;
        new.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        new.pragma_update(None, "journal_mode", "WAL")?;
        new.execute_batch("BEGIN IMMEDIATE")?;
        new.execute_batch(kind.schema)?;
        new.pragma_update(None, "application_id", kind.application_id)?;
        new.pragma_update(None, "user_version", kind.version)?;
        let mut count = (0, 0);
        let there = tables_in(old)?;
        let names = names(old, &there, kind)?;
        for table in tables_of(kind)? {
            if let Some(of_old) = there.iter().find(|t| t.name == table.name) {
                copy_table(old, &new, of_old, &names, &mut count)?;
            }
        }
        Ok(count)
    };
    let count = write().map_err(failed(path, act))?;
    let finish = || -> rusqlite::Result<()> {
        keep_numbers(old, &new, kind, dir)?;
        new.execute_batch("COMMIT")?;
        new.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    };
    finish().map_err(failed(path, act))?;
    new.close().map_err(|(_, error)| failed(path, act)(error))?;
    let synced = fs::File::open(path).and_then(|file| file.sync_all());
    synced.map_err(folder("write to disk", path))?;
    Ok(count)
}

fn names(old: &Connection, tables: &[Table], kind: &Kind) -> rusqlite::Result<series::Names> {
    if kind.file_name != crate::series::KIND.file_name {
        return Ok(series::Names::new());
    }
    series::names(old, tables, &mut CheckedFile::default())
}

fn copy_table(
    old: &Connection,
    new: &Connection,
    table: &Table,
    names: &series::Names,
    (copied, left): &mut (u64, u64),
) -> rusqlite::Result<()> {
    let columns = table.columns.join(", ");
    let marks = vec!["?"; table.columns.len()].join(", ");
    let sql = format!("INSERT OR REPLACE INTO {} ({columns}) VALUES ({marks})", table.name);
    let mut put = new.prepare(&sql)?;
    walk::rows(old, table, &mut |step| {
        let Step::Row(_, row) = step else {
            *left += 1;
            return Ok(());
        };
        if !is_sound(&table.name, row, names) {
            *left += 1;
            return put_aside(new, &table.name, row);
        }
        let values = (1..=table.columns.len()).map(|place| row.get::<_, Value>(place));
        let values: Vec<Value> = values.collect::<Result<_, _>>()?;
        match put.execute(params_from_iter(values)) {
            Ok(_) => *copied += 1,
            // A constraint of the table says that the row is not one of ours.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                *left += 1;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    })
}

fn is_sound(table: &str, row: &Row<'_>, names: &series::Names) -> bool {
    series::sound(table, row, names).is_ok() && ledger::look::sound(table, row).is_ok()
}

/// A damaged batch stays in the file, where the station counts it.
fn put_aside(new: &Connection, table: &str, row: &Row<'_>) -> rusqlite::Result<()> {
    if let ("batch", Ok(seq), Ok(body)) =
        (table, row.get::<_, i64>("seq"), row.get::<_, Vec<u8>>("body"))
    {
        let sql = "INSERT OR REPLACE INTO damaged (seq, body) VALUES (?1, ?2)";
        new.execute(sql, (seq, body))?;
    }
    Ok(())
}

/// Numbers go on where they were: one that is given twice would be taken for done.
fn keep_numbers(
    old: &Connection,
    new: &Connection,
    kind: &Kind,
    dir: &Path,
) -> rusqlite::Result<()> {
    if kind.file_name != crate::series::KIND.file_name {
        let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event'";
        let newest = old.query_row(sql, [], |row| row.get(0)).unwrap_or(0);
        return raise_sequence(new, "event", newest);
    }
    close_gaps(new)?;
    let newest = old
        .query_row("SELECT seq FROM sqlite_sequence WHERE name = 'batch'", [], |row| row.get(0))
        .unwrap_or(0);
    raise_sequence(new, "batch", newest.max(integer(judged(dir))))?;
    new.execute_batch(
        "INSERT OR IGNORE INTO arrival (only_row, newest) VALUES (1, 0);
         UPDATE arrival SET newest =
            max(newest, (SELECT coalesce(max(arrival), 0) FROM chunk),
                (SELECT coalesce(max(arrival), 0) FROM day_chunk));",
    )
}

/// Parts that are left out leave no gap in their numbers; their order stays.
fn close_gaps(new: &Connection) -> rusqlite::Result<()> {
    let sql = "SELECT channel, hour FROM chunk GROUP BY channel, hour
               HAVING max(part) + 1 <> count(*) OR min(part) <> 0";
    let mut select = new.prepare(sql)?;
    let hours = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let hours: Vec<(i64, i64)> = hours.collect::<Result<_, _>>()?;
    let sql = "SELECT rowid FROM chunk WHERE channel = ?1 AND hour = ?2 ORDER BY part";
    let mut select = new.prepare(sql)?;
    for hour in hours {
        let rows = select.query_map(hour, |row| row.get(0))?;
        let rows: Vec<i64> = rows.collect::<Result<_, _>>()?;
        for (part, row) in (0i64..).zip(rows) {
            new.execute("UPDATE chunk SET part = ?1 WHERE rowid = ?2", (part, row))?;
        }
    }
    Ok(())
}

fn raise_sequence(new: &Connection, table: &str, newest: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1";
    if new.execute(sql, (table, newest))? == 0 {
        let sql = "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)";
        new.execute(sql, (table, newest))?;
    }
    Ok(())
}

/// How far the ledger beside it says that the series was judged.
fn judged(dir: &Path) -> u64 {
    let path = dir.join(ledger::KIND.file_name);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let sql = "SELECT series_seq FROM mark";
    Connection::open_with_flags(path, flags)
        .and_then(|db| db.query_row(sql, [], |row| natural(row, 0)))
        .unwrap_or(0)
}
