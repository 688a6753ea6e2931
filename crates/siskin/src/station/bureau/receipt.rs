//! Somebody of a recipient says that they read a message. The recipient's settings name who may:
//! a receipt in a bureau's name is the bureau's own, and no admin's.

use serde_json::json;
use siskin_api::{BackendError, BureauFault};
use siskin_model::notify::{Delivery, DeliveryState, Happened, Notify, Receipt};
use siskin_model::{Timestamp, Who};
use siskin_store::Ledger;
use siskin_store::ledger::NewAudit;

use crate::station::backend::unavailable;

/// Writes it; on disk when it returns. What was read already stays.
pub(super) fn read(
    ledger: &Ledger,
    notify: &Notify,
    (who, now): (&Who, Timestamp),
    number: u64,
) -> Result<(), BackendError> {
    let missing = || BackendError::MessageNotFound(number.to_string());
    let find = || ledger.delivery(number).map_err(|e| unavailable(&e))?.ok_or_else(missing);
    let delivery = find()?;
    let recipient = notify.recipient(&delivery.recipient);
    let is_theirs =
        recipient.is_some_and(|one| one.accounts.iter().any(|name| name.as_str() == who.name));
    if !is_theirs {
        let (account, recipient) = (who.name.clone(), delivery.recipient);
        return Err(BureauFault::NotRecipient { account, recipient }.into());
    }
    let (receipt, entry) = written(&delivery, who, now);
    if ledger.put_read(&receipt, &entry).map_err(|e| unavailable(&e))? {
        return Ok(());
    }
    match find()?.state {
        DeliveryState::Read => Ok(()),
        state => Err(BureauFault::NotAccepted { number, state: state.as_str().to_owned() }.into()),
    }
}

fn written(delivery: &Delivery, who: &Who, now: Timestamp) -> (Receipt, NewAudit) {
    let receipt = Receipt {
        delivery: delivery.number,
        happened: Happened::Read,
        at: now,
        way: delivery.way,
        answer: who.name.clone(),
    };
    let entry = NewAudit {
        at: now,
        by: who.name.clone(),
        act: "message.read".to_owned(),
        about: delivery.warning.to_string(),
        body: json!({
            "recipient": delivery.recipient,
            "transition": delivery.transition,
            "delivery": delivery.number,
        }),
    };
    (receipt, entry)
}
