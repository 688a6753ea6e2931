//! A roll that has begun: what it takes, and how far its chunks are on disk.
//!
//! A roll is many short transactions, so a process can die between them, when readings are in a
//! chunk and still in their batch. The mark is written with the chunks, in the same transaction:
//! whoever opens the file knows by it which readings of the batches have their chunk, and the next
//! roll goes on where this one stopped. Nothing is ever rolled twice or counted twice.
//!
//! Must never be taken at its word when its checksum is wrong: a wrong mark would hide readings.
//! Without it readings come into a further chunk at worst, where a range gives them once.

use siskin_model::Timestamp;

use super::columns::Cut;
use super::point::Point;
use super::roll::hour_of;
use crate::body::{self, BodyError};

const VERSION: u8 = 1;

/// The mark. Chunks are written in order of channel row and hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Begun {
    pub(crate) cut: Cut,
    /// The chunks of all rows and hours before this row and hour are on disk.
    pub(crate) row: u32,
    pub(crate) hour: i64,
}

impl Begun {
    /// Nothing is on disk yet.
    pub(crate) fn new(cut: Cut) -> Self {
        Self { cut, row: 0, hour: i64::MIN }
    }

    /// The same roll after the chunk of this row and hour.
    pub(crate) fn after(self, row: u32, hour: i64) -> Self {
        Self { row, hour: hour.saturating_add(1), ..self }
    }

    /// Whether some of its chunks are on disk.
    pub(crate) fn has_chunks(&self) -> bool {
        self.hour != i64::MIN
    }

    /// Whether this reading of a batch is in a chunk already.
    pub(crate) fn has(&self, row: u32, seq: u64, point: &Point) -> bool {
        self.cut.takes(seq, point) && (row, hour_of(point.measured_at)) < (self.row, self.hour)
    }

    /// As the file keeps it.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = body::begin(VERSION, 40);
        body::put_varint(&mut out, self.cut.seq_max);
        body::put_signed(&mut out, self.cut.finished_before.as_millis());
        body::put_signed(&mut out, self.cut.ahead_from.as_millis());
        body::put_varint(&mut out, u64::from(self.row));
        body::put_signed(&mut out, self.hour);
        body::seal(out)
    }

    /// Reads a mark.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, BodyError> {
        let (_, mut cursor) = body::unseal(bytes, VERSION)?;
        let cut = Cut {
            seq_max: cursor.varint()?,
            finished_before: Timestamp::from_millis(cursor.signed()?),
            ahead_from: Timestamp::from_millis(cursor.signed()?),
        };
        let row = u32::try_from(cursor.varint()?).map_err(|_| BodyError::Field("channel"))?;
        let hour = cursor.signed()?;
        cursor.end()?;
        Ok(Self { cut, row, hour })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siskin_model::{Origin, Quality};

    use super::*;

    fn begun(row: u32, hour: i64) -> Begun {
        let at = Timestamp::from_millis;
        let cut = Cut { seq_max: 9, finished_before: at(7_200_000), ahead_from: at(36_000_000) };
        Begun { cut, row, hour }
    }

    proptest! {
        #[test]
        fn marks_come_back(
            seq_max: u64, finished: i64, ahead: i64, row: u32, hour: i64, flip in 0..80usize,
        ) {
            let at = Timestamp::from_millis;
            let cut = Cut { seq_max, finished_before: at(finished), ahead_from: at(ahead) };
            let mark = Begun { cut, row, hour };
            let mut bytes = mark.encode();
            prop_assert_eq!(Begun::decode(&bytes), Ok(mark));
            let count = bytes.len();
            bytes[flip % count] ^= 1;
            prop_assert!(Begun::decode(&bytes).is_err(), "a flipped bit is seen");
        }
    }

    #[test]
    fn what_lies_before_the_mark_and_inside_the_cut_has_its_chunk() {
        let check = |mark: Begun, row: u32, seq: u64, ms: i64, expected: bool| {
            let at = Timestamp::from_millis(ms);
            let point = Point::new(at, at, Some(1.0), Quality::Good, Origin::Live);
            assert_eq!(mark.has(row, seq, &point), expected, "{mark:?} {row} {seq} {ms}");
        };
        let mark = begun(2, 1);
        check(mark, 1, 9, 0, true);
        check(mark, 1, 9, 5_000_000, true);
        check(mark, 1, 9, 40_000_000, true);
        check(mark, 1, 9, 7_200_000, false);
        check(mark, 1, 10, 0, false);
        check(mark, 2, 9, 3_599_999, true);
        check(mark, 2, 9, 3_600_000, false);
        check(mark, 3, 9, 0, false);
        check(Begun::new(mark.cut), 0, 9, 0, false);
        assert!(
            !Begun::new(mark.cut).has_chunks() && Begun::new(mark.cut).after(0, -5).has_chunks()
        );
    }
}
