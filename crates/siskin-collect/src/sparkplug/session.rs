//! The session with the broker: a will, subscriptions, the state, births asked for, reconnects.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, LastWill, MqttOptions, Outgoing, Packet,
    Publish, QoS, SubAck, SubscribeFilter, SubscribeReasonCode,
};
use siskin_model::site::{Broker, BrokerTls};
use siskin_model::{Text, Timestamp};
use siskin_wire::sparkplug::topic;
use tokio::time::{Interval, MissedTickBehavior};

use super::Line;
use super::desk::{Desk, Taken};
use crate::Clock;
use crate::backoff::Backoff;
use crate::mqtt::{lost_words, tls};
use crate::outlet::{Closed, Outlet};

/// Filters in one subscription packet.
const SUBSCRIBE_BATCH: usize = 50;
/// Requests for births and states that may wait to be sent; beyond it they are left out, and the
/// host asks again.
const REQUESTS_MAX: usize = 256;
/// A broker that says nothing for two of these is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// The largest packet MQTT knows: a smaller limit would let one oversized message end the session
/// again and again. What is looked at has its own limit.
const PACKET_MAX_BYTES: usize = 268_435_455;
/// How often the host looks at its clock.
const TICK: Duration = Duration::from_millis(250);
/// The shortest time between two corrections of our own state: two hosts of one name would
/// otherwise correct each other without a pause.
const STATE_GAP_MS: i64 = 1_000;

/// The session of a host application.
pub(crate) struct Session {
    client: AsyncClient,
    events: EventLoop,
    desk: Desk,
    out: Outlet,
    clock: Clock,
    ticks: Interval,
    backoff: Backoff,
    broker: String,
    host: String,
    tls: Option<BrokerTls>,
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
        let (client, events) = AsyncClient::new(options(&line.broker), REQUESTS_MAX + batches);
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            client,
            events,
            desk,
            out,
            clock,
            ticks,
            backoff: Backoff::new(),
            broker: format!("{}:{}", line.broker.host, line.broker.port),
            host: line.broker.sparkplug_host.clone(),
            tls: line.broker.tls.clone(),
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
        if self.link == Link::Away
            && let Err(why) = self.prepare()
        {
            return self.lost(&why).await;
        }
        let up = matches!(self.link, Link::Up { .. });
        tokio::select! {
            _ = self.ticks.tick(), if up => {
                let taken = self.desk.tick((self.clock)());
                self.tell(taken).await
            }
            event = self.events.poll() => match event {
                Ok(event) => self.handle(event).await,
                Err(error) => self.lost(&self.lost_text(&error)).await,
            },
        }
    }

    /// The will and the trust of the next connection: its time is that of the state that follows.
    fn prepare(&mut self) -> Result<(), Text> {
        let since = (self.clock)();
        let payload = topic::state_payload(false, since.as_millis());
        let will = LastWill::new(topic::state(&self.host), payload, QoS::AtLeastOnce, true);
        self.events.mqtt_options.set_last_will(will);
        if let Some(files) = &self.tls {
            self.events.mqtt_options.set_transport(tls::transport(files)?);
        }
        self.link = Link::Ready { since };
        Ok(())
    }

    async fn handle(&mut self, event: Event) -> Result<(), Closed> {
        match event {
            Event::Incoming(Packet::ConnAck(_)) => self.connected().await,
            Event::Incoming(Packet::Publish(message)) => self.message(&message).await,
            Event::Incoming(Packet::SubAck(ack)) => self.subscribed(&ack).await,
            Event::Outgoing(Outgoing::Subscribe(id)) => {
                if let Some(batch) = self.asked.pop_front() {
                    self.sent.insert(id, batch);
                }
                Ok(())
            }
            _ => Ok(()),
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
            let wanted = batch.iter().cloned();
            let wanted = wanted.map(|filter| SubscribeFilter::new(filter, QoS::AtLeastOnce));
            match self.client.try_subscribe_many(wanted) {
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
        self.send(to, QoS::AtLeastOnce, true, payload);
    }

    async fn subscribed(&mut self, ack: &SubAck) -> Result<(), Closed> {
        self.backoff.reset();
        let now = (self.clock)();
        let filters = self.sent.remove(&ack.pkid).unwrap_or_default();
        for (filter, code) in filters.iter().zip(&ack.return_codes) {
            if *code == SubscribeReasonCode::Failure {
                let taken = self.desk.denied(filter, now);
                self.tell(taken).await?;
            }
        }
        Ok(())
    }

    async fn message(&mut self, message: &Publish) -> Result<(), Closed> {
        let now = (self.clock)();
        let (to, payload) = (&message.topic, &message.payload);
        if *to == topic::state(&self.host) {
            // The will of our own older session, told late by the broker.
            if let Link::Up { since } = self.link
                && topic::says_offline(payload)
                && now.since_ms(self.told_at).abs() >= STATE_GAP_MS
            {
                self.say_state(since, now);
            }
            return Ok(());
        }
        let taken = self.desk.take(to, payload, message.retain, now);
        self.tell(taken).await
    }

    fn send(&self, to: String, qos: QoS, retain: bool, payload: Vec<u8>) {
        if self.client.try_publish(to, qos, retain, payload).is_err() {
            let broker = &self.broker;
            tracing::warn!(target: "siskin::collect", broker, "the queue to the broker is full");
        }
    }

    /// Drops the connection and begins again.
    async fn reconnect(&mut self, why: &'static str) -> Result<(), Closed> {
        let broker = &self.broker;
        tracing::error!(target: "siskin::collect", broker, why, "broker connection dropped");
        self.events.clean();
        self.forget();
        tokio::time::sleep(self.backoff.pause()).await;
        Ok(())
    }

    async fn lost(&mut self, why: &Text) -> Result<(), Closed> {
        self.forget();
        let taken = self.desk.lost(why, (self.clock)());
        self.tell(taken).await?;
        tokio::time::sleep(self.backoff.pause()).await;
        Ok(())
    }

    fn lost_text(&self, error: &ConnectionError) -> Text {
        lost_words(&self.broker, error)
    }

    fn forget(&mut self) {
        self.link = Link::Away;
        self.asked.clear();
        self.sent.clear();
        // A request that was not sent belongs to the connection that is gone.
        self.events.pending.clear();
    }

    async fn tell(&mut self, taken: Taken) -> Result<(), Closed> {
        let now_ms = (self.clock)().as_millis();
        for (group, node) in &taken.rebirths {
            tracing::info!(target: "siskin::collect", group, node, "births are asked for");
            let (to, payload) = topic::rebirth(group, node, now_ms);
            self.send(to, QoS::AtMostOnce, false, payload);
        }
        self.out.readings(taken.readings, None).await?;
        self.out.health(taken.health).await
    }
}

/// The standard wants MQTT 3.1.1 with a clean session (or 5.0 with its like).
fn options(broker: &Broker) -> MqttOptions {
    let client_id = format!("{}-sparkplug", broker.client_id);
    let mut options = MqttOptions::new(client_id, &broker.host, broker.port);
    options.set_keep_alive(KEEP_ALIVE);
    options.set_clean_session(true);
    options.set_max_packet_size(PACKET_MAX_BYTES, PACKET_MAX_BYTES);
    if let Some((user, password)) = &broker.login {
        options.set_credentials(user, password);
    }
    options
}
