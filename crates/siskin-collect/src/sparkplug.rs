//! Sparkplug B: Siskin as a host application on the site's broker.
//!
//! One session of its own beside the one of [`crate::mqtt`], since the standard wants a clean one
//! with a will. Nodes send without acknowledgement, so there is nobody to thank after a commit.
//! Never sends a command but the request for births.

mod desk;
mod session;

use std::sync::Arc;

use siskin_model::site::Broker;
use siskin_model::{ChannelIndex, Site};
use siskin_wire::sparkplug::Member;
use siskin_wire::{DeviceProfile, Slot, SlotError};
use tokio_util::sync::CancellationToken;

use crate::Clock;
use crate::feed::Feed;
use crate::health::HealthCell;
use crate::outlet::Outlet;
use crate::supervise::supervise;
use session::Session;

/// The broker and who is read from it.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) broker: Broker,
    pub(crate) devices: Vec<DeviceSpec>,
}

/// One analyzer behind a node.
#[derive(Debug, Clone)]
pub(crate) struct DeviceSpec {
    pub(crate) health: HealthCell,
    /// What it needs of the broker.
    filters: [String; 2],
    member: Member,
    feed: Feed,
}

impl Line {
    /// None where no analyzer is behind a node.
    pub(crate) fn of(site: &Site, devices: Vec<DeviceSpec>) -> Option<Self> {
        let broker = site.broker.clone().filter(|_| !devices.is_empty());
        broker.map(|broker| Self { broker, devices })
    }

    /// Reads until `stop`, owned by its supervisor.
    pub(crate) fn run(
        self,
        out: Outlet,
        clock: Clock,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> {
        let cells = self.devices.iter().map(|device| device.health.clone()).collect();
        let (task_out, task_clock) = (out.clone(), Arc::clone(&clock));
        let make = move || Session::new(&self, task_out.clone(), Arc::clone(&task_clock)).run();
        supervise(make, cells, out, clock, stop)
    }
}

impl DeviceSpec {
    pub(crate) fn new(
        (group, node, device): (&str, &str, Option<&str>),
        profile: &DeviceProfile,
        channels: Vec<ChannelIndex>,
        slots: Vec<Slot>,
        health: HealthCell,
    ) -> Result<Self, SlotError> {
        Ok(Self {
            health,
            filters: siskin_wire::sparkplug::topic::filters(group, node),
            member: Member::new((group, node, device), profile, slots)?,
            feed: Feed::new(channels),
        })
    }
}
