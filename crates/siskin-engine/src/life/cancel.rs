//! A person says that a warning was a mistake.
//!
//! It is kept with the reason, and whoever was told of it is told. Must never cancel while an alarm
//! of the same gas is active in the area: who reads it would take it for the all-clear of that one.

use siskin_model::{Cancellation, Hold, HoldEnd, HoldKind, Subject, Warning, WarningChange};
use siskin_model::{WarningEvent, WarningId};

use super::acts::{ActError, Acting, Done, PROPOSAL_MS, refused, said};
use super::book::{Key, WarningBook, Why};
use super::step;
use super::table::{Event, Refusal};
use crate::engine::Effects;

impl WarningBook {
    /// Cancels, or proposes it where the warning ever had the site's highest tier. `past` is the
    /// warning as the record has it, where it is over.
    pub(super) fn cancel(
        &mut self,
        id: &WarningId,
        past: Option<&Warning>,
        who: &Acting,
        effects: &mut Effects,
    ) -> Result<Done, ActError> {
        if who.note.is_empty() {
            return Err(ActError::NoReason);
        }
        let (key, warning) = self.mistaken(id, past)?;
        if Some(warning.tier_peak) < self.top {
            let by = (who.by.clone(), None, who.note.clone());
            return Ok(self.cancelled((key, warning), by, who, effects));
        }
        let subject = Subject::Warning(id.clone());
        self.alone(HoldKind::Cancellation, &subject)?;
        self.fits(PROPOSAL_MS, PROPOSAL_MS)?;
        let until = who.at.plus_ms(PROPOSAL_MS);
        let made = self.hold(HoldKind::Cancellation, &subject, who, until);
        let hold = Hold { tier: Some(warning.tier_peak), ..made };
        self.begin_hold(hold.clone(), effects);
        Ok(Done::Hold(hold))
    }

    /// The second person agrees.
    pub(super) fn confirm_cancel(
        &mut self,
        proposal: &Hold,
        past: Option<&Warning>,
        who: &Acting,
        effects: &mut Effects,
    ) -> Result<Done, ActError> {
        let Subject::Warning(id) = &proposal.subject else {
            return Err(ActError::Unknown(proposal.id.clone()));
        };
        let found = self.mistaken(id, past)?;
        let by = (proposal.by.clone(), Some(who.by.clone()), proposal.reason.clone());
        let done = self.cancelled(found, by, who, effects);
        self.end_hold(&proposal.id, who.at, HoldEnd::Confirmed, Some(&who.by), effects);
        Ok(done)
    }

    /// The warning as it would be, where it may be cancelled.
    fn mistaken(&self, id: &WarningId, past: Option<&Warning>) -> Result<(Key, Warning), ActError> {
        let is_it = |one: &&Warning| one.id == *id && one.exercise.is_none();
        let key = self.find(id);
        let open = key.as_ref().ok().and_then(|key| self.open.get(key));
        let found = open.or_else(|| past.filter(is_it));
        let mut warning = found.cloned().ok_or_else(|| ActError::NotOpen(id.to_string()))?;
        if let Some(done) = &warning.cancelled {
            return Err(ActError::Already { id: id.to_string(), by: done.by.clone() });
        }
        let key = (warning.area.clone(), warning.gas.clone());
        let is_fed = self.open.get(&key).is_some_and(|one| !one.alarms.is_empty());
        let hides = |one: &super::Muted| one.key == key && one.why == Why::Suppressed;
        let step = step::go(&mut warning, Event::Cancel, &self.policy);
        step.map_err(|refusal| refused(&warning, refusal))?;
        if is_fed || self.muted.values().any(hides) {
            return Err(refused(&warning, Refusal::Active));
        }
        Ok((key, warning))
    }

    fn cancelled(
        &mut self,
        (key, mut warning): (Key, Warning),
        (by, confirmed_by, reason): (String, Option<String>, String),
        who: &Acting,
        effects: &mut Effects,
    ) -> Done {
        warning.cancelled = Some(Cancellation { by, confirmed_by, reason, at: who.at });
        warning.changed_at = who.at;
        let is_open = self.open.get(&key).is_some_and(|one| one.id == warning.id);
        let (change, said) = (WarningChange::Cancelled, Some(said(who)));
        if is_open {
            self.emit(who.at, key, warning.clone(), change, said, effects);
        } else {
            // It is over already; another one of its place may be open.
            let event = WarningEvent { change, at: who.at, warning: warning.clone(), said };
            effects.warnings.push(event);
        }
        Done::Warning(warning)
    }
}
