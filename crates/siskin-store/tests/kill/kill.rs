//! `kill -9` at a random point: every acknowledged reading is there afterwards, exactly once; of
//! days that are over their time, in the roll-ups. `siskin verify` finds nothing wrong with what
//! was left, before and after it was opened.
//!
//! The test starts its own binary as the child (`child.rs`), which appends, rolls, sums up,
//! packs and trims for ever. Half of the kills come at any moment after a seeded number of
//! acknowledgements; which statement that hits is up to the machine. The other half come where the
//! child waits at a seeded line: inside a transaction, between two, after an acknowledgement.
//! `SISKIN_KILLS` says how many there are, `make soak-store` makes 300.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use siskin_model::{ChannelIndex, Reading};
use siskin_store::{BucketStep, Ledger, Series};

use crate::child::{self, CHANNELS, batch};
use crate::sound::{copied, sound};
use crate::support::channels;

const KILLS: u32 = 30;
/// Kills of one folder; then a new one begins.
const ROUNDS: u32 = 10;
/// A station is to be back within this; a hundred times what is measured (see the figure).
const OPEN_MAX: Duration = Duration::from_secs(2);

/// Where a child is killed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Point {
    /// At any moment after so many acknowledgements.
    After(u64),
    /// Where it waits, at this line.
    At(u64),
}

impl Point {
    fn random(state: &mut u64) -> Self {
        if splitmix(state).is_multiple_of(2) {
            Self::After(splitmix(state) % 60)
        } else {
            Self::At(1 + splitmix(state) % 900)
        }
    }
}

/// What a child had said when it was killed.
#[derive(Debug, Default)]
pub(crate) struct Said {
    acknowledged: Option<u64>,
    /// The last line that was no acknowledgement, where it was the last of all.
    stage: Option<String>,
}

fn start(dir: &Path, point: Point) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["child::child", "--exact", "--nocapture"]).env(child::DIR, dir);
    if let Point::At(line) = point {
        command.env(child::STOP_AT, line.to_string());
    }
    // Its standard input stays open as long as this process lives, and is empty.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    command.spawn().unwrap()
}

pub(crate) fn killed(dir: &Path, point: Point) -> Said {
    let mut child = start(dir, point);
    let out = BufReader::new(child.stdout.take().unwrap());
    let mut said = Said::default();
    let mut seen = 0;
    for line in out.lines().map_while(Result::ok) {
        if let Some(seq) = line.strip_prefix("acknowledged ") {
            said = Said { acknowledged: Some(seq.parse().unwrap()), stage: None };
            seen += 1;
        } else if let Some(stage) = line.strip_prefix("stage ") {
            said.stage = Some(stage.to_owned());
        } else if line != "begun" && line != "waiting" {
            continue;
        }
        let is_now = match point {
            Point::After(count) => seen == count,
            Point::At(_) => line == "waiting",
        };
        if is_now {
            // SIGKILL; what it wrote before is still in the pipe and counts.
            child.kill().unwrap();
        }
    }
    let status = child.wait().unwrap();
    assert!(status.code().is_none(), "the child was to be killed: {status}");
    said
}

/// The expected readings of a channel after batches 1..=`newest`: no two have the same stamp.
fn expected(newest: u64) -> BTreeMap<u32, Vec<Reading>> {
    let mut channels: BTreeMap<u32, Vec<Reading>> = BTreeMap::new();
    for reading in (1..=newest).flat_map(batch) {
        channels.entry(reading.channel.0).or_default().push(reading);
    }
    for readings in channels.values_mut() {
        readings.sort_by_key(|r| r.measured_at);
        assert!(readings.is_sorted_by(|a, b| a.measured_at < b.measured_at));
    }
    channels
}

fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Readings in chunks of hours and in packed days.
fn rolled(dir: &Path) -> (u64, u64) {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let db = Connection::open_with_flags(dir.join("series.db"), flags).unwrap();
    let count = |table: &str| {
        let sql = format!("SELECT coalesce(sum(readings), 0) FROM {table}");
        db.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned()
    };
    (count("chunk"), count("day_chunk"))
}

/// What is there of all that was acknowledged.
#[derive(Debug, Default)]
struct Kept {
    readings: u64,
    /// Of which only the roll-up tells.
    trimmed: u64,
}

impl Kept {
    /// Every day of a channel has its readings, or is summed up with all of them in it and has at
    /// most those that came late.
    fn look(&mut self, series: &Series, channel: ChannelIndex, all: &[Reading], about: &str) {
        let day_of = |reading: &Reading| BucketStep::DAY.begin_of(reading.measured_at);
        for expected in all.chunk_by(|a, b| day_of(a) == day_of(b)) {
            let Some(from) = expected.first().map(day_of) else { continue };
            let to = from.plus_ms(BucketStep::DAY.as_millis());
            let stored = series.range(channel, from, to).unwrap();
            self.readings += stored.len() as u64;
            let summed = series.buckets(channel, from, to, BucketStep::DAY).unwrap();
            let count: u64 = summed.iter().map(|bucket| bucket.count).sum();
            let max = summed.iter().filter_map(|bucket| bucket.air).map(|air| air.max);
            let highest = expected.iter().filter_map(|reading| reading.value);
            let what = format!("{about}: channel {} on {from}", channel.0);
            assert_eq!(count, expected.len() as u64, "{what}");
            assert_eq!(max.reduce(f64::max), highest.reduce(f64::max), "{what}");
            if stored != expected {
                let is_late = |reading: &Reading| expected.contains(reading);
                assert!(stored.iter().all(is_late), "{what}: what nobody said");
                // Else readings are lost of which the roll-up still tells.
                let trimmed = series.trimmed(channel, from, to).unwrap();
                assert!(!trimmed.is_empty(), "{what}: readings that nobody deleted are gone");
                self.trimmed += (expected.len() - stored.len()) as u64;
            }
        }
    }
}

/// What one kill left.
#[derive(Debug)]
pub(crate) struct Left {
    newest: u64,
    packed: u64,
    trimmed: u64,
    /// How long it took to open, and to look through.
    open: Duration,
    verify: Duration,
}

/// Opens what was left and compares it with all that was said.
pub(crate) fn check(dir: &Path, said: &Said, before: u64, about: &str) -> Left {
    // Before the first acknowledgement there may be no file yet.
    if said.acknowledged.is_some() || before > 0 {
        let verified = sound(copied(dir).path());
        verified.unwrap_or_else(|damage| panic!("{about}: as it was left: {damage}"));
    }
    let began = Instant::now();
    let series = Series::open(dir, &channels(CHANNELS as usize)).unwrap();
    let open = began.elapsed();
    assert!(open < OPEN_MAX, "{about}: opening took {open:?}");
    let ledger = Ledger::open(dir).unwrap();
    let newest = series.newest_seq();
    // One batch may have been on disk without anybody having been told.
    let acknowledged = said.acknowledged.unwrap_or(before);
    assert!(acknowledged >= before, "{about}: numbers rise over restarts");
    assert!([0, 1].contains(&(newest - acknowledged)), "{about}: {newest}, {acknowledged}");
    assert!(ledger.mark() <= newest, "{about}: the mark is {}, of {newest}", ledger.mark());
    let expected = expected(newest);
    let mut stored = Kept::default();
    for (channel, readings) in &expected {
        stored.look(&series, ChannelIndex(*channel), readings, about);
    }
    assert_eq!(series.batches_damaged(), 0, "{about}");
    let (in_hours, packed) = rolled(dir);
    let found = in_hours + packed + series.readings_open() as u64;
    assert_eq!(found, stored.readings, "{about}: each reading in one place");
    assert_eq!(found + stored.trimmed, newest * u64::from(CHANNELS), "{about}");
    drop((series, ledger));
    let verified = sound(dir);
    let verify = verified.unwrap_or_else(|damage| panic!("{about}: once opened: {damage}"));
    Left { newest, packed, trimmed: stored.trimmed, open, verify }
}

/// What all kills together showed.
#[derive(Debug, Default)]
struct Tally {
    kills: u32,
    longest_open: Duration,
    longest_verify: Duration,
    stages: BTreeMap<String, u32>,
    packed: u64,
    trimmed: u64,
}

/// Up to `rounds` kills, one after the other, of one folder.
fn run(seed: u64, rounds: u32, tally: &mut Tally) {
    let dir = tempfile::tempdir().unwrap();
    let mut random = seed;
    let mut before = 0;
    for round in 0..rounds {
        let point = Point::random(&mut random);
        let about = format!("seed {seed}, round {round}: {point:?}");
        println!("{about}");
        let said = killed(dir.path(), point);
        let left = check(dir.path(), &said, before, &about);
        tally.packed += left.packed;
        tally.trimmed += left.trimmed;
        before = left.newest;
        tally.kills += 1;
        tally.longest_open = tally.longest_open.max(left.open);
        tally.longest_verify = tally.longest_verify.max(left.verify);
        let stage = said.stage.unwrap_or_else(|| "between or any moment".to_owned());
        *tally.stages.entry(stage).or_default() += 1;
    }
}

#[test]
fn no_acknowledged_reading_is_lost_or_doubled() {
    let kills = std::env::var("SISKIN_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let mut tally = Tally::default();
    for seed in 1.. {
        if tally.kills == kills {
            break;
        }
        run(seed, ROUNDS.min(kills - tally.kills), &mut tally);
    }
    assert!(kills < KILLS || tally.trimmed > 0, "nothing was ever trimmed");
    assert!(kills < KILLS || tally.packed > 0, "nothing was ever packed");
    println!("left: {} readings packed, {} trimmed", tally.packed, tally.trimmed);
    println!("last told before the kills: {:#?}", tally.stages);
    let ms = |longest: Duration| longest.as_secs_f64() * 1000.0;
    println!("figure store_open_after_kill_max {:.1} ms of {kills}", ms(tally.longest_open));
    println!("figure store_verify_after_kill_max {:.1} ms of {kills}", ms(tally.longest_verify));
}
