//! What the store costs: `cargo bench -p siskin-store` prints `figure <name> <value> <unit>`.
//!
//! Readings as analyzers give them: slow noise in steps of 0.01 ppm, one a second and channel, one
//! in a hundred without a value, received 12 to 40 ms after they were measured.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench may panic and speaks")]

use std::path::Path;
use std::time::{Duration, Instant};

use siskin_model::{ChannelId, ChannelIndex, Quality, Reading, Timestamp, Unit};
use siskin_store::{BucketStep, ChannelKey, Series};

const CHANNELS: u32 = 1000;
const HOUR_S: i64 = 3600;
const HOUR_MS: i64 = HOUR_S * 1000;
const START_MS: i64 = 1_767_225_600_000;
const RANGES: u32 = 200;
/// Channels of a chart.
const DAY_CHANNELS: u32 = 20;

struct Noise(u64);

impl Noise {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    /// About normal, from -1 to 1.
    fn swing(&mut self) -> f64 {
        let sum: u64 = (0..4).map(|_| self.below(1000)).sum();
        sum as f64 / 2000.0 - 1.0
    }
}

/// Levels of all channels, one second after the other.
struct Park {
    noise: Noise,
    levels: Vec<f64>,
}

impl Park {
    fn second(&mut self, second: i64) -> Vec<Reading> {
        let measured_at = Timestamp::from_millis(START_MS + second * 1000);
        let noise = &mut self.noise;
        let reading = |(channel, level): (u32, &mut f64)| {
            *level = 0.9 * *level + 0.1 * 1.0 + 0.06 * noise.swing();
            let hundredths = (*level * 100.0).round();
            let value = (noise.below(100) > 0).then_some(hundredths / 100.0);
            let delay_ms = 12 + noise.below(29).cast_signed();
            let received_at = measured_at.plus_ms(delay_ms);
            let quality = if value.is_some() { Quality::Good } else { Quality::CommLost };
            Reading::new(ChannelIndex(channel), measured_at, received_at, value, quality)
        };
        (0..).zip(self.levels.iter_mut()).map(reading).collect()
    }
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("figure {name} {value:.3} {unit}");
}

fn open(dir: &Path) -> Series {
    let key = |i: u32| ChannelKey {
        id: ChannelId::new(&format!("at-{i}")).unwrap(),
        quantity: "chlorine".to_owned(),
        unit: Unit::Ppm,
    };
    Series::open(dir, &(0..CHANNELS).map(key).collect::<Vec<_>>()).unwrap()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The time that `percent` of the times do not exceed.
fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let slowest = times.iter().take((times.len() * percent).div_ceil(100)).next_back();
    slowest.copied().map_or(0.0, milliseconds)
}

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let series = open(dir.path());
    let mut park = Park { noise: Noise(42), levels: vec![1.0; CHANNELS as usize] };
    let hour: Vec<_> = (0..HOUR_S).map(|second| park.second(second)).collect();
    let mut times: Vec<_> =
        hour.iter().map(|batch| timed(|| series.append(batch).unwrap())).collect();
    let total: Duration = times.iter().sum();
    let readings = f64::from(CHANNELS) * HOUR_S as f64;
    figure("store_append", readings / total.as_secs_f64(), "readings/s");
    figure("store_append_p50", percentile(&mut times, 50), "ms");
    figure("store_append_p99", percentile(&mut times, 99), "ms");
    let waiting = std::fs::metadata(dir.path().join("series.db")).unwrap().len();
    figure("store_bytes_waiting", waiting as f64 / readings, "B/reading");

    drop(series);
    let reopened = Instant::now();
    let series = open(dir.path());
    figure("store_open_with_hour", milliseconds(reopened.elapsed()), "ms");
    roll(&series, &mut park, readings);
    read(&series);
    day();
}

/// A day of the channels of a chart, by minutes: from readings, then from roll-ups.
fn day() {
    let dir = tempfile::tempdir().unwrap();
    let series = open(dir.path());
    let mut park = Park { noise: Noise(7), levels: vec![1.0; DAY_CHANNELS as usize] };
    let mut rolled_bytes = 0;
    for hour in 0..24 {
        let seconds = hour * HOUR_S..(hour + 1) * HOUR_S;
        let readings: Vec<Reading> = seconds.flat_map(|second| park.second(second)).collect();
        series.append(&readings).unwrap();
        let now = Timestamp::from_millis(START_MS + (hour + 2) * HOUR_MS);
        rolled_bytes += series.roll(now, u64::MAX).unwrap().bytes;
    }
    let readings = f64::from(DAY_CHANNELS * 24) * HOUR_S as f64;
    minutes(&series, "store_minutes_20x24h_raw");
    let now = Timestamp::from_millis(START_MS + 48 * HOUR_MS);
    let start = Instant::now();
    let report = series.compact(now, DAY_CHANNELS as usize).unwrap();
    let took = start.elapsed();
    assert_eq!((report.days, report.due), (u64::from(DAY_CHANNELS), 0));
    figure("store_compact_day", milliseconds(took) / f64::from(DAY_CHANNELS), "ms/channel");
    figure("store_bytes_rollups", report.bytes as f64 / readings, "B/reading");
    figure("store_bytes_all", (rolled_bytes + report.bytes) as f64 / readings, "B/reading");
    minutes(&series, "store_minutes_20x24h_rollup");
}

fn minutes(series: &Series, name: &str) {
    let (from, to) = (START_MS, START_MS + 24 * HOUR_MS);
    let span = (Timestamp::from_millis(from), Timestamp::from_millis(to));
    let chart = || {
        for channel in (0..DAY_CHANNELS).map(ChannelIndex) {
            let buckets = series.buckets(channel, span.0, span.1, BucketStep::MINUTE).unwrap();
            assert_eq!(buckets.len(), 1440);
        }
    };
    let mut times: Vec<_> = (0..21).map(|_| timed(chart)).collect();
    figure(name, percentile(&mut times, 50), "ms");
}

fn timed<T>(act: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    act();
    start.elapsed()
}

/// A roll of the whole hour, with the appends of the next one beside it.
fn roll(series: &Series, park: &mut Park, readings: f64) {
    let now = Timestamp::from_millis(START_MS + HOUR_MS + 120_000);
    let judged = series.newest_seq();
    let (report, took, stall) = std::thread::scope(|scope| {
        let roll = scope.spawn(|| {
            let start = Instant::now();
            (series.roll(now, judged).unwrap(), start.elapsed())
        });
        let mut stall = Duration::ZERO;
        let mut second = HOUR_S;
        while !roll.is_finished() {
            let batch = park.second(second);
            second += 1;
            stall = stall.max(timed(|| series.append(&batch).unwrap()));
        }
        let (report, took) = roll.join().unwrap();
        (report, took, stall)
    });
    assert_eq!(report.chunks, u64::from(CHANNELS));
    figure("store_bytes_rolled", report.bytes as f64 / readings, "B/reading");
    figure("store_roll", milliseconds(took), "ms");
    figure("store_append_max_beside_roll", milliseconds(stall), "ms");
}

fn read(series: &Series) {
    let (from, to) = (START_MS, START_MS + HOUR_MS);
    let mut times: Vec<_> = (0..RANGES)
        .map(|i| {
            let channel = ChannelIndex(i * 7 % CHANNELS);
            let span = (Timestamp::from_millis(from), Timestamp::from_millis(to));
            timed(|| assert_eq!(series.range(channel, span.0, span.1).unwrap().len(), 3600))
        })
        .collect();
    figure("store_range_1h_p50", percentile(&mut times, 50), "ms");
    figure("store_range_1h_p99", percentile(&mut times, 99), "ms");
    let mut times: Vec<_> = (0..RANGES).map(|_| timed(|| series.last())).collect();
    figure("store_last_1000_channels", percentile(&mut times, 50), "ms");
}
