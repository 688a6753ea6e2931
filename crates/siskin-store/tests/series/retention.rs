//! What a trim deletes, what it must keep, and what is left to ask.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;

use rusqlite::Connection;
use siskin_model::{ChannelIndex, Keep, Origin, Quality, Reading, Retention};
use siskin_store::series::{BUCKETS_MAX, FREE_PAGES_KEPT, GAP_DAYS_MAX, Trimmed};
use siskin_store::verify::{Place, verify};
use siskin_store::{Bucket, BucketStep, Gap, Ledger, Series, StoreError, TrimReport};

use crate::plain::DAY_MS;
use crate::support::{at, channels, reading};
use crate::{HOUR_MS, plain};

const ONE: ChannelIndex = ChannelIndex(0);
const BUDGET: usize = 1_000;

fn days(n: u32) -> Keep {
    Keep::Days(NonZeroU32::new(n).unwrap())
}

/// Readings of a day, one in ten seconds for two hours, with a peak in the second minute. Eighths:
/// their sums are the same in any order.
fn a_day(day: i64) -> Vec<Reading> {
    let one = |i: i64| {
        let value = if i == 7 { 40.0 } else { (i % 13) as f64 / 8.0 };
        reading(0, day * DAY_MS + i * 10_000, Some(value))
    };
    (0..720).map(one).collect()
}

/// A series of `count` days, all rolled at the begin of the day after them.
fn series(dir: &Path, count: i64) -> Series {
    let series = Series::open(dir, &channels(1)).unwrap();
    for day in 0..count {
        series.append(&a_day(day)).unwrap();
    }
    series.roll(at(count * DAY_MS + HOUR_MS), u64::MAX).unwrap();
    series
}

fn hours(series: &Series) -> Vec<Bucket> {
    series.buckets(ONE, at(0), at(9 * DAY_MS), BucketStep::HOUR).unwrap()
}

fn expected(days: i64) -> Vec<Bucket> {
    let readings: Vec<_> = (0..days).flat_map(a_day).collect();
    plain::buckets(&readings, BucketStep::HOUR)
}

fn sql(dir: &Path, text: &str) -> i64 {
    let db = Connection::open(dir.join("series.db")).unwrap();
    if text.starts_with("SELECT") {
        return db.query_row(text, [], |row| row.get(0)).unwrap();
    }
    i64::try_from(db.execute(text, []).unwrap()).unwrap()
}

fn trim(series: &Series, now_ms: i64, keep: &Retention, followed: u64) -> TrimReport {
    series.trim(at(now_ms), keep, followed, BUDGET).unwrap()
}

#[test]
fn work_is_bounded_and_goes_on_where_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let series = series(dir.path(), 5);
    let now = 5 * DAY_MS + HOUR_MS;
    let compact = || series.compact(at(now), 2).unwrap();
    assert_eq!((compact().days, compact().days, compact().days), (2, 2, 1));
    assert_eq!(compact(), siskin_store::CompactReport::default());
    let keep = Retention::new(days(1), Keep::ForEver, Keep::ForEver).unwrap();
    let trim = || series.trim(at(now), &keep, u64::MAX, 3).unwrap().raw;
    assert_eq!((trim(), trim(), trim()), (3, 1, 0));
    assert_eq!(hours(&series), expected(5));
}

#[test]
fn a_day_is_summed_up_once_it_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let series = series(dir.path(), 1);
    let over = DAY_MS + siskin_store::series::COMPACT_GRACE_MS;
    assert_eq!(series.compact(at(over - 1), BUDGET).unwrap().days, 0);
    let report = series.compact(at(over), BUDGET).unwrap();
    assert_eq!((report.days, report.due, report.damaged), (1, 0, 0));
}

#[test]
fn what_is_not_summed_up_or_not_followed_stays() {
    let dir = tempfile::tempdir().unwrap();
    let series = series(dir.path(), 2);
    let keep = Retention::new(days(1), days(1), days(1)).unwrap();
    let now = 4 * DAY_MS;
    let kept = TrimReport { kept: 2, ..TrimReport::default() };
    assert_eq!(trim(&series, now, &keep, u64::MAX), kept, "not summed up");
    series.compact(at(now), BUDGET).unwrap();
    // Every opening leaves numbers out; after the four hours come the two packed days.
    let report = trim(&series, now, &keep, (1 << 32) + 5);
    assert_eq!(
        (report.raw, report.minute, report.hour),
        (1, 1, 1),
        "the second day is not followed"
    );
    assert_eq!(report.kept, 3);
    assert_eq!(hours(&series), expected(2).split_off(2));
    assert_eq!(series.range(ONE, at(0), at(9 * DAY_MS)).unwrap(), a_day(1));
}

#[test]
fn a_channel_keeps_what_it_said_last_when_all_else_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let first = series(dir.path(), 2);
    let mut last = reading(0, DAY_MS + HOUR_MS * 3, None);
    last.quality = Quality::Calibration;
    let drill = reading(0, DAY_MS + HOUR_MS * 5, Some(99.0));
    first.append_all(&[(Origin::Live, &[last]), (Origin::Exercise, &[drill])]).unwrap();
    let keep = Retention::new(days(1), days(1), days(1)).unwrap();
    let now = 9 * DAY_MS;
    first.roll(at(now), u64::MAX).unwrap();
    first.compact(at(now), BUDGET).unwrap();
    let report = trim(&first, now, &keep, u64::MAX);
    assert_eq!((report.raw, report.minute, report.hour), (2, 2, 2));
    let trimmed = |series: &Series| {
        assert_eq!(series.last(), [Some(last)]);
        assert_eq!(series.records(ONE, at(0), at(now)).unwrap(), []);
        let spans = series.trimmed(ONE, at(DAY_MS - 5), at(now)).unwrap();
        assert_eq!(spans, [Trimmed { from: at(DAY_MS - 5), to: at(2 * DAY_MS) }]);
    };
    trimmed(&first);
    drop(first);
    let again = Series::open(dir.path(), &channels(1)).unwrap();
    trimmed(&again);
    // What comes late is not the newest, what comes now is.
    again.append(&a_day(0)).unwrap();
    assert_eq!(again.last(), [Some(last)]);
    again.roll(at(now), u64::MAX).unwrap();
    drop(again);
    let again = Series::open(dir.path(), &channels(1)).unwrap();
    assert_eq!(again.last(), [Some(last)]);
    let newer = reading(0, 3 * DAY_MS, Some(0.5));
    again.append(&[newer]).unwrap();
    assert_eq!(again.last(), [Some(newer)]);
}

#[test]
fn what_was_measured_last_is_found_behind_packed_days_of_drills() {
    let dir = tempfile::tempdir().unwrap();
    // What the drills are made of is one hour a day: so many of them are passed over.
    let check = |drill_days: i64, expected: bool| {
        let dir = dir.path().join(drill_days.to_string());
        let first = series(&dir, 1);
        let drills: Vec<_> =
            (1..=drill_days).map(|day| reading(0, day * DAY_MS, Some(99.0))).collect();
        first.append_all(&[(Origin::Exercise, &drills)]).unwrap();
        let now = at((drill_days + 2) * DAY_MS);
        first.roll(now, u64::MAX).unwrap();
        let packed = first.compact(now, BUDGET).unwrap().packed;
        assert_eq!(packed, drill_days.cast_unsigned() + 1);
        let last = a_day(0).last().copied();
        assert_eq!(first.last(), [last]);
        drop(first);
        assert_eq!(sql(&dir, "SELECT count(*) FROM chunk"), 0);
        let again = Series::open(&dir, &channels(1)).unwrap();
        assert_eq!(again.last(), [last.filter(|_| expected)], "{drill_days} days of drills");
    };
    check(1, true);
    check(199, true);
    check(200, false);
}

#[test]
fn a_kept_reading_that_is_damaged_is_told_and_stops_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let first = series(dir.path(), 1);
    let keep = Retention::new(days(1), days(1), days(1)).unwrap();
    first.compact(at(4 * DAY_MS), BUDGET).unwrap();
    assert_eq!(trim(&first, 4 * DAY_MS, &keep, u64::MAX).hour, 1);
    drop((first, Ledger::open(dir.path()).unwrap()));
    assert!(verify(dir.path()).unwrap().is_clean());
    assert_eq!(sql(dir.path(), "UPDATE trimmed SET newest = zeroblob(length(newest))"), 1);
    let found = verify(dir.path()).unwrap();
    let place = Place::Row { table: "trimmed".to_owned(), number: 1 };
    let places: Vec<_> = found.files.iter().flat_map(|file| &file.damage).collect();
    assert_eq!(places.iter().map(|damage| &damage.place).collect::<Vec<_>>(), [&place]);
    let again = Series::open(dir.path(), &channels(1)).unwrap();
    assert_eq!(again.last(), [None]);
}

#[test]
fn a_peak_that_comes_late_joins_what_is_left_of_its_day() {
    let dir = tempfile::tempdir().unwrap();
    let series = series(dir.path(), 1);
    let now = 4 * DAY_MS;
    let keep = Retention::new(days(1), Keep::ForEver, Keep::ForEver).unwrap();
    series.compact(at(now), BUDGET).unwrap();
    assert_eq!(trim(&series, now, &keep, u64::MAX).raw, 1);
    let mut all = a_day(0);
    for (round, ms) in [65_001, 70_001].into_iter().enumerate() {
        let late = reading(0, ms, Some(90.0 + round as f64));
        series.append(&[late]).unwrap();
        all.push(late);
        all.sort_by_key(|r| r.measured_at);
        let peaks = plain::buckets(&all, BucketStep::HOUR);
        assert_eq!(hours(&series), peaks, "not rolled");
        series.roll(at(now), u64::MAX).unwrap();
        assert_eq!(hours(&series), peaks, "rolled");
        series.compact(at(now), BUDGET).unwrap();
        assert_eq!(hours(&series), peaks, "compacted");
        assert_eq!(trim(&series, now, &keep, u64::MAX).raw, 1);
        assert_eq!(hours(&series), peaks, "trimmed");
        assert_eq!(series.range(ONE, at(0), at(DAY_MS)).unwrap(), []);
    }
}

#[test]
fn a_damaged_roll_up_hides_nothing_and_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let first = series(dir.path(), 1);
    let now = 4 * DAY_MS;
    first.compact(at(now), BUDGET).unwrap();
    drop(first);
    let flip = "UPDATE rollup SET body = zeroblob(length(body))";
    assert_eq!(sql(dir.path(), flip), 2);
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    assert_eq!(hours(&series), expected(1), "from readings");
    let keep = Retention::new(days(1), Keep::ForEver, Keep::ForEver).unwrap();
    let report = trim(&series, now, &keep, u64::MAX);
    assert_eq!((report.damaged, report.raw), (1, 0));
    assert_eq!(series.compact(at(now), BUDGET).unwrap().days, 1);
    assert_eq!(trim(&series, now, &keep, u64::MAX).raw, 1);
    assert_eq!(hours(&series), expected(1));
}

#[test]
fn a_damaged_only_record_is_an_error_and_not_an_empty_answer() {
    let dir = tempfile::tempdir().unwrap();
    let first = series(dir.path(), 1);
    let now = 4 * DAY_MS;
    first.compact(at(now), BUDGET).unwrap();
    let keep = Retention::new(days(1), Keep::ForEver, Keep::ForEver).unwrap();
    trim(&first, now, &keep, u64::MAX);
    drop(first);
    sql(dir.path(), "UPDATE rollup SET body = zeroblob(length(body)) WHERE step_s = 3600");
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    let asked = |step| series.buckets(ONE, at(0), at(DAY_MS), step);
    let error = asked(BucketStep::HOUR).unwrap_err().to_string();
    assert!(error.contains("the roll-up of channel row 1") && error.contains("hint: "), "{error}");
    assert_eq!(asked(BucketStep::MINUTE).unwrap().len(), 120);
}

#[test]
fn a_damaged_chunk_is_never_summed_up_nor_trimmed() {
    let dir = tempfile::tempdir().unwrap();
    drop(series(dir.path(), 2));
    let cut = "UPDATE chunk SET body = substr(body, 2)
               WHERE arrival = (SELECT min(arrival) FROM chunk)";
    assert_eq!(sql(dir.path(), cut), 1);
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    let now = 9 * DAY_MS;
    let report = series.compact(at(now), BUDGET).unwrap();
    assert_eq!((report.days, report.damaged, report.due), (1, 1, 1));
    let keep = Retention::new(days(1), days(1), days(1)).unwrap();
    let report = trim(&series, now, &keep, u64::MAX);
    assert_eq!((report.raw, report.kept), (1, 1));
    drop(series);
    assert_eq!(sql(dir.path(), "SELECT count(*) FROM chunk"), 2);
}

#[test]
fn questions_too_long_or_too_fine_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let series = series(dir.path(), 1);
    let check = |error: StoreError, part: &str| {
        let text = error.to_string();
        assert!(text.contains(part) && text.contains("hint: "), "{text}");
    };
    let far = at(DAY_MS * (GAP_DAYS_MAX + 1));
    let one = NonZeroUsize::MIN;
    check(series.gaps(ONE, at(0), far, 1, one).unwrap_err(), "over 400 days");
    let hours = i64::try_from(BUCKETS_MAX).unwrap() + 1;
    let hours = series.completeness(ONE, at(0), at(hours * HOUR_MS), 1000);
    check(hours.unwrap_err(), "over 200000 steps");
    check(series.completeness(ONE, at(0), far, 0).unwrap_err(), "`0` ms");
    check(series.completeness(ONE, at(0), far, HOUR_MS + 1).unwrap_err(), "`3600001` ms");
}

#[test]
fn silence_is_a_gap_and_is_not_received() {
    let dir = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    let mut fault = reading(0, 20_000, Some(1.0));
    fault.quality = Quality::Fault;
    let all =
        [reading(0, 0, Some(1.0)), reading(0, 10_000, None), fault, reading(0, 30_000, Some(1.0))];
    series.append(&all).unwrap();
    let page = series.gaps(ONE, at(0), at(HOUR_MS), 15_000, NonZeroUsize::new(9).unwrap()).unwrap();
    let gap = |from, to| Gap { from: at(from), to: at(to) };
    assert_eq!((page.gaps, page.next), (vec![gap(0, 30_000), gap(30_000, HOUR_MS)], None));
    let hours = series.completeness(ONE, at(0), at(HOUR_MS + 5_000), 10_000).unwrap();
    let seen: Vec<_> = hours.iter().map(|h| (h.hour, h.expected, h.received, h.good)).collect();
    assert_eq!(seen, [(at(0), 360, 2, 2)], "the rest of an hour is shorter than the period");
    let half = series.completeness(ONE, at(0), at(20_000), 10_000).unwrap();
    assert_eq!(half.first().map(|h| (h.expected, h.received)), Some((2, 1)));
}

#[test]
fn what_was_deleted_goes_back_to_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    // Values that no compressor makes small: over 16 MiB of them.
    for day in 0..40 {
        let one = |i: i64| {
            let value = ((day * 100_000 + i) as f64 * 1.234_567_89).sin();
            reading(0, day * DAY_MS + i * 800, Some(value))
        };
        series.append(&(0..70_000).map(one).collect::<Vec<_>>()).unwrap();
    }
    let now = 60 * DAY_MS;
    series.roll(at(now), u64::MAX).unwrap();
    series.compact(at(now), BUDGET).unwrap();
    let keep = Retention::new(days(1), days(1), Keep::ForEver).unwrap();
    let report = trim(&series, now, &keep, u64::MAX);
    assert_eq!((report.raw, report.minute), (40, 40));
    assert!(report.pages > 0, "{report:?}");
}

#[test]
fn room_that_a_roll_leaves_goes_back_to_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    for hour in 0..6 {
        let one = |i: i64| reading(0, hour * HOUR_MS + i * 50, Some((i % 7) as f64));
        series.append(&(0..70_000).map(one).collect::<Vec<_>>()).unwrap();
    }
    let free_pages = || sql(dir.path(), "SELECT freelist_count FROM pragma_freelist_count");
    let kept = i64::try_from(FREE_PAGES_KEPT).unwrap();
    let pages = sql(dir.path(), "SELECT page_count FROM pragma_page_count");
    series.roll(at(7 * HOUR_MS), u64::MAX).unwrap();
    assert!(free_pages() <= kept && pages > 2 * kept, "{} of {pages}", free_pages());
    series.compact(at(2 * DAY_MS), BUDGET).unwrap();
    assert!(free_pages() <= kept, "{}", free_pages());
}
