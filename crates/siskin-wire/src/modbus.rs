//! Modbus register maps: which requests serve the channels of a device, and what the answers say.
//!
//! [`Plan::new`] once per device, then [`Plan::requests`] and [`Plan::decode`] per poll. Never
//! talks to anybody; `siskin-collect` does.

mod answer;
mod decode;
mod heartbeat;
mod layout;
mod look;
mod plan;
mod raw;
mod units;

pub use answer::{Answer, DecodeError};
pub use decode::Decoded;
pub use heartbeat::HeartbeatWatch;
pub use look::{Look, Shown};
pub use plan::{Plan, Refused, Request};
pub use units::UnitWatch;
