//! What has been appended and not yet rolled, in memory, and the newest reading of every channel.
//!
//! Always what the write-ahead table holds and no chunk: readings are added after their commit and
//! dropped after the commit that put them into chunks.

use std::collections::BTreeMap;

use siskin_model::Timestamp;

use super::batch::Entry;
use super::begun::Begun;
use super::point::Point;

/// A point and the batch that brought it.
#[derive(Debug, Clone, Copy)]
struct Held {
    seq: u64,
    point: Point,
}

/// Which readings a roll takes: those of batches up to `seq_max` whose hour is finished, or so far
/// ahead that only a wrong clock can have stamped them (they would wait for years).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) seq_max: u64,
    pub(crate) finished_before: Timestamp,
    pub(crate) ahead_from: Timestamp,
}

impl Cut {
    /// Whether a point of batch `seq` is taken.
    pub(crate) fn takes(&self, seq: u64, point: &Point) -> bool {
        let is_over =
            point.measured_at < self.finished_before || point.measured_at >= self.ahead_from;
        is_over && seq <= self.seq_max
    }
}

/// Readings of one piece of a column. A column grows by pieces: one that doubled would be copied,
/// and since all channels have as many readings, all would be copied by the same append.
const PIECE: usize = 256;

/// What is held of one channel.
#[derive(Debug, Default)]
struct Column {
    /// In order of arrival; none is empty.
    pieces: Vec<Vec<Held>>,
    newest: Option<Point>,
}

impl Column {
    fn push(&mut self, row: u32, held: Held) {
        let first = PIECE - row as usize % PIECE;
        match self.pieces.last_mut() {
            Some(piece) if piece.len() < piece.capacity() => piece.push(held),
            last => {
                // The first ones differ, so that the channels do not all begin one together.
                let mut piece = Vec::with_capacity(last.map_or(first, |_| PIECE));
                piece.push(held);
                self.pieces.push(piece);
            }
        }
    }

    fn seen(&mut self, point: Point) {
        if self.newest.is_none_or(|newest| point.measured_at >= newest.measured_at) {
            self.newest = Some(point);
        }
    }

    fn held(&self) -> impl Iterator<Item = &Held> {
        self.pieces.iter().flatten()
    }

    /// Gives how many went.
    fn drop_where(&mut self, goes: impl Fn(&Held) -> bool) -> usize {
        let before = self.held().count();
        for piece in &mut self.pieces {
            piece.retain(|held| !goes(held));
        }
        self.pieces.retain(|piece| !piece.is_empty());
        before - self.held().count()
    }
}

/// The open columns, by channel row.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    newest_seq: u64,
    count: usize,
    by_row: BTreeMap<u32, Column>,
}

impl Columns {
    /// The columns of a file whose newest batch had number `newest_seq`.
    pub(crate) fn new(newest_seq: u64) -> Self {
        Self { newest_seq, ..Self::default() }
    }

    /// Adds a batch that is on disk.
    pub(crate) fn push(&mut self, seq: u64, entries: &[Entry]) {
        self.newest_seq = self.newest_seq.max(seq);
        self.count += entries.len();
        for &Entry { row, point } in entries {
            let column = self.by_row.entry(row).or_default();
            column.push(row, Held { seq, point });
            column.seen(point);
        }
    }

    /// Adds a batch that was found on disk, without what `begun` has put into chunks.
    pub(crate) fn restore(&mut self, seq: u64, mut entries: Vec<Entry>, begun: Option<&Begun>) {
        if let Some(begun) = begun {
            entries.retain(|entry| !begun.has(entry.row, seq, &entry.point));
        }
        self.push(seq, &entries);
    }

    /// Makes `point` the channel's newest unless a later stamp is known.
    pub(crate) fn seen(&mut self, row: u32, point: Point) {
        self.by_row.entry(row).or_default().seen(point);
    }

    pub(crate) fn newest_seq(&self) -> u64 {
        self.newest_seq
    }

    /// How many readings are open.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn last(&self, row: u32) -> Option<Point> {
        self.by_row.get(&row)?.newest
    }

    /// Channels with open readings.
    pub(crate) fn rows(&self) -> Vec<u32> {
        let open = self.by_row.iter().filter(|(_, column)| !column.pieces.is_empty());
        open.map(|(row, _)| *row).collect()
    }

    /// Open points of a channel in [from, to), in order of arrival.
    pub(crate) fn range(&self, row: u32, from: Timestamp, to: Timestamp) -> Vec<Point> {
        self.range_as_of(row, (from, to), u64::MAX)
    }

    /// Those of batches up to `seq_max`.
    pub(crate) fn range_as_of(
        &self,
        row: u32,
        (from, to): (Timestamp, Timestamp),
        seq_max: u64,
    ) -> Vec<Point> {
        let points = self.held(row).filter(|held| held.seq <= seq_max).map(|held| held.point);
        points.filter(|point| (from..to).contains(&point.measured_at)).collect()
    }

    /// The points a roll takes that have no chunk yet and the batch of each, in order of arrival.
    pub(crate) fn taken(&self, row: u32, begun: &Begun) -> Vec<(u64, Point)> {
        let taken = self.held(row).filter(|held| begun.cut.takes(held.seq, &held.point));
        taken.map(|held| (held.seq, held.point)).collect()
    }

    /// Drops the points that a roll has put into chunks.
    pub(crate) fn drop_taken(&mut self, row: u32, begun: &Begun) {
        if let Some(column) = self.by_row.get_mut(&row) {
            self.count -= column.drop_where(|held| begun.has(row, held.seq, &held.point));
        }
    }

    fn held(&self, row: u32) -> impl Iterator<Item = &Held> {
        self.by_row.get(&row).into_iter().flat_map(Column::held)
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::{Origin, Quality};

    use super::*;

    #[test]
    fn columns_grow_by_pieces_that_are_never_copied() {
        let mut columns = Columns::new(0);
        let at = Timestamp::from_millis;
        let point = |ms| Point::new(at(ms), at(ms), Some(1.0), Quality::Good, Origin::Live);
        for ms in 0..1000 {
            let entries = [1, 700].map(|row| Entry { row, point: point(ms) });
            columns.push(ms.cast_unsigned() + 1, &entries);
        }
        for (row, first) in [(1, 255), (700, 68)] {
            let pieces = &columns.by_row[&row].pieces;
            let sizes: Vec<_> =
                pieces.iter().map(|piece| (piece.len(), piece.capacity())).collect();
            let (whole, rest) = ((1000 - first) / PIECE, (1000 - first) % PIECE);
            let mut expected = vec![(first, first)];
            expected.extend(vec![(PIECE, PIECE); whole]);
            expected.push((rest, PIECE));
            assert_eq!(sizes, expected);
            let stamps = columns.range(row, at(0), at(2000));
            assert!(stamps.is_sorted_by_key(|point| point.measured_at) && stamps.len() == 1000);
        }
        let cut = Cut { seq_max: 900, finished_before: at(500), ahead_from: at(1 << 40) };
        let begun = Begun::new(cut).after(1, 0);
        columns.drop_taken(1, &begun);
        columns.drop_taken(700, &begun);
        assert_eq!((columns.count(), columns.rows()), (1500, vec![1, 700]));
        assert_eq!(columns.range(1, at(0), at(2000)).len(), 500);
        assert_eq!(columns.last(1).unwrap().measured_at, at(999));
    }
}
