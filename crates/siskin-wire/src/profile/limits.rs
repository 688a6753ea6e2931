//! What a device can take, and how its line is set when it comes from its maker.
//!
//! Never says where a device is: that is the site's business.

use serde::{Deserialize, Serialize};
use siskin_model::site::Parity;

use super::REGS_MAX;
use super::kind::{OrderEvidence, ReadFunction};

/// What a device can take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Most registers in one request (for bits: 16 times as many bits).
    pub max_regs: u16,
    /// Most unneeded registers (or bits) read between two needed ones to save a request.
    pub max_gap: u16,
    /// Pause between two requests.
    pub min_gap_ms: u32,
    /// Pause between opening the connection and the first request.
    pub connect_delay_ms: u32,
    /// The longest the device takes to answer, where its maker says so; the site sets how long is
    /// waited.
    pub timeout_ms: Option<u32>,
    /// Addresses that are never read.
    pub no_read: Vec<NoRead>,
    /// Longest JSON payload that is looked at.
    pub payload_max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_regs: REGS_MAX,
            max_gap: 0,
            min_gap_ms: 0,
            connect_delay_ms: 0,
            timeout_ms: None,
            no_read: Vec::new(),
            payload_max_bytes: 16 * 1024,
        }
    }
}

/// Bits that fit where one register does.
const BITS_PER_REG: u16 = 16;

impl Limits {
    /// The most registers or bits one request of `function` may ask for.
    pub(crate) fn most(&self, function: ReadFunction) -> u16 {
        if function.is_bits() { self.max_regs.saturating_mul(BITS_PER_REG) } else { self.max_regs }
    }
}

/// Addresses that are never read, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NoRead {
    /// The read function.
    #[cfg_attr(test, schemars(schema_with = "super::schema::read_function"))]
    pub fc: ReadFunction,
    /// First address, counted from 0.
    pub from: u16,
    /// Last address.
    pub to: u16,
}

/// How the serial line is set when the device is delivered; documentation. The site sets the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SerialDefaults {
    /// Bits per second.
    #[serde(default)]
    pub baud: Option<u32>,
    /// Parity bit.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::schema::parity"))]
    pub parity: Option<Parity>,
    /// Stop bits, 1 or 2.
    #[serde(default)]
    pub stop_bits: Option<u8>,
    /// The device's address on the line.
    #[serde(default)]
    pub unit: Option<u8>,
    /// What these are based on.
    pub evidence: OrderEvidence,
}
