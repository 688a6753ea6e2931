//! The questions of the table of alarms go by their indexes, also in a file from before them.

use rusqlite::Connection;

use super::Ledger;

fn plan(db: &Connection, sql: &str) -> String {
    let mut select = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let lines = select.query_map([], |row| row.get::<_, String>(3)).unwrap();
    lines.map(Result::unwrap).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_ledger_from_before_gets_the_indexes_when_it_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let before = "DROP INDEX alarm_begun; DROP INDEX warning_place;";
    ledger.file.writer().execute_batch(before).unwrap();
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    let db = ledger.file.reader();
    let newest = plan(&db, "SELECT body FROM alarm WHERE raised_at < 5 ORDER BY raised_at DESC");
    assert!(newest.contains("alarm_begun"), "{newest}");
    let place = plan(
        &db,
        "SELECT body FROM warning WHERE area = 'a' AND gas = 'g' AND raised_at <= 5
         ORDER BY raised_at DESC LIMIT 1",
    );
    assert!(place.contains("warning_place") && !place.contains("TEMP B-TREE"), "{place}");
}

#[test]
fn nothing_open_has_no_oldest() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.oldest_open().unwrap(), None);
}
