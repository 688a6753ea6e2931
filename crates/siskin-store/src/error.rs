//! What can go wrong with a store file, with the file's path and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use siskin_model::Timestamp;

/// Why the store did not do what it was asked; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error(
        "cannot {act} `{path}`; \
         hint: the data folder must exist on a writable disk and belong to the service's user"
    )]
    Folder {
        /// What was attempted.
        act: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has the file open.
    #[error(
        "`{path}` is used by another process; \
         hint: stop the other station, or give this one a data folder of its own"
    )]
    InUse {
        /// The store file.
        path: PathBuf,
    },
    /// SQLite refused.
    #[error("cannot {act} in `{path}`; hint: {hint}")]
    Database {
        /// What was attempted.
        act: &'static str,
        /// In which file.
        path: PathBuf,
        /// What to do.
        hint: &'static str,
        /// Why.
        source: rusqlite::Error,
    },
    /// The file belongs to something else.
    #[error(
        "`{path}` is an SQLite file, but not one of Siskin's {kind}; \
         hint: move it away, or name another data folder"
    )]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What was expected.
        kind: &'static str,
    },
    /// A later Siskin wrote the file.
    #[error(
        "`{path}` has format {found}, and this Siskin knows formats up to {known}; \
         hint: install the Siskin that wrote it, or a later one"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format this build reads.
        known: i64,
    },
    /// Something in the file is not what was written.
    #[error(
        "{what} in `{path}` is damaged: {why}; \
         hint: keep the file, check the disk, and restore the last backup beside it"
    )]
    Damaged {
        /// Which part of it.
        what: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A channel means something else than it did.
    #[error(
        "channel `{id}` was `{was}` in `{path}` and is now `{is}`; \
         hint: give the changed channel a new id, old and new values must not share a curve"
    )]
    ChannelChanged {
        /// The channel.
        id: String,
        /// Quantity and unit on file.
        was: String,
        /// Quantity and unit in the site.
        is: String,
        /// The file.
        path: PathBuf,
    },
    /// Two channels of the site have the same id.
    #[error("channel `{0}` is listed twice; hint: ids of channels are unique in a site")]
    ChannelTwice(String),
    /// No channel at this place.
    #[error(
        "there is no channel number {index}, the series was opened with {channels}; \
         hint: open the series with the channels of the running site"
    )]
    ChannelUnknown {
        /// The place that was asked for.
        index: u32,
        /// How many channels there are.
        channels: usize,
    },
    /// More readings than one batch may have.
    #[error("a batch of {count} readings is over the limit of {max}; hint: append it in parts")]
    BatchTooLong {
        /// How many were given.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// Too many readings wait for the hourly roll.
    #[error(
        "{count} readings wait in `{path}` to be rolled into chunks, the limit is {max}; \
         hint: the station does not roll or does not judge any more, restart it; \
         the sources keep what was not acknowledged"
    )]
    RollOverdue {
        /// How many wait.
        count: usize,
        /// The limit.
        max: usize,
        /// The file.
        path: PathBuf,
    },
    /// More steps than one answer may have.
    #[error("the answer has over {max} steps; hint: ask for a shorter span or longer steps")]
    TooManyBuckets {
        /// The limit.
        max: usize,
    },
    /// More days than one question may span.
    #[error("the span is over {max} days; hint: ask for it in parts")]
    TooManyDays {
        /// The limit.
        max: i64,
    },
    /// Finer steps than what is left of a day.
    #[error(
        "of the day of {from} only {left} are kept; \
         hint: ask for steps of whole {left}, or for a later begin"
    )]
    TooFine {
        /// The begin of what was asked of that day.
        from: Timestamp,
        /// The finest resolution left.
        left: &'static str,
    },
    /// Completeness by hour means nothing at this period.
    #[error(
        "a reading every `{period_ms}` ms cannot be counted by the hour; \
         hint: give the time between two readings, 1 to 3600000 ms"
    )]
    Period {
        /// The period that was asked for.
        period_ms: i64,
    },
    /// Numbers could not be compressed.
    #[error("cannot compress {what}: {why}; hint: report this, with the file if possible")]
    Compress {
        /// Which numbers.
        what: &'static str,
        /// The compressor's words.
        why: String,
    },
    /// An event could not be written as JSON.
    #[error("cannot write an event as JSON; hint: report this, with the event if possible")]
    Json {
        /// Why.
        source: serde_json::Error,
    },
}

/// Turns an SQLite error into ours; for `map_err`.
pub(crate) fn failed(path: &Path, act: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |source| match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged {
            what: "the database".to_owned(),
            path: path.to_owned(),
            why: source.to_string(),
        },
        code => StoreError::Database { act, path: path.to_owned(), hint: hint(code), source },
    }
}

fn hint(code: Option<ErrorCode>) -> &'static str {
    match code {
        Some(ErrorCode::DiskFull) => "the disk is full, free space on it",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program holds the file, close it"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "the folder and its files must belong to the service's user"
        }
        Some(ErrorCode::SystemIoFailure) => "the disk reports errors, check it and its cable",
        _ => "look at the cause; the file itself was not changed",
    }
}
