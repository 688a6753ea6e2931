//! The owner of a source's task: restarts it after a panic and says so in health; tells in time
//! what health has held back.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use siskin_model::{LinkState, Text};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::Clock;
use crate::health::HealthCell;
use crate::outlet::{Closed, Outlet};

/// The pause before a task that panicked is started again, so that one that always does cannot
/// take the machine.
const RESTART_PAUSE: Duration = Duration::from_secs(1);
/// How often what was held back is told: a device that falls silent after a refused message must
/// not take the refusal with it.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// What people read when a task panicked.
fn panicked() -> Text {
    Text::new(
        "采集任务内部出错，已重新启动；请连同日志一起上报",
        "the reader failed inside and was started again; hint: report this with the log",
    )
}

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
    // Boxed: each future that takes another one over would hold room for it twice, and there are
    // hundreds of tasks.
    let restart = Box::pin(async {
        loop {
            let task = Box::pin(async { make().await });
            if AssertUnwindSafe(task).catch_unwind().await.is_ok() {
                return;
            }
            tracing::error!(target: "siskin::collect", "source task panicked");
            let now = clock();
            let told = cells.iter();
            let why = panicked();
            let told = told.filter_map(|cell| cell.failed(now, LinkState::Degraded, &why));
            if out.health(told.collect::<Vec<_>>()).await.is_err() {
                return;
            }
            tokio::time::sleep(RESTART_PAUSE).await;
        }
    });
    let work = async {
        tokio::select! {
            () = restart => {}
            () = tell_held_back(&cells, &out, &clock) => {}
        }
    };
    stop.run_until_cancelled(work).await;
}

async fn tell_held_back(cells: &[HealthCell], out: &Outlet, clock: &Clock) {
    let mut turns = tokio::time::interval(TELL_EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let now = clock();
        let told = cells.iter().filter_map(|cell| cell.held_back(now));
        if out.health(told.collect::<Vec<_>>()).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use siskin_model::{AnalyzerId, Timestamp};
    use tokio::sync::mpsc;

    use super::*;
    use crate::Intake;
    use crate::words::check_text;

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
        let told = Text::new(health.last_error_zh.unwrap(), health.last_error.unwrap());
        assert_eq!(told, panicked());
        check_text(&told);
        tokio::time::sleep(RESTART_PAUSE * 3).await;
        assert_eq!(starts.load(Ordering::SeqCst), 3);
        stop.cancel();
        owner.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_of_a_device_that_then_falls_silent_is_told() {
        let cell = HealthCell::new(0, AnalyzerId::new("at-101").unwrap(), Timestamp::default());
        let (tx, mut rx) = mpsc::channel(8);
        let began = tokio::time::Instant::now();
        let clock: Clock = Arc::new(move || {
            let passed_ms = began.elapsed().as_millis().try_into().unwrap();
            Timestamp::from_millis(passed_ms)
        });
        // The first change is told at once, by whoever made it; the second comes too soon after it.
        assert!(cell.reachable(clock()).is_some());
        assert_eq!(cell.set_aside(clock(), &Text::new("保留消息", "retained")), None);
        let stop = CancellationToken::new();
        let owner =
            supervise(std::future::pending, vec![cell], Outlet::new(tx), clock, stop.clone());
        let owner = tokio::spawn(owner);
        let Some(Intake::Health(health)) = rx.recv().await else { panic!("no health") };
        assert_eq!((health.refused, health.last_error.as_deref()), (1, Some("retained")));
        stop.cancel();
        owner.await.unwrap();
    }
}
