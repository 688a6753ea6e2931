//! The series store killed while it writes. A test binary of its own: a child that is being
//! started holds its parent's open files for a moment, and with them the locks of other tests.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic and speak"
)]

mod child;
mod kill;
mod sound;
#[path = "../support/mod.rs"]
mod support;
