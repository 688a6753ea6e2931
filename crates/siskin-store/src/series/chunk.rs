//! The body of a chunk: one channel's readings of one hour, sorted by stamp, each stamp once.
//!
//! Format 2: count, then columns, each with its length and compressed by pco: measured-at,
//! received-at less measured-at, marks (quality, bit 4 where there is a value, and from bit 5 on
//! the origin, which format 1 did not know), and the values that there are. Values are whole steps
//! with one decimal exponent where that is exact for all, single precision where that is exact for
//! all, else double precision.

use pco::data_types::Number;
use pco::standalone::{simple_compress, simple_decompress};
use siskin_model::{Origin, Quality, Timestamp};

use super::decimal;
use super::point::Point;
use crate::StoreError;
use crate::body::{self, BodyError, Cursor};

const VERSION: u8 = 2;
/// In a mark, beside the quality's code. Marks are 16 bits wide: pco is not made for less.
const HAS_VALUE: u16 = 0x10;
const QUALITY_BITS: u16 = 0x0f;
const ORIGIN_SHIFT: u32 = 5;

const VALUES_NONE: u8 = 0;
const VALUES_F64: u8 = 1;
const VALUES_F32: u8 = 2;
const VALUES_DECIMAL: u8 = 3;

/// Writes a chunk.
pub(crate) fn encode(points: &[Point]) -> Result<Vec<u8>, StoreError> {
    let measured = |p: &Point| p.measured_at.as_millis();
    let delay = |p: &Point| p.received_at.as_millis().wrapping_sub(measured(p));
    let mark = |p: &Point| {
        let origin = u16::from(p.origin.code()) << ORIGIN_SHIFT;
        u16::from(p.quality.code()) | p.value().map_or(0, |_| HAS_VALUE) | origin
    };
    let column = |f: &dyn Fn(&Point) -> i64| points.iter().map(f).collect::<Vec<_>>();
    let marks: Vec<u16> = points.iter().map(mark).collect();
    let values: Vec<f64> = points.iter().filter_map(Point::value).collect();
    let mut out = body::begin(VERSION, points.len() * 2);
    body::put_varint(&mut out, points.len() as u64);
    put(&mut out, "stamps", &column(&measured))?;
    put(&mut out, "delays", &column(&delay))?;
    put(&mut out, "marks", &marks)?;
    put_values(&mut out, &values)?;
    Ok(body::seal(out))
}

pub(super) fn put_values(out: &mut Vec<u8>, values: &[f64]) -> Result<(), StoreError> {
    const WHAT: &str = "values";
    if values.is_empty() {
        out.push(VALUES_NONE);
        Ok(())
    } else if let Some((mantissas, exponent)) = decimal::mantissas(values) {
        out.extend([VALUES_DECIMAL, exponent]);
        put(out, WHAT, &mantissas)
    } else if let Some(singles) = singles(values) {
        out.push(VALUES_F32);
        put(out, WHAT, &singles)
    } else {
        out.push(VALUES_F64);
        put(out, WHAT, values)
    }
}

/// All values in single precision, where that loses nothing: devices with 32-bit registers.
fn singles(values: &[f64]) -> Option<Vec<f32>> {
    #[allow(clippy::cast_possible_truncation, reason = "checked to lose nothing")]
    let single = |&value: &f64| {
        let single = value as f32;
        (f64::from(single).to_bits() == value.to_bits()).then_some(single)
    };
    values.iter().map(single).collect()
}

pub(super) fn put<T: Number>(
    out: &mut Vec<u8>,
    what: &'static str,
    column: &[T],
) -> Result<(), StoreError> {
    let packed = simple_compress(column, &pco::ChunkConfig::default())
        .map_err(|error| StoreError::Compress { what, why: error.to_string() })?;
    body::put_varint(out, packed.len() as u64);
    out.extend(packed);
    Ok(())
}

/// Reads a chunk.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Point>, BodyError> {
    let (_, mut cursor) = body::unseal(bytes, VERSION)?;
    let count = cursor.count()?;
    let measured: Vec<i64> = take(&mut cursor, "stamps", count)?;
    let delays: Vec<i64> = take(&mut cursor, "delays", count)?;
    let marks: Vec<u16> = take(&mut cursor, "marks", count)?;
    let present = marks.iter().filter(|&mark| mark & HAS_VALUE != 0).count();
    let values = take_values(&mut cursor, present)?;
    cursor.end()?;
    let mut values = values.into_iter();
    let mut points = Vec::with_capacity(count);
    // Nearly all are as the one before them.
    let mut said = None;
    for ((measured, delay), mark) in measured.into_iter().zip(delays).zip(marks) {
        let (quality, origin) = match said {
            Some((of, same)) if of == mark => same,
            _ => words(mark)?,
        };
        said = Some((mark, (quality, origin)));
        let value = if mark & HAS_VALUE == 0 { None } else { values.next() };
        let received_at = Timestamp::from_millis(measured.wrapping_add(delay));
        let measured_at = Timestamp::from_millis(measured);
        points.push(Point::new(measured_at, received_at, value, quality, origin));
    }
    Ok(points)
}

/// What a mark says beside whether there is a value.
fn words(mark: u16) -> Result<(Quality, Origin), BodyError> {
    let quality = u8::try_from(mark & QUALITY_BITS).ok().and_then(Quality::from_code);
    let origin = u8::try_from(mark >> ORIGIN_SHIFT).ok().and_then(Origin::from_code);
    let quality = quality.ok_or(BodyError::Field("quality"))?;
    Ok((quality, origin.ok_or(BodyError::Field("origin"))?))
}

pub(super) fn take_values(cursor: &mut Cursor<'_>, count: usize) -> Result<Vec<f64>, BodyError> {
    const WHAT: &str = "values";
    match cursor.byte()? {
        VALUES_NONE if count == 0 => Ok(Vec::new()),
        VALUES_F64 => take(cursor, WHAT, count),
        VALUES_F32 => {
            let singles: Vec<f32> = take(cursor, WHAT, count)?;
            Ok(singles.into_iter().map(f64::from).collect())
        }
        VALUES_DECIMAL => {
            let exponent = cursor.byte()?;
            let mantissas: Vec<i64> = take(cursor, WHAT, count)?;
            let values = mantissas.into_iter().map(|mantissa| decimal::value(mantissa, exponent));
            values.collect::<Option<_>>().ok_or(BodyError::Field("exponent"))
        }
        _ => Err(BodyError::Field("kind of values")),
    }
}

pub(super) fn take<T: Number>(
    cursor: &mut Cursor<'_>,
    column: &'static str,
    count: usize,
) -> Result<Vec<T>, BodyError> {
    let length = cursor.count()?;
    let packed = cursor.bytes(length)?;
    let numbers: Vec<T> = simple_decompress(packed)
        .map_err(|error| BodyError::Column { column, why: error.to_string() })?;
    if numbers.len() == count {
        Ok(numbers)
    } else {
        Err(BodyError::Field("number of entries in a column"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::series::arbitrary;

    fn check(points: &[Point]) -> Result<(), TestCaseError> {
        let back = decode(&encode(points).unwrap()).unwrap();
        let view = |points: &[Point]| {
            points
                .iter()
                .map(|p| {
                    let bits = p.value().map(f64::to_bits);
                    (p.measured_at, p.received_at, bits, p.quality, p.origin)
                })
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(view(&back), view(points));
        Ok(())
    }

    fn at(ms: i64, value: Option<f64>) -> Point {
        let at = Timestamp::from_millis(ms);
        Point::new(at, at.plus_ms(20), value, Quality::Good, Origin::Live)
    }

    proptest! {
        #[test]
        fn chunks_come_back_to_the_bit(
            points in prop::collection::vec(arbitrary::point(), 0..200),
        ) {
            check(&points)?;
        }

        #[test]
        fn singles_come_back_to_the_bit(
            values in prop::collection::vec(prop::num::f32::NORMAL, 1..100),
        ) {
            let points: Vec<_> =
                (0..).zip(values).map(|(ms, v)| at(ms, Some(f64::from(v)))).collect();
            check(&points)?;
        }
    }

    #[test]
    fn the_narrowest_exact_form_is_taken() {
        let form = |values: &[f64]| {
            let mut out = Vec::new();
            put_values(&mut out, values).unwrap();
            out[0]
        };
        assert_eq!(form(&[]), VALUES_NONE);
        assert_eq!(form(&[0.01, 12.5]), VALUES_DECIMAL);
        assert_eq!(form(&[0.01, f64::from(0.1f32)]), VALUES_F64);
        assert_eq!(form(&[f64::from(0.1f32)]), VALUES_F32);
        assert_eq!(form(&[-0.0]), VALUES_F32);
        assert_eq!(form(&[1.0 / 3.0]), VALUES_F64);
    }

    #[test]
    fn an_hour_of_hundredths_is_small() {
        let point = |i: i64| at(i * 1000, Some(((i * 7919) % 23 + 100) as f64 / 100.0));
        let points: Vec<_> = (0..3600).map(point).collect();
        let bytes = encode(&points).unwrap().len();
        assert!(bytes < 3600, "{bytes} bytes for 3600 readings");
    }

    #[test]
    fn columns_of_unequal_length_are_damage() {
        let mut out = body::begin(VERSION, 0);
        body::put_varint(&mut out, 2);
        put(&mut out, "stamps", &[1i64]).unwrap();
        let error = decode(&body::seal(out)).unwrap_err();
        assert_eq!(error, BodyError::Field("number of entries in a column"));
    }
}
