//! Drills of a running station: an engine beside the live one, which sees a release that is not
//! there.
//!
//! The pipeline passes on what it has judged and never waits; the drill's engine is on a thread of
//! its own, and what it says comes back as a command, is put on disk and told like everything else,
//! with its mark. Must never touch the live engine or the series store.

mod backend;
mod views;
mod words;
mod worker;

use siskin_model::{DrillEnd, DrillEndReason, Hold, Timestamp, Warning};
use siskin_store::Ledger;

use super::notify::Teller;
pub(super) use views::drill as view;
pub(super) use worker::{DrillFeed, DrillSaid, PassedAct, start};

/// What is shown of the drill that runs.
#[derive(Debug, Clone)]
pub(crate) struct ShownDrill {
    /// Its open warnings.
    pub(crate) warnings: Vec<Warning>,
    /// Its holds.
    pub(crate) holds: Vec<Hold>,
}

/// A drill that ran when the station ended is over: its engine is gone. Called before anything is
/// restored; whoever was told of its warnings is told that they are over.
pub(super) fn end_after_restart(
    ledger: &Ledger,
    teller: Option<&Teller>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let Some(drill) = ledger.drill_running()? else {
        return Ok(());
    };
    let reason = DrillEndReason::Restart;
    let end = DrillEnd { at: now, reason, by: None, note: String::new() };
    let open = ledger.drill_warnings_open(drill.id)?;
    let endings: Vec<_> =
        open.into_iter().map(|warning| siskin_engine::drill::ended(warning, &end)).collect();
    let messages = teller.map(|teller| teller.messages(&endings, now)).unwrap_or_default();
    ledger.end_drill(drill.id, &end, &endings, &messages)?;
    tracing::warn!(drill = %drill.id, warnings = endings.len(), "a drill ended by the restart");
    Ok(())
}
