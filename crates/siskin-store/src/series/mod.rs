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
mod begun;
mod bucket;
mod channels;
mod chunk;
mod chunks;
mod columns;
mod completeness;
mod days;
mod decimal;
mod follow;
#[cfg(test)]
mod follower;
mod lag;
mod load;
pub(crate) mod look;
pub(crate) mod newest;
mod packed;
mod point;
mod read_only;
mod retention;
mod roll;
mod rollup;
mod rollup_tables;
mod sampled;
mod span;
mod store;
mod summary;
mod tables;
mod trimmed;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use siskin_model::{ChannelIndex, Origin, Reading, Timestamp};

use self::batch::Entry;
use self::begun::Begun;
use self::channels::Channels;
use self::chunks::{Chunks, Found};
use self::columns::Columns;
use self::newest::Drilled;
use self::point::Point;
use self::roll::stored_batch;
use crate::StoreError;
use crate::file::{StoreFile, locked};

pub use self::bucket::{Air, Bucket, BucketStep, Heard};
pub use self::channels::ChannelKey;
pub use self::completeness::{GAP_DAYS_MAX, Gap, Gaps, HourCompleteness};
pub use self::follow::{FollowCursor, FollowPage, Followed, FollowedChannel};
pub use self::lag::{FollowLag, LAG_CHUNKS_MAX};
pub use self::read_only::SeriesReader;
pub use self::retention::{FREE_PAGES_KEPT, TrimReport, TrimmedDay};
pub use self::roll::{PARTS_MAX, ROLL_AHEAD_MS, ROLL_GRACE_MS, RollReport};
pub use self::rollup::{COMPACT_GRACE_MS, CompactReport};
pub use self::store::{DamagedHour, Readable, SeriesRead, SeriesStore};
pub(crate) use self::tables::KIND;
pub use self::trimmed::Trimmed;

/// The most readings in one batch. A longer one is refused.
pub const BATCH_READINGS_MAX: usize = 100_000;
/// The most readings that wait for a roll (they take about 40 bytes each in memory; an hour of
/// 1,000 channels at one a second is 3.6 million). Beyond it appends are refused, so that the
/// sources keep what the station has no room for.
pub const OPEN_READINGS_MAX: usize = 25_000_000;

/// Damaged hours that are told and counted; beyond it the disk is what has to be looked at.
const HOURS_DAMAGED_MAX: usize = 10_000;
/// The most steps that one question is answered with.
pub const BUCKETS_MAX: usize = 200_000;

/// The series of a site. All methods take `&self` and may be called from several threads; a query
/// never holds what an append waits for while it reads the disk.
#[derive(Debug)]
pub struct Series {
    file: StoreFile,
    channels: Channels,
    columns: RwLock<Columns>,
    /// Locked after the columns.
    drilled: Mutex<Drilled>,
    /// Held by the one that rolls; in it the roll that is not finished.
    rolling: Mutex<Option<Begun>>,
    /// About what the journal has that the database has not.
    journal_bytes: AtomicU64,
    batches_damaged: AtomicU64,
    /// By channel row and hour.
    hours_damaged: Mutex<BTreeSet<(u32, i64)>>,
    /// Where the last compaction ended.
    compacting: Mutex<(u32, i64)>,
    /// Where the last trim ended.
    trimming: Mutex<retention::Cursors>,
}

impl Series {
    /// Opens or makes `series.db` in `dir`. A channel's [`ChannelIndex`] is its place in
    /// `channels`. Channels that are no longer listed keep their data on disk. A listed channel
    /// whose quantity or unit is another than on disk is an error.
    pub fn open(dir: &Path, channels: &[ChannelKey]) -> Result<Self, StoreError> {
        let file = StoreFile::open(dir, &tables::KIND)?;
        file.checkpoints_aside()?;
        let passed = tables::pass_arrivals(&file.writer());
        passed.map_err(file.failed("find the newest chunk"))?;
        let channels = Channels::open(&file, channels)?;
        let begun = load::roll_begun(&file)?;
        let loaded = load::columns(&file, &channels, begun.as_ref())?;
        let commits_lost = file.commits_lost();
        Ok(Self {
            file,
            channels,
            columns: RwLock::new(loaded.columns),
            drilled: Mutex::new(loaded.drilled),
            rolling: Mutex::new(begun),
            journal_bytes: AtomicU64::new(0),
            batches_damaged: AtomicU64::new(loaded.batches_damaged + commits_lost),
            hours_damaged: Mutex::default(),
            compacting: Mutex::new(rollup::FIRST),
            trimming: Mutex::default(),
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
        let mut columns = self.columns_write();
        locked(&self.drilled).note(&columns, &entries);
        columns.push(batch.seq, &entries);
        drop(columns);
        self.written(batch.body.len() as u64);
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

    /// The newest reading by measured-at of every channel, from memory; also of one whose readings
    /// were all trimmed. What an exercise made is none.
    pub fn last(&self) -> Vec<Option<Reading>> {
        let columns = self.columns_read();
        let drilled = locked(&self.drilled);
        let newest = |(place, row)| drilled.last(&columns, row).map(|point| point.reading(place));
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

    /// What can be read of [`Series::range`], and which hours cannot: for the station, which must
    /// go on judging with what there is. Each such hour is logged once, as an error, and counted
    /// in [`Series::hours_damaged`].
    pub fn readable(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Readable, StoreError> {
        Ok(self.found(channel, (from, to), u64::MAX)?.1.readable(channel))
    }

    /// The same as it was when batch `seq` was the newest: later batches are passed over. It holds
    /// while none of them is rolled, see `keep_after_seq` of [`Series::roll`].
    pub fn readable_as_of(
        &self,
        channel: ChannelIndex,
        (from, to): (Timestamp, Timestamp),
        seq: u64,
    ) -> Result<Readable, StoreError> {
        Ok(self.found(channel, (from, to), seq)?.1.readable(channel))
    }

    /// Hours of channels that were asked for and could not be read, since the store was opened.
    pub fn hours_damaged(&self) -> u64 {
        locked(&self.hours_damaged).len() as u64
    }

    /// All that was found damaged; a station shows it as a fault.
    pub fn damaged(&self) -> u64 {
        self.batches_damaged() + self.hours_damaged()
    }

    fn points(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Point>, StoreError> {
        let (row, found) = self.found(channel, (from, to), u64::MAX)?;
        self.chunks().whole(row, found)
    }

    /// What batches up to `seq_max` say, and all chunks.
    fn found(
        &self,
        channel: ChannelIndex,
        (from, to): (Timestamp, Timestamp),
        seq_max: u64,
    ) -> Result<(u32, Found), StoreError> {
        let row = self.channels.row(channel)?;
        // Memory before disk: what a roll moves in between is seen twice rather than not at all.
        let open = self.columns_read().range_as_of(row, (from, to), seq_max);
        let found = self.chunks().found_with(row, (from, to), open)?;
        for (hour, why) in &found.damaged {
            self.note_damage(row, *hour, why);
        }
        Ok((row, found))
    }

    fn note_damage(&self, row: u32, hour: i64, why: &str) {
        let mut known = locked(&self.hours_damaged);
        if known.len() < HOURS_DAMAGED_MAX && known.insert((row, hour)) {
            let file = self.file.path().display();
            tracing::error!(row, hour, why, %file, "a stored hour of a channel is damaged");
        }
    }

    fn chunks(&self) -> Chunks<'_> {
        Chunks { path: self.file.path(), db: self.file.reader_lock() }
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

    /// Batches that could not be read when the file was opened, now or earlier, and commits behind
    /// damage of the write-ahead file. The batches are kept in the table `damaged`, the file as
    /// `series.db-wal.damaged`; a station shows this number as a fault.
    pub fn batches_damaged(&self) -> u64 {
        self.batches_damaged.load(Ordering::Relaxed)
    }

    fn columns_read(&self) -> RwLockReadGuard<'_, Columns> {
        self.columns.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn columns_write(&self) -> RwLockWriteGuard<'_, Columns> {
        self.columns.write().unwrap_or_else(PoisonError::into_inner)
    }
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
            series.file.patient_writer().query_row(&sql, [], set).unwrap();
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

    /// A disk that gives a page now and then: appends and rolls fail or not, and what was
    /// acknowledged is there after each of them, and after a restart.
    #[test]
    fn a_disk_that_is_nearly_full_loses_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut opened = series(dir.path());
        let (from, now) = (Timestamp::from_millis(0), Timestamp::from_millis(9 * tables::HOUR_MS));
        let (mut kept, mut refused) = (0, 0);
        for try_number in 0..60_u64 {
            let one = |sql: &str| {
                let number = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
                opened.file.patient_writer().query_row(sql, [], number).unwrap();
                opened.file.writer().query_row(sql, [], number).unwrap()
            };
            let pages = one("PRAGMA page_count") + (try_number % 8).cast_signed() * 8;
            one(&format!("PRAGMA max_page_count = {pages}"));
            match opened.append(&batch(kept * 5000)) {
                Ok(_) => kept += 1,
                Err(error) => {
                    assert!(error.to_string().contains("hint: the disk is full"), "{error}");
                    refused += 1;
                }
            }
            if try_number % 5 == 4 {
                // Half of the time there is no room for the chunks either.
                let rolled = opened.roll(now, u64::MAX);
                refused += u64::from(rolled.is_err());
            }
            if try_number % 11 == 10 {
                drop(opened);
                opened = series(dir.path());
            }
            let all = opened.range(ChannelIndex(0), from, now).unwrap();
            assert_eq!(all.len().cast_signed() as i64, kept * 5000, "after {try_number}");
        }
        assert!(kept > 10 && refused > 10, "{kept} kept, {refused} refused");
        drop(opened);
        let opened = series(dir.path());
        opened.roll(now, u64::MAX).unwrap();
        assert_eq!(opened.readings_open(), 0);
        let all = opened.range(ChannelIndex(0), from, now).unwrap();
        assert_eq!(all.len().cast_signed() as i64, kept * 5000);
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
