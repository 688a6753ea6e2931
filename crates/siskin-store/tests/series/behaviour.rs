//! What the series does at its edges, one case at a time.

use std::path::Path;

use rusqlite::Connection;
use siskin_model::{ChannelIndex, Quality, Reading, Timestamp, Unit};
use siskin_store::series::{BATCH_READINGS_MAX, PARTS_MAX, ROLL_GRACE_MS};
use siskin_store::{RollReport, Series, StoreError};

use crate::HOUR_MS;
use crate::support::{at, channels, reading};

fn all(series: &Series, channel: u32) -> Vec<Reading> {
    let (from, to) = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));
    series.range(ChannelIndex(channel), from, to).unwrap()
}

/// One statement on the file while no station runs.
fn sql(dir: &Path, text: &str) -> usize {
    let db = Connection::open(dir.join("series.db")).unwrap();
    db.execute(text, []).unwrap()
}

fn count(dir: &Path, table: &str) -> u64 {
    let db = Connection::open(dir.join("series.db")).unwrap();
    let text = format!("SELECT count(*) FROM {table}");
    db.query_row(&text, [], |row| row.get::<_, u32>(0)).unwrap().into()
}

fn refused(error: &StoreError, expected: &[&str]) {
    let text = error.to_string();
    for part in expected.iter().chain(&["hint: "]) {
        assert!(text.contains(part), "`{part}` is missing in: {text}");
    }
}

#[test]
fn channels_move_leave_and_come_back_with_their_data() {
    let dir = tempfile::tempdir().unwrap();
    let keys = channels(3);
    let series = Series::open(dir.path(), &keys).unwrap();
    let batch = [0, 1, 2].map(|c| reading(c, 1000, Some(f64::from(c))));
    series.append(&batch).unwrap();
    drop(series);

    let moved = [keys[2].clone(), keys[0].clone()];
    let series = Series::open(dir.path(), &moved).unwrap();
    assert_eq!(all(&series, 0), [reading(0, 1000, Some(2.0))]);
    assert_eq!(all(&series, 1), [reading(1, 1000, Some(0.0))]);
    let of_site = vec![reading(1, 1000, Some(0.0)), reading(0, 1000, Some(2.0))];
    assert_eq!(series.batches_after(0).unwrap(), [(1, of_site)]);
    series.roll(at(2 * HOUR_MS), u64::MAX).unwrap();
    assert_eq!(series.readings_open(), 0, "a channel that left is rolled too");
    drop(series);

    let series = Series::open(dir.path(), &keys).unwrap();
    assert_eq!(all(&series, 1), [reading(1, 1000, Some(1.0))]);
    assert_eq!(series.last(), batch.map(Some));
}

#[test]
fn a_channel_cannot_change_its_meaning() {
    let dir = tempfile::tempdir().unwrap();
    let mut keys = channels(2);
    drop(Series::open(dir.path(), &keys).unwrap());
    keys[1].unit = Unit::MilligramPerM3;
    let error = Series::open(dir.path(), &keys).unwrap_err();
    let expected = ["`at-1-cl2`", "`chlorine in ppm`", "`chlorine in mg/m3`", "series.db"];
    refused(&error, &expected);
    let twice = [keys[0].clone(), keys[0].clone()];
    refused(&Series::open(dir.path(), &twice).unwrap_err(), &["`at-0-cl2` is listed twice"]);
}

#[test]
fn what_cannot_be_stored_is_refused_whole() {
    let dir = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    let unknown = [reading(0, 0, Some(1.0)), reading(1, 0, Some(1.0))];
    refused(&series.append(&unknown).unwrap_err(), &["channel number 1"]);
    let many = vec![reading(0, 0, Some(1.0)); BATCH_READINGS_MAX + 1];
    refused(&series.append(&many).unwrap_err(), &["100001", "100000"]);
    assert_eq!(series.append(&[]).unwrap(), 0);
    assert_eq!((series.newest_seq(), all(&series, 0)), (0, vec![]));
    assert_eq!(series.last(), [None]);
}

#[test]
fn what_comes_to_disk_is_never_a_false_number() {
    let dir = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    let mut given = reading(0, 0, Some(1.0));
    given.value = Some(f64::NAN);
    series.append(&[given]).unwrap();
    let stored = all(&series, 0);
    assert_eq!((stored[0].value, stored[0].quality), (None, Quality::Fault));
}

#[test]
fn an_hour_is_rolled_once_it_is_over_and_judged() {
    let dir = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    let first = series.append(&[reading(0, 0, Some(1.0))]).unwrap();
    // The second batch lies on the border of the hour.
    let border = [reading(0, HOUR_MS - 1, Some(2.0)), reading(0, HOUR_MS, Some(3.0))];
    let second = series.append(&border).unwrap();
    let none = RollReport::default();
    let over = HOUR_MS + ROLL_GRACE_MS;
    assert_eq!(series.roll(at(over - 1), second).unwrap(), none, "not over");
    assert_eq!(series.roll(at(over), 0).unwrap(), none, "not judged");

    let report = series.roll(at(over), first).unwrap();
    assert_eq!((report.chunks, report.readings, report.batches_deleted), (1, 1, 1));
    let whole = vec![(second, border.to_vec())];
    assert_eq!(series.batches_after(0).unwrap(), whole, "a batch not judged stays whole");

    let report = series.roll(at(over), second).unwrap();
    assert_eq!((report.readings, report.batches_deleted, report.batches_trimmed), (1, 0, 1));
    let rest = vec![(second, vec![border[1]])];
    assert_eq!(series.batches_after(0).unwrap(), rest, "the open hour stays");
    let everything = [reading(0, 0, Some(1.0)), border[0], border[1]];
    assert_eq!(all(&series, 0), everything);
}

#[test]
fn a_channel_as_of_a_batch_has_what_was_there_then_and_no_repeat_or_correction_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    let rolled = reading(0, 0, Some(1.0));
    series.append(&[rolled]).unwrap();
    let batch = |values: [f64; 2]| {
        let at = [HOUR_MS + 1, HOUR_MS + 2];
        [0, 1].map(|place| reading(0, at[place], Some(values[place])))
    };
    let before = series.append(&batch([2.0, 3.0])).unwrap();
    let over = at(HOUR_MS + ROLL_GRACE_MS);
    assert_eq!(series.roll(over, before).unwrap().readings, 1);
    let late = reading(0, 10, Some(9.0));
    series.append(&[late]).unwrap();
    let after = series.append(&batch([2.0, 4.0])).unwrap();
    let [first, second] = batch([2.0, 3.0]);
    let ends = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));
    let as_of = |seq| series.readable_as_of(ChannelIndex(0), ends, seq).unwrap().readings;
    assert_eq!(as_of(before), [rolled, first, second]);
    assert_eq!(as_of(before + 1), [rolled, late, first, second]);
    assert_eq!(as_of(after), all(&series, 0));
    assert_eq!(as_of(after).last(), Some(&batch([2.0, 4.0])[1]));
}

#[test]
fn numbers_rise_when_every_batch_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let keys = channels(1);
    let series = Series::open(dir.path(), &keys).unwrap();
    assert_eq!(series.append(&[reading(0, 0, Some(1.0))]).unwrap(), 1);
    assert_eq!(series.append(&[reading(0, 1, Some(1.0))]).unwrap(), 2);
    series.roll(at(9 * HOUR_MS), u64::MAX).unwrap();
    drop(series);
    assert_eq!(count(dir.path(), "batch"), 0);
    let series = Series::open(dir.path(), &keys).unwrap();
    assert_eq!(series.newest_seq(), 2);
    assert_eq!(series.append(&[reading(0, 2, Some(1.0))]).unwrap(), 3);
}

#[test]
fn a_wrong_clock_does_not_stay_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    let ahead = reading(0, 365 * 24 * HOUR_MS, Some(1.0));
    let present = reading(0, 1000, Some(2.0));
    series.append(&[ahead, present]).unwrap();
    series.roll(at(2000), u64::MAX).unwrap();
    assert_eq!(series.readings_open(), 1);
    assert_eq!(all(&series, 0), [present, ahead]);
}

#[test]
fn late_readings_do_not_pile_up_parts() {
    let dir = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    let rounds = 3 * PARTS_MAX;
    for i in 0..rounds {
        // Each round corrects the stamp all share and adds one of its own.
        let late = [reading(0, 0, Some(i as f64)), reading(0, 1 + i, Some(0.5))];
        series.append(&late).unwrap();
        series.roll(at(9 * HOUR_MS), u64::MAX).unwrap();
        let stored = all(&series, 0);
        assert_eq!(stored.len() as u64, 2 + i.cast_unsigned());
        assert_eq!(stored[0].value, Some(i as f64), "the last one appended wins");
    }
    drop(series);
    let parts = count(dir.path(), "chunk");
    assert!(parts <= PARTS_MAX.cast_unsigned(), "{parts} parts");
}

#[test]
fn a_damaged_chunk_is_an_error_and_not_a_curve() {
    let dir = tempfile::tempdir().unwrap();
    let keys = channels(2);
    let series = Series::open(dir.path(), &keys).unwrap();
    let batch = [reading(0, 0, Some(1.0)), reading(1, 0, Some(2.0))];
    series.append(&batch).unwrap();
    series.roll(at(9 * HOUR_MS), u64::MAX).unwrap();
    drop(series);
    let cut = "UPDATE chunk SET body = substr(body, 1, length(body) - 1) WHERE channel = 1";
    assert_eq!(sql(dir.path(), cut), 1);
    let series = Series::open(dir.path(), &keys).unwrap();
    let error = series.range(ChannelIndex(0), at(0), at(HOUR_MS)).unwrap_err();
    refused(&error, &["channel row 1", "damaged", "checksum", "series.db"]);
    assert_eq!(all(&series, 1), [batch[1]], "the other channel is whole");
}

#[test]
fn a_damaged_batch_is_put_aside_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let keys = channels(1);
    let series = Series::open(dir.path(), &keys).unwrap();
    let batches = [0, 1, 2].map(|ms| [reading(0, ms, Some(1.0))]);
    for batch in &batches {
        series.append(batch).unwrap();
    }
    drop(series);
    let flip = "UPDATE batch SET body = zeroblob(length(body)) WHERE seq = 2";
    assert_eq!(sql(dir.path(), flip), 1);
    let series = Series::open(dir.path(), &keys).unwrap();
    assert_eq!(series.batches_damaged(), 1);
    assert_eq!(all(&series, 0), [batches[0][0], batches[2][0]]);
    assert_eq!(series.batches_after(0).unwrap().len(), 2);
    drop(series);
    assert_eq!((count(dir.path(), "damaged"), count(dir.path(), "batch")), (1, 2));
}

#[test]
fn a_batch_that_nobody_saw_committed_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let keys = channels(1);
    let series = Series::open(dir.path(), &keys).unwrap();
    series.append(&[reading(0, 0, Some(1.0))]).unwrap();
    // What a commit leaves whose success was reported as an error.
    let ghost = "INSERT INTO batch SELECT 2, first_at, last_at, body FROM batch";
    assert_eq!(sql(dir.path(), ghost), 1);
    let repeated = reading(0, 1, Some(2.0));
    assert_eq!(series.append(&[repeated]).unwrap(), 2);
    assert_eq!(series.batches_after(1).unwrap(), [(2, vec![repeated])]);
}

/// Readers and a roller beside a writer: what was acknowledged before a read began is in it.
#[test]
fn reads_and_rolls_beside_appends_miss_nothing() {
    const BATCHES: u64 = 400;
    let dir = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    let check = || {
        let acknowledged = series.newest_seq();
        let seen = all(&series, 0);
        let stamps: Vec<_> = seen.iter().map(|r| r.measured_at).collect();
        assert!(seen.len() as u64 >= acknowledged, "{} of {acknowledged}", seen.len());
        assert!(stamps.is_sorted_by(|a, b| a < b), "each stamp once");
    };
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for i in 0..BATCHES.cast_signed() {
                series.append(&[reading(0, i * 60_000, Some(i as f64))]).unwrap();
            }
        });
        scope.spawn(|| (0..BATCHES).for_each(|_| check()));
        while !writer.is_finished() {
            let done = series.newest_seq();
            series.roll(at(done.cast_signed() * 60_000), done).unwrap();
        }
    });
    assert_eq!(all(&series, 0).len() as u64, BATCHES);
}
