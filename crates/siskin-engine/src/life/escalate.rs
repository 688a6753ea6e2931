//! A person lets the next step of a ladder be taken before its time.
//!
//! Whoever is called is found and told as at a timed step; the steps after it keep their times.
//! Must never take two steps for two persons who asked at once for the same one.

use siskin_model::{Warning, WarningChange, WarningId};

use super::acts::{ActError, Acting, Done, refused, said};
use super::book::WarningBook;
use super::step;
use super::table::Event;
use crate::engine::Effects;

impl WarningBook {
    /// Takes the next step of the ladder now. `told`: how many steps the person saw taken.
    pub(super) fn escalate(
        &mut self,
        id: &WarningId,
        told: usize,
        who: &Acting,
        effects: &mut Effects,
    ) -> Result<Done, ActError> {
        let (key, mut warning) = self.seen(id, None)?;
        // A ladder runs exactly while the table takes an acknowledgement.
        let acknowledged = step::go(&mut warning.clone(), Event::Acknowledge, &self.policy);
        acknowledged.map_err(|refusal| refused(&warning, refusal))?;
        is_as_seen(&warning, told)?;
        if !self.step_up(&mut warning, who.at, Some(&who.by)) {
            return Err(ActError::NoStep(id.to_string()));
        }
        warning.changed_at = who.at;
        let (done, change) = (warning.clone(), WarningChange::PassedOn);
        self.emit(who.at, key, warning, change, Some(said(who)), effects);
        Ok(Done::Warning(done))
    }
}

fn is_as_seen(warning: &Warning, told: usize) -> Result<(), ActError> {
    let passing = warning.passing.as_ref();
    if passing.map_or(0, |passing| passing.told.len()) == told {
        return Ok(());
    }
    let to = passing.and_then(|passing| passing.told.last().cloned());
    let by = passing.and_then(|passing| passing.calls.last()?.by.clone());
    Err(ActError::LadderMoved { id: warning.id.to_string(), to, by })
}
