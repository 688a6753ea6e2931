//! Incidents from outside: whole or absent, each act in the audit, warnings followed once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::BTreeSet;

use rusqlite::Connection;
use siskin_model::incident::{Act, ActRefused, Incident, IncidentId, Title};
use siskin_model::{
    AreaId, GasId, Text, Tier, Timestamp, Warning, WarningChange, WarningEvent, WarningId,
    WarningState,
};
use siskin_store::Ledger;
use siskin_store::ledger::{ActBy, FollowPolicy, IncidentError, STATION};

const DAY: &str = "park-20260101-";

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(1_767_225_600_000 + ms)
}

fn by(name: &str, ms: i64) -> ActBy<'_> {
    ActBy { by: name, at: at(ms) }
}

fn open() -> Act {
    let (areas, gases) = ([AreaId::new("yard").unwrap()].into(), BTreeSet::new());
    Act::Open { title: "泄漏".to_owned().into(), discovered_at: at(0), areas, gases }
}

fn note(text: &str) -> Act {
    Act::Note { text: text.to_owned() }
}

fn event(id: &str, (area, gas): (&str, &str), tier: Tier, state: WarningState) -> WarningEvent {
    let warning = Warning {
        id: WarningId::from_text(id),
        state,
        ..Warning::begun(&AreaId::new(area).unwrap(), &GasId::new(gas).unwrap(), tier, at(0))
    };
    let is_over = state == WarningState::Normal;
    let change = if is_over { WarningChange::Closed } else { WarningChange::Raised };
    WarningEvent { change, at: at(0), warning, said: None }
}

fn raised(id: &str, place: (&str, &str), tier: Tier) -> WarningEvent {
    event(id, place, tier, WarningState::ActiveUnacknowledged)
}

/// Follows one event of a site whose top tier is red, which opens incidents.
fn follow(ledger: &Ledger, event: &WarningEvent) -> Vec<String> {
    let title = |warning: &Warning| Text::new("警", warning.id.as_str());
    let policy = FollowPolicy { day: DAY, opens_from: Some(Tier::Red), title: &title, now: at(50) };
    let changed = ledger.follow_warnings(std::slice::from_ref(event), 7, policy).unwrap();
    changed.iter().map(ToString::to_string).collect()
}

fn audit(ledger: &Ledger) -> Vec<(String, String, String)> {
    let rows = ledger.audit_between((at(-1), at(1_000_000)), 0).unwrap();
    rows.into_iter().map(|row| (row.entry.act, row.entry.by, row.entry.about)).collect()
}

#[test]
fn every_act_is_an_entry_and_stands_in_the_audit_and_all_are_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let first = ledger.open_incident(DAY, &open(), &[note("a")], by("李雷", 1)).unwrap();
    let second = ledger.open_incident(DAY, &open(), &[], by("李雷", 2)).unwrap();
    assert_eq!((first.id.as_str(), second.id.as_str()), ("park-20260101-1", "park-20260101-2"));
    let after = ledger.act_on_incident(&first.id, &[note("b")], by("韩梅梅", 3), |_| Ok(()));
    assert_eq!(after.unwrap().entries, 3);
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    let entries = ledger.incident_entries(&first.id, 0, 9).unwrap();
    let told: Vec<_> = entries.iter().map(|one| (one.number, one.by.as_str())).collect();
    assert_eq!(told, [(1, "李雷"), (2, "李雷"), (3, "韩梅梅")]);
    assert_eq!(entries[2].act, note("b"));
    assert_eq!(ledger.incident_entries(&first.id, 1, 1).unwrap(), entries[1..2]);
    let names: Vec<_> = audit(&ledger).into_iter().map(|(act, _, about)| (act, about)).collect();
    let expected = [
        ("incident.open", &first.id),
        ("incident.note", &first.id),
        ("incident.open", &second.id),
        ("incident.note", &first.id),
    ];
    assert_eq!(names, expected.map(|(act, id)| (act.to_owned(), id.to_string())));
    let listed: Vec<_> = ledger.incidents(true, 9).unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(listed, [second.id, first.id]);
}

/// The station once wrote both languages into one string.
#[test]
fn an_incident_of_an_older_ledger_keeps_its_title_and_can_be_called_otherwise() {
    let old = "罐区氯红色 / Tank farm: Chlorine, red";
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    follow(&ledger, &raised("w1", ("yard", "chlorine"), Tier::Red));
    let id = ledger.incidents(true, 9).unwrap()[0].id.clone();
    drop(ledger);
    let db = Connection::open(dir.path().join("ledger.db")).unwrap();
    for (table, title) in [("incident", "$.title"), ("incident_entry", "$.act.title")] {
        let sql = format!(
            "UPDATE {table} SET body = json_set(body, '{title}', ?1)
             WHERE json_type(body, '{title}') = 'object'"
        );
        assert_eq!(db.execute(&sql, [old]).unwrap(), 1, "{table}");
    }
    drop(db);
    let ledger = Ledger::open(dir.path()).unwrap();
    let incident = ledger.incidents(true, 9).unwrap().remove(0);
    assert_eq!(incident.title, Title::Said(old.to_owned()));
    let entries = ledger.incident_entries(&id, 0, 9).unwrap();
    let Act::Open { title, .. } = &entries[0].act else { panic!("{entries:?}") };
    assert_eq!(title.to_string(), old);
    let named = Some("三号阀泄漏".to_owned());
    let change = Act::Change { title: named, discovered_at: None, figures: None };
    let after = ledger.act_on_incident(&id, &[change], by("李雷", 3), |_| Ok(())).unwrap();
    assert_eq!(after.title.text(), Text::new("三号阀泄漏", "三号阀泄漏"));
}

#[test]
fn what_is_refused_changes_nothing_and_is_not_in_the_audit() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let incident = ledger.open_incident(DAY, &open(), &[], by("李雷", 1)).unwrap();
    let check = |id: &IncidentId, act: &Act, refuse: bool| {
        let check = |_: &Incident| if refuse { Err(ActRefused::Closed) } else { Ok(()) };
        let error = ledger
            .act_on_incident(id, std::slice::from_ref(act), by("李雷", 2), check)
            .unwrap_err();
        assert!(error.to_string().contains("hint: "), "{error}");
        assert_eq!(ledger.incident(&incident.id).unwrap().unwrap(), incident);
        assert_eq!(audit(&ledger).len(), 1);
        error
    };
    let strange = IncidentId::from_text("park-20260101-9");
    assert!(matches!(check(&strange, &note("a"), false), IncidentError::NotFound(_)));
    assert!(matches!(check(&incident.id, &note("a"), true), IncidentError::Refused(_)));
    assert!(matches!(check(&incident.id, &open(), false), IncidentError::Refused(_)));
    let done = Act::TaskDone { task: 1, note: String::new() };
    check(&incident.id, &done, false);
    // The first of two fails with the second: neither the incident nor its number is used.
    let refused = ledger.open_incident(DAY, &open(), &[done], by("李雷", 3)).unwrap_err();
    assert!(matches!(refused, IncidentError::Refused(ActRefused::NoTask(1))), "{refused}");
    let next = ledger.open_incident(DAY, &open(), &[], by("李雷", 4)).unwrap();
    assert_eq!(next.id.as_str(), "park-20260101-2");
}

#[test]
fn a_top_tier_warning_opens_an_incident_once_and_others_join_it() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let red = raised("w1", ("yard", "chlorine"), Tier::Red);
    assert_eq!(ledger.incident_mark().unwrap(), 0);
    assert_eq!(follow(&ledger, &raised("w0", ("yard", "ammonia"), Tier::Orange)), [""; 0]);
    assert_eq!(follow(&ledger, &red), ["park-20260101-1"]);
    assert_eq!(ledger.incident_mark().unwrap(), 7);
    drop(ledger);
    // A restart before the mark was written follows it again.
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(follow(&ledger, &red), [""; 0]);
    let check = |event: &WarningEvent, expected: &[&str]| {
        assert_eq!(follow(&ledger, event), expected, "{}", event.warning.id);
    };
    check(&raised("w2", ("yard", "ammonia"), Tier::Yellow), &["park-20260101-1"]);
    check(&raised("w3", ("jetty", "chlorine"), Tier::Blue), &["park-20260101-1"]);
    check(&raised("w4", ("gate", "phosgene"), Tier::Orange), &[]);
    check(&raised("w5", ("gate", "chlorine"), Tier::Red), &["park-20260101-2"]);
    check(
        &event("w2", ("yard", "ammonia"), Tier::Yellow, WarningState::Normal),
        &["park-20260101-1"],
    );
    check(&event("w2", ("yard", "ammonia"), Tier::Yellow, WarningState::Normal), &[]);
    check(&event("w9", ("yard", "ammonia"), Tier::Red, WarningState::Normal), &[]);
    let first = ledger.incident(&IncidentId::from_text("park-20260101-1")).unwrap().unwrap();
    let warnings: Vec<_> = first.warnings.iter().map(|(id, over)| (id.as_str(), *over)).collect();
    assert_eq!(warnings, [("w1", false), ("w2", true), ("w3", false)]);
    assert_eq!((first.opened_by.as_str(), first.title.text()), (STATION, Text::new("警", "w1")));
    assert_eq!((first.areas.len(), first.gases.len(), first.entries), (2, 2, 5));
    assert!(audit(&ledger).iter().all(|(_, by, _)| by == STATION));
}

#[test]
fn a_warning_is_in_one_incident_and_does_not_open_a_second_one_after_a_closure() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let red = raised("w1", ("yard", "chlorine"), Tier::Red);
    follow(&ledger, &red);
    let id = ledger.incident_of(&red.warning.id).unwrap().unwrap();
    let join = Act::Join {
        warning: red.warning.id.clone(),
        area: red.warning.area.clone(),
        gas: red.warning.gas.clone(),
        tier: Tier::Red,
    };
    let taken = ledger.open_incident(DAY, &open(), &[join], by("李雷", 9)).unwrap_err();
    assert!(matches!(&taken, IncidentError::Taken { incident, .. } if *incident == id), "{taken}");
    let text = || "a".to_owned();
    let close = Act::Close { cause: text(), lessons: text(), unmet: [].into() };
    ledger.act_on_incident(&id, &[close], by("李雷", 9), |_| Ok(())).unwrap();
    assert!(ledger.incidents(true, 9).unwrap().is_empty());
    assert_eq!(follow(&ledger, &red), [""; 0]);
    let again = raised("w2", ("yard", "chlorine"), Tier::Red);
    assert_eq!(follow(&ledger, &again), ["park-20260101-2"]);
}

#[test]
fn warnings_of_a_ledger_that_knew_no_incidents_open_none_later() {
    let dir = tempfile::tempdir().unwrap();
    drop(Ledger::open(dir.path()).unwrap());
    let db = Connection::open(dir.path().join("ledger.db")).unwrap();
    // The fourth format is this one without the tables that came with the fifth.
    let mut select = db
        .prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'
             AND name NOT IN ('event', 'rule_version', 'shadow', 'shadow_event', 'alarm',
             'warning', 'mark') AND name NOT LIKE 'edge%'",
        )
        .unwrap();
    let later: Vec<String> =
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(later.iter().any(|name| name == "incident_mark"), "{later:?}");
    drop(select);
    db.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for name in later {
        db.execute(&format!("DROP TABLE {name}"), []).unwrap();
    }
    // Nor did a warning say whether it is of a drill.
    let column = "DROP INDEX warning_exercise; ALTER TABLE warning DROP COLUMN exercise";
    db.execute_batch(column).unwrap();
    db.execute(
        "INSERT INTO event (seq, recorded_at, kind, change, at, warning, body)
         VALUES (41, 0, 'warning', 'raised', 0, 'w', '{}')",
        [],
    )
    .unwrap();
    db.pragma_update(None, "user_version", 4).unwrap();
    drop(db);
    assert_eq!(Ledger::open(dir.path()).unwrap().incident_mark().unwrap(), 41);
}
