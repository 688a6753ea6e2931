//! What a commit that failed may have written all the same.
//!
//! The disk may take a transaction and fail to say so. The step is then tried again, with what
//! followed meanwhile: what is there already keeps its number and is given to whoever tells people,
//! who has heard of none of it. Must never let a thing stand twice, nor stay untold.

use std::collections::{BTreeMap, VecDeque};

use rusqlite::Connection;
use serde::Serialize;

use super::NewAudit;
use super::tables::{json, newest_seq};
use crate::StoreError;
use crate::file::{integer, natural};

/// The newest event and the newest entry of the audit before a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Before {
    event: u64,
    audit: u64,
}

/// What stands after that point: events by kind and body, entries by what they say.
#[derive(Debug, Default)]
pub(super) struct Written {
    events: BTreeMap<(String, String), VecDeque<u64>>,
    audit: BTreeMap<(i64, [String; 4]), usize>,
}

impl Before {
    pub(super) fn of(db: &Connection) -> rusqlite::Result<Self> {
        let sql = "SELECT coalesce(max(number), 0) FROM audit";
        let audit = db.query_row(sql, [], |row| natural(row, 0))?;
        Ok(Self { event: newest_seq(db)?, audit })
    }
}

impl Written {
    pub(super) fn since(db: &Connection, before: Before) -> rusqlite::Result<Self> {
        let mut written = Self::default();
        let mut events = db.prepare("SELECT seq, kind, body FROM event WHERE seq > ?1")?;
        let mut rows = events.query([integer(before.event)])?;
        while let Some(row) = rows.next()? {
            let key = (row.get(1)?, row.get(2)?);
            written.events.entry(key).or_default().push_back(natural(row, 0)?);
        }
        let sql = "SELECT at, by, act, about, body FROM audit WHERE number > ?1";
        let mut entries = db.prepare(sql)?;
        let mut rows = entries.query([integer(before.audit)])?;
        while let Some(row) = rows.next()? {
            let said = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
            *written.audit.entry((row.get(0)?, said)).or_default() += 1;
        }
        Ok(written)
    }

    /// The number of an equal event, which is then not there a second time.
    pub(super) fn event<T: Serialize>(
        &mut self,
        kind: &str,
        event: &T,
    ) -> Result<Option<u64>, StoreError> {
        if self.events.is_empty() {
            return Ok(None);
        }
        let equal = self.events.get_mut(&(kind.to_owned(), json(event)?));
        Ok(equal.and_then(VecDeque::pop_front))
    }

    /// Whether an equal entry is there; it is then not there a second time.
    pub(super) fn audit(&mut self, entry: &NewAudit) -> Result<bool, StoreError> {
        if self.audit.is_empty() {
            return Ok(false);
        }
        let body = json(&entry.body)?;
        let said = [entry.by.clone(), entry.act.clone(), entry.about.clone(), body];
        let equal = self.audit.get_mut(&(entry.at.as_millis(), said)).filter(|count| **count > 0);
        Ok(equal.map(|count| *count -= 1).is_some())
    }
}
