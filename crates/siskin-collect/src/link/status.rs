//! What people see of the link. Never the token.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use siskin_model::Timestamp;

use super::LinkError;

/// State of the link, with counters since the start of the process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkStatus {
    /// Whether the station has welcomed this edge and nothing has failed since.
    pub is_up: bool,
    /// Since when it is so.
    pub since: Timestamp,
    /// The last failure, kept after it has passed.
    pub last_error: Option<String>,
    /// Times the station welcomed this edge.
    pub connects: u64,
    /// Batches sent as live.
    pub live_sent: u64,
    /// Batches sent as backlog.
    pub backlog_sent: u64,
    /// The station's clock less this one, in ms.
    pub skew_ms: Option<i64>,
}

/// The status, shared.
#[derive(Debug, Clone, Default)]
pub struct SharedStatus(Arc<Mutex<LinkStatus>>);

impl SharedStatus {
    /// As it is now.
    pub fn get(&self) -> LinkStatus {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn change(&self, f: impl FnOnce(&mut LinkStatus)) {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn up(&self, now: Timestamp) {
        self.change(|status| {
            (status.is_up, status.since) = (true, now);
            status.connects += 1;
        });
    }

    pub(super) fn lost(&self, now: Timestamp, error: &LinkError) {
        self.change(|status| {
            if status.is_up {
                (status.is_up, status.since) = (false, now);
            }
            status.last_error = Some(error.to_string());
        });
    }
}
