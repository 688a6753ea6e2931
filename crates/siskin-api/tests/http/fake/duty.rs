//! The fake's duty: one contact, one shift, one hand-over, one card.

use siskin_api::{
    BackendError, CardView, ContactRequest, ContactView, Duty, DutyFault, DutyView,
    HandOverRequest, HandOverSummaryView, HandOverView, RosterDifferenceView, RosterForm,
    RosterImportRequest, ShiftView, SubstitutionRequest, SubstitutionView, TextView,
};
use siskin_model::{ContactId, Timestamp, WarningId, Who};

use super::{AT, Fake, WARNING};

pub(crate) const SHIFT: &str = "operator.li-lei.20260101T000000.000Z";

fn contact(id: &str, name: &str) -> ContactView {
    ContactView {
        id: id.to_owned(),
        name: name.to_owned(),
        organisation: String::new(),
        phones: vec!["8101".to_owned()],
        email: None,
        note: String::new(),
        account: None,
    }
}

fn shift() -> ShiftView {
    ShiftView {
        id: SHIFT.to_owned(),
        from: AT.to_owned(),
        to: AT.to_owned(),
        role: "operator".to_owned(),
        position: None,
        person: "li-lei".to_owned(),
        substitutes: Vec::new(),
        substitutions: Vec::new(),
    }
}

fn handover(begun_by: &str, note: &str) -> HandOverView {
    HandOverView {
        number: 1,
        role: "operator".to_owned(),
        position: None,
        relief_at: AT.to_owned(),
        begun_at: AT.to_owned(),
        begun_by: begun_by.to_owned(),
        note: note.to_owned(),
        summary: HandOverSummaryView::default(),
        acknowledged_by: None,
        acknowledged_at: None,
        acknowledged_note: None,
    }
}

fn card() -> CardView {
    let text = || TextView { zh: "文".to_owned(), en: "text".to_owned() };
    CardView {
        gas: "chlorine".to_owned(),
        area: None,
        tier: None,
        is_template: true,
        cause: text(),
        consequence: text(),
        actions: vec![text()],
        plan: text(),
        contacts: Vec::new(),
    }
}

impl Duty for Fake {
    fn duty(&self) -> Result<DutyView, BackendError> {
        Ok(DutyView { now: AT.to_owned(), desks: Vec::new(), notices: Vec::new() })
    }

    fn contacts(&self) -> Result<Vec<ContactView>, BackendError> {
        Ok(vec![contact("li-lei", "李雷")])
    }

    fn put_contact(
        &self,
        _: &Who,
        id: &ContactId,
        request: &ContactRequest,
    ) -> Result<ContactView, BackendError> {
        Ok(contact(id.as_str(), &request.name))
    }

    fn end_contact(&self, _: &Who, id: &ContactId) -> Result<Vec<ContactView>, BackendError> {
        match id.as_str() {
            "li-lei" => Ok(Vec::new()),
            "needed" => Err(DutyFault::ContactNeeded(id.to_string()).into()),
            other => Err(DutyFault::ContactNotFound(other.to_owned()).into()),
        }
    }

    fn shifts(&self, _: Timestamp, _: Timestamp) -> Result<Vec<ShiftView>, BackendError> {
        Ok(vec![shift()])
    }

    fn export_roster(
        &self,
        _: Timestamp,
        _: Timestamp,
        form: RosterForm,
    ) -> Result<String, BackendError> {
        Ok(format!("{form:?}"))
    }

    fn import_roster(
        &self,
        _: &Who,
        request: &RosterImportRequest,
    ) -> Result<RosterDifferenceView, BackendError> {
        match request.text.as_str() {
            "past" if request.reason.is_empty() => {
                return Err(DutyFault::Past { report: SHIFT.to_owned() }.into());
            }
            "bad" => {
                let report = "line 1: bad".to_owned();
                return Err(DutyFault::RosterRefused { report }.into());
            }
            _ => {}
        }
        Ok(RosterDifferenceView {
            applied: !request.dry_run,
            added: vec![shift()],
            changed: Vec::new(),
            removed: Vec::new(),
            unchanged: request.text.len(),
            past: Vec::new(),
        })
    }

    fn substitute(
        &self,
        who: &Who,
        request: &SubstitutionRequest,
    ) -> Result<ShiftView, BackendError> {
        if request.shift != SHIFT {
            return Err(DutyFault::ShiftNotFound(request.shift.clone()).into());
        }
        let (from, to) = (AT.to_owned(), who.name.clone());
        let came = SubstitutionView { person: request.person.clone(), from, to };
        Ok(ShiftView { substitutions: vec![came], ..shift() })
    }

    fn handovers(&self, _: usize) -> Result<Vec<HandOverView>, BackendError> {
        Ok(vec![handover("han", "")])
    }

    fn begin_handover(
        &self,
        who: &Who,
        request: &HandOverRequest,
    ) -> Result<HandOverView, BackendError> {
        Ok(handover(&who.name, &request.note))
    }

    fn acknowledge_handover(
        &self,
        who: &Who,
        number: u64,
        note: &str,
    ) -> Result<HandOverView, BackendError> {
        if number == 2 {
            return Err(DutyFault::SamePerson { by: who.name.clone() }.into());
        }
        let acknowledged_by = Some(who.name.clone());
        Ok(HandOverView {
            acknowledged_by,
            acknowledged_note: Some(note.to_owned()),
            ..handover("han", "")
        })
    }

    fn cards(&self) -> Result<Vec<CardView>, BackendError> {
        Ok(vec![card()])
    }

    fn card_of(&self, id: &WarningId) -> Result<Option<CardView>, BackendError> {
        match id.as_str() {
            WARNING => Ok(Some(card())),
            other => Err(BackendError::WarningNotFound(other.to_owned())),
        }
    }
}
