//! The spool: readings of an edge on its own disk until the station has them on its.
//!
//! Batches have consecutive numbers and never change: a number that was sent is never used for
//! other content (thinning at the limit takes readings out and never puts any in). A batch may be
//! sent, and its readings may be acknowledged to their source, only after it is on disk
//! ([`Spool::sync`]; the writer does it at most once in [`SYNC_EVERY`]). A segment is deleted when
//! the station has committed all of it, or at the limit by the stated [`Policy`], which is counted
//! and told as a [`siskin_wire::link::Gap`]. After a kill at any byte a torn tail is cut and
//! numbers go on behind it.
//!
//! `segment` is the file format, `disk` the segments together, `room` what happens at the limit,
//! `thin` what thinning keeps, `losses` what is gone and who knows it, `lanes` what is sent next,
//! `notes` the small file with the name, channels and losses, `writer` the thread that owns
//! writing.

mod disk;
mod lanes;
mod losses;
mod notes;
mod room;
mod segment;
mod thin;
mod writer;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use siskin_model::{AnalyzerHealth, ChannelId};
use siskin_wire::link::FrameError;
use tokio::sync::Notify;

pub use disk::Spool;
pub use lanes::{Cursor, Room, Turn};
pub use segment::Record;
pub use writer::Writer;

/// The shortest time between two syncs; what comes in between is gathered into one batch.
pub const SYNC_EVERY: Duration = Duration::from_millis(100);
/// How long a batch counts as live.
pub const LIVE_MAX: Duration = Duration::from_secs(10);
/// A segment is closed when it is larger than this, or than an eighth of the limit.
pub const SEGMENT_BYTES_MAX: u64 = 512 << 10;
/// The smallest limit: eight segments that hold one largest batch each.
pub const SPOOL_BYTES_MIN: u64 = 64 << 10;
/// The most live batches kept in memory; older ones are read from the disk like any other.
pub const RECENT_MAX: usize = 256;
/// The most bytes of them.
pub const RECENT_BYTES_MAX: usize = 2 << 20;
/// The most losses that are told apart; beyond it neighbours become one.
pub const GAPS_MAX: usize = 256;
/// Readings that wait in memory while the disk takes nothing; beyond it the oldest are dropped.
pub const HELD_ROWS_MAX: usize = 50_000;

/// What happens when the spool reaches its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// The oldest segment is deleted.
    DropOldest,
    /// The oldest segment keeps, for each channel, the highest value of every minute, everything at
    /// or above its lowest high threshold and every change of quality. When all are thinned, the
    /// oldest is deleted.
    Thin,
}

impl FromStr for Policy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "drop-oldest" => Ok(Self::DropOldest),
            "thin" => Ok(Self::Thin),
            other => Err(format!("policy `{other}` is not known; hint: `drop-oldest` or `thin`")),
        }
    }
}

/// Where a spool is and how large it may get.
#[derive(Debug, Clone)]
pub struct SpoolSettings {
    /// Its folder, nobody else's.
    pub folder: PathBuf,
    /// The most bytes on disk.
    pub bytes_max: u64,
    /// What happens then.
    pub policy: Policy,
    /// The channels that will be spooled, in order of [`siskin_model::ChannelIndex`].
    pub channels: Vec<ChannelId>,
    /// The lowest high threshold of channels that have one: what thinning keeps.
    pub highs: BTreeMap<ChannelId, f64>,
    /// Makes the name of a new spool one of its own in the world.
    pub entropy: u128,
}

/// Why the spool cannot do something.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The disk refuses.
    #[error("cannot {act} `{path}`: {source}; hint: is the disk full, or the folder not ours?")]
    Disk {
        /// What was tried.
        act: &'static str,
        /// On what.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A file that is not what it should be.
    #[error("`{path}` is no file of a spool: {why}; hint: move the folder away to begin anew")]
    Foreign {
        /// Which.
        path: String,
        /// Why.
        why: String,
    },
    /// A batch that cannot be packed or unpacked.
    #[error("spool: {0}")]
    Batch(#[from] FrameError),
    /// The limit is too small to be useful.
    #[error("the spool's limit is `{0}` bytes; hint: at least {SPOOL_BYTES_MIN}")]
    Limit(u64),
    /// Too many channels over the spool's life.
    #[error(
        "the spool has `{0}` channels, at most {max}; \
         hint: let it drain, then move the folder away",
        max = siskin_wire::link::CHANNELS_MAX
    )]
    Channels(usize),
}

/// A spool and what its writer, its link and its status page share.
#[derive(Debug, Clone)]
pub struct SharedSpool {
    spool: Arc<Mutex<Spool>>,
    /// Told when batches have become durable or health has changed.
    pub(crate) news: Arc<Notify>,
    health: Arc<Mutex<BTreeMap<usize, AnalyzerHealth>>>,
}

impl SharedSpool {
    /// Shares `spool`.
    pub fn new(spool: Spool) -> Self {
        let spool = Arc::new(Mutex::new(spool));
        Self { spool, news: Arc::default(), health: Arc::default() }
    }

    /// The spool; held for single calls only.
    pub fn lock(&self) -> MutexGuard<'_, Spool> {
        self.spool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest health of every analyzer that has told one.
    pub fn health(&self) -> BTreeMap<usize, AnalyzerHealth> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_health(&self, health: AnalyzerHealth) {
        let mut all = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(health.analyzer, health);
    }
}

#[cfg(test)]
mod tests;
