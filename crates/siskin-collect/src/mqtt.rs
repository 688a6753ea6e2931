//! MQTT: one session with the site's broker, one exact topic for each analyzer.
//!
//! A message is acknowledged to the broker only when its readings are on disk, or when it can
//! never give any. A payload, however wrong, never ends the session; retained messages are not
//! fresh and are never taken for it.

pub(crate) mod client;
mod desk;
mod lost;
mod session;
pub(crate) mod tls;

use siskin_model::ChannelIndex;
use siskin_model::site::Broker;
use siskin_wire::json::Mapping;
use siskin_wire::profile::JsonAlive;
use siskin_wire::{DeviceProfile, Slot, SlotError};

use crate::feed::Feed;
use crate::health::HealthCell;

pub(crate) use lost::lost_text;
pub(crate) use session::Session;

/// The broker and what is read from it.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) broker: Broker,
    pub(crate) topics: Vec<TopicSpec>,
}

/// One analyzer on its topic.
#[derive(Debug, Clone)]
pub(crate) struct TopicSpec {
    pub(crate) health: HealthCell,
    topic: String,
    mapping: Mapping,
    feed: Feed,
    alive: Option<Alive>,
    /// Whether anything came since the connection was made.
    heard: bool,
}

/// Where the broker says that the device is gone.
#[derive(Debug, Clone)]
struct Alive {
    topic: String,
    gone: Vec<String>,
}

impl Alive {
    /// Beside the readings' topic, as the profile says.
    fn new(said: &JsonAlive, readings_topic: &str) -> Self {
        let last = &said.last_level;
        let topic = match readings_topic.rsplit_once('/') {
            Some((above, _)) => format!("{above}/{last}"),
            None => last.clone(),
        };
        Self { topic, gone: said.gone.clone() }
    }
}

impl TopicSpec {
    pub(crate) fn new(
        topic: &str,
        profile: &DeviceProfile,
        channels: Vec<ChannelIndex>,
        slots: Vec<Slot>,
        health: HealthCell,
    ) -> Result<Self, SlotError> {
        Ok(Self {
            health,
            topic: topic.to_owned(),
            mapping: Mapping::new(profile, slots)?,
            feed: Feed::new(channels),
            alive: profile
                .json
                .as_ref()
                .and_then(|json| json.alive.as_ref())
                .map(|said| Alive::new(said, topic)),
            heard: false,
        })
    }
}
