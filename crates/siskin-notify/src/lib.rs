//! What tells others: one folder for each channel.
//!
//! Carries invariant 6 for recipients: each has a task of its own, and one that hangs never slows
//! the others or a warning. Must never call what comes before it in the way of a reading.

pub mod hj212;
