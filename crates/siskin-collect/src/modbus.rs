//! Modbus TCP: one task for each address, its devices polled in turn.
//!
//! A connection on which anything timed out or broke is dropped, never used again: a late answer
//! would be taken for the next one. An exception is an answer: the connection stays. Only reads.

mod device;
mod dial;
mod endpoint;
mod exchange;

pub(crate) use device::DeviceSpec;
pub(crate) use dial::Tcp;
pub(crate) use endpoint::Endpoint;

/// An address and the devices behind it.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) devices: Vec<DeviceSpec>,
}

#[cfg(test)]
mod tests;
