//! MQTT 5 through the library; see [`super::Client`].

use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{
    Filter, LastWill, Packet, Publish, RetainForwardRule, SubscribeReasonCode,
};
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use siskin_model::site::{Broker, BrokerTls};

use super::{Full, Heard, KEEP_ALIVE, Keep, Message, PACKET_MAX_BYTES, Post, SESSION_KEPT_S};
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
        match keep {
            Keep::Messages { inflight_max } => {
                options.set_clean_start(false);
                options.set_session_expiry_interval(Some(SESSION_KEPT_S));
                options.set_receive_maximum(Some(inflight_max));
                options.set_manual_acks(true);
            }
            // Without an interval the session ends with its connection.
            Keep::Nothing => {
                options.set_clean_start(true);
            }
        }
        options.set_max_packet_size(Some(PACKET_MAX_BYTES));
        if let Some((user, password)) = &broker.login {
            options.set_credentials(user, password);
        }
        let (requests, events) = AsyncClient::new(options, queue);
        Self { requests, events, tls: broker.tls.clone(), trusts: false }
    }

    pub(super) async fn poll(&mut self) -> Result<Heard, Cause> {
        if let (Some(files), false) = (&self.tls, self.trusts) {
            self.events.options.set_transport(tls::transport(files).map_err(Cause::Told)?);
            self.trusts = true;
        }
        let event = self.events.poll().await.map_err(|error| {
            self.trusts = false;
            Cause::of_v5(&error)
        })?;
        Ok(match event {
            Event::Incoming(Packet::ConnAck(ack)) => {
                Heard::Connected { resumed: ack.session_present }
            }
            Event::Incoming(Packet::Publish(message)) => Heard::Message(Message::V5(message)),
            Event::Incoming(Packet::SubAck(ack)) => {
                let is_allowed = |code| matches!(code, &SubscribeReasonCode::Success(_));
                let allowed = ack.return_codes.iter().map(is_allowed).collect();
                Heard::Subscribed { id: ack.pkid, allowed }
            }
            Event::Outgoing(Outgoing::Subscribe(id)) => Heard::SubscribeSent(id),
            Event::Outgoing(Outgoing::PubAck(_)) => Heard::AckSent,
            _ => Heard::Nothing,
        })
    }

    /// Retained messages are asked for: their number is told, though none is taken.
    pub(super) fn subscribe(&self, topics: &[String]) -> Result<(), Full> {
        let filter = |topic: &String| Filter {
            path: topic.clone(),
            qos: QoS::AtLeastOnce,
            nolocal: false,
            preserve_retain: false,
            retain_forward_rule: RetainForwardRule::OnEverySubscribe,
        };
        self.requests.try_subscribe_many(topics.iter().map(filter)).map_err(|_| Full)
    }

    pub(super) fn set_will(&mut self, topic: String, payload: Vec<u8>) {
        let will = LastWill::new(topic, payload, QoS::AtLeastOnce, true, None);
        self.events.options.set_last_will(will);
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
