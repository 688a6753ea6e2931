//! A signed statement of how far the audit and the events are.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use siskin_model::Timestamp;

use super::key::{PublicKey, SigningKey};
use super::{chain, hex};

/// What begins the text that is signed: another form of a checkpoint is another name.
const FORM: &[u8] = b"siskin-audit-checkpoint-1";
/// What stands before the first checkpoint.
pub(super) const FIRST: [u8; 32] = [0; 32];
const COLUMNS: &str = "number, at, entry, entry_hash, event_after, event, events, events_hash, \
                       previous, public_key, signature";

/// A checkpoint. Its texts in files are hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditCheckpoint {
    /// From 1 on, without gaps.
    pub number: i64,
    /// When, in milliseconds of the station's clock.
    pub at_ms: i64,
    /// The newest entry of the audit; 0 before the first.
    pub entry: i64,
    /// Its hash, which covers all before it.
    #[serde(with = "hex::field")]
    pub entry_hash: [u8; 32],
    /// The newest event of the checkpoint before; 0 before the first.
    pub event_after: i64,
    /// The newest event of the ledger.
    pub event: i64,
    /// How many events there are after the former, up to the latter.
    pub events: i64,
    /// Covers every column of these events.
    #[serde(with = "hex::field")]
    pub events_hash: [u8; 32],
    /// Covers the checkpoint before this one, and so all of them.
    #[serde(with = "hex::field")]
    pub previous: [u8; 32],
    /// Whose signature it is.
    #[serde(with = "hex::field")]
    pub public_key: [u8; 32],
    /// Ed25519 over all of the above.
    #[serde(with = "hex::field")]
    pub signature: [u8; 64],
}

impl AuditCheckpoint {
    pub(super) fn signed_by(mut self, key: &SigningKey) -> Self {
        self.public_key = key.public().0;
        self.signature = key.sign(&self.text());
        self
    }

    pub(super) fn key(&self) -> PublicKey {
        PublicKey(self.public_key)
    }

    /// Whether it is what its key signed.
    pub(super) fn is_sound(&self) -> bool {
        self.key().verifies(&self.text(), &self.signature)
    }

    /// What the next checkpoint says of this one.
    pub(super) fn hash(&self) -> [u8; 32] {
        chain::digest(&[&self.text()])
    }

    /// What is signed.
    fn text(&self) -> Vec<u8> {
        let numbers =
            [self.number, self.at_ms, self.entry, self.event_after, self.event, self.events];
        let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        chain::joined(&[
            FORM,
            &numbers,
            &self.entry_hash,
            &self.events_hash,
            &self.previous,
            &self.public_key,
        ])
    }

    /// When, by the station's clock.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.at_ms)
    }

    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        // A blob of another length is one that somebody else put there; its signature is wrong.
        fn fixed<const N: usize>(row: &Row<'_>, place: usize) -> rusqlite::Result<[u8; N]> {
            let bytes = row.get_ref(place)?.as_bytes().map_err(rusqlite::Error::from)?;
            Ok(bytes.try_into().unwrap_or([0; N]))
        }
        Ok(Self {
            number: row.get(0)?,
            at_ms: row.get(1)?,
            entry: row.get(2)?,
            entry_hash: fixed(row, 3)?,
            event_after: row.get(4)?,
            event: row.get(5)?,
            events: row.get(6)?,
            events_hash: fixed(row, 7)?,
            previous: fixed(row, 8)?,
            public_key: fixed(row, 9)?,
            signature: fixed(row, 10)?,
        })
    }
}

/// The newest checkpoint.
pub(super) fn newest(db: &Connection) -> rusqlite::Result<Option<AuditCheckpoint>> {
    let sql = format!("SELECT {COLUMNS} FROM audit_checkpoint ORDER BY number DESC LIMIT 1");
    db.prepare_cached(&sql)?.query_row([], AuditCheckpoint::of).optional()
}

/// Checkpoints after a number, in order, at most `limit`.
pub(super) fn after(
    db: &Connection,
    number: i64,
    limit: i64,
) -> rusqlite::Result<Vec<AuditCheckpoint>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM audit_checkpoint WHERE number > ?1 ORDER BY number LIMIT ?2"
    );
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map([number, limit], AuditCheckpoint::of)?;
    rows.collect()
}

/// What each event of a checkpoint hashed to, to find the one that is another now.
pub(super) fn event_sums(db: &Connection, number: i64) -> rusqlite::Result<Vec<u8>> {
    let sql = "SELECT event_sums FROM audit_checkpoint WHERE number = ?1";
    let row = |row: &Row<'_>| Ok(row.get_ref(0)?.as_bytes()?.to_vec());
    Ok(db.query_row(sql, [number], row).optional()?.unwrap_or_default())
}

pub(super) fn put(
    db: &Connection,
    made: &AuditCheckpoint,
    event_sums: &[u8],
) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT INTO audit_checkpoint ({COLUMNS}, event_sums)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    );
    db.execute(
        &sql,
        params![
            made.number,
            made.at_ms,
            made.entry,
            made.entry_hash.as_slice(),
            made.event_after,
            made.event,
            made.events,
            made.events_hash.as_slice(),
            made.previous.as_slice(),
            made.public_key.as_slice(),
            made.signature.as_slice(),
            event_sums,
        ],
    )?;
    Ok(())
}
