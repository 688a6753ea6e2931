//! The ledger as the outbox sees it. What was given up is in the audit, too. Pulses of the
//! self-proof come and go by the same doors, and leave one row that is written over.

use std::sync::Arc;

use siskin_model::notify::{Delivery, Happened, Message, MessageKind, Receipt};
use siskin_model::{Timestamp, WarningId};
use siskin_notify::{Book, proof};
use siskin_store::Ledger;
use siskin_store::ledger::NewAudit;

use crate::station::proof::ProofBoard;

/// The book of a station.
pub(super) struct LedgerBook(Arc<Ledger>, Arc<ProofBoard>);

impl LedgerBook {
    pub(super) fn new(ledger: Arc<Ledger>, proof: Arc<ProofBoard>) -> Self {
        Self(ledger, proof)
    }

    /// The newest pulse as a letter, where it is the one in the ledger and newer than `after`.
    fn pulse(&self, after: u64) -> Result<Vec<(Delivery, Message)>, String> {
        let row = self.0.pulse().map_err(|why| why.to_string())?;
        // The row of a run before this one is nothing to be told.
        let pulse =
            self.1.to_send().filter(|pulse| row.is_some_and(|row| row.number == pulse.number));
        let Some(pulse) = pulse.filter(|pulse| proof::letter_of(pulse.number) > after) else {
            return Ok(Vec::new());
        };
        self.1.sent(pulse);
        let letter = proof::letter(pulse.number, pulse.sent_at);
        letter.map(|letter| vec![letter]).map_err(|why| why.to_string())
    }

    /// A pulse that was taken is written down; what else happened to it is nothing to keep.
    fn write_pulse(&self, number: u64, receipt: &Receipt) -> Result<(), String> {
        if receipt.happened != Happened::Accept {
            return Ok(());
        }
        let written = self.0.put_pulse_receipt(number, receipt.at);
        if written.map_err(|why| why.to_string())? {
            self.1.receipted(number);
        }
        Ok(())
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
        if recipient == proof::RECIPIENT {
            return self.pulse(after);
        }
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
        let (pulses, real): (Vec<_>, Vec<_>) =
            receipts.iter().partition(|one| proof::pulse_of(one.delivery).is_some());
        let real: Vec<Receipt> = real.into_iter().cloned().collect();
        let written = self.0.put_receipts(&real).map_err(|why| why.to_string())?;
        for receipt in pulses {
            let number = proof::pulse_of(receipt.delivery).unwrap_or_default();
            self.write_pulse(number, receipt)?;
        }
        for receipt in written.iter().filter(|one| one.happened == Happened::GiveUp) {
            // The receipt itself is on disk; a lack of its entry must not make it be written again.
            if let Err(why) = self.given_up(receipt) {
                tracing::error!(%why, "the audit lacks that a message was given up");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
