//! Messages about what late readings changed, in the transaction of their corrections.
//!
//! The record is read before and after the corrections are written, so that nothing is told that
//! they did not change, and a step that is committed again tells nothing twice. Must never tell
//! somebody of the past who does not ask for it.

use rusqlite::{Connection, Row, params};
use siskin_model::notify::late::{Change, Stretch, Told, changes};
use siskin_model::notify::{Course, Message, MessageKind, Said, kind_for};
use siskin_model::{Alarm, AreaId, ChannelId, GasId, Tier, Timestamp, Warning, WarningId};

use super::outbox;
use super::tables::value;
use super::{ROWS_MAX, Step};
use crate::StoreError;
use crate::file::{StoreFile, integer};

const ACT: &str = "write what late readings changed";

/// What may be told of the corrections of one gas in one area.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLate {
    /// Where.
    pub area: AreaId,
    /// Which gas.
    pub gas: GasId,
    /// All channels of that gas there.
    pub channels: Vec<ChannelId>,
    /// The earliest moment that the corrections are about.
    pub from: Timestamp,
    /// The latest one.
    pub to: Timestamp,
    /// What is said; what changed is put in by the ledger.
    pub message: Message,
    /// Who may be told, with the lowest tier that they are told of.
    pub to_whom: Vec<(String, Tier)>,
}

/// The record as it stood, for each of the step's [`NewLate`].
pub(super) type Before = Vec<(Timestamp, Vec<Stretch>)>;

/// Reads the record before the corrections are written.
pub(super) fn before(file: &StoreFile, db: &Connection, step: &Step) -> Result<Before, StoreError> {
    let one = |new: &NewLate| {
        let told = told(file, db, new)?;
        // A warning's own course may begin long before what is corrected.
        let from = told.iter().map(|one| one.from).fold(new.from, Timestamp::min);
        Ok((from, stretches(file, db, new, from)?))
    };
    step.late.iter().map(one).collect()
}

/// Writes a message for everything that is not as it was `before`; `seq` is the number of the
/// step's first correction. Gives the newest delivery.
pub(super) fn write(
    file: &StoreFile,
    db: &Connection,
    step: &Step,
    (before, seq): (&Before, u64),
) -> Result<Option<u64>, StoreError> {
    let mut newest = None;
    for (new, (from, was)) in step.late.iter().zip(before) {
        let (told, is) = (told(file, db, new)?, stretches(file, db, new, *from)?);
        for change in changes((&new.area, &new.gas), &told, was, &is) {
            newest = put(file, db, (new, change), seq)?.or(newest);
        }
    }
    Ok(newest)
}

fn put(
    file: &StoreFile,
    db: &Connection,
    (new, change): (&NewLate, Change),
    seq: u64,
) -> Result<Option<u64>, StoreError> {
    let Change { warning, corrected, said } = change;
    let (last, told) = outbox::last_message(file, db, &warning)?;
    let Some(course) = corrected.after.or(corrected.before) else { return Ok(None) };
    if told == Some(MessageKind::Cancel) {
        return Ok(None);
    }
    let peak_of = |course: Option<Course>| course.map(|course| course.peak);
    let (was, is) = (peak_of(corrected.before), peak_of(corrected.after));
    let message = Message {
        warning,
        transition: last.saturating_add(1),
        kind: MessageKind::Correction,
        tier: course.peak,
        tier_peak: course.peak,
        raised_at: course.begin,
        said,
        corrected: Some(corrected),
        ..new.message.clone()
    };
    outbox::write_message(file, db, &message, seq)?;
    let mut newest = None;
    for (recipient, tier_min) in &new.to_whom {
        // Who was told, or would have been; not who would have been told before and was not.
        let is_due = is >= Some(*tier_min) && was < Some(*tier_min);
        let told = match outbox::last_told(file, db, recipient, &message.warning)? {
            None => corrected_before(file, db, recipient, &message.warning)?,
            told => told,
        };
        if let Some(kind) = kind_for(MessageKind::Correction, is_due, told) {
            newest = Some(outbox::put_delivery(file, db, &message, kind, recipient)?);
        }
    }
    Ok(newest)
}

/// Whether a recipient was told of something by corrections only.
fn corrected_before(
    file: &StoreFile,
    db: &Connection,
    recipient: &str,
    warning: &WarningId,
) -> Result<Option<MessageKind>, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM delivery WHERE recipient = ?1 AND warning = ?2)";
    let read = || {
        let mut select = db.prepare_cached(sql)?;
        select.query_row(params![recipient, warning.as_str()], |row| row.get::<_, bool>(0))
    };
    let was_told = read().map_err(file.failed(ACT))?;
    Ok(was_told.then_some(MessageKind::Correction))
}

/// The warnings of the place around what is corrected.
fn told(file: &StoreFile, db: &Connection, new: &NewLate) -> Result<Vec<Told>, StoreError> {
    let sql = "SELECT body FROM warning WHERE area = ?1 AND gas = ?2 AND exercise IS NULL
               AND raised_at <= ?3 AND (is_open = 1 OR changed_at >= ?4)
               ORDER BY raised_at DESC LIMIT ?5";
    let read = || {
        let mut select = db.prepare_cached(sql)?;
        let (from, to) = (new.from.as_millis(), new.to.as_millis());
        let (area, gas) = (new.area.as_str(), new.gas.as_str());
        let values = params![area, gas, to, from, integer(ROWS_MAX as u64)];
        let body = |row: &Row<'_>| row.get::<_, String>(0);
        select.query_map(values, body)?.collect::<rusqlite::Result<Vec<_>>>()
    };
    let bodies = read().map_err(file.failed(ACT))?;
    let told = |body: &String| {
        let warning: Warning = value(file, "a warning", body)?;
        let is_over = !warning.state.is_open();
        let to = match warning.returned_at {
            None if is_over => Some(warning.changed_at),
            returned => returned.filter(|_| warning.alarms.is_empty()),
        };
        Ok(Told { id: warning.id, from: warning.raised_at, to })
    };
    bodies.iter().map(told).collect()
}

/// The alarms with a tier on the place's channels that had not ended before `from`.
fn stretches(
    file: &StoreFile,
    db: &Connection,
    new: &NewLate,
    from: Timestamp,
) -> Result<Vec<Stretch>, StoreError> {
    let sql = "SELECT cleared_at, channel, body FROM alarm WHERE cleared_at IS NULL
               UNION ALL
               SELECT cleared_at, channel, body FROM alarm WHERE cleared_at >= ?1";
    let read = || {
        let mut select = db.prepare_cached(sql)?;
        let row = |row: &Row<'_>| {
            let (end, channel): (Option<i64>, String) = (row.get(0)?, row.get(1)?);
            Ok((end.map(Timestamp::from_millis), channel, row.get::<_, String>(2)?))
        };
        select.query_map([from.as_millis()], row)?.collect::<rusqlite::Result<Vec<_>>>()
    };
    let rows = read().map_err(file.failed(ACT))?;
    let mut found = Vec::new();
    for (end, channel, body) in rows {
        if !new.channels.iter().any(|one| one.as_str() == channel) {
            continue;
        }
        let alarm: Alarm = value(file, "an alarm", &body)?;
        found.extend(stretch(&alarm, end));
    }
    Ok(found)
}

fn stretch(alarm: &Alarm, end: Option<Timestamp>) -> Option<Stretch> {
    let course = Course { begin: alarm.since, end, peak: alarm.tier? };
    let said = Said {
        rule: alarm.rule.clone(),
        channel: alarm.channel.to_string(),
        value: alarm.value.filter(|value| value.is_finite()),
        limit: alarm.limit.filter(|limit| limit.is_finite()),
        unit: alarm.unit,
        since: alarm.since,
    };
    Some(Stretch { course, said })
}
