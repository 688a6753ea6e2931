//! The harness of the end-to-end tests: the real binary, a real broker, third-party devices.
//!
//! It speaks to the station only as anybody could: by its command line, its HTTP contract and its
//! protocols. It uses none of our crates, so that a mistake in a type of ours cannot hide itself.
//! Nothing here sleeps for a while and hopes: what is awaited has a name and a deadline.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

pub mod accounts;
pub mod binary;
pub mod broker;
pub mod browser;
pub mod certificates;
pub mod edge;
pub mod flood;
pub mod gateway;
pub mod modbus;
pub mod moment;
pub mod process;
pub mod procfs;
pub mod proxy;
pub mod publisher;
pub mod site;
pub mod station;
pub mod stream;
pub mod wait;
