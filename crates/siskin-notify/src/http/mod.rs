//! A small HTTPS client: one line to one receiver, kept open between messages.
//!
//! Every wait and every size has a limit. Certificates are read again at each new line, so that a
//! renewal needs no restart. Must never go on without a check of the other's name, follow a
//! redirect, or take an answer that was cut for one.

mod address;
mod client;
mod trust;

pub use address::{Address, AddressError};
pub use client::{Answer, Client, HttpError, Post};
pub(crate) use trust::client as trusted;
pub use trust::{TrustError, check as check_trust};
