//! Reads chunks of hours and packed days: the owner of the file and whoever looks into it from
//! beside do it in this way.
//!
//! What cannot be read is named by its hour and never taken for silence. Must never hold the
//! connection while a chunk is decoded.

use std::path::Path;
use std::sync::Mutex;

use rusqlite::{Connection, ErrorCode};
use siskin_model::{ChannelIndex, Timestamp};

use super::point::{self, Point};
use super::roll::hour_of;
use super::span::{self, Bodies, Span};
use super::{DamagedHour, Readable, packed, tables};
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

    /// All points in the parts of an hour, without those of its packed day; a damaged part is an
    /// error.
    pub(crate) fn of_parts(&self, row: u32, hour: i64) -> Result<Vec<Point>, StoreError> {
        let asked = Asked { hours: (hour, hour), days: NO_DAYS };
        let found = self.found_of(row, asked)?;
        self.whole(row, found)
    }

    /// The points, unless something is missing.
    pub(crate) fn whole(&self, row: u32, found: Found) -> Result<Vec<Point>, StoreError> {
        let Some((hour, why)) = found.damaged.into_iter().next() else {
            return Ok(found.points);
        };
        Err(StoreError::Damaged {
            what: format!("the chunk of channel row {row}, {}", Span::Hour(hour)),
            path: self.path.to_owned(),
            why,
        })
    }

    /// All points of a channel in `hours` that can be read, and which hours have others.
    pub(crate) fn found(&self, row: u32, hours: (i64, i64)) -> Result<Found, StoreError> {
        self.found_of(row, Asked { hours, days: span::days_of(hours) })
    }

    fn found_of(&self, row: u32, asked: Asked) -> Result<Found, StoreError> {
        let read = || {
            let db = locked(self.db);
            // In one view, in which no day is packed meanwhile.
            let view = db.unchecked_transaction()?;
            match asked.bodies(&view, row) {
                Ok(bodies) => Ok(bodies.into_iter().map(|(span, body)| (span, Ok(body))).collect()),
                Err(error) if is_damage(&error) => asked.one_by_one(&view, row),
                Err(error) => Err(error),
            }
        };
        let mut found = Found::default();
        found.take(read().map_err(failed(self.path, "read chunks"))?, asked.hours);
        Ok(found)
    }
}

/// Bodies, or why they cannot be read.
type Read = Vec<(Span, Result<Vec<u8>, String>)>;

/// Hours of a channel, and the packed days in which they are looked for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    hours: (i64, i64),
    days: (i64, i64),
}

const NO_DAYS: (i64, i64) = (1, 0);

impl Asked {
    /// Hours lie over their packed day.
    fn bodies(self, view: &Connection, row: u32) -> rusqlite::Result<Bodies> {
        let mut bodies = packed::bodies(view, row, self.days)?;
        bodies.extend(tables::bodies(view, row, self.hours)?);
        Ok(bodies)
    }

    /// A page of the database is damaged: what does not lie on it is read all the same.
    fn one_by_one(self, view: &Connection, row: u32) -> rusqlite::Result<Read> {
        let days = packed::days(view, row, self.days)?.into_iter();
        let hours = tables::hours(view, row, self.hours)?.into_iter();
        let mut read = Read::new();
        for span in days.map(Span::Day).chain(hours.map(Span::Hour)) {
            let bodies = match span {
                Span::Day(day) => packed::bodies(view, row, (day, day)),
                Span::Hour(hour) => tables::bodies(view, row, (hour, hour)),
            };
            match bodies {
                Ok(bodies) => read.extend(bodies.into_iter().map(|(span, body)| (span, Ok(body)))),
                Err(error) if is_damage(&error) => read.push((span, Err(error.to_string()))),
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }
}

impl Found {
    /// The same as readings.
    pub(crate) fn readable(self, channel: ChannelIndex) -> Readable {
        let hour = |(hour, why)| DamagedHour { begin: Span::Hour(hour).begin(), why };
        Readable {
            readings: self.points.iter().map(|point| point.reading(channel)).collect(),
            damaged: self.damaged.into_iter().map(hour).collect(),
        }
    }

    /// Takes what is of these hours. Of a packed day that cannot be read each hour is damaged.
    fn take(&mut self, read: Read, (first, last): (i64, i64)) {
        for (span, body) in read {
            match body.and_then(|body| span.open(&body)) {
                Ok(points) if matches!(span, Span::Hour(_)) => self.points.extend(points),
                Ok(points) => {
                    let asked = |p: &Point| (first..=last).contains(&hour_of(p.measured_at));
                    self.points.extend(points.into_iter().filter(asked));
                }
                Err(why) => {
                    let why =
                        if matches!(span, Span::Day(_)) { format!("{span}: {why}") } else { why };
                    let hours = span.hours((first, last));
                    self.damaged.extend(hours.map(|hour| (hour, why.clone())));
                }
            }
        }
    }
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
