//! Corrections, versions of rules and shadow sets in the ledger: what late readings changed is
//! recorded and counts, nothing that was told is rewritten.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;
use siskin_model::{
    Alarm, AlarmEvent, AlarmKind, ChannelId, Correction, CorrectionChange, Edge, RuleId, Tier,
    Timestamp, Unit,
};
use siskin_store::ledger::{
    AuditFilter, NewRuleVersion, NewShadow, RuleDiff, RuleFile, RuleSource, RuleVersion, RulesEvent,
};
use siskin_store::{Committed, Ledger, LedgerEvent, Step};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn channel(n: u32) -> ChannelId {
    ChannelId::new(&format!("at-{n}")).unwrap()
}

fn alarm(n: u32, since_ms: i64) -> Alarm {
    Alarm {
        rule: RuleId::new("red").unwrap(),
        channel: channel(n),
        kind: AlarmKind::Gas,
        tier: Some(Tier::Red),
        since: at(since_ms),
        value: Some(1.5),
        limit: Some(1.0),
        unit: Unit::Ppm,
        forecast: None,
    }
}

fn raise(n: u32, ms: i64) -> AlarmEvent {
    AlarmEvent { edge: Edge::Raise, at: at(ms), alarm: alarm(n, ms) }
}

fn clear(n: u32, since_ms: i64, ms: i64) -> AlarmEvent {
    AlarmEvent { edge: Edge::Clear, at: at(ms), alarm: alarm(n, since_ms) }
}

fn correction(change: CorrectionChange, found_ms: i64, event: AlarmEvent) -> Correction {
    Correction { change, found_at: at(found_ms), event }
}

fn added(found_ms: i64, event: AlarmEvent) -> Correction {
    correction(CorrectionChange::Added, found_ms, event)
}

fn removed(found_ms: i64, event: AlarmEvent) -> Correction {
    correction(CorrectionChange::Removed, found_ms, event)
}

fn step(series_seq: u64, alarms: Vec<AlarmEvent>, corrections: Vec<Correction>) -> Step {
    Step {
        series_seq,
        recorded_at: at(0),
        alarms,
        warnings: Vec::new(),
        corrections,
        equipment: Vec::new(),
        holds: Vec::new(),
        floods: Vec::new(),
        messages: Vec::new(),
        late: Vec::new(),
        audit: Vec::new(),
        pulse: None,
    }
}

fn open() -> (tempfile::TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    (dir, ledger)
}

/// Begins and ends of `n` as letters and moments, in order.
fn shape(ledger: &Ledger, n: u32, since_ms: i64) -> String {
    let edges = ledger.alarm_edges(&[channel(n)], at(since_ms)).unwrap();
    let word = |event: &AlarmEvent| match event.edge {
        Edge::Raise => format!("+{}", event.at.as_millis()),
        Edge::Clear => format!("-{}", event.at.as_millis()),
    };
    edges.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_record_is_what_stands_after_corrections() {
    let (_dir, ledger) = open();
    ledger.commit(&step(1, vec![raise(1, 10), clear(1, 10, 20), raise(2, 15)], vec![])).unwrap();
    assert_eq!(shape(&ledger, 1, 0), "+10 -20");
    // A late reading: it began at 8, and ended at 12 and came back at 14.
    let found = vec![
        removed(30, raise(1, 10)),
        added(30, raise(1, 8)),
        added(30, clear(1, 8, 12)),
        added(30, raise(1, 14)),
    ];
    let committed = ledger.commit(&step(2, vec![], found.clone())).unwrap();
    let numbered: Vec<_> = (4..).zip(found.clone()).collect();
    assert_eq!(committed.corrections, numbered);
    assert_eq!(shape(&ledger, 1, 0), "+8 -12 +14 -20");
    assert_eq!(shape(&ledger, 1, 12), "-12 +14 -20");
    assert_eq!(shape(&ledger, 2, 0), "+15", "another channel is another matter");
    assert_eq!(ledger.corrections_after(0, 100).unwrap(), numbered);
    assert_eq!(ledger.corrections_after(5, 1).unwrap(), numbered[2..3]);
    assert_eq!(ledger.newest_seq(), 7);
    let events = ledger.events_after(3, 1).unwrap();
    assert_eq!(events, [(4, LedgerEvent::Correction(found[0].clone()))]);
}

#[test]
fn an_end_belongs_to_the_begin_before_it_also_when_that_moved() {
    let (_dir, ledger) = open();
    ledger.commit(&step(1, vec![raise(1, 10), clear(1, 10, 20)], vec![])).unwrap();
    let moved = vec![removed(30, raise(1, 10)), added(30, raise(1, 8))];
    ledger.commit(&step(2, vec![], moved)).unwrap();
    assert_eq!(ledger.alarms_active().unwrap(), [], "its end at 20 stands");
    assert_eq!(ledger.alarms_active_at(at(9)).unwrap(), [alarm(1, 8)]);
    assert_eq!(ledger.alarms_active_at(at(20)).unwrap(), []);
}

#[test]
fn a_removed_end_leaves_the_alarm_active() {
    let (_dir, ledger) = open();
    ledger.commit(&step(1, vec![raise(1, 10), clear(1, 10, 20)], vec![])).unwrap();
    ledger.commit(&step(2, vec![], vec![removed(30, clear(1, 10, 20))])).unwrap();
    assert_eq!(ledger.alarms_active().unwrap(), [alarm(1, 10)]);
    ledger.commit(&step(3, vec![clear(1, 10, 40)], vec![])).unwrap();
    assert_eq!(ledger.alarms_active().unwrap(), []);
    assert_eq!(shape(&ledger, 1, 0), "+10 -40");
}

#[test]
fn a_begin_that_was_removed_can_be_told_again() {
    let (_dir, ledger) = open();
    ledger.commit(&step(1, vec![raise(1, 10)], vec![])).unwrap();
    ledger.commit(&step(2, vec![], vec![removed(30, raise(1, 10))])).unwrap();
    assert_eq!((shape(&ledger, 1, 0), ledger.alarms_active().unwrap()), (String::new(), vec![]));
    let again = ledger.commit(&step(3, vec![raise(1, 10)], vec![])).unwrap();
    assert_eq!(again.alarms, [(3, raise(1, 10))], "a missed warning would be worse");
    assert_eq!(ledger.alarms_active().unwrap(), [alarm(1, 10)]);
}

#[test]
fn what_the_record_agrees_with_is_no_correction() {
    let (_dir, ledger) = open();
    ledger.commit(&step(1, vec![raise(1, 10)], vec![])).unwrap();
    let agreed = vec![added(30, raise(1, 10)), removed(30, clear(1, 10, 20))];
    assert_eq!(ledger.commit(&step(2, vec![], agreed)).unwrap(), Committed::default());
    let (first, second) = (
        step(3, vec![], vec![removed(30, raise(1, 10))]),
        step(4, vec![], vec![added(40, raise(1, 10))]),
    );
    ledger.commit(&first).unwrap();
    ledger.commit(&second).unwrap();
    for repeated in [&first, &second] {
        assert_eq!(ledger.commit(repeated).unwrap(), Committed::default(), "told once");
    }
    assert_eq!(shape(&ledger, 1, 0), "+10");
}

#[test]
fn the_newest_of_the_record_come_first() {
    let (_dir, ledger) = open();
    ledger.commit(&step(1, vec![raise(1, 10), raise(2, 20), clear(1, 10, 30)], vec![])).unwrap();
    ledger.commit(&step(2, vec![], vec![removed(40, raise(2, 20))])).unwrap();
    assert_eq!(ledger.alarms_since(at(0), 9).unwrap(), [clear(1, 10, 30), raise(1, 10)]);
    assert_eq!(ledger.alarms_since(at(11), 9).unwrap(), [clear(1, 10, 30)]);
    assert_eq!(ledger.alarms_since(at(0), 1).unwrap(), [clear(1, 10, 30)]);
}

fn version(source: RuleSource, text: &str) -> NewRuleVersion {
    let file = |text: &str| RuleFile { path: "rules/a.toml".to_owned(), text: text.to_owned() };
    NewRuleVersion {
        made_at: at(5),
        source,
        by: "王芳".to_owned(),
        note: "lower; \"quoted\"".to_owned(),
        proposed_by: Some("李雷".to_owned()),
        files: vec![file(text)],
        site_files: vec![file("site")],
        diff: vec![RuleDiff { rule: "red".to_owned(), old: None, new: Some(text.to_owned()) }],
    }
}

#[test]
fn versions_of_the_rules_are_numbered_kept_whole_and_told_in_order() {
    let (dir, ledger) = open();
    assert_eq!(ledger.rule_versions(9).unwrap(), []);
    ledger.commit(&step(1, vec![raise(1, 10)], vec![])).unwrap();
    let made = [version(RuleSource::Start, "a"), version(RuleSource::FileChange, "b")];
    for (number, made) in (1..).zip(&made) {
        let (seq, event) = ledger.put_rule_version(made).unwrap();
        let (source, by) = (made.source, made.by.clone());
        assert_eq!(event, RulesEvent { version: number, at: at(5), source, by });
        assert_eq!((seq, ledger.newest_seq()), (number + 1, number + 1));
        let told = ledger.events_after(number, 9).unwrap();
        assert_eq!(told, [(seq, LedgerEvent::Rules(event))]);
    }
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    let [first, second] = made;
    let second = RuleVersion { number: 2, made: second };
    assert_eq!(ledger.rule_versions(1).unwrap(), std::slice::from_ref(&second));
    let both = [second, RuleVersion { number: 1, made: first.clone() }];
    assert_eq!(ledger.rule_versions(9).unwrap(), both);
    assert_eq!(ledger.rule_version(1).unwrap().unwrap().made, first);
    assert_eq!(ledger.rule_version(3).unwrap(), None);
    let expected = ["rules.reload 2 王芳", "rules.load 1 王芳"];
    assert_eq!(audited(&ledger), expected);
    let body = ledger.audit_entries(&AuditFilter::default(), 1).unwrap().remove(0).body;
    assert!(body.contains(r#""red":"added""#) && !body.contains("site"), "{body}");
}

/// What the audit says, newest first.
fn audited(ledger: &Ledger) -> Vec<String> {
    let entries = ledger.audit_entries(&AuditFilter::default(), 9).unwrap();
    entries.iter().map(|entry| format!("{} {} {}", entry.act, entry.about, entry.by)).collect()
}

#[test]
fn a_shadow_set_is_alone_and_its_events_are_its_own() {
    let (dir, ledger) = open();
    assert_eq!(ledger.shadow().unwrap(), None);
    let set = |by: &str, ms| NewShadow {
        begun_at: at(ms),
        by: by.to_owned(),
        note: String::new(),
        files: Vec::new(),
    };
    let first = ledger.begin_shadow(&set("李雷", 1)).unwrap();
    ledger.put_shadow_events(first.number, &[raise(1, 10), raise(1, 10)]).unwrap();
    ledger.put_shadow_events(first.number, &[raise(1, 10), clear(1, 10, 20)]).unwrap();
    let events = [clear(1, 10, 20), raise(1, 10)];
    assert_eq!(ledger.shadow_events(first.number, 9).unwrap(), events, "each once");
    assert_eq!(ledger.shadow_events(first.number, 1).unwrap(), events[..1]);
    assert_eq!((ledger.newest_seq(), ledger.alarms_active().unwrap()), (0, vec![]), "never told");
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.shadow().unwrap(), Some(first));
    let second = ledger.begin_shadow(&set("王芳", 30)).unwrap();
    assert_eq!((second.number, ledger.shadow_events(second.number, 9).unwrap()), (2, vec![]));
    assert_eq!(ledger.shadow().unwrap(), Some(second));
    assert!(ledger.end_shadow(at(40), "李雷").unwrap());
    assert!(!ledger.end_shadow(at(41), "李雷").unwrap());
    assert_eq!(ledger.shadow().unwrap(), None);
    let expected = ["shadow.end 2 李雷", "shadow.begin 2 王芳", "shadow.begin 1 李雷"];
    assert_eq!(audited(&ledger), expected);
}

/// `ledger.db` as format 1 had it, with one alarm.
fn write_format_1(dir: &Path) {
    let body = serde_json::to_string(&raise(1, 10)).unwrap();
    let alarm_body = serde_json::to_string(&alarm(1, 10)).unwrap();
    let db = Connection::open(dir.join("ledger.db")).unwrap();
    db.execute_batch(
        "CREATE TABLE event (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, recorded_at INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('alarm', 'warning')),
            change TEXT NOT NULL, at INTEGER NOT NULL,
            rule TEXT, channel TEXT, warning TEXT, body TEXT NOT NULL) STRICT;
        CREATE UNIQUE INDEX event_alarm ON event (rule, channel, at, change) WHERE kind = 'alarm';
        CREATE INDEX event_warning ON event (warning, seq) WHERE kind = 'warning';
        CREATE TABLE alarm (
            rule TEXT NOT NULL, channel TEXT NOT NULL, raised_at INTEGER NOT NULL,
            cleared_at INTEGER, kind TEXT NOT NULL, tier TEXT, body TEXT NOT NULL,
            PRIMARY KEY (rule, channel, raised_at)) STRICT, WITHOUT ROWID;
        CREATE TABLE mark (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1), series_seq INTEGER NOT NULL) STRICT;
        CREATE TABLE warning (
            id TEXT PRIMARY KEY, gas TEXT NOT NULL, area TEXT NOT NULL, tier TEXT NOT NULL,
            state TEXT NOT NULL, is_open INTEGER NOT NULL, raised_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
        INSERT INTO mark VALUES (1, 77);
        PRAGMA application_id = 1399409765;
        PRAGMA user_version = 1;",
    )
    .unwrap();
    db.execute(
        "INSERT INTO event VALUES (41, 0, 'alarm', 'raise', 10, 'red', 'at-1', NULL, ?1)",
        [body],
    )
    .unwrap();
    let row = "INSERT INTO alarm VALUES ('red', 'at-1', 10, NULL, 'gas', 'red', ?1)";
    db.execute(row, [alarm_body]).unwrap();
}

#[test]
fn a_ledger_of_the_first_format_is_brought_up_to_date_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    write_format_1(dir.path());
    for _ in 0..2 {
        let ledger = Ledger::open(dir.path()).unwrap();
        assert_eq!((ledger.mark(), ledger.newest_seq()), (77, 41));
        let events = ledger.events_after(0, 9).unwrap();
        assert_eq!(events, [(41, LedgerEvent::Alarm(raise(1, 10)))]);
        assert_eq!(shape(&ledger, 1, 0), "+10");
    }
    let ledger = Ledger::open(dir.path()).unwrap();
    let found = step(78, vec![], vec![removed(30, raise(1, 10))]);
    let committed = ledger.commit(&found).unwrap();
    assert_eq!(committed.corrections[0].0, 42, "numbers go on");
    assert_eq!(ledger.alarms_active().unwrap(), []);
}

/// Whether an alarm was active at `t`: what the edges say, read plainly.
fn is_active(edges: &BTreeSet<(i64, Edge)>, t: i64) -> bool {
    let last = edges.iter().rfind(|(at_ms, _)| *at_ms <= t);
    last.is_some_and(|(_, edge)| *edge == Edge::Raise)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Any corrections in any steps: the record is the set of edges that a plain reading keeps, and
    /// the view of alarms says of every moment what that record says.
    #[test]
    fn views_and_record_agree_after_any_corrections(
        steps in prop::collection::vec(
            prop::collection::vec((any::<bool>(), 0..24i64), 1..6), 1..12),
    ) {
        let (_dir, ledger) = open();
        let mut plain = BTreeSet::new();
        for (seq, changes) in (1..).zip(steps) {
            let mut corrections = Vec::new();
            for (is_added, ms) in changes {
                // Begins at even moments, ends at odd ones.
                let edge = if ms % 2 == 0 { Edge::Raise } else { Edge::Clear };
                let event =
                    if edge == Edge::Raise { raise(1, ms) } else { clear(1, ms - 1, ms) };
                let found_ms = 100 + i64::try_from(seq * 10 + corrections.len() as u64).unwrap();
                if is_added {
                    plain.insert((ms, edge));
                    corrections.push(added(found_ms, event));
                } else {
                    plain.remove(&(ms, edge));
                    corrections.push(removed(found_ms, event));
                }
            }
            ledger.commit(&step(seq, vec![], corrections)).unwrap();
            let record: Vec<_> = ledger
                .alarm_edges(&[channel(1)], at(0))
                .unwrap()
                .iter()
                .map(|event| (event.at.as_millis(), event.edge))
                .collect();
            prop_assert_eq!(&record, &plain.iter().copied().collect::<Vec<_>>());
            for ms in 0..26 {
                let shown = ledger.alarms_active_at(at(ms)).unwrap();
                prop_assert_eq!(!shown.is_empty(), is_active(&plain, ms), "at {}", ms);
                prop_assert!(shown.len() <= 1, "two episodes of one rule at {}", ms);
            }
        }
    }
}
