//! The receipt that somebody read a message, written together with its entry in the audit.
//!
//! Must never put somebody else in the place of who was first.

use rusqlite::TransactionBehavior;
use siskin_model::notify::Receipt;

use super::audit::{self, NewAudit};
use super::{Ledger, outbox};
use crate::StoreError;

const ACT: &str = "write that a message was read";

impl Ledger {
    /// Writes both, durable when it returns; neither, and false, where the delivery's state does
    /// not allow it: it was not accepted, or was read already.
    pub fn put_read(&self, receipt: &Receipt, entry: &NewAudit) -> Result<bool, StoreError> {
        let mut writer = self.file.writer();
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(self.file.failed(ACT))?;
        if !outbox::put_receipt(&transaction, receipt).map_err(self.file.failed(ACT))? {
            return Ok(false);
        }
        audit::append(&self.file, &transaction, entry)?;
        transaction.commit().map_err(self.file.failed(ACT))?;
        Ok(true)
    }
}
