//! Signing in and out, and the lock after too many failures.
//!
//! Takes the same work for a name that nobody has, and says the same: who tries names learns
//! nothing. A failure is on disk before it is told, so that a restart forgives nobody.

use std::net::IpAddr;

use serde_json::json;
use siskin_api::backend::BackendError;
use siskin_api::people::{Begun, Credential, Known, NewPerson, PeopleError, Secret, SignIn};
use siskin_model::Timestamp;
use siskin_store::ledger::{NewAudit, Person, Session, SignInFailure};

use super::book;
use super::desk::{PeopleDesk, unavailable};
use super::secrets::{self, Key};

/// Failures with one name after which it is locked.
const FAILURES_MAX: u32 = 5;
/// They count when they came within this time.
const WINDOW_MS: i64 = 15 * 60_000;
/// How long a name is locked after the last of them.
const LOCK_MS: i64 = 15 * 60_000;
/// Browsers on which somebody may be signed in; the oldest is signed out for a further one.
const SESSIONS_MAX: usize = 16;
/// What the audit says where nobody of the typed name is known.
const NOBODY: &str = "unknown";

impl PeopleDesk {
    /// Lets somebody in.
    pub(crate) fn sign_in(&self, ask: &SignIn) -> Result<Begun, BackendError> {
        let person = self.check_password(ask)?;
        let _one_at_a_time = self.act();
        // They may have been disabled, or have another password, since it was checked.
        if self.book().enabled(&person.name).is_none_or(|now| now.password != person.password) {
            return Err(PeopleError::SignInRefused.into());
        }
        let entry = self.entry(&person.name, "sign-in", &person.name, remote(ask.remote));
        self.begin(&person, ask.remote, &secrets::subject(&ask.name), &entry)
    }

    /// Makes the first admin, and lets them in.
    pub(crate) fn set_up(
        &self,
        code: &Secret,
        new: &NewPerson,
        from: IpAddr,
    ) -> Result<Begun, BackendError> {
        let own = self.setup_code.as_ref().filter(|own| secrets::is_same(own, code));
        if own.is_none() || !self.book().persons.is_empty() {
            tracing::warn!(remote = %from, "a first set-up was refused");
            return Err(PeopleError::SetupRefused.into());
        }
        let person = self.new_person(new)?;
        let _one_at_a_time = self.act();
        if !self.book().persons.is_empty() {
            return Err(PeopleError::SetupRefused.into());
        }
        let entry = self.entry(&person.name, "person.set-up", &person.name, remote(from));
        self.ledger.add_person(&person, &entry).map_err(|error| unavailable(&error))?;
        self.book().persons.insert(person.name.clone(), person.clone());
        let entry = self.entry(&person.name, "sign-in", &person.name, remote(from));
        self.begin(&person, from, &secrets::subject(&Secret(person.name.clone())), &entry)
    }

    /// Ends a session.
    pub(crate) fn sign_out(&self, credential: &Credential) -> Result<(), BackendError> {
        let Some(id) = self.session_id(credential) else {
            return Ok(());
        };
        let _one_at_a_time = self.act();
        let name = self.book().sessions.get(&id).map(|session| session.person.clone());
        let Some(name) = name else {
            return Ok(());
        };
        let entry = self.entry(&name, "sign-out", &name, json!({}));
        self.ledger.end_session(&id, &entry).map_err(|error| unavailable(&error))?;
        self.book().sessions.remove(&id);
        Ok(())
    }

    /// The id of the session that `credential` shows and is.
    pub(super) fn session_id(&self, credential: &Credential) -> Option<String> {
        let Credential::Session(text) = credential else {
            return None;
        };
        let key = Key::of_cookie(text)?;
        let is_own = self.book().sessions.get(&key.id).is_some_and(|own| key.is_of(&own.hash));
        is_own.then_some(key.id)
    }

    /// The person, where name and password are right and the name is not locked.
    pub(super) fn check_password(&self, ask: &SignIn) -> Result<Person, BackendError> {
        let subject = secrets::subject(&ask.name);
        self.not_locked(&subject)?;
        let person = self.book().persons.get(&ask.name.0).cloned();
        let kept = person.as_ref().map_or(&self.decoy, |person| &person.password);
        let is_right = self.verify(&ask.password, kept);
        match person {
            Some(person) if is_right && !person.disabled => Ok(person),
            person => {
                self.failed(subject, person.as_ref(), ask.remote)?;
                Err(PeopleError::SignInRefused.into())
            }
        }
    }

    /// Refuses where the last failures came too close.
    fn not_locked(&self, subject: &[u8; 32]) -> Result<(), BackendError> {
        let now = (self.clock)();
        let since = now.plus_ms(-(WINDOW_MS + LOCK_MS));
        let failures = self.ledger.sign_in_failures(subject, since, FAILURES_MAX);
        let failures = failures.map_err(|error| unavailable(&error))?;
        match locked_until(&failures) {
            Some(until) if until > now => {
                let left_ms = until.as_millis().saturating_sub(now.as_millis());
                let wait_s = u64::try_from(left_ms / 1000).unwrap_or(0) + 1;
                Err(PeopleError::Locked { wait_s }.into())
            }
            _ => Ok(()),
        }
    }

    fn failed(
        &self,
        subject: [u8; 32],
        person: Option<&Person>,
        from: IpAddr,
    ) -> Result<(), BackendError> {
        let _one_at_a_time = self.act();
        let at = (self.clock)();
        // What was typed may be a password in the wrong field: only a known name is written.
        let name = person.map_or(NOBODY, |person| &person.name);
        let entry = self.entry(name, "sign-in.refused", name, remote(from));
        let failure = SignInFailure { subject, at };
        let kept_since = at.plus_ms(-(WINDOW_MS + LOCK_MS));
        let written = self.ledger.put_sign_in_failure(&failure, kept_since, &entry);
        written.map_err(|error| unavailable(&error))?;
        tracing::warn!(name, remote = %from, "a sign-in was refused");
        if self.not_locked(&subject).is_err() {
            let entry = self.entry("station", "sign-in.lock", name, json!({ "ms": LOCK_MS }));
            self.ledger.put_audit(&entry).map_err(|error| unavailable(&error))?;
            tracing::warn!(name, lock_ms = LOCK_MS, "sign-in with this name is locked");
        }
        Ok(())
    }

    /// Writes a new session.
    fn begin(
        &self,
        person: &Person,
        from: IpAddr,
        subject: &[u8; 32],
        entry: &NewAudit,
    ) -> Result<Begun, BackendError> {
        let key = Key::new().map_err(|error| BackendError::Unavailable(format!("{error:#}")))?;
        let now = (self.clock)();
        let session = Session {
            id: key.id.clone(),
            hash: key.hash(),
            person: person.name.clone(),
            made_at: now,
            seen_at: now,
            expires_at: now.plus_ms(self.rules.session_ms),
            remote: from.to_string(),
        };
        let ended: Vec<String> = {
            let book = self.book();
            let own = book.sessions_of(&person.name);
            let over = (own.len() + 1).saturating_sub(SESSIONS_MAX);
            own.iter().take(over).map(|session| session.id.clone()).collect()
        };
        let written = self.ledger.begin_session(&session, subject, &ended, entry);
        written.map_err(|error| unavailable(&error))?;
        let mut book = self.book();
        for id in &ended {
            book.sessions.remove(id);
        }
        book.sessions.insert(key.id.clone(), session);
        let known = Known { who: book::who(person), csrf: Some(key.csrf()) };
        Ok(Begun { cookie: key.cookie(), known })
    }
}

/// Until when a name is locked, by its last failures, newest first. While it is locked no failure
/// is counted, so the newest is the one that locked it.
fn locked_until(failures: &[Timestamp]) -> Option<Timestamp> {
    let (newest, oldest) = (failures.first()?, failures.get(FAILURES_MAX as usize - 1)?);
    let took_ms = newest.as_millis().saturating_sub(oldest.as_millis());
    (took_ms <= WINDOW_MS).then(|| newest.plus_ms(LOCK_MS))
}

fn remote(from: IpAddr) -> serde_json::Value {
    json!({ "remote": from.to_string() })
}
