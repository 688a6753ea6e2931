//! How a mirror is, as people and programs see it. Must never show a token.

use std::sync::{Arc, Mutex};

use siskin_model::Timestamp;

use crate::file::locked;

/// What a mirror does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MirrorState {
    /// It has not been answered yet.
    #[default]
    Starting,
    /// The target takes what it is given.
    Ok,
    /// The target is down, slow or busy, or the store could not be read; it is tried again.
    Retrying,
    /// The target lets nobody in or refuses everything: somebody must act.
    Blocked,
}

impl MirrorState {
    /// Whether the target is not written to.
    pub const fn is_away(self) -> bool {
        matches!(self, Self::Retrying | Self::Blocked)
    }

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ok => "ok",
            Self::Retrying => "retrying",
            Self::Blocked => "blocked",
        }
    }
}

/// How a mirror is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MirrorHealth {
    /// What it does.
    pub state: MirrorState,
    /// Why the newest failure happened; it stays for the record once all is well.
    pub last_error: Option<String>,
    /// Requests and reads of the store that failed since the start.
    pub failures: u64,
    /// Those of them since the target last decided on a request.
    pub failures_in_a_row: u64,
    /// Times the mirror itself broke and was started again.
    pub restarts: u64,
    /// Readings delivered since the start, repeats too.
    pub readings: u64,
    /// Events delivered since the start.
    pub events: u64,
    /// Lines the target accepted since the start.
    pub lines_accepted: u64,
    /// Lines the target refused since it was first written to.
    pub refused: u64,
    /// Those of them that are kept in `mirror.db`.
    pub refused_kept: u64,
    /// Requests of which the target dropped what is older than it keeps.
    pub requests_too_old: u64,
    /// Chunks and batches that were passed over because they are damaged.
    pub damaged: u64,
    /// Batches the target does not have yet; a batch is about what came in one second.
    pub batches_behind: u64,
    /// Chunks it does not have yet, up to [`crate::series::LAG_CHUNKS_MAX`]; a chunk is one hour of
    /// one channel.
    pub chunks_behind: u64,
    /// Received-at of the oldest reading it does not have; none where it has all.
    pub oldest_waiting_at: Option<Timestamp>,
    /// When it last took something, also before the start; or when it was begun with.
    pub written_at: Option<Timestamp>,
    /// Whether it is away for so long that what is over its time is deleted without it.
    pub is_let_go: bool,
    /// Days (UTC) of which readings were deleted before it had them.
    pub missed_days: u64,
    /// Received-at of the newest reading it has.
    pub newest_received_at: Option<Timestamp>,
    /// When it last had everything.
    pub complete_at: Option<Timestamp>,
}

/// The health of one mirror, shared with who shows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct HealthCell(Arc<Mutex<MirrorHealth>>);

impl HealthCell {
    pub(crate) fn now(&self) -> MirrorHealth {
        locked(&self.0).clone()
    }

    pub(crate) fn edit(&self, edit: impl FnOnce(&mut MirrorHealth)) {
        edit(&mut locked(&self.0));
    }

    /// Something went wrong. Logged once for each reason, not at every try.
    pub(crate) fn failed(&self, name: &str, state: MirrorState, why: &str) {
        let mut health = locked(&self.0);
        let is_new = health.state != state || health.last_error.as_deref() != Some(why);
        health.state = state;
        health.failures += 1;
        health.failures_in_a_row += 1;
        health.last_error = Some(why.to_owned());
        drop(health);
        match state {
            _ if !is_new => {}
            MirrorState::Blocked => tracing::error!(
                mirror = name,
                why,
                "the mirror is blocked, nothing is lost; \
                 hint: check url, org, bucket and token, and the types of the bucket's fields"
            ),
            _ => tracing::warn!(mirror = name, why, "the mirror waits and tries again"),
        }
    }

    /// The target decided on a request.
    pub(crate) fn answered(&self, name: &str) {
        let mut health = locked(&self.0);
        health.failures_in_a_row = 0;
        let was = std::mem::replace(&mut health.state, MirrorState::Ok);
        drop(health);
        if was != MirrorState::Ok {
            tracing::info!(mirror = name, "the mirror is written to");
        }
    }
}
