//! HJ 212: one listener, to which the site's data loggers dial in.
//!
//! A logger is known by its MN and its password; the newest of its connections counts. It is
//! answered only when its readings are on disk, so it sends again what was not. Nothing that a
//! connection sends, however wrong, ends another one.
//!
//! [`server`] listens, [`connection`] speaks with one peer, [`register`] knows the loggers,
//! [`calls`] what is asked of them, [`gaps`] what of their past is missing.

mod calls;
mod connection;
mod gaps;
mod register;
mod server;
#[cfg(test)]
mod tests;
mod words;

use std::net::SocketAddr;

use siskin_model::site::{Analyzer, Hj212Logger};
use siskin_model::{ChannelIndex, Timestamp};
use siskin_wire::hj212::{Mapping, Opener};
use siskin_wire::{DeviceProfile, Slot, SlotError};

use crate::feed::Feed;
use crate::health::HealthCell;

use gaps::LiveUntil;

pub(crate) use server::Server;

/// The listener and who may dial in.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) listen: SocketAddr,
    pub(crate) loggers: Vec<LoggerSpec>,
}

/// One logger: the analyzer of its MN.
#[derive(Debug, Clone)]
pub(crate) struct LoggerSpec {
    pub(crate) health: HealthCell,
    agreed: Hj212Logger,
    mapping: Mapping,
    opener: Opener,
    feed: Feed,
    poll_ms: u32,
    live_until: LiveUntil,
}

impl LoggerSpec {
    /// `place` is the site's offset from UTC and the channels of the logger with their slots;
    /// `last` is when it measured what was stored last, as far as that is known.
    pub(crate) fn new(
        analyzer: &Analyzer,
        agreed: &Hj212Logger,
        profile: &DeviceProfile,
        (utc_offset_s, channels, slots): (i32, Vec<ChannelIndex>, Vec<Slot>),
        last: Option<Timestamp>,
        health: HealthCell,
    ) -> Result<Self, SlotError> {
        Ok(Self {
            health,
            agreed: agreed.clone(),
            mapping: Mapping::new(profile, slots, utc_offset_s)?,
            opener: Opener::new(agreed),
            feed: Feed::new(channels),
            poll_ms: analyzer.poll_ms,
            live_until: LiveUntil::new(last),
        })
    }
}
