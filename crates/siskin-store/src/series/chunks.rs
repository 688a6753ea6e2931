//! Reads chunks: the owner of the file and whoever looks into it from beside do it in this way.
//!
//! What cannot be read is named by its hour and never taken for silence. Must never hold the
//! connection while a chunk is decoded.

use std::path::Path;
use std::sync::Mutex;

use rusqlite::{Connection, ErrorCode};
use siskin_model::{ChannelIndex, Timestamp};

use super::point::{self, Point};
use super::roll::hour_of;
use super::tables::{self, HOUR_MS};
use super::{DamagedHour, Readable, chunk};
use crate::StoreError;
use crate::error::failed;
use crate::file::locked;

/// The chunks of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunks<'a> {
    pub(crate) path: &'a Path,
    pub(crate) db: &'a Mutex<Connection>,
}

/// What chunks gave: points by hour and part, and the hours of which something is missing.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) points: Vec<Point>,
    pub(crate) damaged: Vec<(i64, String)>,
}

impl Chunks<'_> {
    /// Points of a channel with a stamp in [from, to), in its order and each stamp once: those of
    /// chunks and, as the later ones, those that are `open`.
    pub(crate) fn found_with(
        &self,
        row: u32,
        (from, to): (Timestamp, Timestamp),
        open: impl IntoIterator<Item = Point>,
    ) -> Result<Found, StoreError> {
        if from >= to {
            return Ok(Found::default());
        }
        let mut found = self.found(row, (hour_of(from), hour_of(to.plus_ms(-1))))?;
        found.points.extend(open);
        found.points.retain(|point| (from..to).contains(&point.measured_at));
        found.points = point::merged(found.points);
        Ok(found)
    }

    /// All points of a channel in `hours`; a damaged one is an error.
    pub(crate) fn points(&self, row: u32, hours: (i64, i64)) -> Result<Vec<Point>, StoreError> {
        let found = self.found(row, hours)?;
        self.whole(row, found)
    }

    /// The points, unless something is missing.
    pub(crate) fn whole(&self, row: u32, found: Found) -> Result<Vec<Point>, StoreError> {
        let Some((hour, why)) = found.damaged.into_iter().next() else {
            return Ok(found.points);
        };
        let begin = hour_begin(hour);
        Err(StoreError::Damaged {
            what: format!("the chunk of channel row {row}, hour {hour} ({begin})"),
            path: self.path.to_owned(),
            why,
        })
    }

    /// All points of a channel in `hours` that can be read, and which hours have others.
    pub(crate) fn found(&self, row: u32, hours: (i64, i64)) -> Result<Found, StoreError> {
        let bodies = tables::bodies(&locked(self.db), row, hours);
        let mut found = Found::default();
        match bodies {
            Ok(bodies) => found.take(bodies),
            Err(error) if is_damage(&error) => self.hour_by_hour(row, hours, &mut found)?,
            Err(error) => return Err(failed(self.path, "read chunks")(error)),
        }
        Ok(found)
    }

    /// A page of the database is damaged: the hours that do not lie on it are read all the same.
    fn hour_by_hour(
        &self,
        row: u32,
        hours: (i64, i64),
        found: &mut Found,
    ) -> Result<(), StoreError> {
        let listed = tables::hours(&locked(self.db), row, hours);
        for hour in listed.map_err(failed(self.path, "find the hours of a channel"))? {
            let bodies = tables::bodies(&locked(self.db), row, (hour, hour));
            match bodies {
                Ok(bodies) => found.take(bodies),
                Err(error) if is_damage(&error) => found.damaged.push((hour, error.to_string())),
                Err(error) => return Err(failed(self.path, "read chunks")(error)),
            }
        }
        Ok(())
    }
}

impl Found {
    /// The same as readings.
    pub(crate) fn readable(self, channel: ChannelIndex) -> Readable {
        let hour = |(hour, why)| DamagedHour { begin: hour_begin(hour), why };
        Readable {
            readings: self.points.iter().map(|point| point.reading(channel)).collect(),
            damaged: self.damaged.into_iter().map(hour).collect(),
        }
    }

    fn take(&mut self, bodies: Vec<(i64, Vec<u8>)>) {
        for (hour, body) in bodies {
            match chunk::decode(&body) {
                Ok(points) if points.iter().all(|p| hour_of(p.measured_at) == hour) => {
                    self.points.extend(points);
                }
                Ok(_) => self.damaged.push((hour, "its stamps are of another hour".to_owned())),
                Err(why) => self.damaged.push((hour, why.to_string())),
            }
        }
    }
}

fn hour_begin(hour: i64) -> Timestamp {
    Timestamp::from_millis(hour.saturating_mul(HOUR_MS))
}

/// Whether SQLite says that the file is not what it wrote.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    let is_type = matches!(
        error,
        rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
    );
    is_type || matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}
