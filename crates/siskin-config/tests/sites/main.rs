//! Site folders from the outside: the shipped ones load, the broken ones say what is wrong.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must panic"
)]

mod broken;
mod documented;
mod environment;
mod fitting;
mod properties;
mod reading;
mod shipped;
