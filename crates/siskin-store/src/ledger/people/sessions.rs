//! Sessions of persons who signed in.

use std::fmt;

use rusqlite::{Connection, Row, TransactionBehavior, params};
use siskin_model::Timestamp;

use super::{ACT_READ, ACT_WRITE};
use crate::StoreError;
use crate::ledger::Ledger;
use crate::ledger::audit::{self, NewAudit};

/// Somebody is signed in on one browser.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Its public half.
    pub id: String,
    /// SHA-256 of its secret half.
    pub hash: [u8; 32],
    /// Whose it is.
    pub person: String,
    /// When they signed in.
    pub made_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
    /// From where they signed in.
    pub remote: String,
}

/// Without the hash.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id)
            .field("person", &self.person)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: row.get("id")?,
        hash: row.get("hash")?,
        person: row.get("person")?,
        made_at: Timestamp::from_millis(row.get("made_at")?),
        seen_at: Timestamp::from_millis(row.get("seen_at")?),
        expires_at: Timestamp::from_millis(row.get("expires_at")?),
        remote: row.get("remote")?,
    })
}

fn insert(db: &Connection, session: &Session) -> rusqlite::Result<()> {
    let sql = "INSERT INTO session (id, hash, person, made_at, seen_at, expires_at, remote)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let (made_at, seen_at) = (session.made_at.as_millis(), session.seen_at.as_millis());
    let (expires_at, hash) = (session.expires_at.as_millis(), session.hash.as_slice());
    let Session { id, person, remote, .. } = session;
    let row = params![id, hash, person, made_at, seen_at, expires_at, remote];
    db.prepare_cached(sql)?.execute(row).map(drop)
}

impl Ledger {
    /// Every session that is kept. There are as many as the station lets in.
    pub fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        let read = |db: &Connection| {
            let mut select = db.prepare_cached("SELECT * FROM session ORDER BY made_at, id")?;
            select.query_map([], session)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT_READ))
    }

    /// Writes a new session. It forgets the failures of `subject` and ends the sessions `ended`.
    pub fn begin_session(
        &self,
        session: &Session,
        subject: &[u8; 32],
        ended: &[String],
        entry: &NewAudit,
    ) -> Result<(), StoreError> {
        let write = |db: &Connection| {
            let sql = "DELETE FROM sign_in_failure WHERE subject = ?1";
            db.prepare_cached(sql)?.execute([subject.as_slice()])?;
            for id in ended {
                db.prepare_cached("DELETE FROM session WHERE id = ?1")?.execute([id])?;
            }
            insert(db, session)
        };
        audit::with(&self.file, entry, |db| write(db).map_err(self.file.failed(ACT_WRITE)))
    }

    /// Ends a session.
    pub fn end_session(&self, id: &str, entry: &NewAudit) -> Result<(), StoreError> {
        audit::with(&self.file, entry, |db| {
            let ended = db.execute("DELETE FROM session WHERE id = ?1", [id]);
            ended.map(drop).map_err(self.file.failed(ACT_WRITE))
        })
    }

    /// Writes when sessions were last used, and drops those that had ended by `now`.
    pub fn put_sessions_seen(&self, seen: &[Session], now: Timestamp) -> Result<(), StoreError> {
        let write = |db: &mut Connection| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for one in seen {
                let sql = "UPDATE session SET seen_at = ?2, expires_at = ?3 WHERE id = ?1";
                let (seen_at, expires_at) = (one.seen_at.as_millis(), one.expires_at.as_millis());
                transaction.prepare_cached(sql)?.execute(params![one.id, seen_at, expires_at])?;
            }
            let sql = "DELETE FROM session WHERE expires_at <= ?1";
            transaction.prepare_cached(sql)?.execute([now.as_millis()])?;
            transaction.commit()
        };
        write(&mut self.file.writer()).map_err(self.file.failed(ACT_WRITE))
    }
}
