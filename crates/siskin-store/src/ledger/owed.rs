//! Recipients that owe a receipt, and how an alarm about one was left by people.
//!
//! One row to a recipient, however many deliveries there are. Must never leave a recipient out
//! because another has more.

use rusqlite::{Connection, Params, Row, params};
use siskin_model::{Equipment, RuleId, Timestamp};

use super::Ledger;
use super::tables::value;
use crate::StoreError;
use crate::file::integer;

const ACT: &str = "read what recipients owe";

/// The newest deliveries that are looked through for what a recipient took last: who took none of
/// them counts as one that took nothing.
pub const TAKEN_LOOKED_MAX: u64 = 100_000;

/// A recipient that lacks something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// Its id.
    pub recipient: String,
    /// Of what was not accepted: when the oldest was queued. Of what was given up: when the newest
    /// was.
    pub at: Timestamp,
}

impl Ledger {
    /// Recipients of deliveries that were queued at or before `since` and are neither accepted nor
    /// given up, by id.
    pub fn recipients_unreceipted(&self, since: Timestamp) -> Result<Vec<Lacking>, StoreError> {
        let sql = "SELECT recipient, min(queued_at) FROM delivery
                   WHERE state IN ('queued', 'sent') AND queued_at <= ?1
                   GROUP BY recipient ORDER BY recipient";
        let row = |row: &Row<'_>| {
            Ok(Lacking { recipient: row.get(0)?, at: Timestamp::from_millis(row.get(1)?) })
        };
        self.rows(sql, [since.as_millis()], row)
    }

    /// Recipients that a delivery was given up for and that took none after it, by id. A recipient
    /// is told in order, so the numbers say what was after it, whatever the clock did.
    pub fn recipients_failed(&self) -> Result<Vec<Lacking>, StoreError> {
        let sql = "SELECT recipient, ended_at FROM
                       (SELECT recipient, ended_at, max(number) AS number FROM delivery
                        INDEXED BY delivery_failed WHERE state = 'failed' GROUP BY recipient)
                       AS failed
                   WHERE NOT EXISTS (SELECT 1 FROM delivery AS later
                       WHERE later.number > failed.number AND later.recipient = failed.recipient
                       AND later.state IN ('accepted', 'read'))
                   ORDER BY recipient";
        let row = |row: &Row<'_>| {
            // What was given up has the time of it.
            let at = row.get::<_, Option<i64>>(1)?.unwrap_or_default();
            Ok(Lacking { recipient: row.get(0)?, at: Timestamp::from_millis(at) })
        };
        self.rows(sql, [], row)
    }

    /// When each recipient took something last, by id, among the newest [`TAKEN_LOOKED_MAX`].
    pub fn recipients_taken(&self) -> Result<Vec<Lacking>, StoreError> {
        let sql = "SELECT recipient, ended_at, max(number) FROM delivery
                   WHERE state IN ('accepted', 'read') AND ended_at IS NOT NULL
                   AND number > (SELECT coalesce(max(number), 0) FROM delivery) - ?1
                   GROUP BY recipient ORDER BY recipient";
        let row = |row: &Row<'_>| {
            Ok(Lacking { recipient: row.get(0)?, at: Timestamp::from_millis(row.get(1)?) })
        };
        self.rows(sql, [integer(TAKEN_LOOKED_MAX)], row)
    }

    /// Alarms about equipment of a rule as they stand, those that are over too.
    pub fn equipment_of_rule(&self, rule: &RuleId) -> Result<Vec<Equipment>, StoreError> {
        let sql = "SELECT body FROM equipment WHERE rule = ?1 ORDER BY channel";
        let bodies = self.rows(sql, params![rule.as_str()], |row| row.get::<_, String>(0))?;
        bodies.iter().map(|body| value(&self.file, "an alarm about equipment", body)).collect()
    }

    fn rows<T>(
        &self,
        sql: &str,
        values: impl Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(sql)?;
            select.query_map(values, row)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT))
    }
}
