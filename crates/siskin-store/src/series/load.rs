//! What memory holds of a file that is opened.
//!
//! One bad batch, chunk or page must not keep a station from watching: it is put aside or passed
//! over, counted and logged, and the rest is read.

use super::batch;
use super::begun::Begun;
use super::channels::Channels;
use super::chunks::{Chunks, is_damage};
use super::columns::Columns;
use super::tables;
use crate::StoreError;
use crate::file::StoreFile;

/// Where a page of the batches cannot be read, so many of the newest numbers are tried one by one;
/// ten hours of batches of half a second are as many.
const NUMBERS_TRIED: u64 = 72_000;

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
    begun: Option<&'a Begun>,
    bad: Vec<Bad>,
    newest_taken: u64,
}

impl Loading<'_> {
    fn take(&mut self, seq: u64, body: &[u8]) {
        self.newest_taken = seq;
        match batch::decode(body) {
            Ok(entries) => self.columns.restore(seq, entries, self.begun),
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

/// What memory holds of the file, and how many batches could not be read.
pub(super) fn columns(
    file: &StoreFile,
    channels: &Channels,
    begun: Option<&Begun>,
) -> Result<(Columns, u64), StoreError> {
    let act = "load the readings of the last hours";
    let newest = tables::newest_seq(&file.reader()).map_err(file.failed(act))?;
    let columns = Columns::new(newest);
    let mut loading = Loading { columns, begun, bad: Vec::new(), newest_taken: 0 };
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
    Ok((loading.columns, aside + unreadable))
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

fn load_last(file: &StoreFile, row: u32, columns: &mut Columns) -> Result<(), StoreError> {
    let newest = tables::newest_hours(&file.reader(), row);
    let hours = match newest {
        Ok(Some(hours)) => hours,
        Ok(None) => return Ok(()),
        Err(error) if is_damage(&error) => {
            let path = file.path().display();
            tracing::error!(row, %error, file = %path, "the chunks of a channel cannot be found");
            return Ok(());
        }
        Err(error) => return Err(file.failed("find the newest chunk")(error)),
    };
    let chunks = Chunks { path: file.path(), db: file.reader_lock() };
    let found = chunks.found(row, hours)?;
    found.points.into_iter().for_each(|point| columns.seen(row, point));
    for (hour, why) in found.damaged {
        tracing::error!(row, hour, why, "the newest chunk of a channel is damaged");
    }
    Ok(())
}

fn log_loaded(file: &StoreFile, columns: &Columns) {
    tracing::info!(
        file = %file.path().display(),
        newest_seq = columns.newest_seq(),
        readings_open = columns.count(),
        "the series is open"
    );
}
