//! Persons.

use std::fmt;

use rusqlite::{Connection, Row, named_params, params};
use siskin_model::{AreaScope, Role, Timestamp};

use super::{ACT_READ, ACT_WRITE};
use crate::StoreError;
use crate::file::{StoreFile, integer};
use crate::ledger::audit::{self, NewAudit};
use crate::ledger::tables::{json, value};
use crate::ledger::{Ledger, ROWS_MAX};

/// Somebody who may sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The account's name; never given to anybody else.
    pub name: String,
    /// How people call them.
    pub display: String,
    /// What they are.
    pub role: Role,
    /// For which areas they may act.
    pub areas: AreaScope,
    /// The argon2id text of their password.
    pub password: String,
    /// When the account was made.
    pub made_at: Timestamp,
    /// Whether they may not come in any more.
    pub disabled: bool,
}

/// Without the hash.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("name", &self.name)
            .field("role", &self.role)
            .field("areas", &self.areas)
            .field("disabled", &self.disabled)
            .finish_non_exhaustive()
    }
}

/// What becomes of the sessions of a person who is changed. Of a disabled one all sessions and
/// tokens end whatever stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionsAfter<'a> {
    /// They go on.
    All,
    /// None goes on.
    None,
    /// Only the one with this id goes on.
    Only(&'a str),
}

/// What a row gives before its JSON is read.
type Raw = (Person, String, String);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let person = Person {
        name: row.get("name")?,
        display: row.get("display")?,
        role: Role::Viewer,
        areas: AreaScope::Some([].into()),
        password: row.get("password")?,
        made_at: Timestamp::from_millis(row.get("made_at")?),
        disabled: row.get("disabled")?,
    };
    Ok((person, row.get("role")?, row.get("areas")?))
}

/// A role and areas as they stand in a row; a word that nobody knows is damage, never a right.
pub(super) fn rights(
    file: &StoreFile,
    name: &str,
    role: &str,
    areas: &str,
) -> Result<(Role, AreaScope), StoreError> {
    let known = Role::from_word(role);
    let why = format!("unknown role `{role}`");
    let role = known.ok_or_else(|| file.damaged(format!("the person `{name}`"), &why))?;
    Ok((role, value(file, "the areas of a person", areas)?))
}

fn put(file: &StoreFile, db: &Connection, sql: &str, person: &Person) -> Result<bool, StoreError> {
    let areas = json(&person.areas)?;
    let write = || {
        db.prepare_cached(sql)?.execute(named_params! {
            ":name": person.name,
            ":display": person.display,
            ":role": person.role.as_str(),
            ":areas": areas,
            ":password": person.password,
            ":made_at": person.made_at.as_millis(),
            ":disabled": person.disabled,
        })
    };
    write().map(|rows| rows > 0).map_err(file.failed(ACT_WRITE))
}

fn end(db: &Connection, person: &Person, after: SessionsAfter<'_>) -> rusqlite::Result<()> {
    if person.disabled {
        db.execute("DELETE FROM api_token WHERE person = ?1", [&person.name])?;
    }
    let kept = match after {
        _ if person.disabled => "",
        SessionsAfter::All => return Ok(()),
        SessionsAfter::None => "",
        SessionsAfter::Only(id) => id,
    };
    let sql = "DELETE FROM session WHERE person = ?1 AND id <> ?2";
    db.execute(sql, params![person.name, kept]).map(drop)
}

impl Ledger {
    /// Everybody, by name, the first [`ROWS_MAX`].
    pub fn persons(&self) -> Result<Vec<Person>, StoreError> {
        let read = |db: &Connection| {
            let mut select = db.prepare_cached("SELECT * FROM person ORDER BY name LIMIT ?1")?;
            select.query_map([integer(ROWS_MAX as u64)], raw)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        let rows = read(&self.file.reader()).map_err(self.file.failed(ACT_READ))?;
        let whole = |(person, role, areas): Raw| {
            let (role, areas) = rights(&self.file, &person.name, &role, &areas)?;
            Ok(Person { role, areas, ..person })
        };
        rows.into_iter().map(whole).collect()
    }

    /// Writes a new person; an error where the name was ever taken.
    pub fn add_person(&self, person: &Person, entry: &NewAudit) -> Result<(), StoreError> {
        let sql = "INSERT INTO person (name, display, role, areas, password, made_at, disabled)
             VALUES (:name, :display, :role, :areas, :password, :made_at, :disabled)";
        audit::with(&self.file, entry, |db| put(&self.file, db, sql, person).map(drop))
    }

    /// Writes a person as they are now, and what becomes of their sessions.
    pub fn change_person(
        &self,
        person: &Person,
        after: SessionsAfter<'_>,
        entry: &NewAudit,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE person SET display = :display, role = :role, areas = :areas,
             password = :password, disabled = :disabled
             WHERE name = :name AND made_at = :made_at";
        audit::with(&self.file, entry, |db| {
            if !put(&self.file, db, sql, person)? {
                let what = format!("the person `{}`", person.name);
                return Err(self.file.damaged(what, &"the row is gone"));
            }
            end(db, person, after).map_err(self.file.failed(ACT_WRITE))
        })
    }
}
