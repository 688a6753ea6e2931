//! What the store costs: `cargo bench -p siskin-store` prints `figure <name> <value> <unit>`.
//!
//! Readings as analyzers give them: slow noise in steps of 0.01 ppm, one a second and channel, one
//! in a hundred without a value, received 12 to 40 ms after they were measured.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench may panic and speaks")]

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use siskin_model::{ChannelId, ChannelIndex, Quality, Reading, Timestamp, Unit};
use siskin_store::{ChannelKey, Series};

const CHANNELS: u32 = 1000;
/// A second park, of which a roll takes what waits before it rolls in pieces.
const MANY_CHANNELS: u32 = 10_000;
const MANY_S: i64 = 700;
const HOUR_S: i64 = 3600;
const HOUR_MS: i64 = HOUR_S * 1000;
const START_MS: i64 = 1_767_225_600_000;
const RANGES: u32 = 200;
/// The station rolls every half minute.
const ROLL_S: usize = 30;
/// Of `/proc/self/stat`: what the kernel gives programs (USER_HZ) on every machine we run on.
const TICKS_A_SECOND: f64 = 100.0;

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
    fn new(channels: u32) -> Self {
        Self { noise: Noise(42), levels: vec![1.0; channels as usize] }
    }

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

fn open(dir: &Path, channels: u32) -> Series {
    let key = |i: u32| ChannelKey {
        id: ChannelId::new(&format!("at-{i}")).unwrap(),
        quantity: "chlorine".to_owned(),
        unit: Unit::Ppm,
    };
    Series::open(dir, &(0..channels).map(key).collect::<Vec<_>>()).unwrap()
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
    let series = open(dir.path(), CHANNELS);
    let mut park = Park::new(CHANNELS);
    let hour: Vec<_> = (0..HOUR_S).map(|second| park.second(second)).collect();
    fsync(dir.path());
    let cpu = cpu_s();
    let mut times = append_all(&series, hour.iter().cloned());
    let cpu = cpu_s() - cpu;
    let total: Duration = times.iter().sum();
    let readings = f64::from(CHANNELS) * HOUR_S as f64;
    figure("store_append", readings / total.as_secs_f64(), "readings/s");
    figure("store_append_per_cpu_second", readings / cpu, "readings/s");
    figure("store_append_p50", percentile(&mut times, 50), "ms");
    figure("store_append_p99", percentile(&mut times, 99), "ms");
    figure("store_append_max", percentile(&mut times, 100), "ms");
    let waiting = std::fs::metadata(dir.path().join("series.db")).unwrap().len();
    figure("store_bytes_waiting", waiting as f64 / readings, "B/reading");

    drop(series);
    let reopened = Instant::now();
    let series = open(dir.path(), CHANNELS);
    figure("store_open_with_hour", milliseconds(reopened.elapsed()), "ms");
    roll(&series, &mut park, HOUR_S, "");
    read(&series);
    drop(series);
    many();
}

/// The same roll with ten times the channels.
fn many() {
    let dir = tempfile::tempdir().unwrap();
    let series = open(dir.path(), MANY_CHANNELS);
    let mut park = Park::new(MANY_CHANNELS);
    let mut times = append_all(&series, (0..MANY_S).map(|second| park.second(second)));
    let total: Duration = times.iter().sum();
    let readings = f64::from(MANY_CHANNELS) * MANY_S as f64;
    figure("store_append_10000", readings / total.as_secs_f64(), "readings/s");
    figure("store_append_max_10000", percentile(&mut times, 100), "ms");
    roll(&series, &mut park, MANY_S, "_10000");
}

/// Appends one batch after the other, with the station's roll of every half minute beside them: no
/// hour is over, so it moves the journal into the database and no more.
fn append_all(series: &Series, batches: impl Iterator<Item = Vec<Reading>>) -> Vec<Duration> {
    let roll = || series.roll(Timestamp::from_millis(START_MS), 0).unwrap();
    std::thread::scope(|scope| {
        let mut rolling = scope.spawn(roll);
        let mut times = Vec::new();
        for (second, batch) in batches.enumerate() {
            if second % ROLL_S == 0 && rolling.is_finished() {
                rolling = scope.spawn(roll);
            }
            times.push(timed(|| series.append(&batch).unwrap()));
        }
        times
    })
}

/// What the disk itself takes for about as much as a batch puts into the journal.
fn fsync(dir: &Path) {
    let mut file = std::fs::File::create(dir.join("fsync")).unwrap();
    let pages = vec![7; 24 << 10];
    let mut write = || {
        file.write_all(&pages).unwrap();
        file.sync_all().unwrap();
    };
    let mut times: Vec<_> = (0..RANGES).map(|_| timed(&mut write)).collect();
    figure("store_fsync_p50", percentile(&mut times, 50), "ms");
    figure("store_fsync_max", percentile(&mut times, 100), "ms");
}

/// Seconds of processor time that this process has used, as Linux counts them.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2);
    fields.map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / TICKS_A_SECOND
}

fn timed<T>(act: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    act();
    start.elapsed()
}

/// A roll of all that waits, with the appends of the next hour beside it.
fn roll(series: &Series, park: &mut Park, seconds: i64, of: &str) {
    let now = Timestamp::from_millis(START_MS + HOUR_MS + 120_000);
    let judged = series.newest_seq();
    let readings = park.levels.len() as f64 * seconds as f64;
    let (report, took, mut stalls) = std::thread::scope(|scope| {
        let roll = scope.spawn(|| {
            let start = Instant::now();
            (series.roll(now, judged).unwrap(), start.elapsed())
        });
        let mut stalls = Vec::new();
        let mut second = HOUR_S;
        while !roll.is_finished() {
            let batch = park.second(second);
            second += 1;
            stalls.push(timed(|| series.append(&batch).unwrap()));
        }
        let (report, took) = roll.join().unwrap();
        (report, took, stalls)
    });
    assert_eq!(report.chunks, park.levels.len() as u64);
    figure(&format!("store_bytes_rolled{of}"), report.bytes as f64 / readings, "B/reading");
    figure(&format!("store_roll{of}"), milliseconds(took), "ms");
    figure(&format!("store_appends_beside_roll{of}"), stalls.len() as f64, "appends");
    for (name, percent) in [("p50", 50), ("max", 100)] {
        let name = format!("store_append_{name}_beside_roll{of}");
        figure(&name, percentile(&mut stalls, percent), "ms");
    }
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
