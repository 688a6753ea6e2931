//! Lines over memory with paused time: every wait is exact, none is real.

pub(super) mod bench;
mod bus;
mod faults;
mod schedule;
