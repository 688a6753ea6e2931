//! The series store from outside: what it does, and against a model.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic and speak"
)]

mod behaviour;
mod damage;
mod model;
mod packed;
mod plain;
mod retention;
#[path = "../support/mod.rs"]
mod support;
mod upgrade;

const HOUR_MS: i64 = 3_600_000;
