//! Holds go to disk with their step and stay after their end.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use siskin_model::{
    ChannelId, Ended, FloodChange, FloodEvent, Hold, HoldEnd, HoldKind, Subject, Timestamp,
};
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
