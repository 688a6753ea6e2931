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
mod run;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use siskin_model::Timestamp;
use tokio_util::sync::CancellationToken;

use self::deliver::Writer;
use self::health::HealthCell;
use self::influx::Influx;
use self::run::Run;
use crate::series::TrimmedDay;
use crate::{Ledger, Series, StoreError};

pub use self::book::{MirrorBook, MirrorCursor, REFUSED_KEPT_MAX, RefusedLine};
pub use self::deliver::LINES_MAX;
pub use self::health::{MirrorHealth, MirrorState};
pub use self::lines::{MirrorPlace, MirrorPlaces};

/// How often a mirror says anew how far it is behind, whatever it does meanwhile.
const LAG_EVERY: Duration = Duration::from_secs(5);

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
    /// How long a target that is away holds back the deletion of what it does not have.
    pub holds_ms: i64,
}

impl fmt::Debug for MirrorTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, url, org, bucket, gzip, start, holds_ms, .. } = self;
        f.debug_struct("MirrorTarget")
            .field("name", name)
            .field("url", url)
            .field("org", org)
            .field("bucket", bucket)
            .field("gzip", gzip)
            .field("start", start)
            .field("holds_ms", holds_ms)
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
    /// where it cannot be told, and all where the target begins with what comes, or is away for
    /// longer than it may hold deletion back.
    pub fn followed(&self) -> u64 {
        let kept = self.sources.book.cursor(self.name(), &self.address());
        match (kept, self.target.start) {
            (Ok(Some(_)), _) if self.is_let_go() => u64::MAX,
            (Ok(Some(cursor)), _) => cursor.series.arrival,
            (Ok(None), MirrorStart::Now) => u64::MAX,
            (Ok(None), MirrorStart::Beginning) | (Err(_), _) => 0,
        }
    }

    /// A target that takes what it is given is waited for, however old that is; so is one that
    /// was not asked yet, as after a long stop of the station.
    fn is_let_go(&self) -> bool {
        let (health, now) = (self.health.now(), (self.sources.now)());
        let away_ms = health.written_at.map_or(0, |at| now.since_ms(at));
        let is_let_go = health.state.is_away() && away_ms > self.target.holds_ms;
        if is_let_go && !health.is_let_go {
            tracing::error!(
                mirror = self.name(),
                "the mirror is away for too long: what is over its time is deleted without it; \
                 hint: mend the target, or raise `holds_days` of its [[mirror]]"
            );
        }
        self.health.edit(|health| health.is_let_go = is_let_go);
        is_let_go
    }

    /// To be told which days were deleted: what the target had not got of them, it has missed.
    pub fn deleted(&self, days: &[TrimmedDay]) -> Result<(), StoreError> {
        let book = &self.sources.book;
        let Some(cursor) = book.cursor(self.name(), &self.address())? else {
            return Ok(());
        };
        let is_missed = |one: &&TrimmedDay| one.newest_arrival > cursor.series.arrival;
        let missed: Vec<_> = days.iter().filter(is_missed).map(|one| one.day).collect();
        if missed.is_empty() {
            return Ok(());
        }
        book.miss(self.name(), &missed)?;
        let missed_days = book.missed_days(self.name())?;
        self.health.edit(|health| health.missed_days = missed_days);
        Ok(())
    }

    fn address(&self) -> String {
        let MirrorTarget { url, org, bucket, .. } = &self.target;
        format!("{url} {org} {bucket}")
    }

    /// To be told when a run has broken and another one follows.
    pub fn broke(&self, why: &str) {
        self.health.failed(self.name(), MirrorState::Retrying, why);
        self.health.edit(|health| health.restarts += 1);
        self.look_lag();
    }

    /// Follows the stores until `stop`, on the calling thread.
    pub fn run(&self, stop: &CancellationToken) -> Result<(), MirrorError> {
        // Before there is a client: also a target that can never be reached is waited for only so
        // long.
        self.begin()?;
        let writer = Influx::new(&self.target)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(MirrorError::Runtime)?.block_on(self.follow(writer, stop))
    }

    async fn follow<W: Writer>(
        &self,
        writer: W,
        stop: &CancellationToken,
    ) -> Result<(), MirrorError> {
        let mut run = Run::new(self, writer, self.begin()?, stop)?;
        // Beside it, since a request may take as long as its target is away.
        let watch = async {
            loop {
                self.look_lag();
                tokio::time::sleep(LAG_EVERY).await;
            }
        };
        tokio::select! {
            () = run.until(stop) => Ok(()),
            () = watch => Ok(()),
        }
    }

    /// Says how far the target is behind, by what is on disk.
    fn look_lag(&self) {
        let looked = || {
            let kept = self.sources.book.cursor(self.name(), &self.address())?;
            let cursor = kept.unwrap_or_default();
            Ok((cursor, self.sources.series.follow_lag(cursor.series)?))
        };
        let (cursor, lag) = match looked() {
            Ok(looked) => looked,
            Err(error) => {
                let error: StoreError = error;
                let why = error.to_string();
                return self.health.failed(self.name(), MirrorState::Retrying, &why);
            }
        };
        // What waits in a chunk may lie beside what the target had before.
        let oldest = lag.oldest_received_at.max(cursor.received_at);
        self.health.edit(|health| {
            health.batches_behind = lag.batches;
            health.chunks_behind = lag.chunks;
            health.oldest_waiting_at = oldest.filter(|_| lag.is_behind());
        });
    }

    /// The cursor to begin with, on disk.
    fn begin(&self) -> Result<MirrorCursor, StoreError> {
        let cursor = self.begin_at()?;
        let (book, now) = (&self.sources.book, (self.sources.now)());
        let written_at = book.written_at(self.name(), now)?;
        let missed_days = book.missed_days(self.name())?;
        self.health.edit(|health| {
            health.written_at = Some(written_at);
            health.missed_days = missed_days;
        });
        Ok(cursor)
    }

    fn begin_at(&self) -> Result<MirrorCursor, StoreError> {
        let MirrorSources { series, ledger, book, .. } = &self.sources;
        let MirrorTarget { name, start, .. } = &self.target;
        let address = self.address();
        let (series, event_seq) = (series.follow_newest()?, ledger.newest_seq());
        let newest = MirrorCursor { series, event_seq, received_at: None };
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
        book.begin(name, &address, cursor, (self.sources.now)())?;
        Ok(cursor)
    }
}

fn at_most(mut cursor: MirrorCursor, newest: MirrorCursor) -> MirrorCursor {
    cursor.series.seq = cursor.series.seq.min(newest.series.seq);
    cursor.series.arrival = cursor.series.arrival.min(newest.series.arrival);
    cursor.event_seq = cursor.event_seq.min(newest.event_seq);
    cursor
}

#[cfg(test)]
mod tests;
