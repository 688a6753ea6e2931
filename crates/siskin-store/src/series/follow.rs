//! Following the series: everything that was ever appended, in an order in which the last word on a
//! stamp comes last, from a place that the follower keeps.
//!
//! What is new is first in a batch and later, after a roll, in a chunk. A page is one look at the
//! file: chunks that the follower has not seen come first; when there are none left, the batches of
//! the same look follow. So a roll between two pages hides nothing.
//!
//! A day that is packed is a chunk that arrives anew; a follower to whom one of its hours would
//! have been news takes the whole day, all others pass over it.
//!
//! Must never skip a reading that can be read. Repeats are allowed (a chunk holds a whole hour or
//! day of a channel, also what came as batches before). Chunks that cannot be read are passed over
//! and counted: one damaged hour must not keep the others from the follower. Nor must it give what
//! an exercise made where something was measured at that stamp: the follower's last word is the one
//! that it has heard last.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};
use siskin_model::{Origin, Quality, Timestamp};

use super::point::Point;
use super::roll::hour_of;
use super::span::Span;
use super::{BucketStep, Series, batch, chunk};
use crate::StoreError;
use crate::file::{integer, natural};

const ACT: &str = "follow the series";

/// How far a follower has come. The default is the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FollowCursor {
    /// All batches up to this one have been delivered.
    pub seq: u64,
    /// All chunks up to this one, in order of their writing, have been delivered.
    pub arrival: u64,
}

/// A reading on its way to a follower.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Followed {
    /// The row of its channel in the file, see [`Series::followed_channels`].
    pub row: u32,
    /// When the device measured it.
    pub measured_at: Timestamp,
    /// When Siskin received it.
    pub received_at: Timestamp,
    /// The number, where there is one.
    pub value: Option<f64>,
    /// What is known about it.
    pub quality: Quality,
    /// How it came into the history.
    pub origin: Origin,
}

/// One look at what a follower has not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowPage {
    /// In order: a later one with the same channel and stamp takes the place of an earlier one.
    pub readings: Vec<Followed>,
    /// The place after these. To be kept once they are delivered, and not before.
    pub next: FollowCursor,
    /// Whether something lies after that place.
    pub is_more: bool,
    /// Chunks and batches that were passed over because they are damaged.
    pub damaged: u64,
}

/// What a row of the file stands for, also when the channel has left the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedChannel {
    /// Its id.
    pub id: String,
    /// The gas's id or the name of a weather quantity.
    pub quantity: String,
    /// What its values are counted in.
    pub unit: String,
}

impl Series {
    /// The readings after `from`: at least `limit` of them where there are so many. A page ends
    /// with a whole chunk or batch, so it holds up to one chunk or
    /// [`super::BATCH_READINGS_MAX`] more.
    pub fn follow(&self, from: FollowCursor, limit: usize) -> Result<FollowPage, StoreError> {
        // A batch counts once its number was given out: until then it may be written again with
        // more in it. Asked before the look, so that the look has everything up to it.
        let seq_newest = self.newest_seq();
        let mut db = self.file.reader();
        let mut look = || {
            let transaction = db.transaction()?;
            let page = Walk::new(from, limit).look(&transaction, seq_newest)?;
            transaction.commit()?;
            Ok(page)
        };
        let mut page = look().map_err(self.file.failed(ACT))?;
        drop(db);
        self.leave_out_drills(&mut page)?;
        Ok(page)
    }

    /// Leaves out what an exercise made at a stamp at which something was measured, as every other
    /// answer does; what was measured is given before or after it.
    fn leave_out_drills(&self, page: &mut FollowPage) -> Result<(), StoreError> {
        let is_drill = |one: &Followed| one.origin == Origin::Exercise;
        let drills = page.readings.iter().filter(|one| is_drill(one));
        let hours: BTreeSet<_> = drills.map(|one| (one.row, hour_of(one.measured_at))).collect();
        let mut measured = BTreeSet::new();
        for (row, hour) in hours {
            let from = Span::Hour(hour).begin();
            let span = (from, from.plus_ms(BucketStep::HOUR.as_millis()));
            // Memory before disk: what a roll moves in between is seen twice rather than not at
            // all.
            let open = self.columns_read().range(row, span.0, span.1);
            let found = self.chunks().found_with(row, span, open)?;
            let points = found.points.into_iter().filter(Point::is_measured);
            measured.extend(points.map(|point| (row, point.measured_at)));
        }
        page.readings
            .retain(|one| !is_drill(one) || !measured.contains(&(one.row, one.measured_at)));
        Ok(())
    }

    /// The place after everything that is stored now.
    pub fn follow_newest(&self) -> Result<FollowCursor, StoreError> {
        let seq = self.newest_seq();
        let arrival = newest_arrival(&self.file.reader()).map_err(self.file.failed(ACT))?;
        Ok(FollowCursor { seq, arrival })
    }

    /// Every channel that the file ever had, by row. Rows are given when the file is opened and
    /// never change.
    pub fn followed_channels(&self) -> Result<BTreeMap<u32, FollowedChannel>, StoreError> {
        let read = |db: &Connection| {
            let mut select = db.prepare("SELECT row, id, quantity, unit FROM channel")?;
            let channel = |row: &rusqlite::Row<'_>| {
                let (id, quantity, unit) = (row.get(1)?, row.get(2)?, row.get(3)?);
                Ok((row.get(0)?, FollowedChannel { id, quantity, unit }))
            };
            select.query_map([], channel)?.collect::<rusqlite::Result<_>>()
        };
        read(&self.file.reader()).map_err(self.file.failed(ACT))
    }
}

/// A page in the making.
struct Walk {
    from: FollowCursor,
    limit: usize,
    page: FollowPage,
}

impl Walk {
    fn new(from: FollowCursor, limit: usize) -> Self {
        let page = FollowPage { readings: Vec::new(), next: from, is_more: false, damaged: 0 };
        Self { from, limit, page }
    }

    fn look(mut self, db: &Connection, seq_newest: u64) -> rusqlite::Result<FollowPage> {
        let arrival_newest = newest_arrival(db)?;
        if self.take_chunks(db)? {
            self.page.next.arrival = arrival_newest;
            self.take_batches(db, seq_newest)?;
        }
        let next = self.page.next;
        self.page.is_more = next.arrival < arrival_newest || next.seq < seq_newest;
        Ok(self.page)
    }

    fn is_full(&self) -> bool {
        self.page.readings.len() >= self.limit
    }

    /// Whether these were all chunks. Those without a reading after the cursor's batch are left
    /// out; those of format 1 do not know their batches and never are.
    fn take_chunks(&mut self, db: &Connection) -> rusqlite::Result<bool> {
        let mut select = db.prepare_cached(
            "SELECT arrival, channel, body FROM chunk
             WHERE arrival > ?1 AND (seq_max > ?2 OR seq_max = 0)
             UNION ALL SELECT arrival, channel, body FROM day_chunk
             WHERE arrival > ?1 AND (seq_max > ?2 OR seq_max = 0) ORDER BY arrival",
        )?;
        let mut rows = select.query(params![integer(self.from.arrival), integer(self.from.seq)])?;
        while !self.is_full() {
            let Some(row) = rows.next()? else {
                return Ok(true);
            };
            let (arrival, channel) = (natural(row, 0)?, row.get(1)?);
            match chunk::decode(row.get_ref(2)?.as_blob()?) {
                Ok(points) => {
                    let followed = points.iter().map(|point| followed(channel, point));
                    self.page.readings.extend(followed);
                }
                Err(why) => {
                    tracing::error!(arrival, channel, %why, "a damaged chunk was passed over");
                    self.page.damaged += 1;
                }
            }
            self.page.next.arrival = arrival;
        }
        Ok(false)
    }

    fn take_batches(&mut self, db: &Connection, seq_newest: u64) -> rusqlite::Result<()> {
        let mut select = db.prepare_cached(
            "SELECT seq, body FROM batch WHERE seq > ?1 AND seq <= ?2 ORDER BY seq",
        )?;
        let mut rows = select.query(params![integer(self.from.seq), integer(seq_newest)])?;
        while !self.is_full() {
            let Some(row) = rows.next()? else {
                self.page.next.seq = seq_newest.max(self.from.seq);
                return Ok(());
            };
            let seq = natural(row, 0)?;
            match batch::decode(row.get_ref(1)?.as_blob()?) {
                Ok(entries) => {
                    let followed = entries.iter().map(|entry| followed(entry.row, &entry.point));
                    self.page.readings.extend(followed);
                }
                Err(why) => {
                    tracing::error!(seq, %why, "a damaged batch was passed over");
                    self.page.damaged += 1;
                }
            }
            self.page.next.seq = seq;
        }
        Ok(())
    }
}

fn followed(row: u32, point: &Point) -> Followed {
    Followed {
        row,
        measured_at: point.measured_at,
        received_at: point.received_at,
        value: point.value(),
        quality: point.quality,
        origin: point.origin,
    }
}

fn newest_arrival(db: &Connection) -> rusqlite::Result<u64> {
    db.query_row("SELECT newest FROM arrival", [], |row| natural(row, 0))
}
