//! Rosters: brought, given, changed by a substitution. A file is taken as a whole or not at all.

use siskin_api::backend::BackendError;
use siskin_api::contract::{
    RosterDifferenceView, RosterForm, RosterImportRequest, ShiftView, SubstitutionRequest,
};
use siskin_api::duty::DutyFault;
use siskin_model::duty::{Difference, Shift, ShiftId, Substitution, difference};
use siskin_model::{ContactId, Timestamp, Who};
use siskin_store::ledger::{RosterChange, Written};
use siskin_wire::roster::{self, RosterProblem};

use super::super::backend::unavailable;
use super::{Desk, views};

/// The most shifts that stand by name in the audit of one change; the numbers tell of the rest.
const NAMED_MAX: usize = 200;

impl Desk<'_> {
    pub(super) fn shifts(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ShiftView>, BackendError> {
        let known = self.roster(from, to)?;
        let view = |shift: &Shift| views::shift(shift, &known.substitutions, self.offset_s());
        Ok(known.shifts.iter().map(view).collect())
    }

    pub(super) fn export(
        &self,
        from: Timestamp,
        to: Timestamp,
        form: RosterForm,
    ) -> Result<String, BackendError> {
        let known = self.roster(from, to)?;
        Ok(match form {
            RosterForm::Csv => roster::to_csv(&known.shifts, self.offset_s()),
            RosterForm::Calendar => roster::to_calendar(&known.shifts, &known.contacts, self.now),
        })
    }

    pub(super) fn import(
        &self,
        who: &Who,
        request: &RosterImportRequest,
    ) -> Result<RosterDifferenceView, BackendError> {
        let contacts = self.ledger.contacts().map_err(|e| unavailable(&e))?;
        let wanted = roster::read(&request.text, self.offset_s())
            .and_then(|written| roster::resolve(&written, &contacts))
            .map_err(|problems| DutyFault::RosterRefused { report: report(&problems) })?;
        let from = wanted.iter().map(|one| one.from).min().unwrap_or(self.now);
        let to = wanted.iter().map(|one| one.to).max().unwrap_or(self.now);
        let known = self.ledger.shifts(from, to).map_err(|e| unavailable(&e))?;
        let made = difference(&known, &wanted, self.now);
        if request.dry_run || made.is_empty() {
            return Ok(self.difference_view(&made, false));
        }
        if !made.past.is_empty() && request.reason.is_empty() {
            let ids: Vec<&str> = made.past.iter().map(ShiftId::as_str).collect();
            return Err(DutyFault::Past { report: ids.join("\n") }.into());
        }
        self.apply(who, &made, &request.reason)?;
        Ok(self.difference_view(&made, true))
    }

    fn apply(&self, who: &Who, made: &Difference, reason: &str) -> Result<(), BackendError> {
        let before = made.changed.iter().map(|(before, _)| before);
        let after = made.changed.iter().map(|(_, after)| after);
        let change = RosterChange {
            out: made.removed.iter().chain(before).cloned().collect(),
            put: made.added.iter().chain(after.clone()).cloned().collect(),
        };
        let named = |shifts: &[Shift]| -> Vec<String> {
            shifts.iter().take(NAMED_MAX).map(|shift| shift.id().to_string()).collect()
        };
        let changed: Vec<Shift> = after.cloned().collect();
        let body = serde_json::json!({
            "reason": reason,
            "counts": [made.added.len(), made.changed.len(), made.removed.len()],
            "added": named(&made.added),
            "changed": named(&changed),
            "removed": named(&made.removed),
            "past": made.past.len(),
        });
        let act = if made.past.is_empty() { "roster.change" } else { "roster.correct" };
        let entry = self.entry(who, act, "", body);
        match self.ledger.change_roster(&change, &entry).map_err(|e| unavailable(&e))? {
            Written::Yes => Ok(()),
            Written::Changed => Err(DutyFault::ChangedMeanwhile.into()),
        }
    }

    fn difference_view(&self, made: &Difference, applied: bool) -> RosterDifferenceView {
        let view = |shift: &Shift| views::shift(shift, &[], self.offset_s());
        RosterDifferenceView {
            applied,
            added: made.added.iter().map(view).collect(),
            changed: made.changed.iter().map(|(_, after)| view(after)).collect(),
            removed: made.removed.iter().map(view).collect(),
            unchanged: made.unchanged,
            past: made.past.iter().map(ToString::to_string).collect(),
        }
    }

    pub(super) fn substitute(
        &self,
        who: &Who,
        request: &SubstitutionRequest,
    ) -> Result<ShiftView, BackendError> {
        let id = ShiftId::from_text(&request.shift);
        let shift = self.ledger.shift(&id).map_err(|e| unavailable(&e))?;
        let shift = shift.ok_or_else(|| DutyFault::ShiftNotFound(request.shift.clone()))?;
        self.is_theirs(who, shift.desk.position.as_ref())?;
        let unknown = || DutyFault::ContactNotFound(request.person.clone());
        let person = ContactId::new(&request.person).map_err(|_| unknown())?;
        let contacts = self.ledger.contacts().map_err(|e| unavailable(&e))?;
        if !contacts.iter().any(|contact| contact.id == person) {
            return Err(unknown().into());
        }
        let from = request.from_ms.map_or(self.now.max(shift.from), Timestamp::from_millis);
        let to = request.to_ms.map_or(shift.to, Timestamp::from_millis);
        if from < self.now || from < shift.from || shift.to < to || to <= from {
            return Err(DutyFault::SubstitutionOutside.into());
        }
        let made = Substitution { shift: id, from, to, person };
        let body = serde_json::json!({ "substitution": made, "note": request.note });
        let entry = self.entry(who, "roster.substitute", &request.shift, body);
        match self.ledger.put_substitution(&made, &entry).map_err(|e| unavailable(&e))? {
            Written::Changed => Err(DutyFault::ChangedMeanwhile.into()),
            Written::Yes => {
                let all = self.ledger.substitutions(shift.from).map_err(|e| unavailable(&e))?;
                Ok(views::shift(&shift, &all, self.offset_s()))
            }
        }
    }
}

/// Every problem in both languages, one a line.
fn report(problems: &[RosterProblem]) -> String {
    let one = |problem: &RosterProblem| format!("{problem}\n{}", problem.zh());
    problems.iter().map(one).collect::<Vec<_>>().join("\n")
}
