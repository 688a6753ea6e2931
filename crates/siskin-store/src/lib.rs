//! What Siskin remembers: the series of readings ([`series`]) and the ledger of alarms, warnings
//! and acts ([`ledger`]), each in an SQLite file of its own.
//!
//! Carries invariant 5 (no acknowledged reading is lost: a write is on disk when it returns) and
//! the first half of invariant 4 (a transition is on disk before anyone is told of it). Must never
//! judge a reading, read a clock (`now` is an argument) or hand out a body whose checksum is wrong.
//!
//! Calls block on the disk: run them off the async threads. A failed write is an error, never a
//! silent drop, and may simply be repeated.

mod body;
mod error;
mod file;
mod journal;
pub mod ledger;
pub mod series;

pub use error::StoreError;
pub use ledger::{Committed, Ledger, LedgerEvent, Step};
pub use series::{
    Air, Bucket, BucketStep, ChannelKey, DamagedHour, Gap, Gaps, HourCompleteness, Readable,
    RollReport, Series, SeriesRead, SeriesStore,
};
