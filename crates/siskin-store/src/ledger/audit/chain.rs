//! The hash that chains entries.

use rusqlite::{Connection, Row};
use sha2::{Digest, Sha256};
use siskin_model::Timestamp;

use super::{NewAudit, hex};

/// What begins the text that is hashed: another form of an entry is another name.
const FORM: &[u8] = b"siskin-audit-1";
/// What stands before the first entry.
pub(super) const FIRST: [u8; 32] = [0; 32];

/// An entry as it stands in the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// From 1 on, without gaps; another number was put in by somebody else.
    pub number: i64,
    /// When, by the station's clock.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What was done.
    pub act: String,
    /// To what.
    pub about: String,
    /// The particulars, as JSON text.
    pub body: String,
    /// Covers all of this and the entry before.
    pub hash: [u8; 32],
}

impl AuditEntry {
    pub(super) const COLUMNS: &'static str = "number, at, by, act, about, body, hash";

    /// Of a row of [`Self::COLUMNS`]. Texts that are no UTF-8 become others, and so does their
    /// hash; a hash of another length is none.
    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let text = |place| {
            let bytes = row.get_ref(place)?.as_bytes().map_err(rusqlite::Error::from)?;
            Ok::<_, rusqlite::Error>(String::from_utf8_lossy(bytes).into_owned())
        };
        let hash = row.get_ref(6)?.as_bytes().map_err(rusqlite::Error::from)?;
        Ok(Self {
            number: row.get(0)?,
            at: Timestamp::from_millis(row.get(1)?),
            by: text(2)?,
            act: text(3)?,
            about: text(4)?,
            body: text(5)?,
            hash: hash.try_into().unwrap_or([0; 32]),
        })
    }

    /// Its hash as text.
    pub fn hash_hex(&self) -> String {
        hex::of(&self.hash)
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        Fields {
            at_ms: self.at.as_millis(),
            by: &self.by,
            act: &self.act,
            about: &self.about,
            body: &self.body,
        }
    }

    /// Whether its hash is that of an entry with this number behind `before`.
    pub(super) fn follows(&self, before: &[u8], number: i64) -> bool {
        hash(before, number, &self.fields()) == self.hash
    }
}

/// What an entry says, as it is hashed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    at_ms: i64,
    by: &'a str,
    act: &'a str,
    about: &'a str,
    body: &'a str,
}

impl<'a> Fields<'a> {
    pub(super) fn of(entry: &'a NewAudit, body: &'a str) -> Self {
        let NewAudit { at, by, act, about, .. } = entry;
        Self { at_ms: at.as_millis(), by, act, about, body }
    }
}

/// The hash of an entry: it covers the one before, so that no entry can be changed, taken out, put
/// in or moved without changing all that follow.
pub(super) fn hash(before: &[u8], number: i64, fields: &Fields<'_>) -> [u8; 32] {
    let Fields { at_ms, by, act, about, body } = *fields;
    let (number, at) = (number.to_be_bytes(), at_ms.to_be_bytes());
    let (by, act, about) = (by.as_bytes(), act.as_bytes(), about.as_bytes());
    digest(&[FORM, before, &number, &at, by, act, about, body.as_bytes()])
}

/// SHA-256 of fields, each with its length before it: borders between them count.
pub(super) fn digest(fields: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(joined(fields)).into()
}

/// The fields, each with its length before it.
pub(super) fn joined(fields: &[&[u8]]) -> Vec<u8> {
    let mut all = Vec::new();
    for field in fields {
        all.extend((field.len() as u64).to_be_bytes());
        all.extend(*field);
    }
    all
}

/// Calls `take` with every entry in order of the numbers, until it says false.
pub(super) fn walk(
    db: &Connection,
    take: &mut dyn FnMut(AuditEntry) -> bool,
) -> rusqlite::Result<()> {
    let columns = AuditEntry::COLUMNS;
    let mut select = db.prepare(&format!("SELECT {columns} FROM audit ORDER BY number"))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        if !take(AuditEntry::of(row)?) {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(by: &str, act: &str) -> AuditEntry {
        let at = Timestamp::from_millis(1);
        let (by, act) = (by.to_owned(), act.to_owned());
        let (about, body) = (String::new(), "null".to_owned());
        AuditEntry { number: 1, at, by, act, about, body, hash: FIRST }
    }

    #[test]
    fn a_hash_covers_every_field_and_the_borders_between_them() {
        let of = |before: &[u8], number, entry: &AuditEntry| hash(before, number, &entry.fields());
        let base = of(&FIRST, 1, &entry("ab", "c"));
        assert_eq!(base, of(&FIRST, 1, &entry("ab", "c")));
        let plain = || entry("ab", "c");
        let others = [
            of(&base, 1, &plain()),
            of(&FIRST, 2, &plain()),
            of(&FIRST, 1, &AuditEntry { at: Timestamp::from_millis(2), ..plain() }),
            of(&FIRST, 1, &entry("a", "bc")),
            of(&FIRST, 1, &AuditEntry { about: "x".to_owned(), ..plain() }),
            of(&FIRST, 1, &AuditEntry { body: "{}".to_owned(), ..plain() }),
        ];
        assert!(others.iter().all(|other| *other != base));
    }

    /// What was written once must be the same for ever: files outlive programs. The expected value
    /// was computed by another program.
    #[test]
    fn the_form_of_an_entry_stays() {
        let hash = hash(&FIRST, 1, &entry("李雷", "warning.acknowledge").fields());
        assert_eq!(
            super::super::hex::of(&hash),
            "1c641cb255f476d799a3c4e6cd8f65d72192a278d73028ec12738f8de5552a7e"
        );
    }
}
