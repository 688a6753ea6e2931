//! The audit as lines of JSON: every entry with its hash, then the checkpoints, then a line that
//! says that these were all.
//!
//! The form is read back by [`super::check_export`], which takes a line only if it is written
//! exactly so.

use std::path::Path;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use siskin_model::Timestamp;

use super::chain::AuditEntry;
use super::checkpoint::{self, AuditCheckpoint};
use super::hex;
use super::question::count;
use crate::StoreError;
use crate::error::failed;

/// Lines of one piece.
const LINES_A_PIECE: i64 = 500;
const ACT: &str = "read the audit";

/// What an export has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditSpan {
    /// The newest entry.
    pub entries: u64,
    /// The newest checkpoint.
    pub checkpoints: u64,
}

/// Where the next piece of an export begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportPlace {
    entry: Option<i64>,
    checkpoint: Option<i64>,
    entries_done: bool,
    entries: u64,
    checkpoints: u64,
}

/// A line of an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Line {
    Entry(EntryLine),
    Checkpoint(AuditCheckpoint),
    End { entries: u64, checkpoints: u64 },
}

/// An entry as it is exported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryLine {
    number: i64,
    at_ms: i64,
    /// The same for people, in UTC.
    at: String,
    by: String,
    act: String,
    about: String,
    body: serde_json::Value,
    #[serde(with = "hex::field")]
    hash: [u8; 32],
}

impl EntryLine {
    fn of(entry: AuditEntry) -> Self {
        let AuditEntry { number, at, by, act, about, body, hash } = entry;
        // A body that is no JSON is not what was written; its hash will say so.
        let body = serde_json::from_str(&body).unwrap_or(serde_json::Value::String(body));
        Self { number, at_ms: at.as_millis(), at: at.rfc3339(0), by, act, about, body, hash }
    }

    /// The entry; none where `at` is another moment than `at_ms`.
    pub(super) fn entry(self) -> Option<AuditEntry> {
        let at = Timestamp::from_millis(self.at_ms);
        let body = serde_json::to_string(&self.body).ok()?;
        let Self { number, by, act, about, hash, .. } = self;
        let entry = AuditEntry { number, at, by, act, about, body, hash };
        (at.rfc3339(0) == self.at).then_some(entry)
    }
}

/// What there is now.
pub(super) fn span(db: &Connection) -> rusqlite::Result<AuditSpan> {
    let newest =
        |table: &str| count(db, &format!("SELECT max(0, coalesce(max(number), 0)) FROM {table}"));
    Ok(AuditSpan { entries: newest("audit")?, checkpoints: newest("audit_checkpoint")? })
}

/// The next piece; no place for a next one once the last line is in it.
pub(super) fn lines(
    db: &Connection,
    path: &Path,
    span: AuditSpan,
    mut place: ExportPlace,
) -> Result<(String, Option<ExportPlace>), StoreError> {
    let mut text = String::new();
    if !place.entries_done {
        let after = place.entry.unwrap_or(i64::MIN);
        let found = entries(db, after, crate::file::integer(span.entries));
        let found = found.map_err(failed(path, ACT))?;
        place.entry = found.last().map(|entry| entry.number).or(place.entry);
        place.entries_done = found.is_empty();
        place.entries += found.len() as u64;
        for entry in found {
            put(&mut text, &Line::Entry(EntryLine::of(entry)))?;
        }
        return Ok((text, Some(place)));
    }
    let after = place.checkpoint.unwrap_or(i64::MIN);
    let found = checkpoint::after(db, after, LINES_A_PIECE).map_err(failed(path, ACT))?;
    let upto = crate::file::integer(span.checkpoints);
    let found: Vec<_> = found.into_iter().filter(|found| found.number <= upto).collect();
    let Some(last) = found.last() else {
        let ExportPlace { entries, checkpoints, .. } = place;
        put(&mut text, &Line::End { entries, checkpoints })?;
        return Ok((text, None));
    };
    place.checkpoint = Some(last.number);
    place.checkpoints += found.len() as u64;
    for checkpoint in found {
        put(&mut text, &Line::Checkpoint(checkpoint))?;
    }
    Ok((text, Some(place)))
}

fn entries(db: &Connection, after: i64, upto: i64) -> rusqlite::Result<Vec<AuditEntry>> {
    let columns = AuditEntry::COLUMNS;
    let mut select = db.prepare_cached(&format!(
        "SELECT {columns} FROM audit WHERE number > ?1 AND number <= ?2 ORDER BY number LIMIT ?3"
    ))?;
    let rows = select.query_map([after, upto, LINES_A_PIECE], AuditEntry::of)?;
    rows.collect()
}

fn put(text: &mut String, line: &Line) -> Result<(), StoreError> {
    let line = serde_json::to_string(line).map_err(|source| StoreError::Json { source })?;
    text.push_str(&line);
    text.push('\n');
    Ok(())
}
