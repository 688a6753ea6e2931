//! Reads the ledger on from a cursor, a piece at a time, and shows what is in somebody's areas.

use siskin_api::contract::{BureauSilenceView, BureauStepView, BureauWarningsView};
use siskin_api::{BackendError, BureauCursor, BureauFault};
use siskin_model::{AreaScope, Site, Text, Timestamp, WarningEvent};
use siskin_store::ledger::LedgerRow;
use siskin_store::{Ledger, StoreError};

use crate::station::backend::unavailable;
use crate::station::life::views as life;
use crate::station::views;

/// Entries that are read at once: whoever writes finds the lock free in between.
const PIECE_ROWS: usize = 500;
/// Entries that one answer looks at; `has_more` says that there are others.
const ROWS_LOOKED_MAX: usize = 5_000;
/// A time without any entry that is told.
const SILENCE_MS: i64 = 3_600_000;

/// What steps are shown from.
pub(super) struct Desk<'a> {
    pub(super) site: &'a Site,
    pub(super) ledger: &'a Ledger,
    pub(super) simulated: bool,
    pub(super) now: Timestamp,
}

impl Desk<'_> {
    /// At most `limit` steps after the cursor, in `areas`.
    pub(super) fn pull(
        &self,
        areas: &AreaScope,
        after: Option<BureauCursor>,
        limit: usize,
    ) -> Result<BureauWarningsView, BackendError> {
        if let Some(cursor) = after {
            let found = self.ledger.recorded_at(cursor.seq).map_err(|e| unavailable(&e))?;
            if found != Some(cursor.recorded_at) {
                return Err(BureauFault::CursorUnknown(cursor.to_string()).into());
            }
        }
        self.read(areas, after, limit).map_err(|e| unavailable(&e))
    }

    fn read(
        &self,
        areas: &AreaScope,
        mut next: Option<BureauCursor>,
        limit: usize,
    ) -> Result<BureauWarningsView, StoreError> {
        let (mut steps, mut silences, mut looked) = (Vec::new(), Vec::new(), 0);
        let mut has_more = true;
        while has_more && steps.len() < limit && looked < ROWS_LOOKED_MAX {
            let from = next.map_or(0, |cursor| cursor.seq);
            let rows = self.ledger.rows_after(from, PIECE_ROWS)?;
            has_more = rows.len() == PIECE_ROWS;
            for row in rows {
                if steps.len() == limit {
                    has_more = true;
                    break;
                }
                silences.extend(next.and_then(|last| self.silence(last, row.recorded_at)));
                next = Some(BureauCursor { seq: row.seq, recorded_at: row.recorded_at });
                looked += 1;
                steps.extend(self.step(areas, &row)?);
            }
        }
        if !has_more {
            silences.extend(next.and_then(|last| self.silence(last, self.now)));
        }
        Ok(BureauWarningsView {
            passed_over: (looked - steps.len()) as u64,
            steps,
            next: next.map(|cursor| cursor.to_string()),
            has_more,
            silences,
            now: self.shown(self.now),
        })
    }

    fn shown(&self, at: Timestamp) -> String {
        at.rfc3339(self.site.utc_offset_s)
    }

    fn silence(&self, last: BureauCursor, next: Timestamp) -> Option<BureauSilenceView> {
        let length_ms = next.since_ms(last.recorded_at);
        let (from, to) = (self.shown(last.recorded_at), self.shown(next));
        (length_ms > SILENCE_MS).then_some(BureauSilenceView { from, to, length_ms })
    }

    /// The step of an entry, where it is one and in these areas.
    fn step(
        &self,
        areas: &AreaScope,
        row: &LedgerRow,
    ) -> Result<Option<BureauStepView>, StoreError> {
        let Some(event) = row.step.as_ref().filter(|event| areas.has(&event.warning.area)) else {
            return Ok(None);
        };
        let id = &event.warning.id;
        let message = self.ledger.message_of(id, row.seq)?;
        let incident = self.ledger.incident_of(id)?;
        let mut view = self.view(row, event);
        view.cap = message.map(|number| format!("{id}.{number}"));
        view.incident = incident.map(|incident| incident.to_string());
        Ok(Some(view))
    }

    fn view(&self, row: &LedgerRow, event: &WarningEvent) -> BureauStepView {
        let warning = &event.warning;
        let (gas, area) = (self.site.gas(&warning.gas), self.site.area(&warning.area));
        let name = |known: Option<&Text>, id: &str| {
            views::text(&known.cloned().unwrap_or_else(|| Text::new(id, id)))
        };
        let alarm = warning.alarms.first();
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        BureauStepView {
            seq: row.seq,
            warning: warning.id.to_string(),
            change: life::change(event.change),
            state: life::state(warning.state),
            tier: views::tier(warning.tier),
            tier_peak: views::tier(warning.tier_peak),
            gas: warning.gas.to_string(),
            gas_name: name(gas.map(|gas| &gas.name), warning.gas.as_str()),
            cas: gas.and_then(|gas| gas.cas.clone()),
            area: warning.area.to_string(),
            area_name: name(area.map(|area| &area.name), warning.area.as_str()),
            value: alarm.and_then(|alarm| finite(alarm.value)),
            limit: alarm.and_then(|alarm| finite(alarm.limit)),
            unit: alarm.map(|alarm| alarm.unit.as_str().to_owned()),
            rule: alarm.map(|alarm| alarm.rule.to_string()),
            channel: alarm.map(|alarm| alarm.channel.to_string()),
            raised_at: self.shown(warning.raised_at),
            at: self.shown(event.at),
            recorded_at: self.shown(row.recorded_at),
            returned_at: warning.returned_at.map(|at| self.shown(at)),
            acknowledged_at: warning.acknowledged.as_ref().map(|act| self.shown(act.at)),
            is_exercise: self.simulated || warning.exercise.is_some(),
            drill: warning.exercise.map(|drill| drill.0),
            incident: None,
            cap: None,
        }
    }
}

#[cfg(test)]
mod tests;
