//! How far a follower is behind: what waits for it, and since when.
//!
//! Must never read more than a bounded piece of the file, however long the follower was away.

use rusqlite::{Connection, OptionalExtension, params};
use siskin_model::Timestamp;

use super::follow::FollowCursor;
use super::{Series, batch, chunk};
use crate::StoreError;
use crate::file::{integer, natural};

/// Chunks that are counted; where more wait, this is the number.
pub const LAG_CHUNKS_MAX: u64 = 100_000;

/// What a follower has not seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FollowLag {
    /// Batches after its place. A batch is about what came in one second.
    pub batches: u64,
    /// Chunks after its place, up to [`LAG_CHUNKS_MAX`]. A chunk is what was measured in one hour
    /// or, once that is packed, in one day by one channel.
    pub chunks: u64,
    /// Received-at of the oldest reading in the first chunk and the first batch that wait. A chunk
    /// has its whole hour or day, so the follower may have this one. None where nothing waits, or
    /// where what comes first is damaged.
    pub oldest_received_at: Option<Timestamp>,
}

impl FollowLag {
    /// Whether anything waits.
    pub const fn is_behind(&self) -> bool {
        self.batches > 0 || self.chunks > 0
    }
}

impl Series {
    /// What is stored after `from`.
    pub fn follow_lag(&self, from: FollowCursor) -> Result<FollowLag, StoreError> {
        let batches = self.newest_seq().saturating_sub(from.seq);
        let look = |db: &Connection| {
            let oldest = [first_chunk(db, from)?, first_batch(db, from)?];
            let chunks = chunks(db, from)?;
            Ok(FollowLag {
                batches,
                chunks,
                oldest_received_at: oldest.into_iter().flatten().min(),
            })
        };
        look(&self.file.reader()).map_err(self.file.failed("see how far a follower is behind"))
    }
}

/// Numbers of chunks leave gaps, so they are counted: in the index alone.
fn chunks(db: &Connection, from: FollowCursor) -> rusqlite::Result<u64> {
    let mut select = db.prepare_cached(
        "SELECT count(*) FROM (SELECT 1 FROM chunk WHERE arrival > ?1
         UNION ALL SELECT 1 FROM day_chunk WHERE arrival > ?1 LIMIT ?2)",
    )?;
    let values = params![integer(from.arrival), integer(LAG_CHUNKS_MAX)];
    select.query_row(values, |row| natural(row, 0))
}

fn first_chunk(db: &Connection, from: FollowCursor) -> rusqlite::Result<Option<Timestamp>> {
    let mut select = db.prepare_cached(
        "SELECT arrival, body FROM chunk
         WHERE arrival > ?1 AND (seq_max > ?2 OR seq_max = 0)
         UNION ALL SELECT arrival, body FROM day_chunk
         WHERE arrival > ?1 AND (seq_max > ?2 OR seq_max = 0) ORDER BY arrival LIMIT 1",
    )?;
    let values = params![integer(from.arrival), integer(from.seq)];
    let body: Option<Vec<u8>> = select.query_row(values, |row| row.get(1)).optional()?;
    let points = body.and_then(|body| chunk::decode(&body).ok());
    Ok(points.and_then(|points| points.iter().map(|point| point.received_at).min()))
}

fn first_batch(db: &Connection, from: FollowCursor) -> rusqlite::Result<Option<Timestamp>> {
    let mut select =
        db.prepare_cached("SELECT body FROM batch WHERE seq > ?1 ORDER BY seq LIMIT 1")?;
    let body: Option<Vec<u8>> =
        select.query_row([integer(from.seq)], |row| row.get(0)).optional()?;
    let entries = body.and_then(|body| batch::decode(&body).ok());
    Ok(entries.and_then(|entries| entries.iter().map(|entry| entry.point.received_at).min()))
}
