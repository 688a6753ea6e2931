//! Starts, stops and signatures of a station.

use std::fs;
use std::sync::atomic::{AtomicI64, Ordering};

use siskin_model::Timestamp;
use siskin_store::ledger::{AuditReader, AuditWitness, CHECKPOINTS_FILE};

use super::*;

struct Bench {
    dir: tempfile::TempDir,
    ms: Arc<AtomicI64>,
}

impl Bench {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), ms: Arc::new(AtomicI64::new(1_000)) }
    }

    fn start(&self) -> (Arc<Ledger>, AuditDesk) {
        let ledger = Arc::new(Ledger::open(self.dir.path()).unwrap());
        let ms = Arc::clone(&self.ms);
        let clock: Clock = Arc::new(move || Timestamp::from_millis(ms.load(Ordering::SeqCst)));
        let desk = AuditDesk::open(self.dir.path(), &ledger, &clock);
        let inputs = crate::files::demo_park();
        let texts = SiteTexts { inputs, folder: None, firmware_configs: None };
        desk.started(&texts, true).unwrap();
        (ledger, desk)
    }
}

fn acts(ledger: &Ledger) -> Vec<String> {
    let entries = ledger.audit_entries(&AuditFilter::default(), 100).unwrap();
    entries.into_iter().rev().map(|entry| entry.act).collect()
}

#[test]
fn starts_and_stops_are_told_and_what_ended_without_a_stop_too() {
    let bench = Bench::new();
    let (ledger, desk) = bench.start();
    desk.stopped();
    let first = ["audit.key", "station.start", "configuration.loaded", "station.stop"];
    assert_eq!(acts(&ledger), first);
    drop((ledger, desk));
    for ended in ["\"orderly\"", "\"not-orderly\""] {
        let (ledger, desk) = bench.start();
        let newest = ledger.audit_entries(&AuditFilter::default(), 1).unwrap().remove(0);
        assert_eq!(newest.act, "station.start", "the configuration is the same");
        assert!(newest.body.contains(&format!("\"ended\":{ended}")), "{}", newest.body);
        drop((ledger, desk));
    }
}

#[test]
fn an_orderly_stop_leaves_nothing_unsigned() {
    let bench = Bench::new();
    let (ledger, desk) = bench.start();
    desk.stopped();
    let health = desk.health();
    assert_eq!((health.entries, health.checkpoints, health.failure), (4, 1, None));
    drop((ledger, desk));
    let checked = AuditReader::open(bench.dir.path()).unwrap().check(&AuditWitness::default());
    let checked = checked.unwrap();
    assert!(checked.is_clean(), "{checked:?}");
    assert_eq!((checked.entries, checked.entries_unsigned), (4, 0));
}

#[test]
fn what_waits_for_ten_minutes_is_signed() {
    let bench = Bench::new();
    let (_ledger, desk) = bench.start();
    desk.look();
    assert_eq!(desk.health().checkpoints, 1, "the first one is made at once");
    desk.put("station.start", "", serde_json::Value::Null).unwrap();
    for (ms, checkpoints) in [(600_999, 1), (601_000, 2), (2_000_000, 2)] {
        bench.ms.store(ms, Ordering::SeqCst);
        desk.look();
        assert_eq!(desk.health().checkpoints, checkpoints, "{ms}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_shown_and_mended_without_a_restart() {
    let bench = Bench::new();
    let blocked = bench.dir.path().join(CHECKPOINTS_FILE);
    fs::create_dir(&blocked).unwrap();
    let (ledger, desk) = bench.start();
    let failure = desk.health().failure.unwrap();
    assert!(failure.contains("hint: "), "{failure}");
    assert!(acts(&ledger).contains(&"station.start".to_owned()), "entries are written");
    fs::remove_dir(&blocked).unwrap();
    desk.look();
    assert_eq!((desk.health().failure, desk.health().checkpoints), (None, 1));
}
