//! Days that are summed up and packed: what it takes, what all files take afterwards and which part
//! of it is what, and appends beside it.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use siskin_model::{ChannelIndex, Quality, Reading, Timestamp};
use siskin_store::series::COMPACT_GRACE_MS;
use siskin_store::{BucketStep, Series};

use crate::measure::{
    cpu_s, figure, folder_bytes, free_bytes, milliseconds, percentile, percentiles, timed,
};
use crate::park::{Park, START_MS};

/// Days of channels in one call, as in the station.
const PIECE: usize = 20;
/// Between two seconds of data while days are packed.
const PAUSE: Duration = Duration::from_millis(5);

/// When all days that have begun are over.
pub(crate) fn days_over(hours: usize) -> Timestamp {
    let days = i64::try_from(hours.div_ceil(24)).unwrap();
    Timestamp::from_millis(START_MS + days * BucketStep::DAY.as_millis() + COMPACT_GRACE_MS)
}

/// All days, piece by piece.
fn sum_up(series: &Series, hours: usize) -> u64 {
    let mut days = 0;
    loop {
        let done = series.compact(days_over(hours), PIECE).unwrap();
        assert_eq!((done.damaged, done.packed), (0, done.days), "each day is packed");
        days += done.days;
        if done.due == 0 {
            return days;
        }
    }
}

/// What a station does some minutes after a day is over.
pub(crate) fn run(series: &Series, hours: usize) {
    let before_s = cpu_s("self");
    let (days, took) = timed(|| sum_up(series, hours));
    assert!(days > 0);
    figure("store_days_packed", days as f64, "days of a channel");
    figure("store_pack_a_day", milliseconds(took) / days as f64, "ms");
    figure("store_pack_a_day_cpu", (cpu_s("self") - before_s) * 1000.0 / days as f64, "ms");
}

/// Of all files after the days are rolled, summed up and packed, in bytes a reading.
pub(crate) fn sizes(folder: &Path, readings: u64) {
    let file = folder.join("series.db");
    let db = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let sum = |table: &str| {
        let sql = format!("SELECT coalesce(sum(length(body)), 0) FROM {table}");
        db.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap() as f64
    };
    let tables = ["day_chunk", "chunk", "batch", "rollup"].map(|table| (table, sum(table)));
    let journal = std::fs::metadata(folder.join("series.db-wal")).unwrap().len() as f64;
    let (all, free) = (folder_bytes(folder) as f64, free_bytes(&file) as f64);
    let of_tables: f64 = tables.iter().map(|(_, bytes)| bytes).sum();
    let say = |name: &str, bytes: f64| figure(name, bytes / readings as f64, "B/reading");
    say("store_bytes", all);
    for (table, bytes) in tables {
        say(&format!("store_bytes_of_{table}"), bytes);
    }
    say("store_bytes_free", free);
    say("store_bytes_of_journal", journal);
    say("store_bytes_of_pages_and_others", all - of_tables - free - journal);
}

/// One late reading of each channel: every day is packed anew while appends go on. These must be of
/// another day: one with readings that wait is not packed.
pub(crate) fn again(series: &Series, park: &mut Park, channels: u32, hours: usize) {
    let at = Timestamp::from_millis(START_MS + 500);
    let late = |i: u32| Reading::new(ChannelIndex(i), at, at, Some(1.0), Quality::Good);
    series.append(&(0..channels).map(late).collect::<Vec<_>>()).unwrap();
    series.roll(days_over(hours), series.newest_seq()).unwrap();
    let mut times = Vec::new();
    let took = std::thread::scope(|scope| {
        let packing = scope.spawn(|| timed(|| sum_up(series, hours)).1);
        while !packing.is_finished() {
            let batch = park.second();
            times.push(timed(|| series.append(&batch).unwrap()).1);
            // Nothing of these is rolled meanwhile, so that they must not be too many.
            std::thread::sleep(PAUSE);
        }
        packing.join().unwrap()
    });
    figure("store_pack_again_beside_appends", took.as_secs_f64(), "s");
    figure("store_appends_beside_packing", times.len() as f64, "appends");
    percentiles("store_append_beside_packing", &mut times);
    figure("store_append_beside_packing_max", percentile(&mut times, 100), "ms");
}
