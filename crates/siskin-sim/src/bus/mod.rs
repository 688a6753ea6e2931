//! A simulated field bus: many slaves on one line, over RTU or Modbus TCP, each with faults that
//! begin and end at set moments.
//!
//! The frames are written here a second time and share no code with those that read them. What a
//! slave does depends on the time since the bus began, on nothing random; all waiting goes
//! through tokio's clock, so that tests may pause it. Only reading is answered.
//!
//! [`slave`] says what a slave is and does, [`mod@line`] serves a stream of bytes, [`port`] opens
//! TCP
//! ports and pseudo-terminals.

pub mod frame;
pub mod line;
pub mod port;
mod reply;
pub mod slave;

pub use frame::Framing;
pub use line::{Asked, Bus};
pub use slave::{Fault, Slave, Spell};
