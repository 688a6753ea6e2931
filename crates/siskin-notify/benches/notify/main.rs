//! From the raise of a warning (before its commit to a real ledger) to the first byte at the
//! receiver on loopback: 100 warnings a second to one receiver, then to 50 of which 10 hang.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on must panic, and prints what it measured"
)]

mod park;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use siskin_model::notify::Notify;
use siskin_notify::Outbox;
use siskin_store::Ledger;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use park::{LedgerBook, Receiver, now, recipient, step};

/// Warnings of a run, and the time between two.
const WARNINGS: usize = 1000;
const EVERY: Duration = Duration::from_millis(10);
/// Longest wait for the last message.
const LAST: Duration = Duration::from_mins(1);

/// When each warning was raised, by its id.
type Raised = Arc<Mutex<BTreeMap<String, Instant>>>;

#[tokio::main]
async fn main() {
    run("notify_one_receiver", 1, 0, WARNINGS).await;
    run("notify_fifty_receivers_none_hang", 50, 0, WARNINGS / 10).await;
    run("notify_fifty_receivers_ten_hang", 50, 10, WARNINGS / 10).await;
}

/// `hang` of `receivers` hang. Times are those of the receivers that do not.
async fn run(name: &str, receivers: usize, hang: usize, warnings: usize) {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Ledger::open(dir.path()).unwrap());
    let raised: Raised = Arc::default();
    let good = Receiver::start(false).await;
    let bad = Receiver::start(true).await;
    let ids: Vec<String> = (0..receivers).map(|n| format!("r{n}")).collect();
    let url = |n: usize| if n < hang { bad.url() } else { good.url() };
    let recipients = ids.iter().enumerate().map(|(n, id)| recipient(id, url(n))).collect();
    let notify = Arc::new(Notify { recipients, ..Notify::default() });
    let (told, newest) = watch::channel(0);
    let book = Arc::new(LedgerBook(Arc::clone(&ledger)));
    let outbox = Outbox::new(notify, dir.path().to_owned(), book, Arc::new(now));
    let stop = CancellationToken::new();
    let task = tokio::spawn(outbox.run(newest, stop.clone()));

    let (committing, shared) = (Arc::clone(&ledger), Arc::clone(&raised));
    let raise = move || {
        let mut due = Instant::now();
        for n in 0..warnings {
            let raise = step(n, &ids);
            let id = raise.warnings.first().unwrap().warning.id.to_string();
            shared.lock().unwrap().insert(id, Instant::now());
            let newest = committing.commit(&raise).unwrap().delivery.unwrap();
            told.send_replace(newest);
            due += EVERY;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        told
    };
    let told = tokio::task::spawn_blocking(raise).await.unwrap();
    let expected = warnings * (receivers - hang);
    tokio::time::timeout(LAST, good.heard(expected)).await.expect("messages are missing");
    stop.cancel();
    task.await.unwrap();
    drop(told);
    report(name, &raised.lock().unwrap(), &good.arrivals(), expected);
}

fn report(
    name: &str,
    raised: &BTreeMap<String, Instant>,
    arrivals: &[(String, Instant)],
    expected: usize,
) {
    assert_eq!(arrivals.len(), expected, "{name}: each is taken once");
    let waited = |(key, at): &(String, Instant)| {
        // `<warning>.<transition>.<recipient>`
        let warning = key.rsplitn(3, '.').last().unwrap();
        at.duration_since(*raised.get(warning).unwrap()).as_secs_f64() * 1000.0
    };
    let mut waits: Vec<f64> = arrivals.iter().map(waited).collect();
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in a list that is not empty"
        )]
        let place = ((waits.len() - 1) as f64 * share).round() as usize;
        waits.get(place).copied().unwrap_or(f64::NAN)
    };
    println!("figure {name}_p50 {:.2} ms", at(0.5));
    println!("figure {name}_p99 {:.2} ms", at(0.99));
    println!("figure {name}_max {:.2} ms", at(1.0));
}
