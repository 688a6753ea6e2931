//! Modbus: one task for each line (an address, a serial port), its devices polled in turn.
//!
//! A TCP connection on which anything timed out or broke is dropped, never used again: a late
//! answer would be taken for the next one. On RTU lines, which know no transaction ids, a device
//! that was late is not asked again before its late answer must have come. An exception is an
//! answer: the line stays. Only reads.
//!
//! `schedule` says whose turn it is, `priority` who is in alarm, `device` what is asked and what
//! the answers become, `wire` speaks, `mbap` and `rtu` are the frames.

mod device;
mod dial;
mod endpoint;
mod exchange;
mod mbap;
mod pdu;
mod priority;
mod rtu;
mod schedule;
mod wire;

pub(crate) use device::DeviceSpec;
pub(crate) use dial::{Address, Dial, Real};
pub(crate) use endpoint::{Endpoint, cannot_open};
pub(crate) use exchange::exception_of;
pub(crate) use pdu::Said;
pub use priority::{AlarmBoard, Priority};
pub(crate) use wire::{Framing, Manner, Wire};

/// A line and the devices on it.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) address: Address,
    pub(crate) devices: Vec<DeviceSpec>,
}

#[cfg(test)]
mod tests;
