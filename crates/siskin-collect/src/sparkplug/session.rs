//! The session with the broker: a will, subscriptions, the state, births asked for, reconnects.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use siskin_model::Timestamp;
use siskin_wire::sparkplug::topic;
use tokio::time::{Interval, MissedTickBehavior};

use super::Line;
use super::desk::{Desk, Taken};
use crate::Clock;
use crate::backoff::Backoff;
use crate::mqtt::client::{Cause, Client, Heard, Keep, Message, Post};
use crate::mqtt::lost_text;
use crate::outlet::{Closed, Outlet};

/// Filters in one subscription packet.
const SUBSCRIBE_BATCH: usize = 50;
/// Requests for births and states that may wait to be sent; beyond it they are left out, and the
/// host asks again.
const REQUESTS_MAX: usize = 256;
/// How often the host looks at its clock.
const TICK: Duration = Duration::from_millis(250);
/// The shortest time between two corrections of our own state: two hosts of one name would
/// otherwise correct each other without a pause.
const STATE_GAP_MS: i64 = 1_000;

/// The session of a host application.
pub(crate) struct Session {
    client: Client,
    desk: Desk,
    out: Outlet,
    clock: Clock,
    ticks: Interval,
    backoff: Backoff,
    broker: String,
    host: String,
    link: Link,
    /// When our state was told last.
    told_at: Timestamp,
    /// Subscriptions that were asked for and not sent yet, in order.
    asked: VecDeque<Vec<String>>,
    /// Subscriptions that were sent, by packet id.
    sent: BTreeMap<u16, Vec<String>>,
}

/// How far the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Away,
    /// The will is made; it says the time at which this attempt began.
    Ready {
        since: Timestamp,
    },
    Up {
        since: Timestamp,
    },
}

impl Session {
    pub(crate) fn new(line: &Line, out: Outlet, clock: Clock) -> Self {
        let desk = Desk::new(&line.devices);
        let batches = desk.filters().len() / SUBSCRIBE_BATCH + 2;
        let id = format!("{}-sparkplug", line.broker.client_id);
        // The standard wants a session that begins clean and ends with its connection.
        let client = Client::new(&line.broker, &id, REQUESTS_MAX + batches, Keep::Nothing);
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            client,
            desk,
            out,
            clock,
            ticks,
            backoff: Backoff::new(),
            broker: format!("{}:{}", line.broker.host, line.broker.port),
            host: line.broker.sparkplug_host.clone(),
            link: Link::Away,
            told_at: Timestamp::default(),
            asked: VecDeque::new(),
            sent: BTreeMap::new(),
        }
    }

    /// Reads until the station no longer listens. Dropping the future ends it at once, and the
    /// broker tells the will.
    pub(crate) async fn run(mut self) -> Closed {
        loop {
            if let Err(closed) = self.turn().await {
                return closed;
            }
        }
    }

    /// One event of the broker or of the clock. `poll` may be dropped between two packets, but not
    /// while it connects: the clock waits until then.
    async fn turn(&mut self) -> Result<(), Closed> {
        if self.link == Link::Away {
            self.prepare();
        }
        let up = matches!(self.link, Link::Up { .. });
        tokio::select! {
            _ = self.ticks.tick(), if up => {
                let taken = self.desk.tick((self.clock)());
                self.tell(taken).await
            }
            heard = self.client.poll() => match heard {
                Ok(heard) => self.handle(heard).await,
                Err(cause) => self.lost(&cause).await,
            },
        }
    }

    /// The will of the next connection: its time is that of the state that follows.
    fn prepare(&mut self) {
        let since = (self.clock)();
        let payload = topic::state_payload(false, since.as_millis());
        self.client.set_will(topic::state(&self.host), payload);
        self.link = Link::Ready { since };
    }

    async fn handle(&mut self, heard: Heard) -> Result<(), Closed> {
        match heard {
            Heard::Connected { .. } => self.connected().await,
            Heard::Message(message) => self.message(&message).await,
            Heard::Subscribed { id, allowed } => self.subscribed(id, &allowed).await,
            Heard::SubscribeSent(id) => {
                if let Some(batch) = self.asked.pop_front() {
                    self.sent.insert(id, batch);
                }
                Ok(())
            }
            Heard::AckSent | Heard::Nothing => Ok(()),
        }
    }

    /// Subscriptions first, then the state, as the standard wants it; then the births.
    async fn connected(&mut self) -> Result<(), Closed> {
        let now = (self.clock)();
        let broker = &self.broker;
        tracing::info!(target: "siskin::collect", broker, "broker connected for Sparkplug");
        let since = match self.link {
            Link::Ready { since } | Link::Up { since } => since,
            Link::Away => now,
        };
        self.link = Link::Up { since };
        let mut filters = self.desk.filters();
        filters.push(topic::state(&self.host));
        for batch in filters.chunks(SUBSCRIBE_BATCH) {
            match self.client.subscribe(batch) {
                Ok(()) => self.asked.push_back(batch.to_vec()),
                Err(_) => return self.reconnect("the subscriptions could not be sent").await,
            }
        }
        self.say_state(since, now);
        let taken = self.desk.connected(now);
        self.tell(taken).await
    }

    fn say_state(&mut self, since: Timestamp, now: Timestamp) {
        let (to, payload) =
            (topic::state(&self.host), topic::state_payload(true, since.as_millis()));
        self.told_at = now;
        self.send(to, Post::Retained, payload);
    }

    async fn subscribed(&mut self, id: u16, allowed: &[bool]) -> Result<(), Closed> {
        self.backoff.reset();
        let now = (self.clock)();
        let filters = self.sent.remove(&id).unwrap_or_default();
        for (filter, _) in filters.iter().zip(allowed).filter(|(_, allowed)| !**allowed) {
            let taken = self.desk.denied(filter, now);
            self.tell(taken).await?;
        }
        Ok(())
    }

    async fn message(&mut self, message: &Message) -> Result<(), Closed> {
        let now = (self.clock)();
        let (to, payload) = (message.topic(), message.payload());
        if to == topic::state(&self.host) {
            // The will of our own older session, told late by the broker.
            if let Link::Up { since } = self.link
                && topic::says_offline(payload)
                && now.since_ms(self.told_at).abs() >= STATE_GAP_MS
            {
                self.say_state(since, now);
            }
            return Ok(());
        }
        let taken = self.desk.take(to, payload, message.is_retained(), now);
        self.tell(taken).await
    }

    fn send(&self, to: String, post: Post, payload: Vec<u8>) {
        if self.client.publish(to, post, payload).is_err() {
            let broker = &self.broker;
            tracing::warn!(target: "siskin::collect", broker, "the queue to the broker is full");
        }
    }

    /// Drops the connection and begins again.
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

    fn forget(&mut self) {
        self.link = Link::Away;
        self.asked.clear();
        self.sent.clear();
        // A request that was not sent belongs to the connection that is gone.
        self.client.forget_unsent();
    }

    async fn tell(&mut self, taken: Taken) -> Result<(), Closed> {
        let now_ms = (self.clock)().as_millis();
        for (group, node) in &taken.rebirths {
            tracing::info!(target: "siskin::collect", group, node, "births are asked for");
            let (to, payload) = topic::rebirth(group, node, now_ms);
            self.send(to, Post::Once, payload);
        }
        self.out.readings(taken.readings, None).await?;
        self.out.health(taken.health).await
    }
}
