//! What memory holds of a file that is opened.
//!
//! One bad batch, chunk or page must not keep a station from watching: it is put aside or passed
//! over, counted and logged, and the rest is read.

use std::collections::BTreeSet;

use super::batch;
use super::begun::Begun;
use super::channels::Channels;
use super::chunks::{Chunks, is_damage};
use super::columns::Columns;
use super::newest::{self, Drilled};
use super::roll::hour_of;
use super::tables;
use crate::StoreError;
use crate::file::StoreFile;

/// Where a page of the batches cannot be read, so many of the newest numbers are tried one by one;
/// ten hours of batches of half a second are as many.
const NUMBERS_TRIED: u64 = 72_000;
/// Hours of nothing but an exercise that are looked behind for what was measured last; a channel
/// that has more has none until it speaks again.
const HOURS_OF_DRILL_MAX: usize = 200;
const LAST_DAMAGED: &str = "the newest reading deleted of a channel is damaged";

/// A batch that cannot be used.
#[derive(Debug)]
struct Bad {
    seq: u64,
    why: String,
    /// Its bytes can be read and kept for people to look at.
    has_body: bool,
}

/// What was read so far.
#[derive(Debug)]
struct Loading<'a> {
    columns: Columns,
    drilled: Drilled,
    begun: Option<&'a Begun>,
    bad: Vec<Bad>,
    newest_taken: u64,
}

impl Loading<'_> {
    fn take(&mut self, seq: u64, body: &[u8]) {
        self.newest_taken = seq;
        match batch::decode(body) {
            Ok(entries) => {
                self.drilled.note(&self.columns, &entries);
                self.columns.restore(seq, entries, self.begun);
            }
            Err(why) => self.bad.push(Bad { seq, why: why.to_string(), has_body: true }),
        }
    }

    /// A page is damaged: the batches that do not lie on it are read all the same. Of the numbers
    /// that cannot be read some may not have been there any more.
    fn one_by_one(&mut self, file: &StoreFile, newest: u64) -> Result<(), StoreError> {
        let first = self.newest_taken.max(newest.saturating_sub(NUMBERS_TRIED)) + 1;
        for seq in first..=newest {
            let body = tables::batch(&file.reader(), seq);
            match body {
                Ok(Some(body)) => self.take(seq, &body),
                Ok(None) => {}
                Err(error) if is_damage(&error) => {
                    self.bad.push(Bad { seq, why: error.to_string(), has_body: false });
                }
                Err(error) => return Err(file.failed("read batches")(error)),
            }
        }
        Ok(())
    }
}

/// What memory holds of the file.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) columns: Columns,
    pub(super) drilled: Drilled,
    /// How many batches could not be read.
    pub(super) batches_damaged: u64,
}

/// Reads what memory holds of the file.
pub(super) fn columns(
    file: &StoreFile,
    channels: &Channels,
    begun: Option<&Begun>,
) -> Result<Loaded, StoreError> {
    let act = "load the readings of the last hours";
    let newest = tables::newest_seq(&file.reader()).map_err(file.failed(act))?;
    let columns = Columns::new(newest);
    let (drilled, bad) = (Drilled::default(), Vec::new());
    let mut loading = Loading { columns, drilled, begun, bad, newest_taken: 0 };
    for (_, row) in channels.rows() {
        load_last(file, row, &mut loading.columns)?;
    }
    let read = tables::each_batch_after(&file.reader(), 0, |seq, body| loading.take(seq, body));
    match read {
        Err(error) if is_damage(&error) => loading.one_by_one(file, newest)?,
        read => read.map_err(file.failed(act))?,
    }
    let unreadable = put_bad_aside(file, &loading.bad)?;
    log_loaded(file, &loading.columns);
    let aside = tables::count_aside(&file.reader()).map_err(file.failed(act))?;
    let Loading { columns, drilled, .. } = loading;
    Ok(Loaded { columns, drilled, batches_damaged: aside + unreadable })
}

/// Gives how many have nothing that could be put aside.
fn put_bad_aside(file: &StoreFile, bad: &[Bad]) -> Result<u64, StoreError> {
    let mut unreadable = 0;
    for one in bad {
        let (seq, why, path) = (one.seq, &one.why, file.path().display());
        tracing::error!(seq, why, file = %path, "a batch is damaged and is passed over");
        if one.has_body {
            put_aside(file, seq).map_err(file.failed("put a batch aside"))?;
        } else {
            unreadable += 1;
        }
    }
    Ok(unreadable)
}

fn put_aside(file: &StoreFile, seq: u64) -> rusqlite::Result<()> {
    let mut writer = file.writer();
    let transaction = writer.transaction()?;
    tables::put_aside(&transaction, seq)?;
    transaction.commit()
}

/// The roll that was not finished. A mark that cannot be read is told and passed over: the readings
/// that it spoke of are rolled once more, into further parts, where they do no harm.
pub(super) fn roll_begun(file: &StoreFile) -> Result<Option<Begun>, StoreError> {
    let body = tables::roll_begun(&file.reader()).map_err(file.failed("find the last roll"))?;
    let Some(body) = body else { return Ok(None) };
    match Begun::decode(&body) {
        Ok(begun) => Ok(Some(begun)),
        Err(why) => {
            let path = file.path().display();
            tracing::error!(%why, file = %path, "the mark of an unfinished roll is damaged");
            Ok(None)
        }
    }
}

/// What was measured last in a channel: of its chunks, or of what was deleted.
fn load_last(file: &StoreFile, row: u32, columns: &mut Columns) -> Result<(), StoreError> {
    match newest::of_deleted(&file.reader(), row) {
        Ok(Some(Ok(point))) => columns.seen(row, point),
        Ok(None) => {}
        Ok(Some(Err(why))) => tracing::error!(row, %why, "{LAST_DAMAGED}"),
        Err(error) if is_damage(&error) => tracing::error!(row, %error, "{LAST_DAMAGED}"),
        Err(error) => return Err(file.failed("read the newest reading deleted")(error)),
    }
    let (mut before, mut of_drill) = (i64::MAX, 0);
    while of_drill < HOURS_OF_DRILL_MAX {
        let Some(hours) = newest_hours(file, row, before)? else { return Ok(()) };
        let chunks = Chunks { path: file.path(), db: file.reader_lock() };
        let found = chunks.found(row, hours)?;
        let is_damaged = !found.damaged.is_empty();
        for (hour, why) in found.damaged {
            tracing::error!(row, hour, why, "the newest chunk of a channel is damaged");
        }
        // A packed day counts as those of its hours that have readings.
        let of_found: BTreeSet<_> = found.points.iter().map(|p| hour_of(p.measured_at)).collect();
        of_drill += of_found.len().max(1);
        let last = newest::measured_last(found.points);
        if let Some(point) = last {
            columns.seen(row, point);
        }
        if last.is_some() || is_damaged {
            return Ok(());
        }
        before = hours.0;
    }
    Ok(())
}

/// The newest hours of a channel before `before` that have readings.
fn newest_hours(file: &StoreFile, row: u32, before: i64) -> Result<Option<(i64, i64)>, StoreError> {
    let found = {
        let db = file.reader();
        let read = || tables::newest_hours(&*db.unchecked_transaction()?, row, before);
        read()
    };
    match found {
        Err(error) if is_damage(&error) => {
            let path = file.path().display();
            tracing::error!(row, %error, file = %path, "the chunks of a channel cannot be found");
            Ok(None)
        }
        found => found.map_err(file.failed("find the newest chunk")),
    }
}

fn log_loaded(file: &StoreFile, columns: &Columns) {
    tracing::info!(
        file = %file.path().display(),
        newest_seq = columns.newest_seq(),
        readings_open = columns.count(),
        "the series is open"
    );
}
