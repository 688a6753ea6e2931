//! The mark of a drill: its number in everything that leaves it, and in the ids.

use siskin_model::{DrillId, Hold, Subject, Warning, WarningEvent, WarningId};

use crate::life::{Act, ActError, Done};

/// Puts a drill's number on and takes it off.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    id: DrillId,
    prefix: String,
}

impl Mark {
    pub(super) fn of(id: DrillId) -> Self {
        Self { id, prefix: id.prefix() }
    }

    fn id(&self, id: &WarningId) -> WarningId {
        WarningId::from_text(&format!("{}{id}", self.prefix))
    }

    fn text(&self, text: &str) -> String {
        format!("{}{text}", self.prefix)
    }

    fn subject(&self, subject: Subject) -> Subject {
        match subject {
            Subject::Warning(id) => Subject::Warning(self.id(&id)),
            other => other,
        }
    }

    pub(super) fn hold(&self, mut hold: Hold) -> Hold {
        hold.id = self.text(&hold.id);
        hold.subject = self.subject(hold.subject);
        hold
    }

    fn warning(&self, mut warning: Warning) -> Warning {
        warning.id = self.id(&warning.id);
        warning.shelf = warning.shelf.map(|hold| self.hold(hold));
        warning.exercise = Some(self.id);
        warning
    }

    pub(super) fn event(&self, mut event: WarningEvent) -> WarningEvent {
        event.warning = self.warning(event.warning);
        event
    }

    pub(super) fn done(&self, done: Done) -> Done {
        match done {
            Done::Warning(warning) => Done::Warning(self.warning(warning)),
            Done::Hold(hold) => Done::Hold(self.hold(hold)),
            Done::Equipment(one) => Done::Equipment(one),
        }
    }

    pub(super) fn error(&self, error: ActError) -> ActError {
        match error {
            ActError::NotOpen(id) => ActError::NotOpen(self.text(&id)),
            ActError::Unknown(id) => ActError::Unknown(self.text(&id)),
            ActError::Risen { id, tier } => ActError::Risen { id: self.text(&id), tier },
            ActError::Already { id, by } => ActError::Already { id: self.text(&id), by },
            ActError::Refused { id, refusal } => ActError::Refused { id: self.text(&id), refusal },
            ActError::LadderMoved { id, to, by } => {
                ActError::LadderMoved { id: self.text(&id), to, by }
            }
            ActError::NoStep(id) => ActError::NoStep(self.text(&id)),
            ActError::Stands(id) => ActError::Stands(self.text(&id)),
            other @ (ActError::Length { .. }
            | ActError::NoReason
            | ActError::SamePerson(_)
            | ActError::TooMany) => other,
        }
    }

    /// The act as the drill's engine knows its subject; what is not marked names nothing there.
    pub(super) fn off(&self, act: &Act) -> Act {
        let plain = |text: &str| text.strip_prefix(&self.prefix).unwrap_or_default().to_owned();
        let id = |id: &WarningId| WarningId::from_text(&plain(id.as_str()));
        let subject = |subject: &Subject| match subject {
            Subject::Warning(one) => Subject::Warning(id(one)),
            other => other.clone(),
        };
        match act {
            Act::Acknowledge(one, seen, reason) => Act::Acknowledge(id(one), *seen, reason.clone()),
            Act::Comment(about) => Act::Comment(subject(about)),
            Act::Escalate(one, told) => Act::Escalate(id(one), *told),
            Act::Reset(one) => Act::Reset(id(one)),
            Act::Shelve(about, seen, for_ms) => Act::Shelve(subject(about), *seen, *for_ms),
            // A drill's warnings that are over stay so.
            Act::Cancel(one, _) => Act::Cancel(id(one), None),
            Act::Confirm(hold) | Act::ConfirmCancel(hold, _) => Act::Confirm(plain(hold)),
            Act::Lift(hold) => Act::Lift(plain(hold)),
            Act::AcknowledgeEquipment(..) | Act::TakeOut(..) => act.clone(),
        }
    }
}
