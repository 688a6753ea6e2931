//! An entry of the audit by somebody who is not the station: a tool beside it, or without one.
//!
//! Where no station runs the owner's lock is taken for the moment, and the journal is looked at as
//! every owner does. Beside a running one it is one short transaction, as SQLite allows: the
//! station keeps nothing of the audit in memory, and its signer finds the entry. A ledger of
//! another format is not written to: only a station brings it up to date.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{ACT_WRITE, NewAudit, append_to};
use crate::StoreError;
use crate::error::failed;
use crate::file::{Owned, commits_lost};
use crate::ledger::KIND;

/// How long the entry waits for a commit of the station.
const BUSY_MAX: Duration = Duration::from_secs(5);

/// Writes an entry into the ledger in `dir`; durable when it returns.
pub fn put_audit_beside(dir: &Path, entry: &NewAudit) -> Result<(), StoreError> {
    let path = dir.join(KIND.file_name);
    if !path.is_file() {
        let source = std::io::ErrorKind::NotFound.into();
        return Err(StoreError::Folder { act: "write", path, source });
    }
    let _owner = match Owned::take(&path) {
        Ok(owner) => {
            commits_lost(&path)?;
            Some(owner)
        }
        Err(StoreError::InUse { .. }) => None,
        Err(error) => return Err(error),
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(&path, flags)
        .and_then(|db| db.busy_timeout(BUSY_MAX).map(|()| db))
        .map_err(failed(&path, ACT_WRITE))?;
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0));
    let (id, format) = number("PRAGMA application_id")
        .and_then(|id| Ok((id, number("PRAGMA user_version")?)))
        .map_err(failed(&path, "read the format"))?;
    if id != KIND.application_id {
        return Err(StoreError::NotOurs { path, kind: KIND.title });
    }
    if format > KIND.version {
        return Err(StoreError::Newer { path, found: format, known: KIND.version });
    }
    if format < KIND.version {
        let why =
            format!("its format is {format}; start the station once, it brings it up to date");
        return Err(StoreError::Damaged { what: "the audit".to_owned(), path, why });
    }
    let transaction = db
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed(&path, ACT_WRITE))?;
    append_to(&path, &transaction, entry)?;
    transaction.commit().map_err(failed(&path, ACT_WRITE))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use siskin_model::Timestamp;

    use super::*;
    use crate::ledger::{AuditFilter, AuditReader, AuditWitness, Ledger};

    fn entry(act: &str, ms: i64) -> NewAudit {
        NewAudit {
            at: Timestamp::from_millis(ms),
            by: "command:root".to_owned(),
            act: act.to_owned(),
            about: String::new(),
            body: json!({}),
        }
    }

    #[test]
    fn entries_of_a_tool_and_of_the_station_are_one_chain() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        ledger.put_audit(&entry("a.a", 1)).unwrap();
        // Beside the owner, in between its own, and after it is gone.
        put_audit_beside(dir.path(), &entry("data.backup", 2)).unwrap();
        ledger.put_audit(&entry("a.b", 3)).unwrap();
        drop(ledger);
        put_audit_beside(dir.path(), &entry("data.restore", 4)).unwrap();
        let reader = AuditReader::open(dir.path()).unwrap();
        let acts = reader.entries(&AuditFilter::default(), 10).unwrap();
        let acts: Vec<&str> = acts.iter().map(|entry| entry.act.as_str()).collect();
        assert_eq!(acts, ["data.restore", "a.b", "data.backup", "a.a"]);
        let checked = reader.check(&AuditWitness::default()).unwrap();
        assert!(checked.is_clean(), "{checked:?}");
        assert_eq!(checked.entries, 4);
        // The lock is free again.
        Ledger::open(dir.path()).unwrap();
    }

    #[test]
    fn tools_and_the_station_at_once_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for n in 0..20 {
                        put_audit_beside(dir.path(), &entry("data.export", n)).unwrap();
                    }
                });
            }
            for n in 0..40 {
                ledger.put_audit(&entry("a.a", n)).unwrap();
            }
        });
        let checked = AuditReader::open(dir.path()).unwrap();
        let checked = checked.check(&AuditWitness::default()).unwrap();
        assert!(checked.is_clean(), "{checked:?}");
        assert_eq!(checked.entries, 80);
    }

    #[test]
    fn where_no_ledger_is_none_is_made_and_an_older_one_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let error = put_audit_beside(dir.path(), &entry("a.a", 1)).unwrap_err();
        assert!(matches!(error, StoreError::Folder { .. }), "{error}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        drop(Ledger::open(dir.path()).unwrap());
        let path = dir.path().join(KIND.file_name);
        let db = Connection::open(&path).unwrap();
        db.pragma_update(None, "user_version", KIND.version - 1).unwrap();
        drop(db);
        let error = put_audit_beside(dir.path(), &entry("a.a", 1)).unwrap_err();
        assert!(error.to_string().contains("start the station once"), "{error}");
    }
}
