//! Edits of real files: each is found, and what is not edited is clean.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rusqlite::{Connection, params};
use serde_json::json;
use siskin_model::Timestamp;

use super::*;
use crate::ledger::{KIND, Ledger};

mod edits;

/// A folder with a signed audit, and what was copied elsewhere.
struct Sample {
    dir: tempfile::TempDir,
    elsewhere: PathBuf,
}

fn entry(n: i64) -> NewAudit {
    NewAudit {
        at: Timestamp::from_millis(1_000 * n),
        by: format!("person-{}", n % 3),
        act: match n % 3 {
            0 => "warning.acknowledge",
            1 => "rules.reload",
            _ => "audit.export",
        }
        .to_owned(),
        about: format!("about-{n}"),
        body: json!({ "note": "已派人", "n": n, "x": 0.1 }),
    }
}

fn event(db: &Connection, n: i64) {
    db.execute(
        "INSERT INTO event (recorded_at, kind, change, at, rule, channel, warning, body)
         VALUES (?1, 'alarm', 'raise', ?1, 'r', 'c', NULL, ?2)",
        params![n, format!("{{\"n\":{n}}}")],
    )
    .unwrap();
}

impl Sample {
    /// Groups of entries and events, each with a checkpoint after it. The first entry is the key's.
    fn new(groups: &[(i64, i64)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        let now = Timestamp::from_millis(5);
        let signer = AuditSigner::open(dir.path(), &ledger, now).unwrap();
        let mut n = 0;
        for (entries, events) in groups {
            let writer = ledger.file.writer();
            writer.execute_batch("BEGIN").unwrap();
            for _ in 0..*entries {
                n += 1;
                append(&ledger.file, &writer, &entry(n)).unwrap();
            }
            for n in 0..*events {
                event(&writer, n);
            }
            writer.execute_batch("COMMIT").unwrap();
            drop(writer);
            signer.sign(&ledger, now).unwrap();
        }
        drop(ledger);
        let elsewhere = dir.path().join("elsewhere.ndjson");
        fs::copy(dir.path().join(CHECKPOINTS_FILE), &elsewhere).unwrap();
        Self { dir, elsewhere }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn sql(&self, sql: &str) {
        let db = Connection::open(self.path().join(KIND.file_name)).unwrap();
        db.execute_batch(sql).unwrap();
    }

    fn check(&self) -> AuditChecked {
        AuditReader::open(self.path()).unwrap().check(&AuditWitness::default()).unwrap()
    }

    /// With the copy that was kept elsewhere.
    fn check_with_copy(&self) -> AuditChecked {
        let checkpoints = Some(self.elsewhere.clone());
        let witness = AuditWitness { checkpoints, public_keys: Vec::new() };
        AuditReader::open(self.path()).unwrap().check(&witness).unwrap()
    }

    fn export(&self) -> PathBuf {
        let path = self.path().join("export.ndjson");
        let mut text = String::new();
        let mut take = |lines: &str| {
            text.push_str(lines);
            Ok::<_, crate::StoreError>(())
        };
        AuditReader::open(self.path()).unwrap().export(&mut take).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// All hashes from an entry on as they would be if its fields had always been these.
    fn chain_anew(&self) {
        let db = Connection::open(self.path().join(KIND.file_name)).unwrap();
        let mut all = Vec::new();
        chain::walk(&db, &mut |entry| {
            all.push(entry);
            true
        })
        .unwrap();
        let mut before = chain::FIRST;
        for entry in all {
            before = chain::hash(&before, entry.number, &entry.fields());
            let values = params![before.as_slice(), entry.number];
            db.execute("UPDATE audit SET hash = ?1 WHERE number = ?2", values).unwrap();
        }
    }
}

/// Nine entries: 1 to 4, 5 to 8, 9; events 1 to 3 and 4 to 5; three checkpoints.
fn sample() -> Sample {
    Sample::new(&[(3, 3), (4, 2), (1, 0)])
}

#[track_caller]
fn check(edit: impl FnOnce(&Sample), first: &AuditFault) {
    let sample = sample();
    edit(&sample);
    let found = sample.check();
    assert_eq!(found.faults.first(), Some(first), "{:?}", found.faults);
    let verified = crate::verify::audit_of(sample.path());
    assert_eq!(verified.faults.first(), Some(first), "as a part of `siskin verify`");
}

#[track_caller]
fn check_with_copy(edit: impl FnOnce(&Sample), first: &AuditFault) {
    let sample = sample();
    edit(&sample);
    let found = sample.check_with_copy();
    assert_eq!(found.faults.first(), Some(first), "{:?}", found.faults);
}

#[test]
fn what_nobody_edited_is_clean() {
    let sample = sample();
    let found = sample.check_with_copy();
    let expected = AuditChecked { entries: 9, checkpoints: 3, events: 5, ..Default::default() };
    assert_eq!(found, expected);
    let export = check_export(&sample.export(), &AuditWitness::default()).unwrap();
    let notes = vec![AuditNote::NoEvents];
    assert_eq!(export, AuditChecked { entries: 9, checkpoints: 3, notes, ..Default::default() });
}

#[test]
fn what_is_not_signed_yet_is_counted() {
    let sample = sample();
    let ledger = Ledger::open(sample.path()).unwrap();
    ledger.put_audit(&entry(20)).unwrap();
    event(&ledger.file.writer(), 7);
    let found = sample.check_with_copy();
    assert!(found.is_clean(), "{found:?}");
    assert_eq!((found.entries_unsigned, found.events_unsigned), (1, 1));
    let signer = AuditSigner::open(sample.path(), &ledger, Timestamp::from_millis(6)).unwrap();
    assert!(!signer.is_due(&ledger, Timestamp::from_millis(600_004)).unwrap());
    assert!(signer.is_due(&ledger, Timestamp::from_millis(600_005)).unwrap());
    assert_eq!(signer.sign(&ledger, Timestamp::from_millis(7)).unwrap(), 1);
    assert_eq!(signer.sign(&ledger, Timestamp::from_millis(8)).unwrap(), 0, "nothing is new");
    let found = sample.check_with_copy();
    assert_eq!((found.entries_unsigned, found.events_unsigned, found.checkpoints), (0, 0, 4));
}

#[test]
fn many_entries_are_signed_at_once_and_many_events_in_parts() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let at = Timestamp::from_millis;
    let signer = AuditSigner::open(dir.path(), &ledger, at(1)).unwrap();
    signer.sign(&ledger, at(1)).unwrap();
    for (count, due) in [(255, false), (1, true)] {
        let writer = ledger.file.writer();
        writer.execute_batch("BEGIN").unwrap();
        for n in 0..count {
            append(&ledger.file, &writer, &entry(n)).unwrap();
        }
        writer.execute_batch("COMMIT").unwrap();
        drop(writer);
        assert_eq!(signer.is_due(&ledger, at(2)).unwrap(), due, "{count}");
    }
    let writer = ledger.file.writer();
    writer.execute_batch("BEGIN").unwrap();
    (0..10_500).for_each(|n| event(&writer, n));
    writer.execute_batch("COMMIT").unwrap();
    drop(writer);
    assert_eq!(signer.sign(&ledger, at(3)).unwrap(), 2);
    let found = AuditReader::open(dir.path()).unwrap().check(&AuditWitness::default()).unwrap();
    assert!(found.is_clean(), "{found:?}");
    assert_eq!(found.events, 10_500);
}

#[test]
fn a_lost_key_is_an_entry_and_is_named() {
    let sample = sample();
    let old = PublicKey::read(&sample.path().join(PUBLIC_KEY_FILE)).unwrap();
    fs::remove_file(sample.path().join(KEY_FILE)).unwrap();
    let ledger = Ledger::open(sample.path()).unwrap();
    let now = Timestamp::from_millis(9);
    let signer = AuditSigner::open(sample.path(), &ledger, now).unwrap();
    signer.sign(&ledger, now).unwrap();
    let newest = ledger.audit_entries(&AuditFilter::default(), 1).unwrap().remove(0);
    assert_eq!((newest.act.as_str(), newest.about), ("audit.key", signer.public_key().hex()));
    assert!(newest.body.contains(&old[0].hex()), "{}", newest.body);
    let found = sample.check_with_copy();
    assert!(found.is_clean(), "{found:?}");
    let key = signer.public_key();
    assert_eq!(found.notes, [AuditNote::OtherKey { checkpoint: 4, key }]);
    let witness = AuditWitness { checkpoints: None, public_keys: old };
    let found = AuditReader::open(sample.path()).unwrap().check(&witness).unwrap();
    assert_eq!(found.faults, [AuditFault::CheckpointForeign { checkpoint: 4, key }]);
}

#[test]
fn half_a_line_of_a_crash_is_written_anew() {
    let sample = sample();
    let path = sample.path().join(CHECKPOINTS_FILE);
    let whole = fs::read_to_string(&path).unwrap();
    for cut in [1, whole.len() / 2, whole.len()] {
        fs::write(&path, &whole[..whole.len() - cut]).unwrap();
        let found = sample.check();
        assert!(found.is_clean(), "{found:?}");
        let ledger = Ledger::open(sample.path()).unwrap();
        let now = Timestamp::from_millis(9);
        let signer = AuditSigner::open(sample.path(), &ledger, now).unwrap();
        assert_eq!(signer.sign(&ledger, now).unwrap(), 0);
        assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    }
}

#[test]
fn a_ledger_that_was_put_back_is_told_at_the_next_start() {
    let sample = sample();
    sample.sql("DELETE FROM audit_checkpoint WHERE number = 3; DELETE FROM audit WHERE number > 8");
    let ledger = Ledger::open(sample.path()).unwrap();
    let now = Timestamp::from_millis(9);
    let signer = AuditSigner::open(sample.path(), &ledger, now).unwrap();
    let newest = ledger.audit_entries(&AuditFilter::default(), 1).unwrap().remove(0);
    assert_eq!((newest.act.as_str(), newest.about.as_str()), ("checkpoints.differ", "3"));
    signer.sign(&ledger, now).unwrap();
    assert!(sample.check().is_clean(), "a new file is begun");
    let first = AuditFault::Rewritten { from: 9, to: 9, checkpoint: 3 };
    let found = sample.check_with_copy();
    assert!(found.faults.contains(&first), "{found:?}");
    assert!(sample.path().join("audit-checkpoints.ndjson.kept-1").exists());
}

#[test]
fn questions_are_answered_newest_first() {
    let sample = sample();
    let ledger = Ledger::open(sample.path()).unwrap();
    let numbers = |filter: &AuditFilter| -> Vec<i64> {
        let found = ledger.audit_entries(filter, 3).unwrap();
        found.iter().map(|entry| entry.number).collect()
    };
    let text = |text: &str| Some(text.to_owned());
    let none = AuditFilter::default;
    assert_eq!(numbers(&none()), [9, 8, 7]);
    assert_eq!(numbers(&AuditFilter { before: Some(3), ..none() }), [2, 1]);
    assert_eq!(numbers(&AuditFilter { act: text("rules.reload"), ..none() }), [8, 5, 2]);
    assert_eq!(numbers(&AuditFilter { act: text("audit."), before: Some(9), ..none() }), [6, 3, 1]);
    assert_eq!(numbers(&AuditFilter { act: text("audit"), ..none() }), [0; 0]);
    assert_eq!(numbers(&AuditFilter { by: text("person-0"), ..none() }), [7, 4]);
    assert_eq!(numbers(&AuditFilter { about: text("about-4"), ..none() }), [5]);
    let (from, to) = (Some(Timestamp::from_millis(2_000)), Some(Timestamp::from_millis(3_000)));
    assert_eq!(numbers(&AuditFilter { from, to, ..none() }), [3]);
}
