//! Questions to the audit: of a station that has the ledger, and of a reader beside it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, named_params};
use siskin_model::Timestamp;

use super::check::{AuditChecked, AuditWitness, Heard, check_ledger};
use super::{AuditEntry, AuditSpan, ExportPlace, export};
use crate::error::failed;
use crate::ledger::{KIND, Ledger, ROWS_MAX};
use crate::{StoreError, file::natural};

/// How long a statement waits for the station's checkpoint.
const BUSY_MAX: Duration = Duration::from_secs(5);
/// The first format with an audit.
const FORMAT_MIN: i64 = 5;
const ACT: &str = "read the audit";

/// Which entries are asked for; what is none does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// What was done: the whole name, or its noun with a dot (`warning.`).
    pub act: Option<String>,
    /// Who.
    pub by: Option<String>,
    /// To what.
    pub about: Option<String>,
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Entries with a lower number only.
    pub before: Option<u64>,
}

impl Ledger {
    /// Entries of the audit, newest first, at most `limit` and [`ROWS_MAX`].
    pub fn audit_entries(
        &self,
        filter: &AuditFilter,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        entries(&self.file.reader(), filter, limit).map_err(self.file.failed(ACT))
    }

    /// What an export has that begins now.
    pub fn audit_span(&self) -> Result<AuditSpan, StoreError> {
        export::span(&self.file.reader()).map_err(self.file.failed(ACT))
    }

    /// The next lines of an export, and where those after them begin.
    pub fn audit_lines(
        &self,
        span: AuditSpan,
        place: ExportPlace,
    ) -> Result<(String, Option<ExportPlace>), StoreError> {
        export::lines(&self.file.reader(), self.file.path(), span, place)
    }
}

fn entries(
    db: &Connection,
    filter: &AuditFilter,
    limit: usize,
) -> rusqlite::Result<Vec<AuditEntry>> {
    let columns = AuditEntry::COLUMNS;
    let mut select = db.prepare_cached(&format!(
        "SELECT {columns} FROM audit
         WHERE (:act IS NULL OR act = :act OR (substr(:act, -1) = '.' AND
                substr(act, 1, length(:act)) = :act))
           AND (:by IS NULL OR by = :by) AND (:about IS NULL OR about = :about)
           AND (:from IS NULL OR at >= :from) AND (:to IS NULL OR at < :to)
           AND (:before IS NULL OR number < :before)
         ORDER BY number DESC LIMIT :limit"
    ))?;
    let values = named_params! {
        ":act": filter.act,
        ":by": filter.by,
        ":about": filter.about,
        ":from": filter.from.map(Timestamp::as_millis),
        ":to": filter.to.map(Timestamp::as_millis),
        ":before": filter.before.map(crate::file::integer),
        ":limit": crate::file::integer(limit.min(ROWS_MAX) as u64),
    };
    let rows = select.query_map(values, AuditEntry::of)?;
    rows.collect()
}

/// Opens the ledger in `dir` for reading, beside whoever owns it; it has the tables of people's
/// acts.
pub(crate) fn open_beside(dir: &Path) -> Result<(PathBuf, Connection), StoreError> {
    let path = dir.join(KIND.file_name);
    if !path.is_file() {
        let source = std::io::ErrorKind::NotFound.into();
        return Err(StoreError::Folder { act: "read", path, source });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(&path, flags)
        .and_then(|db| db.busy_timeout(BUSY_MAX).map(|()| db))
        .map_err(failed(&path, "open the database for reading"))?;
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0));
    let read =
        number("PRAGMA application_id").and_then(|id| Ok((id, number("PRAGMA user_version")?)));
    let (id, format) = read.map_err(failed(&path, "read the format"))?;
    if id != KIND.application_id {
        return Err(StoreError::NotOurs { path, kind: KIND.title });
    }
    if format > KIND.version {
        return Err(StoreError::Newer { path, found: format, known: KIND.version });
    }
    if format < FORMAT_MIN {
        let why = format!("its format is {format}, an audit is there from {FORMAT_MIN} on");
        return Err(StoreError::Damaged { what: "the audit".to_owned(), path, why });
    }
    Ok((path, db))
}

/// Reads the audit of a data folder, beside a running station or without one.
#[derive(Debug)]
pub struct AuditReader {
    dir: PathBuf,
    path: PathBuf,
    db: Connection,
}

impl AuditReader {
    /// Opens the ledger in `dir`; what is read is as it is at the first question.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let (path, db) = open_beside(dir)?;
        Ok(Self { dir: dir.to_owned(), path, db })
    }

    /// Looks through it, and through the file of checkpoints beside it.
    pub fn check(&self, witness: &AuditWitness) -> Result<AuditChecked, StoreError> {
        let heard = Heard::read(Some(&self.dir), witness)?;
        self.begin()?;
        let checked = check_ledger(&self.db, &self.path, heard);
        self.end()?;
        checked
    }

    /// Entries, newest first, at most `limit` and [`ROWS_MAX`].
    pub fn entries(
        &self,
        filter: &AuditFilter,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        entries(&self.db, filter, limit).map_err(failed(&self.path, ACT))
    }

    /// Gives all lines of an export to `take`, some at a time.
    pub fn export<E: From<StoreError>>(
        &self,
        take: &mut dyn FnMut(&str) -> Result<(), E>,
    ) -> Result<AuditSpan, E> {
        let span = export::span(&self.db).map_err(failed(&self.path, ACT))?;
        let mut place = Some(ExportPlace::default());
        while let Some(at) = place {
            let (lines, next) = export::lines(&self.db, &self.path, span, at)?;
            take(&lines)?;
            place = next;
        }
        Ok(span)
    }

    /// Where the ledger is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// One moment of the ledger for all that is read.
    fn begin(&self) -> Result<(), StoreError> {
        self.db.execute_batch("BEGIN").map_err(failed(&self.path, ACT))
    }

    fn end(&self) -> Result<(), StoreError> {
        self.db.execute_batch("COMMIT").map_err(failed(&self.path, ACT))
    }
}

/// How many rows a statement counts.
pub(super) fn count(db: &Connection, sql: &str) -> rusqlite::Result<u64> {
    db.query_row(sql, [], |row| natural(row, 0))
}
