//! `kill -9` at a random point: every acknowledged reading is there afterwards, exactly once.
//!
//! The test starts its own binary as the child, which appends and rolls for ever and says on
//! standard output what has been acknowledged. The parent kills it after a seeded number of
//! acknowledgements; which statement that hits is up to the machine, what must hold is not.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use siskin_model::{ChannelIndex, Reading, Timestamp};
use siskin_store::Series;

use crate::support::{START_MS, at, channels, reading};

const CHANNELS: u32 = 8;
const CHILD_DIR: &str = "SISKIN_STORE_KILL_DIR";
/// The child ends by itself here, should its parent die.
const CHILD_BATCHES_MAX: u64 = 20_000;
/// Of each batch's time, so that hours end and rolls have something to do.
const STEP_MS: i64 = 40_000;
const ROLL_EVERY: u64 = 7;

/// Batch `seq`: follows from its number, so that the parent knows what to expect. Every fifth one
/// brings late readings beside the present ones.
fn batch(seq: u64) -> Vec<Reading> {
    let now = seq.cast_signed() * STEP_MS;
    let reading = |channel: u32| {
        let late_ms = if seq.is_multiple_of(5) { 30 * STEP_MS - 7 } else { 0 };
        let value = (!(seq + u64::from(channel)).is_multiple_of(11)).then_some(seq as f64 / 100.0);
        reading(channel, now - late_ms, value)
    };
    (0..CHANNELS).map(reading).collect()
}

/// Runs as the child process; as a test of its own it has nothing to do.
#[test]
fn child() {
    let Ok(dir) = std::env::var(CHILD_DIR) else {
        return;
    };
    let series = Series::open(Path::new(&dir), &channels(CHANNELS as usize)).unwrap();
    let mut out = std::io::stdout();
    writeln!(out, "\nopened {}", series.newest_seq()).unwrap();
    for _ in 0..CHILD_BATCHES_MAX {
        let seq = series.append(&batch(series.newest_seq() + 1)).unwrap();
        writeln!(out, "acknowledged {seq}").unwrap();
        out.flush().unwrap();
        if seq.is_multiple_of(ROLL_EVERY) {
            let now = at(seq.cast_signed() * STEP_MS);
            series.roll(now, seq - 2).unwrap();
        }
    }
}

fn start(dir: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kill::child", "--exact", "--nocapture"])
        .env(CHILD_DIR, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

/// Lets the child work until `count` acknowledgements, kills it, and gives the last one.
fn kill_after(dir: &Path, count: u64) -> u64 {
    let (mut child, out) = start(dir);
    let mut acknowledged = None;
    let mut seen = 0;
    for line in out.lines().map_while(Result::ok) {
        let Some(seq) = line.strip_prefix("acknowledged ") else {
            continue;
        };
        acknowledged = Some(seq.parse().unwrap());
        seen += 1;
        if seen == count {
            // SIGKILL; what it wrote before is still in the pipe and counts.
            child.kill().unwrap();
        }
    }
    let status = child.wait().unwrap();
    assert!(!status.success(), "the child was to be killed");
    acknowledged.unwrap()
}

/// The expected readings of a channel after batches 1..=`newest`: no two have the same stamp.
fn expected(channel: u32, newest: u64) -> Vec<Reading> {
    let readings = (1..=newest).flat_map(batch);
    let mut readings: Vec<_> = readings.filter(|r| r.channel.0 == channel).collect();
    readings.sort_by_key(|r| r.measured_at);
    assert!(readings.is_sorted_by(|a, b| a.measured_at < b.measured_at));
    readings
}

fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn check(seed: u64, rounds: u32) {
    let dir = tempfile::tempdir().unwrap();
    let mut state = seed;
    let mut before = 0;
    for round in 0..rounds {
        let count = 1 + splitmix(&mut state) % 120;
        println!("seed {seed}, round {round}: kill after {count} acknowledgements");
        let acknowledged = kill_after(dir.path(), count);
        assert!(acknowledged > before, "numbers rise over restarts");
        let series = Series::open(dir.path(), &channels(CHANNELS as usize)).unwrap();
        let newest = series.newest_seq();
        // One batch may have been on disk without anybody having been told.
        assert!(newest == acknowledged || newest == acknowledged + 1, "{newest}, {acknowledged}");
        for channel in 0..CHANNELS {
            let (from, to) = (Timestamp::from_millis(0), Timestamp::from_millis(2 * START_MS));
            let stored = series.range(ChannelIndex(channel), from, to).unwrap();
            assert_eq!(stored, expected(channel, newest), "seed {seed}, round {round}");
        }
        assert_eq!(series.batches_damaged(), 0);
        before = newest;
    }
}

#[test]
fn no_acknowledged_reading_is_lost_or_doubled() {
    for seed in 1..=3 {
        check(seed, 4);
    }
}
