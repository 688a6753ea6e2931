//! The audit: what people did and what was changed, each entry chained to the one before it.
//!
//! An entry is written in the transaction of the act that it tells of: either both are on disk or
//! neither is. Entries are never changed or deleted. Must never hold a password, a token or a key.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use siskin_model::Timestamp;

use super::tables::json;
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

const ACT_WRITE: &str = "write an audit entry";

/// What begins the text that is hashed: another form of an entry is another name.
const FORM: &[u8] = b"siskin-audit-1";
/// What stands before the first entry.
const FIRST: [u8; 32] = [0; 32];

macro_rules! audit_tables {
    () => {
        "
        CREATE TABLE audit (
            number INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            by TEXT NOT NULL,
            act TEXT NOT NULL,
            about TEXT NOT NULL,
            body TEXT NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;
        CREATE INDEX audit_about ON audit (about, number);"
    };
}
pub(super) use audit_tables;

/// Something that is to stand in the audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewAudit {
    /// When, by the station's clock.
    pub at: Timestamp,
    /// Who: a person's name, `token:<name>`, or `station` for what it did by itself.
    pub by: String,
    /// What was done, for example `warning.acknowledge`.
    pub act: String,
    /// To what: an id, or empty.
    pub about: String,
    /// The particulars.
    pub body: serde_json::Value,
}

/// The hash of an entry: it covers the one before, so that no entry can be changed, taken out, put
/// in or moved without changing all that follow. Every field goes in with its length before it.
pub(crate) fn chained(before: &[u8], number: u64, entry: &NewAudit, body: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    let number = number.to_be_bytes();
    let at = entry.at.as_millis().to_be_bytes();
    let (by, act, about) = (entry.by.as_bytes(), entry.act.as_bytes(), entry.about.as_bytes());
    for field in [FORM, before, &number, &at, by, act, about, body.as_bytes()] {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

/// Writes an entry inside the caller's transaction; gives its number.
pub(crate) fn append(
    file: &StoreFile,
    db: &Connection,
    entry: &NewAudit,
) -> Result<u64, StoreError> {
    let body = json(&entry.body)?;
    let write = || {
        let newest = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";
        let row = |row: &rusqlite::Row<'_>| Ok((natural(row, 0)?, row.get::<_, [u8; 32]>(1)?));
        let newest = db.prepare_cached(newest)?.query_row([], row).optional()?;
        let (number, before) = newest.map_or((1, FIRST), |(number, hash)| (number + 1, hash));
        let hash = chained(&before, number, entry, &body);
        let mut put = db.prepare_cached(
            "INSERT INTO audit (number, at, by, act, about, body, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let at = entry.at.as_millis();
        let hash = hash.as_slice();
        put.execute(params![integer(number), at, entry.by, entry.act, entry.about, body, hash])?;
        Ok(number)
    };
    write().map_err(file.failed(ACT_WRITE))
}

/// Does `act` and writes what stands in the audit about it, both or neither.
pub(crate) fn with<T>(
    file: &StoreFile,
    entry: &NewAudit,
    act: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut writer = file.writer();
    let transaction = writer
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(file.failed(ACT_WRITE))?;
    let done = act(&transaction)?;
    append(file, &transaction, entry)?;
    transaction.commit().map_err(file.failed(ACT_WRITE))?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(by: &str, act: &str) -> NewAudit {
        let at = Timestamp::from_millis(1);
        let body = serde_json::Value::Null;
        NewAudit { at, by: by.to_owned(), act: act.to_owned(), about: String::new(), body }
    }

    #[test]
    fn a_hash_covers_every_field_and_the_borders_between_them() {
        let base = chained(&FIRST, 1, &entry("ab", "c"), "null");
        let same = chained(&FIRST, 1, &entry("ab", "c"), "null");
        assert_eq!(base, same);
        let later = NewAudit { at: Timestamp::from_millis(2), ..entry("ab", "c") };
        let others = [
            chained(&base, 1, &entry("ab", "c"), "null"),
            chained(&FIRST, 2, &entry("ab", "c"), "null"),
            chained(&FIRST, 1, &later, "null"),
            chained(&FIRST, 1, &entry("a", "bc"), "null"),
            chained(&FIRST, 1, &entry("ab", "c"), "{}"),
        ];
        assert!(others.iter().all(|other| *other != base));
    }
}
