//! Signing in and out, and the lock after too many failures.
//!
//! Takes the same work for a name that nobody has, and says the same: who tries names learns
//! nothing. A failure is on disk before it is told, so that a restart forgives nobody. It must
//! never let strangers keep a person out for good: their address is locked out of the name, and
//! from the station's own machine only failures there count.

use std::net::IpAddr;

use serde_json::json;
use siskin_api::backend::BackendError;
use siskin_api::people::{
    Begun, Credential, Known, NewPerson, PeopleError, Secret, SignIn, network,
};
use siskin_model::Timestamp;
use siskin_store::ledger::{NewAudit, Person, Session, SignInFailure};

use super::book;
use super::desk::{PeopleDesk, unavailable};
use super::secrets::{self, Key};

/// Failures with one name from one address after which this address is locked out of it.
const FAILURES_HERE_MAX: u32 = 5;
/// Failures with one name from all addresses after which the name is locked for all of them, but
/// not for the station's own machine.
const FAILURES_ANYWHERE_MAX: u32 = 50;
/// They count when they came within this time.
const WINDOW_MS: i64 = 15 * 60_000;
/// How long the lock holds after the last of them.
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
        self.begin(&person, ask, &entry)
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
        let name = Secret(person.name.clone());
        let ask = SignIn { name, password: new.password.clone(), remote: from };
        self.begin(&person, &ask, &entry)
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
        self.not_locked(ask)?;
        let person = self.book().persons.get(&ask.name.0).cloned();
        let kept = person.as_ref().map_or(&self.decoy, |person| &person.password);
        let is_right = self.verify(&ask.password, kept);
        match person {
            Some(person) if is_right && !person.disabled => Ok(person),
            person => {
                self.failed(ask, person.as_ref())?;
                Err(PeopleError::SignInRefused.into())
            }
        }
    }

    /// Refuses where the last failures came too close.
    fn not_locked(&self, ask: &SignIn) -> Result<(), BackendError> {
        let now = (self.clock)();
        let since = now.plus_ms(-(WINDOW_MS + LOCK_MS));
        for (subject, most) in counted_by(ask) {
            let failures = self.ledger.sign_in_failures(&subject, since, most);
            let failures = failures.map_err(|error| unavailable(&error))?;
            if let Some(until) = locked_until(&failures, most)
                && until > now
            {
                let left_ms = until.as_millis().saturating_sub(now.as_millis());
                let wait_s = u64::try_from(left_ms / 1000).unwrap_or(0) + 1;
                return Err(PeopleError::Locked { wait_s }.into());
            }
        }
        Ok(())
    }

    fn failed(&self, ask: &SignIn, person: Option<&Person>) -> Result<(), BackendError> {
        let _one_at_a_time = self.act();
        let from = ask.remote;
        let at = (self.clock)();
        // What was typed may be a password in the wrong field: only a known name is written.
        let name = person.map_or(NOBODY, |person| &person.name);
        let entry = self.entry(name, "sign-in.refused", name, remote(from));
        let failures: Vec<_> =
            counted_by(ask).map(|(subject, _)| SignInFailure { subject, at }).collect();
        let kept_since = at.plus_ms(-(WINDOW_MS + LOCK_MS));
        let written = self.ledger.put_sign_in_failure(&failures, kept_since, &entry);
        written.map_err(|error| unavailable(&error))?;
        tracing::warn!(name, remote = %from, "a sign-in was refused");
        if self.not_locked(ask).is_err() {
            let body = json!({ "ms": LOCK_MS, "remote": from.to_string() });
            let entry = self.entry("station", "sign-in.lock", name, body);
            self.ledger.put_audit(&entry).map_err(|error| unavailable(&error))?;
            tracing::warn!(name, remote = %from, lock_ms = LOCK_MS, "sign-in is locked");
        }
        Ok(())
    }

    /// Writes a new session.
    fn begin(
        &self,
        person: &Person,
        ask: &SignIn,
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
            remote: ask.remote.to_string(),
        };
        let ended: Vec<String> = {
            let book = self.book();
            let own = book.sessions_of(&person.name);
            let over = (own.len() + 1).saturating_sub(SESSIONS_MAX);
            own.iter().take(over).map(|session| session.id.clone()).collect()
        };
        // Failures from elsewhere still count: somebody else may be guessing there.
        let here = secrets::name_here(&ask.name, network(ask.remote));
        let written = self.ledger.begin_session(&session, &here, &ended, entry);
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

/// What a failure is counted by, and how many lock.
fn counted_by(ask: &SignIn) -> impl Iterator<Item = ([u8; 32], u32)> {
    let here = (secrets::name_here(&ask.name, network(ask.remote)), FAILURES_HERE_MAX);
    let is_own_machine = ask.remote.to_canonical().is_loopback();
    let anywhere =
        (!is_own_machine).then(|| (secrets::name_anywhere(&ask.name), FAILURES_ANYWHERE_MAX));
    std::iter::once(here).chain(anywhere)
}

/// Until when it is locked, by its last failures, newest first, of which `most` lock. While it is
/// locked no failure is counted, so the newest is the one that locked it.
fn locked_until(failures: &[Timestamp], most: u32) -> Option<Timestamp> {
    let last = usize::try_from(most).ok()?.checked_sub(1)?;
    let (newest, oldest) = (failures.first()?, failures.get(last)?);
    let took_ms = newest.as_millis().saturating_sub(oldest.as_millis());
    (took_ms <= WINDOW_MS).then(|| newest.plus_ms(LOCK_MS))
}

fn remote(from: IpAddr) -> serde_json::Value {
    json!({ "remote": from.to_string() })
}
