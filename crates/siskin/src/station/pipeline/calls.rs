//! Who is on duty when a warning is passed on, and a gap in the roster told loudly.
//!
//! The roster is read only when a ladder goes on, by time or by a person. Must never hold up the
//! step: where the roster cannot be read the call goes out without names.

use std::sync::Arc;

use siskin_model::duty::Roster;
use siskin_model::duty::call::LOOK_MS;
use siskin_model::{Timestamp, WarningChange, WarningEvent};
use siskin_store::{Ledger, StoreError};

use super::Pipeline;

impl Pipeline {
    /// Gives the engine the roster around `now` where it will ask for it.
    pub(super) fn ask_roster(&mut self, now: Timestamp) {
        if !self.engine.passes_on(now) {
            self.engine.set_roster(None);
            return;
        }
        self.give_roster(now);
    }

    /// Gives the engine the roster around `now`: somebody is called.
    pub(super) fn give_roster(&mut self, now: Timestamp) {
        let roster = read(&self.ledger, now);
        if let Err(error) = &roster {
            tracing::error!(%error, "the roster cannot be read; a warning is passed on without it");
        }
        self.engine.set_roster(roster.ok().map(Arc::new));
    }
}

fn read(ledger: &Ledger, now: Timestamp) -> Result<Roster, StoreError> {
    let (from, to) = (now.plus_ms(-LOOK_MS), now.plus_ms(LOOK_MS));
    Ok(Roster {
        contacts: ledger.contacts()?,
        shifts: ledger.shifts(from, to)?,
        substitutions: ledger.substitutions(from)?,
    })
}

/// Says in the log where a step of a ladder found the roster with a gap.
pub(super) fn say(event: &WarningEvent) {
    if event.change != WarningChange::PassedOn {
        return;
    }
    let call = event.warning.passing.as_ref().and_then(|passing| passing.calls.last());
    if let Some(call) = call.filter(|call| call.found.is_gap()) {
        tracing::error!(
            warning = %event.warning.id,
            to = call.to,
            found = call.found.as_str(),
            people = call.people.len(),
            "nobody is on the roster for a step of the ladder"
        );
    }
}
