//! The way up: what Siskin, as a data logger (数采仪), sends to a bureau's centre and how it
//! answers the centre's commands.
//!
//! Pure. Must never make a number of a reading that has none, send a period without valid readings
//! as a number, or set a clock: a command that wants one is answered with how far off it is.
//!
//! [`figure`] computes means and flags, [`upload`] writes contents, [`command`] reads what a centre
//! says, [`answer`] writes what it is told.

pub mod answer;
pub mod command;
pub mod exact;
pub mod figure;
pub mod period;
pub mod upload;
