//! What was done to devices is on disk with its audit entry, and the newest of each kind is found.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::path::Path;

use rusqlite::Connection;
use siskin_model::{ChannelId, Maintenance, MaintenanceKind, Timestamp};
use siskin_store::Ledger;
use siskin_store::ledger::{NewAudit, ROWS_MAX};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn channel(id: &str) -> ChannelId {
    ChannelId::new(id).unwrap()
}

fn work(id: &str, kind: MaintenanceKind, ms: i64, due_ms: Option<i64>) -> Maintenance {
    Maintenance {
        channel: channel(id),
        kind,
        at: at(ms),
        by: "wang".to_owned(),
        made_at: at(ms + 1),
        standard: Some(5.0),
        before: Some(4.6),
        after: Some(5.01),
        next_due: due_ms.map(at),
        note: "换了滤芯".to_owned(),
    }
}

fn put(ledger: &Ledger, made: &Maintenance) -> u64 {
    let entry = NewAudit {
        at: made.made_at,
        by: made.by.clone(),
        act: "maintenance.put".to_owned(),
        about: made.channel.to_string(),
        body: serde_json::to_value(made).unwrap(),
    };
    ledger.put_maintenance(made, &entry).unwrap()
}

fn acts(dir: &Path) -> Vec<String> {
    let db = Connection::open(dir.join("ledger.db")).unwrap();
    let mut select = db.prepare("SELECT about FROM audit ORDER BY number").unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn the_newest_work_counts_and_all_of_it_stays() {
    use MaintenanceKind::{BumpTest, Calibration};
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let first = work("a", Calibration, 10, Some(100));
    // Written later, done earlier: somebody makes up for what was forgotten.
    let older = work("a", Calibration, 5, Some(50));
    let bump = work("a", BumpTest, 7, None);
    let other = work("b", Calibration, 1, Some(2));
    // At one moment: the one that was written later corrects the other.
    let again = Maintenance { next_due: Some(at(3)), ..other.clone() };
    for (number, made) in [&first, &older, &bump, &other, &again].into_iter().enumerate() {
        assert_eq!(put(&ledger, made), number as u64 + 1);
    }
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    let of = |id: &str, limit| ledger.maintenance(&channel(id), limit).unwrap();
    assert_eq!(of("a", 10), [(1, first.clone()), (3, bump.clone()), (2, older)]);
    assert_eq!(of("a", 1), [(1, first.clone())]);
    assert_eq!(of("nothing", 10), []);
    let newest = ledger.maintenance_newest(ROWS_MAX).unwrap();
    assert_eq!(newest, [(3, bump), (1, first), (5, again)]);
    assert_eq!(acts(dir.path()), ["a", "a", "a", "b", "b"]);
}

#[test]
fn a_ledger_without_a_log_gets_one() {
    let dir = tempfile::tempdir().unwrap();
    drop(Ledger::open(dir.path()).unwrap());
    let db = Connection::open(dir.path().join("ledger.db")).unwrap();
    db.execute_batch("DROP TABLE maintenance; PRAGMA user_version = 6;").unwrap();
    drop(db);
    let ledger = Ledger::open(dir.path()).unwrap();
    let made = work("a", MaintenanceKind::Repair, 10, None);
    assert_eq!(put(&ledger, &made), 1);
    assert_eq!(ledger.maintenance_newest(ROWS_MAX).unwrap(), [(1, made)]);
}
