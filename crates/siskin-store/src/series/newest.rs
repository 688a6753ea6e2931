//! The newest measured reading of every channel, whatever drills said and retention deleted.
//!
//! Must never give a drill's reading for a measured one, nor another stamp or quality than the
//! reading had.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::batch::Entry;
use super::chunk;
use super::columns::Columns;
use super::point::{self, Point};
use super::span::Bodies;
use crate::body::BodyError;

/// Channels in which a drill has spoken since the file was opened, and what was measured last in
/// them. Of all others the columns know.
#[derive(Debug, Default)]
pub(super) struct Drilled(BTreeMap<u32, Option<Point>>);

impl Drilled {
    /// Looks at a batch before `columns` take it.
    pub(super) fn note(&mut self, columns: &Columns, entries: &[Entry]) {
        for entry in entries.iter().filter(|entry| !entry.point.is_measured()) {
            self.0.entry(entry.row).or_insert_with(|| columns.last(entry.row));
        }
        if self.0.is_empty() {
            return;
        }
        for Entry { row, point } in entries.iter().filter(|entry| entry.point.is_measured()) {
            if let Some(newest) = self.0.get_mut(row)
                && newest.is_none_or(|newest| point.measured_at >= newest.measured_at)
            {
                *newest = Some(*point);
            }
        }
    }

    /// What was measured last in a channel.
    pub(super) fn last(&self, columns: &Columns, row: u32) -> Option<Point> {
        self.0.get(&row).copied().unwrap_or_else(|| columns.last(row))
    }
}

/// What was measured last among points of any order.
pub(super) fn measured_last(points: Vec<Point>) -> Option<Point> {
    point::merged(points).into_iter().rfind(Point::is_measured)
}

/// The newest reading of a channel among those that were deleted.
pub(super) fn of_deleted(
    db: &Connection,
    row: u32,
) -> rusqlite::Result<Option<Result<Point, BodyError>>> {
    let sql = "SELECT newest FROM trimmed WHERE channel = ?1";
    let body: Option<Option<Vec<u8>>> =
        db.prepare_cached(sql)?.query_row([row], |row| row.get(0)).optional()?;
    Ok(body.flatten().map(|body| decode(&body)))
}

/// Reads what is kept of the deleted ones: a chunk of one reading.
pub(crate) fn decode(body: &[u8]) -> Result<Point, BodyError> {
    let points = chunk::decode(body)?;
    match points.as_slice() {
        [point] => Ok(*point),
        _ => Err(BodyError::Field("number of readings")),
    }
}

/// What was measured last of a day that is about to be deleted, packed or in hours.
pub(super) fn of_bodies(row: u32, bodies: &Bodies) -> Option<Point> {
    let mut points = Vec::new();
    for (span, body) in bodies {
        match span.open(body) {
            Ok(part) => points.extend(part),
            Err(why) => tracing::error!(row, %span, why, "a chunk to be deleted is damaged"),
        }
    }
    measured_last(points)
}

/// Keeps a reading of a channel where none of those deleted before is newer; to be called in the
/// transaction that deletes it.
pub(super) fn keep(db: &Connection, row: u32, last: Point) -> rusqlite::Result<()> {
    let known = of_deleted(db, row)?.and_then(Result::ok);
    if known.is_some_and(|known| known.measured_at > last.measured_at) {
        return Ok(());
    }
    let body = chunk::encode(&[last])
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let mut put = db.prepare_cached(
        "INSERT INTO trimmed (channel, newest) VALUES (?1, ?2)
         ON CONFLICT (channel) DO UPDATE SET newest = excluded.newest",
    )?;
    put.execute(params![row, body])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use siskin_model::{Origin, Quality, Timestamp};

    use super::*;

    fn entry((ms, origin): &(i64, Origin)) -> Entry {
        let at = Timestamp::from_millis(*ms);
        Entry { row: 3, point: Point::new(at, at, Some(1.0), Quality::Good, *origin) }
    }

    #[test]
    fn a_drill_is_never_what_was_measured_last() {
        let check = |batches: &[&[(i64, Origin)]], expected: Option<i64>| {
            let (mut columns, mut drilled) = (Columns::new(0), Drilled::default());
            for (seq, batch) in (1..).zip(batches) {
                let entries: Vec<_> = batch.iter().map(entry).collect();
                drilled.note(&columns, &entries);
                columns.push(seq, &entries);
            }
            let last = drilled.last(&columns, 3).map(|point| point.measured_at.as_millis());
            assert_eq!(last, expected, "{batches:?}");
        };
        let (live, drill) = (Origin::Live, Origin::Exercise);
        check(&[], None);
        check(&[&[(1, live), (5, live), (3, live)]], Some(5));
        check(&[&[(9, drill)]], None);
        check(&[&[(9, drill)], &[(4, live)], &[(2, live)]], Some(4));
        check(&[&[(4, live)], &[(9, drill)], &[(3, live)]], Some(4));
        check(&[&[(4, live), (9, drill), (6, live)]], Some(6));
        check(&[&[(4, live)], &[(2, drill)], &[(7, live)]], Some(7));
    }
}
