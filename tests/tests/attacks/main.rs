//! What an attacker would try at the door of a real station. Each of these must be refused, told as
//! such, and leave nothing behind. What needs a clock of its own or another address is tested at
//! the parts: see docs/security.md for the whole list.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod acts;
mod bytes;
mod credentials;
mod park;
