//! The audit: what people did and what was changed.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which entries of the audit are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// What was done: a whole name (`warning.acknowledge`), or all of a noun with its dot
    /// (`warning.`).
    pub act: Option<String>,
    /// Who did it.
    pub by: Option<String>,
    /// To what: the id of a warning, a person, a version of the rules …
    pub about: Option<String>,
    /// At or after, ms since 1970 (UTC).
    pub from_ms: Option<i64>,
    /// Before, ms since 1970 (UTC).
    pub to_ms: Option<i64>,
    /// Only entries with a lower number: the `next_before` of the page before.
    pub before: Option<u64>,
    /// At most this many, 1 to 1,000; 100 where not given.
    pub limit: Option<u32>,
}

/// An entry of the audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntryView {
    /// From 1 on, without gaps.
    pub number: u64,
    /// When.
    pub at: String,
    /// Who: an account, `token:<name>`, or `station` for what it did by itself.
    pub by: String,
    /// What was done, as `noun.verb`.
    pub act: String,
    /// To what; may be empty.
    pub about: String,
    /// The particulars, as JSON.
    pub body: serde_json::Value,
    /// SHA-256 over all of this and the entry before, in hexadecimal.
    pub hash: String,
}

/// A page of the audit, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditView {
    /// The entries.
    pub entries: Vec<AuditEntryView>,
    /// Give it back as `before` for the next page; none on the last one.
    pub next_before: Option<u64>,
}

/// How the audit is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditHealthView {
    /// Entries that there are.
    pub entries: u64,
    /// Checkpoints that sign them.
    pub checkpoints: u64,
    /// The key that signs, in hexadecimal; none while there is none.
    pub public_key: Option<String>,
    /// Why entries cannot be signed; none while they can. They are written all the same.
    pub failure: Option<String>,
}
