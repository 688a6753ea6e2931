//! What makes the certificate be read again: SIGHUP, and a look every few seconds.
//!
//! The files are compared by what they hold: links that are turned to another file, network disks
//! and replaced folders look the same as a file that is written again. Must never read files on an
//! async thread.

use std::sync::Arc;
use std::time::Duration;

use siskin_collect::Clock;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::{Haste, StationCertificate};
use crate::station::hangups::hangups;

/// Between two looks; changed files are taken at the second one that finds them the same.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Looks until `stop`.
pub(crate) async fn watch(
    certificate: Arc<StationCertificate>,
    clock: Clock,
    stop: CancellationToken,
) {
    let mut hangup = hangups();
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let haste = tokio::select! {
            () = stop.cancelled() => return,
            () = hangup.next() => Haste::Now,
            _ = looks.tick() => Haste::WhenSettled,
        };
        let (certificate, now) = (Arc::clone(&certificate), clock());
        let look = tokio::task::spawn_blocking(move || certificate.look(haste, now));
        if let Err(error) = look.await {
            tracing::error!(%error, "the task that looks at the certificate failed");
        }
    }
}
