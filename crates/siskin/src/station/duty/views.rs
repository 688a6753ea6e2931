//! Duty in the API's words: one function per thing, no decisions.

use siskin_api::contract::{ContactView, ShiftView, SubstitutionView};
use siskin_model::ContactId;
use siskin_model::duty::{Contact, Shift, Substitution};

pub(super) fn contact(contact: &Contact) -> ContactView {
    let Contact { id, name, organisation, phones, email, note, account } = contact.clone();
    ContactView { id: id.to_string(), name, organisation, phones, email, note, account }
}

/// A shift with those of `substitutions` that are of it.
pub(super) fn shift(shift: &Shift, substitutions: &[Substitution], offset_s: i32) -> ShiftView {
    let id = shift.id();
    let came = substitutions.iter().filter(|one| one.shift == id).map(|one| SubstitutionView {
        person: one.person.to_string(),
        from: one.from.rfc3339(offset_s),
        to: one.to.rfc3339(offset_s),
    });
    ShiftView {
        id: id.to_string(),
        from: shift.from.rfc3339(offset_s),
        to: shift.to.rfc3339(offset_s),
        role: shift.desk.role.to_string(),
        position: shift.desk.position.as_ref().map(ToString::to_string),
        person: shift.person.to_string(),
        substitutes: shift.substitutes.iter().map(ContactId::to_string).collect(),
        substitutions: came.collect(),
    }
}
