//! Bytes to readings: device profiles, register maps and JSON payload mappings.
//!
//! Ring 1, pure: no clock (`now` is an argument), no files, no sockets, no randomness. Carries
//! invariants 8 (what is refused is reported with its reason, never dropped) and 9 (over-range is
//! high; sentinels and NaN never become numbers; calibration and maintenance are named as such).
//! Only reading is representable: no profile can make Siskin write to a device.
//!
//! [`profile`] says what a device says, [`slot`] what a channel wants of it; [`modbus`] and
//! [`json`] bring the two together. [`roster`] reads and writes what people keep their duty in.

pub mod hj212;
pub mod json;
#[cfg(test)]
mod languages;
pub mod link;
pub mod modbus;
pub mod profile;
pub mod roster;
pub mod slot;
pub mod sparkplug;

pub use profile::{DeviceProfile, ProfileProblem};
pub use slot::{PointReading, Refusal, Slot, SlotError};
