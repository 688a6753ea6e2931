//! Makes checkpoints: in the ledger's table first, then in the file beside it.
//!
//! Must never hold up the pipeline: it reads in short pieces and writes one small row.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension};
use serde_json::json;
use siskin_model::Timestamp;

use super::checkpoint::{self, AuditCheckpoint};
use super::checkpoint_file::CheckpointFile;
use super::events::Stretch;
use super::key::{PublicKey, SigningKey};
use super::{NewAudit, chain};
use crate::ledger::Ledger;
use crate::{StoreError, file::natural};

/// Events of one checkpoint; more make several, so that the list of their sums stays small.
const EVENTS_MAX: i64 = 10_000;
/// Entries after which a checkpoint is due at once.
const ENTRIES_MAX: i64 = 256;
/// Something new waits for its checkpoint at most so long.
const WAIT_MS_MAX: i64 = 600_000;
/// Checkpoints that are brought into the file at once.
const LINES_MAX: i64 = 1_000;
const ACT: &str = "make a checkpoint of the audit";

/// How far the ledger is.
#[derive(Debug, Clone, Copy)]
struct Newest {
    entry: i64,
    entry_hash: [u8; 32],
    event: i64,
}

/// Who signs for a data folder.
#[derive(Debug)]
pub struct AuditSigner {
    dir: PathBuf,
    key: SigningKey,
    /// None after a failed write: it is opened anew before the next one.
    file: Mutex<Option<CheckpointFile>>,
}

impl AuditSigner {
    /// Opens or makes the key and the file of checkpoints in `dir`. A key that is new to the ledger
    /// and a file that the ledger does not agree with are entries of the audit.
    pub fn open(dir: &Path, ledger: &Ledger, now: Timestamp) -> Result<Self, StoreError> {
        let key = SigningKey::open(dir)?;
        let signer = Self { dir: dir.to_owned(), key, file: Mutex::new(None) };
        signer.tell_key(ledger, now)?;
        let mut file = signer.file.lock().unwrap_or_else(PoisonError::into_inner);
        *file = Some(signer.open_file(ledger, now)?);
        drop(file);
        Ok(signer)
    }

    /// Whose signature it is.
    pub fn public_key(&self) -> PublicKey {
        self.key.public()
    }

    fn tell_key(&self, ledger: &Ledger, now: Timestamp) -> Result<(), StoreError> {
        let public_key = self.key.public().hex();
        let told = |db: &Connection| {
            let sql =
                "SELECT about FROM audit WHERE act = 'audit.key' ORDER BY number DESC LIMIT 1";
            db.query_row(sql, [], |row| row.get::<_, String>(0)).optional()
        };
        let told = told(&ledger.file.reader()).map_err(ledger.file.failed(ACT))?;
        if told.as_ref() == Some(&public_key) {
            return Ok(());
        }
        if let Some(before) = &told {
            tracing::error!(public_key, before, "the audit is signed by another key from now on");
        }
        ledger.put_audit(&NewAudit {
            at: now,
            by: "station".to_owned(),
            act: "audit.key".to_owned(),
            about: public_key,
            body: json!({ "before": told }),
        })
    }

    fn open_file(&self, ledger: &Ledger, now: Timestamp) -> Result<CheckpointFile, StoreError> {
        let one = |number: i64| {
            let found = checkpoint::after(&ledger.file.reader(), number - 1, 1);
            let found = found.map_err(ledger.file.failed(ACT))?;
            Ok(found.into_iter().find(|checkpoint| checkpoint.number == number))
        };
        let (file, differs) = CheckpointFile::open(&self.dir, one)?;
        if let Some(differs) = differs {
            let kept = differs.kept.display().to_string();
            tracing::error!(
                newest = differs.newest,
                kept,
                "the file of checkpoints and the ledger do not agree; the file was kept, a new \
                 one is begun; hint: `siskin audit verify --checkpoints` with the kept file"
            );
            ledger.put_audit(&NewAudit {
                at: now,
                by: "station".to_owned(),
                act: "checkpoints.differ".to_owned(),
                about: differs.newest.to_string(),
                body: json!({ "kept": differs.kept.file_name().map(|n| n.display().to_string()) }),
            })?;
        }
        Ok(file)
    }

    /// Whether a checkpoint should be made: many entries are new, or something has been for long.
    pub fn is_due(&self, ledger: &Ledger, now: Timestamp) -> Result<bool, StoreError> {
        let (newest, last) = standing(ledger)?;
        let Some(last) = last else { return Ok(newest.entry > 0 || newest.event > 0) };
        let is_new = newest.entry != last.entry || newest.event != last.event;
        let waits_ms = now.as_millis().saturating_sub(last.at_ms);
        Ok(newest.entry - last.entry >= ENTRIES_MAX
            || newest.event - last.event >= EVENTS_MAX
            || (is_new && waits_ms >= WAIT_MS_MAX))
    }

    /// Makes checkpoints up to what is in the ledger now; none where nothing is new. Durable when
    /// it returns, in the table and in the file.
    pub fn sign(&self, ledger: &Ledger, now: Timestamp) -> Result<u64, StoreError> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (newest, mut last) = standing(ledger)?;
        let mut made = 0;
        loop {
            let (entry, event) = last.as_ref().map_or((0, 0), |last| (last.entry, last.event));
            if newest.entry <= entry && newest.event <= event {
                break;
            }
            last = Some(self.one(ledger, newest, last.as_ref(), now)?);
            made += 1;
        }
        let mut opened = match file.take() {
            Some(opened) => opened,
            None => self.open_file(ledger, now)?,
        };
        loop {
            let missing = checkpoint::after(&ledger.file.reader(), opened.newest, LINES_MAX);
            let missing = missing.map_err(ledger.file.failed(ACT))?;
            if missing.is_empty() {
                break;
            }
            opened.append(&missing)?;
        }
        *file = Some(opened);
        Ok(made)
    }

    fn one(
        &self,
        ledger: &Ledger,
        newest: Newest,
        last: Option<&AuditCheckpoint>,
        now: Timestamp,
    ) -> Result<AuditCheckpoint, StoreError> {
        let event_after = last.map_or(0, |last| last.event);
        let mut stretch = Stretch::after(event_after);
        // The lock of the reader is let go of between two pieces.
        while stretch.rows < EVENTS_MAX
            && stretch.read(&ledger.file.reader(), newest.event).map_err(ledger.file.failed(ACT))?
        {
        }
        let made = AuditCheckpoint {
            number: last.map_or(1, |last| last.number + 1),
            at_ms: now.as_millis(),
            entry: newest.entry,
            entry_hash: newest.entry_hash,
            event_after,
            event: stretch.upto,
            events: stretch.rows,
            events_hash: stretch.hash(),
            previous: last.map_or(checkpoint::FIRST, AuditCheckpoint::hash),
            public_key: [0; 32],
            signature: [0; 64],
        }
        .signed_by(&self.key);
        checkpoint::put(&ledger.file.writer(), &made, &stretch.sums)
            .map_err(ledger.file.failed(ACT))?;
        Ok(made)
    }
}

fn standing(ledger: &Ledger) -> Result<(Newest, Option<AuditCheckpoint>), StoreError> {
    let read = |db: &Connection| {
        let sql = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let entry = db.prepare_cached(sql)?.query_row([], row).optional()?;
        let (entry, entry_hash) = entry.unwrap_or((0, chain::FIRST));
        let event =
            db.query_row("SELECT coalesce(max(seq), 0) FROM event", [], |row| row.get(0))?;
        Ok((Newest { entry, entry_hash, event }, checkpoint::newest(db)?))
    };
    read(&ledger.file.reader()).map_err(ledger.file.failed(ACT))
}

impl Ledger {
    /// The newest checkpoint; none before the first.
    pub fn audit_checkpoint(&self) -> Result<Option<AuditCheckpoint>, StoreError> {
        checkpoint::newest(&self.file.reader()).map_err(self.file.failed(ACT))
    }

    /// How many entries the audit has, and how many checkpoints.
    pub fn audit_counts(&self) -> Result<(u64, u64), StoreError> {
        let read = |db: &Connection| {
            let sql = "SELECT (SELECT coalesce(max(number), 0) FROM audit),
                              (SELECT coalesce(max(number), 0) FROM audit_checkpoint)";
            db.query_row(sql, [], |row| Ok((natural(row, 0)?, natural(row, 1)?)))
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT))
    }
}
