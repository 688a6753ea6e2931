//! What Siskin remembers: the series of readings ([`series`]) and the ledger of alarms, warnings
//! and acts ([`ledger`]), each in an SQLite file of its own; and, with the feature `mirror`, a
//! copy of both in a time series database that people have already.
//!
//! Carries invariant 5 (no acknowledged reading is lost: a write is on disk when it returns) and
//! the first half of invariant 4 (a transition is on disk before anyone is told of it). Must never
//! judge a reading, read a clock (`now` is an argument) or hand out a body whose checksum is wrong.
//!
//! Calls block on the disk: run them off the async threads. A failed write is an error, never a
//! silent drop, and may simply be repeated.

pub mod backup;
mod body;
mod error;
mod file;
mod journal;
pub mod ledger;
#[cfg(feature = "mirror")]
pub mod mirror;
pub mod series;
pub mod uplink;
pub mod verify;

pub use error::StoreError;
pub use ledger::{Committed, Ledger, LedgerEvent, Step};
pub use series::{
    Air, Bucket, BucketStep, ChannelKey, CompactReport, DamagedHour, Gap, Gaps, Heard,
    HourCompleteness, Readable, RollReport, Series, SeriesRead, SeriesStore, TrimReport,
};
