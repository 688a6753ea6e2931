//! A mirror at work: pages of readings and events, from its cursor on.
//!
//! Must never move the cursor before what is up to it was delivered.

use std::collections::BTreeMap;
use std::time::Duration;

use siskin_model::Timestamp;
use tokio_util::sync::CancellationToken;

use super::book::{MirrorCursor, RefusedLine};
use super::deliver::{Deliverer, LINES_MAX, Stopped, Writer};
use super::health::MirrorState;
use super::{Mirror, MirrorSources, events, lines};
use crate::StoreError;

/// Readings of one page: a few requests. A page may be larger by one batch or one chunk.
const PAGE_READINGS: usize = 4 * LINES_MAX;
/// Events of one page.
const PAGE_EVENTS: usize = 1_000;
/// How often a mirror that has everything looks for more, and one that failed tries again.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Why a turn ended early.
enum Halt {
    Stopped,
    Store(StoreError),
}

impl From<Stopped> for Halt {
    fn from(Stopped: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A mirror at work.
pub(super) struct Run<'a, W> {
    mirror: &'a Mirror,
    heads: BTreeMap<u32, String>,
    cursor: MirrorCursor,
    /// Received-at of the newest reading that was delivered.
    newest: Option<Timestamp>,
    deliverer: Deliverer<W>,
}

impl<'a, W: Writer> Run<'a, W> {
    pub(super) fn new(
        mirror: &'a Mirror,
        writer: W,
        cursor: MirrorCursor,
        stop: &CancellationToken,
    ) -> Result<Self, StoreError> {
        let MirrorSources { series, site, places, .. } = &mirror.sources;
        let heads = lines::heads(site, &series.followed_channels()?, places);
        let deliverer = Deliverer::new(writer, mirror.name(), &mirror.health, stop);
        let run = Self { mirror, heads, cursor, newest: cursor.received_at, deliverer };
        run.show_refused();
        Ok(run)
    }

    /// Ends when `stop` is asked for.
    pub(super) async fn until(&mut self, stop: &CancellationToken) {
        loop {
            let is_more = match self.turn().await {
                Ok(is_more) => is_more,
                Err(Halt::Stopped) => return,
                Err(Halt::Store(error)) => {
                    let why = error.to_string();
                    self.mirror.health.failed(self.mirror.name(), MirrorState::Retrying, &why);
                    false
                }
            };
            if is_more && !stop.is_cancelled() {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// One page of readings and one of events; whether there is more.
    async fn turn(&mut self) -> Result<bool, Halt> {
        let is_more_readings = self.readings().await?;
        let is_more_events = self.events().await?;
        if !is_more_readings && !is_more_events {
            let now = (self.mirror.sources.now)();
            self.mirror.health.edit(|health| {
                health.complete_at = Some(now);
                (health.batches_behind, health.chunks_behind) = (0, 0);
                health.oldest_waiting_at = None;
            });
        }
        Ok(is_more_readings || is_more_events)
    }

    async fn readings(&mut self) -> Result<bool, Halt> {
        let page = self.mirror.sources.series.follow(self.cursor.series, PAGE_READINGS)?;
        let newest = page.readings.iter().map(|reading| reading.received_at).max();
        self.newest = self.newest.max(newest);
        if page.next != self.cursor.series {
            let lines = lines::of_readings(&self.heads, &page.readings);
            let delivered = self.deliverer.deliver(&lines).await?;
            let received_at = if page.is_more { self.cursor.received_at } else { self.newest };
            let cursor = MirrorCursor { series: page.next, received_at, ..self.cursor };
            self.advance(cursor, &delivered.refused)?;
        }
        self.mirror.health.edit(|health| {
            health.readings += page.readings.len() as u64;
            health.damaged += page.damaged;
            health.newest_received_at = health.newest_received_at.max(newest);
        });
        Ok(page.is_more)
    }

    async fn events(&mut self) -> Result<bool, Halt> {
        let sources = &self.mirror.sources;
        let events = sources.ledger.events_after(self.cursor.event_seq, PAGE_EVENTS)?;
        let Some(&(event_seq, _)) = events.last() else {
            return Ok(false);
        };
        let lines = events::of_events(&sources.site, &sources.places, &events);
        let delivered = self.deliverer.deliver(&lines).await?;
        self.advance(MirrorCursor { event_seq, ..self.cursor }, &delivered.refused)?;
        self.mirror.health.edit(|health| health.events += events.len() as u64);
        Ok(events.len() == PAGE_EVENTS)
    }

    fn advance(&mut self, cursor: MirrorCursor, refused: &[RefusedLine]) -> Result<(), StoreError> {
        let MirrorSources { book, now, .. } = &self.mirror.sources;
        let name = self.mirror.name();
        let now = now();
        book.advance(name, cursor, refused, now)?;
        self.cursor = cursor;
        self.mirror.health.edit(|health| health.written_at = Some(now));
        for one in refused {
            tracing::error!(
                mirror = name,
                line = one.line,
                reason = one.reason,
                "a line was refused"
            );
        }
        if !refused.is_empty() {
            self.show_refused();
        }
        Ok(())
    }

    fn show_refused(&self) {
        let counted = self.mirror.sources.book.refused(self.mirror.name());
        match counted {
            Ok((refused, refused_kept)) => self.mirror.health.edit(|health| {
                (health.refused, health.refused_kept) = (refused, refused_kept);
            }),
            Err(error) => {
                let why = error.to_string();
                self.mirror.health.failed(self.mirror.name(), MirrorState::Retrying, &why);
            }
        }
    }
}
