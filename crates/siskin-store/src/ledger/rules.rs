//! The rule sets that ran, each with its full text, so that going back needs no file.
//!
//! A version is never changed or deleted; going back is a new version with the old text. Must never
//! judge whether a person may do what they did: `by` is kept as given. Place for accounts: the
//! account's id beside `by`.

use std::collections::BTreeMap;

use rusqlite::{Connection, Params, Row, TransactionBehavior, named_params};
use serde::{Deserialize, Serialize};
use siskin_model::Timestamp;

use super::audit::{self, NewAudit};
use super::tables::{json, value, word};
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

const ACT_WRITE: &str = "write a version of the rules";
const ACT_READ: &str = "read the versions of the rules";

/// What led to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleSource {
    /// The files were different when the station started, or it started for the first time.
    Start,
    /// A file of the site changed.
    FileChange,
    /// The process got SIGHUP.
    Signal,
    /// A person asked for the files to be read again.
    Api,
    /// A shadow set was promoted.
    Promotion,
    /// A person went back to the version before.
    Rollback,
}

impl RuleSource {
    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::FileChange => "file-change",
            Self::Signal => "signal",
            Self::Api => "api",
            Self::Promotion => "promotion",
            Self::Rollback => "rollback",
        }
    }
}

/// A rule file as it was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleFile {
    /// Relative to the site's folder, for example `rules/chlorine.toml`.
    pub path: String,
    /// Its content.
    pub text: String,
}

/// What became of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleDiff {
    /// Its id.
    pub rule: String,
    /// Its text before; none where it was added.
    pub old: Option<String>,
    /// Its text after; none where it was removed.
    pub new: Option<String>,
}

/// A version that is to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRuleVersion {
    /// When, by the station's clock.
    pub made_at: Timestamp,
    /// What led to it.
    pub source: RuleSource,
    /// Name of the person; empty where nobody is known.
    pub by: String,
    /// Why, in their words; may be empty.
    pub note: String,
    /// For a promotion: who had proposed the set.
    pub proposed_by: Option<String>,
    /// The set.
    pub files: Vec<RuleFile>,
    /// What the site's folder held then. Where it differs from `files`, the set that runs is not
    /// that of the folder.
    pub site_files: Vec<RuleFile>,
    /// What is different from the version before.
    pub diff: Vec<RuleDiff>,
}

/// A version of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleVersion {
    /// From 1 on, without gaps.
    pub number: u64,
    /// What was written.
    pub made: NewRuleVersion,
}

/// Another rule set runs: what the ledger's events say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesEvent {
    /// The version that runs now.
    pub version: u64,
    /// When, by the station's clock.
    pub at: Timestamp,
    /// What led to it.
    pub source: RuleSource,
    /// Name of the person; empty where nobody is known.
    pub by: String,
}

/// Writes a version and its event in one transaction; gives the event with its number.
pub(crate) fn put(
    file: &StoreFile,
    made: &NewRuleVersion,
) -> Result<(u64, RulesEvent), StoreError> {
    let body = json(made)?;
    let source = word(&made.source)?;
    let mut writer = file.writer();
    let transaction = writer
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(file.failed(ACT_WRITE))?;
    let number = put_version(&transaction, made, &body).map_err(file.failed(ACT_WRITE))?;
    let event =
        RulesEvent { version: number, at: made.made_at, source: made.source, by: made.by.clone() };
    let event_body = json(&event)?;
    let seq = transaction
        .query_row(
            "INSERT INTO event (recorded_at, kind, change, at, body)
             VALUES (:at, 'rules', :source, :at, :body) RETURNING seq",
            named_params! {
                ":at": made.made_at.as_millis(), ":source": source, ":body": event_body,
            },
            |row| natural(row, 0),
        )
        .map_err(file.failed(ACT_WRITE))?;
    audit::append(file, &transaction, &entry(number, made))?;
    transaction.commit().map_err(file.failed(ACT_WRITE))?;
    Ok((seq, event))
}

/// What the audit says of a version: who, why, which rules, and the sums of its files.
fn entry(number: u64, made: &NewRuleVersion) -> NewAudit {
    let act = match made.source {
        RuleSource::Start => "rules.load",
        RuleSource::FileChange | RuleSource::Signal | RuleSource::Api => "rules.reload",
        RuleSource::Promotion => "rules.promote",
        RuleSource::Rollback => "rules.rollback",
    };
    let change = |diff: &RuleDiff| match (&diff.old, &diff.new) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    let changed: BTreeMap<_, _> =
        made.diff.iter().map(|diff| (diff.rule.as_str(), change(diff))).collect();
    NewAudit {
        at: made.made_at,
        by: audit::name_or_station(&made.by),
        act: act.to_owned(),
        about: number.to_string(),
        body: serde_json::json!({
            "source": made.source,
            "note": made.note,
            "proposed_by": made.proposed_by,
            "changed": changed,
            "files": sums(&made.files),
        }),
    }
}

/// The sum of every file of a set.
pub(super) fn sums(files: &[RuleFile]) -> BTreeMap<&str, String> {
    files.iter().map(|file| (file.path.as_str(), audit::sum(file.text.as_bytes()))).collect()
}

fn put_version(db: &Connection, made: &NewRuleVersion, body: &str) -> rusqlite::Result<u64> {
    db.query_row(
        "INSERT INTO rule_version (number, made_at, source, by, note, body)
         SELECT coalesce(max(number), 0) + 1, :made_at, :source, :by, :note, :body
         FROM rule_version RETURNING number",
        named_params! {
            ":made_at": made.made_at.as_millis(),
            ":source": made.source.as_str(),
            ":by": made.by,
            ":note": made.note,
            ":body": body,
        },
        |row| natural(row, 0),
    )
}

/// Versions, newest first.
pub(crate) fn all(file: &StoreFile, limit: usize) -> Result<Vec<RuleVersion>, StoreError> {
    let sql = "SELECT number, body FROM rule_version ORDER BY number DESC LIMIT ?1";
    versions(file, sql, [integer(limit as u64)])
}

/// One version.
pub(crate) fn one(file: &StoreFile, number: u64) -> Result<Option<RuleVersion>, StoreError> {
    let sql = "SELECT number, body FROM rule_version WHERE number = ?1";
    Ok(versions(file, sql, [integer(number)])?.pop())
}

fn versions(
    file: &StoreFile,
    sql: &str,
    values: impl Params,
) -> Result<Vec<RuleVersion>, StoreError> {
    let read = |db: &Connection| {
        let mut select = db.prepare_cached(sql)?;
        let row = |row: &Row<'_>| Ok((natural(row, 0)?, row.get(1)?));
        select.query_map(values, row)?.collect::<rusqlite::Result<Vec<(u64, String)>>>()
    };
    let rows = read(&file.reader()).map_err(file.failed(ACT_READ))?;
    let version = |(number, body): (u64, String)| {
        let made = value(file, &format!("version {number} of the rules"), &body)?;
        Ok(RuleVersion { number, made })
    };
    rows.into_iter().map(version).collect()
}
