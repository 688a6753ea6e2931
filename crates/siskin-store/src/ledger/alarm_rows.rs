//! The record of alarms, page by page, with what became of each: for the table of alarms.
//!
//! Alarms as they stand after corrections, newest begin first. An alarm has no state of its own:
//! it is that of the warning which it fed, or of the alarm about equipment which it is. Must never
//! leave out a row that fits: whoever reads goes on from the last row until there is none.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use siskin_model::{
    Acknowledgement, Alarm, AreaId, ChannelId, Equipment, GasId, RuleId, Tier, Timestamp, Warning,
    WarningId, WarningState,
};

use super::tables::value;
use super::{Ledger, ROWS_MAX};
use crate::StoreError;
use crate::file::{StoreFile, integer};

const ACT: &str = "read the record of alarms";

/// For this table only: made where they are missing, so that no format depends on them.
const INDEXES: &str = "
    CREATE INDEX IF NOT EXISTS alarm_begun ON alarm (raised_at, cleared_at);
    CREATE INDEX IF NOT EXISTS warning_place ON warning (area, gas, raised_at);";

/// Where a page ended: the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmPlace {
    /// When the last row began.
    pub raised_at: Timestamp,
    /// Its rule.
    pub rule: RuleId,
    /// Its channel.
    pub channel: ChannelId,
}

/// Which alarms are asked for. What is none or empty asks for all.
#[derive(Debug, Clone, Default)]
pub struct AlarmFilter {
    /// Active at or after this moment of event time.
    pub from: Option<Timestamp>,
    /// Begun before.
    pub to: Option<Timestamp>,
    /// Active, or ended at or after this moment.
    pub not_over_before: Option<Timestamp>,
    /// Of these channels; none: of all.
    pub channels: Option<Vec<ChannelId>>,
    /// Of these rules.
    pub rules: Option<Vec<RuleId>>,
    /// Of these tiers; a none in it: alarms about equipment.
    pub tiers: Option<Vec<Option<Tier>>>,
}

/// An alarm of the record.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmRow {
    /// As it was raised.
    pub alarm: Alarm,
    /// When it ended; none while it is active.
    pub cleared_at: Option<Timestamp>,
}

/// What became of a warning, without what feeds it.
#[derive(Debug, Clone, PartialEq)]
pub struct WarningSpan {
    /// Its id.
    pub id: WarningId,
    /// Where it is in its life.
    pub state: WarningState,
    /// When it began, in event time.
    pub raised_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Its last acknowledgement.
    pub acknowledged: Option<Acknowledgement>,
}

pub(super) fn make_indexes(file: &StoreFile) -> Result<(), StoreError> {
    let made = file.writer().execute_batch(INDEXES);
    made.map_err(file.failed("make the indexes of the record of alarms"))
}

/// A list for `json_each`; ids have neither quotes nor backslashes.
fn list<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = ids.map(|id| format!("\"{id}\"")).collect();
    format!("[{}]", quoted.join(","))
}

impl Ledger {
    /// Alarms that fit, newest begin first, after `after`; at most `limit` and [`ROWS_MAX`].
    pub fn alarm_rows(
        &self,
        filter: &AlarmFilter,
        after: Option<&AlarmPlace>,
        limit: usize,
    ) -> Result<Vec<AlarmRow>, StoreError> {
        let stored = rows(&self.file.reader(), filter, after, limit.min(ROWS_MAX))
            .map_err(self.file.failed(ACT))?;
        let whole = |(body, cleared_ms): (String, Option<i64>)| {
            let cleared_at = cleared_ms.map(Timestamp::from_millis);
            Ok(AlarmRow { alarm: value(&self.file, "an alarm", &body)?, cleared_at })
        };
        stored.into_iter().map(whole).collect()
    }

    /// When the oldest began of the warnings and alarms about equipment that are not over: alarms
    /// that ended before it are history. None where all are over.
    pub fn oldest_open(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(begun) FROM (
                   SELECT min(raised_at) AS begun FROM warning WHERE is_open = 1
                   UNION ALL SELECT min(json_extract(body, '$.alarm.since')) FROM equipment
                   WHERE is_open = 1)";
        let read =
            |db: &Connection| db.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).optional();
        let found = read(&self.file.reader()).map_err(self.file.failed(ACT))?;
        Ok(found.flatten().map(Timestamp::from_millis))
    }

    /// The last warning of a gas in an area that had begun at `at`; none of a drill.
    pub fn warning_before(
        &self,
        area: &AreaId,
        gas: &GasId,
        at: Timestamp,
    ) -> Result<Option<WarningSpan>, StoreError> {
        let sql = "SELECT body FROM warning WHERE area = ?1 AND gas = ?2 AND raised_at <= ?3
                   AND exercise IS NULL ORDER BY raised_at DESC LIMIT 1";
        self.warning_of(sql, area, gas, at)
    }

    /// The first one that began after `at`.
    pub fn warning_after(
        &self,
        area: &AreaId,
        gas: &GasId,
        at: Timestamp,
    ) -> Result<Option<WarningSpan>, StoreError> {
        let sql = "SELECT body FROM warning WHERE area = ?1 AND gas = ?2 AND raised_at > ?3
                   AND exercise IS NULL ORDER BY raised_at LIMIT 1";
        self.warning_of(sql, area, gas, at)
    }

    fn warning_of(
        &self,
        sql: &str,
        area: &AreaId,
        gas: &GasId,
        at: Timestamp,
    ) -> Result<Option<WarningSpan>, StoreError> {
        let read = |db: &Connection| {
            let values = params![area.as_str(), gas.as_str(), at.as_millis()];
            let mut select = db.prepare_cached(sql)?;
            select.query_row(values, |row| row.get::<_, String>(0)).optional()
        };
        let body = read(&self.file.reader()).map_err(self.file.failed(ACT))?;
        body.map(|body| value(&self.file, "a warning", &body).map(span)).transpose()
    }

    /// The alarm about equipment of a rule on a channel, as it stands.
    pub fn equipment_of(
        &self,
        rule: &RuleId,
        channel: &ChannelId,
    ) -> Result<Option<Equipment>, StoreError> {
        let sql = "SELECT body FROM equipment WHERE rule = ?1 AND channel = ?2";
        let read = |db: &Connection| {
            let mut select = db.prepare_cached(sql)?;
            let values = params![rule.as_str(), channel.as_str()];
            select.query_row(values, |row| row.get::<_, String>(0)).optional()
        };
        let body = read(&self.file.reader()).map_err(self.file.failed(ACT))?;
        body.map(|body| value(&self.file, "an alarm about equipment", &body)).transpose()
    }
}

fn span(warning: Warning) -> WarningSpan {
    let Warning { id, state, raised_at, changed_at, acknowledged, .. } = warning;
    WarningSpan { id, state, raised_at, changed_at, acknowledged }
}

fn rows(
    db: &Connection,
    filter: &AlarmFilter,
    after: Option<&AlarmPlace>,
    limit: usize,
) -> rusqlite::Result<Vec<(String, Option<i64>)>> {
    let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millis);
    let channels = filter.channels.as_ref().map(|ids| list(ids.iter().map(ChannelId::as_str)));
    let rules = filter.rules.as_ref().map(|ids| list(ids.iter().map(RuleId::as_str)));
    let of_tier = |tier: &Option<Tier>| tier.map_or("", Tier::as_str);
    let tiers = filter.tiers.as_ref().map(|tiers| list(tiers.iter().map(of_tier)));
    let mut select = db.prepare_cached(
        "SELECT body, cleared_at FROM alarm
         WHERE raised_at < :to AND raised_at <= :after_at
         AND (:from IS NULL OR cleared_at IS NULL OR cleared_at >= :from)
         AND (:open IS NULL OR cleared_at IS NULL OR cleared_at >= :open)
         AND (raised_at < :after_at OR :after_rule IS NULL
              OR (rule, channel) > (:after_rule, :after_channel))
         AND (:channels IS NULL OR channel IN (SELECT value FROM json_each(:channels)))
         AND (:rules IS NULL OR rule IN (SELECT value FROM json_each(:rules)))
         AND (:tiers IS NULL OR coalesce(tier, '') IN (SELECT value FROM json_each(:tiers)))
         ORDER BY raised_at DESC, rule, channel LIMIT :limit",
    )?;
    let values = named_params! {
        ":to": ms(filter.to).unwrap_or(i64::MAX),
        ":from": ms(filter.from),
        ":open": ms(filter.not_over_before),
        ":after_at": after.map_or(i64::MAX, |place| place.raised_at.as_millis()),
        ":after_rule": after.map(|place| place.rule.as_str()),
        ":after_channel": after.map(|place| place.channel.as_str()),
        ":channels": channels,
        ":rules": rules,
        ":tiers": tiers,
        ":limit": integer(limit as u64),
    };
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    select.query_map(values, row)?.collect()
}
