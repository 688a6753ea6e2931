//! The self-proof: once a minute a pulse goes the way of a reading (the collector's queue, the
//! rules, a warning, the ledger's commit, the live stream), and who looks sees how long ago the
//! last one came through.
//!
//! The rules judge it in an engine of their own, of the same code and on the same thread, so that
//! a pulse can neither raise, hide nor delay anything real. Must never say that the way is open
//! because something was sent: only what has come out at the far end counts.

mod board;
mod judge;
mod watch;

pub(super) use board::{ProofBoard, view};
pub(super) use judge::ProofJudge;

use std::sync::Arc;

use siskin_collect::{Clock, Intake};
use siskin_store::Ledger;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::live::Live;

/// Both ends of the way; they end on `stop`. If one panics, the proof is missing, and that shows.
pub(super) fn start(
    live: &Arc<Live>,
    ledger: &Arc<Ledger>,
    clock: &Clock,
    intake: &mpsc::Sender<Intake>,
    stop: &CancellationToken,
) -> TaskTracker {
    let tasks = TaskTracker::new();
    // Before the first pulse is sent, or it would be missed.
    let stream = live.subscribe();
    tasks.spawn(siskin_collect::pulses(intake.clone(), Arc::clone(clock), stop.clone()));
    let (live, ledger) = (Arc::clone(live), Arc::clone(ledger));
    tasks.spawn(watch::watch((live, stream), ledger, Arc::clone(clock), stop.clone()));
    tasks.close();
    tasks
}
