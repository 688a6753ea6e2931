//! A day of a park: appended, rolled at each hour's turn beside it, summed up and packed, and
//! asked.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use siskin_model::{ChannelIndex, Timestamp};
use siskin_store::{BucketStep, Series};

use crate::feed::{Appended, Rolled, Roller, append_all, open};
use crate::measure::{figure, folder_bytes, milliseconds, percentile, percentiles, timed};
use crate::park::{HOUR_S, Park, Random, START_MS};
use crate::{load, packing};

const QUESTIONS: u32 = 200;
const DAYS_ASKED: u32 = 10;
/// Of the question for a day in minutes.
pub(crate) const DAY_CHANNELS: u32 = 20;
/// What a batch of 1,000 readings puts into the journal.
const COMMIT_BYTES: usize = 24 << 10;

/// The begin of an hour of the data.
pub(crate) fn hour_begin(hour: usize) -> Timestamp {
    Timestamp::from_millis(START_MS + i64::try_from(hour).unwrap() * HOUR_S * 1000)
}

pub(crate) fn run(channels: u32, hours: usize) {
    let folder = tempfile::tempdir().unwrap();
    fsync(folder.path());
    let series = open(folder.path(), channels);
    let mut park = Park::new(channels);
    let (appended, rolled) = fill(&series, &mut park, hours);
    told(&appended, &rolled);
    let bytes = |folder: &Path| folder_bytes(folder) as f64 / appended.readings as f64;
    figure("store_bytes_last_hour_waits", bytes(folder.path()), "B/reading");
    let rest = series.roll(hour_begin(hours).plus_ms(120_000), series.newest_seq()).unwrap();
    figure("store_bytes_rolled", bytes(folder.path()), "B/reading");
    let chunks = (rolled.chunk_bytes + rest.bytes) as f64 / appended.readings as f64;
    figure("store_bytes_of_hours", chunks, "B/reading");
    let mut times: Vec<_> = (0..QUESTIONS).map(|_| timed(|| series.last()).1).collect();
    percentiles("store_last_of_all", &mut times);
    ask(&series, channels, hours, "of_hours");
    ask_minutes(&series, channels, hours, "of_readings");
    packing::run(&series, hours);
    // The next second begins the journal anew.
    series.append(&park.second()).unwrap();
    packing::sizes(folder.path(), appended.readings);
    ask(&series, channels, hours, "of_days");
    ask_minutes(&series, channels, hours, "of_rollups");
    if hours.is_multiple_of(24) {
        packing::again(&series, &mut park, channels, hours);
    }
    load::run(&series, &mut park, channels, hours);
    drop(series);
    let (series, took) = timed(|| open(folder.path(), channels));
    figure("store_open", milliseconds(took), "ms");
    figure("store_readings_waiting_at_open", series.readings_open() as f64, "readings");
}

/// Appends so many hours, an hour made before it is appended: making is not in the times.
fn fill(series: &Series, park: &mut Park, hours: usize) -> (Appended, Rolled) {
    let at_turn = AtomicBool::new(false);
    let mut appended = Appended::default();
    let rolled = std::thread::scope(|scope| {
        let roller = Roller::start(scope, series, &at_turn);
        for _ in 0..hours {
            append_all(series, &park.hour(), &roller, &at_turn, &mut appended);
        }
        roller.end()
    });
    (appended, rolled)
}

fn told(appended: &Appended, rolled: &Rolled) {
    let readings = appended.readings as f64;
    let (mut times, mut turns) = (appended.times.clone(), appended.at_turn.clone());
    figure("store_readings", readings, "readings");
    figure("store_append", readings / appended.busy_s(), "readings/s");
    figure("store_append_per_cpu_second", readings / appended.cpu_s, "readings/s");
    percentiles("store_append", &mut times);
    figure("store_append_max", percentile(&mut times, 100), "ms");
    figure("store_appends_at_turn", turns.len() as f64, "appends");
    percentiles("store_append_at_turn", &mut turns);
    figure("store_append_at_turn_max", percentile(&mut turns, 100), "ms");
    let over_50_ms = turns.iter().filter(|took| **took > Duration::from_millis(50)).count();
    figure("store_appends_at_turn_over_50_ms", over_50_ms as f64, "appends");
    figure("store_roll_of_hour_p50", percentile(&mut rolled.times.clone(), 50), "ms");
    figure("store_roll_cpu", rolled.cpu_s, "s");
    let stored = readings / (appended.cpu_s + rolled.cpu_s);
    figure("store_append_and_roll_per_cpu_second", stored, "readings/s");
}

fn ask(series: &Series, channels: u32, hours: usize, what: &str) {
    let mut random = Random::new(11);
    let mut times: Vec<_> = (0..QUESTIONS)
        .map(|_| {
            let channel = ChannelIndex(u32::try_from(random.below(u64::from(channels))).unwrap());
            let hour = usize::try_from(random.below(hours as u64)).unwrap();
            let (from, to) = (hour_begin(hour), hour_begin(hour + 1));
            let (readings, took) = timed(|| series.range(channel, from, to).unwrap());
            assert!(readings.len() > 2000, "{} readings", readings.len());
            took
        })
        .collect();
    percentiles(&format!("store_range_1h_{what}"), &mut times);
}

fn ask_minutes(series: &Series, channels: u32, hours: usize, what: &str) {
    let (from, to) = (hour_begin(0), hour_begin(hours));
    let mut times: Vec<_> =
        (0..DAYS_ASKED).map(|i| timed(|| minutes(series, i, channels, (from, to))).1).collect();
    percentiles(&format!("store_{DAY_CHANNELS}_channels_{hours}h_1min_{what}"), &mut times);
}

/// Asks some channels for minutes.
fn minutes(series: &Series, turn: u32, channels: u32, (from, to): (Timestamp, Timestamp)) {
    for i in 0..DAY_CHANNELS {
        let channel = ChannelIndex((turn * DAY_CHANNELS + i) * 7 % channels);
        let buckets = series.buckets(channel, from, to, BucketStep::MINUTE).unwrap();
        let expected = to.since_ms(from) / BucketStep::MINUTE.as_millis();
        let found = i64::try_from(buckets.len()).unwrap();
        assert!(found * 10 > expected * 9, "{found} of {expected}");
    }
}

/// What the disk itself takes for about as much as a batch puts into the journal.
fn fsync(folder: &Path) {
    let path = folder.join("fsync");
    let mut file = std::fs::File::create(&path).unwrap();
    let pages = vec![7; COMMIT_BYTES];
    let mut write = || {
        file.write_all(&pages).unwrap();
        file.sync_all().unwrap();
    };
    let mut times: Vec<_> = (0..QUESTIONS).map(|_| timed(&mut write).1).collect();
    percentiles("store_fsync", &mut times);
    figure("store_fsync_max", percentile(&mut times, 100), "ms");
    std::fs::remove_file(path).unwrap();
}
