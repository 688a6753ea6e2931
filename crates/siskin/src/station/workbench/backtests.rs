//! The backtests of a station: a short queue and one thread of low priority.
//!
//! Must never slow the pipeline: one backtest at a time, on one thread that gives way to all
//! others, reading the store beside the station. A panic or an error of a backtest ends that one
//! alone. What was found is in memory and gone at a restart.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use siskin_api::contract::{BacktestResultView, BacktestView, TextView};
use siskin_api::{BackendError, WorkbenchFault};
use siskin_model::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::backtest::stored::{self, Wish};

/// Backtests that may wait, beside the one that runs; beyond it a wish is refused.
const WAITING_MAX: usize = 4;
/// Backtests that are over and kept; beyond it the oldest is forgotten.
const KEPT_MAX: usize = 20;
/// How far the thread gives way to others: as far as there is.
const NICENESS: i32 = 19;

/// Who asked for what.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) by: String,
    pub(super) at: Timestamp,
    pub(super) running_version: u64,
    pub(super) candidate_version: Option<u64>,
    pub(super) incident: Option<String>,
    pub(super) channels: Vec<String>,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// Where a backtest is.
#[derive(Debug)]
enum Stage {
    Queued(Box<Wish>),
    Running { share: f64 },
    Done(Arc<BacktestResultView>),
    Failed(String),
    Cancelled,
}

#[derive(Debug)]
struct Backtest {
    asked: Asked,
    stage: Stage,
}

#[derive(Debug, Default)]
struct Book {
    by_id: BTreeMap<u64, Backtest>,
    newest: u64,
    is_stopping: bool,
}

/// The backtests of a station.
#[derive(Debug, Default)]
pub(crate) struct Backtests {
    book: Mutex<Book>,
    changed: Condvar,
}

impl Backtests {
    fn book(&self) -> MutexGuard<'_, Book> {
        // Every change of the book is one assignment.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a backtest.
    pub(super) fn queue(
        &self,
        asked: Asked,
        wish: Wish,
        offset_s: i32,
    ) -> Result<BacktestView, BackendError> {
        let mut book = self.book();
        let is_waiting = |one: &&Backtest| matches!(one.stage, Stage::Queued(_));
        if book.by_id.values().filter(is_waiting).count() >= WAITING_MAX {
            return Err(WorkbenchFault::QueueFull(WAITING_MAX).into());
        }
        book.newest += 1;
        let id = book.newest;
        let backtest = Backtest { asked, stage: Stage::Queued(Box::new(wish)) };
        let view = backtest.view(id, offset_s, false);
        book.by_id.insert(id, backtest);
        book.forget_old();
        self.changed.notify_all();
        Ok(view)
    }

    /// All of them, newest first, without what they found.
    pub(super) fn all(&self, offset_s: i32) -> Vec<BacktestView> {
        let book = self.book();
        book.by_id.iter().rev().map(|(id, one)| one.view(*id, offset_s, false)).collect()
    }

    pub(super) fn one(&self, id: u64, offset_s: i32) -> Result<BacktestView, BackendError> {
        let book = self.book();
        let found = book.by_id.get(&id).map(|one| one.view(id, offset_s, true));
        Ok(found.ok_or_else(|| WorkbenchFault::BacktestNotFound(id.to_string()))?)
    }

    /// Cancels one that waits or runs, forgets one that is over.
    pub(super) fn drop_one(&self, id: u64, offset_s: i32) -> Result<BacktestView, BackendError> {
        let mut book = self.book();
        let Some(one) = book.by_id.get_mut(&id) else {
            return Err(WorkbenchFault::BacktestNotFound(id.to_string()).into());
        };
        if matches!(one.stage, Stage::Queued(_) | Stage::Running { .. }) {
            one.stage = Stage::Cancelled;
            return Ok(one.view(id, offset_s, false));
        }
        let view = one.view(id, offset_s, false);
        book.by_id.remove(&id);
        Ok(view)
    }

    /// Owns the thread until `stop`; it ends soon after.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let worker = Arc::clone(&self);
        let thread = std::thread::Builder::new().name("siskin-backtest".to_owned());
        let thread = match thread.spawn(move || worker.work(&stored::made)) {
            Ok(thread) => thread,
            Err(error) => {
                tracing::error!(%error, "backtests cannot be made: their thread did not start");
                return;
            }
        };
        stop.cancelled().await;
        self.book().is_stopping = true;
        self.changed.notify_all();
        let joined = tokio::task::spawn_blocking(move || thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the thread of backtests failed");
        }
    }

    /// Makes one backtest after the other.
    fn work(&self, make: &Make<'_>) {
        give_way();
        while let Some((id, wish)) = self.next() {
            let progress = |share: f64| self.goes_on(id, share);
            // What one backtest leaves half done is dropped with it.
            let outcome = catch_unwind(AssertUnwindSafe(|| make(wish, &progress)));
            let stage = match outcome {
                Ok(Ok(result)) => Stage::Done(Arc::new(result)),
                Ok(Err(error)) => Stage::Failed(format!("{error:#}")),
                Err(_panic) => {
                    Stage::Failed("a fault of the program; its log says where".to_owned())
                }
            };
            self.is_over(id, stage);
        }
    }

    /// Waits for the next one; none once the station stops.
    fn next(&self) -> Option<(u64, Wish)> {
        let mut book = self.book();
        loop {
            if book.is_stopping {
                return None;
            }
            let waiting = book.by_id.iter_mut();
            for (id, one) in waiting {
                if matches!(one.stage, Stage::Queued(_))
                    && let Stage::Queued(wish) =
                        std::mem::replace(&mut one.stage, Stage::Running { share: 0.0 })
                {
                    return Some((*id, *wish));
                }
            }
            book = self.changed.wait(book).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Keeps how far it is; false where nobody wants it any more.
    fn goes_on(&self, id: u64, share: f64) -> bool {
        let mut book = self.book();
        let is_stopping = book.is_stopping;
        match book.by_id.get_mut(&id).map(|one| &mut one.stage) {
            Some(Stage::Running { share: known }) => *known = share.clamp(0.0, 1.0),
            _ => return false,
        }
        !is_stopping
    }

    fn is_over(&self, id: u64, stage: Stage) {
        let mut book = self.book();
        // A cancelled one stays cancelled.
        if let Some(one) = book.by_id.get_mut(&id)
            && matches!(one.stage, Stage::Running { .. })
        {
            if let Stage::Failed(reason) = &stage {
                tracing::warn!(id, reason, "a backtest failed");
            }
            one.stage = stage;
        }
        book.forget_old();
    }
}

/// How a backtest is made; tests put their own in.
type Make<'a> =
    dyn Fn(Wish, &(dyn Fn(f64) -> bool + Sync)) -> anyhow::Result<BacktestResultView> + 'a;

/// The thread gives way to every other one. Where the system does not allow that, it is one thread
/// among several all the same.
fn give_way() {
    let this = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(this), NICENESS) {
        tracing::warn!(%error, "backtests run at the priority of the station");
    }
}

impl Book {
    fn forget_old(&mut self) {
        let is_over =
            |one: &Backtest| !matches!(one.stage, Stage::Queued(_) | Stage::Running { .. });
        let over: Vec<u64> =
            self.by_id.iter().filter(|(_, one)| is_over(one)).map(|(id, _)| *id).collect();
        for id in over.iter().take(over.len().saturating_sub(KEPT_MAX)) {
            self.by_id.remove(id);
        }
    }
}

impl Backtest {
    fn view(&self, id: u64, offset_s: i32, with_result: bool) -> BacktestView {
        let asked = &self.asked;
        let (state, progress) = match &self.stage {
            Stage::Queued(_) => ("queued", 0.0),
            Stage::Running { share } => ("running", *share),
            Stage::Done(_) => ("done", 1.0),
            Stage::Failed(_) => ("failed", 0.0),
            Stage::Cancelled => ("cancelled", 0.0),
        };
        let failure = match &self.stage {
            Stage::Failed(reason) => {
                Some(TextView { zh: format!("回测失败：{reason}"), en: reason.clone() })
            }
            _ => None,
        };
        let result = match &self.stage {
            Stage::Done(result) if with_result => Some(result.as_ref().clone()),
            _ => None,
        };
        BacktestView {
            id,
            state: state.to_owned(),
            progress,
            by: asked.by.clone(),
            asked_at: asked.at.rfc3339(offset_s),
            from: asked.from.rfc3339(offset_s),
            to: asked.to.rfc3339(offset_s),
            running_version: asked.running_version,
            candidate_version: asked.candidate_version,
            incident: asked.incident.clone(),
            channels: asked.channels.clone(),
            failure,
            result,
        }
    }
}

#[cfg(test)]
mod tests;
