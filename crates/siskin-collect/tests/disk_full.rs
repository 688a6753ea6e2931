//! A disk that is really full: a small memory file system in a namespace of its own. The stated
//! policy acts at once, every reading is held or counted, a restart on the full disk works, and
//! when there is room again everything goes on.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use siskin_collect::Intake;
use siskin_collect::spool::{Cursor, Policy, Room, SharedSpool, Spool, SpoolSettings, Writer};
use siskin_model::{ChannelId, ChannelIndex, Origin, Quality, Reading, Timestamp};
use siskin_wire::link::{GapCause, SeqRange};
use tokio::sync::{mpsc, oneshot};

/// Set for the part that runs on the small disk.
const DISK: &str = "SISKIN_TEST_SMALL_DISK";
/// The disk; far below the spool's limit, so that the disk is what ends first.
const DISK_SIZE: &str = "size=300k";
/// Messages that are handed over before the disk is looked at: more than it can hold.
const MESSAGES: i64 = 40;
/// Readings of a message.
const SIZE: i64 = 2_000;

#[test]
fn a_full_disk_gives_way_by_the_policy_and_counts() {
    on_small_disk("a_full_disk_gives_way_by_the_policy_and_counts", |disk| {
        for policy in [Policy::DropOldest, Policy::Thin] {
            full(disk, policy);
            std::fs::remove_dir_all(disk.join("spool")).unwrap();
        }
    });
}

/// Runs `part` in this test program started anew on a file system of its own.
fn on_small_disk(test: &str, part: fn(&Path)) {
    if let Some(disk) = std::env::var_os(DISK) {
        return part(&PathBuf::from(disk));
    }
    let folder = tempfile::tempdir().unwrap();
    let script = format!("mount -t tmpfs -o {DISK_SIZE} none \"$1\" && exec \"$2\" --exact {test}");
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", &script, "sh"]);
    command.arg(folder.path()).arg(program).env(DISK, folder.path());
    let can_mount = Command::new("unshare")
        .args(["--map-root-user", "--mount", "mount", "-t", "tmpfs", "none"])
        .arg(folder.path())
        .status();
    if !can_mount.is_ok_and(|done| done.success()) {
        eprintln!("no file system of its own can be made here: a full disk is not tested");
        return;
    }
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

fn spool(disk: &Path, policy: Policy) -> SharedSpool {
    let settings = SpoolSettings {
        folder: disk.join("spool"),
        bytes_max: 800 << 10,
        policy,
        channels: vec![ChannelId::new("a").unwrap()],
        highs: BTreeMap::new(),
        entropy: 7,
    };
    SharedSpool::new(Spool::open(settings).unwrap())
}

/// Readings that do not pack well.
fn message(number: i64) -> Vec<Reading> {
    let reading = |i: i64| {
        let n = number * SIZE + i;
        let noise = n.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let noise = (noise ^ (noise >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 24;
        let at = Timestamp::from_millis(n * 1_000);
        Reading::new(ChannelIndex(0), at, at, Some(noise as f64 / 1_024.0), Quality::Good)
    };
    (0..SIZE).map(reading).collect()
}

/// Hands over the messages, each when the one before is on disk; gives the readings held then.
fn write(spool: &SharedSpool, numbers: std::ops::Range<i64>) -> u64 {
    let (out, intake) = mpsc::channel(4);
    let writer = Writer::start(spool.clone(), intake).unwrap();
    for number in numbers {
        let (committed, done) = oneshot::channel();
        let intake = Intake::Readings {
            readings: message(number),
            origin: Origin::Live,
            committed: Some(committed),
        };
        out.blocking_send(intake).unwrap();
        done.blocking_recv().expect("the policy makes room at once");
    }
    drop(out);
    writer.join();
    let open = spool.lock();
    let all = Room { live: usize::MAX, backlog: usize::MAX, backlog_bytes: usize::MAX };
    let turn = open.take(&mut Cursor::default(), all).unwrap();
    turn.iter().map(|(_, record)| u64::from(record.readings)).sum()
}

fn full(disk: &Path, policy: Policy) {
    let given = u64::try_from(MESSAGES * SIZE).unwrap();
    let spool_before = spool(disk, policy);
    let held = write(&spool_before, 0..MESSAGES);
    let report = spool_before.lock().report();
    assert!(report.dropped > 0 && report.failing.is_none(), "{policy:?} {report:?}");
    assert_eq!(held + report.dropped + report.thinned, given, "{policy:?} {report:?}");
    let told: u64 = spool_before.lock().gaps().iter().map(|gap| gap.readings).sum();
    assert_eq!(told, report.dropped + report.thinned);
    let is_known = |why| matches!(why, GapCause::SpoolFull | GapCause::Thinned);
    assert!(spool_before.lock().gaps().iter().all(|gap| is_known(gap.why)));
    drop(spool_before);

    // Somebody else takes the last block, and the gateway is started anew.
    let filler = disk.join("filler");
    let mut file = File::create(&filler).unwrap();
    while file.write_all(&[1; 512]).is_ok() {}
    let full = spool(disk, policy);
    let next = full.lock().next_seq();
    let held = write(&full, MESSAGES..MESSAGES + 5);
    let report = full.lock().report();
    assert_eq!((full.lock().next_seq(), report.failing), (next + 5, None));
    assert_eq!(held + report.dropped + report.thinned, given + u64::try_from(5 * SIZE).unwrap());

    // There is room again, and the station has what was held: nothing more is lost.
    std::fs::remove_file(&filler).unwrap();
    full.lock().acknowledge(&[SeqRange { from: 0, until: next + 5 }]).unwrap();
    let lost = report.dropped + report.thinned;
    write(&full, MESSAGES + 5..MESSAGES + 10);
    let report = full.lock().report();
    assert_eq!((report.dropped + report.thinned, report.failing), (lost, None));
}
