//! The link of an edge to its station: the spool's batches go out, acknowledgements come in.
//!
//! Owns one connection at a time and makes it again after every failure, with pauses that grow and
//! are never equal on two gateways. A batch leaves the spool only by what the station says is on
//! its disk. Live batches go first; the backlog gets what they leave, and no more than a window of
//! it is in flight. Never sends what is not durable here.
//!
//! `dial` makes a connection, `session` is one, `hand` its thread at the spool, `status` what is
//! seen of the link, `alarms` what the gateway's own watch has to tell, `siren` how its siren is.

mod alarms;
mod dial;
mod hand;
mod session;
mod siren;
mod status;

use std::time::Duration;

use siskin_model::{AnalyzerId, Text, Timestamp};
use siskin_wire::link::FrameError;
use tokio_util::sync::CancellationToken;

use crate::Clock;
use crate::backoff::Backoff;
use crate::spool::{SharedSpool, SpoolError};

pub use alarms::{ALARM_EVENTS_MAX, SharedAlarms};
pub use siren::SharedSiren;
pub use status::{LinkStatus, SharedStatus};

/// The longest wait for a connection and for the station's welcome.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// A pause is longer by up to this part of itself, so that gateways do not come back in step.
const JITTER_PARTS: u64 = 4;

/// Where the station is and who speaks.
#[derive(Clone)]
pub struct LinkSettings {
    /// `ws://host:port` or `wss://host:port` of the station's API.
    pub station: String,
    /// The certificate authority that a `wss` station is known by.
    pub ca_file: Option<String>,
    /// The edge's id.
    pub edge: String,
    /// What it proves itself with.
    pub token: String,
    /// The site's id.
    pub site: String,
    /// Another one after every start.
    pub boot_id: String,
    /// The site's analyzers, in order.
    pub analyzers: Vec<AnalyzerId>,
    /// What the gateway's own watch raised and cleared.
    pub alarms: SharedAlarms,
    /// How its siren is.
    pub siren: SharedSiren,
}

impl std::fmt::Debug for LinkSettings {
    /// Without the token: it must not come into a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("LinkSettings");
        out.field("station", &self.station).field("edge", &self.edge).finish_non_exhaustive()
    }
}

/// Why a connection ended or was not made.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The address or the token cannot be used.
    #[error(
        "station `{0}` cannot be used; \
         hint: `--station wss://host:port`, no line breaks in the token"
    )]
    Address(String),
    /// The station cannot be known for sure.
    #[error("link: {} · {}", .0.zh, .0.en)]
    Trust(Text),
    /// No connection, or the connection broke.
    #[error("link: {0}; hint: is the station running, and is its address and the token right?")]
    Socket(#[from] Box<tokio_tungstenite::tungstenite::Error>),
    /// Nothing came for too long.
    #[error("link: nothing from the station within {0} s; hint: look at the line between")]
    Silent(u64),
    /// The station ended the connection.
    #[error("link: the station closed it: {0}; hint: look at the station's log")]
    Closed(String),
    /// Something that is no frame.
    #[error("link: {0}")]
    Frame(#[from] FrameError),
    /// A frame that the station never sends at this point.
    #[error("link: the station said `{0}` unexpectedly; hint: are both of the same version?")]
    Unexpected(&'static str),
    /// The machine gives no thread.
    #[error("link: cannot start a thread: {0}; hint: how many processes may this user have?")]
    Thread(#[source] std::io::Error),
    /// The spool cannot be read.
    #[error("link: {0}")]
    Spool(#[from] SpoolError),
}

/// Keeps the link until `stop`.
pub async fn run(
    settings: LinkSettings,
    spool: SharedSpool,
    status: SharedStatus,
    clock: Clock,
    stop: CancellationToken,
) {
    let work = async {
        let mut backoff = Backoff::new();
        loop {
            let error = match dial::dial(&settings).await {
                Err(error) => error,
                Ok(socket) => match session::Session::new(&settings, &spool, &status, &clock) {
                    Err(error) => error,
                    Ok(session) => {
                        let (welcomed, error) = session.run(socket).await;
                        if welcomed {
                            backoff.reset();
                        }
                        error
                    }
                },
            };
            tracing::warn!(target: "siskin::link", %error, "no link to the station");
            status.lost(clock(), &error);
            let pause = backoff.pause();
            tokio::time::sleep(pause + jitter(pause, &settings.boot_id, clock())).await;
        }
    };
    stop.run_until_cancelled(work).await;
}

/// Up to a quarter of `pause`, from what differs between gateways and moments.
fn jitter(pause: Duration, boot_id: &str, now: Timestamp) -> Duration {
    let seed = boot_id.bytes().fold(now.as_millis().cast_unsigned(), |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let most_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX) / JITTER_PARTS;
    Duration::from_millis((seed >> 20) % (most_ms + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_differ_and_stay_within_a_quarter() {
        let pause = Duration::from_secs(8);
        let of = |boot: &str, ms| jitter(pause, boot, Timestamp::from_millis(ms));
        let all: std::collections::BTreeSet<_> =
            (0..50).flat_map(|ms| [of("a", ms * 977), of("b", ms * 977)]).collect();
        assert!(all.len() > 40 && all.iter().all(|j| *j <= pause / 4), "{all:?}");
    }
}
