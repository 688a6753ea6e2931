//! Properties of a roll or a packing of days that fails or dies anywhere: nothing is in two chunks,
//! and a follower that looks now and then misses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use siskin_model::{ChannelId, ChannelIndex, Quality, Reading, Timestamp, Unit};
use tracing::span;

use super::point::Point;
use super::roll::Step;
use super::tables::HOUR_MS;
use super::{ChannelKey, Series, batch, chunk, tables};

const CHANNELS: u32 = 4;
/// A first part of 8 is rewritten soon, and every roll has many transactions.
const STEP: Step = Step { chunks: 2, batches: 2, bytes: 1 << 20 };

#[derive(Debug, Clone)]
enum Act {
    /// Readings: channel, hour, tick.
    Append(Vec<(u32, i64, i64)>),
    /// A roll at an hour, keeping some newest batches; with room for so many pages it stops there.
    Roll { hour: i64, keep: u64, pages: Option<u32> },
    /// The same roll, and at one of its stages the process dies.
    Die { hour: i64, keep: u64, stage: u32 },
    /// Days before this one are packed; with a stage the process dies there.
    Pack { day: i64, stage: Option<u32> },
    /// The process dies and comes back.
    Crash,
    /// The follower looks.
    Pull,
}

fn act() -> impl Strategy<Value = Act> {
    // Two days, and in each an hour that a roll finishes and one that it does not.
    let hour = prop::sample::select(vec![0i64, 1, 24, 25]);
    let reading = (0..CHANNELS, hour, 0..30i64);
    let room = prop::option::weighted(0.7, 0..14u32);
    let now = || prop::sample::select(vec![0i64, 1, 2, 23, 24, 25, 26, 27]);
    let roll = (now(), 0..3u64, room);
    prop_oneof![
        8 => prop::collection::vec(reading, 1..10).prop_map(Act::Append),
        3 => roll.prop_map(|(hour, keep, pages)| Act::Roll { hour, keep, pages }),
        4 => (now(), 0..3u64, 1..40u32)
            .prop_map(|(hour, keep, stage)| Act::Die { hour, keep, stage }),
        3 => (1..3i64, prop::option::of(1..12u32))
            .prop_map(|(day, stage)| Act::Pack { day, stage }),
        2 => Just(Act::Crash),
        4 => Just(Act::Pull),
    ]
}

/// What a mirror keeps: two marks, and the newest value of each stamp.
#[derive(Default)]
struct Follower {
    seq: u64,
    arrival: i64,
    values: BTreeMap<(u32, i64), i64>,
    seen: BTreeSet<i64>,
}

impl Follower {
    fn take(&mut self, row: u32, point: &Point) {
        #[allow(clippy::cast_possible_truncation, reason = "the tests count with small numbers")]
        let value = point.value().unwrap() as i64;
        self.values.insert((row, point.measured_at.as_millis()), value);
        self.seen.insert(value);
    }

    fn pull(&mut self, series: &Series) {
        let db = series.file.reader();
        let mut batches = Vec::new();
        tables::each_batch_after(&db, self.seq, |seq, body| {
            batches.push((seq, batch::decode(body).unwrap()));
        })
        .unwrap();
        let sql = "SELECT arrival, channel, body FROM chunk
                   WHERE arrival > ?1 AND seq_max > ?2
                   UNION ALL SELECT arrival, channel, body FROM day_chunk
                   WHERE arrival > ?1 AND seq_max > ?2 ORDER BY arrival";
        let mut select = db.prepare(sql).unwrap();
        let mut rows = select.query((self.arrival, self.seq.cast_signed())).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let arrival: i64 = row.get(0).unwrap();
            assert!(arrival > self.arrival, "arrivals rise");
            self.arrival = arrival;
            let body: Vec<u8> = row.get(2).unwrap();
            for point in chunk::decode(&body).unwrap() {
                self.take(row.get(1).unwrap(), &point);
            }
        }
        for (seq, entries) in batches {
            self.seq = seq;
            for entry in &entries {
                self.take(entry.row, &entry.point);
            }
        }
    }
}

fn open(dir: &Path) -> Series {
    let key = |i: u32| ChannelKey {
        id: ChannelId::new(&format!("at-{i}")).unwrap(),
        quantity: "chlorine".to_owned(),
        unit: Unit::Ppm,
    };
    Series::open(dir, &(0..CHANNELS).map(key).collect::<Vec<_>>()).unwrap()
}

/// Ends a roll or a packing at one of the stages that it tells. (Unwinding gives back what a
/// process gives back that dies: an open transaction.)
struct Death(AtomicU32);

impl tracing::Subscriber for Death {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("siskin_store::series::roll")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &tracing::Event<'_>) {
        if self.0.fetch_sub(1, Ordering::Relaxed) == 1 {
            std::panic::resume_unwind(Box::new("dead"));
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Whether the process died.
fn die(stage: u32, act: impl FnOnce()) -> bool {
    let death = Death(AtomicU32::new(stage));
    tracing::subscriber::with_default(death, || catch_unwind(AssertUnwindSafe(act))).is_err()
}

fn pack(series: &Series, day: i64) {
    let over = Timestamp::from_millis(day * 24 * HOUR_MS + super::COMPACT_GRACE_MS);
    assert_eq!(series.compact(over, usize::MAX).unwrap().damaged, 0);
}

/// Leaves the file room for `pages` more, as a disk does that is nearly full.
fn room(series: &Series, pages: Option<u32>) {
    let one = |sql: &str| {
        let number = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        series.file.patient_writer().query_row(sql, [], number).unwrap()
    };
    let free = one("PRAGMA freelist_count");
    let all = one("PRAGMA page_count");
    let max = pages.map_or(1 << 30, |more| all + i64::from(more) - free.min(i64::from(more)));
    one(&format!("PRAGMA max_page_count = {max}"));
}

fn stored(series: &Series) -> BTreeMap<(u32, i64), i64> {
    let (from, to) = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));
    let mut values = BTreeMap::new();
    for (place, row) in series.channels.rows() {
        for reading in series.range(place, from, to).unwrap() {
            #[allow(
                clippy::cast_possible_truncation,
                reason = "the tests count with small numbers"
            )]
            let value = reading.value.unwrap() as i64;
            values.insert((row, reading.measured_at.as_millis()), value);
        }
    }
    values
}

/// Readings in chunks, counted as often as they are there.
fn in_chunks(series: &Series) -> usize {
    let db = series.file.reader();
    let sql = "SELECT body FROM chunk UNION ALL SELECT body FROM day_chunk";
    let mut select = db.prepare(sql).unwrap();
    let bodies = select.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    bodies.map(|body| chunk::decode(&body.unwrap()).unwrap().len()).sum()
}

fn hours_left(series: &Series) -> i64 {
    let db = series.file.reader();
    db.query_row("SELECT count(*) FROM chunk", [], |row| row.get(0)).unwrap()
}

/// With `unique` stamps every reading must be in exactly one place.
fn run(acts: Vec<Act>, unique: bool, dir: &Path) -> Result<(), TestCaseError> {
    let mut series = open(dir);
    let mut follower = Follower::default();
    let mut model = BTreeMap::new();
    let mut count = 0;
    let last = [Act::Roll { hour: 50, keep: 0, pages: None }, Act::Pack { day: 2, stage: None }];
    for act in acts.into_iter().chain(last).chain([Act::Pull]) {
        match act {
            Act::Append(readings) => {
                let make = |(channel, hour, tick): (u32, i64, i64)| {
                    count += 1;
                    let ms = hour * HOUR_MS + if unique { count } else { tick };
                    model.insert((channel + 1, ms), count);
                    let at = Timestamp::from_millis(ms);
                    let value = Some(count as f64);
                    Reading::new(ChannelIndex(channel), at, at, value, Quality::Good)
                };
                let readings: Vec<_> = readings.into_iter().map(make).collect();
                series.append(&readings).unwrap();
            }
            Act::Roll { hour, keep, pages } => {
                room(&series, pages);
                let now = Timestamp::from_millis(hour * HOUR_MS + super::ROLL_GRACE_MS);
                let keep_after = series.newest_seq().saturating_sub(keep);
                let rolled = series.roll_by(STEP, now, keep_after);
                prop_assert!(pages.is_some() || rolled.is_ok(), "{:?}", rolled);
                room(&series, None);
            }
            Act::Die { hour, keep, stage } => {
                let now = Timestamp::from_millis(hour * HOUR_MS + super::ROLL_GRACE_MS);
                let keep_after = series.newest_seq().saturating_sub(keep);
                if die(stage, || assert!(series.roll_by(STEP, now, keep_after).is_ok())) {
                    drop(series);
                    series = open(dir);
                }
            }
            Act::Pack { day, stage: None } => pack(&series, day),
            Act::Pack { day, stage: Some(stage) } => {
                if die(stage, || pack(&series, day)) {
                    drop(series);
                    series = open(dir);
                }
            }
            Act::Crash => {
                drop(series);
                series = open(dir);
            }
            Act::Pull => {
                follower.pull(&series);
                prop_assert_eq!(&follower.values, &model, "the follower has what was appended");
            }
        }
        prop_assert_eq!(&stored(&series), &model);
        if unique {
            let found = in_chunks(&series) + series.readings_open();
            prop_assert_eq!(found, model.len(), "each reading in one place");
        }
    }
    prop_assert_eq!(series.readings_open(), 0);
    prop_assert_eq!(hours_left(&series), 0, "all days are over and packed");
    prop_assert_eq!(series.batches_after(0).unwrap(), vec![]);
    prop_assert!(!unique || follower.seen == (1..=count).collect());
    Ok(())
}

/// So many cases, where `PROPTEST_CASES` (as in `make soak-store`) does not say more.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    let is_told = std::env::var_os("PROPTEST_CASES").is_some();
    let cases = if is_told { usual.cases } else { 64 };
    ProptestConfig { cases, failure_persistence: None, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_roll_or_packing_that_stops_anywhere_hides_and_doubles_nothing(
        acts in prop::collection::vec(act(), 1..40),
        unique: bool,
    ) {
        let dir = tempfile::tempdir().unwrap();
        run(acts, unique, dir.path())?;
    }
}

/// The property is worth something only if rolls do stop in the middle.
#[test]
fn a_roll_stops_between_its_steps_and_is_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let mut series = open(dir.path());
    let at = Timestamp::from_millis;
    let big = |channel: u32, hour: i64| {
        // Not compressible, so that the chunks of a step need pages of their own.
        let one = |i: i64| {
            let value = (i as f64 + f64::from(channel) / 7.0).sin();
            let stamp = at(hour * HOUR_MS + i * 1000);
            Reading::new(ChannelIndex(channel), stamp, stamp, Some(value), Quality::Good)
        };
        (0..600).map(one).collect::<Vec<_>>()
    };
    for hour in 0..2 {
        for channel in 0..CHANNELS {
            series.append(&big(channel, hour)).unwrap();
        }
    }
    room(&series, Some(6));
    series.roll_by(STEP, at(5 * HOUR_MS), u64::MAX).unwrap_err();
    let (rolled, open_before) = (in_chunks(&series), series.readings_open());
    assert!(rolled > 0 && open_before > 0, "{rolled} rolled, {open_before} open");
    assert_eq!(rolled + open_before, 4800);
    drop(series);
    series = open(dir.path());
    assert_eq!(series.readings_open(), open_before, "what has its chunk is not held again");
    let report = series.roll_by(STEP, at(5 * HOUR_MS), u64::MAX).unwrap();
    assert_eq!(report.readings, open_before as u64);
    assert_eq!((in_chunks(&series), report.batches_deleted), (4800, 8));
    let db = series.file.reader();
    assert_eq!(tables::roll_begun(&db).unwrap(), None, "the roll is over");
}

/// A day is packed only when nothing of it waits for a roll: this follower would be given the value
/// that it has seen corrected.
#[test]
fn a_day_with_a_correction_that_is_not_rolled_is_not_packed() {
    let dir = tempfile::tempdir().unwrap();
    let series = open(dir.path());
    let mut follower = Follower::default();
    let at = Timestamp::from_millis;
    let append = |hour: i64, value: f64| {
        let stamp = at(hour * HOUR_MS);
        let reading = Reading::new(ChannelIndex(0), stamp, stamp, Some(value), Quality::Good);
        series.append(&[reading]).unwrap();
    };
    let roll = |hour: i64| {
        series.roll(at(hour * HOUR_MS + super::ROLL_GRACE_MS), u64::MAX).unwrap();
    };
    append(1, 1.0);
    roll(2);
    append(1, 2.0);
    follower.pull(&series);
    append(0, 3.0);
    roll(1);
    pack(&series, 1);
    let corrected = BTreeMap::from([((1, 0), 3), ((1, HOUR_MS), 2)]);
    for _ in 0..2 {
        follower.pull(&series);
        assert_eq!(follower.values, corrected);
        roll(2);
        pack(&series, 1);
    }
    assert_eq!((stored(&series), hours_left(&series)), (corrected, 0));
}
