//! The fake's people. A token says what it is: `role.name.area`, the last two may be left out. A
//! session is `s-` and the same; its text against other sites is `csrf-` and the same.

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use siskin_api::people::{
    Begun, Credential, Known, NewPerson, NewToken, People, PeopleError, PersonChange, Secret,
    SignIn,
};
use siskin_api::{BackendError, PersonView, TokenView, areas_view};
use siskin_model::{AreaId, AreaScope, Role, WarningId, Who};

use super::{AT, BROKEN, Fake, WARNING};

/// The area of the fake's warning.
pub(crate) const AREA: &str = "tank-farm";
/// The only password.
pub(crate) const PASSWORD: &str = "correct horse battery";

fn who(text: &str) -> Option<Who> {
    let mut parts = text.split('.');
    let role = Role::from_word(parts.next()?)?;
    let name = parts.next().unwrap_or("li").to_owned();
    let area = |id| AreaScope::Some([AreaId::new(id).unwrap()].into());
    Some(Who { name, role, areas: parts.next().map_or(AreaScope::All, area) })
}

fn person(name: &str, role: Role, areas: &AreaScope, disabled: bool) -> PersonView {
    PersonView {
        name: name.to_owned(),
        display: "李雷".to_owned(),
        role: role.into(),
        areas: areas_view(areas),
        made_at: AT.to_owned(),
        disabled,
        sessions: 0,
    }
}

fn token(name: &str) -> TokenView {
    TokenView {
        id: "t1".to_owned(),
        name: name.to_owned(),
        role: Role::Viewer.into(),
        areas: None,
        made_at: AT.to_owned(),
        expires_at: AT.to_owned(),
    }
}

fn known_person(name: &str) -> Result<(), BackendError> {
    match name {
        "li" => Ok(()),
        other => Err(PeopleError::PersonNotFound(other.to_owned()).into()),
    }
}

impl Fake {
    fn begin(&self, who: &str) -> Begun {
        let cookie = Secret(format!("s-{who}"));
        let known = self.who(&Credential::Session(cookie.0.clone())).unwrap();
        Begun { cookie, known }
    }
}

impl People for Fake {
    fn who(&self, credential: &Credential) -> Option<Known> {
        match credential {
            Credential::Token(text) => Some(Known { who: who(text)?, csrf: None }),
            Credential::Session(_) if self.moved.load(Ordering::SeqCst) => {
                Some(Known { who: who("bureau.li.jetty")?, csrf: None })
            }
            Credential::Session(text) => {
                if self.signed_out.lock().unwrap().contains(text) {
                    return None;
                }
                let what = text.strip_prefix("s-")?;
                let csrf = Some(Secret(format!("csrf-{what}")));
                Some(Known { who: who(what)?, csrf })
            }
        }
    }

    fn anonymous(&self) -> Option<Who> {
        self.anonymous_looks.load(Ordering::SeqCst).then(|| who("viewer.anonymous").unwrap())
    }

    fn setup_needed(&self) -> bool {
        self.is_new.load(Ordering::SeqCst)
    }

    fn area_of_warning(&self, id: &WarningId) -> Result<AreaId, BackendError> {
        match id.as_str() {
            WARNING | BROKEN => Ok(AreaId::new(AREA).unwrap()),
            other => Err(BackendError::WarningNotFound(other.to_owned())),
        }
    }

    fn sign_in(&self, ask: &SignIn) -> Result<Begun, BackendError> {
        match (ask.name.0.as_str(), ask.password.0.as_str()) {
            ("locked", _) => Err(PeopleError::Locked { wait_s: 899 }.into()),
            ("li", PASSWORD) => Ok(self.begin("operator.li")),
            _ => Err(PeopleError::SignInRefused.into()),
        }
    }

    fn sign_out(&self, credential: &Credential) -> Result<(), BackendError> {
        if let Credential::Session(text) = credential {
            self.signed_out.lock().unwrap().insert(text.clone());
        }
        Ok(())
    }

    fn set_up(
        &self,
        code: &Secret,
        person: &NewPerson,
        _remote: IpAddr,
    ) -> Result<Begun, BackendError> {
        if code.0 != "code" {
            return Err(PeopleError::SetupRefused.into());
        }
        Ok(self.begin(&format!("admin.{}", person.name)))
    }

    fn persons(&self) -> Result<Vec<PersonView>, BackendError> {
        Ok(vec![person("li", Role::Operator, &AreaScope::All, false)])
    }

    fn add_person(&self, _by: &Who, new: &NewPerson) -> Result<PersonView, BackendError> {
        match new.name.as_str() {
            "li" => Err(PeopleError::NameTaken("li".to_owned()).into()),
            name => Ok(person(name, new.role, &new.areas, false)),
        }
    }

    fn change_person(
        &self,
        _by: &Who,
        name: &str,
        change: &PersonChange,
    ) -> Result<PersonView, BackendError> {
        known_person(name)?;
        let areas = change.areas.clone().unwrap_or(AreaScope::All);
        let role = change.role.unwrap_or(Role::Operator);
        Ok(person(name, role, &areas, change.disabled.unwrap_or(false)))
    }

    fn reset_password(
        &self,
        _by: &Who,
        name: &str,
        password: &Secret,
    ) -> Result<PersonView, BackendError> {
        known_person(name)?;
        let count = password.0.len();
        if count < 15 {
            return Err(PeopleError::PasswordLength { count }.into());
        }
        Ok(person(name, Role::Operator, &AreaScope::All, false))
    }

    fn change_password(
        &self,
        _keep: &Credential,
        ask: &SignIn,
        _new: &Secret,
    ) -> Result<(), BackendError> {
        self.sign_in(ask).map(drop)
    }

    fn tokens(&self, by: &Who) -> Result<Vec<TokenView>, BackendError> {
        Ok(vec![token(&by.name)])
    }

    fn add_token(&self, by: &Who, new: &NewToken) -> Result<(TokenView, Secret), BackendError> {
        if !by.areas.covers(&new.areas) || !by.role.covers(new.role) {
            return Err(PeopleError::BeyondOwner.into());
        }
        Ok((token(&new.name), Secret("siskin_t1_text".to_owned())))
    }

    fn remove_token(&self, _by: &Who, id: &str) -> Result<(), BackendError> {
        match id {
            "t1" => Ok(()),
            other => Err(PeopleError::TokenNotFound(other.to_owned()).into()),
        }
    }
}
