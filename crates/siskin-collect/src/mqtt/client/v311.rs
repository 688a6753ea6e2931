//! MQTT 3.1.1 through the library; see [`super::Client`].

use rumqttc::{
    AsyncClient, Event, EventLoop, LastWill, MqttOptions, Outgoing, Packet, Publish, QoS,
    SubscribeFilter, SubscribeReasonCode,
};
use siskin_model::site::{Broker, BrokerTls};

use super::{Full, Heard, KEEP_ALIVE, Keep, Message, PACKET_MAX_BYTES, Post};
use crate::mqtt::lost::Cause;
use crate::mqtt::tls;

pub(crate) struct Client {
    requests: AsyncClient,
    events: EventLoop,
    tls: Option<BrokerTls>,
    /// Whether the TLS files were read for the connection that is there or being made.
    trusts: bool,
}

impl Client {
    pub(super) fn new(broker: &Broker, id: &str, queue: usize, keep: Keep) -> Self {
        let mut options = MqttOptions::new(id, &broker.host, broker.port);
        options.set_keep_alive(KEEP_ALIVE);
        let is_kept = matches!(keep, Keep::Messages { .. });
        options.set_clean_session(!is_kept);
        options.set_manual_acks(is_kept);
        let packet_max = usize::try_from(PACKET_MAX_BYTES).unwrap_or(usize::MAX);
        options.set_max_packet_size(packet_max, packet_max);
        if let Some((user, password)) = &broker.login {
            options.set_credentials(user, password);
        }
        let (requests, events) = AsyncClient::new(options, queue);
        Self { requests, events, tls: broker.tls.clone(), trusts: false }
    }

    pub(super) async fn poll(&mut self) -> Result<Heard, Cause> {
        if let (Some(files), false) = (&self.tls, self.trusts) {
            self.events.mqtt_options.set_transport(tls::transport(files).map_err(Cause::Told)?);
            self.trusts = true;
        }
        let event = self.events.poll().await.map_err(|error| {
            self.trusts = false;
            Cause::of_v311(&error)
        })?;
        Ok(match event {
            Event::Incoming(Packet::ConnAck(ack)) => {
                Heard::Connected { resumed: ack.session_present }
            }
            Event::Incoming(Packet::Publish(message)) => Heard::Message(Message::V311(message)),
            Event::Incoming(Packet::SubAck(ack)) => {
                let codes = ack.return_codes.iter();
                let allowed = codes.map(|code| *code != SubscribeReasonCode::Failure).collect();
                Heard::Subscribed { id: ack.pkid, allowed }
            }
            Event::Outgoing(Outgoing::Subscribe(id)) => Heard::SubscribeSent(id),
            Event::Outgoing(Outgoing::PubAck(_)) => Heard::AckSent,
            _ => Heard::Nothing,
        })
    }

    pub(super) fn subscribe(&self, topics: &[String]) -> Result<(), Full> {
        let filters =
            topics.iter().map(|topic| SubscribeFilter::new(topic.clone(), QoS::AtLeastOnce));
        self.requests.try_subscribe_many(filters).map_err(|_| Full)
    }

    pub(super) fn set_will(&mut self, topic: String, payload: Vec<u8>) {
        let will = LastWill::new(topic, payload, QoS::AtLeastOnce, true);
        self.events.mqtt_options.set_last_will(will);
    }

    pub(super) fn publish(&self, topic: String, post: Post, payload: Vec<u8>) -> Result<(), Full> {
        let (qos, retain) = match post {
            Post::Retained => (QoS::AtLeastOnce, true),
            Post::Once => (QoS::AtMostOnce, false),
        };
        self.requests.try_publish(topic, qos, retain, payload).map_err(|_| Full)
    }

    pub(super) fn forget_unsent(&mut self) {
        self.events.pending.clear();
    }

    pub(super) fn ack(&self, message: &Publish) -> Result<(), Full> {
        self.requests.try_ack(message).map_err(|_| Full)
    }

    pub(super) fn hang_up(&mut self) {
        self.trusts = false;
        self.events.clean();
    }
}
