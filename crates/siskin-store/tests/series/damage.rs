//! Flipped and missing bytes in every kind of file: detected and named, and the rest is readable.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use siskin_model::{ChannelIndex, Reading};
use siskin_store::{Series, SeriesRead, StoreError};

use crate::HOUR_MS;
use crate::support::{at, channels, reading};

const CHANNELS: u32 = 4;
const HOURS: i64 = 6;
/// Places in the database file that are tried.
const FLIPS: u64 = 150;

/// Six hours of four channels, a reading a minute; the last two hours are not rolled.
fn written(dir: &Path) -> Series {
    let series = Series::open(dir, &channels(CHANNELS as usize)).unwrap();
    for minute in 0..HOURS * 60 {
        series.append(&batch(minute)).unwrap();
    }
    series.roll(at((HOURS - 2) * HOUR_MS + 60_000), u64::MAX).unwrap();
    series
}

fn batch(minute: i64) -> Vec<Reading> {
    let value = |channel: u32| ((minute * 7 + i64::from(channel)) % 100) as f64 / 100.0;
    (0..CHANNELS).map(|c| reading(c, minute * 60_000, Some(value(c)))).collect()
}

fn expected(channel: u32, hour: i64) -> Vec<Reading> {
    let minutes = hour * 60..(hour + 1) * 60;
    minutes.flat_map(batch).filter(|r| r.channel.0 == channel).collect()
}

/// The files of a store as a process leaves them that dies now.
fn left_behind(dir: &Path, to: &Path) {
    for name in ["series.db", "series.db-wal"] {
        fs::copy(dir.join(name), to.join(name)).unwrap();
    }
}

fn flip(path: &Path, byte: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[byte] ^= 0x41;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_hour_is_named_and_the_others_are_whole() {
    let dir = tempfile::tempdir().unwrap();
    drop(written(dir.path()));
    let hour = at(2 * HOUR_MS).as_millis() / HOUR_MS;
    let db = Connection::open(dir.path().join("series.db")).unwrap();
    let cut = "UPDATE chunk SET body = zeroblob(length(body)) WHERE channel = 2 AND hour = ?1";
    assert_eq!(db.execute(cut, [hour]).unwrap(), 1);
    drop(db);
    let series = Series::open(dir.path(), &channels(CHANNELS as usize)).unwrap();
    let reader = Series::open_read_only(dir.path(), &channels(CHANNELS as usize)).unwrap();
    for read in [&series as &dyn SeriesRead, &reader] {
        for hour in (0..HOURS).filter(|hour| *hour != 2) {
            let span = (at(hour * HOUR_MS), at((hour + 1) * HOUR_MS));
            let stored = read.range(ChannelIndex(1), span.0, span.1).unwrap();
            assert_eq!(stored, expected(1, hour));
        }
        let error = read.range(ChannelIndex(1), at(0), at(HOURS * HOUR_MS)).unwrap_err();
        let text = error.to_string();
        for part in ["channel row 2", "2026-01-01T02:00", "checksum", "hint: "] {
            assert!(text.contains(part), "`{part}` is missing in: {text}");
        }
        let found = read.readable(ChannelIndex(1), at(0), at(HOURS * HOUR_MS)).unwrap();
        let whole: Vec<_> =
            (0..HOURS).filter(|hour| *hour != 2).flat_map(|hour| expected(1, hour)).collect();
        assert_eq!(found.readings, whole);
        assert_eq!(found.damaged.iter().map(|d| d.begin).collect::<Vec<_>>(), [at(2 * HOUR_MS)]);
    }
    assert_eq!(series.hours_damaged(), 1, "told once, however often it is asked for");
}

/// What a store with a flipped byte gives: all that was written, or less and something says so.
/// A byte in SQLite's own trees can hide a chunk; then it is SQLite's check that says so.
fn check_flipped(dir: &Path, byte: usize) -> &'static str {
    let series = match Series::open(dir, &channels(CHANNELS as usize)) {
        Ok(series) => series,
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains("series.db") && text.contains("hint: "), "{byte}: {text}");
            return "refused";
        }
    };
    let mut is_whole = true;
    let mut is_told = series.batches_damaged() > 0;
    for channel in 0..CHANNELS {
        for hour in 0..HOURS {
            let span = (at(hour * HOUR_MS), at((hour + 1) * HOUR_MS));
            match series.range(ChannelIndex(channel), span.0, span.1) {
                Ok(stored) => {
                    let expected = expected(channel, hour);
                    assert!(stored.iter().all(|r| expected.contains(r)), "{byte}: false readings");
                    is_whole &= stored == expected;
                }
                Err(StoreError::Damaged { .. }) => is_told = true,
                Err(error) => panic!("{byte}: {error}"),
            }
        }
    }
    drop(series);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let db = Connection::open_with_flags(dir.join("series.db"), flags).unwrap();
    let checked = db.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    let is_found = checked.map_or(true, |text| text != "ok");
    assert!(is_whole || is_told || is_found, "{byte}: readings are missing without a word");
    if is_told {
        "told"
    } else if is_found {
        "found by the check"
    } else {
        "harmless"
    }
}

#[test]
fn a_flipped_byte_anywhere_in_the_database_never_makes_a_false_curve() {
    let whole = tempfile::tempdir().unwrap();
    drop(written(whole.path()));
    let from = whole.path().join("series.db");
    let size = fs::metadata(&from).unwrap().len();
    let mut outcomes = std::collections::BTreeMap::new();
    let mut seed = 0x5eed_u64;
    for _ in 0..FLIPS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let byte = usize::try_from((seed >> 20) % size).unwrap();
        let dir = tempfile::tempdir().unwrap();
        fs::copy(&from, dir.path().join("series.db")).unwrap();
        flip(&dir.path().join("series.db"), byte);
        *outcomes.entry(check_flipped(dir.path(), byte)).or_insert(0) += 1;
    }
    println!("{FLIPS} flipped bytes of {size}: {outcomes:?}");
}

#[test]
fn a_database_that_is_cut_short_is_refused_or_told() {
    let whole = tempfile::tempdir().unwrap();
    drop(written(whole.path()));
    let bytes = fs::read(whole.path().join("series.db")).unwrap();
    for tenths in 1..10 {
        let dir = tempfile::tempdir().unwrap();
        let cut = bytes.len() * tenths / 10;
        fs::write(dir.path().join("series.db"), &bytes[..cut]).unwrap();
        assert_ne!(check_flipped(dir.path(), cut), "harmless");
    }
}

#[test]
fn commits_behind_damage_of_the_journal_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let series = written(dir.path());
    // Whatever turn of the journal the roll has ended in, these are commits of the newest one.
    for minute in HOURS * 60..HOURS * 60 + 20 {
        series.append(&batch(minute)).unwrap();
    }
    // In the head, in the page and in the head of an early frame.
    let bytes = [(None, false), (Some(13), true), (Some(5000), true), (Some(4160), true)];
    for (byte, is_damaged) in bytes {
        let dead = tempfile::tempdir().unwrap();
        left_behind(dir.path(), dead.path());
        if let Some(byte) = byte {
            flip(&dead.path().join("series.db-wal"), byte);
        }
        let kept = dead.path().join("series.db-wal.damaged");
        match Series::open(dead.path(), &channels(CHANNELS as usize)) {
            Ok(opened) => assert_eq!(opened.batches_damaged() > 0, is_damaged, "{byte:?}"),
            Err(error) => assert!(is_damaged, "{error}"),
        }
        assert_eq!(kept.exists(), is_damaged, "{byte:?}");
    }
    drop(series);
}

#[test]
fn what_is_in_the_lock_file_means_nothing() {
    let dir = tempfile::tempdir().unwrap();
    drop(written(dir.path()));
    let lock = dir.path().join("series.db.lock");
    assert!(lock.exists());
    fs::write(&lock, "nonsense").unwrap();
    let series = Series::open(dir.path(), &channels(CHANNELS as usize)).unwrap();
    assert_eq!(series.range(ChannelIndex(0), at(0), at(HOUR_MS)).unwrap(), expected(0, 0));
    drop(series);
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    let error = Series::open(dir.path(), &channels(CHANNELS as usize)).unwrap_err().to_string();
    assert!(error.contains("series.db.lock") && error.contains("hint: "), "{error}");
}
