//! Lines over memory with paused time: every wait is exact, none is real.

mod bench;
mod faults;
mod schedule;
