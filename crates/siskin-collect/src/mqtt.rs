//! MQTT: one session with the site's broker, one exact topic for each analyzer.
//!
//! A message is acknowledged to the broker only when its readings are on disk, or when it can
//! never give any. A payload, however wrong, never ends the session; retained messages are not
//! fresh and are never taken for it.

mod desk;
mod lost;
mod session;

use siskin_model::ChannelIndex;
use siskin_model::site::Broker;
use siskin_wire::json::Mapping;
use siskin_wire::{DeviceProfile, Slot, SlotError};

use crate::feed::Feed;
use crate::health::HealthCell;

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
        })
    }
}
