//! A simulated park whose devices speak the real protocols.
//!
//! Beside the rings: it stands where devices stand and knows nothing of rules or warnings. The
//! register maps are written here a second time, from the makers' tables, so that a wrong profile
//! cannot agree with itself. Everything random comes from one seed. It must never be taken for a
//! measurement: whoever starts it says that the park is simulated.
//!
//! Read [`scenario`] for what happens, [`world`] for the air and the sensors, [`park`] for the
//! running devices, [`broker`] for the MQTT broker beside them, [`bus`] for field buses with faulty
//! slaves, [`workload`] for the readings that engines are measured with.

pub mod broker;
pub mod bus;
mod devices;
pub mod error;
pub mod hj212;
pub mod park;
mod publish;
pub mod scenario;
pub mod sparkplug;
pub mod workload;
pub mod world;

#[cfg(test)]
mod demo_site;

pub use broker::PrivateBroker;
pub use error::SimError;
pub use park::{ParkSpec, RunningPark};
pub use scenario::Scenario;
pub use world::World;
