//! The owner of a source's task: restarts it after a panic and says so in health.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use siskin_model::LinkState;
use tokio_util::sync::CancellationToken;

use crate::Clock;
use crate::health::HealthCell;
use crate::outlet::{Closed, Outlet};

/// The pause before a task that panicked is started again, so that one that always does cannot
/// take the machine.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// What people read when a task panicked.
const PANICKED: &str =
    "the reader failed inside and was started again; hint: report this with the log";

/// Runs the tasks that `make` makes, one after the other, until `stop` or until the station no
/// longer listens.
pub(crate) async fn supervise<F, Fut>(
    make: F,
    cells: Vec<HealthCell>,
    out: Outlet,
    clock: Clock,
    stop: CancellationToken,
) where
    F: Fn() -> Fut,
    Fut: Future<Output = Closed>,
{
    let restart = async {
        loop {
            let task = async { make().await };
            if AssertUnwindSafe(task).catch_unwind().await.is_ok() {
                return;
            }
            tracing::error!(target: "siskin::collect", "source task panicked");
            let now = clock();
            let told = cells.iter();
            let told = told.filter_map(|cell| cell.failed(now, LinkState::Degraded, PANICKED));
            if out.health(told.collect::<Vec<_>>()).await.is_err() {
                return;
            }
            tokio::time::sleep(RESTART_PAUSE).await;
        }
    };
    stop.run_until_cancelled(restart).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use siskin_model::{AnalyzerId, Timestamp};
    use tokio::sync::mpsc;

    use super::*;
    use crate::Intake;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_is_seen_and_started_again() {
        let now = Timestamp::from_millis(7);
        let cell = HealthCell::new(0, AnalyzerId::new("at-101").unwrap(), now);
        let (tx, mut rx) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let starts = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&starts);
        let make = move || {
            let start = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(start > 1, "start {start}");
                std::future::pending().await
            }
        };
        let clock: Clock = Arc::new(move || now);
        let owner = supervise(make, vec![cell], Outlet::new(tx), clock, stop.clone());
        let owner = tokio::spawn(owner);
        let Some(Intake::Health(health)) = rx.recv().await else { panic!("no health") };
        assert_eq!(health.link, LinkState::Degraded);
        assert_eq!(health.last_error.as_deref(), Some(PANICKED));
        tokio::time::sleep(RESTART_PAUSE * 3).await;
        assert_eq!(starts.load(Ordering::SeqCst), 3);
        stop.cancel();
        owner.await.unwrap();
    }
}
