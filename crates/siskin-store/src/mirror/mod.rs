//! The mirror: readings of the series and events of the ledger, copied to an InfluxDB 2 or to what
//! speaks its write protocol.
//!
//! Each target has a durable cursor in `mirror.db` and follows the stores from there in a thread of
//! its own, so an outage of the target costs nothing but time, and a slow one makes nobody wait.
//! The cursor advances only over what the target has accepted or refused line by line. What is
//! delivered twice does no harm: the target overwrites a point of the same series and moment.
//!
//! Carries invariants 6 (one bad line or target stops no other), 8 (what is refused is counted and
//! kept) and 11. Must never delay an append: it reads pages of bounded size, and holds the
//! reader's lock only while it reads one. Must never judge.

mod book;
mod deliver;
mod events;
mod health;
mod influx;
mod lines;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use siskin_model::Timestamp;
use tokio_util::sync::CancellationToken;

use self::deliver::{Deliverer, Stopped, Writer};
use self::health::HealthCell;
use self::influx::Influx;
use crate::{Ledger, Series, StoreError};

pub use self::book::{MirrorBook, MirrorCursor, REFUSED_KEPT_MAX, RefusedLine};
pub use self::deliver::LINES_MAX;
pub use self::health::{MirrorHealth, MirrorState};
pub use self::lines::{MirrorPlace, MirrorPlaces};

/// Readings of one page: a few requests. A page may be larger by one batch or one chunk.
const PAGE_READINGS: usize = 4 * LINES_MAX;
/// Events of one page.
const PAGE_EVENTS: usize = 1_000;
/// How often a mirror that has everything looks for more, and one that failed tries again.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Where a target that was never written to begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MirrorStart {
    /// With everything that is stored.
    Beginning,
    /// With what comes.
    Now,
}

/// A target as the site names it.
#[derive(Clone)]
pub struct MirrorTarget {
    /// Its name; the cursor is kept under it.
    pub name: String,
    /// `http://host:port` or `https://host:port`.
    pub url: String,
    /// The organisation.
    pub org: String,
    /// The bucket.
    pub bucket: String,
    /// The token; none where the target asks for none.
    pub token: Option<String>,
    /// Further certificate authorities, PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// Whether requests are compressed.
    pub gzip: bool,
    /// Where it begins.
    pub start: MirrorStart,
}

impl fmt::Debug for MirrorTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, url, org, bucket, gzip, start, .. } = self;
        f.debug_struct("MirrorTarget")
            .field("name", name)
            .field("url", url)
            .field("org", org)
            .field("bucket", bucket)
            .field("gzip", gzip)
            .field("start", start)
            .finish_non_exhaustive()
    }
}

/// Why a mirror cannot run.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The client cannot be made.
    #[error(
        "the mirror `{name}` cannot be reached as it is written: {why}; \
             hint: check `url` and `ca_file` of its [[mirror]]"
    )]
    Client {
        /// Which one.
        name: String,
        /// The client's words.
        why: String,
    },
    /// A store failed before it could begin.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No runtime.
    #[error("cannot start the mirror's thread; hint: look at the cause")]
    Runtime(#[source] std::io::Error),
}

/// What all mirrors of a station read from.
#[derive(Clone)]
pub struct MirrorSources {
    /// The site's id.
    pub site: String,
    /// Where its channels are.
    pub places: Arc<MirrorPlaces>,
    /// The series.
    pub series: Arc<Series>,
    /// The ledger.
    pub ledger: Arc<Ledger>,
    /// The book of all mirrors.
    pub book: Arc<MirrorBook>,
    /// The station's clock.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl fmt::Debug for MirrorSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MirrorSources").field("site", &self.site).finish_non_exhaustive()
    }
}

/// The mirror to one target.
#[derive(Debug)]
pub struct Mirror {
    target: MirrorTarget,
    sources: MirrorSources,
    health: HealthCell,
}

impl Mirror {
    /// A mirror that does nothing before it is run.
    pub fn new(target: MirrorTarget, sources: MirrorSources) -> Self {
        Self { target, sources, health: HealthCell::default() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.target.name
    }

    /// How it is.
    pub fn health(&self) -> MirrorHealth {
        self.health.now()
    }

    /// The newest chunk that the target needs no more: none after it may be deleted. Nothing may
    /// where it cannot be told, and all where the target begins with what comes.
    pub fn followed(&self) -> u64 {
        let kept = self.sources.book.cursor(self.name(), &self.address());
        match (kept, self.target.start) {
            (Ok(Some(cursor)), _) => cursor.series.arrival,
            (Ok(None), MirrorStart::Now) => u64::MAX,
            (Ok(None), MirrorStart::Beginning) | (Err(_), _) => 0,
        }
    }

    fn address(&self) -> String {
        let MirrorTarget { url, org, bucket, .. } = &self.target;
        format!("{url} {org} {bucket}")
    }

    /// To be told when a run has broken and another one follows.
    pub fn broke(&self, why: &str) {
        self.health.failed(self.name(), MirrorState::Retrying, why);
        self.health.edit(|health| health.restarts += 1);
    }

    /// Follows the stores until `stop`, on the calling thread.
    pub fn run(&self, stop: &CancellationToken) -> Result<(), MirrorError> {
        let writer = Influx::new(&self.target)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(MirrorError::Runtime)?.block_on(self.follow(writer, stop))
    }

    async fn follow<W: Writer>(
        &self,
        writer: W,
        stop: &CancellationToken,
    ) -> Result<(), MirrorError> {
        let channels = self.sources.series.followed_channels()?;
        let heads = lines::heads(&self.sources.site, &channels, &self.sources.places);
        let cursor = self.begin()?;
        let deliverer = Deliverer::new(writer, self.name(), &self.health, stop);
        let mut run = Run { mirror: self, heads, cursor, deliverer };
        run.show_refused();
        loop {
            let is_more = match run.turn().await {
                Ok(is_more) => is_more,
                Err(Halt::Stopped) => return Ok(()),
                Err(Halt::Store(error)) => {
                    self.health.failed(self.name(), MirrorState::Retrying, &error.to_string());
                    false
                }
            };
            if is_more && !stop.is_cancelled() {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = stop.cancelled() => return Ok(()),
            }
        }
    }

    /// The cursor to begin with, on disk.
    fn begin(&self) -> Result<MirrorCursor, StoreError> {
        let MirrorSources { series, ledger, book, .. } = &self.sources;
        let MirrorTarget { name, start, .. } = &self.target;
        let address = self.address();
        let newest =
            MirrorCursor { series: series.follow_newest()?, event_seq: ledger.newest_seq() };
        let cursor = match (book.cursor(name, &address)?, start) {
            (Some(kept), _) if kept == at_most(kept, newest) => return Ok(kept),
            (Some(kept), _) => {
                // A backup was restored or the data folder is new. What the target has beyond it
                // stays; what comes now has numbers that were given before.
                tracing::warn!(
                    mirror = name,
                    ?kept,
                    ?newest,
                    "the stores are older than the mirror"
                );
                at_most(kept, newest)
            }
            (None, MirrorStart::Beginning) => MirrorCursor::default(),
            (None, MirrorStart::Now) => newest,
        };
        book.begin(name, &address, cursor)?;
        Ok(cursor)
    }
}

fn at_most(mut cursor: MirrorCursor, newest: MirrorCursor) -> MirrorCursor {
    cursor.series.seq = cursor.series.seq.min(newest.series.seq);
    cursor.series.arrival = cursor.series.arrival.min(newest.series.arrival);
    cursor.event_seq = cursor.event_seq.min(newest.event_seq);
    cursor
}

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
struct Run<'a, W> {
    mirror: &'a Mirror,
    heads: BTreeMap<u32, String>,
    cursor: MirrorCursor,
    deliverer: Deliverer<W>,
}

impl<W: Writer> Run<'_, W> {
    /// One page of readings and one of events; whether there is more.
    async fn turn(&mut self) -> Result<bool, Halt> {
        let is_more_readings = self.readings().await?;
        let is_more_events = self.events().await?;
        if !is_more_readings && !is_more_events {
            let now = (self.mirror.sources.now)();
            self.mirror.health.edit(|health| health.complete_at = Some(now));
        }
        Ok(is_more_readings || is_more_events)
    }

    async fn readings(&mut self) -> Result<bool, Halt> {
        let page = self.mirror.sources.series.follow(self.cursor.series, PAGE_READINGS)?;
        let is_behind = page.batches_behind > 0 || page.chunks_behind > 0;
        if page.next != self.cursor.series {
            let lines = lines::of_readings(&self.heads, &page.readings);
            let delivered = self.deliverer.deliver(&lines).await?;
            let cursor = MirrorCursor { series: page.next, ..self.cursor };
            self.advance(cursor, &delivered.refused)?;
        }
        let newest = page.readings.iter().map(|reading| reading.received_at).max();
        self.mirror.health.edit(|health| {
            health.readings += page.readings.len() as u64;
            health.damaged += page.damaged;
            health.batches_behind = page.batches_behind;
            health.chunks_behind = page.chunks_behind;
            health.newest_received_at = health.newest_received_at.max(newest);
        });
        Ok(is_behind)
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
        book.advance(name, cursor, refused, now())?;
        self.cursor = cursor;
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

#[cfg(test)]
mod tests;
