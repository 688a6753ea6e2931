//! What the ledger keeps of edge gateways: ranges by spool, gaps once, clocks up to a limit, and a
//! file of the format before it knew any.

#![allow(clippy::single_range_in_vec_init, reason = "a list of one range")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use rusqlite::Connection;
use siskin_model::{ChannelId, Edge, RuleId, Tier, Timestamp, WarningId};
use siskin_store::Ledger;
use siskin_store::ledger::{EDGE_CLOCKS_MAX, EdgeAlarmEvent, EdgeClock, EdgeGap};

fn gap(first: u64) -> EdgeGap {
    EdgeGap {
        edge: "gw-1".to_owned(),
        spool: "a".to_owned(),
        seqs: first..first + 10,
        readings: 500,
        from: Timestamp::from_millis(1_000),
        to: Timestamp::from_millis(9_000),
        why: "drop-oldest".to_owned(),
        told_at: Timestamp::from_millis(10_000),
    }
}

#[test]
fn ranges_belong_to_a_spool_and_outlive_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.edge_committed("gw-1", "a").unwrap(), []);
    ledger.put_edge_committed("gw-1", "a", &[1..4, 7..9]).unwrap();
    ledger.put_edge_committed("gw-2", "a", std::slice::from_ref(&(1..2))).unwrap();
    ledger.put_edge_committed("gw-1", "a", std::slice::from_ref(&(1..9))).unwrap();
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.edge_committed("gw-1", "a").unwrap(), [1..9]);
    assert_eq!(ledger.edge_committed("gw-1", "b").unwrap(), [], "a new spool begins anew");
    assert_eq!(ledger.edge_committed("gw-2", "a").unwrap(), [1..2]);
}

#[test]
fn a_gap_that_is_told_again_is_one_gap() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    assert!(ledger.put_edge_gap(&gap(5)).unwrap());
    let again = EdgeGap { told_at: Timestamp::from_millis(77_000), ..gap(5) };
    assert!(!ledger.put_edge_gap(&again).unwrap());
    assert!(ledger.put_edge_gap(&gap(15)).unwrap());
    assert_eq!(ledger.edge_gaps("gw-1", 9).unwrap(), [gap(15), gap(5)]);
    assert_eq!(ledger.edge_gaps("gw-1", 1).unwrap(), [gap(15)]);
    assert_eq!(ledger.edge_gap_totals("gw-1").unwrap(), (2, 1_000));
    assert_eq!(ledger.edge_gap_totals("gw-2").unwrap(), (0, 0));
}

#[test]
fn a_gap_that_has_grown_is_not_counted_twice() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    assert!(ledger.put_edge_gap(&gap(5)).unwrap());
    let grown = EdgeGap { seqs: 5..40, readings: 1_700, ..gap(5) };
    assert!(ledger.put_edge_gap(&grown).unwrap());
    assert_eq!(ledger.edge_gaps("gw-1", 9).unwrap(), std::slice::from_ref(&grown));
    assert_eq!(ledger.edge_gap_totals("gw-1").unwrap(), (1, 1_700));
    // Another cause is another loss, and so is each loss without numbers.
    let other = EdgeGap { why: "thinned".to_owned(), ..gap(10) };
    assert!(ledger.put_edge_gap(&other).unwrap());
    let unnumbered = |ms| EdgeGap { seqs: 20..20, from: Timestamp::from_millis(ms), ..gap(5) };
    assert!(ledger.put_edge_gap(&unnumbered(1)).unwrap());
    assert!(ledger.put_edge_gap(&unnumbered(2)).unwrap());
    assert_eq!(ledger.edge_gap_totals("gw-1").unwrap(), (4, 3_200));
}

fn alarm(channel: &str, change: Edge, at_ms: i64) -> EdgeAlarmEvent {
    EdgeAlarmEvent {
        edge: "gw-1".to_owned(),
        warning: WarningId::from_text("tank-farm.chlorine.20260101T000000.123Z"),
        channel: ChannelId::new(channel).unwrap(),
        rule: RuleId::new("chlorine-red").unwrap(),
        tier: Tier::Red,
        change,
        at: Timestamp::from_millis(at_ms),
        value: Some(0.1 + 0.2),
        told_at: Timestamp::from_millis(99_000),
    }
}

#[test]
fn what_a_gateway_raised_for_itself_is_kept_once_and_known_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let events = [
        alarm("a", Edge::Raise, 1_000),
        alarm("b", Edge::Raise, 2_000),
        alarm("a", Edge::Clear, 3_000),
        alarm("c", Edge::Raise, 4_000),
        // Ended and begun anew in the same moment; told in either order, it is over.
        alarm("d", Edge::Clear, 5_000),
        alarm("d", Edge::Raise, 5_000),
        alarm("a", Edge::Raise, 6_000),
    ];
    for event in &events {
        assert!(ledger.put_edge_alarm(event).unwrap());
        let again = EdgeAlarmEvent { told_at: Timestamp::from_millis(111_000), ..event.clone() };
        assert!(!ledger.put_edge_alarm(&again).unwrap());
    }
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    let newest = ledger.edge_alarms("gw-1", 3).unwrap();
    assert_eq!(newest, [events[6].clone(), events[5].clone(), events[4].clone()]);
    let active = ledger.edge_alarms_active("gw-1", 9).unwrap();
    assert_eq!(active, [events[1].clone(), events[3].clone(), events[6].clone()]);
    assert_eq!(ledger.edge_alarms_active("gw-2", 9).unwrap(), []);
}

#[test]
fn the_newest_clocks_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let more = 7;
    let total = i64::try_from(EDGE_CLOCKS_MAX).unwrap() + more;
    for n in 1..=total {
        let at = Timestamp::from_millis(n);
        ledger.put_edge_clock("gw-1", EdgeClock { at, skew_ms: -n, round_ms: 2 }).unwrap();
    }
    let kept = ledger.edge_clocks("gw-1", usize::MAX).unwrap();
    assert_eq!(kept.len() as u64, EDGE_CLOCKS_MAX);
    assert_eq!((kept[0].skew_ms, kept.last().unwrap().skew_ms), (-total, -more - 1));
}

#[test]
fn a_ledger_of_the_second_format_learns_of_gateways_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    ledger.set_mark(78);
    ledger.flush_mark().unwrap();
    drop(ledger);
    // The second format is this one without the tables that came later.
    let db = Connection::open(dir.path().join("ledger.db")).unwrap();
    let later = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'
        AND name NOT IN ('event', 'rule_version', 'shadow', 'shadow_event', 'alarm', 'warning',
        'mark')";
    let names: Vec<String> = {
        let mut select = db.prepare(later).unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert!(names.len() > 4, "{names:?}");
    db.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for name in names {
        db.execute(&format!("DROP TABLE {name}"), []).unwrap();
    }
    // Nor did a warning say whether it is of a drill.
    let column = "DROP INDEX warning_exercise; ALTER TABLE warning DROP COLUMN exercise";
    db.execute_batch(column).unwrap();
    db.pragma_update(None, "user_version", 2).unwrap();
    drop(db);
    for _ in 0..2 {
        let ledger = Ledger::open(dir.path()).unwrap();
        assert_eq!(ledger.mark(), 78);
        ledger.put_edge_committed("gw-1", "a", std::slice::from_ref(&(1..2))).unwrap();
        assert_eq!(ledger.edge_committed("gw-1", "a").unwrap(), [1..2]);
    }
}
