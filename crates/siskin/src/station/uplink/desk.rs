//! The station as an uplink sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use siskin_collect::Clock;
use siskin_model::uplink::{
    Uplink, UplinkCursor, UplinkDraft, UplinkKind, UplinkMessage, UplinkState, UplinkSummary,
};
use siskin_model::{ChannelIndex, Reading, Timestamp};
use siskin_notify::hj212::{Desk, DeskFault, Secrets};
use siskin_store::ledger::NewAudit;
use siskin_store::uplink::UplinkBook;
use siskin_store::{Ledger, Series, StoreError};

use super::Folder;

pub(super) struct StationDesk {
    pub(super) book: Arc<UplinkBook>,
    pub(super) series: Arc<Series>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) clock: Clock,
    pub(super) folder: Folder,
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn failed(error: StoreError) -> DeskFault {
    DeskFault(error.to_string())
}

impl Desk for StationDesk {
    fn secrets(&self, uplink: &Uplink) -> Result<Secrets, DeskFault> {
        self.folder.secrets(uplink).map_err(|error| DeskFault(error.to_string()))
    }

    /// An hour that cannot be read has no readings here: it is told by the store, and a bureau is
    /// told that nothing came rather than that nothing was there.
    fn readings(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Reading>, DeskFault> {
        Ok(self.series.readable(channel, from, to).map_err(failed)?.readings)
    }

    fn cursor(&self, bureau: &str, kind: UplinkKind) -> Result<Option<Timestamp>, DeskFault> {
        self.book.cursor(bureau, kind).map_err(failed)
    }

    fn queue(
        &self,
        bureau: &str,
        drafts: &[(UplinkDraft, Timestamp)],
        cursor: Option<UplinkCursor>,
        now: Timestamp,
    ) -> Result<Vec<i64>, DeskFault> {
        self.book.queue(bureau, drafts, cursor, now).map_err(failed)
    }

    fn qn(&self, bureau: &str, now: Timestamp) -> Result<Timestamp, DeskFault> {
        self.book.qn(bureau, now).map_err(failed)
    }

    fn next(&self, bureau: &str, now: Timestamp) -> Result<Option<UplinkMessage>, DeskFault> {
        self.book.next(bureau, now).map_err(failed)
    }

    fn of_qn(&self, bureau: &str, qn: Timestamp) -> Result<Option<UplinkMessage>, DeskFault> {
        self.book.of_qn(bureau, qn).map_err(failed)
    }

    fn sent(&self, id: i64, now: Timestamp) -> Result<(), DeskFault> {
        self.book.sent(id, now).map_err(failed)
    }

    fn ended(
        &self,
        id: i64,
        state: UplinkState,
        answer: &str,
        now: Timestamp,
    ) -> Result<(), DeskFault> {
        self.book.ended(id, state, answer, now).map_err(failed)
    }

    fn fail_asked(&self, bureau: &str, why: &str, now: Timestamp) -> Result<(), DeskFault> {
        self.book.fail_asked(bureau, why, now).map_err(failed)
    }

    fn give_up(
        &self,
        bureau: &str,
        kind: UplinkKind,
        keep: u32,
        why: &str,
        now: Timestamp,
    ) -> Result<usize, DeskFault> {
        self.book.give_up(bureau, kind, keep, why, now).map_err(failed)
    }

    fn trim(&self, bureau: &str, before: Timestamp, limit: u32) -> Result<usize, DeskFault> {
        self.book.trim(bureau, before, limit).map_err(failed)
    }

    fn summary(&self, bureau: &str) -> Result<UplinkSummary, DeskFault> {
        self.book.summary(bureau).map_err(failed)
    }

    fn settings(&self, bureau: &str) -> Result<BTreeMap<String, String>, DeskFault> {
        self.book.settings(bureau).map_err(failed)
    }

    fn set(&self, bureau: &str, key: &str, value: &str) -> Result<(), DeskFault> {
        self.book.set(bureau, key, value).map_err(failed)
    }

    fn audit(&self, bureau: &str, act: &str, told: &[(&str, String)]) -> Result<(), DeskFault> {
        let told = told.iter().map(|(key, value)| ((*key).to_owned(), value.clone().into()));
        let entry = NewAudit {
            at: (self.clock)(),
            by: format!("uplink:{bureau}"),
            act: act.to_owned(),
            about: bureau.to_owned(),
            body: Value::Object(told.collect()),
        };
        self.ledger.put_audit(&entry).map_err(failed)
    }
}
