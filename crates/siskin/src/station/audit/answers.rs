//! The audit as the API gives it.

use std::sync::Arc;

use serde_json::json;
use siskin_api::backend::BackendError;
use siskin_api::{Audit, AuditEntryView, AuditExport, AuditQuery, AuditView};
use siskin_model::{Timestamp, Who};
use siskin_store::Ledger;
use siskin_store::ledger::{AuditEntry, AuditFilter, AuditSpan, ExportPlace, NewAudit};

use super::super::backend::{StationBackend, unavailable};

impl Audit for StationBackend {
    fn audit(&self, query: &AuditQuery, limit: usize) -> Result<AuditView, BackendError> {
        let filter = AuditFilter {
            act: query.act.clone(),
            by: query.by.clone(),
            about: query.about.clone(),
            from: query.from_ms.map(Timestamp::from_millis),
            to: query.to_ms.map(Timestamp::from_millis),
            before: query.before,
        };
        // One more says whether there is a next page.
        let mut found = self
            .ledger
            .audit_entries(&filter, limit.saturating_add(1))
            .map_err(|error| unavailable(&error))?;
        let follows = found.len() > limit;
        found.truncate(limit);
        let last = found.last().and_then(|entry| u64::try_from(entry.number).ok());
        let offset_s = self.settings.site.utc_offset_s;
        let entries = found.into_iter().map(|entry| view(entry, offset_s)).collect();
        Ok(AuditView { entries, next_before: last.filter(|_| follows) })
    }

    fn begin_audit_export(&self, who: &Who) -> Result<Box<dyn AuditExport>, BackendError> {
        let entry = NewAudit {
            at: self.clock.now(),
            by: who.name.clone(),
            act: "audit.export".to_owned(),
            about: String::new(),
            body: json!({ "role": who.role }),
        };
        self.ledger.put_audit(&entry).map_err(|error| unavailable(&error))?;
        // So that all of it is signed. Where that fails the export shows it by what is not.
        self.audit.sign_if(|_, _| Ok(true));
        let span = self.ledger.audit_span().map_err(|error| unavailable(&error))?;
        let place = Some(ExportPlace::default());
        Ok(Box::new(Export { ledger: Arc::clone(&self.ledger), span, place }))
    }
}

fn view(entry: AuditEntry, offset_s: i32) -> AuditEntryView {
    let hash = entry.hash_hex();
    let AuditEntry { number, at, by, act, about, body, .. } = entry;
    AuditEntryView {
        number: u64::try_from(number).unwrap_or(0),
        at: at.rfc3339(offset_s),
        by,
        act,
        about,
        // What is no JSON was put there by somebody else; it is shown as it is.
        body: serde_json::from_str(&body).unwrap_or(serde_json::Value::String(body)),
        hash,
    }
}

/// An export that runs, up to what there was when it began.
struct Export {
    ledger: Arc<Ledger>,
    span: AuditSpan,
    place: Option<ExportPlace>,
}

impl AuditExport for Export {
    fn next_lines(&mut self) -> Result<Option<String>, BackendError> {
        let Some(place) = self.place else { return Ok(None) };
        let (lines, next) =
            self.ledger.audit_lines(self.span, place).map_err(|error| unavailable(&error))?;
        self.place = next;
        Ok(Some(lines))
    }
}
