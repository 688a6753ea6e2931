//! The outbox against receivers that answer by a script: every message is accepted once, or its
//! failure can be seen; one that hangs delays nobody else.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy does not know that the helpers beside the tests are tests too"
)]

mod book;
mod receiver;

use std::sync::Arc;
use std::time::Duration;

use siskin_model::Timestamp;
use siskin_model::notify::{DeliveryState, Happened, MessageKind, Notify, RetryPolicy};
use siskin_notify::Outbox;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use book::{MemoryBook, recipient};
use receiver::{Does, Receiver};

/// Longest wait for what happens at once; a test that waits this long has failed.
const SOON: Duration = Duration::from_secs(30);
/// Waits that are short, so that no test is long.
const POLICY: RetryPolicy =
    RetryPolicy { wait_ms: 5, wait_ms_max: 20, way_ms: 60_000, last_ms: 60_000 };

/// An outbox that works until it is dropped.
struct Running {
    told: watch::Sender<u64>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
    outbox: Outbox,
}

impl Running {
    fn start(book: &Arc<MemoryBook>, notify: Notify, policy: RetryPolicy) -> Self {
        let (told, newest) = watch::channel(0);
        let stop = CancellationToken::new();
        let shared: Arc<MemoryBook> = Arc::clone(book);
        let clock = Arc::new(book::now);
        let outbox = Outbox::new(Arc::new(notify), std::env::temp_dir(), shared, clock);
        let outbox = outbox.with_policy(policy);
        let task = tokio::spawn(outbox.clone().run(newest, stop.clone()));
        Self { told, stop, task, outbox }
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

fn notify(recipients: Vec<siskin_model::notify::Recipient>) -> Notify {
    Notify { recipients, ..Notify::default() }
}

/// Waits until `what` gives something, woken by every change of the book.
async fn until<T>(book: &MemoryBook, what: impl Fn(&MemoryBook) -> Option<T>) -> T {
    let mut changes = book.changes();
    let look = async {
        loop {
            changes.borrow_and_update();
            if let Some(found) = what(book) {
                return found;
            }
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(SOON, look).await.expect("it did not happen in time")
}

async fn all_in(book: &MemoryBook, state: DeliveryState) {
    until(book, |book| book.states().iter().all(|one| *one == state).then_some(())).await;
}

/// One message to a receiver that does `script` first and then accepts.
async fn check(script: &[Does], tries: usize) {
    let receiver = Receiver::start(script).await;
    let book = Arc::new(MemoryBook::default());
    book.add("bureau", MessageKind::Alert);
    let running =
        Running::start(&book, notify(vec![recipient("bureau", &[&receiver.url()])]), POLICY);
    all_in(&book, DeliveryState::Accepted).await;
    running.end().await;
    assert_eq!(book.count(Happened::Try), tries, "{script:?} {:?}", book.receipts());
    assert_eq!(receiver.accepted(), ["w.1.bureau"], "{script:?}");
    // Whatever came before it, every request had the same key.
    assert!(receiver.keys().iter().all(|key| key == "w.1.bureau"), "{script:?}");
}

#[tokio::test]
async fn a_message_is_accepted_once_whatever_the_receiver_did_before() {
    check(&[], 1).await;
    check(&[Does::Status(503)], 2).await;
    check(&[Does::Status(500), Does::Status(429)], 3).await;
    check(&[Does::CutBeforeRead], 2).await;
    check(&[Does::CutMidRequest], 2).await;
    check(&[Does::CutMidAnswer], 2).await;
    check(&[Does::Garbage], 2).await;
    check(&[Does::Body(r#"{"errcode":310000}"#)], 2).await;
    check(&[Does::Body(r#"{"accepted":false}"#)], 2).await;
    check(&[Does::Body(r#"{"key":"w.9.bureau"}"#)], 2).await;
}

#[tokio::test]
async fn what_was_taken_and_whose_answer_was_lost_is_taken_once() {
    // It has the message, and the line breaks before its answer.
    let receiver = Receiver::start(&[Does::AcceptAndCut]).await;
    let book = Arc::new(MemoryBook::default());
    book.add("bureau", MessageKind::Alert);
    let running =
        Running::start(&book, notify(vec![recipient("bureau", &[&receiver.url()])]), POLICY);
    all_in(&book, DeliveryState::Accepted).await;
    running.end().await;
    assert_eq!(receiver.keys(), ["w.1.bureau", "w.1.bureau"]);
    assert_eq!(receiver.accepted(), ["w.1.bureau"]);
}

#[tokio::test]
async fn a_refusal_leads_to_the_next_way_and_the_last_one_is_a_visible_failure() {
    let never = Receiver::start(&[Does::Status(400); 8]).await;
    let other = Receiver::start(&[]).await;
    let book = Arc::new(MemoryBook::default());
    book.add("a", MessageKind::Alert);
    book.add("b", MessageKind::Alert);
    let ways = [never.url(), other.url()];
    let recipients = vec![recipient("a", &[&ways[0], &ways[1]]), recipient("b", &[&ways[0]])];
    let running = Running::start(&book, notify(recipients), POLICY);
    let ended = |book: &MemoryBook| {
        book.states().iter().all(|state| !state.is_open()).then(|| book.states())
    };
    let states = until(&book, ended).await;
    assert_eq!(states, [DeliveryState::Accepted, DeliveryState::Failed]);
    let standing = running.outbox.standing();
    assert!(standing["b"].last_error.as_ref().unwrap().contains("400"), "{standing:?}");
    assert!(standing["a"].last_error.is_none(), "{standing:?}");
    running.end().await;
    assert_eq!(other.accepted(), ["w.1.a"]);
}

#[tokio::test]
async fn order_is_kept_for_each_recipient_behind_a_message_that_fails() {
    let receiver = Receiver::start(&[Does::Status(503), Does::CutMidAnswer]).await;
    let book = Arc::new(MemoryBook::default());
    for kind in [MessageKind::Alert, MessageKind::Update, MessageKind::AllClear] {
        book.add("bureau", kind);
    }
    let running =
        Running::start(&book, notify(vec![recipient("bureau", &[&receiver.url()])]), POLICY);
    all_in(&book, DeliveryState::Accepted).await;
    running.end().await;
    assert_eq!(receiver.accepted(), ["w.1.bureau", "w.2.bureau", "w.3.bureau"]);
}

#[tokio::test]
async fn only_an_update_is_superseded_and_only_where_the_recipient_lets_it() {
    use MessageKind::{Alert, AllClear, Update};
    for (may, expected) in [(true, vec![1, 3, 4]), (false, vec![1, 2, 3, 4])] {
        let receiver = Receiver::start(&[]).await;
        let book = Arc::new(MemoryBook::default());
        for kind in [Alert, Update, Update, AllClear] {
            book.add("bureau", kind);
        }
        let mut one = recipient("bureau", &[&receiver.url()]);
        one.may_supersede = may;
        let running = Running::start(&book, notify(vec![one]), POLICY);
        let done = |book: &MemoryBook| book.states().iter().all(|one| !one.is_open()).then_some(());
        until(&book, done).await;
        running.end().await;
        let expected: Vec<_> = expected.iter().map(|n| format!("w.{n}.bureau")).collect();
        assert_eq!(receiver.accepted(), expected, "{may}");
    }
}

#[tokio::test]
async fn receivers_that_hang_delay_nobody_else() {
    let hanging = Receiver::start(&[Does::Hang; 16]).await;
    let good = Receiver::start(&[]).await;
    let book = Arc::new(MemoryBook::default());
    let mut recipients = Vec::new();
    for n in 0..50 {
        let id = format!("r{n}");
        let url = if n < 10 { hanging.url() } else { good.url() };
        recipients.push(recipient(&id, &[&url]));
        book.add(&id, MessageKind::Alert);
    }
    let running = Running::start(&book, notify(recipients), POLICY);
    // The ten are still within their patience of ten seconds when the forty are done.
    let forty = |book: &MemoryBook| {
        let states = book.states();
        let accepted = |state: &&DeliveryState| **state == DeliveryState::Accepted;
        (states.iter().filter(accepted).count() == 40).then_some(states)
    };
    let states = until(&book, forty).await;
    assert!(states[..10].iter().all(|state| state.is_open()), "{states:?}");
    assert!(states[10..].iter().all(|state| !state.is_open()), "{states:?}");
    running.end().await;
}

#[tokio::test]
async fn what_was_sent_and_not_written_down_is_sent_again_under_its_key() {
    let receiver = Receiver::start(&[]).await;
    let book = Arc::new(MemoryBook::default());
    book.add("bureau", MessageKind::Alert);
    // The disk takes no receipt, and the process ends: all of its tasks are gone at once.
    book.fail_writes(true);
    let one = || notify(vec![recipient("bureau", &[&receiver.url()])]);
    let process = tokio::runtime::Runtime::new().unwrap();
    let (shared, first) = (Arc::clone(&book), one());
    let running = process.spawn(async move { Running::start(&shared, first, POLICY) });
    let running = running.await.unwrap();
    tokio::time::timeout(SOON, receiver.heard(1)).await.expect("nothing was sent");
    process.shutdown_background();
    assert!(running.task.await.unwrap_err().is_cancelled());
    book.fail_writes(false);
    let running = Running::start(&book, one(), POLICY);
    all_in(&book, DeliveryState::Accepted).await;
    running.end().await;
    assert_eq!(receiver.accepted(), ["w.1.bureau"]);
    assert!(receiver.keys().len() >= 2, "{:?}", receiver.keys());
}

#[tokio::test]
async fn what_comes_later_is_sent_when_the_workers_are_woken() {
    let receiver = Receiver::start(&[]).await;
    let book = Arc::new(MemoryBook::default());
    let running =
        Running::start(&book, notify(vec![recipient("bureau", &[&receiver.url()])]), POLICY);
    for number in 1..=5 {
        book.add("bureau", MessageKind::Update);
        running.told.send_replace(number);
        all_in(&book, DeliveryState::Accepted).await;
    }
    running.end().await;
    assert_eq!(receiver.accepted().len(), 5);
}

#[tokio::test]
async fn a_first_way_that_is_down_is_left_after_its_time() {
    let good = Receiver::start(&[]).await;
    let book = Arc::new(MemoryBook::default());
    book.add_at("bureau", MessageKind::Alert, Timestamp::from_millis(0));
    // Nobody listens on port 1, and the message is older than a way may take.
    let ways = ["http://127.0.0.1:1/".to_owned(), good.url()];
    let one = recipient("bureau", &[&ways[0], &ways[1]]);
    let policy = RetryPolicy { last_ms: i64::MAX, ..POLICY };
    let running = Running::start(&book, notify(vec![one]), policy);
    all_in(&book, DeliveryState::Accepted).await;
    running.end().await;
    assert_eq!((book.count(Happened::Try), book.count(Happened::NextWay)), (2, 1));
}
