//! Edge gateways: who may connect, one session each, and what the API shows of them.
//!
//! A session takes frames ([`session`]); live readings go the ordinary way, late ones through a
//! queue and a budget of their own ([`backlog`]). What is acknowledged to a gateway is on disk.
//! Must never store a reading of a channel that is not the gateway's, and never let one gateway
//! stop another.

pub(crate) mod backlog;
mod book;
mod doors;
mod session;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use doors::Links;
