//! The session with the broker: subscribe, hand on, acknowledge after the commit, reconnect.

use std::collections::{BTreeMap, VecDeque};

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use siskin_model::Timestamp;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::Line;
use super::client::{Client, Heard, Keep, Message};
use super::desk::{Desk, QUIET, Taken};
use super::lost::{Cause, lost_text};
use crate::Clock;
use crate::backoff::Backoff;
use crate::outlet::{Closed, Outlet};

/// Messages that may wait for their commit; at the limit the broker is not read until one is done.
const INFLIGHT_MAX: u16 = 256;
/// Topics in one subscription packet, far below any broker's limit for a packet.
const SUBSCRIBE_BATCH: usize = 50;
/// For this long after a kept session was resumed, messages may be ones the broker kept for us.
const BACKLOG_DRAIN_MS: i64 = 10_000;
/// How old such a message may be to keep its device's time.
const BACKLOG_AGE_MAX_MS: u32 = 600_000;

/// A message whose readings wait for their commit.
type Commit = std::pin::Pin<Box<dyn Future<Output = (Message, bool)> + Send>>;

/// The session with one broker.
pub(crate) struct Session {
    client: Client,
    desk: Desk,
    out: Outlet,
    clock: Clock,
    backoff: Backoff,
    broker: String,
    /// In order of arrival: MQTT wants acknowledgements in that order.
    commits: FuturesOrdered<Commit>,
    /// Subscriptions that were asked for and not sent yet, in order.
    asked: VecDeque<Vec<String>>,
    /// Subscriptions that were sent, by packet id.
    sent: BTreeMap<u16, Vec<String>>,
    backlog_until: Option<Timestamp>,
    /// When to look for topics on which nothing came since the connection.
    quiet_at: Option<Instant>,
    /// Acknowledgements given to the client and not sent yet; they share its bounded queue.
    unsent: usize,
}

impl Session {
    pub(crate) fn new(line: &Line, out: Outlet, clock: Clock) -> Self {
        let broker = &line.broker;
        let desk = Desk::new(&line.topics);
        let batches = desk.topics().count() / SUBSCRIBE_BATCH + 1;
        let queue = usize::from(INFLIGHT_MAX) + 2 * batches;
        let keep = Keep::Messages { inflight_max: INFLIGHT_MAX };
        let client = Client::new(broker, &broker.client_id, queue, keep);
        Self {
            client,
            desk,
            out,
            clock,
            backoff: Backoff::new(),
            broker: format!("{}:{}", broker.host, broker.port),
            commits: FuturesOrdered::new(),
            asked: VecDeque::new(),
            sent: BTreeMap::new(),
            backlog_until: None,
            quiet_at: None,
            unsent: 0,
        }
    }

    /// Reads until the station no longer listens. Dropping the future ends it at once.
    pub(crate) async fn run(mut self) -> Closed {
        loop {
            if let Err(closed) = self.turn().await {
                return closed;
            }
        }
    }

    /// One event of the broker or one commit. `poll` may be dropped between two packets: what it
    /// has read or not yet sent stays inside the event loop.
    async fn turn(&mut self) -> Result<(), Closed> {
        let ready = !self.commits.is_empty() && self.unsent < usize::from(INFLIGHT_MAX);
        // One of the two is always open. Reading on to get acknowledgements out may pass the limit,
        // but not 65,535: so many packet ids there are.
        let room = !ready || self.commits.len() < usize::from(INFLIGHT_MAX);
        let quiet_at = self.quiet_at;
        tokio::select! {
            biased;
            () = async { sleep_until(quiet_at.unwrap_or_else(Instant::now)).await },
                if quiet_at.is_some() =>
            {
                self.quiet_at = None;
                let taken = self.desk.quiet((self.clock)());
                self.out.health(taken.health).await
            }
            Some((message, committed)) = self.commits.next(), if ready => {
                self.done(&message, committed).await
            }
            heard = self.client.poll(), if room => match heard {
                Ok(heard) => self.handle(heard).await,
                Err(cause) => self.lost(&cause).await,
            },
        }
    }

    async fn handle(&mut self, heard: Heard) -> Result<(), Closed> {
        match heard {
            Heard::Connected { resumed } => self.connected(resumed).await,
            Heard::Message(message) => self.message(message).await,
            Heard::Subscribed { id, allowed } => self.subscribed(id, &allowed).await,
            Heard::SubscribeSent(id) => {
                if let Some(batch) = self.asked.pop_front() {
                    self.sent.insert(id, batch);
                }
                Ok(())
            }
            Heard::AckSent => {
                self.unsent = self.unsent.saturating_sub(1);
                Ok(())
            }
            Heard::Nothing => Ok(()),
        }
    }

    async fn connected(&mut self, resumed: bool) -> Result<(), Closed> {
        let now = (self.clock)();
        let broker = &self.broker;
        tracing::info!(target: "siskin::collect", broker, resumed, "broker connected");
        self.backlog_until = resumed.then(|| now.plus_ms(BACKLOG_DRAIN_MS));
        let topics: Vec<String> = self.desk.topics().map(str::to_owned).collect();
        for batch in topics.chunks(SUBSCRIBE_BATCH) {
            match self.client.subscribe(batch) {
                Ok(()) => self.asked.push_back(batch.to_vec()),
                Err(_) => return self.reconnect("the subscriptions could not be sent").await,
            }
        }
        self.quiet_at = Some(Instant::now() + QUIET);
        let taken = self.desk.connected(now);
        self.out.health(taken.health).await
    }

    async fn subscribed(&mut self, id: u16, allowed: &[bool]) -> Result<(), Closed> {
        self.backoff.reset();
        let now = (self.clock)();
        let topics = self.sent.remove(&id).unwrap_or_default();
        for (topic, _) in topics.iter().zip(allowed).filter(|(_, allowed)| !**allowed) {
            let taken = self.desk.denied(topic, now);
            self.tell(taken).await?;
        }
        Ok(())
    }

    async fn message(&mut self, message: Message) -> Result<(), Closed> {
        let now = (self.clock)();
        let draining = self.backlog_until.is_some_and(|until| now < until);
        let backlog_ms = if draining { BACKLOG_AGE_MAX_MS } else { 0 };
        let (topic, payload) = (message.topic(), message.payload());
        let taken = self.desk.take(topic, payload, message.is_retained(), now, backlog_ms);
        if !message.wants_ack() {
            return self.tell(taken).await;
        }
        if taken.readings.is_empty() {
            // In order with those before it, but nothing to wait for.
            self.commits.push_back(Box::pin(async { (message, true) }));
            return self.tell(taken).await;
        }
        let (committed, wait) = oneshot::channel();
        self.out.readings(taken.readings, Some(committed)).await?;
        self.out.health(taken.health).await?;
        let commit = async { (message, wait.await.is_ok()) };
        self.commits.push_back(Box::pin(commit));
        Ok(())
    }

    /// The readings of `message` are on disk, or will never be.
    async fn done(&mut self, message: &Message, committed: bool) -> Result<(), Closed> {
        if !committed {
            return self.reconnect("readings were not stored").await;
        }
        if self.client.ack(message).is_err() {
            return self.reconnect("an acknowledgement could not be sent").await;
        }
        self.unsent += 1;
        Ok(())
    }

    /// Drops the connection so that the broker sends again what was not acknowledged.
    async fn reconnect(&mut self, why: &'static str) -> Result<(), Closed> {
        let broker = &self.broker;
        tracing::error!(target: "siskin::collect", broker, why, "broker connection dropped");
        self.client.hang_up();
        self.forget();
        tokio::time::sleep(self.backoff.pause()).await;
        Ok(())
    }

    async fn lost(&mut self, cause: &Cause) -> Result<(), Closed> {
        self.forget();
        let why = lost_text(&self.broker, cause);
        let taken = self.desk.lost(&why, (self.clock)());
        self.tell(taken).await?;
        tokio::time::sleep(self.backoff.pause()).await;
        Ok(())
    }

    /// Acknowledgements and subscriptions belong to the connection that is gone: the broker sends
    /// the messages again.
    fn forget(&mut self) {
        self.commits = FuturesOrdered::new();
        self.asked.clear();
        self.sent.clear();
        self.unsent = 0;
        self.quiet_at = None;
    }

    async fn tell(&mut self, taken: Taken) -> Result<(), Closed> {
        self.out.readings(taken.readings, None).await?;
        self.out.health(taken.health).await
    }
}
