//! Modbus: one task for each line (an address, a serial port), its devices polled in turn.
//!
//! A TCP connection on which anything timed out or broke is dropped, never used again: a late
//! answer would be taken for the next one. On RTU lines, which know no transaction ids, a device
//! that was late is not asked again before its late answer must have come. An exception is an
//! answer: the line stays. Only reads.
//!
//! `schedule` says whose turn it is, `device` what is asked and what the answers become, `wire`
//! speaks, `mbap` and `rtu` are the frames.

mod device;
mod dial;
mod endpoint;
mod exchange;
mod mbap;
mod pdu;
mod rtu;
mod schedule;
mod wire;

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;

pub(crate) use device::DeviceSpec;
pub(crate) use dial::{Address, Dial, Real};
pub(crate) use endpoint::{Endpoint, cannot_open};
pub(crate) use exchange::exception_of;
pub(crate) use pdu::Said;
pub(crate) use wire::{Framing, Manner, Wire};

/// A line and the devices on it.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) address: Address,
    pub(crate) devices: Vec<DeviceSpec>,
}

/// Which analyzers have a channel in alarm, by their places in the site: they are asked first.
#[derive(Debug, Clone)]
pub struct Priority(watch::Receiver<Arc<BTreeSet<usize>>>);

impl Priority {
    /// What is sent to `alarms` is followed.
    pub const fn following(alarms: watch::Receiver<Arc<BTreeSet<usize>>>) -> Self {
        Self(alarms)
    }

    /// Nobody is first.
    pub fn nobody() -> Self {
        Self(watch::channel(Arc::default()).1)
    }

    fn has(&self, analyzer: usize) -> bool {
        self.0.borrow().contains(&analyzer)
    }

    /// Waits until somebody else is first; for ever when that cannot happen.
    async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests;
