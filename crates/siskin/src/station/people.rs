//! People as the API sees them, and the task that keeps the moments of their sessions on disk.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use siskin_api::backend::BackendError;
use siskin_api::contract::{PersonView, TokenView};
use siskin_api::people::{
    Begun, Credential, Known, NewPerson, NewToken, People, PersonChange, Secret, SignIn,
};
use siskin_config::{Anonymous, Settings};
use siskin_model::{AreaId, WarningId, Who};
use tokio_util::sync::CancellationToken;

use super::backend::{StationBackend, unavailable};
use crate::people::{PeopleDesk, PeopleRules};

/// How often it is written when sessions were last used. After a crash one may end this much
/// earlier than it should.
const FLUSH: Duration = Duration::from_mins(1);

/// What the site says of people.
pub(super) fn rules(settings: &Settings) -> PeopleRules {
    let access = settings.station.access;
    PeopleRules {
        session_ms: access.session_ms,
        anonymous_looks: access.anonymous == Anonymous::Looks,
        areas: Some(settings.site.areas.iter().map(|area| area.id.clone()).collect()),
        offset_s: settings.site.utc_offset_s,
    }
}

/// Writes when sessions were last used, until `stop`, and then once more.
pub(super) async fn keep(desk: Arc<PeopleDesk>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(FLUSH);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let stopping = tokio::select! {
            _ = ticks.tick() => false,
            () = stop.cancelled() => true,
        };
        let desk = Arc::clone(&desk);
        match tokio::task::spawn_blocking(move || desk.flush()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "sessions cannot be written"),
            Err(error) => tracing::error!(%error, "the task that writes sessions failed"),
        }
        if stopping {
            return;
        }
    }
}

impl People for StationBackend {
    fn who(&self, credential: &Credential) -> Option<Known> {
        self.people.who(credential)
    }

    fn anonymous(&self) -> Option<Who> {
        self.people.anonymous()
    }

    fn setup_needed(&self) -> bool {
        self.people.setup_needed()
    }

    fn area_of_warning(&self, id: &WarningId) -> Result<AreaId, BackendError> {
        let warning = self.ledger.warning(id).map_err(|error| unavailable(&error))?;
        let warning = warning.ok_or_else(|| BackendError::WarningNotFound(id.to_string()))?;
        Ok(warning.area)
    }

    fn sign_in(&self, ask: &SignIn) -> Result<Begun, BackendError> {
        self.people.sign_in(ask)
    }

    fn sign_out(&self, credential: &Credential) -> Result<(), BackendError> {
        self.people.sign_out(credential)
    }

    fn set_up(
        &self,
        code: &Secret,
        person: &NewPerson,
        remote: IpAddr,
    ) -> Result<Begun, BackendError> {
        self.people.set_up(code, person, remote)
    }

    fn persons(&self) -> Result<Vec<PersonView>, BackendError> {
        Ok(self.people.persons())
    }

    fn add_person(&self, by: &Who, person: &NewPerson) -> Result<PersonView, BackendError> {
        self.people.add_person(&by.name, person)
    }

    fn change_person(
        &self,
        by: &Who,
        name: &str,
        change: &PersonChange,
    ) -> Result<PersonView, BackendError> {
        self.people.change_person(&by.name, name, change)
    }

    fn reset_password(
        &self,
        by: &Who,
        name: &str,
        password: &Secret,
    ) -> Result<PersonView, BackendError> {
        self.people.reset_password(&by.name, name, password)
    }

    fn change_password(
        &self,
        keep: &Credential,
        ask: &SignIn,
        new: &Secret,
    ) -> Result<(), BackendError> {
        self.people.change_password(keep, ask, new)
    }

    fn tokens(&self, by: &Who) -> Result<Vec<TokenView>, BackendError> {
        Ok(self.people.tokens(&by.name))
    }

    fn add_token(&self, by: &Who, token: &NewToken) -> Result<(TokenView, Secret), BackendError> {
        self.people.add_token(&by.name, &by.name, token)
    }

    fn remove_token(&self, by: &Who, id: &str) -> Result<(), BackendError> {
        self.people.remove_token(&by.name, id)
    }
}
