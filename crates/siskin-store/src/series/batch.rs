//! The body of a write-ahead batch: readings of many channels, in the order they were appended.
//!
//! Format 1: count, then per reading, each relative to the one before: channel row, measured-at;
//! then received-at relative to measured-at, a mark byte (quality in the low half, form of the
//! value in the high half) and the value in that form.

use siskin_model::{Quality, Timestamp};

use super::decimal;
use super::point::Point;
use crate::body::{self, BodyError, Cursor};

const VERSION: u8 = 1;
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

/// Writes a batch.
pub(crate) fn encode(entries: &[Entry]) -> Vec<u8> {
    let mut out = body::begin(VERSION, 9 + entries.len() * ENTRY_BYTES_GUESS);
    body::put_varint(&mut out, entries.len() as u64);
    let (mut row_before, mut measured_before) = (0, 0i64);
    for Entry { row, point } in entries {
        let measured = point.measured_at.as_millis();
        let received = point.received_at.as_millis();
        body::put_signed(&mut out, i64::from(*row) - row_before);
        body::put_signed(&mut out, measured.wrapping_sub(measured_before));
        body::put_signed(&mut out, received.wrapping_sub(measured));
        put_value(&mut out, point);
        (row_before, measured_before) = (i64::from(*row), measured);
    }
    body::seal(out)
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
    let mut cursor = body::unseal(bytes, VERSION)?;
    let count = cursor.count()?;
    let mut entries = Vec::with_capacity(count.min(bytes.len()));
    let (mut row, mut measured) = (0i64, 0i64);
    for _ in 0..count {
        row = row.wrapping_add(cursor.signed()?);
        measured = measured.wrapping_add(cursor.signed()?);
        let received = measured.wrapping_add(cursor.signed()?);
        let (value, quality) = value(&mut cursor)?;
        entries.push(Entry {
            row: u32::try_from(row).map_err(|_| BodyError::Field("channel"))?,
            point: Point::new(
                Timestamp::from_millis(measured),
                Timestamp::from_millis(received),
                value,
                quality,
            ),
        });
    }
    cursor.end()?;
    Ok(entries)
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
