//! Where people are looked after: one act at a time, first on disk, then in memory.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use siskin_api::backend::BackendError;
use siskin_api::contract::{PersonView, TokenView};
use siskin_api::people::{
    Credential, Known, NewPerson, NewToken, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PeopleError,
    PersonChange, Secret, SignIn,
};
use siskin_collect::Clock;
use siskin_model::{AreaId, AreaScope, Role, Who};
use siskin_store::ledger::{ApiToken, NewAudit, Person, SessionsAfter};
use siskin_store::{Ledger, StoreError};

use super::book::{self, Book};
use super::secrets::{self, Key};
use super::views;

/// Accounts of a station, those that were disabled too.
const PERSONS_MAX: usize = 1_000;
/// Tokens of one person.
const TOKENS_MAX: usize = 50;
const MS_PER_DAY: i64 = 86_400_000;

/// What the site says of people.
#[derive(Debug, Clone)]
pub(crate) struct PeopleRules {
    /// A session ends when it was not used for this long.
    pub(crate) session_ms: i64,
    /// Whether who shows nothing may look.
    pub(crate) anonymous_looks: bool,
    /// The areas of the site; none where no site is known, as at the command line.
    pub(crate) areas: Option<BTreeSet<AreaId>>,
    /// Local time.
    pub(crate) offset_s: i32,
}

/// The people of a ledger.
pub(crate) struct PeopleDesk {
    pub(super) ledger: Arc<Ledger>,
    pub(super) clock: Clock,
    pub(super) rules: PeopleRules,
    book: Mutex<Book>,
    acting: Mutex<()>,
    /// Lets the first admin be made, while there is nobody.
    pub(super) setup_code: Option<Secret>,
    /// What a password is compared with where nobody has the name.
    pub(super) decoy: String,
    /// Hashes computed so far.
    pub(super) hashes: AtomicU64,
}

pub(super) fn unavailable(error: &StoreError) -> BackendError {
    BackendError::Unavailable(error.to_string())
}

impl PeopleDesk {
    /// The people in `ledger`.
    pub(crate) fn open(
        ledger: Arc<Ledger>,
        clock: Clock,
        rules: PeopleRules,
    ) -> anyhow::Result<Self> {
        let book = Book::read(&ledger)?;
        let setup_code = book.persons.is_empty().then(secrets::random_password).transpose()?;
        let decoy = secrets::hash_password(&secrets::random_password()?)?;
        Ok(Self {
            ledger,
            clock,
            rules,
            book: Mutex::new(book),
            acting: Mutex::new(()),
            setup_code,
            decoy,
            hashes: AtomicU64::new(0),
        })
    }

    /// The code for the first set-up, while it is needed. For the terminal only.
    pub(crate) fn setup_code(&self) -> Option<&str> {
        self.setup_needed().then(|| self.setup_code.as_ref().map(|code| code.0.as_str()))?
    }

    /// Whether there is nobody.
    pub(crate) fn setup_needed(&self) -> bool {
        self.book().persons.is_empty()
    }

    /// Held for a look, never over a disk.
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One act at a time.
    pub(super) fn act(&self) -> MutexGuard<'_, ()> {
        self.acting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn entry(
        &self,
        by: &str,
        act: &str,
        about: &str,
        body: serde_json::Value,
    ) -> NewAudit {
        let (by, act, about) = (by.to_owned(), act.to_owned(), about.to_owned());
        NewAudit { at: (self.clock)(), by, act, about, body }
    }

    pub(super) fn verify(&self, password: &Secret, kept: &str) -> bool {
        self.hashes.fetch_add(1, Ordering::Relaxed);
        secrets::is_password(password, kept)
    }

    fn hash(&self, password: &Secret) -> Result<String, BackendError> {
        let count = password.0.chars().count();
        if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&count) {
            return Err(PeopleError::PasswordLength { count }.into());
        }
        self.hashes.fetch_add(1, Ordering::Relaxed);
        let hash = secrets::hash_password(password);
        hash.map_err(|error| BackendError::Unavailable(format!("{error:#}")))
    }

    /// Refuses areas that the site does not have.
    fn known_areas(&self, scope: &AreaScope) -> Result<(), BackendError> {
        let (AreaScope::Some(areas), Some(known)) = (scope, &self.rules.areas) else {
            return Ok(());
        };
        match areas.difference(known).next() {
            Some(area) => Err(PeopleError::AreaNotFound(area.to_string()).into()),
            None => Ok(()),
        }
    }

    pub(super) fn new_person(&self, new: &NewPerson) -> Result<Person, BackendError> {
        self.known_areas(&new.areas)?;
        Ok(Person {
            name: new.name.to_string(),
            display: new.display.clone(),
            role: new.role,
            areas: new.areas.clone(),
            password: self.hash(&new.password)?,
            made_at: (self.clock)(),
            disabled: false,
        })
    }

    fn view(&self, name: &str) -> Result<PersonView, BackendError> {
        let book = self.book();
        let person = book.persons.get(name);
        let person = person.ok_or_else(|| PeopleError::PersonNotFound(name.to_owned()))?;
        Ok(views::person(person, book.sessions_of(name).len(), self.rules.offset_s))
    }

    /// A person as who they are.
    pub(crate) fn owner(&self, name: &str) -> Result<Who, BackendError> {
        self.person(name).map(|person| book::who(&person))
    }

    fn person(&self, name: &str) -> Result<Person, BackendError> {
        let person = self.book().persons.get(name).cloned();
        person.ok_or_else(|| PeopleError::PersonNotFound(name.to_owned()).into())
    }

    /// Who shows `credential`.
    pub(crate) fn who(&self, credential: &Credential) -> Option<Known> {
        let now = (self.clock)();
        self.book().who(credential, now, self.rules.session_ms)
    }

    /// Who shows nothing.
    pub(crate) fn anonymous(&self) -> Option<Who> {
        let name = "anonymous".to_owned();
        let nothing = AreaScope::Some(BTreeSet::new());
        let who = Who { name, role: Role::Viewer, areas: nothing };
        self.rules.anonymous_looks.then_some(who)
    }

    /// Everybody, by name.
    pub(crate) fn persons(&self) -> Vec<PersonView> {
        let book = self.book();
        let view = |one: &Person| {
            views::person(one, book.sessions_of(&one.name).len(), self.rules.offset_s)
        };
        book.persons.values().map(view).collect()
    }

    /// Makes a person.
    pub(crate) fn add_person(&self, by: &str, new: &NewPerson) -> Result<PersonView, BackendError> {
        let name = new.name.as_str();
        if self.book().persons.contains_key(name) {
            return Err(PeopleError::NameTaken(name.to_owned()).into());
        }
        let person = self.new_person(new)?;
        let _one_at_a_time = self.act();
        {
            let book = self.book();
            if book.persons.contains_key(name) {
                return Err(PeopleError::NameTaken(name.to_owned()).into());
            }
            if book.persons.len() >= PERSONS_MAX {
                return Err(PeopleError::TooMany(PERSONS_MAX).into());
            }
        }
        let rights = json!({ "role": person.role, "areas": person.areas });
        let entry = self.entry(by, "person.add", name, rights);
        self.ledger.add_person(&person, &entry).map_err(|error| unavailable(&error))?;
        self.book().put(person, SessionsAfter::All);
        self.view(name)
    }

    /// Changes a person.
    pub(crate) fn change_person(
        &self,
        by: &str,
        name: &str,
        change: &PersonChange,
    ) -> Result<PersonView, BackendError> {
        let _one_at_a_time = self.act();
        let mut person = self.person(name)?;
        if let Some(areas) = &change.areas {
            self.known_areas(areas)?;
            person.areas.clone_from(areas);
        }
        person.role = change.role.unwrap_or(person.role);
        person.disabled = change.disabled.unwrap_or(person.disabled);
        if let Some(display) = &change.display {
            person.display.clone_from(display);
        }
        if self.book().would_be_without_chief(&person) {
            return Err(PeopleError::LastAdmin(name.to_owned()).into());
        }
        let body = json!({
            "display": person.display, "role": person.role, "areas": person.areas,
            "disabled": person.disabled,
        });
        self.write(by, "person.change", person, SessionsAfter::All, body)
    }

    /// Sets the password of somebody.
    pub(crate) fn reset_password(
        &self,
        by: &str,
        name: &str,
        password: &Secret,
    ) -> Result<PersonView, BackendError> {
        self.person(name)?;
        let password = self.hash(password)?;
        let _one_at_a_time = self.act();
        let person = Person { password, ..self.person(name)? };
        self.write(by, "person.password", person, SessionsAfter::None, json!({}))
    }

    /// Somebody changes their own password.
    pub(crate) fn change_password(
        &self,
        keep: &Credential,
        ask: &SignIn,
        new: &Secret,
    ) -> Result<(), BackendError> {
        let checked = self.check_password(ask)?;
        let password = self.hash(new)?;
        let _one_at_a_time = self.act();
        let person = self.person(&checked.name)?;
        let kept = self.session_id(keep);
        // Somebody may have reset it, disabled them or signed them out meanwhile.
        let (Some(kept), false, true) =
            (kept, person.disabled, person.password == checked.password)
        else {
            return Err(PeopleError::SignInRefused.into());
        };
        let person = Person { password, ..person };
        let by = checked.name;
        self.write(&by, "person.password", person, SessionsAfter::Only(&kept), json!({}))?;
        Ok(())
    }

    fn write(
        &self,
        by: &str,
        act: &str,
        person: Person,
        after: SessionsAfter<'_>,
        body: serde_json::Value,
    ) -> Result<PersonView, BackendError> {
        let name = person.name.clone();
        let entry = self.entry(by, act, &name, body);
        let written = self.ledger.change_person(&person, after, &entry);
        written.map_err(|error| unavailable(&error))?;
        self.book().put(person, after);
        self.view(&name)
    }

    /// The tokens of somebody, by name.
    pub(crate) fn tokens(&self, owner: &str) -> Vec<TokenView> {
        let book = self.book();
        let mut own: Vec<_> = book.tokens.values().filter(|one| one.person == owner).collect();
        own.sort_by(|a, b| a.name.cmp(&b.name));
        own.into_iter().map(|one| views::token(one, self.rules.offset_s)).collect()
    }

    /// Makes a token of `owner`.
    pub(crate) fn add_token(
        &self,
        by: &str,
        owner: &str,
        new: &NewToken,
    ) -> Result<(TokenView, Secret), BackendError> {
        self.known_areas(&new.areas)?;
        let _one_at_a_time = self.act();
        let person = self.person(owner)?;
        if person.disabled || !person.role.covers(new.role) || !person.areas.covers(&new.areas) {
            return Err(PeopleError::BeyondOwner.into());
        }
        let own = self.tokens(owner);
        if own.iter().any(|token| token.name == new.name) {
            return Err(PeopleError::NameTaken(new.name.clone()).into());
        }
        if own.len() >= TOKENS_MAX {
            return Err(PeopleError::TooMany(TOKENS_MAX).into());
        }
        let key = Key::new().map_err(|error| BackendError::Unavailable(format!("{error:#}")))?;
        let made_at = (self.clock)();
        let token = ApiToken {
            id: key.id.clone(),
            name: new.name.clone(),
            hash: key.hash(),
            person: owner.to_owned(),
            role: new.role,
            areas: new.areas.clone(),
            made_at,
            expires_at: made_at.plus_ms(i64::from(new.days) * MS_PER_DAY),
        };
        let body = json!({
            "token": token.id, "name": token.name, "role": token.role, "areas": token.areas,
            "expires_at": token.expires_at,
        });
        let entry = self.entry(by, "token.add", owner, body);
        self.ledger.add_token(&token, &entry).map_err(|error| unavailable(&error))?;
        let view = views::token(&token, self.rules.offset_s);
        self.book().tokens.insert(token.id.clone(), token);
        Ok((view, key.token()))
    }

    /// Takes a token of `owner` back.
    pub(crate) fn remove_token(&self, owner: &str, id: &str) -> Result<(), BackendError> {
        let _one_at_a_time = self.act();
        let is_own = self.book().tokens.get(id).is_some_and(|token| token.person == owner);
        if !is_own {
            return Err(PeopleError::TokenNotFound(id.to_owned()).into());
        }
        let entry = self.entry(owner, "token.remove", owner, json!({ "token": id }));
        self.ledger.remove_token(id, &entry).map_err(|error| unavailable(&error))?;
        self.book().tokens.remove(id);
        Ok(())
    }

    /// Writes when sessions were last used, and forgets those that are over.
    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.act();
        let now = (self.clock)();
        let (used, is_any_over) = self.book().take_used(now);
        if used.is_empty() && !is_any_over {
            return Ok(());
        }
        self.ledger.put_sessions_seen(&used, now)
    }
}
