//! The outbox: messages, who is to get them, and what became of them.
//!
//! A message is written in the transaction of the warning's step that it tells of, so it is on disk
//! before anybody is told (invariant 4). A delivery is the message for one recipient; its way is a
//! list of receipts that are never changed, and the row of the delivery is their sum. Must never
//! send anything, and never take back what was accepted.

use rusqlite::{Connection, OptionalExtension, Row, params};
use siskin_model::notify::{
    Candidate, Delivery, DeliveryState, Message, MessageKind, Receipt, kind_for,
};
use siskin_model::{AreaScope, Timestamp, WarningEvent, WarningId};

use super::tables::{json, value};
use super::{Ledger, ROWS_MAX, Step};
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

const ACT_WRITE: &str = "write a message";
const ACT_READ: &str = "read messages";
const ACT_RECEIPT: &str = "write receipts";

macro_rules! outbox_tables {
    () => {
        "
        CREATE TABLE message (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            warning TEXT NOT NULL,
            transition INTEGER NOT NULL,
            kind TEXT NOT NULL,
            tier TEXT NOT NULL,
            event INTEGER NOT NULL,
            made_at INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX message_of ON message (warning, transition);
        CREATE TABLE delivery (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            recipient TEXT NOT NULL,
            warning TEXT NOT NULL,
            transition INTEGER NOT NULL,
            kind TEXT NOT NULL,
            state TEXT NOT NULL,
            way INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            queued_at INTEGER NOT NULL,
            way_at INTEGER,
            sent_at INTEGER,
            ended_at INTEGER,
            read_at INTEGER,
            answer TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX delivery_of ON delivery (recipient, warning, transition);
        CREATE INDEX delivery_warning ON delivery (warning, number);
        CREATE INDEX delivery_open ON delivery (recipient, number)
            WHERE state IN ('queued', 'sent');
        CREATE INDEX delivery_failed ON delivery (ended_at) WHERE state = 'failed';
        CREATE TABLE receipt (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            delivery INTEGER NOT NULL REFERENCES delivery (number),
            happened TEXT NOT NULL,
            at INTEGER NOT NULL,
            way INTEGER NOT NULL,
            answer TEXT NOT NULL
        ) STRICT;
        CREATE INDEX receipt_of ON receipt (delivery, number);"
    };
}
pub(super) use outbox_tables;

/// A message that goes with a step of a warning.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// The place of the warning's step in [`Step::warnings`].
    pub event: usize,
    /// What is said; its `transition` is given by the ledger.
    pub message: Message,
    /// Who may be told.
    pub to: Vec<Candidate>,
}

/// A receipt with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReceipt {
    /// Its number.
    pub number: u64,
    /// What happened.
    pub receipt: Receipt,
}

/// Which deliveries are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Of this warning.
    pub warning: Option<WarningId>,
    /// To this recipient.
    pub recipient: Option<String>,
    /// In this state.
    pub state: Option<DeliveryState>,
    /// Older than this number; none: from the newest on.
    pub before: Option<u64>,
    /// Of warnings in these areas.
    pub areas: AreaScope,
}

/// All of them.
impl Default for DeliveryFilter {
    fn default() -> Self {
        Self { warning: None, recipient: None, state: None, before: None, areas: AreaScope::All }
    }
}

/// How the deliveries stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxTotals {
    /// To be sent, or sent and not answered.
    pub open: u64,
    /// When the oldest of them was queued.
    pub oldest_open_at: Option<Timestamp>,
    /// Given up.
    pub failed: u64,
}

/// Writes the messages of the step's warning number `place`, which has just become event `seq`.
/// Gives the newest delivery.
pub(super) fn write(
    file: &StoreFile,
    db: &Connection,
    (step, place): (&Step, usize),
    (seq, event): (u64, &WarningEvent),
) -> Result<Option<u64>, StoreError> {
    let mut newest = None;
    for new in step.messages.iter().filter(|new| new.event == place) {
        newest = put(file, db, new, (seq, event))?.or(newest);
    }
    Ok(newest)
}

/// The newest delivery of all.
pub(super) fn newest(file: &StoreFile, db: &Connection) -> Result<Option<u64>, StoreError> {
    let read = || {
        let mut select = db.prepare_cached("SELECT max(number) FROM delivery")?;
        select.query_row([], |row| row.get::<_, Option<i64>>(0))
    };
    let number = read().map_err(file.failed(ACT_READ))?;
    Ok(number.and_then(|number| u64::try_from(number).ok()))
}

fn put(
    file: &StoreFile,
    db: &Connection,
    new: &NewMessage,
    (seq, event): (u64, &WarningEvent),
) -> Result<Option<u64>, StoreError> {
    let warning = &event.warning.id;
    let (last, told) = last_message(file, db, warning)?;
    let Some(kind) = kind_for(new.message.kind, true, told) else {
        return Ok(None);
    };
    let message = Message { transition: last.saturating_add(1), kind, ..new.message.clone() };
    let mut due = Vec::new();
    for candidate in &new.to {
        let told = last_told(file, db, &candidate.recipient, warning)?;
        let kind = kind_for(new.message.kind, candidate.is_due, told);
        due.extend(kind.map(|kind| (kind, candidate.recipient.as_str())));
    }
    if kind == MessageKind::Acknowledged && due.is_empty() {
        // It is nobody's but sirens', and none of them was told.
        return Ok(None);
    }
    write_message(file, db, &message, seq)?;
    let mut newest = None;
    for (kind, recipient) in due {
        newest = Some(put_delivery(file, db, &message, kind, recipient)?);
    }
    Ok(newest)
}

pub(super) fn write_message(
    file: &StoreFile,
    db: &Connection,
    message: &Message,
    seq: u64,
) -> Result<(), StoreError> {
    let body = json(message)?;
    let write = || {
        let mut put = db.prepare_cached(
            "INSERT INTO message (warning, transition, kind, tier, event, made_at, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let made_ms = message.made_at.as_millis();
        let (kind, tier) = (message.kind.as_str(), message.tier.as_str());
        let (warning, seq) = (message.warning.as_str(), integer(seq));
        put.execute(params![warning, message.transition, kind, tier, seq, made_ms, body])
    };
    write().map(drop).map_err(file.failed(ACT_WRITE))
}

/// The number of the last message of a warning, and what the last one was that was no correction.
pub(super) fn last_message(
    file: &StoreFile,
    db: &Connection,
    warning: &WarningId,
) -> Result<(u32, Option<MessageKind>), StoreError> {
    let read = || {
        let mut select = db.prepare_cached(
            "SELECT (SELECT coalesce(max(transition), 0) FROM message WHERE warning = ?1),
             (SELECT kind FROM message WHERE warning = ?1 AND kind <> ?2
              ORDER BY transition DESC LIMIT 1)",
        )?;
        let row = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?));
        select.query_row([warning.as_str(), MessageKind::Correction.as_str()], row)
    };
    let (number, kind) = read().map_err(file.failed(ACT_READ))?;
    Ok((number, kind.and_then(|kind| MessageKind::from_word(&kind))))
}

/// The areas as a list that SQLite reads; none: all.
fn area_list(areas: &AreaScope) -> Option<String> {
    let AreaScope::Some(areas) = areas else { return None };
    // Ids have no letter that JSON would write in another way.
    let quoted: Vec<String> = areas.iter().map(|area| format!("\"{area}\"")).collect();
    Some(format!("[{}]", quoted.join(",")))
}

/// What a recipient was last told of a warning; corrections are about the past and do not count.
pub(super) fn last_told(
    file: &StoreFile,
    db: &Connection,
    recipient: &str,
    warning: &WarningId,
) -> Result<Option<MessageKind>, StoreError> {
    let read = || {
        let mut select = db.prepare_cached(
            "SELECT kind FROM delivery WHERE recipient = ?1 AND warning = ?2 AND kind <> ?3
             ORDER BY transition DESC LIMIT 1",
        )?;
        let word = |row: &Row<'_>| row.get::<_, String>(0);
        let correction = MessageKind::Correction.as_str();
        select.query_row(params![recipient, warning.as_str(), correction], word).optional()
    };
    let kind = read().map_err(file.failed(ACT_READ))?;
    Ok(kind.and_then(|kind| MessageKind::from_word(&kind)))
}

pub(super) fn put_delivery(
    file: &StoreFile,
    db: &Connection,
    message: &Message,
    kind: MessageKind,
    recipient: &str,
) -> Result<u64, StoreError> {
    let write = || {
        let mut put = db.prepare_cached(
            "INSERT INTO delivery
             (recipient, warning, transition, kind, state, way, tries, queued_at, answer)
             VALUES (?1, ?2, ?3, ?4, 'queued', 0, 0, ?5, '') RETURNING number",
        )?;
        let (warning, queued_ms) = (message.warning.as_str(), message.made_at.as_millis());
        let values = params![recipient, warning, message.transition, kind.as_str(), queued_ms];
        put.query_row(values, |row| natural(row, 0))
    };
    write().map_err(file.failed(ACT_WRITE))
}

pub(super) const DELIVERY: &str = "number, recipient, warning, transition, kind, state, way, tries,
    queued_at, way_at, sent_at, ended_at, read_at, answer";

pub(super) fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let moment = |column| {
        let ms: Option<i64> = row.get(column)?;
        Ok::<_, rusqlite::Error>(ms.map(Timestamp::from_millis))
    };
    let (kind, state): (String, String) = (row.get(4)?, row.get(5)?);
    let unknown = |column| {
        rusqlite::Error::InvalidColumnType(column, "a word".to_owned(), rusqlite::types::Type::Text)
    };
    Ok(Delivery {
        number: natural(row, 0)?,
        recipient: row.get(1)?,
        warning: WarningId::from_text(&row.get::<_, String>(2)?),
        transition: row.get(3)?,
        kind: MessageKind::from_word(&kind).ok_or_else(|| unknown(4))?,
        state: DeliveryState::from_word(&state).ok_or_else(|| unknown(5))?,
        way: row.get(6)?,
        tries: row.get(7)?,
        queued_at: Timestamp::from_millis(row.get(8)?),
        way_at: moment(9)?,
        sent_at: moment(10)?,
        ended_at: moment(11)?,
        read_at: moment(12)?,
        answer: row.get(13)?,
    })
}

impl Ledger {
    /// Deliveries to a recipient that are to be sent, or were sent and not answered, after the
    /// number `after`, in order, each with its message; at most `limit` and [`ROWS_MAX`].
    pub fn deliveries_open(
        &self,
        recipient: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(Delivery, Message)>, StoreError> {
        let sql = format!(
            "SELECT {DELIVERY}, (SELECT body FROM message
                 WHERE message.warning = delivery.warning
                 AND message.transition = delivery.transition)
             FROM delivery WHERE recipient = ?1 AND number > ?2 AND state IN ('queued', 'sent')
             ORDER BY number LIMIT ?3"
        );
        let limit = integer(limit.min(ROWS_MAX) as u64);
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(&sql)?;
            let row = |row: &Row<'_>| Ok((delivery(row)?, row.get::<_, String>(14)?));
            let rows = select.query_map(params![recipient, integer(after), limit], row)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let stored = read(&self.file.reader()).map_err(self.file.failed(ACT_READ))?;
        let with = |(one, body): (Delivery, String)| {
            let message = value(&self.file, "a message", &body)?;
            Ok((one, message))
        };
        stored.into_iter().map(with).collect()
    }

    /// Deliveries, newest first, at most `limit` and [`ROWS_MAX`].
    pub fn deliveries(
        &self,
        filter: &DeliveryFilter,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!(
            "SELECT {DELIVERY} FROM delivery
             WHERE (?1 IS NULL OR warning = ?1) AND (?2 IS NULL OR recipient = ?2)
             AND (?3 IS NULL OR state = ?3) AND (?4 IS NULL OR number < ?4)
             AND (?6 IS NULL OR EXISTS (SELECT 1 FROM warning WHERE id = delivery.warning
                 AND area IN (SELECT value FROM json_each(?6))))
             ORDER BY number DESC LIMIT ?5"
        );
        let limit = integer(limit.min(ROWS_MAX) as u64);
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(&sql)?;
            let values = params![
                filter.warning.as_ref().map(WarningId::as_str),
                filter.recipient,
                filter.state.map(DeliveryState::as_str),
                filter.before.map(integer),
                limit,
                area_list(&filter.areas)
            ];
            select.query_map(values, delivery)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT_READ))
    }

    /// One delivery.
    pub fn delivery(&self, number: u64) -> Result<Option<Delivery>, StoreError> {
        let sql = format!("SELECT {DELIVERY} FROM delivery WHERE number = ?1");
        let read = |db: &Connection| {
            db.prepare_cached(&sql)?.query_row([integer(number)], delivery).optional()
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT_READ))
    }

    /// What a recipient was told of a warning before `transition`, with when, in order: what a
    /// message of it points back to. What was superseded was never told.
    pub fn told_before(
        &self,
        recipient: &str,
        warning: &WarningId,
        transition: u32,
    ) -> Result<Vec<(u32, Timestamp)>, StoreError> {
        let sql = "SELECT transition, queued_at FROM delivery
                   WHERE recipient = ?1 AND warning = ?2 AND transition < ?3
                   AND state <> 'superseded' ORDER BY transition LIMIT ?4";
        let limit = integer(ROWS_MAX as u64);
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(sql)?;
            let row = |row: &Row<'_>| Ok((row.get(0)?, Timestamp::from_millis(row.get(1)?)));
            let values = params![recipient, warning.as_str(), transition, limit];
            select.query_map(values, row)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT_READ))
    }

    /// The last that a recipient was to be told of each other warning, where that is not its end;
    /// corrections are about the past and count as nothing. Newest first, at most [`ROWS_MAX`].
    pub fn others_told(
        &self,
        recipient: &str,
        warning: &WarningId,
    ) -> Result<Vec<(MessageKind, Message)>, StoreError> {
        let sql = "SELECT one.kind, message.body FROM delivery AS one
                   JOIN message ON message.warning = one.warning
                       AND message.transition = one.transition
                   WHERE one.recipient = ?1 AND one.warning <> ?2 AND one.kind NOT IN (?3, ?4, ?5)
                   AND NOT EXISTS (SELECT 1 FROM delivery AS later
                       WHERE later.recipient = one.recipient AND later.warning = one.warning
                       AND later.transition > one.transition AND later.kind <> ?5)
                   ORDER BY one.number DESC LIMIT ?6";
        let read = |db: &Connection| {
            let [all_clear, cancel, correction] =
                [MessageKind::AllClear, MessageKind::Cancel, MessageKind::Correction]
                    .map(MessageKind::as_str);
            let (warning, limit) = (warning.as_str(), integer(ROWS_MAX as u64));
            let values = params![recipient, warning, all_clear, cancel, correction, limit];
            let mut select = db.prepare_cached(sql)?;
            let row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
            select.query_map(values, row)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        let stored = read(&self.file.reader()).map_err(self.file.failed(ACT_READ))?;
        let told = |(kind, body): (String, String)| {
            let kind = MessageKind::from_word(&kind)
                .ok_or_else(|| self.file.damaged("a delivery".to_owned(), &"an unknown word"))?;
            Ok((kind, value(&self.file, "a message", &body)?))
        };
        stored.into_iter().map(told).collect()
    }

    /// Messages for everybody of warnings in `areas`, newest first, at most `limit` and
    /// [`ROWS_MAX`]: those that are only for sirens are left out.
    pub fn messages_newest(
        &self,
        areas: &AreaScope,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let sql = "SELECT body FROM message
                   WHERE kind <> ?3 AND (?2 IS NULL OR EXISTS (SELECT 1 FROM warning
                       WHERE id = message.warning
                       AND area IN (SELECT value FROM json_each(?2))))
                   ORDER BY number DESC LIMIT ?1";
        let (limit, left_out) =
            (integer(limit.min(ROWS_MAX) as u64), MessageKind::Acknowledged.as_str());
        self.messages(sql, params![limit, area_list(areas), left_out])
    }

    /// One message of a warning.
    pub fn message(
        &self,
        warning: &WarningId,
        transition: u32,
    ) -> Result<Option<Message>, StoreError> {
        let sql = "SELECT body FROM message WHERE warning = ?1 AND transition = ?2";
        let found = self.messages(sql, params![warning.as_str(), transition])?;
        Ok(found.into_iter().next())
    }

    /// The messages of a warning for everybody in order, up to `transition`.
    pub fn messages_of(
        &self,
        warning: &WarningId,
        transition: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let sql = "SELECT body FROM message WHERE warning = ?1 AND transition <= ?2
                   AND kind <> ?4 ORDER BY transition LIMIT ?3";
        let (limit, left_out) = (integer(ROWS_MAX as u64), MessageKind::Acknowledged.as_str());
        self.messages(sql, params![warning.as_str(), transition, limit, left_out])
    }

    pub(super) fn messages(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<Message>, StoreError> {
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(sql)?;
            let body = |row: &Row<'_>| row.get::<_, String>(0);
            select.query_map(values, body)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        let stored = read(&self.file.reader()).map_err(self.file.failed(ACT_READ))?;
        stored.iter().map(|body| value(&self.file, "a message", body)).collect()
    }

    /// The receipts of a delivery in order, its first [`ROWS_MAX`].
    pub fn receipts(&self, number: u64) -> Result<Vec<KeptReceipt>, StoreError> {
        self.receipts_after(number, 0, ROWS_MAX)
    }

    /// Writes receipts, in order and in one durable transaction. One that the state of its
    /// delivery does not allow (it was written before a crash) is passed over; gives those that
    /// were written.
    pub fn put_receipts(&self, receipts: &[Receipt]) -> Result<Vec<Receipt>, StoreError> {
        let mut writer = self.file.writer();
        let transaction = writer.transaction().map_err(self.file.failed(ACT_RECEIPT))?;
        let mut written = Vec::with_capacity(receipts.len());
        for receipt in receipts {
            if put_receipt(&transaction, receipt).map_err(self.file.failed(ACT_RECEIPT))? {
                written.push(receipt.clone());
            }
        }
        transaction.commit().map_err(self.file.failed(ACT_RECEIPT))?;
        Ok(written)
    }

    /// How the deliveries stand; failures are counted from `since` on.
    pub fn outbox_totals(&self, since: Timestamp) -> Result<OutboxTotals, StoreError> {
        let sql = "SELECT
            (SELECT count(*) FROM delivery WHERE state IN ('queued', 'sent')),
            (SELECT min(queued_at) FROM delivery WHERE state IN ('queued', 'sent')),
            (SELECT count(*) FROM delivery WHERE state = 'failed' AND ended_at >= ?1)";
        let row = |row: &Row<'_>| {
            let oldest: Option<i64> = row.get(1)?;
            Ok(OutboxTotals {
                open: natural(row, 0)?,
                oldest_open_at: oldest.map(Timestamp::from_millis),
                failed: natural(row, 2)?,
            })
        };
        let read = self.file.reader().query_row(sql, [since.as_millis()], row);
        read.map_err(self.file.failed(ACT_READ))
    }

    /// Deliveries that were queued at or before `since` and are neither accepted nor given up,
    /// oldest first, at most `limit` and [`ROWS_MAX`].
    pub fn deliveries_unreceipted(
        &self,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!(
            "SELECT {DELIVERY} FROM delivery WHERE state IN ('queued', 'sent') AND queued_at <= ?1
             ORDER BY number LIMIT ?2"
        );
        let limit = integer(limit.min(ROWS_MAX) as u64);
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(&sql)?;
            let values = params![since.as_millis(), limit];
            select.query_map(values, delivery)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT_READ))
    }
}

pub(super) fn put_receipt(db: &Connection, receipt: &Receipt) -> rusqlite::Result<bool> {
    let sql = format!("SELECT {DELIVERY} FROM delivery WHERE number = ?1");
    let found =
        db.prepare_cached(&sql)?.query_row([integer(receipt.delivery)], delivery).optional()?;
    let Some(mut one) = found else {
        return Ok(false);
    };
    if !one.take(receipt) {
        return Ok(false);
    }
    let moment = |at: Option<Timestamp>| at.map(Timestamp::as_millis);
    db.prepare_cached(
        "UPDATE delivery SET state = ?2, way = ?3, tries = ?4, way_at = ?5, sent_at = ?6,
         ended_at = ?7, read_at = ?8, answer = ?9 WHERE number = ?1",
    )?
    .execute(params![
        integer(one.number),
        one.state.as_str(),
        one.way,
        one.tries,
        moment(one.way_at),
        moment(one.sent_at),
        moment(one.ended_at),
        moment(one.read_at),
        one.answer
    ])?;
    db.prepare_cached(
        "INSERT INTO receipt (delivery, happened, at, way, answer) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        integer(receipt.delivery),
        receipt.happened.as_str(),
        receipt.at.as_millis(),
        receipt.way,
        receipt.answer
    ])?;
    Ok(true)
}
