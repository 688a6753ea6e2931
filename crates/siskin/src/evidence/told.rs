//! What was told of an incident's warnings to whom, and what became of it; and the newest
//! checkpoint of the audit, which shows that its chain was not written anew.

use std::io::Write;

use serde_json::{Value, json};
use siskin_model::WarningId;
use siskin_model::notify::{Delivery, Message};
use siskin_store::Ledger;
use siskin_store::ledger::{KeptReceipt, ROWS_MAX};

use super::archive::Archive;
use super::parts::{Parts, line};
use crate::station::notify::public_cap;

/// Rows that are read at once.
const PAGE_ROWS: usize = 1_000;

impl Parts<'_> {
    /// The messages as they were made, and each as CAP. A CAP message names all before it: beyond
    /// [`ROWS_MAX`] messages of one warning the forms are left out and named, the messages are not.
    pub(super) fn messages(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        let source = self.source;
        let ids: Vec<&WarningId> = self.incident.warnings.keys().collect();
        let counts = archive.file("messages.ndjson", |out| {
            let count = |id: &&WarningId| write_messages(source.ledger, id, out);
            ids.iter().map(count).collect::<anyhow::Result<Vec<_>>>()
        })?;
        for (id, count) in ids.into_iter().zip(counts) {
            let chain = source.ledger.messages_of(id, u32::MAX)?;
            for (place, message) in chain.iter().enumerate() {
                let before = chain.get(..place).unwrap_or_default();
                self.cap(archive, message, before)?;
            }
            if count > chain.len() {
                let why = format!("of {count} messages the first {ROWS_MAX} are there as CAP");
                self.missing.push(json!({ "cap": id, "why": why }));
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
        let (ledger, ids) = (self.source.ledger, self.incident.warnings.keys());
        archive.file("receipts.ndjson", |out| {
            ids.into_iter().try_for_each(|id| write_receipts(ledger, id, out))
        })
    }

    /// The newest checkpoint as it was signed; `null` before the first.
    pub(super) fn checkpoint(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        let newest = self.source.ledger.audit_checkpoint()?;
        archive.file("audit-checkpoint.json", |out| {
            Ok(serde_json::to_writer_pretty(out, &json!(newest))?)
        })
    }
}

/// The messages of a warning, a page in memory at most; gives how many.
fn write_messages(ledger: &Ledger, id: &WarningId, out: &mut dyn Write) -> anyhow::Result<usize> {
    let (mut after, mut count) = (0, 0);
    loop {
        let page = ledger.messages_after(id, after, PAGE_ROWS)?;
        let Some(last) = page.last() else { break Ok(count) };
        (after, count) = (last.transition, count + page.len());
        for message in &page {
            line(out, &json!(message))?;
        }
    }
}

/// The deliveries of a warning with their receipts, a page in memory at most.
fn write_receipts(ledger: &Ledger, id: &WarningId, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut after = 0;
    loop {
        let page = ledger.deliveries_of(id, after, PAGE_ROWS)?;
        let Some(last) = page.last() else { break Ok(()) };
        after = last.number;
        for one in &page {
            let receipts = receipts_of(ledger, one.number)?;
            line(out, &json!({ "delivery": delivery(one), "receipts": receipts }))?;
        }
    }
}

/// All receipts of one delivery: as many as its ways could be tried in a day.
fn receipts_of(ledger: &Ledger, number: u64) -> anyhow::Result<Vec<Value>> {
    let (mut after, mut all) = (0, Vec::new());
    loop {
        let page = ledger.receipts_after(number, after, PAGE_ROWS)?;
        let Some(last) = page.last() else { break Ok(all) };
        after = last.number;
        all.extend(page.iter().map(receipt));
    }
}

fn receipt(kept: &KeptReceipt) -> Value {
    let receipt = &kept.receipt;
    json!({
        "number": kept.number, "happened": receipt.happened,
        "at": receipt.at, "way": receipt.way, "answer": receipt.answer,
    })
}

fn delivery(one: &Delivery) -> Value {
    json!({
        "number": one.number, "recipient": one.recipient, "warning": one.warning,
        "transition": one.transition, "kind": one.kind, "state": one.state, "way": one.way,
        "tries": one.tries, "queued_at": one.queued_at, "sent_at": one.sent_at,
        "ended_at": one.ended_at, "read_at": one.read_at, "answer": one.answer,
    })
}

#[cfg(test)]
mod tests {
    use siskin_model::notify::Candidate;
    use siskin_model::{Timestamp, Warning, WarningChange, WarningEvent};
    use siskin_store::Step;
    use siskin_store::ledger::NewMessage;

    use super::*;

    /// More than any one answer of the ledger holds.
    const COUNT: usize = ROWS_MAX + 1;

    #[test]
    fn no_message_and_no_receipt_is_left_out_however_many_there_are() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        let at = Timestamp::from_millis(5);
        let (_, message) = siskin_notify::proof::letter(1, at).unwrap();
        let warning = Warning::begun(&message.area, &message.gas, message.tier, at);
        let message = Message { warning: warning.id.clone(), ..message };
        let to =
            (0..COUNT).map(|number| Candidate { recipient: format!("r{number}"), is_due: true });
        let event = WarningEvent { change: WarningChange::Raised, at, warning, said: None };
        let new = NewMessage { event: 0, message: message.clone(), to: to.collect() };
        let step = Step {
            series_seq: 0,
            recorded_at: at,
            alarms: Vec::new(),
            warnings: vec![event],
            corrections: Vec::new(),
            equipment: Vec::new(),
            holds: Vec::new(),
            floods: Vec::new(),
            messages: vec![new],
            late: Vec::new(),
            audit: Vec::new(),
            pulse: None,
        };
        ledger.commit(&step).unwrap();
        let (mut receipts, mut messages) = (Vec::new(), Vec::new());
        write_receipts(&ledger, &message.warning, &mut receipts).unwrap();
        assert_eq!(write_messages(&ledger, &message.warning, &mut messages).unwrap(), 1);
        let text = String::from_utf8(receipts).unwrap();
        let number = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["delivery"]["number"].as_u64().unwrap()
        };
        let numbers: Vec<u64> = text.lines().map(number).collect();
        assert_eq!(numbers, (1..=COUNT as u64).collect::<Vec<_>>());
    }
}
