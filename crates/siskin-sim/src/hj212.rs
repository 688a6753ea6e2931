//! A simulated data logger that dials in and speaks HJ 212-2017, or encrypts as HJ 212-2025 may
//! mean it.
//!
//! Written from the standard a second time, so that a wrong codec cannot agree with itself. It
//! keeps what it measured until it is thanked for it, sends it again after a reconnection, answers
//! requests for its clock and its minute data, and can do it badly: see [`Faults`]. Its readings
//! are made up; it must never stand in a real park.

mod frame;
mod logger;
mod seal;

pub use frame::{checksum, frame};
pub use logger::{Faults, Logger, LoggerSpec, Sample};
