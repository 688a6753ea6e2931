//! What became of messages: newest first, counted, and deleted when they are old.

use rusqlite::{OptionalExtension, params};
use siskin_model::Timestamp;
use siskin_model::uplink::{UplinkKind, UplinkMessage, UplinkState, UplinkSummary};

use super::{ACT, COLUMNS, OPEN, UplinkBook, message};
use crate::StoreError;
use crate::file::natural;

impl UplinkBook {
    /// Counts.
    pub fn summary(&self, bureau: &str) -> Result<UplinkSummary, StoreError> {
        let db = self.file.reader();
        let read = || -> rusqlite::Result<_> {
            let sql = format!(
                "SELECT count(*), count(*) FILTER (WHERE kind = 'real-time'), min(queued_at)
                 FROM message WHERE bureau = ?1 AND cause IN ('due', 'asked') AND {OPEN}"
            );
            let (open, open_real_time, oldest) =
                db.prepare_cached(&sql)?.query_row([bureau], |row| {
                    Ok((natural(row, 0)?, natural(row, 1)?, row.get::<_, Option<i64>>(2)?))
                })?;
            let sql = "SELECT max(ended_at) FROM message
                       WHERE bureau = ?1 AND state = 'accepted'";
            let accepted_at: Option<i64> =
                db.prepare_cached(sql)?.query_row([bureau], |row| row.get(0))?;
            let sql = "SELECT coalesce(sum(count), 0) FROM tally WHERE bureau = ?1 AND state = ?2";
            let ended = |state: UplinkState| {
                let mut select = db.prepare_cached(sql)?;
                select.query_row([bureau, state.as_str()], |row| natural(row, 0))
            };
            let (accepted, failed) = (ended(UplinkState::Accepted)?, ended(UplinkState::Failed)?);
            let sql = "SELECT coalesce(sum(skipped), 0) FROM cursor WHERE bureau = ?1";
            let skipped = db.prepare_cached(sql)?.query_row([bureau], |row| natural(row, 0))?;
            Ok(UplinkSummary {
                open,
                open_real_time,
                oldest_open_at: oldest.map(Timestamp::from_millis),
                accepted_at: accepted_at.map(Timestamp::from_millis),
                accepted,
                failed,
                skipped,
            })
        };
        read().map_err(self.file.failed(ACT))
    }

    /// The messages of a bureau before number `before`, newest first; of one state where that is
    /// said.
    pub fn receipts(
        &self,
        bureau: &str,
        state: Option<UplinkState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<UplinkMessage>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM message WHERE bureau = ?1 AND (?2 IS NULL OR state = ?2)
             AND id < ?3 ORDER BY id DESC LIMIT ?4"
        );
        let db = self.file.reader();
        let read = || -> rusqlite::Result<_> {
            let mut select = db.prepare_cached(&sql)?;
            let before = before.unwrap_or(i64::MAX);
            let state = state.map(UplinkState::as_str);
            select.query_map(params![bureau, state, before, limit], message)?.collect()
        };
        read().map_err(self.file.failed(ACT))
    }

    /// The message of a QN.
    pub fn of_qn(&self, bureau: &str, qn: Timestamp) -> Result<Option<UplinkMessage>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM message WHERE bureau = ?1 AND qn = ?2");
        let db = self.file.reader();
        let found = db.query_row(&sql, params![bureau, qn.as_millis()], message).optional();
        found.map_err(self.file.failed(ACT))
    }

    /// Gives up what the centre asked for on a connection that is gone: it asks again.
    pub fn fail_asked(&self, bureau: &str, why: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE message SET state = 'failed', answer = ?2, ended_at = ?3
                   WHERE bureau = ?1 AND cause = 'asked' AND state IN ('queued', 'sent')";
        self.update(sql, params![bureau, why, now.as_millis()])
    }

    /// Gives up the oldest open messages of a kind, so that at most `keep` are left; how many.
    pub fn give_up(
        &self,
        bureau: &str,
        kind: UplinkKind,
        keep: u32,
        why: &str,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let sql = "UPDATE message SET state = 'failed', answer = ?3, ended_at = ?4 WHERE id IN (
                     SELECT id FROM message WHERE bureau = ?1 AND cause = 'due' AND kind = ?2
                     AND state IN ('queued', 'sent') ORDER BY due_at DESC, id LIMIT -1 OFFSET ?5)";
        let values = params![bureau, kind.as_str(), why, now.as_millis(), keep];
        self.file.writer().execute(sql, values).map_err(self.file.failed(ACT))
    }

    /// Deletes messages that ended before a moment, at most `limit`; how many.
    pub fn trim(&self, bureau: &str, before: Timestamp, limit: u32) -> Result<usize, StoreError> {
        let sql = "DELETE FROM message WHERE id IN (
                     SELECT id FROM message WHERE bureau = ?1 AND state IN ('accepted', 'failed')
                     AND ended_at < ?2 LIMIT ?3)";
        let values = params![bureau, before.as_millis(), limit];
        self.file.writer().execute(sql, values).map_err(self.file.failed(ACT))
    }
}
