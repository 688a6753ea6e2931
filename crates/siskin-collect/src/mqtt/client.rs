//! One MQTT client for both versions: what comes in and goes out in words that are the same for
//! MQTT 3.1.1 and 5. Acknowledges nothing by itself in a session that the broker keeps.

mod v311;
mod v5;

use std::time::Duration;

use siskin_model::site::{Broker, MqttVersion};

pub(crate) use super::lost::Cause;

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
pub(crate) enum Heard {
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
pub(crate) enum Message {
    V311(rumqttc::Publish),
    V5(rumqttc::v5::mqttbytes::v5::Publish),
}

impl Message {
    /// Empty when it is no text: no analyzer has such a topic.
    pub(crate) fn topic(&self) -> &str {
        match self {
            Self::V311(message) => &message.topic,
            Self::V5(message) => std::str::from_utf8(&message.topic).unwrap_or_default(),
        }
    }

    pub(crate) fn payload(&self) -> &[u8] {
        match self {
            Self::V311(message) => &message.payload,
            Self::V5(message) => &message.payload,
        }
    }

    pub(crate) fn is_retained(&self) -> bool {
        match self {
            Self::V311(message) => message.retain,
            Self::V5(message) => message.retain,
        }
    }

    /// Whether the broker waits for an acknowledgement.
    pub(crate) fn wants_ack(&self) -> bool {
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
pub(crate) struct Full;

/// What the broker keeps of a session whose connection is gone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keep {
    /// Messages that were not acknowledged, and those that come meanwhile. Whoever takes a message
    /// acknowledges it.
    Messages {
        /// Messages an MQTT 5 broker may send before one is acknowledged.
        inflight_max: u16,
    },
    /// Nothing; messages are acknowledged when they come.
    Nothing,
}

/// How a message is published.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Post {
    /// QoS 1, and the broker keeps it for those who come later.
    Retained,
    /// QoS 0: lost where the line breaks.
    Once,
}

/// The client of one broker.
pub(crate) enum Client {
    V311(Box<v311::Client>),
    V5(Box<v5::Client>),
}

impl Client {
    /// A client called `id` that has room for `queue` acknowledgements, subscriptions and messages
    /// on their way.
    pub(crate) fn new(broker: &Broker, id: &str, queue: usize, keep: Keep) -> Self {
        match broker.version {
            MqttVersion::V311 => Self::V311(Box::new(v311::Client::new(broker, id, queue, keep))),
            MqttVersion::V5 => Self::V5(Box::new(v5::Client::new(broker, id, queue, keep))),
        }
    }

    /// What the broker publishes, QoS 1 and retained, when the next connection breaks.
    pub(crate) fn set_will(&mut self, topic: String, payload: Vec<u8>) {
        match self {
            Self::V311(client) => client.set_will(topic, payload),
            Self::V5(client) => client.set_will(topic, payload),
        }
    }

    /// The next event; connects when there is no connection. May be dropped between two packets:
    /// what was read or not yet sent stays inside.
    pub(crate) async fn poll(&mut self) -> Result<Heard, Cause> {
        match self {
            Self::V311(client) => client.poll().await,
            Self::V5(client) => client.poll().await,
        }
    }

    /// Subscribes to `topics` in one packet, QoS 1.
    pub(crate) fn subscribe(&self, topics: &[String]) -> Result<(), Full> {
        match self {
            Self::V311(client) => client.subscribe(topics),
            Self::V5(client) => client.subscribe(topics),
        }
    }

    /// Acknowledges `message`.
    pub(crate) fn ack(&self, message: &Message) -> Result<(), Full> {
        match (self, message) {
            (Self::V311(client), Message::V311(message)) => client.ack(message),
            (Self::V5(client), Message::V5(message)) => client.ack(message),
            // A session has one version for its whole life.
            _ => Err(Full),
        }
    }

    /// Publishes a message.
    pub(crate) fn publish(&self, topic: String, post: Post, payload: Vec<u8>) -> Result<(), Full> {
        match self {
            Self::V311(client) => client.publish(topic, post, payload),
            Self::V5(client) => client.publish(topic, post, payload),
        }
    }

    /// Forgets what was to be sent and belongs to a connection that is gone.
    pub(crate) fn forget_unsent(&mut self) {
        match self {
            Self::V311(client) => client.forget_unsent(),
            Self::V5(client) => client.forget_unsent(),
        }
    }

    /// Drops the connection.
    pub(crate) fn hang_up(&mut self) {
        match self {
            Self::V311(client) => client.hang_up(),
            Self::V5(client) => client.hang_up(),
        }
    }
}
