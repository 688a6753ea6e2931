//! Sparkplug B 3.0 as a host application sees it: payloads, births, sequence, readings.
//!
//! Pure: bytes and `now` in, [`Effect`]s out. A metric gives a number only with a birth certificate
//! that says what it is; what is historical is never taken for now, and a lost message is a doubt
//! and a request for a rebirth, never a guess. The only command that can be made is that request.
//!
//! [`payload`] reads bytes, `member` makes readings of them, `node` keeps the order, [`host`] is
//! all nodes together.

mod births;
pub mod host;
mod member;
mod node;
pub mod payload;
mod rebirth;
mod stamp;
#[cfg(test)]
mod testing;
pub mod topic;
mod words;

pub use host::{Effect, Host};
pub use member::{Member, Stamped};
