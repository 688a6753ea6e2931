//! Days that are packed: what becomes of their hours, of what comes later, and of damage.

use std::path::Path;

use rusqlite::Connection;
use siskin_model::{ChannelIndex, Origin, Reading};
use siskin_store::{BucketStep, Series, SeriesRead};

use crate::HOUR_MS;
use crate::plain::{self, DAY_MS};
use crate::support::{at, channels, reading};

const ONE: ChannelIndex = ChannelIndex(0);
const BUDGET: usize = 100;
/// The second day is over and so is its last hour.
const NOW_MS: i64 = 2 * DAY_MS + HOUR_MS;

/// Two days, a reading in 20 minutes.
fn written() -> Vec<Reading> {
    (0..144).map(|i| reading(0, i * 1_200_000, Some((i % 17) as f64 / 4.0))).collect()
}

/// Rolled, and so many days packed.
fn series(dir: &Path, packed: usize) -> Series {
    let series = Series::open(dir, &channels(1)).unwrap();
    series.append_all(&[(Origin::Backlog, &written())]).unwrap();
    series.roll(at(NOW_MS), u64::MAX).unwrap();
    assert_eq!(series.compact(at(NOW_MS), packed).unwrap().packed, packed as u64);
    series
}

/// Runs a statement or gives the number that a question has for an answer.
fn sql(dir: &Path, text: &str) -> i64 {
    let db = Connection::open(dir.join("series.db")).unwrap();
    if text.starts_with("SELECT") {
        return db.query_row(text, [], |row| row.get(0)).unwrap();
    }
    i64::try_from(db.execute(text, []).unwrap()).unwrap()
}

/// Chunks of hours, and packed days.
fn stored(dir: &Path) -> (i64, i64) {
    (sql(dir, "SELECT count(*) FROM chunk"), sql(dir, "SELECT count(*) FROM day_chunk"))
}

fn all(read: &dyn SeriesRead) -> Vec<Reading> {
    let records = read.records(ONE, at(0), at(9 * DAY_MS)).unwrap();
    assert!(records.iter().all(|(_, origin)| *origin == Origin::Backlog));
    records.into_iter().map(|(reading, _)| reading).collect()
}

#[test]
fn a_packed_day_says_what_its_hours_said() {
    let dir = tempfile::tempdir().unwrap();
    let expected = written();
    for packed in 0..3usize {
        let dir = dir.path().join(packed.to_string());
        let series = series(&dir, packed);
        let left = 2 - i64::try_from(packed).unwrap();
        assert_eq!(stored(&dir), (24 * left, 2 - left));
        let reader = Series::open_read_only(&dir, &channels(1)).unwrap();
        assert_eq!((all(&series), all(&reader)), (expected.clone(), expected.clone()));
        let hours = series.buckets(ONE, at(0), at(9 * DAY_MS), BucketStep::HOUR).unwrap();
        assert_eq!(hours, plain::buckets(&expected, BucketStep::HOUR));
        let (from, to) = (at(30 * HOUR_MS), at(31 * HOUR_MS));
        assert_eq!(series.range(ONE, from, to).unwrap(), expected[90..93]);
        drop(series);
        let series = Series::open(&dir, &channels(1)).unwrap();
        assert_eq!(series.last(), [expected.last().copied()], "{packed} days are packed");
    }
}

#[test]
fn what_comes_late_lies_over_the_day_and_is_packed_into_it() {
    let dir = tempfile::tempdir().unwrap();
    let series = series(dir.path(), 2);
    let mut expected = written();
    for round in 0..3 {
        // A correction in the first day; the newest reading must not be taken for one of its hour.
        let late = reading(0, 3_600_000, Some(90.0 + f64::from(round)));
        expected[3] = late;
        series.append_all(&[(Origin::Backlog, &[late])]).unwrap();
        assert_eq!(all(&series), expected, "not rolled");
        let summed_up = series.compact(at(NOW_MS), BUDGET).unwrap();
        assert_eq!((summed_up.days, summed_up.packed), (0, 0));
        series.roll(at(NOW_MS), u64::MAX).unwrap();
        assert_eq!((all(&series), stored(dir.path())), (expected.clone(), (1, 2)), "rolled");
        let reopened = Series::open_read_only(dir.path(), &channels(1)).unwrap();
        assert_eq!(all(&reopened), expected);
        let summed_up = series.compact(at(NOW_MS), BUDGET).unwrap();
        assert_eq!((summed_up.days, summed_up.packed), (1, 1));
        assert_eq!((all(&series), stored(dir.path())), (expected.clone(), (0, 2)), "packed");
    }
}

#[test]
fn the_newest_reading_is_found_beside_late_ones_of_its_day() {
    let dir = tempfile::tempdir().unwrap();
    let series = series(dir.path(), 2);
    series.append(&[reading(0, DAY_MS + 1, Some(1.0))]).unwrap();
    series.roll(at(NOW_MS), u64::MAX).unwrap();
    drop(series);
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    assert_eq!(series.last(), [written().last().copied()]);
}

#[test]
fn of_a_damaged_day_each_hour_is_named_and_the_rest_is_given() {
    let dir = tempfile::tempdir().unwrap();
    let first = series(dir.path(), 2);
    first.append_all(&[(Origin::Backlog, &[reading(0, 7, Some(1.0))])]).unwrap();
    first.roll(at(NOW_MS), u64::MAX).unwrap();
    drop(first);
    let flip = "UPDATE day_chunk SET body = zeroblob(length(body))
                WHERE day = (SELECT min(day) FROM day_chunk)";
    assert_eq!(sql(dir.path(), flip), 1);
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    let reader = Series::open_read_only(dir.path(), &channels(1)).unwrap();
    for read in [&series as &dyn SeriesRead, &reader] {
        let error = read.range(ONE, at(5 * HOUR_MS), at(6 * HOUR_MS)).unwrap_err().to_string();
        for part in ["channel row 1", "2026-01-01T05:00", "day ", "checksum", "hint: "] {
            assert!(error.contains(part), "`{part}` is missing in: {error}");
        }
        let some = read.readable(ONE, at(22 * HOUR_MS), at(2 * DAY_MS)).unwrap();
        assert_eq!(some.readings, written()[72..]);
        let begins: Vec<_> = some.damaged.iter().map(|hour| hour.begin).collect();
        assert_eq!(begins, [at(22 * HOUR_MS), at(23 * HOUR_MS)], "those that were asked for");
        let all = read.readable(ONE, at(0), at(2 * DAY_MS)).unwrap();
        assert_eq!(all.damaged.len(), 24);
        assert_eq!(all.readings.first().map(|r| r.measured_at), Some(at(7)), "what came later");
    }
    assert_eq!(series.hours_damaged(), 24);
    let summed_up = series.compact(at(NOW_MS), BUDGET).unwrap();
    assert_eq!((summed_up.days, summed_up.damaged, summed_up.due), (0, 1, 1));
    assert_eq!(stored(dir.path()), (1, 2), "it stays as it lies");
}

#[test]
fn a_day_that_lacks_a_part_or_holds_another_hour_stays_in_hours() {
    let check = |change: &str, days: u64, damaged: u64, hours: i64| {
        let dir = tempfile::tempdir().unwrap();
        let first = series(dir.path(), 0);
        first.append(&[reading(0, 5, Some(1.0))]).unwrap();
        first.roll(at(NOW_MS), u64::MAX).unwrap();
        drop(first);
        assert_eq!(sql(dir.path(), change), 1);
        let series = Series::open(dir.path(), &channels(1)).unwrap();
        let summed_up = series.compact(at(NOW_MS), BUDGET).unwrap();
        assert_eq!((summed_up.days, summed_up.damaged, summed_up.packed), (days, damaged, 1));
        assert_eq!(stored(dir.path()), (hours, 1), "{change}");
    };
    let first = "(SELECT min(hour) FROM chunk)";
    let gone = format!("DELETE FROM chunk WHERE hour = {first} AND part = 0");
    check(&gone, 2, 0, 24);
    let moved = format!("UPDATE chunk SET hour = hour + 1 WHERE hour = {first} AND part = 1");
    check(&moved, 1, 1, 25);
}
