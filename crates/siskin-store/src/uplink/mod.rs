//! `uplink.db`: what each bureau was sent by HJ 212 and answered, how far each kind of data has
//! come, and what the bureaus' centres have set.
//!
//! A file of its own: it holds a record for every message (thousands a day), of which old ones are
//! deleted, where the ledger keeps everything. Must never give two messages of a bureau the same
//! QN, and never move a cursor without the messages up to it being on disk.

mod receipts;
mod settings;

use std::path::Path;

use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};
use siskin_model::Timestamp;
use siskin_model::uplink::{
    UplinkCause, UplinkCursor, UplinkDraft, UplinkKind, UplinkMessage, UplinkState,
};

use crate::StoreError;
use crate::file::{Kind, StoreFile};

/// Messages that are due and were due less than this ago go before everything else.
const LIVE_MS: i64 = 300_000;

const KIND: Kind = Kind {
    file_name: "uplink.db",
    title: "uplink books",
    application_id: 0x5369_5570,
    version: 1,
    schema: "
        CREATE TABLE message (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            bureau TEXT NOT NULL,
            qn INTEGER NOT NULL,
            kind TEXT NOT NULL,
            cause TEXT NOT NULL,
            data_time INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            parts INTEGER NOT NULL,
            part INTEGER NOT NULL,
            cp TEXT NOT NULL,
            state TEXT NOT NULL,
            tries INTEGER NOT NULL DEFAULT 0,
            queued_at INTEGER NOT NULL,
            sent_at INTEGER,
            ended_at INTEGER,
            answer TEXT,
            UNIQUE (bureau, qn)
        ) STRICT;
        CREATE INDEX message_open ON message (bureau, cause, due_at)
            WHERE state IN ('queued', 'sent');
        CREATE INDEX message_ended ON message (bureau, state, ended_at);
        CREATE TABLE cursor (
            bureau TEXT NOT NULL,
            kind TEXT NOT NULL,
            upto INTEGER NOT NULL,
            skipped INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (bureau, kind)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE tally (
            bureau TEXT NOT NULL,
            state TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (bureau, state)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER message_tally AFTER UPDATE OF state ON message
            WHEN NEW.state IN ('accepted', 'failed') AND OLD.state <> NEW.state
        BEGIN
            INSERT INTO tally (bureau, state, count) VALUES (NEW.bureau, NEW.state, 1)
            ON CONFLICT DO UPDATE SET count = count + 1;
        END;
        CREATE TABLE qn (bureau TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE setting (
            bureau TEXT NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (bureau, key)
        ) STRICT, WITHOUT ROWID;",
    upgrades: &[],
};

const ACT: &str = "keep the book of the uplinks";
const COLUMNS: &str = "id, qn, kind, cause, data_time, parts, part, cp, state, tries, queued_at, \
                       sent_at, ended_at, answer";
const OPEN: &str = "state IN ('queued', 'sent')";

/// The book of all bureaus of a station.
#[derive(Debug)]
pub struct UplinkBook {
    file: StoreFile,
}

impl UplinkBook {
    /// Opens or makes `uplink.db` in `dir`.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Ok(Self { file: StoreFile::open(dir, &KIND)? })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Up to where a kind has come; none before its first message.
    pub fn cursor(&self, bureau: &str, kind: UplinkKind) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT upto FROM cursor WHERE bureau = ?1 AND kind = ?2";
        let db = self.file.reader();
        let found = db.query_row(sql, [bureau, kind.as_str()], |row| row.get::<_, i64>(0));
        Ok(found.optional().map_err(self.file.failed(ACT))?.map(Timestamp::from_millis))
    }

    /// Puts messages into the book, each with a QN of its own, and moves the cursor in the same
    /// transaction. `due_at` is when they were due. Gives their numbers.
    pub fn queue(
        &self,
        bureau: &str,
        drafts: &[(UplinkDraft, Timestamp)],
        cursor: Option<UplinkCursor>,
        now: Timestamp,
    ) -> Result<Vec<i64>, StoreError> {
        let mut writer = self.file.writer();
        let mut write = || -> rusqlite::Result<_> {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut ids = Vec::with_capacity(drafts.len());
            for (draft, due_at) in drafts {
                let qn = next_qn(&transaction, bureau, now)?;
                let sql = "INSERT INTO message (bureau, qn, kind, cause, data_time, due_at, parts,
                           part, cp, state, queued_at)
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'queued', ?10)";
                transaction.prepare_cached(sql)?.execute(params![
                    bureau,
                    qn,
                    draft.kind.as_str(),
                    cause_name(draft.cause),
                    draft.data_time.as_millis(),
                    due_at.as_millis(),
                    draft.part.0,
                    draft.part.1,
                    draft.cp,
                    now.as_millis(),
                ])?;
                ids.push(transaction.last_insert_rowid());
            }
            if let Some(cursor) = cursor {
                let sql = "INSERT INTO cursor (bureau, kind, upto, skipped) VALUES (?1, ?2, ?3, ?4)
                           ON CONFLICT DO UPDATE SET upto = ?3, skipped = skipped + ?4";
                let skipped = i64::try_from(cursor.skipped).unwrap_or(i64::MAX);
                let (kind, upto) = (cursor.kind.as_str(), cursor.upto.as_millis());
                transaction.execute(sql, params![bureau, kind, upto, skipped])?;
            }
            transaction.commit()?;
            Ok(ids)
        };
        write().map_err(self.file.failed(ACT))
    }

    /// A QN that no message of the bureau has or will have: for notices.
    pub fn qn(&self, bureau: &str, now: Timestamp) -> Result<Timestamp, StoreError> {
        let mut writer = self.file.writer();
        let mut write = || -> rusqlite::Result<_> {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let qn = next_qn(&transaction, bureau, now)?;
            transaction.commit()?;
            Ok(Timestamp::from_millis(qn))
        };
        write().map_err(self.file.failed(ACT))
    }

    /// The message to send next: the newest of what is due now, then what the centre asked for from
    /// its begin, then what is left of the past, the newest first.
    pub fn next(&self, bureau: &str, now: Timestamp) -> Result<Option<UplinkMessage>, StoreError> {
        let live = now.plus_ms(-LIVE_MS).as_millis();
        let due = format!(
            "SELECT {COLUMNS} FROM message WHERE bureau = ?1 AND cause = 'due' AND {OPEN}
             AND due_at > ?2 ORDER BY due_at DESC, id LIMIT 1"
        );
        let asked = format!(
            "SELECT {COLUMNS} FROM message WHERE bureau = ?1 AND cause = 'asked' AND {OPEN}
             AND due_at > ?2 ORDER BY due_at, id LIMIT 1"
        );
        let db = self.file.reader();
        let find = || -> rusqlite::Result<_> {
            for (sql, after) in [(&due, live), (&asked, i64::MIN), (&due, i64::MIN)] {
                let mut select = db.prepare_cached(sql)?;
                let found = select.query_row(params![bureau, after], message).optional()?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            Ok(None)
        };
        find().map_err(self.file.failed(ACT))
    }

    /// A message goes out now.
    pub fn sent(&self, id: i64, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE message SET state = 'sent', tries = tries + 1, sent_at = ?2
                   WHERE id = ?1 AND state IN ('queued', 'sent')";
        self.update(sql, params![id, now.as_millis()])
    }

    /// A message was answered, or is given up. The first end counts.
    pub fn ended(
        &self,
        id: i64,
        state: UplinkState,
        answer: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE message SET state = ?2, answer = ?3, ended_at = ?4
                   WHERE id = ?1 AND state IN ('queued', 'sent')";
        self.update(sql, params![id, state.as_str(), answer, now.as_millis()])
    }

    fn update(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        self.file.writer().execute(sql, values).map_err(self.file.failed(ACT))?;
        Ok(())
    }
}

/// Later than every QN before it, whatever the clock does.
fn next_qn(db: &rusqlite::Connection, bureau: &str, now: Timestamp) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO qn (bureau, last) VALUES (?1, ?2)
               ON CONFLICT DO UPDATE SET last = max(last + 1, ?2) RETURNING last";
    db.prepare_cached(sql)?.query_row(params![bureau, now.as_millis()], |row| row.get(0))
}

const fn cause_name(cause: UplinkCause) -> &'static str {
    match cause {
        UplinkCause::Due => "due",
        UplinkCause::Asked => "asked",
    }
}

fn message(row: &Row<'_>) -> rusqlite::Result<UplinkMessage> {
    let moment = |column| row.get::<_, i64>(column).map(Timestamp::from_millis);
    let maybe = |column| {
        let at = row.get::<_, Option<i64>>(column);
        at.map(|at| at.map(Timestamp::from_millis))
    };
    let unknown = |column, name: String| {
        let text = format!("`{name}` is not known");
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, text.into())
    };
    let kind: String = row.get(2)?;
    let state: String = row.get(8)?;
    let cause: String = row.get(3)?;
    Ok(UplinkMessage {
        id: row.get(0)?,
        qn: moment(1)?,
        draft: UplinkDraft {
            kind: UplinkKind::from_name(&kind).ok_or_else(|| unknown(2, kind))?,
            cause: if cause == "asked" { UplinkCause::Asked } else { UplinkCause::Due },
            data_time: moment(4)?,
            part: (row.get(5)?, row.get(6)?),
            cp: row.get(7)?,
        },
        state: UplinkState::from_name(&state).ok_or_else(|| unknown(8, state))?,
        tries: row.get(9)?,
        queued_at: moment(10)?,
        sent_at: maybe(11)?,
        ended_at: maybe(12)?,
        answer: row.get(13)?,
    })
}

#[cfg(test)]
mod tests;
