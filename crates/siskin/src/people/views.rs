//! People in the words of the API.

use siskin_api::contract::{PersonView, TokenView, areas_view};
use siskin_store::ledger::{ApiToken, Person};

pub(super) fn person(person: &Person, sessions: usize, offset_s: i32) -> PersonView {
    PersonView {
        name: person.name.clone(),
        display: person.display.clone(),
        role: person.role.into(),
        areas: areas_view(&person.areas),
        made_at: person.made_at.rfc3339(offset_s),
        disabled: person.disabled,
        sessions: u32::try_from(sessions).unwrap_or(u32::MAX),
    }
}

pub(super) fn token(token: &ApiToken, offset_s: i32) -> TokenView {
    TokenView {
        id: token.id.clone(),
        name: token.name.clone(),
        role: token.role.into(),
        areas: areas_view(&token.areas),
        made_at: token.made_at.rfc3339(offset_s),
        expires_at: token.expires_at.rfc3339(offset_s),
    }
}
