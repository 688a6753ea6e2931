//! The body of a write-ahead batch: readings of many channels, in the order they were appended.
//!
//! Format 2: count, then runs of one origin, each with its origin and length; in a run per reading,
//! each relative to the one before: channel row, measured-at; then received-at relative to
//! measured-at, a mark byte (quality in the low half, form of the value in the high half) and the
//! value in that form. Format 1 had no runs.

use siskin_model::{Origin, Quality, Timestamp};

use super::decimal;
use super::point::Point;
use crate::body::{self, BodyError, Cursor};

const VERSION: u8 = 2;
/// The format before origins.
const WITHOUT_RUNS: u8 = 1;
/// The highest channel row, point and value together take this many bytes at most.
const ENTRY_BYTES_GUESS: usize = 10;

/// Forms of a value; from `FORM_DECIMAL` on: an integer with exponent `form - FORM_DECIMAL`.
const FORM_NONE: u8 = 0;
const FORM_FLOAT: u8 = 1;
const FORM_DECIMAL: u8 = 2;

/// A reading of the channel that has this row in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) row: u32,
    pub(crate) point: Point,
}

/// What each reading is written relative to.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    row: i64,
    measured_ms: i64,
}

/// Writes a batch.
pub(crate) fn encode(entries: &[Entry]) -> Vec<u8> {
    let mut out = body::begin(VERSION, 9 + entries.len() * ENTRY_BYTES_GUESS);
    body::put_varint(&mut out, entries.len() as u64);
    let mut before = Before::default();
    for run in entries.chunk_by(|a, b| a.point.origin == b.point.origin) {
        out.push(run.first().map_or(0, |entry| entry.point.origin.code()));
        body::put_varint(&mut out, run.len() as u64);
        for entry in run {
            before = put_entry(&mut out, entry, before);
        }
    }
    body::seal(out)
}

fn put_entry(out: &mut Vec<u8>, Entry { row, point }: &Entry, before: Before) -> Before {
    let now = Before { row: i64::from(*row), measured_ms: point.measured_at.as_millis() };
    body::put_signed(out, now.row - before.row);
    body::put_signed(out, now.measured_ms.wrapping_sub(before.measured_ms));
    body::put_signed(out, point.received_at.as_millis().wrapping_sub(now.measured_ms));
    put_value(out, point);
    now
}

fn put_value(out: &mut Vec<u8>, point: &Point) {
    let mark = |form: u8| point.quality.code() | (form << 4);
    match point.value().map(|value| (value, decimal::split(value))) {
        None => out.push(mark(FORM_NONE)),
        Some((_, Some((mantissa, exponent)))) => {
            out.push(mark(FORM_DECIMAL + exponent));
            body::put_signed(out, mantissa);
        }
        Some((value, None)) => {
            out.push(mark(FORM_FLOAT));
            out.extend(value.to_le_bytes());
        }
    }
}

/// Reads a batch.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Entry>, BodyError> {
    let (version, mut cursor) = body::unseal(bytes, VERSION)?;
    let count = cursor.count()?;
    let mut entries = Vec::with_capacity(count.min(bytes.len()));
    let mut before = Before::default();
    while entries.len() < count {
        let (origin, length) = run(&mut cursor, version, count)?;
        if length == 0 || length > count - entries.len() {
            return Err(BodyError::Field("length of a run"));
        }
        for _ in 0..length {
            let entry = entry(&mut cursor, origin, &mut before)?;
            entries.push(entry);
        }
    }
    cursor.end()?;
    Ok(entries)
}

/// The origin and length of the next run.
fn run(cursor: &mut Cursor<'_>, version: u8, count: usize) -> Result<(Origin, usize), BodyError> {
    if version == WITHOUT_RUNS {
        return Ok((Origin::Live, count));
    }
    let origin = Origin::from_code(cursor.byte()?).ok_or(BodyError::Field("origin"))?;
    Ok((origin, cursor.count()?))
}

fn entry(cursor: &mut Cursor<'_>, origin: Origin, before: &mut Before) -> Result<Entry, BodyError> {
    let row = before.row.wrapping_add(cursor.signed()?);
    let measured_ms = before.measured_ms.wrapping_add(cursor.signed()?);
    let received_ms = measured_ms.wrapping_add(cursor.signed()?);
    let (value, quality) = value(cursor)?;
    *before = Before { row, measured_ms };
    let at = Timestamp::from_millis;
    Ok(Entry {
        row: u32::try_from(row).map_err(|_| BodyError::Field("channel"))?,
        point: Point::new(at(measured_ms), at(received_ms), value, quality, origin),
    })
}

fn value(cursor: &mut Cursor<'_>) -> Result<(Option<f64>, Quality), BodyError> {
    let mark = cursor.byte()?;
    let quality = Quality::from_code(mark & 0x0f).ok_or(BodyError::Field("quality"))?;
    let value = match mark >> 4 {
        FORM_NONE => None,
        FORM_FLOAT => Some(cursor.float()?),
        form => {
            let value = decimal::value(cursor.signed()?, form - FORM_DECIMAL);
            Some(value.ok_or(BodyError::Field("form of a value"))?)
        }
    };
    Ok((value, quality))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::series::arbitrary;

    fn same(a: &Entry, b: &Entry) -> bool {
        let bits = |p: &Point| p.value().map(f64::to_bits);
        a.row == b.row
            && a.point.measured_at == b.point.measured_at
            && a.point.received_at == b.point.received_at
            && bits(&a.point) == bits(&b.point)
            && a.point.quality == b.point.quality
            && a.point.origin == b.point.origin
    }

    proptest! {
        #[test]
        fn batches_come_back_to_the_bit(
            given in prop::collection::vec((any::<u32>(), arbitrary::point()), 0..50),
        ) {
            let entries: Vec<_> =
                given.into_iter().map(|(row, point)| Entry { row, point }).collect();
            let back = decode(&encode(&entries)).unwrap();
            prop_assert_eq!(back.len(), entries.len());
            prop_assert!(back.iter().zip(&entries).all(|(a, b)| same(a, b)));
        }

        /// A body with a right checksum and wrong content gives an error or entries, no panic.
        #[test]
        fn nonsense_is_survived(payload: Vec<u8>) {
            let mut nonsense = body::begin(VERSION, 0);
            nonsense.extend(payload);
            let nonsense = body::seal(nonsense);
            if let Ok(entries) = decode(&nonsense) {
                prop_assert!(entries.len() <= nonsense.len());
            }
        }
    }
}
