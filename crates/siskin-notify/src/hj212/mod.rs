//! HJ 212 uplinks: each bureau's centre is sent what its site file says, and answered.
//!
//! A bureau has a task of its own ([`Uplinks::run`]) that is started again when it breaks. What it
//! sends is in the book before it goes out and stays there until the centre has answered it, under
//! one QN however often it is sent. Must never set a clock, hold up the station (readings are
//! looked up in the store, nothing is fed here) or say a password.

mod desk;
mod line;
mod obey;
mod produce;
mod refused;
mod session;
mod standing;
mod status;

use std::sync::Arc;

use siskin_model::uplink::Uplink;
use siskin_model::{Text, Timestamp};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use line::Line;

pub use desk::{Desk, DeskFault, Secrets};
pub use status::{UplinkLink, UplinkStatus};

/// The station's clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// All bureaus of a station.
#[derive(Clone)]
pub struct Uplinks(Arc<[Arc<Line>]>);

impl std::fmt::Debug for Uplinks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|line| &line.uplink.id)).finish()
    }
}

impl Uplinks {
    /// Prepares them; nothing runs yet.
    pub fn new(uplinks: &[Uplink], desk: &Arc<dyn Desk>, clock: &Clock, utc_offset_s: i32) -> Self {
        let line = |uplink: &Uplink| {
            let (desk, clock) = (Arc::clone(desk), Arc::clone(clock));
            Arc::new(Line::new(uplink.clone(), desk, clock, utc_offset_s))
        };
        Self(uplinks.iter().map(line).collect())
    }

    /// Runs every bureau until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        for line in self.0.iter() {
            tasks.spawn(line::keep(Arc::clone(line), stop.clone()));
        }
        tasks.close();
        tasks.wait().await;
    }

    /// How each is, with its settings in order of the site. Reads the book: blocks on the disk.
    pub fn status(&self) -> Vec<(&Uplink, UplinkStatus)> {
        self.0.iter().map(|line| (&line.uplink, line.status())).collect()
    }

    /// What people must know of a bureau's uplink at `now`, worst first.
    pub fn notices(uplink: &Uplink, status: &UplinkStatus, now: Timestamp) -> Vec<Text> {
        status::notices(uplink, status, now)
    }
}

#[cfg(test)]
mod tests;
