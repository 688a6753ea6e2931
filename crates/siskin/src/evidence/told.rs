//! What was told of an incident's warnings to whom, and what became of it; and the newest
//! checkpoint of the audit, which shows that its chain was not written anew.

use std::io::Write;

use serde_json::{Value, json};
use siskin_model::WarningId;
use siskin_model::notify::{Delivery, Message};
use siskin_store::ledger::{DeliveryFilter, ROWS_MAX};

use super::archive::Archive;
use super::parts::{Parts, line};
use crate::station::notify::public_cap;

impl Parts<'_> {
    /// The messages as they were made, and each as CAP.
    pub(super) fn messages(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        let source = self.source;
        let ids: Vec<&WarningId> = self.incident.warnings.keys().collect();
        archive.file("messages.ndjson", |out| {
            for id in &ids {
                for message in source.ledger.messages_of(id, u32::MAX)? {
                    line(out, &json!(message))?;
                }
            }
            Ok(())
        })?;
        for id in ids {
            let chain = source.ledger.messages_of(id, u32::MAX)?;
            for (place, message) in chain.iter().enumerate() {
                let before = chain.get(..place).unwrap_or_default();
                self.cap(archive, message, before)?;
            }
        }
        Ok(())
    }

    fn cap(
        &mut self,
        archive: &mut Archive<'_>,
        message: &Message,
        before: &[Message],
    ) -> anyhow::Result<()> {
        let key = message.public_key();
        match public_cap(&self.source.settings.notify, message, before) {
            Ok(bytes) => archive.file(&format!("cap/{key}.xml"), |out| Ok(out.write_all(&bytes)?)),
            Err(why) => {
                self.missing.push(json!({ "message": key, "why": why }));
                Ok(())
            }
        }
    }

    /// Every delivery with its receipts, oldest first.
    pub(super) fn receipts(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        let (ledger, mut truncated) = (self.source.ledger, Vec::new());
        archive.file("receipts.ndjson", |out| {
            for id in self.incident.warnings.keys() {
                let filter =
                    DeliveryFilter { warning: Some(id.clone()), ..DeliveryFilter::default() };
                let found = ledger.deliveries(&filter, ROWS_MAX)?;
                if found.len() == ROWS_MAX {
                    truncated.push(id.clone());
                }
                for one in found.iter().rev() {
                    let receipts = ledger.receipts(one.number)?;
                    let receipts = receipts.iter().map(|kept| {
                        let receipt = &kept.receipt;
                        json!({
                            "number": kept.number, "happened": receipt.happened,
                            "at": receipt.at, "way": receipt.way, "answer": receipt.answer,
                        })
                    });
                    let receipts: Vec<Value> = receipts.collect();
                    line(out, &json!({ "delivery": delivery(one), "receipts": receipts }))?;
                }
            }
            Ok(())
        })?;
        let why = "older deliveries are left out";
        let missing = truncated.iter().map(|id| json!({ "receipts": id, "why": why }));
        self.missing.extend(missing);
        Ok(())
    }

    /// The newest checkpoint as it was signed; `null` before the first.
    pub(super) fn checkpoint(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        let newest = self.source.ledger.audit_checkpoint()?;
        archive.file("audit-checkpoint.json", |out| {
            Ok(serde_json::to_writer_pretty(out, &json!(newest))?)
        })
    }
}

fn delivery(one: &Delivery) -> Value {
    json!({
        "number": one.number, "recipient": one.recipient, "warning": one.warning,
        "transition": one.transition, "kind": one.kind, "state": one.state, "way": one.way,
        "tries": one.tries, "queued_at": one.queued_at, "sent_at": one.sent_at,
        "ended_at": one.ended_at, "read_at": one.read_at, "answer": one.answer,
    })
}
