//! Duty at this station: contact book, rosters, hand-overs, response cards.
//!
//! Acts go straight to the ledger, each with its audit entry in one transaction; the pipeline
//! never waits for them. Whether an act would change the past is judged here.

mod cards;
mod handovers;
mod now;
mod reach;
mod roster;
#[cfg(test)]
mod tests;
mod views;

use siskin_api::Duty;
use siskin_api::backend::BackendError;
use siskin_api::contract::{
    CardView, ContactRequest, ContactView, DutyView, HandOverRequest, HandOverSummaryView,
    HandOverView, RosterDifferenceView, RosterForm, RosterImportRequest, ShiftView,
    SubstitutionRequest,
};
use siskin_api::duty::DutyFault;
use siskin_config::Settings;
use siskin_model::duty::{Contact, Roster};
use siskin_model::{ContactId, Timestamp, WarningId, Who};
use siskin_store::Ledger;
use siskin_store::ledger::{NewAudit, Written};

use super::backend::{StationBackend, unavailable};

/// What duty is answered from.
struct Desk<'a> {
    settings: &'a Settings,
    ledger: &'a Ledger,
    now: Timestamp,
}

impl Desk<'_> {
    fn offset_s(&self) -> i32 {
        self.settings.site.utc_offset_s
    }

    /// The roster of [from, to).
    fn roster(&self, from: Timestamp, to: Timestamp) -> Result<Roster, BackendError> {
        let read = || {
            Ok(Roster {
                contacts: self.ledger.contacts()?,
                shifts: self.ledger.shifts(from, to)?,
                substitutions: self.ledger.substitutions(from)?,
            })
        };
        read().map_err(|error| unavailable(&error))
    }

    fn entry(&self, who: &Who, act: &str, about: &str, body: serde_json::Value) -> NewAudit {
        let (by, act, about) = (who.name.clone(), act.to_owned(), about.to_owned());
        NewAudit { at: self.now, by, act, about, body }
    }

    fn contacts(&self) -> Result<Vec<ContactView>, BackendError> {
        let contacts = self.ledger.contacts().map_err(|e| unavailable(&e))?;
        Ok(contacts.iter().map(views::contact).collect())
    }

    fn put_contact(
        &self,
        who: &Who,
        id: &ContactId,
        request: &ContactRequest,
    ) -> Result<ContactView, BackendError> {
        let request = request.clone();
        let contact = Contact {
            id: id.clone(),
            name: request.name.trim().to_owned(),
            organisation: request.organisation,
            phones: request.phones,
            email: request.email,
            note: request.note,
            account: request.account,
        };
        contact
            .check()
            .map_err(|fault| DutyFault::ContactRefused { en: fault.to_string(), zh: fault.zh() })?;
        let body = serde_json::to_value(&contact).unwrap_or_default();
        let entry = self.entry(who, "contact.put", id.as_str(), body);
        self.ledger.put_contact(&contact, &entry).map_err(|e| unavailable(&e))?;
        Ok(views::contact(&contact))
    }

    fn end_contact(&self, who: &Who, id: &ContactId) -> Result<Vec<ContactView>, BackendError> {
        let needed = self.ledger.contact_is_needed(id, self.now).map_err(|e| unavailable(&e))?;
        if needed {
            return Err(DutyFault::ContactNeeded(id.to_string()).into());
        }
        let entry = self.entry(who, "contact.end", id.as_str(), serde_json::Value::Null);
        match self.ledger.end_contact(id, &entry).map_err(|e| unavailable(&e))? {
            Written::Yes => self.contacts(),
            Written::Changed => Err(DutyFault::ContactNotFound(id.to_string()).into()),
        }
    }
}

impl StationBackend {
    fn desk(&self) -> Desk<'_> {
        Desk { settings: &self.settings, ledger: &self.ledger, now: self.clock.now() }
    }
}

impl Duty for StationBackend {
    fn duty(&self) -> Result<DutyView, BackendError> {
        let mut view = self.desk().duty()?;
        // What nobody could be called for comes before what is ahead.
        let called = now::calls_without_roster(&self.live, self.settings.site.utc_offset_s);
        view.notices.splice(0..0, called);
        Ok(view)
    }

    fn contacts(&self) -> Result<Vec<ContactView>, BackendError> {
        self.desk().contacts()
    }

    fn put_contact(
        &self,
        who: &Who,
        id: &ContactId,
        request: &ContactRequest,
    ) -> Result<ContactView, BackendError> {
        self.desk().put_contact(who, id, request)
    }

    fn end_contact(&self, who: &Who, id: &ContactId) -> Result<Vec<ContactView>, BackendError> {
        self.desk().end_contact(who, id)
    }

    fn shifts(&self, from: Timestamp, to: Timestamp) -> Result<Vec<ShiftView>, BackendError> {
        self.desk().shifts(from, to)
    }

    fn export_roster(
        &self,
        from: Timestamp,
        to: Timestamp,
        form: RosterForm,
    ) -> Result<String, BackendError> {
        self.desk().export(from, to, form)
    }

    fn import_roster(
        &self,
        who: &Who,
        request: &RosterImportRequest,
    ) -> Result<RosterDifferenceView, BackendError> {
        self.desk().import(who, request)
    }

    fn substitute(
        &self,
        who: &Who,
        request: &SubstitutionRequest,
    ) -> Result<ShiftView, BackendError> {
        self.desk().substitute(who, request)
    }

    fn handovers(&self, limit: usize) -> Result<Vec<HandOverView>, BackendError> {
        self.desk().handovers(limit)
    }

    fn begin_handover(
        &self,
        who: &Who,
        request: &HandOverRequest,
    ) -> Result<HandOverView, BackendError> {
        let incidents = self.incidents.in_short()?;
        let summary = handovers::shown(&self.live, &self.settings);
        let summary = HandOverSummaryView { incidents, ..summary };
        self.desk().begin_handover(who, request, summary)
    }

    fn acknowledge_handover(
        &self,
        who: &Who,
        number: u64,
        note: &str,
    ) -> Result<HandOverView, BackendError> {
        self.desk().acknowledge_handover(who, number, note)
    }

    fn cards(&self) -> Result<Vec<CardView>, BackendError> {
        self.desk().cards()
    }

    fn card_of(&self, id: &WarningId) -> Result<Option<CardView>, BackendError> {
        self.desk().card_of(id)
    }
}
