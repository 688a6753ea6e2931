//! What people do, in the order in which it comes.
//!
//! An act and its entry in the audit go to the ledger in one step: both are on disk or neither is.
//! Must never answer before that, and never answer well what was refused.

use serde_json::{Value, json};
use siskin_api::BackendError;
use siskin_engine::{Act, ActError, Acting, Done};
use siskin_model::{DrillId, HoldKind, Subject, Warning, WarningId};
use siskin_store::ledger::NewAudit;
use tokio::sync::oneshot;

use super::Pipeline;

/// What a person wants, and who waits for the answer.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) act: Act,
    pub(crate) by: String,
    pub(crate) note: String,
    pub(crate) answer: oneshot::Sender<Result<Done, Refused>>,
}

/// Why it was not done.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The engine says no.
    Act(ActError),
    /// The disk says no; the act stands and is written as soon as the disk takes it.
    Disk(BackendError),
    /// The drill that it is of is over.
    DrillOver(DrillId),
}

impl Pipeline {
    /// Does one act.
    pub(super) fn act(&mut self, wanted: Wanted) {
        let Some(mut wanted) = self.pass_to_drill(wanted) else { return };
        wanted.act = self.with_past(wanted.act);
        let who = self.acting(&wanted);
        if matches!(wanted.act, Act::Escalate(..)) {
            self.give_roster(who.at);
        }
        let Wanted { act, answer, .. } = wanted;
        let entry = audit(&act, &who);
        let mut events = Vec::new();
        let result = match self.engine.act(&act, &who, &mut self.effects) {
            Ok(done) => {
                self.audit.push(entry);
                match self.commit() {
                    Ok(committed) => {
                        events = committed;
                        Ok(done)
                    }
                    Err(error) => {
                        self.storage_failed(&error);
                        Err(Refused::Disk(BackendError::Unavailable(format!("{error:#}"))))
                    }
                }
            }
            Err(error) => Err(Refused::Act(error)),
        };
        self.live.show(&[], &self.engine, &self.settings);
        self.publish(events);
        // Whoever asked may have hung up; the act stands.
        let _gone = answer.send(result);
    }

    /// A warning that is over can be cancelled: the engine is given it as the record has it.
    fn with_past(&self, act: Act) -> Act {
        match act {
            Act::Cancel(id, None) => {
                let past = self.past(&id);
                Act::Cancel(id, past)
            }
            Act::Confirm(id) => {
                let mut holds = self.engine.holds();
                let hold = holds.find(|hold| hold.id == id && hold.kind == HoldKind::Cancellation);
                let past = hold.and_then(|hold| match &hold.subject {
                    Subject::Warning(warning) => self.past(warning),
                    _ => None,
                });
                drop(holds);
                past.map_or_else(
                    || Act::Confirm(id.clone()),
                    |past| Act::ConfirmCancel(id.clone(), past),
                )
            }
            other => other,
        }
    }

    /// A warning that is over; none of one that is open, or that the disk does not give.
    fn past(&self, id: &WarningId) -> Option<Box<Warning>> {
        if self.engine.warnings().any(|one| one.id == *id) {
            return None;
        }
        let found = self.ledger.warning(id).inspect_err(|why| {
            tracing::error!(%why, warning = %id, "a warning that is over cannot be read");
        });
        found.ok().flatten().map(Box::new)
    }

    /// Who acts, and that it is now.
    pub(super) fn acting(&self, wanted: &Wanted) -> Acting {
        Acting { by: wanted.by.clone(), note: wanted.note.clone(), at: (self.clock)() }
    }
}

/// What stands in the audit about an act.
pub(super) fn audit(act: &Act, who: &Acting) -> NewAudit {
    let note = &who.note;
    let (name, about, body): (&str, String, Value) = match act {
        Act::Acknowledge(id, seen, reason) => (
            "warning.acknowledge",
            id.to_string(),
            json!({ "note": note, "tier_seen": seen, "reason": reason }),
        ),
        Act::AcknowledgeEquipment(rule, channel) => {
            ("alarm.acknowledge", format!("{rule}.{channel}"), json!({ "note": note }))
        }
        Act::Comment(subject) => ("warning.comment", subject.to_string(), json!({ "note": note })),
        Act::Reset(id) => ("warning.reset", id.to_string(), json!({ "note": note })),
        Act::Escalate(id, told) => {
            ("warning.escalate", id.to_string(), json!({ "note": note, "told_seen": told }))
        }
        Act::Shelve(subject, seen, for_ms) => (
            "warning.shelve",
            subject.to_string(),
            json!({ "reason": note, "tier_seen": seen, "for_ms": for_ms }),
        ),
        Act::Cancel(id, _) => ("warning.cancel", id.to_string(), json!({ "reason": note })),
        Act::Confirm(id) | Act::ConfirmCancel(id, _) => {
            ("hold.confirm", id.clone(), json!({ "note": note }))
        }
        Act::Lift(id) => ("hold.lift", id.clone(), json!({ "note": note })),
        Act::TakeOut(channel, work_order, owner, until) => (
            "channel.take-out",
            channel.to_string(),
            json!({ "reason": note, "work_order": work_order, "owner": owner, "until": until }),
        ),
    };
    NewAudit { at: who.at, by: who.by.clone(), act: name.to_owned(), about, body }
}
