//! Who may come in: persons, their sessions and tokens, and sign-ins that failed.
//!
//! Must never hold a secret: passwords are argon2id texts, sessions and tokens SHA-256 of 256
//! random bits. Every change but the moment a session was last used stands in the audit, in the
//! same transaction. A person is never deleted: the name stands in the record, and nobody else may
//! ever have it.

mod failures;
mod persons;
mod sessions;
#[cfg(test)]
mod tests;
mod tokens;

pub use failures::{FAILURES_MAX, SignInFailure};
pub use persons::{Person, SessionsAfter};
pub use sessions::Session;
pub use tokens::ApiToken;

const ACT_READ: &str = "read who may come in";
const ACT_WRITE: &str = "write who may come in";

macro_rules! people_tables {
    () => {
        "
        CREATE TABLE person (
            name TEXT PRIMARY KEY,
            display TEXT NOT NULL,
            role TEXT NOT NULL,
            areas TEXT NOT NULL,
            password TEXT NOT NULL,
            made_at INTEGER NOT NULL,
            disabled INTEGER NOT NULL CHECK (disabled IN (0, 1))
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE session (
            id TEXT PRIMARY KEY,
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            person TEXT NOT NULL REFERENCES person (name),
            made_at INTEGER NOT NULL,
            seen_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            remote TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX session_of ON session (person);
        CREATE TABLE api_token (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            person TEXT NOT NULL REFERENCES person (name),
            role TEXT NOT NULL,
            areas TEXT NOT NULL,
            made_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            UNIQUE (person, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sign_in_failure (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            subject BLOB NOT NULL CHECK (length(subject) = 32),
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX sign_in_failure_of ON sign_in_failure (subject, at);"
    };
}
pub(super) use people_tables;
