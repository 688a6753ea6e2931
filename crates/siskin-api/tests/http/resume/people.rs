//! The people of the scripted ledger: who shows nothing may look, and nothing else is asked.

use std::net::IpAddr;

use siskin_api::people::{
    Begun, Credential, Known, NewPerson, NewToken, People, PersonChange, Secret, SignIn,
};
use siskin_api::{BackendError, PersonView, TokenView};
use siskin_model::{AreaId, AreaScope, Role, WarningId, Who};

use super::Scripted;

impl People for Scripted {
    fn who(&self, _: &Credential) -> Option<Known> {
        None
    }

    fn anonymous(&self) -> Option<Who> {
        let name = "anonymous".to_owned();
        Some(Who { name, role: Role::Viewer, areas: AreaScope::All })
    }

    fn setup_needed(&self) -> bool {
        false
    }

    fn area_of_warning(&self, _: &WarningId) -> Result<AreaId, BackendError> {
        unreachable!("a stream does not ask for an area")
    }

    fn sign_in(&self, _: &SignIn) -> Result<Begun, BackendError> {
        unreachable!("nobody signs in")
    }

    fn sign_out(&self, _: &Credential) -> Result<(), BackendError> {
        unreachable!("nobody signs out")
    }

    fn set_up(&self, _: &Secret, _: &NewPerson, _: IpAddr) -> Result<Begun, BackendError> {
        unreachable!("nobody is set up")
    }

    fn persons(&self) -> Result<Vec<PersonView>, BackendError> {
        unreachable!("a stream does not ask for people")
    }

    fn add_person(&self, _: &Who, _: &NewPerson) -> Result<PersonView, BackendError> {
        unreachable!("nobody is added")
    }

    fn change_person(
        &self,
        _: &Who,
        _: &str,
        _: &PersonChange,
    ) -> Result<PersonView, BackendError> {
        unreachable!("nobody is changed")
    }

    fn reset_password(&self, _: &Who, _: &str, _: &Secret) -> Result<PersonView, BackendError> {
        unreachable!("no password is reset")
    }

    fn change_password(&self, _: &Credential, _: &SignIn, _: &Secret) -> Result<(), BackendError> {
        unreachable!("no password is changed")
    }

    fn tokens(&self, _: &Who) -> Result<Vec<TokenView>, BackendError> {
        unreachable!("a stream does not ask for tokens")
    }

    fn add_token(&self, _: &Who, _: &NewToken) -> Result<(TokenView, Secret), BackendError> {
        unreachable!("no token is made")
    }

    fn remove_token(&self, _: &Who, _: &str) -> Result<(), BackendError> {
        unreachable!("no token is taken back")
    }
}
