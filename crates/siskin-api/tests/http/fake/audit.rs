//! The fake's audit: three entries, and who exported it.

use siskin_api::{Audit, AuditEntryView, AuditExport, AuditQuery, AuditView, BackendError};
use siskin_model::Who;

use super::{AT, Fake};

/// Pieces of the fake's export.
struct Pieces(Vec<Result<Option<String>, BackendError>>);

impl AuditExport for Pieces {
    fn next_lines(&mut self) -> Result<Option<String>, BackendError> {
        self.0.pop().unwrap_or(Ok(None))
    }
}

impl Audit for Fake {
    fn audit(&self, query: &AuditQuery, limit: usize) -> Result<AuditView, BackendError> {
        let entry = |number: u64| AuditEntryView {
            number,
            at: AT.to_owned(),
            by: query.by.clone().unwrap_or_default(),
            act: query.act.clone().unwrap_or_default(),
            about: query.about.clone().unwrap_or_default(),
            body: serde_json::json!({ "from_ms": query.from_ms, "to_ms": query.to_ms }),
            hash: "00".repeat(32),
        };
        let newest = query.before.unwrap_or(4).saturating_sub(1);
        let entries: Vec<_> = (1..=newest).rev().take(limit).map(entry).collect();
        let next_before = entries.last().map(|entry| entry.number).filter(|last| *last > 1);
        Ok(AuditView { entries, next_before })
    }

    fn begin_audit_export(&self, who: &Who) -> Result<Box<dyn AuditExport>, BackendError> {
        let broken = self.ledger_broken.load(std::sync::atomic::Ordering::SeqCst);
        let last = if broken {
            Err(BackendError::Unavailable("the ledger is gone".to_owned()))
        } else {
            Ok(Some("{\"kind\":\"end\"}\n".to_owned()))
        };
        Ok(Box::new(Pieces(vec![last, Ok(Some(format!("{{\"by\":\"{}\"}}\n", who.name)))])))
    }
}
