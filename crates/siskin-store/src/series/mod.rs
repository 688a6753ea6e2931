//! The series store: every reading, from the moment it is acknowledged, in `series.db`.
//!
//! An append writes one batch into a write-ahead table and is on disk when it returns. Hours that
//! are over are rolled into compressed chunks, one per channel and hour ([`Series::roll`]). Until
//! then readings are also in memory, so that the newest values and the last hour need no disk.
//!
//! **Identical stamps**: of readings of a channel with the same measured-at, the one appended last
//! is the one that is read back. A resent reading therefore does no harm, and a device's correction
//! takes the place of what it corrects.
//!
//! Must never acknowledge before the commit, never drop a reading that was acknowledged, and never
//! keep NaN or an infinity as a number.

mod batch;
mod bucket;
mod channels;
mod chunk;
mod columns;
mod completeness;
mod days;
mod decimal;
mod point;
mod read_only;
mod retention;
mod roll;
mod rollup;
mod rollup_tables;
mod sampled;
mod summary;
mod tables;

use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use siskin_model::{ChannelIndex, Origin, Reading, Timestamp};

use self::batch::Entry;
use self::channels::Channels;
use self::columns::Columns;
use self::point::Point;
use self::roll::{hour_of, stored_batch};
use crate::StoreError;
use crate::file::StoreFile;

pub use self::bucket::{Air, Bucket, BucketStep, Heard};
pub use self::channels::ChannelKey;
pub use self::completeness::{GAP_DAYS_MAX, Gap, Gaps, HourCompleteness};
pub use self::read_only::SeriesReader;
pub use self::retention::{FREE_PAGES_KEPT, TrimReport};
pub use self::roll::{PARTS_MAX, ROLL_AHEAD_MS, ROLL_GRACE_MS, RollReport};
pub use self::rollup::{COMPACT_GRACE_MS, CompactReport};

/// The most readings in one batch. A longer one is refused.
pub const BATCH_READINGS_MAX: usize = 100_000;
/// The most readings that wait for a roll (they take about 40 bytes each in memory; an hour of
/// 1,000 channels at one a second is 3.6 million). Beyond it appends are refused, so that the
/// sources keep what the station has no room for.
pub const OPEN_READINGS_MAX: usize = 25_000_000;

/// The most steps that one question is answered with.
pub const BUCKETS_MAX: usize = 200_000;

/// The series of a site. All methods take `&self` and may be called from several threads; a query
/// never holds what an append waits for while it reads the disk.
#[derive(Debug)]
pub struct Series {
    file: StoreFile,
    channels: Channels,
    columns: RwLock<Columns>,
    rolling: Mutex<()>,
    /// Where the last compaction ended.
    compacting: Mutex<(u32, i64)>,
    /// Where the last trim ended.
    trimming: Mutex<retention::Cursors>,
    batches_damaged: u64,
}

impl Series {
    /// Opens or makes `series.db` in `dir`. A channel's [`ChannelIndex`] is its place in
    /// `channels`. Channels that are no longer listed keep their data on disk. A listed channel
    /// whose quantity or unit is another than on disk is an error.
    pub fn open(dir: &Path, channels: &[ChannelKey]) -> Result<Self, StoreError> {
        let file = StoreFile::open(dir, &tables::KIND)?;
        let channels = Channels::open(&file, channels)?;
        let (columns, batches_damaged) = load(&file, &channels)?;
        Ok(Self {
            file,
            channels,
            columns: RwLock::new(columns),
            rolling: Mutex::new(()),
            compacting: Mutex::new(rollup::FIRST),
            trimming: Mutex::default(),
            batches_damaged,
        })
    }

    /// Stores live `readings` as one batch, see [`Series::append_all`].
    pub fn append(&self, readings: &[Reading]) -> Result<u64, StoreError> {
        self.append_all(&[(Origin::Live, readings)])
    }

    /// Stores readings as one batch and returns its number; numbers rise strictly, also over
    /// restarts. On disk when it returns. After an error nothing counts as stored and the batch
    /// may be appended again. No readings make no batch: the newest number is returned.
    pub fn append_all(&self, parts: &[(Origin, &[Reading])]) -> Result<u64, StoreError> {
        let count = parts.iter().map(|(_, readings)| readings.len()).sum();
        if count > BATCH_READINGS_MAX {
            return Err(StoreError::BatchTooLong { count, max: BATCH_READINGS_MAX });
        }
        let entry = |(origin, reading): (Origin, &Reading)| {
            let row = self.channels.row(reading.channel)?;
            Ok(Entry { row, point: Point::of(reading, origin) })
        };
        let all = parts.iter().flat_map(|&(origin, part)| part.iter().map(move |r| (origin, r)));
        let entries: Vec<Entry> = all.map(entry).collect::<Result<_, StoreError>>()?;
        let Some(mut batch) = stored_batch(0, &entries) else {
            return Ok(self.newest_seq());
        };
        let writer = self.file.writer();
        batch.seq = self.next_seq(entries.len())?;
        tables::put_batch(&writer, &batch).map_err(self.file.failed("append readings"))?;
        // Still under the writer's lock, so that memory has the batches in the order of the disk.
        self.columns_write().push(batch.seq, &entries);
        Ok(batch.seq)
    }

    fn next_seq(&self, more: usize) -> Result<u64, StoreError> {
        let columns = self.columns_read();
        let count = columns.count() + more;
        if count > OPEN_READINGS_MAX {
            return Err(StoreError::RollOverdue {
                count,
                max: OPEN_READINGS_MAX,
                path: self.file.path().to_owned(),
            });
        }
        Ok(columns.newest_seq() + 1)
    }

    /// The newest reading by measured-at of every channel, from memory.
    pub fn last(&self) -> Vec<Option<Reading>> {
        let columns = self.columns_read();
        let newest = |(place, row)| columns.last(row).map(|point| point.reading(place));
        self.channels.rows().map(newest).collect()
    }

    /// Readings of a channel with measured-at in [from, to), in its order, each stamp once.
    pub fn range(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Reading>, StoreError> {
        let points = self.points(channel, from, to)?;
        Ok(points.iter().map(|point| point.reading(channel)).collect())
    }

    /// The same, each with how it came into the history.
    pub fn records(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Reading, Origin)>, StoreError> {
        let points = self.points(channel, from, to)?;
        Ok(points.iter().map(|point| (point.reading(channel), point.origin)).collect())
    }

    fn points(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Point>, StoreError> {
        let row = self.channels.row(channel)?;
        if from >= to {
            return Ok(Vec::new());
        }
        // Memory before disk: what a roll moves in between is seen twice rather than not at all.
        let open = self.columns_read().range(row, from, to);
        let hours = (hour_of(from), hour_of(to.plus_ms(-1)));
        let mut points = tables::points(&self.file, row, hours)?;
        points.retain(|point| (from..to).contains(&point.measured_at));
        points.extend(open);
        Ok(point::merged(points))
    }

    /// The batches after `seq` that are in the write-ahead table, in order of arrival. Batches up
    /// to a roll's `keep_after_seq` may be gone or have lost their finished hours; later ones are
    /// whole. Readings of channels that left the site are left out.
    pub fn batches_after(&self, seq: u64) -> Result<Vec<(u64, Vec<Reading>)>, StoreError> {
        let mut batches = Vec::new();
        let act = "read batches";
        let read = tables::each_batch_after(&self.file.reader(), seq, |seq, body| {
            batches.push((seq, batch::decode(body)));
        });
        read.map_err(self.file.failed(act))?;
        let readings = |(seq, entries): (u64, Result<Vec<Entry>, _>)| {
            let entries = entries.map_err(|why| self.file.damaged(format!("batch {seq}"), &why))?;
            let of_site = entries.iter().filter_map(|entry| {
                let place = self.channels.place(entry.row)?;
                Some(entry.point.reading(place))
            });
            Ok((seq, of_site.collect()))
        };
        batches.into_iter().map(readings).collect()
    }

    /// The number of the newest batch; 0 before the first.
    pub fn newest_seq(&self) -> u64 {
        self.columns_read().newest_seq()
    }

    /// Readings that are not rolled yet; see [`OPEN_READINGS_MAX`].
    pub fn readings_open(&self) -> usize {
        self.columns_read().count()
    }

    /// Batches that could not be read when the file was opened, now or earlier. They are kept in
    /// the table `damaged`; a station shows this number as a fault.
    pub fn batches_damaged(&self) -> u64 {
        self.batches_damaged
    }

    fn columns_read(&self) -> RwLockReadGuard<'_, Columns> {
        self.columns.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn columns_write(&self) -> RwLockWriteGuard<'_, Columns> {
        self.columns.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What memory holds of the file, and how many batches could not be read. One bad batch or chunk
/// must not keep a station from watching: it is put aside or passed over, counted and logged.
fn load(file: &StoreFile, channels: &Channels) -> Result<(Columns, u64), StoreError> {
    let act = "load the readings of the last hours";
    let newest = tables::newest_seq(&file.reader()).map_err(file.failed(act))?;
    let mut columns = Columns::new(newest);
    for (_, row) in channels.rows() {
        load_last(file, row, &mut columns)?;
    }
    let mut damaged = Vec::new();
    let read = tables::each_batch_after(&file.reader(), 0, |seq, body| match batch::decode(body) {
        Ok(entries) => columns.push(seq, &entries),
        Err(why) => damaged.push((seq, why)),
    });
    read.map_err(file.failed(act))?;
    for (seq, why) in &damaged {
        let path = file.path().display();
        tracing::error!(seq, %why, file = %path, "a batch is damaged and was put aside");
        tables::put_aside(&mut file.writer(), *seq).map_err(file.failed("put a batch aside"))?;
    }
    log_loaded(file, &columns);
    let aside = tables::count_aside(&file.reader()).map_err(file.failed(act))?;
    Ok((columns, aside))
}

fn load_last(file: &StoreFile, row: u32, columns: &mut Columns) -> Result<(), StoreError> {
    let newest = tables::newest_hour(&file.reader(), row);
    let Some(hour) = newest.map_err(file.failed("find the newest chunk"))? else {
        return Ok(());
    };
    match tables::points(file, row, (hour, hour)) {
        Ok(points) => points.into_iter().for_each(|point| columns.seen(row, point)),
        Err(error @ StoreError::Damaged { .. }) => {
            tracing::error!(%error, "the newest chunk of a channel is damaged");
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn log_loaded(file: &StoreFile, columns: &Columns) {
    tracing::info!(
        file = %file.path().display(),
        newest_seq = columns.newest_seq(),
        readings_open = columns.count(),
        "the series is open"
    );
}

#[cfg(test)]
mod tests {
    use siskin_model::{ChannelId, Quality, Unit};

    use super::*;

    fn series(dir: &Path) -> Series {
        let key = ChannelKey {
            id: ChannelId::new("at-1-cl2").unwrap(),
            quantity: "chlorine".to_owned(),
            unit: Unit::Ppm,
        };
        Series::open(dir, &[key]).unwrap()
    }

    /// A batch that is too big for a page or two, compressed too.
    fn batch(from_ms: i64) -> Vec<Reading> {
        let reading = |ms: i64| {
            let at = Timestamp::from_millis(ms);
            let value = (ms as f64).sin();
            Reading::new(ChannelIndex(0), at, at, Some(value), Quality::Good)
        };
        (from_ms..from_ms + 5000).map(reading).collect()
    }

    #[test]
    fn a_full_disk_refuses_and_then_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let series = series(dir.path());
        assert_eq!(series.append(&batch(0)).unwrap(), 1);
        let limit_pages = |pages: i64| {
            let set = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
            let sql = format!("PRAGMA max_page_count = {pages}");
            series.file.writer().query_row(&sql, [], set).unwrap()
        };
        limit_pages(1);
        let error = series.append(&batch(5000)).unwrap_err().to_string();
        assert!(error.contains("hint: the disk is full"), "{error}");
        let now = Timestamp::from_millis(2 * tables::HOUR_MS);
        series.roll(now, u64::MAX).unwrap_err();
        assert_eq!((series.newest_seq(), series.readings_open()), (1, 5000));
        limit_pages(1 << 30);
        assert_eq!(series.append(&batch(5000)).unwrap(), 2);
        assert_eq!(series.roll(now, u64::MAX).unwrap().readings, 10_000);
        let all = series.range(ChannelIndex(0), Timestamp::from_millis(0), now).unwrap();
        assert_eq!(all.len(), 10_000);
    }

    #[test]
    fn what_there_is_no_room_for_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let series = series(dir.path());
        assert_eq!(series.next_seq(OPEN_READINGS_MAX).unwrap(), 1);
        let error = series.next_seq(OPEN_READINGS_MAX + 1).unwrap_err().to_string();
        assert!(error.contains("the limit is 25000000; hint: "), "{error}");
    }
}

#[cfg(test)]
mod arbitrary {
    //! Points for properties.

    use proptest::prelude::*;
    use siskin_model::{Origin, Quality, Timestamp};

    use super::point::Point;

    /// Any point: any time, decimal, single, double or no value, any quality.
    pub(super) fn point() -> impl Strategy<Value = Point> {
        let value = prop_oneof![
            Just(None),
            (-99_999i32..99_999).prop_map(|n| Some(f64::from(n) / 100.0)),
            prop::num::f32::NORMAL.prop_map(|n| Some(f64::from(n))),
            (prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL)
                .prop_map(Some),
        ];
        let ms = prop_oneof![any::<i64>(), 1_767_225_600_000..1_767_229_200_000i64];
        let quality = prop::sample::select(Quality::ALL.to_vec());
        let origin = prop::sample::select(Origin::ALL.to_vec());
        let all = (ms.clone(), ms, value, quality, origin);
        all.prop_map(|(measured, received, value, quality, origin)| {
            Point::new(
                Timestamp::from_millis(measured),
                Timestamp::from_millis(received),
                value,
                quality,
                origin,
            )
        })
    }
}
