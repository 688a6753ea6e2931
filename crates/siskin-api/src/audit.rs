//! What the API needs from the audit. Part of [`crate::Backend`], apart from it because it is asked
//! after the fact, by those who look into what happened.
//!
//! Methods read from a disk: the routes call them off the async threads.

use siskin_model::Who;

use crate::backend::BackendError;
use crate::contract::{AuditQuery, AuditView};

/// The audit of a station.
pub trait Audit: Send + Sync + 'static {
    /// Entries, newest first, at most `limit`.
    fn audit(&self, query: &AuditQuery, limit: usize) -> Result<AuditView, BackendError>;
    /// Writes that `who` exports the audit, signs it, and gives all of it up to there.
    fn begin_audit_export(&self, who: &Who) -> Result<Box<dyn AuditExport>, BackendError>;
}

/// An export of the audit that runs.
pub trait AuditExport: Send {
    /// The next whole lines; none after the last one.
    fn next_lines(&mut self) -> Result<Option<String>, BackendError>;
}
