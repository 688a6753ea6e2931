//! The body of a roll-up: the buckets of one channel, one step and one day, to the bit.
//!
//! Format 1: count, then columns, each with its length and compressed by pco: the place of the step
//! in the day, readings, those that are not good, marks (worst quality, and what there is), and for
//! the steps that have it: silent readings, first and last stamp heard within the step, readings
//! that are not of the air; then lowest, highest, last value, sum and highest other value. Sums are
//! kept as the nearest decimal and how many doubles they lie beside it, where that is short.

use pco::data_types::Number;
use siskin_model::{Quality, Timestamp};

use super::bucket::{Air, Bucket, BucketStep, Heard};
use super::chunk::{put, put_values, take, take_values};
use super::decimal;
use crate::StoreError;
use crate::body::{self, BodyError, Cursor};

const VERSION: u8 = 1;
/// Minutes of a day.
const BUCKETS_MAX: usize = 1_440;
/// In a mark, beside the quality's code.
const QUALITY_BITS: u16 = 0x0f;
const OVER_RANGE: u16 = 0x10;
const HAS_HEARD: u16 = 0x20;
const HAS_AIR: u16 = 0x40;
const HAS_OTHER: u16 = 0x80;

const SUMS_F64: u8 = 0;
const SUMS_NEAR: u8 = 1;
/// Sums further from their decimal than this many doubles are kept as they are.
const BESIDE_MAX: u64 = 1 << 12;

/// Writes the buckets of a day, which are in order and inside of it.
pub(crate) fn encode(
    buckets: &[Bucket],
    day_ms: i64,
    step: BucketStep,
) -> Result<Vec<u8>, StoreError> {
    let heard: Vec<_> = buckets.iter().filter_map(|b| Some((b, b.heard?))).collect();
    let air: Vec<_> = buckets.iter().filter_map(|b| Some((b, b.air?))).collect();
    let place = |b: &Bucket| (b.from.as_millis().saturating_sub(day_ms)) / step.as_millis();
    let within = |b: &Bucket, at: Timestamp| at.since_ms(b.from);
    let mut out = body::begin(VERSION, buckets.len() * 8);
    body::put_varint(&mut out, buckets.len() as u64);
    column(&mut out, "steps", buckets, place)?;
    column(&mut out, "counts", buckets, |b| b.count)?;
    column(&mut out, "doubts", buckets, |b| b.count - b.good)?;
    column(&mut out, "marks", buckets, mark)?;
    column(&mut out, "silence", &heard, |(b, heard)| b.count - heard.count)?;
    column(&mut out, "first stamps", &heard, |(b, heard)| within(b, heard.first))?;
    column(&mut out, "last stamps", &heard, |(b, heard)| within(b, heard.last))?;
    column(&mut out, "other counts", &air, |(b, air)| b.count - air.count)?;
    let values = |of: fn(&Air) -> f64| air.iter().map(|(_, air)| of(air)).collect::<Vec<_>>();
    put_values(&mut out, &values(|air| air.min))?;
    put_values(&mut out, &values(|air| air.max))?;
    put_values(&mut out, &values(|air| air.last))?;
    put_sums(&mut out, &values(|air| air.sum))?;
    put_values(&mut out, &buckets.iter().filter_map(|b| b.other_max).collect::<Vec<_>>())?;
    Ok(body::seal(out))
}

fn column<T, N: Number>(
    out: &mut Vec<u8>,
    what: &'static str,
    items: &[T],
    of: impl Fn(&T) -> N,
) -> Result<(), StoreError> {
    put(out, what, &items.iter().map(of).collect::<Vec<_>>())
}

fn mark(bucket: &Bucket) -> u16 {
    let flag = |is_set: bool, bit: u16| if is_set { bit } else { 0 };
    u16::from(bucket.worst.code())
        | flag(bucket.over_range, OVER_RANGE)
        | flag(bucket.heard.is_some(), HAS_HEARD)
        | flag(bucket.air.is_some(), HAS_AIR)
        | flag(bucket.other_max.is_some(), HAS_OTHER)
}

fn put_sums(out: &mut Vec<u8>, sums: &[f64]) -> Result<(), StoreError> {
    const WHAT: &str = "sums";
    let Some((exponent, near)) =
        (0..=decimal::EXPONENT_MAX).find_map(|e| Some((e, near(sums, e)?)))
    else {
        out.push(SUMS_F64);
        return put(out, WHAT, sums);
    };
    out.extend([SUMS_NEAR, exponent]);
    column(out, WHAT, &near, |&(mantissa, _)| mantissa)?;
    column(out, WHAT, &near, |&(_, beside)| beside)
}

/// Each sum as the nearest multiple of a power of ten and the doubles between the two.
fn near(sums: &[f64], exponent: u8) -> Option<Vec<(i64, i64)>> {
    let near = |&sum: &f64| {
        let (mantissa, decimal) = decimal::nearest(sum, exponent)?;
        let beside = sum.to_bits().wrapping_sub(decimal.to_bits()).cast_signed();
        (beside.unsigned_abs() <= BESIDE_MAX).then_some((mantissa, beside))
    };
    sums.iter().map(near).collect()
}

/// Reads the buckets of a day.
pub(crate) fn decode(
    bytes: &[u8],
    day_ms: i64,
    step: BucketStep,
) -> Result<Vec<Bucket>, BodyError> {
    let (_, mut cursor) = body::unseal(bytes, VERSION)?;
    let count = cursor.count()?;
    if count > BUCKETS_MAX {
        return Err(BodyError::Field("number of steps"));
    }
    let columns = Columns::take(&mut cursor, count)?;
    cursor.end()?;
    let buckets = columns.buckets(day_ms, step).ok_or(BodyError::Field("shape"))?;
    if buckets.is_sorted_by(|a, b| a.from < b.from) {
        Ok(buckets)
    } else {
        Err(BodyError::Field("order"))
    }
}

/// The columns as they lie in a body.
struct Columns {
    places: Vec<i64>,
    counts: Vec<u64>,
    doubts: Vec<u64>,
    marks: Vec<u16>,
    silence: Vec<u64>,
    firsts: Vec<i64>,
    lasts: Vec<i64>,
    others: Vec<u64>,
    mins: Vec<f64>,
    maxs: Vec<f64>,
    last_values: Vec<f64>,
    sums: Vec<f64>,
    other_maxs: Vec<f64>,
}

impl Columns {
    fn take(cursor: &mut Cursor<'_>, count: usize) -> Result<Self, BodyError> {
        let places = take(cursor, "steps", count)?;
        let counts = take(cursor, "counts", count)?;
        let doubts = take(cursor, "doubts", count)?;
        let marks: Vec<u16> = take(cursor, "marks", count)?;
        let with = |bit: u16| marks.iter().filter(|&mark| mark & bit != 0).count();
        let (heard, air, other) = (with(HAS_HEARD), with(HAS_AIR), with(HAS_OTHER));
        Ok(Self {
            places,
            counts,
            doubts,
            marks,
            silence: take(cursor, "silence", heard)?,
            firsts: take(cursor, "first stamps", heard)?,
            lasts: take(cursor, "last stamps", heard)?,
            others: take(cursor, "other counts", air)?,
            mins: take_values(cursor, air)?,
            maxs: take_values(cursor, air)?,
            last_values: take_values(cursor, air)?,
            sums: take_sums(cursor, air)?,
            other_maxs: take_values(cursor, other)?,
        })
    }

    /// None where the columns do not fit each other.
    fn buckets(self, day_ms: i64, step: BucketStep) -> Option<Vec<Bucket>> {
        let stamps = self.firsts.into_iter().zip(self.lasts);
        let mut heard = self.silence.into_iter().zip(stamps);
        let values = self.mins.into_iter().zip(self.maxs);
        let values = values.zip(self.last_values.into_iter().zip(self.sums));
        let mut air = self.others.into_iter().zip(values);
        let mut other_maxs = self.other_maxs.into_iter();
        let counts = self.counts.into_iter().zip(self.doubts);
        let steps = self.places.into_iter().zip(counts).zip(self.marks);
        let bucket = |((place, (count, doubts)), mark): ((i64, (u64, u64)), u16)| {
            let begin_ms = place.checked_mul(step.as_millis())?;
            if !(0..BucketStep::DAY.as_millis()).contains(&begin_ms) {
                return None;
            }
            let from = Timestamp::from_millis(day_ms.saturating_add(begin_ms));
            let mut bucket = Bucket::at(from);
            bucket.count = count;
            bucket.good = count.checked_sub(doubts)?;
            bucket.worst = Quality::from_code(u8::try_from(mark & QUALITY_BITS).ok()?)?;
            bucket.over_range = mark & OVER_RANGE != 0;
            if mark & HAS_HEARD != 0 {
                let (silence, (first, last)) = heard.next()?;
                let count = count.checked_sub(silence)?;
                let (first, last) = (from.plus_ms(first), from.plus_ms(last));
                bucket.heard = Some(Heard { count, first, last });
            }
            if mark & HAS_AIR != 0 {
                let (others, ((min, max), (last, sum))) = air.next()?;
                let count = count.checked_sub(others)?;
                bucket.air = Some(Air { count, min, max, sum, last });
            }
            if mark & HAS_OTHER != 0 {
                bucket.other_max = Some(other_maxs.next()?);
            }
            Some(bucket)
        };
        steps.map(bucket).collect()
    }
}

fn take_sums(cursor: &mut Cursor<'_>, count: usize) -> Result<Vec<f64>, BodyError> {
    const WHAT: &str = "sums";
    match cursor.byte()? {
        SUMS_F64 => take(cursor, WHAT, count),
        SUMS_NEAR => {
            let exponent = cursor.byte()?;
            let mantissas: Vec<i64> = take(cursor, WHAT, count)?;
            let beside: Vec<i64> = take(cursor, WHAT, count)?;
            let sum = |(mantissa, beside): (i64, i64)| {
                let decimal = decimal::value(mantissa, exponent)?;
                Some(f64::from_bits(decimal.to_bits().wrapping_add(beside.cast_unsigned())))
            };
            let sums = mantissas.into_iter().zip(beside).map(sum);
            sums.collect::<Option<_>>().ok_or(BodyError::Field("exponent"))
        }
        _ => Err(BodyError::Field("kind of sums")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::series::point::{self, Point};
    use crate::series::{arbitrary, bucket};

    const DAY_MS: i64 = 1_767_225_600_000;

    /// A bucket as bits, so that no sum and no zero is merely alike.
    fn bits(bucket: &Bucket) -> impl PartialEq + std::fmt::Debug + use<> {
        let air = bucket.air.map(|a| (a.count, [a.min, a.max, a.sum, a.last].map(f64::to_bits)));
        let other = bucket.other_max.map(f64::to_bits);
        let said = (bucket.count, bucket.good, bucket.worst, bucket.over_range, bucket.heard);
        (bucket.from, said, air, other)
    }

    fn check(points: Vec<Point>) -> Result<(), TestCaseError> {
        let minutes = bucket::of_points(&point::merged(points), BucketStep::MINUTE);
        let hours = bucket::of_minutes(minutes.clone(), BucketStep::HOUR);
        for (buckets, step) in [(minutes, BucketStep::MINUTE), (hours, BucketStep::HOUR)] {
            let body = encode(&buckets, DAY_MS, step).unwrap();
            let back = decode(&body, DAY_MS, step).unwrap();
            let same = |all: &[Bucket]| all.iter().map(bits).collect::<Vec<_>>();
            prop_assert_eq!(same(&back), same(&buckets));
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn buckets_come_back_to_the_bit(
            given in prop::collection::vec((0..86_400_000i64, arbitrary::point()), 0..120),
        ) {
            let inside = |(ms, p): (i64, Point)| {
                let at = Timestamp::from_millis(DAY_MS + ms);
                Point::new(at, p.received_at, p.value(), p.quality, p.origin)
            };
            check(given.into_iter().map(inside).collect())?;
        }

        /// A body with a right checksum and wrong content gives an error or buckets, no panic.
        #[test]
        fn nonsense_is_survived(payload: Vec<u8>) {
            let mut nonsense = body::begin(VERSION, 0);
            nonsense.extend(payload);
            if let Ok(buckets) = decode(&body::seal(nonsense), DAY_MS, BucketStep::MINUTE) {
                prop_assert!(buckets.len() <= BUCKETS_MAX);
            }
        }
    }

    #[test]
    fn a_day_at_one_a_second_is_small() {
        let point = |i: i64| {
            let at = Timestamp::from_millis(DAY_MS + i * 1000);
            let value = ((i * 7919) % 23 + 100) as f64 / 100.0;
            Point::new(at, at, Some(value), Quality::Good, siskin_model::Origin::Live)
        };
        let points: Vec<_> = (0..86_400).map(point).collect();
        let minutes = bucket::of_points(&points, BucketStep::MINUTE);
        let bytes = encode(&minutes, DAY_MS, BucketStep::MINUTE).unwrap().len();
        assert!(bytes < 8 * 1_440, "{bytes} bytes for a day of minutes");
    }
}
