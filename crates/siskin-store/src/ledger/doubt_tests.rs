//! A commit that is on disk and reports an error, by SQLite's own means.

use rusqlite::ffi;
use siskin_model::{
    Alarm, AlarmEvent, AlarmKind, ChannelId, Edge, Equipment, EquipmentEvent, FloodChange,
    FloodEvent, RuleId, Said, Timestamp, Unit, WarningChange, WarningState,
};

use super::*;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn alarm() -> Alarm {
    Alarm {
        rule: RuleId::new("no-data").unwrap(),
        channel: ChannelId::new("a").unwrap(),
        kind: AlarmKind::NoData,
        tier: None,
        since: at(1),
        value: None,
        limit: Some(3.0),
        unit: Unit::Ppm,
        forecast: None,
    }
}

fn equipment(change: WarningChange) -> EquipmentEvent {
    let equipment = Equipment {
        alarm: alarm(),
        state: WarningState::ActiveUnacknowledged,
        is_active: true,
        changed_at: at(1),
        acknowledged: None,
        is_owed: false,
        shelf: None,
    };
    let said = Some(Said { by: "王芳".to_owned(), note: "看过".to_owned() });
    EquipmentEvent { change, at: at(1), equipment, said }
}

/// An act on equipment while a flood begins.
fn step() -> Step {
    let flood = FloodEvent {
        change: FloodChange::Began,
        desk: "north".to_owned(),
        at: at(1),
        begun_at: at(1),
        calls: 11,
    };
    let entry = NewAudit {
        at: at(1),
        by: "王芳".to_owned(),
        act: "warning.comment".to_owned(),
        about: "no-data.a".to_owned(),
        body: serde_json::json!({ "note": "看过" }),
    };
    Step {
        series_seq: 1,
        recorded_at: at(1),
        alarms: vec![AlarmEvent { edge: Edge::Raise, at: at(1), alarm: alarm() }],
        warnings: Vec::new(),
        corrections: Vec::new(),
        equipment: vec![equipment(WarningChange::Raised), equipment(WarningChange::Commented)],
        holds: Vec::new(),
        floods: vec![flood],
        messages: Vec::new(),
        late: Vec::new(),
        audit: vec![entry],
        pulse: None,
    }
}

/// From now on commits are written and fail.
fn fail(ledger: &Ledger) {
    let full = |_: &mut rusqlite::hooks::Wal, _| {
        Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), None))
    };
    ledger.file.writer().wal_hook(Some(full)).unwrap();
}

fn mend(ledger: &Ledger) {
    type Hook = fn(&mut rusqlite::hooks::Wal, std::ffi::c_int) -> rusqlite::Result<()>;
    ledger.file.writer().wal_hook(None::<Hook>).unwrap();
}

fn audit_count(ledger: &Ledger) -> u64 {
    let sql = "SELECT count(*) FROM audit";
    ledger.file.reader().query_row(sql, [], |row| crate::file::natural(row, 0)).unwrap()
}

#[test]
fn what_a_failed_commit_wrote_stands_once_and_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    fail(&ledger);
    ledger.commit(&step()).unwrap_err();
    assert_eq!(ledger.events_after(0, 9).unwrap().len(), 4, "it is on disk all the same");
    assert_eq!(ledger.newest_seq(), 0, "and nobody knows");
    // A second failure in a row, with what followed meanwhile.
    let mut more = step();
    more.equipment.push(equipment(WarningChange::Commented));
    more.audit.extend(step().audit);
    ledger.commit(&more).unwrap_err();
    mend(&ledger);
    let committed = ledger.commit(&more).unwrap();
    let told: Vec<u64> = committed.equipment.iter().map(|(seq, _)| *seq).collect();
    assert_eq!((committed.alarms[0].0, told, committed.floods[0].0), (1, vec![2, 3, 5], 4));
    assert_eq!(ledger.events_after(0, 9).unwrap().len(), 5);
    assert_eq!((ledger.newest_seq(), audit_count(&ledger)), (5, 2));
    // What is not in doubt any more is another one.
    let again = Step { alarms: Vec::new(), ..step() };
    assert_eq!(ledger.commit(&again).unwrap().equipment.len(), 2);
    assert_eq!(audit_count(&ledger), 3);
}
