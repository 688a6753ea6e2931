//! The series beside a running station: reads what is on disk and never takes the owner's place.
//!
//! Must never write: no lock, no table, no checkpoint. What was appended after it was opened may be
//! missing; what was on disk then is read back even if a roll moves it meanwhile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use siskin_model::{ChannelIndex, Reading, Timestamp};

use super::chunks::{Chunks, Found};
use super::point::Point;
use super::{ChannelKey, Series, batch, tables};
use crate::StoreError;
use crate::error::failed;

/// How long a statement waits for the station's checkpoint.
const BUSY_MAX: Duration = Duration::from_secs(5);

/// The stored readings of the channels it was opened with.
#[derive(Debug)]
pub struct SeriesReader {
    path: PathBuf,
    db: Mutex<Connection>,
    /// By place; none where the file does not know the channel.
    rows: Vec<Option<u32>>,
    /// What was not rolled yet when the reader was opened, by row, in order of arrival.
    open: BTreeMap<u32, Vec<Point>>,
    damaged: Vec<u64>,
}

impl Series {
    /// Opens `series.db` in `dir` for reading only, beside its owner. A channel's [`ChannelIndex`]
    /// is its place in `channels`; one that the file does not know has no readings, one whose
    /// quantity or unit is another than on disk is an error.
    pub fn open_read_only(dir: &Path, channels: &[ChannelKey]) -> Result<SeriesReader, StoreError> {
        let path = dir.join(tables::KIND.file_name);
        if !path.is_file() {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(StoreError::Folder { act: "read", path, source });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&path, flags)
            .and_then(|db| db.busy_timeout(BUSY_MAX).map(|()| db))
            .map_err(failed(&path, "open the database for reading"))?;
        if known_format(&db, &path)? < tables::VERSION_OF_DAYS {
            tables::no_days(&db).map_err(failed(&path, "read an earlier format"))?;
        }
        let key_row = |key: &ChannelKey| row_of(&db, &path, key);
        let rows = channels.iter().map(key_row).collect::<Result<Vec<_>, _>>()?;
        let mut open: BTreeMap<u32, Vec<Point>> = BTreeMap::new();
        let mut damaged = Vec::new();
        let read = tables::each_batch_after(&db, 0, |seq, body| match batch::decode(body) {
            Ok(entries) => {
                for entry in entries {
                    open.entry(entry.row).or_default().push(entry.point);
                }
            }
            Err(_) => damaged.push(seq),
        });
        read.map_err(failed(&path, "read batches"))?;
        Ok(SeriesReader { path, db: Mutex::new(db), rows, open, damaged })
    }
}

impl SeriesReader {
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

    pub(super) fn points(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Point>, StoreError> {
        let (row, found) = self.found(channel, from, to)?;
        self.chunks().whole(row, found)
    }

    /// The channel's row (0 where the file does not know it) and what it has.
    pub(super) fn found(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(u32, Found), StoreError> {
        let channels = self.rows.len();
        let row = self.rows.get(channel.get());
        let row = row.ok_or(StoreError::ChannelUnknown { index: channel.0, channels })?;
        let Some(row) = *row else { return Ok((0, Found::default())) };
        let open = self.open.get(&row).into_iter().flatten().copied();
        Ok((row, self.chunks().found_with(row, (from, to), open)?))
    }

    fn chunks(&self) -> Chunks<'_> {
        Chunks { path: &self.path, db: &self.db }
    }

    /// Whether the file knows a channel.
    pub fn knows(&self, channel: ChannelIndex) -> bool {
        matches!(self.rows.get(channel.get()), Some(Some(_)))
    }

    /// Batches that could not be read: their readings are missing in every range.
    pub fn batches_damaged(&self) -> usize {
        self.damaged.len()
    }
}

/// The format; refuses files of others and of a later Siskin.
fn known_format(db: &Connection, path: &Path) -> Result<i64, StoreError> {
    let pragma = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0));
    let act = "read the format";
    let application_id = pragma("PRAGMA application_id").map_err(failed(path, act))?;
    let found = pragma("PRAGMA user_version").map_err(failed(path, act))?;
    if application_id != tables::KIND.application_id {
        return Err(StoreError::NotOurs { path: path.to_owned(), kind: tables::KIND.title });
    }
    if found > tables::KIND.version {
        let known = tables::KIND.version;
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(found)
}

fn row_of(db: &Connection, path: &Path, key: &ChannelKey) -> Result<Option<u32>, StoreError> {
    let sql = "SELECT row, quantity, unit FROM channel WHERE id = ?1";
    let found = db
        .query_row(sql, [key.id.as_str()], |row| {
            let (row, quantity, unit): (u32, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((row, format!("{quantity} in {unit}")))
        })
        .optional()
        .map_err(failed(path, "find the channels"))?;
    let Some((row, was)) = found else { return Ok(None) };
    let is = format!("{} in {}", key.quantity, key.unit.as_str());
    if was == is {
        return Ok(Some(row));
    }
    let id = key.id.to_string();
    Err(StoreError::ChannelChanged { id, was, is, path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use siskin_model::{ChannelId, Quality, Unit};

    use super::*;

    fn key(id: &str) -> ChannelKey {
        ChannelKey {
            id: ChannelId::new(id).unwrap(),
            quantity: "chlorine".to_owned(),
            unit: Unit::Ppm,
        }
    }

    fn readings(from_ms: i64, count: i64) -> Vec<Reading> {
        let one = |i: i64| {
            let at = Timestamp::from_millis(from_ms + i * 1000);
            Reading::new(ChannelIndex(0), at, at, Some(i as f64), Quality::Good)
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn it_reads_beside_the_owner_what_is_rolled_and_what_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let owner = Series::open(dir.path(), &[key("a")]).unwrap();
        owner.append(&readings(0, 5000)).unwrap();
        let now = Timestamp::from_millis(tables::HOUR_MS + super::super::ROLL_GRACE_MS);
        assert!(owner.roll(now, u64::MAX).unwrap().readings > 0);
        let (from, to) = (Timestamp::from_millis(3_500_000), Timestamp::from_millis(4_000_000));
        let reader = Series::open_read_only(dir.path(), &[key("b"), key("a")]).unwrap();
        let range = |place| reader.range(ChannelIndex(place), from, to).unwrap();
        let own = owner.range(ChannelIndex(0), from, to).unwrap();
        let place = |r: &Reading| Reading { channel: ChannelIndex(1), ..*r };
        assert_eq!(range(1), own.iter().map(place).collect::<Vec<_>>());
        assert_eq!((range(1).len(), range(0).len()), (500, 0));
        assert!(reader.knows(ChannelIndex(1)) && !reader.knows(ChannelIndex(0)));
        // What the owner moves now was seen when the reader was opened.
        owner.roll(Timestamp::from_millis(3 * tables::HOUR_MS), u64::MAX).unwrap();
        assert_eq!(range(1).len(), 500);
        owner.append(&readings(9_000_000, 1)).unwrap();
    }

    #[test]
    fn it_makes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let error = Series::open_read_only(dir.path(), &[key("a")]).unwrap_err().to_string();
        assert!(error.contains("series.db") && error.contains("hint: "), "{error}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
