//! Every kind of damage: found, named, and the rest readable after a repair.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use siskin_model::{ChannelId, ChannelIndex, Quality, Reading, Unit};

use super::*;
use crate::series::{ChannelKey, ROLL_GRACE_MS};
use crate::{Ledger, Series};

const HOUR_MS: i64 = 3_600_000;
const PAGE: usize = 4096;

fn keys() -> Vec<ChannelKey> {
    let key = |id: &str| ChannelKey {
        id: ChannelId::new(id).unwrap(),
        quantity: "chlorine".to_owned(),
        unit: Unit::Ppm,
    };
    vec![key("cl2-01"), key("cl2-02")]
}

fn readings(channel: u32, seconds: Range<i64>) -> Vec<Reading> {
    let one = |second: i64| {
        let at = Timestamp::from_millis(second * 1000);
        let value = ((second * 7919 + i64::from(channel)) % 1013) as f64 / 100.0;
        Reading::new(ChannelIndex(channel), at, at.plus_ms(150), Some(value), Quality::Good)
    };
    seconds.map(one).collect()
}

/// A copy of the sample: making it anew each time would be fsyncs above all.
fn made(dir: &Path) {
    static SAMPLE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
        let dir = tempfile::tempdir().unwrap();
        sample(dir.path());
        dir
    });
    for name in ["series.db", "ledger.db"] {
        fs::copy(SAMPLE.path().join(name), dir.join(name)).unwrap();
    }
}

/// Three hours of two channels, two of them rolled; one of these in two parts. Before them a day
/// that is packed, with ten minutes of it.
fn sample(dir: &Path) {
    let series = Series::open(dir, &keys()).unwrap();
    let yesterday = -86_400..-85_800;
    let mut batch = readings(0, yesterday.clone());
    batch.extend(readings(1, yesterday));
    series.append(&batch).unwrap();
    for begin in (0..10_800).step_by(900) {
        let mut batch = readings(0, begin..begin + 900);
        batch.extend(readings(1, begin..begin + 900));
        series.append(&batch).unwrap();
    }
    let now = Timestamp::from_millis(2 * HOUR_MS + ROLL_GRACE_MS);
    series.roll(now, u64::MAX).unwrap();
    series.append(&readings(0, 10..20)).unwrap();
    series.roll(now, u64::MAX).unwrap();
    assert_eq!(series.compact(now, 9).unwrap().packed, 2);
    let ledger = Ledger::open(dir).unwrap();
    ledger.set_mark(series.newest_seq());
    ledger.flush_mark().unwrap();
}

fn all(dir: &Path) -> Result<Vec<Vec<Reading>>, StoreError> {
    let reader = Series::open_read_only(dir, &keys())?;
    if reader.batches_damaged() > 0 {
        return Ok(Vec::new());
    }
    let (from, to) = (Timestamp::from_millis(-24 * HOUR_MS), Timestamp::from_millis(100 * HOUR_MS));
    (0..2).map(|channel| reader.range(ChannelIndex(channel), from, to)).collect()
}

fn spoil(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn sql(dir: &Path, name: &str, sql: &str) {
    Connection::open(dir.join(name)).unwrap().execute_batch(sql).unwrap();
}

/// After the damage it is told with these words; after a repair all is clean and `rest` is there.
fn check(damage: impl FnOnce(&Path), words: &[&str], rest: usize) {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path());
    assert_eq!(verify(dir.path()).unwrap().files[1].damage, []);
    let whole = all(dir.path()).unwrap();
    damage(dir.path());
    let checked = verify(dir.path()).unwrap();
    let told = format!("{checked:?}");
    assert!(!checked.is_clean());
    for word in words {
        assert!(told.contains(word), "`{word}` is missing in: {told}");
    }
    let repaired = repair(dir.path(), &checked.files).unwrap();
    assert!(repaired.iter().all(|one| one.kept.is_file()), "{repaired:?}");
    let after = verify(dir.path()).unwrap();
    assert!(after.is_clean(), "{after:?}");
    let left = all(dir.path()).unwrap();
    let count = left.iter().map(Vec::len).sum::<usize>();
    assert!(count >= rest, "{count} of {rest} readings are left");
    for (left, whole) in left.iter().zip(&whole) {
        assert!(left.iter().all(|reading| whole.contains(reading)));
    }
    // The station opens it and goes on with higher numbers.
    let series = Series::open(dir.path(), &keys()).unwrap();
    let mark = Ledger::open(dir.path()).unwrap().mark();
    assert!(series.append(&readings(0, 20_000..20_001)).unwrap() > mark);
}

#[test]
fn a_changed_hour_is_named_and_put_aside() {
    let change = "UPDATE chunk SET body = zeroblob(length(body)) WHERE channel = 2 AND hour = 1";
    let words = ["cl2-02", "begin: Timestamp(3600000)", "checksum", "readings: Some(3600)"];
    check(|dir| sql(dir, "series.db", change), &words, 19_200);
    let change = "UPDATE chunk SET readings = 5 WHERE channel = 1 AND hour = 0 AND part = 1";
    check(|dir| sql(dir, "series.db", change), &["cl2-01", "not those its row says"], 22_800);
    let change = "UPDATE chunk SET hour = 9 WHERE channel = 1 AND hour = 1";
    check(|dir| sql(dir, "series.db", change), &["another hour"], 19_200);
    let change = "DELETE FROM chunk WHERE channel = 1 AND hour = 0 AND part = 0";
    check(|dir| sql(dir, "series.db", change), &["lack a part"], 19_200);
}

#[test]
fn a_changed_packed_day_is_named_and_put_aside() {
    let change = "UPDATE day_chunk SET body = zeroblob(length(body)) WHERE channel = 2";
    let words = ["Day {", "cl2-02", "begin: Timestamp(-86400000)", "checksum", "Some(600)"];
    check(|dir| sql(dir, "series.db", change), &words, 22_200);
    let change = "UPDATE day_chunk SET readings = 5 WHERE channel = 1";
    check(|dir| sql(dir, "series.db", change), &["Day {", "not those its row says"], 22_200);
    let change = "UPDATE day_chunk SET day = 7 WHERE channel = 1";
    check(|dir| sql(dir, "series.db", change), &["another day"], 22_200);
    let change = "UPDATE day_chunk SET arrival = (SELECT max(arrival) FROM chunk)
                  WHERE channel = 1";
    let dir = tempfile::tempdir().unwrap();
    made(dir.path());
    sql(dir.path(), "series.db", change);
    let told = format!("{:?}", verify(dir.path()).unwrap());
    assert!(told.contains("given twice"), "{told}");
    // Numbers go on above those of days too.
    let change = "UPDATE day_chunk SET arrival = 1 << 40 WHERE channel = 1";
    check(|dir| sql(dir, "series.db", change), &["after the newest one"], 22_800);
}

#[test]
fn a_changed_batch_is_named_and_put_aside() {
    let change = "UPDATE batch SET body = zeroblob(9) WHERE seq = 12";
    check(|dir| sql(dir, "series.db", change), &["Batch(12)", "checksum"], 21_000);
    let change = "UPDATE batch SET first_at = 7 WHERE seq = 12";
    check(|dir| sql(dir, "series.db", change), &["Batch(12)", "its stamps"], 21_000);
}

#[test]
fn a_series_behind_its_ledger_is_told() {
    let change = "UPDATE sqlite_sequence SET seq = 13; DELETE FROM batch WHERE seq > 13";
    let change = |dir: &Path| {
        sql(dir, "series.db", change);
        sql(dir, "ledger.db", "UPDATE mark SET series_seq = 14");
    };
    check(change, &["Mark", "batch 14 was judged"], 22_800);
}

#[test]
fn damage_of_the_ledger_is_named_and_put_aside() {
    let change = "INSERT INTO event (recorded_at, kind, change, at, body)
                  VALUES (1, 'alarm', 'raise', 1, '{')";
    check(|dir| sql(dir, "ledger.db", change), &["\"event\", number: 1", "EOF"], 22_800);
}

#[test]
fn pages_of_zeros_are_found() {
    // The first page is the file's head: without it nothing can be read.
    let dir = tempfile::tempdir().unwrap();
    made(dir.path());
    let pages = fs::read(dir.path().join("series.db")).unwrap().len() / PAGE;
    for page in 1..pages {
        let dir = tempfile::tempdir().unwrap();
        made(dir.path());
        let whole = all(dir.path()).unwrap();
        spoil(&dir.path().join("series.db"), |bytes| {
            bytes[page * PAGE..(page + 1) * PAGE].fill(0);
        });
        let checked = verify(dir.path()).unwrap();
        if checked.is_clean() {
            assert_eq!(all(dir.path()).unwrap(), whole, "page {page} is not one that is used");
            continue;
        }
        let repaired = repair(dir.path(), &checked.files).unwrap();
        assert_eq!(repaired.len(), 1, "page {page}");
        let after = verify(dir.path()).unwrap();
        assert!(after.is_clean(), "page {page}: {after:?}");
    }
}

#[test]
fn a_torn_file_is_found() {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path());
    spoil(&dir.path().join("series.db"), |bytes| bytes.truncate(bytes.len() - 3 * PAGE - 100));
    assert!(!verify(dir.path()).unwrap().is_clean());
    spoil(&dir.path().join("ledger.db"), |bytes| bytes[..100].fill(0));
    let checked = verify(dir.path()).unwrap();
    assert!(checked.files.iter().all(|file| file.damage_count > 0), "{checked:?}");
}

#[test]
fn a_damaged_journal_is_found() {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path());
    let copy = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &keys()).unwrap();
    for second in 30_000..30_010 {
        series.append(&readings(0, second..second + 1)).unwrap();
    }
    for name in ["series.db", "series.db-wal", "ledger.db"] {
        fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
    }
    assert!(verify(copy.path()).unwrap().is_clean());
    spoil(&copy.path().join("series.db-wal"), |bytes| bytes[PAGE] ^= 1);
    let told = format!("{:?}", verify(copy.path()).unwrap());
    assert!(told.contains("Journal("), "{told}");
    // Of the owner's own, nothing is said while it writes.
    assert!(verify(dir.path()).unwrap().is_clean());
}

#[test]
fn what_a_station_has_is_not_repaired() {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path());
    let _owner = Series::open(dir.path(), &keys()).unwrap();
    let error = repair(dir.path(), &[]).unwrap_err().to_string();
    assert!(error.contains("is used by another process; hint: "), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// A flipped bit is told, or does no harm to any reading, or keeps the file from being opened.
    #[test]
    fn a_flipped_bit_is_never_a_reading(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let dir = tempfile::tempdir().unwrap();
        made(dir.path());
        let whole = all(dir.path()).unwrap();
        spoil(&dir.path().join("series.db"), |bytes| {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        });
        let is_told = !verify(dir.path()).is_ok_and(|checked| checked.is_clean());
        if !is_told && let Ok(left) = all(dir.path()) {
            prop_assert_eq!(left, whole);
        }
    }
}
