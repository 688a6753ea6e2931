//! The record: begins and ends of alarms as they stand after corrections.
//!
//! Events are never changed, so what is true now is folded from them: the last word on an edge
//! counts. Must never let a correction rewrite what was told; it only says what is known now.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use siskin_model::{AlarmEvent, ChannelId, Correction, CorrectionChange, Edge, RuleId, Timestamp};

use super::tables::{json, value};
use super::views;
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

const ACT_WRITE: &str = "write an event";
const ACT_READ: &str = "read the record of alarms";

/// What an event says of an edge, in the column `change`.
fn word(change: Option<CorrectionChange>, edge: Edge) -> &'static str {
    match (change, edge) {
        (None, Edge::Raise) => "raise",
        (None, Edge::Clear) => "clear",
        (Some(CorrectionChange::Added), Edge::Raise) => "added-raise",
        (Some(CorrectionChange::Added), Edge::Clear) => "added-clear",
        (Some(CorrectionChange::Removed), Edge::Raise) => "removed-raise",
        (Some(CorrectionChange::Removed), Edge::Clear) => "removed-clear",
    }
}

/// Whether the record has this begin or end.
pub(crate) fn has(
    file: &StoreFile,
    db: &Connection,
    event: &AlarmEvent,
) -> Result<bool, StoreError> {
    let read = || {
        let mut select = db.prepare_cached(
            "SELECT change FROM event WHERE channel = :channel AND at = :at AND rule = :rule
             AND change IN (:plain, :added, :removed) ORDER BY seq DESC LIMIT 1",
        )?;
        let values = named_params! {
            ":channel": event.alarm.channel.as_str(),
            ":at": event.at.as_millis(),
            ":rule": event.alarm.rule.as_str(),
            ":plain": word(None, event.edge),
            ":added": word(Some(CorrectionChange::Added), event.edge),
            ":removed": word(Some(CorrectionChange::Removed), event.edge),
        };
        select.query_row(values, |row| row.get::<_, String>(0)).optional()
    };
    let last = read().map_err(file.failed(ACT_WRITE))?;
    Ok(last.is_some_and(|last| last != word(Some(CorrectionChange::Removed), event.edge)))
}

/// Writes the corrections that change the record and gives them with their numbers.
pub(crate) fn correct(
    file: &StoreFile,
    db: &Connection,
    recorded_at: Timestamp,
    corrections: &[Correction],
) -> Result<Vec<(u64, Correction)>, StoreError> {
    let mut written = Vec::new();
    let mut touched: BTreeMap<(RuleId, ChannelId), Timestamp> = BTreeMap::new();
    for correction in corrections {
        let event = &correction.event;
        let is_added = correction.change == CorrectionChange::Added;
        if has(file, db, event)? == is_added || is_repeated(file, db, correction)? {
            continue;
        }
        written.push((write(file, db, recorded_at, correction)?, correction.clone()));
        let key = (event.alarm.rule.clone(), event.alarm.channel.clone());
        let earliest = touched.entry(key).or_insert(event.at);
        *earliest = (*earliest).min(event.at);
    }
    for ((rule, channel), earliest) in touched {
        rebuild(file, db, &rule, &channel, earliest)?;
    }
    Ok(written)
}

/// A step that is committed again brings equal corrections; one that was taken back meanwhile must
/// not come back by that. While the clock stands still, though, an edge may truly come and go more
/// than once at one moment: only what was found later has taken a correction back.
fn is_repeated(
    file: &StoreFile,
    db: &Connection,
    correction: &Correction,
) -> Result<bool, StoreError> {
    let event = &correction.event;
    let read = || {
        let mut select = db.prepare_cached(
            "SELECT seq, kind, body FROM event WHERE channel = :channel AND at = :at
             AND rule = :rule AND change IN (:added, :removed) ORDER BY seq",
        )?;
        let values = named_params! {
            ":channel": event.alarm.channel.as_str(),
            ":at": event.at.as_millis(),
            ":rule": event.alarm.rule.as_str(),
            ":added": word(Some(CorrectionChange::Added), event.edge),
            ":removed": word(Some(CorrectionChange::Removed), event.edge),
        };
        select.query_map(values, row)?.collect::<rusqlite::Result<Vec<Stored>>>()
    };
    let rows = read().map_err(file.failed(ACT_WRITE))?;
    let body = json(correction)?;
    let is_known = rows.iter().any(|(_, _, known)| *known == body);
    let Some((seq, _, last)) = rows.last().filter(|_| is_known) else { return Ok(false) };
    let last: Correction = value(file, &format!("event {seq}"), last)?;
    Ok(last == *correction || last.found_at > correction.found_at)
}

fn write(
    file: &StoreFile,
    db: &Connection,
    recorded_at: Timestamp,
    correction: &Correction,
) -> Result<u64, StoreError> {
    let event = &correction.event;
    let body = json(correction)?;
    let write = || {
        let mut put = db.prepare_cached(
            "INSERT INTO event (recorded_at, kind, change, at, rule, channel, body)
             VALUES (:recorded_at, 'correction', :change, :at, :rule, :channel, :body)
             RETURNING seq",
        )?;
        let values = named_params! {
            ":recorded_at": recorded_at.as_millis(),
            ":change": word(Some(correction.change), event.edge),
            ":at": event.at.as_millis(),
            ":rule": event.alarm.rule.as_str(),
            ":channel": event.alarm.channel.as_str(),
            ":body": body,
        };
        put.query_row(values, |row| natural(row, 0))
    };
    write().map_err(file.failed(ACT_WRITE))
}

/// Makes the view of one rule on one channel again from the record, as far back as a correction
/// reaches. An end belongs to the begin before it, also when the begin has moved.
fn rebuild(
    file: &StoreFile,
    db: &Connection,
    rule: &RuleId,
    channel: &ChannelId,
    earliest: Timestamp,
) -> Result<(), StoreError> {
    let from = views::forget_alarms(file, db, rule, channel, earliest)?;
    let mut begun: Option<AlarmEvent> = None;
    for event in edges_of(file, db, channel, from)? {
        if event.alarm.rule != *rule {
            continue;
        }
        match (event.edge, begun.take()) {
            (Edge::Raise, Some(open)) => begun = Some(open),
            (Edge::Raise, None) => {
                views::apply_alarm(file, db, &event)?;
                begun = Some(event);
            }
            (Edge::Clear, Some(open)) => {
                let ended = AlarmEvent { alarm: open.alarm, ..event };
                views::apply_alarm(file, db, &ended)?;
            }
            (Edge::Clear, None) => {}
        }
    }
    Ok(())
}

/// The record of `channels` from `since` on, in order of time.
pub(crate) fn edges(
    file: &StoreFile,
    channels: &[ChannelId],
    since: Timestamp,
) -> Result<Vec<AlarmEvent>, StoreError> {
    let channels: BTreeSet<&ChannelId> = channels.iter().collect();
    let mut all = Vec::new();
    for channel in channels {
        all.extend(edges_of(file, &file.reader(), channel, since)?);
    }
    all.sort_by_key(|event| event.at);
    Ok(all)
}

/// The record of all channels from `since` on, newest first.
pub(crate) fn newest(
    file: &StoreFile,
    since: Timestamp,
    limit: usize,
) -> Result<Vec<AlarmEvent>, StoreError> {
    let read = |db: &Connection| {
        let mut select = db.prepare_cached(
            "SELECT seq, kind, body FROM event WHERE channel IS NOT NULL AND at >= ?1
             ORDER BY at DESC, seq DESC LIMIT ?2",
        )?;
        let values = [since.as_millis(), integer(limit as u64)];
        select.query_map(values, row)?.collect::<rusqlite::Result<Vec<Stored>>>()
    };
    let mut rows = read(&file.reader()).map_err(file.failed(ACT_READ))?;
    rows.reverse();
    let mut edges = standing(file, rows)?;
    edges.reverse();
    Ok(edges)
}

/// The record of one channel from `since` on, in order of time, and of writing within a moment.
fn edges_of(
    file: &StoreFile,
    db: &Connection,
    channel: &ChannelId,
    since: Timestamp,
) -> Result<Vec<AlarmEvent>, StoreError> {
    let read = || {
        let mut select = db.prepare_cached(
            "SELECT seq, kind, body FROM event WHERE channel = ?1 AND at >= ?2 ORDER BY at, seq",
        )?;
        let values = params![channel.as_str(), since.as_millis()];
        select.query_map(values, row)?.collect::<rusqlite::Result<Vec<Stored>>>()
    };
    let rows = read().map_err(file.failed(ACT_READ))?;
    standing(file, rows)
}

/// Number, kind and body of an event.
type Stored = (u64, String, String);

fn row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((natural(row, 0)?, row.get(1)?, row.get(2)?))
}

/// What stands after all that was said, in order of time and of writing.
fn standing(file: &StoreFile, rows: Vec<Stored>) -> Result<Vec<AlarmEvent>, StoreError> {
    let mut standing = BTreeMap::new();
    for (seq, kind, body) in rows {
        let what = format!("event {seq}");
        let (change, event) = if kind == "correction" {
            let correction: Correction = value(file, &what, &body)?;
            (correction.change, correction.event)
        } else {
            (CorrectionChange::Added, value::<AlarmEvent>(file, &what, &body)?)
        };
        let (rule, channel) = (event.alarm.rule.clone(), event.alarm.channel.clone());
        let key = (event.at, channel, rule, event.edge);
        match change {
            CorrectionChange::Added => standing.insert(key, (seq, event)),
            CorrectionChange::Removed => standing.remove(&key),
        };
    }
    let mut edges: Vec<_> = standing.into_values().collect();
    edges.sort_by_key(|(seq, event)| (event.at, *seq));
    Ok(edges.into_iter().map(|(_, event)| event).collect())
}
