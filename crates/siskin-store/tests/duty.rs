//! Duty in the ledger: changes are whole or absent, and what was said before is never lost.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::path::Path;

use rusqlite::Connection;
use siskin_model::duty::{Contact, Desk, HandOver, HandOverEnd, Shift, Substitution};
use siskin_model::{ContactId, DutyRoleId, Timestamp};
use siskin_store::Ledger;
use siskin_store::ledger::{KeptHandOver, NewAudit, RosterChange, Written};

fn hour(hours: i64) -> Timestamp {
    Timestamp::from_millis(1_796_054_400_000 + hours * 3_600_000)
}

fn desk() -> Desk {
    Desk { role: DutyRoleId::new("operator").unwrap(), position: None }
}

fn shift(who: &str, from: i64, to: i64) -> Shift {
    let person = ContactId::new(who).unwrap();
    Shift { from: hour(from), to: hour(to), desk: desk(), person, substitutes: Vec::new() }
}

fn contact(who: &str, phone: &str) -> Contact {
    Contact {
        id: ContactId::new(who).unwrap(),
        name: who.to_owned(),
        organisation: String::new(),
        phones: vec![phone.to_owned()],
        email: None,
        note: String::new(),
        account: None,
    }
}

fn entry(at: Timestamp, act: &str) -> NewAudit {
    let body = serde_json::Value::Null;
    NewAudit { at, by: "王芳".to_owned(), act: act.to_owned(), about: String::new(), body }
}

fn audited(dir: &Path) -> Vec<String> {
    let db = Connection::open(dir.join("ledger.db")).unwrap();
    let mut select = db.prepare("SELECT act FROM audit ORDER BY number").unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn put(ledger: &Ledger, out: &[Shift], put: &[Shift]) -> Written {
    let change = RosterChange { out: out.to_vec(), put: put.to_vec() };
    ledger.change_roster(&change, &entry(hour(0), "roster.change")).unwrap()
}

#[test]
fn a_roster_changes_as_a_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let (li, han, wang) = (shift("li", 8, 20), shift("han", 20, 32), shift("wang", 32, 44));
    assert_eq!(put(&ledger, &[], &[li.clone(), han.clone()]), Written::Yes);
    // Somebody else has changed it meanwhile: one shift is not as it was seen.
    let seen_otherwise = shift("han", 20, 30);
    assert_eq!(
        put(&ledger, &[li.clone(), seen_otherwise], std::slice::from_ref(&wang)),
        Written::Changed
    );
    assert_eq!(put(&ledger, &[], &[wang.clone(), li.clone()]), Written::Changed);
    let all = || ledger.shifts(hour(0), hour(100)).unwrap();
    assert_eq!(all(), [li.clone(), han.clone()]);
    let longer = shift("han", 20, 33);
    assert_eq!(
        put(&ledger, std::slice::from_ref(&han), &[longer.clone(), wang.clone()]),
        Written::Yes
    );
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.shifts(hour(0), hour(100)).unwrap(), [li.clone(), longer.clone(), wang]);
    assert_eq!(ledger.shifts(hour(20), hour(32)).unwrap(), std::slice::from_ref(&longer));
    assert_eq!(ledger.shift(&li.id()).unwrap(), Some(li));
    let history: Vec<_> = ledger.shift_history(&han.id()).unwrap();
    assert_eq!(history, [(hour(0), Some(hour(0)), han), (hour(0), None, longer)]);
    // What was not written is not in the audit either.
    assert_eq!(audited(dir.path()), ["roster.change", "roster.change"]);
}

#[test]
fn the_contact_book_keeps_who_is_needed_to_be_known() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let put_contact = |contact: &Contact| {
        ledger.put_contact(contact, &entry(hour(0), "contact.put")).unwrap();
    };
    put_contact(&contact("li", "1"));
    put_contact(&contact("han", "2"));
    put_contact(&contact("li", "3"));
    assert_eq!(ledger.contacts().unwrap(), [contact("han", "2"), contact("li", "3")]);
    put(&ledger, &[], &[shift("li", 8, 20)]);
    let (li, han) = (ContactId::new("li").unwrap(), ContactId::new("han").unwrap());
    assert!(ledger.contact_is_needed(&li, hour(19)).unwrap());
    assert!(!ledger.contact_is_needed(&li, hour(20)).unwrap());
    assert!(!ledger.contact_is_needed(&han, hour(0)).unwrap());
    let end = |id| ledger.end_contact(id, &entry(hour(1), "contact.end")).unwrap();
    assert_eq!((end(&han), end(&han)), (Written::Yes, Written::Changed));
    assert_eq!(ledger.contacts().unwrap(), [contact("li", "3")]);
    assert_eq!(audited(dir.path()).iter().filter(|act| *act == "contact.end").count(), 1);
}

#[test]
fn who_came_instead_needs_a_shift_and_is_kept_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let li = shift("li", 8, 20);
    let came = |who: &str, from: i64| {
        let person = ContactId::new(who).unwrap();
        Substitution { shift: li.id(), from: hour(from), to: li.to, person }
    };
    let entry = entry(hour(12), "roster.substitute");
    assert_eq!(ledger.put_substitution(&came("han", 12), &entry).unwrap(), Written::Changed);
    put(&ledger, &[], std::slice::from_ref(&li));
    for one in [came("han", 12), came("wang", 10)] {
        assert_eq!(ledger.put_substitution(&one, &entry).unwrap(), Written::Yes);
    }
    assert_eq!(ledger.substitutions(hour(19)).unwrap(), [came("han", 12), came("wang", 10)]);
    assert_eq!(ledger.substitutions(hour(12 + 7 * 24)).unwrap(), []);
    assert!(ledger.contact_is_needed(&ContactId::new("wang").unwrap(), hour(19)).unwrap());
}

#[test]
fn a_hand_over_is_acknowledged_once() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let handover = HandOver {
        number: 0,
        desk: desk(),
        relief_at: hour(20),
        begun_at: hour(19),
        begun_by: "李雷".to_owned(),
        note: "泵 3 检修".to_owned(),
        acknowledged: None,
    };
    let kept = KeptHandOver { handover, summary: serde_json::json!({"open": 2}) };
    let number = ledger.begin_handover(&kept, &entry(hour(19), "handover.begin")).unwrap();
    assert_eq!(number, 1);
    let end = HandOverEnd { at: hour(20), by: "韩梅梅".to_owned(), note: String::new() };
    let done = |number| {
        ledger.end_handover(number, &end, &entry(hour(20), "handover.acknowledge")).unwrap()
    };
    assert_eq!((done(2), done(1), done(1)), (Written::Changed, Written::Yes, Written::Changed));
    let found = ledger.handover(1).unwrap().unwrap();
    assert_eq!(found.handover.acknowledged, Some(end));
    assert_eq!((found.handover.number, &found.summary), (1, &kept.summary));
    assert_eq!(ledger.handovers(hour(20), 10).unwrap(), [found]);
    assert_eq!(ledger.handovers(hour(21), 10).unwrap(), []);
    let acts = ledger.acts_since(hour(20)).unwrap();
    assert_eq!(acts, [("handover.acknowledge".to_owned(), 1)]);
}
