//! The audit: what people did and what was changed, each entry chained to the one before it.
//!
//! An entry is written in the transaction of the act that it tells of: either both are on disk or
//! neither is. Entries are never changed or deleted. Must never hold a password, a token or a key.
//!
//! The chain alone can be written anew by whoever has the file. So a [`checkpoint`] signs how far
//! it is from time to time, and is written into a file beside that can be copied elsewhere;
//! [`check`] compares all of them.

mod chain;
mod check;
mod checkpoint;
mod checkpoint_file;
mod classify;
mod events;
mod export;
mod export_file;
mod hex;
mod key;
mod outside;
mod question;
mod signer;
#[cfg(test)]
mod tests;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use siskin_model::Timestamp;

use super::tables::json;
use crate::StoreError;
use crate::error::failed;
use crate::file::{StoreFile, integer, natural};

pub use chain::AuditEntry;
pub use check::{AuditChecked, AuditFault, AuditNote, AuditWitness, FAULTS_LISTED_MAX};
pub use checkpoint::AuditCheckpoint;
pub use checkpoint_file::CHECKPOINTS_FILE;
pub use export::{AuditSpan, ExportPlace};
pub use export_file::check_export;
pub use key::{KEY_FILE, PUBLIC_KEY_FILE, PublicKey};
pub use outside::put_audit_beside;
pub(super) use question::open_beside;
pub use question::{AuditFilter, AuditReader};
pub use signer::AuditSigner;

const ACT_WRITE: &str = "write an audit entry";

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
        CREATE INDEX audit_about ON audit (about, number);
        CREATE TABLE audit_checkpoint (
            number INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            entry INTEGER NOT NULL,
            entry_hash BLOB NOT NULL CHECK (length(entry_hash) = 32),
            event_after INTEGER NOT NULL,
            event INTEGER NOT NULL,
            events INTEGER NOT NULL,
            events_hash BLOB NOT NULL CHECK (length(events_hash) = 32),
            previous BLOB NOT NULL CHECK (length(previous) = 32),
            public_key BLOB NOT NULL CHECK (length(public_key) = 32),
            signature BLOB NOT NULL CHECK (length(signature) = 64),
            event_sums BLOB NOT NULL
        ) STRICT;"
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

/// Who an entry is by where nobody may be known: what no person asked for, the station did.
pub(crate) fn name_or_station(by: &str) -> String {
    if by.is_empty() { "station".to_owned() } else { by.to_owned() }
}

/// The SHA-256 of a file's content as hexadecimal text, to name in an entry what was used.
pub fn sum(bytes: &[u8]) -> String {
    hex::of(&Sha256::digest(bytes))
}

/// Writes an entry inside the caller's transaction; gives its number.
pub(crate) fn append(
    file: &StoreFile,
    db: &Connection,
    entry: &NewAudit,
) -> Result<u64, StoreError> {
    append_to(file.path(), db, entry)
}

/// The same where only the file's name is known.
fn append_to(path: &Path, db: &Connection, entry: &NewAudit) -> Result<u64, StoreError> {
    let body = json(&entry.body)?;
    let write = || {
        let newest = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";
        let row = |row: &rusqlite::Row<'_>| Ok((natural(row, 0)?, row.get::<_, [u8; 32]>(1)?));
        let newest = db.prepare_cached(newest)?.query_row([], row).optional()?;
        let (number, before) =
            newest.map_or((1, chain::FIRST), |(number, hash)| (number + 1, hash));
        let hash = chain::hash(&before, integer(number), &chain::Fields::of(entry, &body));
        let mut put = db.prepare_cached(
            "INSERT INTO audit (number, at, by, act, about, body, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let at = entry.at.as_millis();
        let hash = hash.as_slice();
        put.execute(params![integer(number), at, entry.by, entry.act, entry.about, body, hash])?;
        Ok(number)
    };
    write().map_err(failed(path, ACT_WRITE))
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
