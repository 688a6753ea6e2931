//! What the ledger holds of people, in memory: a request must not wait for a disk to be let in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use siskin_api::people::{Credential, Known};
use siskin_model::{AreaScope, Role, Timestamp, Who};
use siskin_store::ledger::{ApiToken, Person, Session, SessionsAfter};
use siskin_store::{Ledger, StoreError};

use super::secrets::Key;

/// Everybody, and what lets them in.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) persons: BTreeMap<String, Person>,
    pub(super) sessions: HashMap<String, Session>,
    pub(super) tokens: HashMap<String, ApiToken>,
    /// Sessions that were used since they were last written.
    used: BTreeSet<String>,
}

/// Somebody who can look after all people.
fn is_chief(person: &Person) -> bool {
    !person.disabled && person.role == Role::Admin && person.areas == AreaScope::All
}

impl Book {
    /// What the ledger holds.
    pub(super) fn read(ledger: &Ledger) -> Result<Self, StoreError> {
        let persons = ledger.persons()?.into_iter();
        let sessions = ledger.sessions()?.into_iter();
        let tokens = ledger.tokens()?.into_iter();
        Ok(Self {
            persons: persons.map(|one| (one.name.clone(), one)).collect(),
            sessions: sessions.map(|one| (one.id.clone(), one)).collect(),
            tokens: tokens.map(|one| (one.id.clone(), one)).collect(),
            used: BTreeSet::new(),
        })
    }

    /// Somebody who may come in.
    pub(super) fn enabled(&self, name: &str) -> Option<&Person> {
        self.persons.get(name).filter(|person| !person.disabled)
    }

    /// Whether nobody could look after people if `person` were as given.
    pub(super) fn would_be_without_chief(&self, person: &Person) -> bool {
        let others = self.persons.values().filter(|one| one.name != person.name);
        let was_chief = self.persons.get(&person.name).is_some_and(is_chief);
        was_chief && !is_chief(person) && !others.into_iter().any(is_chief)
    }

    /// Who shows `credential`. A session that is used lives on for `session_ms`.
    pub(super) fn who(
        &mut self,
        credential: &Credential,
        now: Timestamp,
        session_ms: i64,
    ) -> Option<Known> {
        match credential {
            Credential::Session(text) => self.of_session(text, now, session_ms),
            Credential::Token(text) => self.of_token(text, now),
        }
    }

    fn of_session(&mut self, text: &str, now: Timestamp, session_ms: i64) -> Option<Known> {
        let key = Key::of_cookie(text)?;
        let session = self.sessions.get(&key.id)?;
        if !key.is_of(&session.hash) || session.expires_at <= now {
            return None;
        }
        let person = self.enabled(&session.person)?;
        let known = Known { who: who(person), csrf: Some(key.csrf()) };
        if let Some(session) = self.sessions.get_mut(&key.id)
            && session.seen_at < now
        {
            (session.seen_at, session.expires_at) = (now, now.plus_ms(session_ms));
            self.used.insert(key.id);
        }
        Some(known)
    }

    /// A token is its owner, with no more rights than the owner has now.
    fn of_token(&self, text: &str, now: Timestamp) -> Option<Known> {
        let key = Key::of_token(text)?;
        let token = self.tokens.get(&key.id)?;
        if !key.is_of(&token.hash) || token.expires_at <= now {
            return None;
        }
        let person = self.enabled(&token.person)?;
        if !person.role.covers(token.role) {
            return None;
        }
        let areas = person.areas.within(&token.areas);
        Some(Known { who: Who { role: token.role, areas, ..who(person) }, csrf: None })
    }

    /// The sessions of somebody, the oldest first.
    pub(super) fn sessions_of(&self, name: &str) -> Vec<&Session> {
        let mut found: Vec<_> = self.sessions.values().filter(|one| one.person == name).collect();
        found.sort_by(|a, b| (a.made_at, &a.id).cmp(&(b.made_at, &b.id)));
        found
    }

    /// A person as the ledger has them now.
    pub(super) fn put(&mut self, person: Person, after: SessionsAfter<'_>) {
        let (name, disabled) = (person.name.clone(), person.disabled);
        self.persons.insert(name.clone(), person);
        self.sessions.retain(|id, session| {
            session.person != name
                || match after {
                    _ if disabled => false,
                    SessionsAfter::All => true,
                    SessionsAfter::None => false,
                    SessionsAfter::Only(kept) => id == kept,
                }
        });
        if disabled {
            self.tokens.retain(|_, token| token.person != name);
        }
    }

    /// The sessions to be written, and whether any is over; those go out of memory.
    pub(super) fn take_used(&mut self, now: Timestamp) -> (Vec<Session>, bool) {
        let before = self.sessions.len();
        self.sessions.retain(|_, session| session.expires_at > now);
        let used = std::mem::take(&mut self.used);
        let used = used.iter().filter_map(|id| self.sessions.get(id).cloned()).collect();
        (used, self.sessions.len() < before)
    }
}

/// A person as the one who asks.
pub(super) fn who(person: &Person) -> Who {
    Who { name: person.name.clone(), role: person.role, areas: person.areas.clone() }
}
