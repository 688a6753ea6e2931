//! The ledger as the outbox sees it. What was given up is in the audit, too.

use std::sync::Arc;

use siskin_model::notify::{Delivery, Happened, Message, MessageKind, Receipt};
use siskin_model::{Timestamp, WarningId};
use siskin_notify::Book;
use siskin_store::Ledger;
use siskin_store::ledger::NewAudit;

/// The book of a station.
pub(super) struct LedgerBook(Arc<Ledger>);

impl LedgerBook {
    pub(super) fn new(ledger: Arc<Ledger>) -> Self {
        Self(ledger)
    }

    fn given_up(&self, receipt: &Receipt) -> Result<(), String> {
        let found = self.0.delivery(receipt.delivery).map_err(|why| why.to_string())?;
        let Some(delivery) = found else { return Ok(()) };
        tracing::error!(
            recipient = %delivery.recipient, warning = %delivery.warning, why = %receipt.answer,
            "a message was given up: no way took it"
        );
        let entry = NewAudit {
            at: receipt.at,
            by: "station".to_owned(),
            act: "message.given-up".to_owned(),
            about: delivery.warning.to_string(),
            body: serde_json::json!({
                "recipient": delivery.recipient,
                "transition": delivery.transition,
                "delivery": delivery.number,
                "why": receipt.answer,
            }),
        };
        self.0.put_audit(&entry).map_err(|why| why.to_string())
    }
}

impl Book for LedgerBook {
    fn open(
        &self,
        recipient: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(Delivery, Message)>, String> {
        self.0.deliveries_open(recipient, after, limit).map_err(|why| why.to_string())
    }

    fn told_before(
        &self,
        recipient: &str,
        warning: &WarningId,
        transition: u32,
    ) -> Result<Vec<(u32, Timestamp)>, String> {
        self.0.told_before(recipient, warning, transition).map_err(|why| why.to_string())
    }

    fn others(
        &self,
        recipient: &str,
        warning: &WarningId,
    ) -> Result<Vec<(MessageKind, Message)>, String> {
        self.0.others_told(recipient, warning).map_err(|why| why.to_string())
    }

    fn write(&self, receipts: &[Receipt]) -> Result<(), String> {
        let written = self.0.put_receipts(receipts).map_err(|why| why.to_string())?;
        for receipt in written.iter().filter(|one| one.happened == Happened::GiveUp) {
            // The receipt itself is on disk; a lack of its entry must not make it be written again.
            if let Err(why) = self.given_up(receipt) {
                tracing::error!(%why, "the audit lacks that a message was given up");
            }
        }
        Ok(())
    }
}
