//! The station of `resume.rs` has no duty: a stream of events never asks about it.

use siskin_api::{
    BackendError, CardView, ContactRequest, ContactView, Duty, DutyView, HandOverRequest,
    HandOverView, RosterDifferenceView, RosterForm, RosterImportRequest, ShiftView,
    SubstitutionRequest,
};
use siskin_model::{ContactId, Timestamp, WarningId, Who};

use crate::resume::Scripted;

impl Duty for Scripted {
    fn duty(&self) -> Result<DutyView, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }

    fn contacts(&self) -> Result<Vec<ContactView>, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }

    fn put_contact(
        &self,
        _: &Who,
        _: &ContactId,
        _: &ContactRequest,
    ) -> Result<ContactView, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }

    fn end_contact(&self, _: &Who, _: &ContactId) -> Result<Vec<ContactView>, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }

    fn shifts(&self, _: Timestamp, _: Timestamp) -> Result<Vec<ShiftView>, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }

    fn export_roster(
        &self,
        _: Timestamp,
        _: Timestamp,
        _: RosterForm,
    ) -> Result<String, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }

    fn import_roster(
        &self,
        _: &Who,
        _: &RosterImportRequest,
    ) -> Result<RosterDifferenceView, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }

    fn substitute(&self, _: &Who, _: &SubstitutionRequest) -> Result<ShiftView, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }

    fn handovers(&self, _: usize) -> Result<Vec<HandOverView>, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }

    fn begin_handover(&self, _: &Who, _: &HandOverRequest) -> Result<HandOverView, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }

    fn acknowledge_handover(&self, _: &Who, _: u64, _: &str) -> Result<HandOverView, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }

    fn cards(&self) -> Result<Vec<CardView>, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }

    fn card_of(&self, _: &WarningId) -> Result<Option<CardView>, BackendError> {
        unreachable!("a stream of events does not ask about duty")
    }
}
