//! Sources: Modbus TCP and MQTT, read into readings and analyzer health.
//!
//! Ring 2. Carries invariants 2 (a lost line is said as such, once, and never as a number), 6 (one
//! bad device, payload or line never stops or delays the others), 8 (refusals are counted and
//! shown) and 11 (every queue, wait and retry has a named limit). Never judges a value: what bytes
//! mean is in `siskin-wire`, what readings mean in the engine.
//!
//! [`Sources::start`] and [`Sources::resume`] are the only ways in. One folder per protocol.

mod backoff;
mod feed;
mod health;
mod hj212;
pub mod link;
mod modbus;
mod mqtt;
mod outlet;
pub mod probe;
mod pulse;
mod sources;
mod sparkplug;
pub mod spool;
mod supervise;
mod trace;
mod words;

use std::sync::Arc;

use siskin_model::{AnalyzerHealth, Origin, Reading, Timestamp};
use tokio::sync::oneshot;

pub use modbus::{AlarmBoard, Priority};
pub use pulse::{PULSE_MS, Pulse, pulses};
pub use sources::{CollectError, Past, Sources};
pub use trace::{DeviceClock, FRAME_BYTES_MAX, Frame, Heard, Trace, Traces};

/// What sources hand to the station.
#[derive(Debug)]
pub enum Intake {
    /// Readings of one exchange or message.
    Readings {
        /// In order of channels.
        readings: Vec<Reading>,
        /// Live, or backlog where the device fills in what was missing.
        origin: Origin,
        /// To be told once the readings are on disk; the device is thanked only then. Dropped
        /// without a word it means that they are not.
        committed: Option<oneshot::Sender<()>>,
    },
    /// The health of an analyzer changed.
    Health(AnalyzerHealth),
    /// Nothing of a device: the station proves that its own way is open.
    Pulse(Pulse),
}

/// The station's clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
