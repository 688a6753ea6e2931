//! What is lost is counted once: with a disk that fails in the middle, and a station that notes
//! late.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use siskin_model::{ChannelId, Quality, Timestamp};
use siskin_wire::link::{Gap, GapCause, Row, SeqRange};

use super::*;

const ALL: Room = Room { live: usize::MAX, backlog: usize::MAX, backlog_bytes: usize::MAX };

fn open(folder: &Path, policy: Policy) -> Spool {
    let settings = SpoolSettings {
        folder: folder.to_owned(),
        bytes_max: SPOOL_BYTES_MIN,
        policy,
        channels: vec![ChannelId::new("a").unwrap()],
        highs: BTreeMap::new(),
        entropy: 7,
    };
    Spool::open(settings).unwrap()
}

fn rows(from: i64, size: i64) -> Vec<Row> {
    let row = |n: i64| {
        let at = Timestamp::from_millis(n * 997);
        let value = Some(((n * 7_919) % 1_000) as f64 + 0.1 * n as f64);
        Row { channel: 0, measured_at: at, received_at: at, value, quality: Quality::Good }
    };
    (from..from + size).map(row).collect()
}

fn told(spool: &Spool) -> u64 {
    spool.gaps().iter().map(|gap| gap.readings).sum()
}

#[test]
fn what_the_disk_never_took_gets_a_number_with_the_next_write_and_is_told_until_it_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path(), Policy::DropOldest);
    spool.append(&rows(0, 5)).unwrap();
    spool.sync().unwrap();
    spool.lost_unwritten(&rows(5, 20));
    spool.lost_unwritten(&rows(25, 10));
    assert_eq!((spool.report().dropped, spool.gaps()), (30, [].as_slice()));
    // Also over a restart.
    spool.sync().unwrap();
    drop(spool);
    let mut spool = open(folder.path(), Policy::DropOldest);
    assert_eq!(spool.append(&rows(35, 1)).unwrap(), 2, "1 stands for what is lost");
    assert_eq!(spool.gaps_to_tell(), [], "a crash now would give it another number");
    spool.sync().unwrap();
    let (why, from_ms, to_ms) = (GapCause::DiskFull, 5 * 997, 34 * 997);
    let gap = Gap { from_seq: 1, until_seq: 2, readings: 30, from_ms, to_ms, why };
    assert_eq!(spool.gaps_to_tell(), std::slice::from_ref(&gap));
    let sent = spool.take(&mut Cursor::default(), ALL).unwrap();
    let mut sent: Vec<_> = sent.iter().map(|(_, r)| (r.seq, r.readings)).collect();
    sent.sort_unstable();
    assert_eq!(sent, [(0, 5), (1, 0), (2, 1)], "its number comes like any other");
    // That its batch is there says nothing of the loss.
    spool.acknowledge(&[SeqRange { from: 0, until: 3 }]).unwrap();
    drop(spool);
    let mut spool = open(folder.path(), Policy::DropOldest);
    assert_eq!(spool.gaps_to_tell(), std::slice::from_ref(&gap));
    spool.noted(&gap);
    spool.sync().unwrap();
    drop(spool);
    assert_eq!(open(folder.path(), Policy::DropOldest).gaps(), []);
}

#[test]
fn a_segment_that_cannot_be_deleted_is_counted_once_when_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path(), Policy::DropOldest);
    spool.append(&rows(0, 50)).unwrap();
    spool.rotate().unwrap();
    let path = spool.closed[0].path.clone();
    let whole = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    for _ in 0..3 {
        spool.give_way().unwrap_err();
        assert_eq!((spool.report().dropped, told(&spool)), (0, 0));
    }
    fs::remove_dir(&path).unwrap();
    fs::write(&path, whole).unwrap();
    assert!(spool.give_way().unwrap());
    assert_eq!((spool.report().dropped, told(&spool)), (50, 50));
}

#[test]
fn a_segment_that_cannot_be_thinned_is_not_counted_as_thinned() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path(), Policy::Thin);
    spool.append(&rows(0, 500)).unwrap();
    spool.rotate().unwrap();
    let name = spool.closed[0].path.with_extension("thin");
    fs::create_dir_all(name.join("in-the-way")).unwrap();
    assert!(spool.give_way().unwrap());
    let report = spool.report();
    assert_eq!((report.thinned, report.dropped, told(&spool)), (0, 500, 500));
}

#[test]
fn a_thinned_loss_stays_until_it_is_noted_even_if_all_that_is_left_is_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path(), Policy::Thin);
    spool.append(&rows(0, 500)).unwrap();
    spool.append(&rows(500, 500)).unwrap();
    spool.sync().unwrap();
    spool.rotate().unwrap();
    // The connection has read its page before: it must not send whole what is told as thinned.
    let mut cursor = Cursor::default();
    spool.recent.clear();
    let one = Room { live: 0, backlog: 1, ..ALL };
    assert_eq!(spool.take(&mut cursor, one).unwrap().len(), 1);
    cursor.again(SeqRange { from: 0, until: 1 });
    assert!(spool.give_way().unwrap());
    let sent = spool.take(&mut cursor, ALL).unwrap();
    let kept: u64 = sent.iter().map(|(_, record)| u64::from(record.readings)).sum();
    let gaps = spool.gaps_to_tell();
    assert_eq!((gaps.len(), kept + told(&spool)), (1, 1_000));
    spool.acknowledge(&[SeqRange { from: 0, until: 2 }]).unwrap();
    assert_eq!(spool.gaps(), gaps);
    spool.noted(&Gap { readings: 1, ..gaps[0].clone() });
    assert_eq!(spool.gaps(), gaps, "it has grown since that was told");
    spool.noted(&gaps[0]);
    assert_eq!(spool.gaps(), []);
}

/// The station's ledger, as far as it matters here.
#[derive(Default)]
struct Ledger(Vec<Gap>);

impl Ledger {
    fn put(&mut self, gap: &Gap) {
        let within = |old: &Gap| {
            old.why == gap.why && gap.from_seq <= old.from_seq && old.until_seq <= gap.until_seq
        };
        self.0.retain(|old| !within(old));
        self.0.push(gap.clone());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn however_the_line_and_the_gateway_break_the_ledger_has_every_loss_once(
        acts in prop::collection::vec((0u8..7, 1i64..300), 1..60),
        thins in any::<bool>(),
    ) {
        let policy = if thins { Policy::Thin } else { Policy::DropOldest };
        let folder = tempfile::tempdir().unwrap();
        let mut spool = open(folder.path(), policy);
        let (mut ledger, mut flying, mut at) = (Ledger::default(), Vec::new(), 0);
        for (act, size) in acts {
            match act {
                0 | 1 => {
                    spool.append(&rows(at, size)).unwrap();
                    spool.sync().unwrap();
                    at += size;
                }
                2 => {
                    spool.lost_unwritten(&rows(at, size));
                    at += size;
                }
                3 => {
                    spool.give_way().unwrap();
                    spool.sync().unwrap();
                }
                4 => for gap in spool.gaps_to_tell() {
                    ledger.put(&gap);
                    flying.push(gap);
                },
                5 => for gap in flying.drain(..) {
                    spool.noted(&gap);
                },
                _ => {
                    // The line is cut, or the gateway ends.
                    flying.clear();
                    if size % 2 == 0 {
                        spool.sync().unwrap();
                        drop(spool);
                        spool = open(folder.path(), policy);
                    }
                }
            }
        }
        spool.append(&rows(at, 1)).unwrap();
        spool.sync().unwrap();
        for gap in spool.gaps_to_tell() {
            ledger.put(&gap);
        }
        let report = spool.report();
        let lost: u64 = ledger.0.iter().map(|gap| gap.readings).sum();
        prop_assert_eq!(lost, report.dropped + report.thinned);
        prop_assert_eq!(u64::try_from(at).unwrap() + 1, lost + report.readings);
    }
}
