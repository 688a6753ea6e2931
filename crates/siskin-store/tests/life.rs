//! Holds go to disk with their step and stay after their end; what people were called to is read
//! back for the figures of a span.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use siskin_model::{
    ChannelId, Ended, FloodChange, FloodEvent, Hold, HoldEnd, HoldKind, Subject, Timestamp,
    WarningChange, WarningEvent,
};
use siskin_store::ledger::{LifeBefore, LifeEvent, LifeRead, LifeReader};
use siskin_store::{Ledger, LedgerEvent, Step};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn hold(channel: &str, until_ms: i64) -> Hold {
    let subject = Subject::Channel(ChannelId::new(channel).unwrap());
    Hold {
        id: Hold::id_of(HoldKind::OutOfService, &subject, at(1)),
        kind: HoldKind::OutOfService,
        subject,
        tier: None,
        by: "王芳".to_owned(),
        confirmed_by: None,
        reason: "校准".to_owned(),
        work_order: Some("W-1".to_owned()),
        owner: Some("李雷".to_owned()),
        begun_at: at(1),
        until: at(until_ms),
        shelf_ms: None,
        ended: None,
    }
}

fn step(holds: Vec<Hold>, floods: Vec<FloodEvent>) -> Step {
    Step {
        series_seq: 1,
        recorded_at: at(2),
        alarms: Vec::new(),
        warnings: Vec::new(),
        corrections: Vec::new(),
        equipment: Vec::new(),
        holds,
        floods,
        messages: Vec::new(),
        late: Vec::new(),
        audit: Vec::new(),
        pulse: None,
    }
}

#[test]
fn a_hold_is_open_until_it_ends_and_listed_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let (late, soon) = (hold("a", 90), hold("b", 50));
    ledger.commit(&step(vec![late.clone(), soon.clone()], Vec::new())).unwrap();
    assert_eq!(ledger.holds_open().unwrap(), [soon.clone(), late.clone()]);
    let ended = Some(Ended { at: at(50), how: HoldEnd::Expired, by: None });
    let over = Hold { ended, ..soon };
    // A step may be repeated after an error.
    for _ in 0..2 {
        ledger.commit(&step(vec![over.clone()], Vec::new())).unwrap();
    }
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.holds_open().unwrap(), std::slice::from_ref(&late));
    assert_eq!(ledger.holds_all(10).unwrap(), [late, over]);
    assert_eq!(ledger.holds_all(1).unwrap().len(), 1);
}

#[test]
fn a_flood_has_its_place_among_the_events() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let flood = FloodEvent {
        change: FloodChange::Began,
        desk: "control-room".to_owned(),
        at: at(5),
        begun_at: at(5),
        calls: 11,
    };
    let committed = ledger.commit(&step(Vec::new(), vec![flood.clone()])).unwrap();
    assert_eq!(committed.floods, [(1, flood.clone())]);
    assert_eq!(ledger.newest_seq(), 1);
    assert_eq!(ledger.events_after(0, 9).unwrap(), [(1, LedgerEvent::Flood(flood))]);
}

/// What a span gives: places of events, ids of what stood before, and how much was left out.
fn between(ledger: &Ledger, from: i64, to: i64) -> (Vec<u64>, Vec<String>, LifeRead) {
    let (mut seqs, mut stood) = (Vec::new(), Vec::new());
    let read = ledger.life_between(
        (at(from), at(to)),
        &mut |event| match event {
            LifeEvent::Warning(seq, recorded_at, _) | LifeEvent::Equipment(seq, recorded_at, _) => {
                assert_eq!(recorded_at, at(2));
                seqs.push(seq);
            }
            LifeEvent::Flood(flood) => seqs.push(flood.calls),
        },
        &mut |before| match before {
            LifeBefore::Warning(warning) => stood.push(warning.id.to_string()),
            LifeBefore::Equipment(one) => stood.push(one.alarm.rule.to_string()),
        },
    );
    (seqs, stood, read.unwrap())
}

fn raised(id: &str, at_ms: i64) -> WarningEvent {
    let warning = serde_json::json!({
        "id": id, "gas": "chlorine", "area": "yard", "tier": "red", "tier_peak": "red",
        "state": "active-unacknowledged", "raised_at": at_ms, "changed_at": at_ms,
        "returned_at": null, "acknowledged": null, "alarms": [], "channels": [],
        "announced_at": at_ms,
    });
    let warning = serde_json::from_value(warning).unwrap();
    WarningEvent { change: WarningChange::Raised, at: at(at_ms), warning, said: None }
}

#[test]
fn what_people_were_called_to_is_read_page_by_page_without_drills() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let mut first = step(Vec::new(), Vec::new());
    first.warnings = vec![raised("yard.chlorine.early", 50), raised("drill-1.yard.chlorine.x", 60)];
    // More than a page at one moment, with drills among them.
    for n in 0..2_500 {
        let id = format!("yard.chlorine.{n}");
        first.warnings.push(raised(&id, 100 + n / 2_000));
        if n % 10 == 0 {
            first.warnings.push(raised(&format!("drill-2.{id}"), 100));
        }
    }
    ledger.commit(&first).unwrap();
    let flood = |change, at_ms, calls| FloodEvent {
        change,
        desk: "room".to_owned(),
        at: at(at_ms),
        begun_at: at(70),
        calls,
    };
    let floods =
        vec![flood(FloodChange::Began, 70, 900_001), flood(FloodChange::Ended, 100, 900_002)];
    ledger.commit(&step(Vec::new(), floods)).unwrap();

    let (mut seqs, stood, read) = between(&ledger, 100, 101);
    // The flood that had begun, then what lies inside.
    assert_eq!((seqs.remove(0), seqs.pop()), (900_001, Some(900_002)));
    assert_eq!((seqs.len(), stood.as_slice()), (2_000, &["yard.chlorine.early".to_owned()][..]));
    let mut once = seqs.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), seqs.len());
    let expected = LifeRead { events: 2_001, drills: 250, is_too_much: false };
    assert_eq!(read, expected);
    // Beside the station the same is read.
    let reader = LifeReader::open(dir.path()).unwrap();
    let beside = reader.between((at(100), at(101)), &mut |_| {}, &mut |_| {}).unwrap();
    assert_eq!(beside, expected);
}

#[test]
fn equipment_and_floods_are_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let _series = siskin_store::Series::open(dir.path(), &[]).unwrap();
    let equipment = serde_json::json!({
        "change": "raised", "at": 5, "said": null,
        "equipment": {
            "alarm": {
                "rule": "silent", "channel": "a", "kind": "no-data", "tier": null, "since": 5,
                "value": null, "limit": null, "unit": "ppm",
            },
            "state": "active-unacknowledged", "is_active": true, "changed_at": 5,
            "acknowledged": null, "is_owed": false, "shelf": null,
        },
    });
    let begun = FloodEvent {
        change: FloodChange::Began,
        desk: "room".to_owned(),
        at: at(5),
        begun_at: at(5),
        calls: 11,
    };
    let mut written = step(vec![hold("a", 90)], vec![begun]);
    written.series_seq = 0;
    written.equipment = vec![serde_json::from_value(equipment).unwrap()];
    ledger.commit(&written).unwrap();
    drop(ledger);
    let checked = siskin_store::verify::verify(dir.path()).unwrap();
    let damage: Vec<_> = checked.files.iter().flat_map(|file| &file.damage).collect();
    assert!(damage.is_empty(), "{damage:?}");
}
