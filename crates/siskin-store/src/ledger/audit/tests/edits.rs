//! Every kind of edit, by name and at random.

use super::*;

#[test]
fn the_first_bad_entry_is_named() {
    let sql = |sql: &'static str| move |sample: &Sample| sample.sql(sql);
    for field in ["at = 7", "by = 'x'", "act = 'x'", "about = ''", "body = '{\"n\": 1}'"] {
        let sql = format!("UPDATE audit SET {field} WHERE number = 3");
        check(|sample| sample.sql(&sql), &AuditFault::Edited { entry: 3 });
    }
    let zero = "UPDATE audit SET hash = zeroblob(32) WHERE number = 3";
    check(sql(zero), &AuditFault::HashEdited { entry: 3 });
    let removed = |from, to| AuditFault::Removed { from, to };
    check(sql("DELETE FROM audit WHERE number IN (3, 4)"), &removed(3, 4));
    check(sql("DELETE FROM audit WHERE number = 1"), &removed(1, 1));
    check(sql("DELETE FROM audit WHERE number >= 6"), &removed(6, 9));
    check(sql("DELETE FROM audit"), &removed(1, 9));
    let closed = "DELETE FROM audit WHERE number = 4; UPDATE audit SET number = number - 1 \
                  WHERE number > 4";
    check(sql(closed), &removed(4, 4));
    let opened = "UPDATE audit SET number = -number - 1 WHERE number >= 4; \
                  UPDATE audit SET number = -number WHERE number < 0; ";
    let copied = "INSERT INTO audit SELECT 4, at, by, act, about, body, hash FROM audit \
                  WHERE number = 2";
    let put_in = |sample: &Sample| sample.sql(&format!("{opened}{copied}"));
    check(put_in, &AuditFault::Inserted { entry: 4 });
    let low = "INSERT INTO audit SELECT -4, at, by, act, about, body, hash FROM audit \
               WHERE number = 2";
    check(sql(low), &AuditFault::Inserted { entry: -4 });
    for (a, b) in [(3, 4), (3, 7)] {
        let swap = |sample: &Sample| swap(sample, a, b);
        check(swap, &AuditFault::Moved { entry: a });
    }
}

fn swap(sample: &Sample, a: i64, b: i64) {
    sample.sql(&format!(
        "UPDATE audit SET number = -1 WHERE number = {a};
         UPDATE audit SET number = {a} WHERE number = {b};
         UPDATE audit SET number = {b} WHERE number = -1;"
    ));
}

#[test]
fn an_entry_put_in_with_a_hash_that_fits_is_named() {
    let put_in = |sample: &Sample| {
        sample.sql(
            "UPDATE audit SET number = -number - 1 WHERE number >= 4;
             UPDATE audit SET number = -number WHERE number < 0;",
        );
        let db = Connection::open(sample.path().join(KIND.file_name)).unwrap();
        let read = "SELECT hash FROM audit WHERE number = 3";
        let before: [u8; 32] = db.query_row(read, [], |row| row.get(0)).unwrap();
        let false_one = entry(4);
        let body = false_one.body.to_string();
        let hash = chain::hash(&before, 4, &chain::Fields::of(&false_one, &body));
        let NewAudit { at, by, act, about, .. } = false_one;
        db.execute(
            "INSERT INTO audit VALUES (4, ?1, ?2, ?3, ?4, ?5, ?6)",
            params![at.as_millis(), by, act, about, body, hash.as_slice()],
        )
        .unwrap();
    };
    check(put_in, &AuditFault::Inserted { entry: 4 });
}

#[test]
fn hashes_written_anew_are_found_by_the_signatures() {
    let anew = |sample: &Sample| {
        sample.sql("UPDATE audit SET by = 'x' WHERE number = 6");
        sample.chain_anew();
    };
    check(anew, &AuditFault::Rewritten { from: 5, to: 8, checkpoint: 2 });
    // With the checkpoints gone from the ledger and from its folder, only the copy knows.
    let all_gone = |sample: &Sample| {
        anew(sample);
        sample.sql("DELETE FROM audit_checkpoint");
        fs::remove_file(sample.path().join(CHECKPOINTS_FILE)).unwrap();
    };
    check_with_copy(all_gone, &AuditFault::Rewritten { from: 5, to: 8, checkpoint: 2 });
    let cut = |sample: &Sample| {
        sample.sql(
            "DELETE FROM audit WHERE number > 8; DELETE FROM audit_checkpoint WHERE number = 3",
        );
        fs::remove_file(sample.path().join(CHECKPOINTS_FILE)).unwrap();
    };
    check_with_copy(cut, &AuditFault::Removed { from: 9, to: 9 });
}

#[test]
fn checkpoints_that_are_not_what_was_signed_are_named() {
    let edited = AuditFault::CheckpointEdited { checkpoint: 2 };
    for field in [
        "at = 6",
        "entry = 7",
        "entry_hash = zeroblob(32)",
        "event_after = 2",
        "event = 4",
        "events = 1",
        "events_hash = zeroblob(32)",
        "previous = zeroblob(32)",
        "public_key = zeroblob(32)",
        "signature = zeroblob(64)",
        "event_sums = x'00'",
    ] {
        let sql = format!("UPDATE audit_checkpoint SET {field} WHERE number = 2");
        check(|sample| sample.sql(&sql), &edited);
    }
    let delete = |sample: &Sample| sample.sql("DELETE FROM audit_checkpoint WHERE number = 2");
    check(delete, &AuditFault::CheckpointRemoved { checkpoint: 2 });
    let last = |sample: &Sample| sample.sql("DELETE FROM audit_checkpoint WHERE number = 3");
    check(last, &AuditFault::CheckpointRemoved { checkpoint: 3 });
    // Signed by the station's key, but for another chain of checkpoints.
    let other = |sample: &Sample| {
        sample.sql("DELETE FROM audit_checkpoint WHERE number > 1");
        fs::remove_file(sample.path().join(CHECKPOINTS_FILE)).unwrap();
        let ledger = Ledger::open(sample.path()).unwrap();
        let now = Timestamp::from_millis(8);
        let signer = AuditSigner::open(sample.path(), &ledger, now).unwrap();
        signer.sign(&ledger, now).unwrap();
    };
    check_with_copy(other, &AuditFault::CheckpointDiffers { checkpoint: 2 });
}

#[test]
fn events_that_are_others_are_named() {
    let edited = AuditFault::EventEdited { event: 4 };
    for field in [
        "recorded_at = 9",
        "kind = 'warning'",
        "change = 'clear'",
        "at = 9",
        "rule = NULL",
        "channel = ''",
        "warning = ''",
        "body = '{\"n\": 0}'",
    ] {
        let sql = format!("UPDATE event SET {field} WHERE seq = 4");
        check(|sample| sample.sql(&sql), &edited);
    }
    let sql = |sql: &'static str| move |sample: &Sample| sample.sql(sql);
    let removed = |event| AuditFault::EventRemoved { event };
    check(sql("DELETE FROM event WHERE seq = 2"), &removed(2));
    check(sql("DELETE FROM event WHERE seq = 5"), &removed(5));
    check(sql("DELETE FROM event"), &removed(1));
    let put_in = "INSERT INTO event (seq, recorded_at, kind, change, at, body) \
                  VALUES (-3, 1, 'alarm', 'raise', 1, '{}')";
    check(sql(put_in), &AuditFault::EventInserted { event: -3 });
    let sums = "UPDATE event SET at = 9 WHERE seq = 4; \
                UPDATE audit_checkpoint SET event_sums = x'00' WHERE number = 2";
    check(sql(sums), &AuditFault::EventsEdited { from: 4, to: 5 });
}

/// What a person with the file may do.
#[derive(Debug, Clone)]
enum Edit {
    Flip(usize, usize),
    Swap(usize, usize),
    Delete(usize, bool),
    Insert(usize, bool),
    Truncate(usize),
    Rewrite(usize),
    Checkpoint(usize, usize),
    DropCheckpoint(usize),
    Event(usize, usize),
    DropEvent(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let n = || 0..1000usize;
    prop_oneof![
        (n(), n()).prop_map(|(at, field)| Edit::Flip(at, field)),
        (n(), n()).prop_map(|(a, b)| Edit::Swap(a, b)),
        (n(), any::<bool>()).prop_map(|(at, close)| Edit::Delete(at, close)),
        (n(), any::<bool>()).prop_map(|(at, fits)| Edit::Insert(at, fits)),
        n().prop_map(Edit::Truncate),
        n().prop_map(Edit::Rewrite),
        (n(), n()).prop_map(|(at, field)| Edit::Checkpoint(at, field)),
        n().prop_map(Edit::DropCheckpoint),
        (n(), n()).prop_map(|(at, field)| Edit::Event(at, field)),
        n().prop_map(Edit::DropEvent),
    ]
}

const FIELDS: [&str; 6] = [
    "at = at + 1",
    "by = by || '.'",
    "act = 'x'",
    "about = about || ' '",
    "body = body || ' '",
    "hash = randomblob(32)",
];
const CHECKPOINT_FIELDS: [&str; 6] = [
    "at = at + 1",
    "entry = entry + 1",
    "entry_hash = randomblob(32)",
    "event = event + 1",
    "previous = randomblob(32)",
    "signature = randomblob(64)",
];
const EVENT_FIELDS: [&str; 5] = [
    "at = at + 1",
    "body = body || ' '",
    "rule = NULL",
    "warning = 'x'",
    "recorded_at = recorded_at + 1",
];

/// Makes the edit; false where there is nothing to edit so.
fn make(sample: &Sample, edit: &Edit, entries: i64, checkpoints: i64, events: i64) -> bool {
    let pick = |n: usize, of: i64| i64::try_from(n).unwrap() % of.max(1) + 1;
    let field = |fields: &[&'static str], n: usize| fields[n % fields.len()];
    let of = |table: &str, number: &str, set: &str, at: i64| {
        sample.sql(&format!("UPDATE {table} SET {set} WHERE {number} = {at}"));
    };
    match *edit {
        Edit::Flip(at, n) => of("audit", "number", field(&FIELDS, n), pick(at, entries)),
        Edit::Swap(a, b) => {
            let (a, b) = (pick(a, entries), pick(b, entries));
            swap(sample, a, b);
            return a != b;
        }
        Edit::Delete(at, close) => {
            let at = pick(at, entries);
            sample.sql(&format!("DELETE FROM audit WHERE number = {at}"));
            if close {
                sample.sql(&format!("UPDATE audit SET number = number - 1 WHERE number > {at}"));
            }
        }
        Edit::Insert(at, fits) => {
            let at = pick(at, entries);
            sample.sql(&format!(
                "UPDATE audit SET number = -number - 1 WHERE number >= {at};
                 UPDATE audit SET number = -number WHERE number < 0;
                 INSERT INTO audit VALUES ({at}, 1, 'x', 'x', 'x', '1', randomblob(32))"
            ));
            if fits {
                sample.chain_anew();
            }
        }
        Edit::Truncate(at) => {
            sample.sql(&format!("DELETE FROM audit WHERE number >= {}", pick(at, entries)));
        }
        Edit::Rewrite(at) => {
            of("audit", "number", "by = 'x'", pick(at, entries));
            sample.chain_anew();
        }
        Edit::Checkpoint(at, n) => {
            let set = field(&CHECKPOINT_FIELDS, n);
            of("audit_checkpoint", "number", set, pick(at, checkpoints));
        }
        Edit::DropCheckpoint(at) => {
            let at = pick(at, checkpoints);
            sample.sql(&format!("DELETE FROM audit_checkpoint WHERE number = {at}"));
        }
        Edit::Event(at, n) => {
            of("event", "seq", field(&EVENT_FIELDS, n), pick(at, events));
            return events > 0;
        }
        Edit::DropEvent(at) => {
            sample.sql(&format!("DELETE FROM event WHERE seq = {}", pick(at, events)));
            return events > 0;
        }
    }
    true
}

/// One edit of a file of lines.
fn edit_lines(text: &str, kind: usize, at: usize, to: usize) -> Option<Vec<u8>> {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (a, b) = (at % lines.len(), to % lines.len());
    match kind {
        0 => {
            let mut bytes = text.as_bytes().to_vec();
            let at = at * 7919 % bytes.len();
            let other = b"0a\" }\n"[to % 6];
            if bytes[at] == other {
                return None;
            }
            bytes[at] = other;
            return Some(bytes);
        }
        1 => drop(lines.remove(a)),
        2 => lines.swap(a, b),
        3 => lines.insert(b, lines[a]),
        _ => lines.truncate(a),
    }
    (lines.concat() != text).then(|| lines.concat().into_bytes())
}

#[test]
fn an_entry_behind_the_checkpoints_is_found() {
    let sample = Sample::new(&[(1, 0)]);
    let path = sample.export();
    let text = fs::read_to_string(&path).unwrap();
    let checkpoint = text.lines().position(|line| line.contains("checkpoint")).unwrap();
    let edited = edit_lines(&text, 2, checkpoint - 1, checkpoint).unwrap();
    fs::write(&path, edited).unwrap();
    assert!(!check_export(&path, &AuditWitness::default()).unwrap().is_clean());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_single_edit_of_the_ledger_is_always_found(
        groups in prop::collection::vec((1..9i64, 0..5i64), 1..5),
        edit in edit(),
    ) {
        let sample = Sample::new(&groups);
        let clean = sample.check_with_copy();
        prop_assert!(clean.is_clean(), "{:?}", clean);
        let counts = [clean.entries, clean.checkpoints, clean.events];
        let [entries, checkpoints, events] = counts.map(u64::cast_signed);
        if make(&sample, &edit, entries, checkpoints, events) {
            let found = sample.check();
            prop_assert!(!found.is_clean(), "{:?}", edit);
            prop_assert!(!sample.check_with_copy().is_clean());
        }
    }

    #[test]
    fn a_single_edit_of_an_export_or_a_copy_is_always_found(
        groups in prop::collection::vec((1..9i64, 0..2i64), 1..5),
        kind in 0..5usize, at in 0..100_000usize, to in 0..1000usize,
    ) {
        let sample = Sample::new(&groups);
        let path = sample.export();
        let witness = AuditWitness::default();
        prop_assert!(check_export(&path, &witness).unwrap().is_clean());
        let text = fs::read_to_string(&path).unwrap();
        if let Some(edited) = edit_lines(&text, kind, at, to) {
            fs::write(&path, edited).unwrap();
            let found = check_export(&path, &witness).unwrap();
            prop_assert!(!found.is_clean(), "{kind} {at} {to}");
        }
        // A copy of the checkpoints may end earlier than the ledger: it is older.
        let text = fs::read_to_string(&sample.elsewhere).unwrap();
        let last_line_only = |edited: &[u8]| text.as_bytes().starts_with(edited);
        if let Some(edited) = edit_lines(&text, kind, at, to)
            && !last_line_only(&edited) && !edited.starts_with(text.trim_end().as_bytes())
        {
            fs::write(&sample.elsewhere, edited).unwrap();
            prop_assert!(!sample.check_with_copy().is_clean(), "{kind} {at} {to}");
        }
    }
}
