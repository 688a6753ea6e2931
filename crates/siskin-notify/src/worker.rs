//! The outbox's workers: one for each recipient, in the order of the ledger.
//!
//! A worker sends what is open for its recipient, one letter after the other; one that hangs delays
//! nobody else. What happened goes to one *recorder*, which writes receipts in groups: the disk is
//! asked once for many. A letter that was sent and whose receipt was not on disk at a crash is sent
//! again under the same key. Must never send what is not on disk, and never go on to the next
//! letter of a recipient while one before it is open.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use siskin_model::notify::{
    Delivery, Happened, Message, MessageKind, Next, Notify, Receipt, Recipient, RetryPolicy,
};
use siskin_model::{Timestamp, WarningId};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cap::Reference;
use crate::way::{Letter, Outcome, Sender, Shared};

/// Letters of one recipient that are in memory at once; the others wait on disk.
const LETTERS_MAX: usize = 64;
/// Receipts that may wait for the recorder. At the limit workers wait before their next letter.
const RECEIPTS_MAX: usize = 4096;
/// Receipts written in one transaction.
const GROUP_MAX: usize = 512;
/// The wait after the ledger failed, and before a worker that broke is started again.
const AGAIN: Duration = Duration::from_secs(1);

/// The ledger as the outbox sees it. Methods may block on a disk.
pub trait Book: Send + Sync + 'static {
    /// What is open for a recipient after the number `after`, in order.
    fn open(
        &self,
        recipient: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(Delivery, Message)>, String>;
    /// What a recipient was told of a warning before a message, with when it was made.
    fn told_before(
        &self,
        recipient: &str,
        warning: &WarningId,
        transition: u32,
    ) -> Result<Vec<(u32, Timestamp)>, String>;
    /// The last that a recipient was to be told of each other warning, where that is not its end.
    fn others(
        &self,
        recipient: &str,
        warning: &WarningId,
    ) -> Result<Vec<(MessageKind, Message)>, String>;
    /// Writes receipts; durable when it returns.
    fn write(&self, receipts: &[Receipt]) -> Result<(), String>;
}

/// The clock that receipts are written by.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How a recipient's worker is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// When something was accepted last.
    pub accepted_at: Option<Timestamp>,
    /// Why the last try failed; none after one that did not.
    pub last_error: Option<String>,
    /// Tries that failed since the last one that did not.
    pub failures_in_a_row: u64,
    /// How often the worker broke and was started again.
    pub restarts: u64,
}

/// Everything the workers share.
#[derive(Clone)]
pub struct Outbox {
    notify: Arc<Notify>,
    folder: PathBuf,
    book: Arc<dyn Book>,
    clock: Clock,
    policy: RetryPolicy,
    standing: Arc<Mutex<BTreeMap<String, Standing>>>,
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox")
            .field("recipients", &self.notify.recipients.len())
            .finish_non_exhaustive()
    }
}

impl Outbox {
    /// An outbox that does not work yet. Secrets and certificates are named from `folder`.
    pub fn new(notify: Arc<Notify>, folder: PathBuf, book: Arc<dyn Book>, clock: Clock) -> Self {
        let ids = notify.recipients.iter().map(|one| (one.id.clone(), Standing::default()));
        let standing = Arc::new(Mutex::new(ids.collect()));
        Self { notify, folder, book, clock, policy: RetryPolicy::default(), standing }
    }

    /// With other limits of trying.
    #[must_use]
    pub fn with_policy(self, policy: RetryPolicy) -> Self {
        Self { policy, ..self }
    }

    /// How each recipient's worker is.
    pub fn standing(&self) -> BTreeMap<String, Standing> {
        self.stands().clone()
    }

    fn stands(&self) -> MutexGuard<'_, BTreeMap<String, Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works until `stop`. `newest` changes when there are new deliveries on disk.
    pub async fn run(self, newest: watch::Receiver<u64>, stop: CancellationToken) {
        let (receipts, inbox) = mpsc::channel(RECEIPTS_MAX);
        let recorder = tokio::spawn(record(Arc::clone(&self.book), inbox, stop.clone()));
        let tasks = TaskTracker::new();
        for recipient in self.notify.recipients.clone() {
            let one = (self.clone(), recipient, receipts.clone());
            tasks.spawn(kept_running(one, newest.clone(), stop.clone()));
        }
        drop(receipts);
        tasks.close();
        tasks.wait().await;
        if recorder.await.is_err() {
            tracing::error!("the task that writes receipts failed; hint: the log says where");
        }
    }
}

type Own = (Outbox, Recipient, mpsc::Sender<Receipt>);

/// Starts a worker again when it breaks.
async fn kept_running(own: Own, newest: watch::Receiver<u64>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let (outbox, recipient, receipts) = own.clone();
        let id = recipient.id.clone();
        let worker = Worker::new(outbox, recipient, receipts);
        if tokio::spawn(worker.run(newest.clone(), stop.clone())).await.is_ok() {
            return;
        }
        tracing::error!(recipient = %id, "a worker of the outbox panicked and is started again");
        if let Some(standing) = own.0.stands().get_mut(&id) {
            standing.restarts += 1;
        }
        pause(AGAIN, &stop).await;
    }
}

/// Waits; false when told to stop meanwhile.
async fn pause(time: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(time) => true,
        () = stop.cancelled() => false,
    }
}

/// Writes receipts in groups, in order. While the ledger fails it tries again, and the workers wait
/// when the queue is full: nobody is told more than can be written down. Ends with the workers; at
/// a stop a group that the disk does not take is left, and sent again after the start.
async fn record(book: Arc<dyn Book>, mut inbox: mpsc::Receiver<Receipt>, stop: CancellationToken) {
    let mut group = Vec::new();
    while inbox.recv_many(&mut group, GROUP_MAX).await > 0 {
        loop {
            let (book, receipts) = (Arc::clone(&book), group.clone());
            let written = tokio::task::spawn_blocking(move || book.write(&receipts)).await;
            let why = match written {
                Ok(Ok(())) => break,
                Ok(Err(why)) => why,
                Err(_) => "the task that writes them failed".to_owned(),
            };
            tracing::error!(%why, count = group.len(), "receipts cannot be written");
            if !pause(AGAIN, &stop).await {
                break;
            }
        }
        group.clear();
    }
}

/// One recipient's worker.
struct Worker {
    outbox: Outbox,
    recipient: Recipient,
    receipts: mpsc::Sender<Receipt>,
    senders: Vec<Sender>,
}

/// Why a worker ends: it was told to.
struct Stopped;

impl Worker {
    fn new(outbox: Outbox, recipient: Recipient, receipts: mpsc::Sender<Receipt>) -> Self {
        let shared = Shared {
            notify: Arc::clone(&outbox.notify),
            recipient: recipient.clone(),
            folder: outbox.folder.clone(),
        };
        let sender = |way| Sender::new(shared.clone(), way);
        let senders = recipient.ways.iter().cloned().map(sender).collect();
        Self { outbox, recipient, receipts, senders }
    }

    async fn run(mut self, mut newest: watch::Receiver<u64>, stop: CancellationToken) {
        let mut done = 0;
        loop {
            // Seen before it is looked, so that nothing that comes meanwhile is slept over.
            let _seen = *newest.borrow_and_update();
            let Ok(open) = self.look(done, LETTERS_MAX, &stop).await else { return };
            if open.is_empty() {
                tokio::select! {
                    changed = newest.changed() => if changed.is_err() { return },
                    () = stop.cancelled() => return,
                }
                continue;
            }
            let mut letters = open.into_iter().peekable();
            while let Some((delivery, message)) = letters.next() {
                let number = delivery.number;
                let behind = letters.peek().is_some();
                if self.one(delivery, message, behind, &stop).await.is_err() {
                    return;
                }
                done = number;
            }
        }
    }

    /// Asks the book until it answers.
    async fn look(
        &self,
        after: u64,
        limit: usize,
        stop: &CancellationToken,
    ) -> Result<Vec<(Delivery, Message)>, Stopped> {
        let id = self.recipient.id.clone();
        self.ask(stop, move |book| book.open(&id, after, limit)).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        stop: &CancellationToken,
        question: impl Fn(&dyn Book) -> Result<T, String> + Clone + Send + 'static,
    ) -> Result<T, Stopped> {
        loop {
            let (book, ask) = (Arc::clone(&self.outbox.book), question.clone());
            let why = match tokio::task::spawn_blocking(move || ask(&*book)).await {
                Ok(Ok(found)) => return Ok(found),
                Ok(Err(why)) => why,
                Err(_) => "the task that reads it failed".to_owned(),
            };
            tracing::error!(recipient = %self.recipient.id, %why, "the outbox cannot be read");
            if !pause(AGAIN, stop).await {
                return Err(Stopped);
            }
        }
    }

    /// Brings one delivery to its end.
    async fn one(
        &mut self,
        mut delivery: Delivery,
        message: Message,
        mut behind: bool,
        stop: &CancellationToken,
    ) -> Result<(), Stopped> {
        let (id, warning) = (delivery.recipient.clone(), delivery.warning.clone());
        let transition = delivery.transition;
        let ask = move |book: &dyn Book| book.told_before(&id, &warning, transition);
        let before = if transition > 1 { self.ask(stop, ask).await? } else { Vec::new() };
        let reference = |(transition, sent_at)| {
            let earlier = Message { transition, ..message.clone() };
            Reference { identifier: earlier.key(&self.recipient.id), sent_at }
        };
        let references = before.into_iter().map(reference).collect();
        let (delivered, others_open) = (delivery.clone(), false);
        let mut letter = Letter { delivery: delivered, message, references, others_open };
        let ends = |sender: &&Sender| sender.is_quiet(delivery.kind, &letter.message);
        if self.senders.iter().any(|sender| ends(&sender)) {
            let (id, warning) = (delivery.recipient.clone(), delivery.warning.clone());
            let ask = move |book: &dyn Book| book.others(&id, &warning);
            let others = self.ask(stop, ask).await?;
            let ending: Vec<_> = self.senders.iter().filter(ends).collect();
            let sounds = |(kind, message): &(MessageKind, Message)| {
                ending.iter().any(|sender| !sender.is_quiet(*kind, message))
            };
            letter.others_open = others.iter().any(sounds);
        }
        loop {
            if behind && self.is_overtaken(&delivery, stop).await? {
                return self.note(&mut delivery, Happened::Supersede, String::new()).await;
            }
            let Some(outcome) = self.try_once(&mut delivery, &mut letter, stop).await? else {
                return Ok(());
            };
            if self.judge(&mut delivery, (outcome, letter.message.show.is_mock()), stop).await? {
                return Ok(());
            }
            behind = true;
        }
    }

    /// One try; none where no way is left to try.
    async fn try_once(
        &mut self,
        delivery: &mut Delivery,
        letter: &mut Letter,
        stop: &CancellationToken,
    ) -> Result<Option<Outcome>, Stopped> {
        let now = (self.outbox.clock)();
        let place = usize::try_from(delivery.way).unwrap_or(usize::MAX);
        if self.senders.get(place).is_none() {
            // The site has fewer ways than when it was queued.
            let why = "the site has no such way any more".to_owned();
            self.note(delivery, Happened::GiveUp, why).await?;
            return Ok(None);
        }
        self.note(delivery, Happened::Try, String::new()).await?;
        letter.delivery = delivery.clone();
        let Some(sender) = self.senders.get_mut(place) else { return Ok(None) };
        tokio::select! {
            outcome = sender.send(letter, now) => Ok(Some(outcome)),
            () = stop.cancelled() => Err(Stopped),
        }
    }

    /// Writes down what came of a try; true when the delivery is at its end. Waits where it is to
    /// be tried again.
    async fn judge(
        &self,
        delivery: &mut Delivery,
        (outcome, is_mock): (Outcome, bool),
        stop: &CancellationToken,
    ) -> Result<bool, Stopped> {
        let now = (self.outbox.clock)();
        let (can_pass, why) = match outcome {
            Outcome::Accepted(answer) => {
                self.stands(|one| {
                    let restarts = one.restarts;
                    *one = Standing { accepted_at: Some(now), restarts, ..Standing::default() };
                });
                self.note(delivery, Happened::Accept, answer).await?;
                return Ok(true);
            }
            Outcome::Failed { can_pass, why } => (can_pass, why),
        };
        let (number, tries) = (delivery.number, delivery.tries);
        tracing::warn!(recipient = %self.recipient.id, delivery = number, tries, %why, "not sent");
        self.stands(|one| {
            one.last_error = Some(why.clone());
            one.failures_in_a_row += 1;
        });
        let ways = u32::try_from(self.senders.len()).unwrap_or(u32::MAX);
        let is_last = delivery.way.saturating_add(1) >= ways;
        let policy = self.outbox.policy;
        let policy = if is_mock { policy.of_exercise() } else { policy };
        match policy.next(tries, delivery.queued_at, now, (can_pass, is_last)) {
            Next::After(wait_ms) => {
                self.note(delivery, Happened::Retry, why).await?;
                let wait = Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0));
                if pause(wait, stop).await { Ok(false) } else { Err(Stopped) }
            }
            Next::Way => self.note(delivery, Happened::NextWay, why).await.map(|()| false),
            Next::GiveUp => self.note(delivery, Happened::GiveUp, why).await.map(|()| true),
        }
    }

    /// Whether a newer update of the same warning waits, where the recipient's settings let it take
    /// the place of this one.
    async fn is_overtaken(
        &self,
        delivery: &Delivery,
        stop: &CancellationToken,
    ) -> Result<bool, Stopped> {
        if !self.recipient.may_supersede || !delivery.kind.may_be_superseded() {
            return Ok(false);
        }
        let behind = self.look(delivery.number, LETTERS_MAX, stop).await?;
        let newer = |(one, _): &(Delivery, Message)| {
            one.warning == delivery.warning && one.kind.may_be_superseded()
        };
        Ok(behind.iter().any(newer))
    }

    fn stands(&self, change: impl FnOnce(&mut Standing)) {
        if let Some(one) = self.outbox.stands().get_mut(&self.recipient.id) {
            change(one);
        }
    }

    async fn note(
        &self,
        delivery: &mut Delivery,
        happened: Happened,
        answer: String,
    ) -> Result<(), Stopped> {
        let at = (self.outbox.clock)();
        let receipt =
            Receipt { delivery: delivery.number, happened, at, way: delivery.way, answer };
        assert!(delivery.take(&receipt), "{happened:?} cannot follow {:?}", delivery.state);
        self.receipts.send(receipt).await.map_err(|_| Stopped)
    }
}
