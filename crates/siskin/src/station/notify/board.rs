//! Looks after what was sent: how much is open, what nobody accepted in time, what was given up.
//!
//! "Not accepted for so long" is an alarm of its own: among the alarms about equipment (`owed`), in
//! the log, in the audit, in health. Must never say that all is well because it could not look.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use siskin_model::notify::Delivery;
use siskin_model::{Alarm, Timestamp};
use siskin_store::StoreError;
use siskin_store::ledger::{NewAudit, OutboxTotals};
use tokio_util::sync::CancellationToken;

use super::{Bell, Messages};

/// How often it looks.
const LOOK: Duration = Duration::from_secs(1);
/// How long a message that was given up counts in health.
const FAILED_MS: i64 = 24 * 3_600_000;
/// The most deliveries of one look that are told and counted; more are as bad.
const TOLD_MAX: usize = 1_000;

/// What was seen last.
#[derive(Default)]
pub(super) struct Board(Mutex<Seen>);

#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) totals: OutboxTotals,
    pub(super) unreceipted: u64,
    pub(super) failure: Option<String>,
    /// The numbers that were told.
    told: BTreeSet<u64>,
}

impl Board {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was seen last.
    pub(super) fn now(&self) -> Seen {
        self.seen().clone()
    }
}

/// Looks until `stop`.
pub(super) async fn watch(messages: Messages, bell: Bell, stop: CancellationToken) {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = looks.tick() => {}
        }
        let one = messages.clone();
        let looked = tokio::task::spawn_blocking(move || one.look()).await;
        let failure = match looked {
            Ok(Ok(owed)) => {
                bell.ring(owed);
                None
            }
            Ok(Err(why)) => Some(why.to_string()),
            Err(_) => Some("the task that looks after messages failed".to_owned()),
        };
        messages.board.seen().failure = failure;
    }
}

impl Messages {
    fn look(&self) -> Result<Vec<Alarm>, StoreError> {
        let now = (self.clock)();
        let totals = self.ledger.outbox_totals(now.plus_ms(-FAILED_MS))?;
        let since = now.plus_ms(-self.settings.notify.unreceipted_ms);
        let late = self.ledger.deliveries_unreceipted(since, TOLD_MAX)?;
        let numbers: BTreeSet<u64> = late.iter().map(|one| one.number).collect();
        let fresh: Vec<Delivery> = {
            let mut seen = self.board.seen();
            let is_new = |one: &Delivery| !seen.told.contains(&one.number);
            let fresh = late.into_iter().filter(is_new).collect();
            (seen.totals, seen.unreceipted) = (totals, numbers.len() as u64);
            seen.told = numbers;
            fresh
        };
        for delivery in fresh {
            self.tell(&delivery, now)?;
        }
        self.owed(now)
    }

    fn tell(&self, delivery: &Delivery, now: Timestamp) -> Result<(), StoreError> {
        let waits_ms = now.since_ms(delivery.queued_at);
        tracing::error!(
            recipient = %delivery.recipient, warning = %delivery.warning, waits_ms,
            answer = %delivery.answer,
            "a message was not accepted in time; hint: call the recipient by telephone"
        );
        self.ledger.put_audit(&NewAudit {
            at: now,
            by: "station".to_owned(),
            act: "message.unreceipted".to_owned(),
            about: delivery.warning.to_string(),
            body: serde_json::json!({
                "recipient": delivery.recipient,
                "transition": delivery.transition,
                "delivery": delivery.number,
                "waits_ms": waits_ms,
                "answer": delivery.answer,
            }),
        })
    }
}
