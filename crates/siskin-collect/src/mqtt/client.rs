//! One MQTT client for both versions: what comes in and goes out in words that are the same for
//! MQTT 3.1.1 and 5. Acknowledges nothing by itself.

mod v311;
mod v5;

use std::time::Duration;

use siskin_model::site::{Broker, MqttVersion};

use super::lost::Cause;

/// A broker that says nothing for two of these is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// The largest packet MQTT knows. A lower limit here would let one oversized message end the
/// session again and again, since the broker would send it each time; payloads have their own
/// limit in the profile.
const PACKET_MAX_BYTES: u32 = 268_435_455;
/// How long an MQTT 5 broker keeps the session of a station that is away; MQTT 3.1.1 has no such
/// number and brokers have their own limit.
const SESSION_KEPT_S: u32 = 7 * 24 * 3_600;

/// What the broker said or was sent.
#[derive(Debug)]
pub(super) enum Heard {
    /// It accepted the session; `resumed` when it had kept one.
    Connected { resumed: bool },
    /// A message.
    Message(Message),
    /// It answered a subscription: one entry a topic, whether it may be read.
    Subscribed { id: u16, allowed: Vec<bool> },
    /// A subscription was sent.
    SubscribeSent(u16),
    /// An acknowledgement was sent.
    AckSent,
    /// Pings and the like.
    Nothing,
}

/// A message as it came; its acknowledgement is made from it.
#[derive(Debug)]
pub(super) enum Message {
    V311(rumqttc::Publish),
    V5(rumqttc::v5::mqttbytes::v5::Publish),
}

impl Message {
    /// Empty when it is no text: no analyzer has such a topic.
    pub(super) fn topic(&self) -> &str {
        match self {
            Self::V311(message) => &message.topic,
            Self::V5(message) => std::str::from_utf8(&message.topic).unwrap_or_default(),
        }
    }

    pub(super) fn payload(&self) -> &[u8] {
        match self {
            Self::V311(message) => &message.payload,
            Self::V5(message) => &message.payload,
        }
    }

    pub(super) fn is_retained(&self) -> bool {
        match self {
            Self::V311(message) => message.retain,
            Self::V5(message) => message.retain,
        }
    }

    /// Whether the broker waits for an acknowledgement.
    pub(super) fn wants_ack(&self) -> bool {
        use rumqttc::QoS as QoS311;
        use rumqttc::v5::mqttbytes::QoS as QoS5;
        match self {
            Self::V311(message) => message.qos != QoS311::AtMostOnce,
            Self::V5(message) => message.qos != QoS5::AtMostOnce,
        }
    }
}

/// The queue of what is to be sent is full.
#[derive(Debug, Clone, Copy)]
pub(super) struct Full;

/// The client of one broker.
pub(super) enum Client {
    V311(Box<v311::Client>),
    V5(Box<v5::Client>),
}

impl Client {
    /// A client that has room for `queue` acknowledgements and subscriptions on their way.
    /// `inflight_max`: messages an MQTT 5 broker may send before one is acknowledged.
    pub(super) fn new(broker: &Broker, queue: usize, inflight_max: u16) -> Self {
        match broker.version {
            MqttVersion::V311 => Self::V311(Box::new(v311::Client::new(broker, queue))),
            MqttVersion::V5 => Self::V5(Box::new(v5::Client::new(broker, queue, inflight_max))),
        }
    }

    /// The next event; connects when there is no connection. May be dropped between two packets:
    /// what was read or not yet sent stays inside.
    pub(super) async fn poll(&mut self) -> Result<Heard, Cause> {
        match self {
            Self::V311(client) => client.poll().await,
            Self::V5(client) => client.poll().await,
        }
    }

    /// Subscribes to `topics` in one packet, QoS 1.
    pub(super) fn subscribe(&self, topics: &[String]) -> Result<(), Full> {
        match self {
            Self::V311(client) => client.subscribe(topics),
            Self::V5(client) => client.subscribe(topics),
        }
    }

    /// Acknowledges `message`.
    pub(super) fn ack(&self, message: &Message) -> Result<(), Full> {
        match (self, message) {
            (Self::V311(client), Message::V311(message)) => client.ack(message),
            (Self::V5(client), Message::V5(message)) => client.ack(message),
            // A session has one version for its whole life.
            _ => Err(Full),
        }
    }

    /// Drops the connection.
    pub(super) fn hang_up(&mut self) {
        match self {
            Self::V311(client) => client.hang_up(),
            Self::V5(client) => client.hang_up(),
        }
    }
}
