//! The record of alarms as the API gives it: the ledger's rows with names, and with what became of
//! each. Read at each question, a piece at a time: nothing is kept, and whoever writes finds the
//! lock free in between.

mod fate;
mod sheet;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use serde_json::json;
use siskin_api::alarm_records::{AlarmCursor, AlarmRecords, WHOLE_MAX};
use siskin_api::backend::BackendError;
use siskin_api::contract::{
    AlarmExportForm, AlarmRecordView, AlarmRecordsView, ExportLang, TierView, WarningStateView,
};
use siskin_api::{AlarmRecordsFault, AlarmsAsked};
use siskin_engine::RuleSet;
use siskin_model::{ChannelId, Site, Timestamp, Who};
use siskin_store::ledger::{AlarmFilter, AlarmPlace, AlarmRow, NewAudit};
use siskin_store::{Ledger, StoreError};

use self::fate::Fates;
use super::backend::{StationBackend, unavailable};
use super::views;

/// Rows that are read at once.
const PIECE_ROWS: usize = 500;
/// Rows that one page looks at; `next` says that there are others.
const ROWS_LOOKED_MAX: usize = 20_000;

impl AlarmRecords for StationBackend {
    fn alarm_records(
        &self,
        asked: &AlarmsAsked,
        after: Option<&AlarmCursor>,
        limit: usize,
    ) -> Result<AlarmRecordsView, BackendError> {
        let rules = self.rules.now.rules();
        let desk = Desk { site: &self.settings.site, ledger: &self.ledger, rules: &rules };
        let page = desk.page(asked, after, limit, ROWS_LOOKED_MAX);
        let (records, next) = page.map_err(|error| unavailable(&error))?;
        let next = next.map(|next| next.to_string());
        Ok(AlarmRecordsView { records, next, now_ms: self.clock.now().as_millis() })
    }

    fn alarms_ranked(&self, asked: &AlarmsAsked) -> Result<AlarmRecordsView, BackendError> {
        let mut asked = asked.clone();
        asked.states.get_or_insert_with(|| OPEN.to_vec());
        let mut records = self.all(&asked)?;
        records.sort_by_key(rank);
        Ok(AlarmRecordsView { records, next: None, now_ms: self.clock.now().as_millis() })
    }

    fn alarm_file(
        &self,
        who: &Who,
        asked: &AlarmsAsked,
        records: &[AlarmRecordView],
        form: AlarmExportForm,
        lang: ExportLang,
    ) -> Result<Vec<u8>, BackendError> {
        let count = records.len();
        let bytes = sheet::file(&self.settings.site, records, form, lang)
            .map_err(|error| AlarmRecordsFault::Unmade(error.to_string()))?;
        let body = json!({
            "role": who.role,
            "format": form,
            "alarms": count,
            "asked": format!("{asked:?}"),
        });
        let (at, by) = (self.clock.now(), who.name.clone());
        let act = "alarms.export".to_owned();
        let entry = NewAudit { at, by, act, about: String::new(), body };
        self.ledger.put_audit(&entry).map_err(|error| unavailable(&error))?;
        Ok(bytes)
    }
}

impl StationBackend {
    /// All records that fit; more than an answer holds is a fault, not a part.
    fn all(&self, asked: &AlarmsAsked) -> Result<Vec<AlarmRecordView>, BackendError> {
        let rules = self.rules.now.rules();
        let desk = Desk { site: &self.settings.site, ledger: &self.ledger, rules: &rules };
        let found = desk.page(asked, None, WHOLE_MAX, usize::MAX);
        let (records, next) = found.map_err(|error| unavailable(&error))?;
        match next {
            Some(_) => Err(AlarmRecordsFault::TooMany.into()),
            None => Ok(records),
        }
    }
}

/// All states but the one of what is over.
const OPEN: [WarningStateView; 8] = [
    WarningStateView::ActiveUnacknowledged,
    WarningStateView::ActiveAcknowledged,
    WarningStateView::ReturnedUnacknowledged,
    WarningStateView::LatchedUnacknowledged,
    WarningStateView::LatchedAcknowledged,
    WarningStateView::Shelved,
    WarningStateView::Suppressed,
    WarningStateView::OutOfService,
];

/// Who waits for somebody first, then the highest tier, then the oldest.
fn rank(record: &AlarmRecordView) -> (bool, Reverse<Option<TierView>>, i64) {
    let waits = matches!(
        record.state,
        WarningStateView::ActiveUnacknowledged
            | WarningStateView::ReturnedUnacknowledged
            | WarningStateView::LatchedUnacknowledged
    );
    (!waits, Reverse(record.tier), record.raised_at_ms)
}

/// What records are made from.
struct Desk<'a> {
    site: &'a Site,
    ledger: &'a Ledger,
    rules: &'a RuleSet,
}

type Page = (Vec<AlarmRecordView>, Option<AlarmCursor>);

impl Desk<'_> {
    /// At most `limit` records after the cursor, and where the next page begins.
    fn page(
        &self,
        asked: &AlarmsAsked,
        after: Option<&AlarmCursor>,
        limit: usize,
        looked_max: usize,
    ) -> Result<Page, StoreError> {
        let Some(filter) = self.filter(asked)? else { return Ok((Vec::new(), None)) };
        let (mut records, mut looked) = (Vec::new(), 0);
        let mut fates = Fates::new(self.ledger);
        let mut place = after.cloned().map(place_of);
        loop {
            let rows = self.ledger.alarm_rows(&filter, place.as_ref(), PIECE_ROWS)?;
            let is_last = rows.len() < PIECE_ROWS;
            let count = rows.len();
            for (number, row) in (1..).zip(&rows) {
                place = Some(place_after(row));
                let record = self.record(row, &mut fates)?;
                records.extend(Some(record).filter(|record| self.fits(asked, record)));
                if records.len() == limit && !(is_last && number == count) {
                    return Ok((records, place.map(cursor_of)));
                }
            }
            looked += count;
            if is_last {
                return Ok((records, None));
            }
            if looked >= looked_max {
                return Ok((records, place.map(cursor_of)));
            }
        }
    }

    /// What the ledger can filter; none: nothing can fit.
    fn filter(&self, asked: &AlarmsAsked) -> Result<Option<AlarmFilter>, StoreError> {
        let mut not_over_before = None;
        if !asked.has_history() {
            // What is active has not ended: it needs no bound.
            let newest = Timestamp::from_millis(i64::MAX);
            not_over_before = Some(self.ledger.oldest_open()?.unwrap_or(newest));
        }
        let channels = self.channels(asked);
        if channels.as_ref().is_some_and(Vec::is_empty) {
            return Ok(None);
        }
        let tiers = asked.tiers.as_ref().map(|tiers| {
            let tier = |tier: &Option<TierView>| tier.map(views::seen_tier);
            tiers.iter().map(tier).collect()
        });
        Ok(Some(AlarmFilter {
            from: asked.from,
            to: asked.to,
            not_over_before,
            channels,
            rules: asked.rules.clone(),
            tiers,
        }))
    }

    /// The channels in the areas and of the gases that are asked for.
    fn channels(&self, asked: &AlarmsAsked) -> Option<Vec<ChannelId>> {
        if asked.gases.is_none() && asked.areas.is_none() {
            return asked.channels.clone();
        }
        let fits = |channel: &&siskin_model::site::Channel| {
            let gas = channel.quantity.gas();
            let of_gas =
                asked.gases.as_ref().is_none_or(|gases| gas.is_some_and(|gas| gases.contains(gas)));
            let in_area = asked.areas.as_ref().is_none_or(|areas| areas.contains(&channel.area));
            let named = asked.channels.as_ref().is_none_or(|ids| ids.contains(&channel.id));
            of_gas && in_area && named
        };
        Some(self.site.channels.iter().filter(fits).map(|channel| channel.id.clone()).collect())
    }

    fn record(&self, row: &AlarmRow, fates: &mut Fates<'_>) -> Result<AlarmRecordView, StoreError> {
        let alarm = &row.alarm;
        let known = self.site.index_of(&alarm.channel).and_then(|index| self.site.channel(index));
        let gas = known.and_then(|channel| channel.quantity.gas());
        let rule = self.rules.rules.iter().find(|rule| rule.id == alarm.rule);
        let offset_s = self.site.utc_offset_s;
        let fate = fates.of(row, known)?;
        let shown = views::alarm(alarm, offset_s);
        Ok(AlarmRecordView {
            rule: shown.rule,
            rule_name: rule.map(|rule| views::text(&rule.name)),
            channel: shown.channel,
            gas: gas.map(ToString::to_string),
            area: known.map(|channel| channel.area.to_string()),
            kind: shown.kind,
            tier: shown.tier,
            value: shown.value.filter(|value| value.is_finite()),
            limit: shown.limit.filter(|limit| limit.is_finite()),
            unit: shown.unit,
            raised_at: shown.since,
            raised_at_ms: alarm.since.as_millis(),
            cleared_at: row.cleared_at.map(|at| at.rfc3339(offset_s)),
            cleared_at_ms: row.cleared_at.map(Timestamp::as_millis),
            state: super::life::views::state(fate.state),
            warning: fate.warning.map(|id| id.to_string()),
            acknowledged_by: fate.acknowledged.as_ref().map(|act| act.by.clone()),
            acknowledged_at: fate.acknowledged.map(|act| act.at.rfc3339(offset_s)),
        })
    }

    fn fits(&self, asked: &AlarmsAsked, record: &AlarmRecordView) -> bool {
        let in_state = asked.states.as_ref().is_none_or(|states| states.contains(&record.state));
        in_state && asked.text.as_ref().is_none_or(|text| self.has_text(record, text))
    }

    /// Whether one of its words has `text` in it; `text` is in small letters.
    fn has_text(&self, record: &AlarmRecordView, text: &str) -> bool {
        let has = |word: &str| word.to_lowercase().contains(text);
        let ids = [Some(&record.channel), Some(&record.rule), record.acknowledged_by.as_ref()];
        if ids.into_iter().flatten().any(|word| has(word)) {
            return true;
        }
        if record.rule_name.as_ref().is_some_and(|name| has(&name.zh) || has(&name.en)) {
            return true;
        }
        sheet::names(self.site, record).into_iter().any(|name| has(&name.zh) || has(&name.en))
    }
}

fn place_of(cursor: AlarmCursor) -> AlarmPlace {
    let AlarmCursor { raised_at, rule, channel } = cursor;
    AlarmPlace { raised_at, rule, channel }
}

fn cursor_of(place: AlarmPlace) -> AlarmCursor {
    let AlarmPlace { raised_at, rule, channel } = place;
    AlarmCursor { raised_at, rule, channel }
}

fn place_after(row: &AlarmRow) -> AlarmPlace {
    let alarm = &row.alarm;
    AlarmPlace { raised_at: alarm.since, rule: alarm.rule.clone(), channel: alarm.channel.clone() }
}
