//! Modbus register maps: which requests serve the channels of a device, and what the answers say.
//!
//! [`Plan::new`] once per device, then [`Plan::requests`] and [`Plan::decode`] per poll. Never
//! talks to anybody; `siskin-collect` does.

mod decode;
mod heartbeat;
mod plan;
mod raw;

pub use decode::{Answer, DecodeError, Decoded};
pub use heartbeat::HeartbeatWatch;
pub use plan::{Plan, Request};
