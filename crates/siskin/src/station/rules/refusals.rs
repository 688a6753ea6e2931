//! Who was refused other rules, and why, in the audit.
//!
//! Must never turn a refusal into an act because it cannot be written down, nor hide that it was
//! not.

use serde_json::json;
use siskin_api::BackendError;
use siskin_store::ledger::NewAudit;

use super::{Actor, RulesDesk};

/// The letters of a reason that the audit keeps; health and the answer have all of it.
const WHY_CHARS_MAX: usize = 4_000;

impl RulesDesk {
    /// Passes `result` on, and writes it down where it is a refusal. A station that could not do it
    /// has refused nothing.
    pub(super) fn noted<T>(
        &self,
        actor: &Actor,
        act: &str,
        result: Result<T, BackendError>,
    ) -> Result<T, BackendError> {
        if let Err(error) = &result
            && !matches!(error, BackendError::Unavailable(_))
            && let Err(lack) = self.ledger.put_audit(&self.entry(actor, act, error))
        {
            tracing::error!(%lack, act, "the audit lacks that rules were refused");
        }
        result
    }

    fn entry(&self, actor: &Actor, act: &str, error: &BackendError) -> NewAudit {
        let by = if actor.by.is_empty() { "station" } else { &actor.by };
        let why: String = error.to_string().chars().take(WHY_CHARS_MAX).collect();
        NewAudit {
            at: (self.clock)(),
            by: by.to_owned(),
            act: "rules.refuse".to_owned(),
            about: act.to_owned(),
            body: json!({ "source": actor.source.as_str(), "note": actor.note, "why": why }),
        }
    }
}
