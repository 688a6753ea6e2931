//! What tells others: messages to bureaus and people with their texts, the ways they take and the
//! workers that send them; and uplinks of measurements to bureaus.
//!
//! Ring 2. A message is on disk before this crate sees it (invariant 4); what it sends carries a
//! key made of recipient and transition, so that what is sent again after a crash is taken once.
//! Each recipient and each uplink has a task of its own: one that hangs delays nobody else and no
//! warning (invariant 6). Sees the ledger through [`Book`]. Must never take silence, a cut answer
//! or a refusal in the body of an answer for acceptance, nor call what comes before it in the way
//! of a reading.
//!
//! Read [`texts`] for what is said, [`cap`], [`webhook`], `mail`, `gateway`, `mqtt` and `siren`
//! for its forms, [`way`] for how it is sent, [`worker`] for when; [`hj212`] for uplinks.

pub mod cap;
pub mod files;
mod gateway;
pub mod hj212;
pub mod http;
mod mail;
mod mqtt;
pub mod proof;
mod siren;
pub mod texts;
pub mod way;
pub mod webhook;
pub mod worker;

pub use way::{Letter, Outcome, Sender};
pub use worker::{Book, Outbox, Standing};
