//! Entries of the audit about tools that take data out or change it: backup, restore, export,
//! import, repair.
//!
//! The entry goes through the ledger's file: by its owner's lock where no station runs, and in a
//! short transaction of its own beside a running one, whose signer signs it like any other. A
//! backup is never written to. Where the entry cannot be written the tool goes on and says so:
//! a backup is worth more than its entry.

use std::path::Path;

use serde_json::Value;
use siskin_model::Timestamp;
use siskin_store::ledger::{NewAudit, put_audit_beside};

use super::manifest;
use crate::cli::say;

/// Who did it, as far as a tool can know: the account of this machine. Whoever may write the data
/// folder may set it; what it is good for is telling people apart.
const ACCOUNT: &str = "USER";
/// The longest name of an account that is taken over.
const ACCOUNT_LEN_MAX: usize = 64;

/// The entry of an act of a tool.
pub(crate) fn entry(at: Timestamp, act: &str, about: &str, body: Value) -> NewAudit {
    let account = std::env::var(ACCOUNT).unwrap_or_default();
    let plain: String = account.chars().filter(|c| !c.is_control()).collect();
    let account: String = plain.chars().take(ACCOUNT_LEN_MAX).collect();
    let by = if account.is_empty() { "terminal".to_owned() } else { format!("terminal:{account}") };
    NewAudit { at, by, act: act.to_owned(), about: about.to_owned(), body }
}

/// Writes an entry into the ledger of `data`; says aloud where it cannot.
pub(crate) fn note(data: &Path, entry: &NewAudit) {
    if data.join(manifest::FILE_NAME).exists() {
        say("未记入审计：此目录是备份 / not an entry of the audit: this folder is a backup");
        return;
    }
    if let Err(error) = put_audit_beside(data, entry) {
        say(&format!("未能记入审计 / could not be written into the audit: {error}"));
    }
}
