//! What the watches of edge gateways raised and cleared while they judged for themselves: a siren
//! sounded for it, and the record must say so even where the station's own alarm differs.

use rusqlite::{Connection, Row, named_params, params};
use siskin_model::{ChannelId, Edge, RuleId, Tier, Timestamp, WarningId};

use super::tables::{json, value};
use crate::StoreError;
use crate::file::{StoreFile, integer};

const ACT_WRITE: &str = "write an alarm of an edge gateway";
const ACT_READ: &str = "read the alarms of an edge gateway";

/// A begin or an end of an alarm of a gateway's own watch.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeAlarmEvent {
    /// The gateway.
    pub edge: String,
    /// The warning that it belongs to.
    pub warning: WarningId,
    /// The channel.
    pub channel: ChannelId,
    /// The rule.
    pub rule: RuleId,
    /// Its tier.
    pub tier: Tier,
    /// Begin or end.
    pub change: Edge,
    /// When, in event time.
    pub at: Timestamp,
    /// The value that did it, in the channel's unit.
    pub value: Option<f64>,
    /// When the station was told.
    pub told_at: Timestamp,
}

/// The table of format 4.
macro_rules! edge_alarm_table {
    () => {
        "
        CREATE TABLE edge_alarm (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            edge TEXT NOT NULL,
            warning TEXT NOT NULL,
            channel TEXT NOT NULL,
            rule TEXT NOT NULL,
            tier TEXT NOT NULL,
            change TEXT NOT NULL,
            at INTEGER NOT NULL,
            value REAL,
            told_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX edge_alarm_once ON edge_alarm (edge, channel, rule, at, change);"
    };
}
pub(crate) use edge_alarm_table;

const COLUMNS: &str = "edge, warning, channel, rule, tier, change, at, value, told_at";

/// Writes an event; one that is told again is the same one. False where it was known.
pub(crate) fn put(file: &StoreFile, event: &EdgeAlarmEvent) -> Result<bool, StoreError> {
    let (tier, change) = (json(&event.tier)?, json(&event.change)?);
    let write = |db: &Connection| {
        let mut put = db.prepare_cached(
            "INSERT OR IGNORE INTO edge_alarm
                (edge, warning, channel, rule, tier, change, at, value, told_at)
             VALUES
                (:edge, :warning, :channel, :rule, :tier, :change, :at, :value, :told_at)",
        )?;
        put.execute(named_params! {
            ":edge": event.edge,
            ":warning": event.warning.to_string(),
            ":channel": event.channel.as_str(),
            ":rule": event.rule.as_str(),
            ":tier": tier,
            ":change": change,
            ":at": event.at.as_millis(),
            ":value": event.value,
            ":told_at": event.told_at.as_millis(),
        })
    };
    let written = write(&file.writer()).map_err(file.failed(ACT_WRITE))?;
    Ok(written > 0)
}

/// The newest events of a gateway, newest first.
pub(crate) fn newest(
    file: &StoreFile,
    edge: &str,
    limit: usize,
) -> Result<Vec<EdgeAlarmEvent>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM edge_alarm WHERE edge = ?1 ORDER BY number DESC LIMIT ?2");
    read(file, edge, &sql, limit)
}

/// Alarms of a gateway that began and have not ended, oldest first: of each the last that happened.
pub(crate) fn active(
    file: &StoreFile,
    edge: &str,
    limit: usize,
) -> Result<Vec<EdgeAlarmEvent>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM edge_alarm AS one WHERE edge = ?1 AND change = '\"raise\"'
         AND NOT EXISTS (
             SELECT 1 FROM edge_alarm AS later
             WHERE later.edge = one.edge AND later.channel = one.channel
             AND later.rule = one.rule AND later.at >= one.at AND later.number <> one.number
             AND (later.at > one.at OR later.change <> one.change))
         ORDER BY at, number LIMIT ?2"
    );
    read(file, edge, &sql, limit)
}

fn read(
    file: &StoreFile,
    edge: &str,
    sql: &str,
    limit: usize,
) -> Result<Vec<EdgeAlarmEvent>, StoreError> {
    let rows = {
        let db = file.reader();
        let found = |db: &Connection| {
            let mut select = db.prepare_cached(sql)?;
            let found = select.query_map(params![edge, integer(limit as u64)], written)?;
            found.collect::<rusqlite::Result<Vec<_>>>()
        };
        found(&db).map_err(file.failed(ACT_READ))?
    };
    rows.into_iter().map(|row| event(file, row)).collect()
}

/// A row as it lies in the table.
struct Written {
    texts: [String; 6],
    at_ms: i64,
    value: Option<f64>,
    told_ms: i64,
}

fn written(row: &Row<'_>) -> rusqlite::Result<Written> {
    Ok(Written {
        texts: [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?],
        at_ms: row.get(6)?,
        value: row.get(7)?,
        told_ms: row.get(8)?,
    })
}

fn event(file: &StoreFile, row: Written) -> Result<EdgeAlarmEvent, StoreError> {
    const WHAT: &str = "an alarm of an edge gateway";
    let [edge, warning, channel, rule, tier, change] = row.texts;
    let quoted = |text: &str| json(&text);
    Ok(EdgeAlarmEvent {
        edge,
        warning: value(file, WHAT, &quoted(&warning)?)?,
        channel: value(file, WHAT, &quoted(&channel)?)?,
        rule: value(file, WHAT, &quoted(&rule)?)?,
        tier: value(file, WHAT, &tier)?,
        change: value(file, WHAT, &change)?,
        at: Timestamp::from_millis(row.at_ms),
        value: row.value,
        told_at: Timestamp::from_millis(row.told_ms),
    })
}
