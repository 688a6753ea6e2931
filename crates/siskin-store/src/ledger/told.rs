//! How the messages of a time fared, for reports of it.

use rusqlite::{Row, params};
use siskin_model::Timestamp;

use super::Ledger;
use crate::StoreError;
use crate::file::natural;

/// Deliveries that were written in a time; what was superseded and what is of drills is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MessageTotals {
    /// All of them.
    pub told: u64,
    /// Those that were accepted within the time that was asked for.
    pub in_time: u64,
    /// Those that were given up.
    pub failed: u64,
    /// Those that somebody read.
    pub read: u64,
}

impl Ledger {
    /// Deliveries with `from` <= queued < `to`, as they stand now.
    pub fn message_totals(
        &self,
        (from, to): (Timestamp, Timestamp),
        in_time_ms: i64,
    ) -> Result<MessageTotals, StoreError> {
        let sql = "SELECT count(*),
                 coalesce(sum(state IN ('accepted', 'read') AND ended_at - queued_at <= ?3), 0),
                 coalesce(sum(state = 'failed'), 0), coalesce(sum(state = 'read'), 0)
             FROM delivery WHERE queued_at >= ?1 AND queued_at < ?2 AND state <> 'superseded'
             AND NOT EXISTS (SELECT 1 FROM warning WHERE id = delivery.warning
                 AND exercise IS NOT NULL)";
        let row = |row: &Row<'_>| {
            Ok(MessageTotals {
                told: natural(row, 0)?,
                in_time: natural(row, 1)?,
                failed: natural(row, 2)?,
                read: natural(row, 3)?,
            })
        };
        let values = params![from.as_millis(), to.as_millis(), in_time_ms];
        let read = self.file.reader().query_row(sql, values, row);
        read.map_err(self.file.failed("count messages"))
    }
}
