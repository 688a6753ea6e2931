//! The far end of the self-proof: takes pulses from the live stream as a page does, and says so
//! when none come.

use std::sync::Arc;
use std::time::Duration;

use siskin_api::LiveEvent;
use siskin_api::contract::{ProofState, ProofView};
use siskin_collect::Clock;
use siskin_model::Timestamp;
use siskin_store::Ledger;
use siskin_store::ledger::NewAudit;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::station::live::Live;

/// How often it looks whether pulses are missing.
const LOOK: Duration = Duration::from_secs(1);

/// Watches until `stop`.
pub(in crate::station) async fn watch(
    (live, mut stream): (Arc<Live>, broadcast::Receiver<LiveEvent>),
    ledger: Arc<Ledger>,
    clock: Clock,
    stop: CancellationToken,
) {
    let board = &live.proof;
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut was = ProofState::Waiting;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            event = stream.recv() => match event {
                Ok(LiveEvent::Pulse(pulse)) => board.delivered(pulse.number, clock()),
                // A pulse may be among what was missed: then the next one counts.
                Ok(_) | Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            },
            _ = looks.tick() => {}
        }
        let view = board.view(clock(), 0);
        if (view.state == ProofState::Broken) != (was == ProofState::Broken) {
            let entry = changed(&view, clock());
            let ledger = Arc::clone(&ledger);
            // Where the ledger itself is what is broken, the log and the page still say it.
            let _written = tokio::task::spawn_blocking(move || ledger.put_audit(&entry)).await;
        }
        was = view.state;
    }
}

fn changed(view: &ProofView, now: Timestamp) -> NewAudit {
    let is_broken = view.state == ProofState::Broken;
    if is_broken {
        let (stage, last) = (view.broken_at, &view.last_at);
        tracing::error!(?stage, ?last, "no self-proof came through");
    } else {
        tracing::info!(last = ?view.last_at, "the self-proof comes through again");
    }
    NewAudit {
        at: now,
        by: "station".to_owned(),
        act: if is_broken { "self-proof.broken" } else { "self-proof.mended" }.to_owned(),
        about: String::new(),
        body: serde_json::json!({ "stage": view.broken_at, "last_at": view.last_at }),
    }
}
