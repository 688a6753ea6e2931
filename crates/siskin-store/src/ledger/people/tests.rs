//! What is kept of people comes back, and ends when it must.

use siskin_model::{AreaId, AreaScope, Role, Timestamp};

use super::*;
use crate::ledger::{Ledger, NewAudit};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn entry(act: &str) -> NewAudit {
    let body = serde_json::Value::Null;
    NewAudit { at: at(1), by: "root".into(), act: act.into(), about: String::new(), body }
}

fn person(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        display: "李雷".to_owned(),
        role: Role::Operator,
        areas: AreaScope::Some([AreaId::new("yard").unwrap()].into()),
        password: "$argon2id$…".to_owned(),
        made_at: at(5),
        disabled: false,
    }
}

fn session(id: &str, expires_at: i64) -> Session {
    Session {
        id: id.to_owned(),
        hash: [7; 32],
        person: "li".to_owned(),
        made_at: at(1),
        seen_at: at(1),
        expires_at: at(expires_at),
        remote: "127.0.0.1".to_owned(),
    }
}

fn token(name: &str) -> ApiToken {
    ApiToken {
        id: format!("id-{name}"),
        name: name.to_owned(),
        hash: [9; 32],
        person: "li".to_owned(),
        role: Role::Viewer,
        areas: AreaScope::All,
        made_at: at(1),
        expires_at: at(9),
    }
}

fn ledger() -> (tempfile::TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    ledger.add_person(&person("li"), &entry("person.add")).unwrap();
    (dir, ledger)
}

/// Ids of sessions and names of tokens that are left.
fn left(ledger: &Ledger) -> (Vec<String>, Vec<String>) {
    let sessions = ledger.sessions().unwrap().into_iter().map(|one| one.id);
    let tokens = ledger.tokens().unwrap().into_iter().map(|one| one.name);
    (sessions.collect(), tokens.collect())
}

fn check(after: SessionsAfter<'_>, disabled: bool, sessions: &[&str], tokens: &[&str]) {
    let (_dir, ledger) = ledger();
    for id in ["a", "b"] {
        ledger.begin_session(&session(id, 9), &[0; 32], &[], &entry("sign-in")).unwrap();
    }
    ledger.add_token(&token("scada"), &entry("token.add")).unwrap();
    let changed = Person { disabled, ..person("li") };
    ledger.change_person(&changed, after, &entry("person.change")).unwrap();
    let expected = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(left(&ledger), (expected(sessions), expected(tokens)), "{after:?} {disabled}");
}

#[test]
fn sessions_and_tokens_end_with_their_person() {
    check(SessionsAfter::All, false, &["a", "b"], &["scada"]);
    check(SessionsAfter::Only("b"), false, &["b"], &["scada"]);
    check(SessionsAfter::None, false, &[], &["scada"]);
    check(SessionsAfter::All, true, &[], &[]);
    check(SessionsAfter::Only("b"), true, &[], &[]);
}

#[test]
fn everything_comes_back_as_it_was_after_a_restart() {
    let (dir, ledger) = ledger();
    ledger.begin_session(&session("a", 9), &[0; 32], &[], &entry("sign-in")).unwrap();
    ledger.add_token(&token("scada"), &entry("token.add")).unwrap();
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.persons().unwrap(), [person("li")]);
    assert_eq!(ledger.sessions().unwrap(), [session("a", 9)]);
    assert_eq!(ledger.tokens().unwrap(), [token("scada")]);
}

#[test]
fn a_name_is_taken_for_ever_and_a_refused_act_leaves_no_entry() {
    let (_dir, ledger) = ledger();
    let gone = Person { disabled: true, ..person("li") };
    ledger.change_person(&gone, SessionsAfter::None, &entry("person.disable")).unwrap();
    let entries = || -> i64 {
        let db = ledger.file.reader();
        db.query_row("SELECT count(*) FROM audit", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(entries(), 2);
    ledger.add_person(&person("li"), &entry("person.add")).unwrap_err();
    ledger.change_person(&person("wang"), SessionsAfter::All, &entry("person.change")).unwrap_err();
    assert_eq!((entries(), ledger.persons().unwrap()), (2, vec![gone]));
}

#[test]
fn a_session_lives_on_while_it_is_used_and_is_dropped_when_it_is_over() {
    let (_dir, ledger) = ledger();
    for id in ["a", "b"] {
        ledger.begin_session(&session(id, 9), &[0; 32], &[], &entry("sign-in")).unwrap();
    }
    ledger.put_sessions_seen(&[session("b", 20)], at(9)).unwrap();
    assert_eq!(ledger.sessions().unwrap(), [session("b", 20)]);
    let ended = ["b".to_owned()];
    ledger.begin_session(&session("c", 20), &[0; 32], &ended, &entry("sign-in")).unwrap();
    assert_eq!(left(&ledger).0, ["c"]);
    ledger.end_session("c", &entry("sign-out")).unwrap();
    assert_eq!(left(&ledger).0, [""; 0]);
}

#[test]
fn failures_are_counted_by_name_and_forgotten_after_a_sign_in() {
    let (_dir, ledger) = ledger();
    for (subject, ms) in [([1; 32], 10), ([1; 32], 20), ([2; 32], 30)] {
        let failure = SignInFailure { subject, at: at(ms) };
        ledger.put_sign_in_failure(&[failure], at(0), &entry("sign-in.refused")).unwrap();
    }
    let failed = |subject, since| ledger.sign_in_failures(&[subject; 32], at(since), 5).unwrap();
    assert_eq!((failed(1, 0), failed(1, 10)), (vec![at(20), at(10)], vec![at(20)]));
    ledger.begin_session(&session("a", 9), &[1; 32], &[], &entry("sign-in")).unwrap();
    assert_eq!((failed(1, 0), failed(2, 0)), (vec![], vec![at(30)]));
    let failure = SignInFailure { subject: [3; 32], at: at(99) };
    ledger.put_sign_in_failure(&[failure], at(31), &entry("sign-in.refused")).unwrap();
    assert_eq!((failed(2, 0), failed(3, 0)), (vec![], vec![at(99)]));
}

#[test]
fn nothing_secret_can_be_seen_by_mistake() {
    let shown = format!("{:?} {:?} {:?}", person("li"), session("a", 9), token("scada"));
    assert!(!shown.contains("argon2") && !shown.contains("7, 7") && !shown.contains("9, 9"));
}
