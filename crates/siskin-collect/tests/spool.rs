//! The spool against a plain list: appends, acknowledgements, kills that cut the file at any byte,
//! and limits. Cases are random; proptest prints the seed of one that fails.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use siskin_collect::spool::{Cursor, Policy, Room, SPOOL_BYTES_MIN, Spool, SpoolSettings};
use siskin_model::{ChannelId, Quality, Timestamp};
use siskin_wire::link::{GapCause, Row, SeqRange, columns};

const ALL: Room = Room { live: usize::MAX, backlog: usize::MAX, backlog_bytes: usize::MAX };

fn settings(folder: &Path, policy: Policy) -> SpoolSettings {
    SpoolSettings {
        folder: folder.to_owned(),
        bytes_max: SPOOL_BYTES_MIN,
        policy,
        channels: vec![ChannelId::new("a").unwrap(), ChannelId::new("b").unwrap()],
        highs: BTreeMap::from([(ChannelId::new("b").unwrap(), 900.0)]),
        entropy: 7,
    }
}

/// A batch whose first stamp says which one it is.
fn batch(id: i64, size: usize) -> Vec<Row> {
    let row = |i: i64| {
        let at = Timestamp::from_millis(id * 1_000_000 + i * 997);
        let value = Some(((id * 31 + i * 7_919) % 1_000) as f64 + 0.1 * i as f64);
        let channel = u32::from(i % 2 == 1);
        Row {
            channel,
            measured_at: at,
            received_at: at.plus_ms(i % 90),
            value,
            quality: Quality::Good,
        }
    };
    (0..i64::try_from(size).unwrap()).map(row).collect()
}

/// Everything that can still be sent, by number.
fn held(spool: &Spool) -> BTreeMap<u64, Vec<Row>> {
    let turn = spool.take(&mut Cursor::default(), ALL).unwrap();
    let rows =
        turn.into_iter().map(|(_, record)| (record.seq, columns::decode(&record.batch).unwrap()));
    rows.collect()
}

fn newest_file(folder: &Path) -> std::path::PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    files.filter(|p| p.extension().is_some_and(|e| e == "seg" || e == "thin")).max().unwrap()
}

#[derive(Debug, Clone)]
enum Act {
    Append(usize),
    Sync,
    Ack(u64, u64),
    /// Ended by force; of what was not synced this share is on disk.
    Kill(u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0usize..60).prop_map(Act::Append),
        3 => Just(Act::Sync),
        2 => (0u64..40, 1u64..20).prop_map(|(from, n)| Act::Ack(from, n)),
        1 => any::<u8>().prop_map(Act::Kill),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_was_synced_is_there_until_acknowledged_and_no_number_is_used_twice(
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(settings(folder.path(), Policy::DropOldest)).unwrap();
        let mut written: BTreeMap<u64, Vec<Row>> = BTreeMap::new();
        let mut ever: BTreeMap<u64, Vec<Row>> = BTreeMap::new();
        let (mut durable, mut acked) = (BTreeSet::new(), BTreeSet::new());
        let (mut synced_len, mut id) = (fs::metadata(newest_file(folder.path())).unwrap().len(), 0);
        for act in acts {
            match act {
                Act::Append(size) => {
                    let rows = batch(id, size);
                    id += 1;
                    let seq = spool.append(&rows).unwrap();
                    written.insert(seq, rows);
                }
                Act::Sync => {
                    spool.sync().unwrap();
                    synced_len = fs::metadata(newest_file(folder.path())).unwrap().len();
                    durable.extend(written.keys().copied());
                    for (seq, rows) in std::mem::take(&mut written) {
                        prop_assert!(ever.insert(seq, rows).is_none(), "{} used twice", seq);
                    }
                }
                Act::Ack(from, n) => {
                    let until = (from + n).min(durable.last().map_or(0, |last| last + 1));
                    if from < until {
                        spool.acknowledge(&[SeqRange { from, until }]).unwrap();
                        acked.extend((from..until).filter(|seq| durable.contains(seq)));
                    }
                }
                Act::Kill(share) => {
                    drop(spool);
                    let path = newest_file(folder.path());
                    let length = fs::metadata(&path).unwrap().len();
                    let torn = length.saturating_sub(synced_len);
                    let keep = synced_len.min(length) + torn * u64::from(share) / 255;
                    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(keep).unwrap();
                    spool = Spool::open(settings(folder.path(), Policy::DropOldest)).unwrap();
                    // What was written and not synced may be there or not, but only as it was.
                    let found = held(&spool);
                    for (seq, rows) in std::mem::take(&mut written) {
                        match found.get(&seq) {
                            Some(same) => {
                                prop_assert_eq!(same, &rows);
                                durable.insert(seq);
                                ever.insert(seq, rows);
                            }
                            None => prop_assert!(!durable.contains(&seq)),
                        }
                    }
                    // Opening syncs.
                    synced_len = fs::metadata(newest_file(folder.path())).unwrap().len();
                }
            }
            let found = held(&spool);
            for (seq, rows) in &found {
                prop_assert_eq!(Some(rows), ever.get(seq), "batch {}", seq);
            }
            let deleted = spool.first_seq();
            for seq in durable.iter().filter(|seq| !acked.contains(*seq) && **seq >= deleted) {
                prop_assert!(found.contains_key(seq), "batch {} is lost", seq);
            }
        }
    }
}

/// Fills a spool with five times its limit.
fn overfilled(folder: &Path, policy: Policy) -> (Spool, BTreeMap<u64, Vec<Row>>) {
    let mut spool = Spool::open(settings(folder, policy)).unwrap();
    let mut all = BTreeMap::new();
    let mut bytes = 0;
    for id in 0.. {
        let rows = batch(id, 400);
        bytes += columns::encode(&rows).unwrap().len() as u64;
        all.insert(spool.append(&rows).unwrap(), rows);
        spool.sync().unwrap();
        assert!(spool.bytes() <= SPOOL_BYTES_MIN, "{} bytes", spool.bytes());
        if bytes > 5 * SPOOL_BYTES_MIN {
            break;
        }
    }
    (spool, all)
}

#[test]
fn at_the_limit_the_oldest_go_and_every_lost_reading_is_counted_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, all) = overfilled(folder.path(), Policy::DropOldest);
    let found = held(&spool);
    let lost: usize =
        all.iter().filter(|(seq, _)| !found.contains_key(seq)).map(|(_, r)| r.len()).sum();
    assert!(lost > 0 && found.contains_key(all.last_key_value().unwrap().0));
    assert_eq!(spool.report().dropped, lost as u64);
    let gaps = spool.gaps().to_vec();
    assert_eq!(gaps.iter().map(|g| g.readings).sum::<u64>(), lost as u64);
    assert!(gaps.iter().all(|g| g.why == GapCause::SpoolFull && g.until_seq <= spool.first_seq()));
    drop(spool);
    // Told again after a restart, until the station has settled them.
    let mut spool = Spool::open(settings(folder.path(), Policy::DropOldest)).unwrap();
    assert_eq!((spool.gaps(), held(&spool)), (gaps.as_slice(), found));
    // A station that has the newest batch knows nothing of the loss yet.
    let (from, until) = (spool.next_seq() - 1, spool.next_seq());
    spool.acknowledge(&[]).unwrap();
    spool.acknowledge(&[SeqRange { from, until }]).unwrap();
    assert_eq!(spool.gaps(), gaps.as_slice());
    let settled = SeqRange { from: 0, until: spool.first_seq() };
    spool.acknowledge(&[settled]).unwrap();
    assert!(spool.gaps().is_empty());
}

#[test]
fn thinning_keeps_what_exceeds_and_tells_what_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, all) = overfilled(folder.path(), Policy::Thin);
    let report = spool.report();
    assert!(report.thinned > 0, "{report:?}");
    let found = held(&spool);
    let count = |all: &BTreeMap<u64, Vec<Row>>| all.values().map(Vec::len).sum::<usize>() as u64;
    assert_eq!(count(&all) - count(&found), report.thinned + report.dropped);
    for (seq, rows) in &found {
        let exceeding = |rows: &[Row]| {
            rows.iter()
                .filter(|r| r.channel == 1 && r.value >= Some(900.0))
                .copied()
                .collect::<Vec<_>>()
        };
        assert_eq!(exceeding(rows), exceeding(&all[seq]), "batch {seq}");
    }
    drop(spool);
    let spool = Spool::open(settings(folder.path(), Policy::Thin)).unwrap();
    assert_eq!(held(&spool), found);
    assert_eq!(spool.report().thinned, report.thinned);
}

#[test]
fn a_copy_from_the_past_uses_no_number_that_the_station_knows() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(settings(folder.path(), Policy::DropOldest)).unwrap();
    spool.append(&batch(0, 3)).unwrap();
    spool.acknowledge(&[SeqRange { from: 0, until: 90 }]).unwrap();
    assert_eq!(spool.append(&batch(1, 3)).unwrap(), 90);
    spool.sync().unwrap();
    assert_eq!(held(&spool).into_keys().collect::<Vec<_>>(), [90]);
}
