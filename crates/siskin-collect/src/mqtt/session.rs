//! The session with the broker: subscribe, hand on, acknowledge after the commit, reconnect.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use rumqttc::{
    AsyncClient, ConnAck, ConnectionError, Event, EventLoop, MqttOptions, Outgoing, Packet,
    Publish, QoS, SubAck, SubscribeFilter, SubscribeReasonCode,
};
use siskin_model::Timestamp;
use tokio::sync::oneshot;

use super::Line;
use super::desk::{Desk, Taken};
use super::lost::lost_text;
use crate::Clock;
use crate::backoff::Backoff;
use crate::outlet::{Closed, Outlet};

/// Messages that may wait for their commit; at the limit the broker is not read until one is done.
const INFLIGHT_MAX: usize = 256;
/// Topics in one subscription packet, far below any broker's limit for a packet.
const SUBSCRIBE_BATCH: usize = 50;
/// A broker that says nothing for two of these is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// The largest packet MQTT knows. A lower limit here would let one oversized message end the
/// session again and again, since the broker would send it each time; payloads have their own
/// limit in the profile.
const PACKET_MAX_BYTES: usize = 268_435_455;
/// For this long after a kept session was resumed, messages may be ones the broker kept for us.
const BACKLOG_DRAIN_MS: i64 = 10_000;
/// How old such a message may be to keep its device's time.
const BACKLOG_AGE_MAX_MS: u32 = 600_000;

/// A message whose readings wait for their commit.
type Commit = std::pin::Pin<Box<dyn Future<Output = (Publish, bool)> + Send>>;

/// The session with one broker.
pub(crate) struct Session {
    client: AsyncClient,
    events: EventLoop,
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
    /// Acknowledgements given to the client and not sent yet; they share its bounded queue.
    unsent: usize,
}

impl Session {
    pub(crate) fn new(line: &Line, out: Outlet, clock: Clock) -> Self {
        let broker = &line.broker;
        let mut options = MqttOptions::new(&broker.client_id, &broker.host, broker.port);
        options.set_keep_alive(KEEP_ALIVE);
        options.set_clean_session(false);
        options.set_manual_acks(true);
        options.set_max_packet_size(PACKET_MAX_BYTES, PACKET_MAX_BYTES);
        if let Some((user, password)) = &broker.login {
            options.set_credentials(user, password);
        }
        let desk = Desk::new(&line.topics);
        let batches = desk.topics().count() / SUBSCRIBE_BATCH + 1;
        let (client, events) = AsyncClient::new(options, INFLIGHT_MAX + 2 * batches);
        Self {
            client,
            events,
            desk,
            out,
            clock,
            backoff: Backoff::new(),
            broker: format!("{}:{}", broker.host, broker.port),
            commits: FuturesOrdered::new(),
            asked: VecDeque::new(),
            sent: BTreeMap::new(),
            backlog_until: None,
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
        let ready = !self.commits.is_empty() && self.unsent < INFLIGHT_MAX;
        // One of the two is always open. Reading on to get acknowledgements out may pass the limit,
        // but not 65,535: so many packet ids there are.
        let room = !ready || self.commits.len() < INFLIGHT_MAX;
        tokio::select! {
            biased;
            Some((message, committed)) = self.commits.next(), if ready => {
                self.done(&message, committed).await
            }
            event = self.events.poll(), if room => match event {
                Ok(event) => self.handle(event).await,
                Err(error) => self.lost(&error).await,
            },
        }
    }

    async fn handle(&mut self, event: Event) -> Result<(), Closed> {
        match event {
            Event::Incoming(Packet::ConnAck(ack)) => self.connected(ack).await,
            Event::Incoming(Packet::Publish(message)) => self.message(message).await,
            Event::Incoming(Packet::SubAck(ack)) => self.subscribed(&ack).await,
            Event::Outgoing(Outgoing::Subscribe(id)) => {
                if let Some(batch) = self.asked.pop_front() {
                    self.sent.insert(id, batch);
                }
                Ok(())
            }
            Event::Outgoing(Outgoing::PubAck(_)) => {
                self.unsent = self.unsent.saturating_sub(1);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn connected(&mut self, ack: ConnAck) -> Result<(), Closed> {
        let now = (self.clock)();
        let broker = &self.broker;
        let resumed = ack.session_present;
        tracing::info!(target: "siskin::collect", broker, resumed, "broker connected");
        self.backlog_until = resumed.then(|| now.plus_ms(BACKLOG_DRAIN_MS));
        let topics: Vec<String> = self.desk.topics().map(str::to_owned).collect();
        for batch in topics.chunks(SUBSCRIBE_BATCH) {
            let filters = batch.iter().cloned();
            let filters = filters.map(|topic| SubscribeFilter::new(topic, QoS::AtLeastOnce));
            match self.client.try_subscribe_many(filters) {
                Ok(()) => self.asked.push_back(batch.to_vec()),
                Err(_) => return self.reconnect("the subscriptions could not be sent").await,
            }
        }
        let taken = self.desk.connected(now);
        self.out.health(taken.health).await
    }

    async fn subscribed(&mut self, ack: &SubAck) -> Result<(), Closed> {
        self.backoff.reset();
        let now = (self.clock)();
        let topics = self.sent.remove(&ack.pkid).unwrap_or_default();
        for (topic, code) in topics.iter().zip(&ack.return_codes) {
            if *code == SubscribeReasonCode::Failure {
                let taken = self.desk.denied(topic, now);
                self.tell(taken).await?;
            }
        }
        Ok(())
    }

    async fn message(&mut self, message: Publish) -> Result<(), Closed> {
        let now = (self.clock)();
        let draining = self.backlog_until.is_some_and(|until| now < until);
        let backlog_ms = if draining { BACKLOG_AGE_MAX_MS } else { 0 };
        let (topic, payload) = (&message.topic, &message.payload);
        let taken = self.desk.take(topic, payload, message.retain, now, backlog_ms);
        if message.qos == QoS::AtMostOnce {
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
    async fn done(&mut self, message: &Publish, committed: bool) -> Result<(), Closed> {
        if !committed {
            return self.reconnect("readings were not stored").await;
        }
        if self.client.try_ack(message).is_err() {
            return self.reconnect("an acknowledgement could not be sent").await;
        }
        self.unsent += 1;
        Ok(())
    }

    /// Drops the connection so that the broker sends again what was not acknowledged.
    async fn reconnect(&mut self, why: &'static str) -> Result<(), Closed> {
        let broker = &self.broker;
        tracing::error!(target: "siskin::collect", broker, why, "broker connection dropped");
        self.events.clean();
        self.forget();
        tokio::time::sleep(self.backoff.pause()).await;
        Ok(())
    }

    async fn lost(&mut self, error: &ConnectionError) -> Result<(), Closed> {
        self.forget();
        let why = lost_text(&self.broker, error);
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
    }

    async fn tell(&mut self, taken: Taken) -> Result<(), Closed> {
        self.out.readings(taken.readings, None).await?;
        self.out.health(taken.health).await
    }
}
