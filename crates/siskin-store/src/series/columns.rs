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

/// The open columns, by channel row.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    newest_seq: u64,
    count: usize,
    held: BTreeMap<u32, Vec<Held>>,
    last: BTreeMap<u32, Point>,
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
            self.held.entry(row).or_default().push(Held { seq, point });
            self.seen(row, point);
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
        let newest = self.last.entry(row).or_insert(point);
        if point.measured_at >= newest.measured_at {
            *newest = point;
        }
    }

    pub(crate) fn newest_seq(&self) -> u64 {
        self.newest_seq
    }

    /// How many readings are open.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn last(&self, row: u32) -> Option<Point> {
        self.last.get(&row).copied()
    }

    /// Channels with open readings.
    pub(crate) fn rows(&self) -> Vec<u32> {
        self.held.keys().copied().collect()
    }

    /// Open points of a channel in [from, to), in order of arrival.
    pub(crate) fn range(&self, row: u32, from: Timestamp, to: Timestamp) -> Vec<Point> {
        let column = self.held.get(&row).map(Vec::as_slice).unwrap_or_default();
        let points = column.iter().map(|held| held.point);
        points.filter(|point| (from..to).contains(&point.measured_at)).collect()
    }

    /// The points a roll takes that have no chunk yet and the batch of each, in order of arrival.
    pub(crate) fn taken(&self, row: u32, begun: &Begun) -> Vec<(u64, Point)> {
        let column = self.held.get(&row).map(Vec::as_slice).unwrap_or_default();
        let taken = column.iter().filter(|held| begun.cut.takes(held.seq, &held.point));
        taken.map(|held| (held.seq, held.point)).collect()
    }

    /// Drops the points that a roll has put into chunks.
    pub(crate) fn drop_taken(&mut self, row: u32, begun: &Begun) {
        let Some(column) = self.held.get_mut(&row) else {
            return;
        };
        let before = column.len();
        column.retain(|held| !begun.has(row, held.seq, &held.point));
        self.count -= before - column.len();
        if column.is_empty() {
            self.held.remove(&row);
        } else {
            column.shrink_to(column.len() * 2);
        }
    }
}
