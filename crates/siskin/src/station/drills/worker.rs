//! The thread of a drill and the queue before it.
//!
//! Must never make the pipeline wait: a queue that is full ends the drill, and says so. A panic in
//! it ends the drill alone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use siskin_engine::{Act, ActError, Acting, Done, DrillEngine};
use siskin_model::{DrillId, Hold, Reading, Timestamp, WarningEvent};
use siskin_store::ledger::NewAudit;
use tokio::sync::{mpsc, oneshot};

use super::super::pipeline::{Command, DrillCommand, Refused};

/// Groups and acts that may wait for a drill; beyond it the drill ends.
const GROUPS_MAX: usize = 4_096;
/// Readings in those groups; beyond it the drill ends.
const READINGS_MAX: usize = 1_000_000;

/// What the pipeline passes on.
enum Passed {
    /// What it has judged, and where time was told to have passed.
    Group { readings: Vec<Reading>, now: Option<Timestamp> },
    /// What a person does with a warning of the drill.
    Act(Box<PassedAct>),
}

/// An act on its way through the drill's engine, with its entry in the audit.
#[derive(Debug)]
pub(crate) struct PassedAct {
    pub(crate) act: Act,
    pub(crate) who: Acting,
    pub(crate) entry: NewAudit,
    pub(crate) answer: oneshot::Sender<Result<Done, Refused>>,
}

/// What became of an act.
#[derive(Debug)]
pub(crate) struct ActSaid {
    pub(crate) entry: NewAudit,
    pub(crate) result: Result<Done, ActError>,
    pub(crate) answer: oneshot::Sender<Result<Done, Refused>>,
}

/// What a drill's engine says.
#[derive(Debug)]
pub(crate) struct DrillSaid {
    pub(crate) id: DrillId,
    /// Steps of its warnings, in order.
    pub(crate) warnings: Vec<WarningEvent>,
    /// Its holds after them.
    pub(crate) holds: Vec<Hold>,
    pub(crate) act: Option<ActSaid>,
    /// It broke down.
    pub(crate) failure: Option<String>,
}

/// The pipeline's end of the queue; without it the drill's thread ends.
#[derive(Debug)]
pub(crate) struct DrillFeed {
    queue: SyncSender<Passed>,
    waiting: Arc<AtomicUsize>,
}

impl DrillFeed {
    /// Passes a group on without waiting; false where there is no room or nobody.
    pub(crate) fn give(&self, readings: &[Reading], now: Option<Timestamp>) -> bool {
        if readings.is_empty() && now.is_none() {
            return true;
        }
        let waits = self.waiting.load(Ordering::Acquire);
        if waits.saturating_add(readings.len()) > READINGS_MAX {
            return false;
        }
        self.waiting.fetch_add(readings.len(), Ordering::AcqRel);
        self.queue.try_send(Passed::Group { readings: readings.to_vec(), now }).is_ok()
    }

    /// Passes an act on without waiting; false where there is no room or nobody.
    pub(crate) fn act(&self, act: PassedAct) -> bool {
        self.queue.try_send(Passed::Act(Box::new(act))).is_ok()
    }
}

/// Starts the thread. It ends when the feed is dropped or the pipeline is gone.
pub(crate) fn start(
    id: DrillId,
    engine: DrillEngine,
    commands: mpsc::Sender<Command>,
) -> std::io::Result<DrillFeed> {
    let (queue, passed) = sync_channel(GROUPS_MAX);
    let waiting = Arc::new(AtomicUsize::new(0));
    let feed = DrillFeed { queue, waiting: Arc::clone(&waiting) };
    let body = move || {
        let mut worker = Worker { id, engine, holds: Vec::new(), commands: commands.clone() };
        let done = catch_unwind(AssertUnwindSafe(|| worker.work(&passed, &waiting)));
        if done.is_err() {
            let failure = Some("a panic; see the log".to_owned());
            let said = DrillSaid { failure, ..DrillSaid::nothing(id) };
            // The pipeline may be gone; then the restart ends the drill.
            let _gone = commands.blocking_send(command(said));
        }
    };
    std::thread::Builder::new().name("siskin-drill".to_owned()).spawn(body)?;
    Ok(feed)
}

fn command(said: DrillSaid) -> Command {
    Command::Drill(Box::new(DrillCommand::Said(Box::new(said))))
}

impl DrillSaid {
    fn nothing(id: DrillId) -> Self {
        Self { id, warnings: Vec::new(), holds: Vec::new(), act: None, failure: None }
    }
}

struct Worker {
    id: DrillId,
    engine: DrillEngine,
    /// As they were said last.
    holds: Vec<Hold>,
    commands: mpsc::Sender<Command>,
}

impl Worker {
    fn work(&mut self, passed: &Receiver<Passed>, waiting: &AtomicUsize) {
        while let Ok(next) = passed.recv() {
            let mut said = DrillSaid::nothing(self.id);
            match next {
                Passed::Group { readings, now } => {
                    waiting.fetch_sub(readings.len(), Ordering::AcqRel);
                    self.engine.readings(&readings, &mut said.warnings);
                    if let Some(now) = now {
                        self.engine.tick(now, &mut said.warnings);
                    }
                }
                Passed::Act(passed) => {
                    let PassedAct { act, who, entry, answer } = *passed;
                    let result = self.engine.act(&act, &who, &mut said.warnings);
                    said.act = Some(ActSaid { entry, result, answer });
                }
            }
            said.holds = self.engine.holds();
            let is_news =
                !said.warnings.is_empty() || said.act.is_some() || said.holds != self.holds;
            self.holds.clone_from(&said.holds);
            if is_news && self.commands.blocking_send(command(said)).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::{ChannelIndex, Quality};

    use super::*;

    fn feed() -> (DrillFeed, Receiver<Passed>) {
        let (queue, passed) = sync_channel(GROUPS_MAX);
        (DrillFeed { queue, waiting: Arc::default() }, passed)
    }

    fn readings(count: usize) -> Vec<Reading> {
        let at = Timestamp::from_millis(1);
        vec![Reading::new(ChannelIndex(0), at, at, Some(1.0), Quality::Good); count]
    }

    #[test]
    fn a_queue_that_is_full_refuses_and_never_waits() {
        let (feed, passed) = feed();
        for _ in 0..GROUPS_MAX {
            assert!(feed.give(&readings(1), None));
        }
        assert!(!feed.give(&readings(1), None));
        assert!(feed.give(&[], None), "nothing to give");
        drop(passed);
        assert!(!feed.give(&[], Some(Timestamp::from_millis(1))), "nobody is there");
    }

    #[test]
    fn the_readings_that_wait_have_a_limit_of_their_own() {
        let (feed, _passed) = feed();
        let half = readings(READINGS_MAX / 2);
        assert!(feed.give(&half, None) && feed.give(&half, None));
        assert!(!feed.give(&readings(1), None));
    }
}
