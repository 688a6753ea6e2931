//! The operator's tools on the stores of a data folder: look through, repair, back up, restore.
//!
//! Must never write over a file, and never keep a running station from its work.

pub(crate) mod args;
mod backup;
pub(crate) mod csv_out;
pub(crate) mod export;
mod import;
mod manifest;
mod noted;
mod parquet_out;
mod progress;
mod restore;
mod verify;
mod words;

pub(crate) use backup::backup;
pub(crate) use export::export;
pub(crate) use import::import;
pub(crate) use restore::restore;
pub(crate) use verify::verify;
