//! The newest pulse of the station's self-proof: one row that is written over, in the transaction
//! in which a warning would be written.

use rusqlite::{Connection, OptionalExtension, params};
use siskin_model::Timestamp;

use super::Ledger;
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

const ACT_WRITE: &str = "write the pulse";

macro_rules! pulse_table {
    () => {
        "
        CREATE TABLE pulse (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            number INTEGER NOT NULL,
            sent_at INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL
        ) STRICT;"
    };
}
pub(super) use pulse_table;

/// A pulse that went through the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PulseMark {
    /// Its number since the start of the station.
    pub number: u64,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it was written, by the station's clock; after its way through the outbox: when its
    /// receipt was.
    pub recorded_at: Timestamp,
}

/// Writes the newest pulse in place of the one before.
pub(super) fn put(file: &StoreFile, db: &Connection, pulse: PulseMark) -> Result<(), StoreError> {
    let put = || {
        let mut put = db.prepare_cached(
            "INSERT INTO pulse (only_row, number, sent_at, recorded_at) VALUES (1, ?1, ?2, ?3)
             ON CONFLICT (only_row) DO UPDATE SET number = excluded.number,
             sent_at = excluded.sent_at, recorded_at = excluded.recorded_at",
        )?;
        let (sent_ms, recorded_ms) = (pulse.sent_at.as_millis(), pulse.recorded_at.as_millis());
        put.execute(params![integer(pulse.number), sent_ms, recorded_ms])
    };
    put().map(|_| ()).map_err(file.failed(ACT_WRITE))
}

impl Ledger {
    /// Writes that the newest pulse went through the outbox, into its one row; durable when it
    /// returns. False where the row is that of another pulse.
    pub fn put_pulse_receipt(&self, number: u64, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE pulse SET recorded_at = ?2 WHERE number = ?1";
        let written = self.file.writer().execute(sql, params![integer(number), at.as_millis()]);
        Ok(written.map_err(self.file.failed(ACT_WRITE))? == 1)
    }

    /// The newest pulse that was written.
    pub fn pulse(&self) -> Result<Option<PulseMark>, StoreError> {
        let row = |row: &rusqlite::Row<'_>| {
            Ok(PulseMark {
                number: natural(row, 0)?,
                sent_at: Timestamp::from_millis(row.get(1)?),
                recorded_at: Timestamp::from_millis(row.get(2)?),
            })
        };
        let sql = "SELECT number, sent_at, recorded_at FROM pulse";
        let read = self.file.reader().query_row(sql, [], row).optional();
        read.map_err(self.file.failed("read the pulse"))
    }
}
