//! What is sent next: live batches first, the newest first; then the backlog, the oldest first.
//!
//! A cursor belongs to one connection. What is in flight on it or committed is not sent again.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use siskin_wire::link::{Lane, SeqRange};

use super::disk::Spool;
use super::notes::failed;
use super::segment::{Record, scan};
use super::{LIVE_MAX, SpoolError};

/// What one connection has sent.
#[derive(Debug, Default)]
pub struct Cursor {
    /// In flight: way and bytes.
    flight: BTreeMap<u64, (Lane, usize)>,
    /// Nothing before it is left to be sent as backlog.
    backlog_from: u64,
    /// What was read last: every open batch from `page_from` up to the last one here.
    page: Vec<Arc<Record>>,
    page_from: u64,
    /// The edition of the spool that it was read from.
    edition: u64,
}

/// How much may be taken now.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Live batches.
    pub live: usize,
    /// Batches of the backlog.
    pub backlog: usize,
    /// Bytes of the backlog; one batch may go beyond it.
    pub backlog_bytes: usize,
}

/// What to send, in this order.
pub type Turn = Vec<(Lane, Arc<Record>)>;

impl Cursor {
    /// Batches and bytes in flight in `lane`.
    pub fn flying(&self, lane: Lane) -> (usize, usize) {
        let of = self.flight.values().filter(|(its, _)| *its == lane);
        of.fold((0, 0), |(n, bytes), (_, more)| (n + 1, bytes + more))
    }

    /// What is committed flies no more.
    pub fn landed(&mut self, committed: &[SeqRange]) {
        for range in committed {
            let landed: Vec<u64> =
                self.flight.range(range.from..range.until).map(|(seq, _)| *seq).collect();
            for seq in landed {
                self.flight.remove(&seq);
            }
        }
    }

    /// The first batch of the page at or after `seq`, where the page reaches there.
    fn on_page(&self, seq: u64) -> Option<Arc<Record>> {
        if seq < self.page_from {
            return None;
        }
        let at = self.page.partition_point(|record| record.seq < seq);
        self.page.get(at).cloned()
    }

    /// The station asks for these again.
    pub fn again(&mut self, range: SeqRange) {
        self.flight.retain(|seq, _| !(range.from..range.until).contains(seq));
        self.backlog_from = self.backlog_from.min(range.from);
    }
}

impl Spool {
    /// Takes what fits into `room` and notes it as in flight.
    pub fn take(&self, cursor: &mut Cursor, room: Room) -> Result<Turn, SpoolError> {
        if cursor.edition != self.edition {
            // It may hold whole what has been thinned since, and told.
            cursor.page.clear();
            cursor.edition = self.edition;
        }
        let mut turn: Turn = Vec::new();
        for (at, record) in self.recent.iter().rev() {
            if at.elapsed() > LIVE_MAX || turn.len() >= room.live {
                break;
            }
            if record.seq < self.durable_seq && self.is_open(cursor, record.seq) {
                cursor.flight.insert(record.seq, (Lane::Live, record.batch.len()));
                turn.push((Lane::Live, Arc::clone(record)));
            }
        }
        let (mut count, mut bytes) = (0, 0);
        while count < room.backlog && bytes < room.backlog_bytes {
            let Some(record) = self.next_backlog(cursor)? else { break };
            cursor.flight.insert(record.seq, (Lane::Backlog, record.batch.len()));
            cursor.backlog_from = record.seq + 1;
            count += 1;
            bytes += record.batch.len();
            turn.push((Lane::Backlog, record));
        }
        Ok(turn)
    }

    fn is_open(&self, cursor: &Cursor, seq: u64) -> bool {
        !cursor.flight.contains_key(&seq) && !self.acked.contains(seq)
    }

    /// The oldest batch that is neither sent nor committed nor live.
    fn next_backlog(&self, cursor: &mut Cursor) -> Result<Option<Arc<Record>>, SpoolError> {
        let young = self.recent.iter().find(|(at, _)| at.elapsed() <= LIVE_MAX);
        let end = young.map_or(self.durable_seq, |(_, r)| r.seq).min(self.durable_seq);
        let mut seq = cursor.backlog_from.max(self.first_seq());
        while seq < end {
            if cursor.on_page(seq).is_none() {
                self.read_page(cursor, seq)?;
            }
            // Where nothing holds it, it was cut out as damaged and told.
            let Some(found) = cursor.on_page(seq) else { break };
            if found.seq >= end {
                break;
            }
            if self.is_open(cursor, found.seq) {
                return Ok(Some(found));
            }
            seq = found.seq + 1;
            cursor.backlog_from = seq;
        }
        Ok(None)
    }

    /// Reads the first segment that holds `seq` or something after it.
    fn read_page(&self, cursor: &mut Cursor, seq: u64) -> Result<(), SpoolError> {
        for segment in self.closed.iter().chain([&self.active]).filter(|s| s.until > seq) {
            if self.acked.covers(SeqRange { from: seq.max(segment.first), until: segment.until }) {
                continue;
            }
            let bytes = fs::read(&segment.path).map_err(failed("read", &segment.path))?;
            let records = scan(&bytes).records.into_iter().skip_while(|r| r.seq < seq);
            cursor.page = records.map(Arc::new).collect();
            cursor.page_from = seq;
            if !cursor.page.is_empty() {
                break;
            }
        }
        Ok(())
    }
}
