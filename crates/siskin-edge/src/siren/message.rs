//! A siren that listens to an MQTT topic: told with quality of service 1 and retained, so that one
//! that comes back after a loss of power learns what holds. Reached means: the broker has taken the
//! message; whether the siren hears it only the siren knows.

use std::fmt::Display;

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use serde::Deserialize;
use siskin_model::Text;
use tokio::time::timeout;

use super::{PATIENCE, Switch};

/// Acts that wait for the connection: one at a time.
const REQUESTS_MAX: usize = 1;

/// Where the siren listens.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Horn {
    /// The broker's host or address.
    pub(crate) host: String,
    /// The broker's port.
    #[serde(default = "mqtt_port")]
    pub(crate) port: u16,
    /// The topic.
    pub(crate) topic: String,
    /// What makes it sound.
    #[serde(default = "on")]
    pub(crate) on: String,
    /// What makes it silent.
    #[serde(default = "off")]
    pub(crate) off: String,
    /// Name and password, where the broker asks for them.
    #[serde(default)]
    pub(crate) user: String,
    #[serde(default)]
    pub(crate) password: String,
}

const fn mqtt_port() -> u16 {
    1883
}

fn on() -> String {
    "ON".into()
}

fn off() -> String {
    "OFF".into()
}

impl std::fmt::Debug for Horn {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Horn");
        out.field("host", &self.host).field("topic", &self.topic).finish_non_exhaustive()
    }
}

/// The topic and what was told last.
#[derive(Debug)]
pub(crate) struct Messages {
    topic: Horn,
    client_id: String,
    told: bool,
}

impl Messages {
    /// For the gateway `edge`.
    pub(crate) fn new(topic: Horn, edge: &str) -> Self {
        Self { topic, client_id: format!("siskin-siren-{edge}"), told: false }
    }

    fn connect(&self) -> (AsyncClient, EventLoop) {
        let mut options = MqttOptions::new(&self.client_id, &self.topic.host, self.topic.port);
        options.set_clean_session(true);
        if !self.topic.user.is_empty() {
            options.set_credentials(&self.topic.user, &self.topic.password);
        }
        AsyncClient::new(options, REQUESTS_MAX)
    }

    /// Polls until `is_done`; a broker that answers otherwise than expected is a failure.
    async fn poll(
        &self,
        events: &mut EventLoop,
        is_done: impl Fn(&Packet) -> bool,
    ) -> Result<(), Text> {
        let heard = async {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(packet)) if is_done(&packet) => return Ok(()),
                    Ok(_) => {}
                    Err(error) => return Err(self.failed(&error)),
                }
            }
        };
        let silent = |_| self.failed(&format_args!("no answer within {} s", PATIENCE.as_secs()));
        timeout(PATIENCE, heard).await.map_err(silent)?
    }

    fn failed(&self, why: &dyn Display) -> Text {
        let Horn { host, port, topic, .. } = &self.topic;
        Text::new(
            format!("无法通知报警器 {host}:{port} {topic}（{why}）；请检查消息服务器与账号"),
            format!("the siren's topic {topic} at {host}:{port}: {why}; hint: look at the broker"),
        )
    }
}

impl Switch for Messages {
    async fn switch(&mut self, on: bool) -> Result<bool, Text> {
        let (requests, mut events) = self.connect();
        let payload = if on { &self.topic.on } else { &self.topic.off };
        let told = requests.try_publish(&self.topic.topic, QoS::AtLeastOnce, true, payload.clone());
        told.map_err(|error| self.failed(&error))?;
        self.poll(&mut events, |packet| matches!(packet, Packet::PubAck(_))).await?;
        self.told = on;
        Ok(on)
    }

    async fn look(&mut self) -> Result<bool, Text> {
        let (_requests, mut events) = self.connect();
        self.poll(&mut events, |packet| matches!(packet, Packet::ConnAck(_))).await?;
        Ok(self.told)
    }
}
