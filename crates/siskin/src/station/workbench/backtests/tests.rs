//! Queue, cancelling, failing: with backtests that do what the test says.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::*;

fn asked() -> (Asked, Wish) {
    let settings = siskin_config::load(&crate::files::demo_park()).unwrap();
    let at = Timestamp::from_millis(0);
    let asked = Asked {
        by: "li".to_owned(),
        at,
        running_version: 1,
        candidate_version: None,
        incident: None,
        channels: Vec::new(),
        from: at,
        to: at,
    };
    let wish = Wish {
        running: settings.clone(),
        candidate: settings,
        data: std::path::PathBuf::new(),
        from: at,
        to: at,
        labels: Vec::new(),
        channels: BTreeSet::new(),
    };
    (asked, wish)
}

fn queue(backtests: &Backtests) -> Result<u64, BackendError> {
    let (asked, wish) = asked();
    backtests.queue(asked, wish, 0).map(|view| view.id)
}

fn state(backtests: &Backtests, id: u64) -> String {
    backtests.one(id, 0).map_or_else(|_| "gone".to_owned(), |view| view.state)
}

fn nothing_found() -> BacktestResultView {
    let set = || siskin_api::contract::SetFiguresView {
        raises: 0,
        in_alarm_s: 0.0,
        by_tier: BTreeMap::new(),
        per_10min_peak: 0.0,
        rules: Vec::new(),
        first_outs: Vec::new(),
    };
    BacktestResultView {
        readings: 7,
        running: set(),
        candidate: set(),
        same: 0,
        added: 0,
        lost: 0,
        moved: 0,
        changes: Vec::new(),
        not_listed: 0,
        lanes: Vec::new(),
    }
}

/// Works through everything that waits with `make`, then ends.
fn worked(backtests: &Arc<Backtests>, make: &Make<'_>) {
    let last = Arc::clone(backtests);
    let then_looked = move |wish: Wish, progress: &(dyn Fn(f64) -> bool + Sync)| {
        let result = make(wish, progress);
        let mut book = last.book();
        book.is_stopping = !book.by_id.values().any(|one| matches!(one.stage, Stage::Queued(_)));
        result
    };
    backtests.work(&then_looked);
}

#[test]
fn one_after_the_other_is_made_and_more_than_may_wait_are_refused() {
    let backtests = Arc::new(Backtests::default());
    let ids: Vec<_> = (0..WAITING_MAX).map(|_| queue(&backtests).unwrap()).collect();
    let refused = queue(&backtests).unwrap_err().to_string();
    assert!(refused.contains("4 backtests wait"), "{refused}");
    worked(&backtests, &|_, progress| {
        assert!(progress(0.5));
        Ok(nothing_found())
    });
    for id in ids {
        let view = backtests.one(id, 0).unwrap();
        assert_eq!((view.state.as_str(), view.progress), ("done", 1.0));
        assert_eq!(view.result.unwrap().readings, 7);
    }
    assert!(backtests.all(0).iter().all(|one| one.result.is_none()));
}

#[test]
fn a_failing_and_a_panicking_one_end_alone() {
    let backtests = Arc::new(Backtests::default());
    let (fails, panics, goes) =
        (queue(&backtests).unwrap(), queue(&backtests).unwrap(), queue(&backtests).unwrap());
    let turn = std::cell::Cell::new(0);
    let make = |_: Wish, _: &(dyn Fn(f64) -> bool + Sync)| match turn.replace(turn.get() + 1) {
        0 => anyhow::bail!("the disk is gone"),
        1 => panic!("a panic for a test"),
        _ => Ok(nothing_found()),
    };
    // A panic leaves `worked` no time to look whether it was the last one: it is not.
    let last = |wish: Wish, progress: &(dyn Fn(f64) -> bool + Sync)| {
        let result = make(wish, progress);
        backtests.book().is_stopping = turn.get() == 3;
        result
    };
    backtests.work(&last);
    assert_eq!(backtests.one(fails, 0).unwrap().failure.unwrap().en, "the disk is gone");
    assert_eq!(state(&backtests, panics), "failed");
    assert_eq!(state(&backtests, goes), "done");
}

#[test]
fn a_cancelled_one_stops_at_its_next_step_and_one_that_is_over_is_forgotten() {
    let backtests = Arc::new(Backtests::default());
    let (runs, waits) = (queue(&backtests).unwrap(), queue(&backtests).unwrap());
    let (begun, has_begun): (SyncSender<()>, Receiver<()>) = sync_channel(1);
    let (go, may_go): (SyncSender<()>, Receiver<()>) = sync_channel(1);
    let worker = Arc::clone(&backtests);
    let thread = std::thread::spawn(move || {
        let may_go = Mutex::new(may_go);
        worker.work(&|_, progress| {
            begun.send(()).unwrap();
            may_go.lock().unwrap().recv().unwrap();
            anyhow::ensure!(progress(0.1), "it was cancelled");
            Ok(nothing_found())
        });
    });
    has_begun.recv().unwrap();
    assert_eq!(state(&backtests, runs), "running");
    assert_eq!(backtests.drop_one(waits, 0).unwrap().state, "cancelled");
    assert_eq!(backtests.drop_one(runs, 0).unwrap().state, "cancelled");
    backtests.book().is_stopping = true;
    go.send(()).unwrap();
    thread.join().unwrap();
    assert_eq!(state(&backtests, runs), "cancelled");
    backtests.drop_one(runs, 0).unwrap();
    assert_eq!(state(&backtests, runs), "gone");
    assert!(backtests.drop_one(runs, 0).unwrap_err().to_string().contains("no backtest"));
}

#[test]
fn the_newest_that_are_over_are_kept() {
    let backtests = Arc::new(Backtests::default());
    for _ in 0..KEPT_MAX + 3 {
        let id = queue(&backtests).unwrap();
        backtests.drop_one(id, 0).unwrap();
    }
    queue(&backtests).unwrap();
    let kept = backtests.all(0);
    assert_eq!(kept.len(), KEPT_MAX + 1);
    assert_eq!(kept[0].id, KEPT_MAX as u64 + 4);
    assert_eq!(kept.last().unwrap().id, 4);
}
