//! Tokens with which programs act for a person.

use std::fmt;

use rusqlite::{Connection, Row, params};
use siskin_model::{AreaScope, Role, Timestamp};

use super::persons::rights;
use super::{ACT_READ, ACT_WRITE};
use crate::StoreError;
use crate::ledger::Ledger;
use crate::ledger::audit::{self, NewAudit};
use crate::ledger::tables::json;

/// A token of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its public half.
    pub id: String,
    /// How its owner calls it.
    pub name: String,
    /// SHA-256 of its secret half.
    pub hash: [u8; 32],
    /// Whose it is: who uses it is this person.
    pub person: String,
    /// What it is, at most.
    pub role: Role,
    /// For which areas, at most.
    pub areas: AreaScope,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Without the hash.
impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiToken")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("person", &self.person)
            .field("role", &self.role)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

type Raw = (ApiToken, String, String);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let token = ApiToken {
        id: row.get("id")?,
        name: row.get("name")?,
        hash: row.get("hash")?,
        person: row.get("person")?,
        role: Role::Viewer,
        areas: AreaScope::Some([].into()),
        made_at: Timestamp::from_millis(row.get("made_at")?),
        expires_at: Timestamp::from_millis(row.get("expires_at")?),
    };
    Ok((token, row.get("role")?, row.get("areas")?))
}

impl Ledger {
    /// Every token, by person and name. There are as many as the station lets people make.
    pub fn tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let read = |db: &Connection| {
            let mut select = db.prepare_cached("SELECT * FROM api_token ORDER BY person, name")?;
            select.query_map([], raw)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        let rows = read(&self.file.reader()).map_err(self.file.failed(ACT_READ))?;
        let whole = |(token, role, areas): Raw| {
            let (role, areas) = rights(&self.file, &token.person, &role, &areas)?;
            Ok(ApiToken { role, areas, ..token })
        };
        rows.into_iter().map(whole).collect()
    }

    /// Writes a new token; an error where its owner has one of this name.
    pub fn add_token(&self, token: &ApiToken, entry: &NewAudit) -> Result<(), StoreError> {
        let areas = json(&token.areas)?;
        let ApiToken { id, name, person, .. } = token;
        let (role, hash) = (token.role.as_str(), token.hash.as_slice());
        let (made_at, expires_at) = (token.made_at.as_millis(), token.expires_at.as_millis());
        let write = |db: &Connection| {
            let sql =
                "INSERT INTO api_token (id, name, hash, person, role, areas, made_at, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let row = params![id, name, hash, person, role, areas, made_at, expires_at];
            db.prepare_cached(sql)?.execute(row).map(drop)
        };
        audit::with(&self.file, entry, |db| write(db).map_err(self.file.failed(ACT_WRITE)))
    }

    /// Takes a token back.
    pub fn remove_token(&self, id: &str, entry: &NewAudit) -> Result<(), StoreError> {
        audit::with(&self.file, entry, |db| {
            let removed = db.execute("DELETE FROM api_token WHERE id = ?1", [id]);
            removed.map(drop).map_err(self.file.failed(ACT_WRITE))
        })
    }
}
