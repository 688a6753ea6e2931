//! What a figure is made of: times, processor time, memory and files, as Linux counts them.

use std::path::Path;
use std::time::{Duration, Instant};

/// Of `/proc/*/stat`: what the kernel gives programs (USER_HZ) on every machine we run on.
const TICKS_A_SECOND: f64 = 100.0;

pub(crate) fn figure(name: &str, value: f64, unit: &str) {
    println!("figure {name} {value:.3} {unit}");
}

pub(crate) fn timed<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (act(), start.elapsed())
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The time that `percent` of the times do not exceed.
pub(crate) fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let slowest = times.iter().take((times.len() * percent).div_ceil(100)).next_back();
    slowest.copied().map_or(0.0, milliseconds)
}

/// Prints p50 and p99.
pub(crate) fn percentiles(name: &str, times: &mut [Duration]) {
    figure(&format!("{name}_p50"), percentile(times, 50), "ms");
    figure(&format!("{name}_p99"), percentile(times, 99), "ms");
}

/// Seconds of processor time so far; `of` is a process number, `self` or `thread-self`.
pub(crate) fn cpu_s(of: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{of}/stat")).unwrap();
    let fields = stat.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2);
    fields.map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / TICKS_A_SECOND
}

/// The most memory that a process had in use.
pub(crate) fn memory_max_mib(of: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{of}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap() / 1024.0
}

/// Of an SQLite file: what it keeps for what comes next instead of giving it back.
pub(crate) fn free_bytes(file: &Path) -> u64 {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let db = rusqlite::Connection::open_with_flags(file, flags).unwrap();
    let number = |sql| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    (number("PRAGMA freelist_count") * number("PRAGMA page_size")).cast_unsigned()
}

/// Bytes of all files in a folder; a file that goes meanwhile counts nothing.
pub(crate) fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let bytes = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => folder_bytes(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    };
    entries.flatten().map(bytes).sum()
}
