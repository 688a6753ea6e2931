//! Copies the stores of a data folder while a station writes to them (`siskin backup`).
//!
//! Each file is copied as it was at one moment: a read transaction holds that moment while pages
//! are copied in steps with pauses between, so that the station's commits find the disk free. Their
//! journal grows meanwhile by what they write. The series comes last: whatever refers to batches of
//! readings (the ledger's mark, a mirror's cursor) must find them in the copy.
//!
//! Must never write to the stores, take the owner's place, or write over a file.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::error::failed;

/// Pages of 4 KiB that are copied in one step.
const STEP_PAGES: i32 = 128;
/// The shortest pause after a step; it is as long as the step took where that is longer.
const PAUSE_MIN: Duration = Duration::from_millis(2);
/// Steps after which what was written is brought to disk: one large fsync at the end would hold up
/// the station's own.
const STEPS_A_SYNC: u32 = 16;
/// How long the copy of a file may take. A read transaction that stays open keeps the journal from
/// becoming shorter.
const COPY_MAX: Duration = Duration::from_hours(4);
/// How long a statement waits for the station's checkpoint.
const BUSY_MAX: Duration = Duration::from_secs(5);
/// A folder with more databases is not one of Siskin's.
const FILES_MAX: usize = 16;

/// The databases in `dir` in the order in which they are copied: the ledger, others, the series.
pub fn files(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let folder = |source| StoreError::Folder { act: "list", path: dir.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(folder)? {
        let path = entry.map_err(folder)?.path();
        if path.extension().is_some_and(|end| end == "db") && found.len() < FILES_MAX {
            found.push(path);
        }
    }
    let (ledger, series) = (crate::ledger::KIND.file_name, crate::series::KIND.file_name);
    let rank = |path: &PathBuf| {
        let is = |name: &str| path.file_name().is_some_and(|file| file == name);
        (
            if is(ledger) {
                0
            } else if is(series) {
                2
            } else {
                1
            },
            path.clone(),
        )
    };
    found.sort_by_key(rank);
    for name in [ledger, series] {
        let path = dir.join(name);
        if !found.contains(&path) {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(StoreError::Folder { act: "find", path, source });
        }
    }
    Ok(found)
}

/// Copies one database to a path where nothing is; it is on disk when this returns. `tell` gets
/// the pages that are copied and all there are.
pub fn copy(from: &Path, to: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
    // Nobody else's file is written over.
    let made = File::options().write(true).create_new(true).open(to);
    let copy = made.map_err(|source| StoreError::Folder {
        act: "make the file",
        path: to.to_owned(),
        source,
    })?;
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|db| db.busy_timeout(BUSY_MAX).map(|()| db))
        .map_err(failed(from, "open the database for reading"))?;
    // Without it every commit of the station would make the copy begin anew.
    source
        .execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")
        .map_err(failed(from, "begin to read"))?;
    let mut target = Connection::open(to).map_err(failed(to, "open the copy"))?;
    target.pragma_update(None, "synchronous", "OFF").map_err(failed(to, "set up the copy"))?;
    pages(&source, &mut target, &copy, (from, to), tell)?;
    target.close().map_err(|(_, error)| failed(to, "close the copy")(error))?;
    copy.sync_all().map_err(|source| StoreError::Folder {
        act: "write to disk",
        path: to.to_owned(),
        source,
    })
}

fn pages(
    source: &Connection,
    target: &mut Connection,
    copy: &File,
    (from, to): (&Path, &Path),
    tell: &mut dyn FnMut(u64, u64),
) -> Result<(), StoreError> {
    let backup = Backup::new(source, target).map_err(failed(to, "begin the copy"))?;
    let began = Instant::now();
    for step in 1u32.. {
        let at = Instant::now();
        let result = backup.step(STEP_PAGES).map_err(failed(from, "copy pages"))?;
        let progress = backup.progress();
        let count = |n: i32| u64::try_from(n).unwrap_or(0);
        let total = count(progress.pagecount);
        tell(total.saturating_sub(count(progress.remaining)), total);
        if result == StepResult::Done {
            return Ok(());
        }
        if step % STEPS_A_SYNC == 0 {
            let synced = copy.sync_data();
            synced.map_err(|source| StoreError::Folder {
                act: "write to disk",
                path: to.to_owned(),
                source,
            })?;
        }
        if began.elapsed() > COPY_MAX {
            break;
        }
        thread::sleep(at.elapsed().max(PAUSE_MIN));
    }
    let source = std::io::Error::from(std::io::ErrorKind::TimedOut);
    Err(StoreError::Folder { act: "copy in time", path: from.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use siskin_model::{ChannelId, ChannelIndex, Quality, Reading, Timestamp, Unit};

    use super::*;
    use crate::{ChannelKey, Ledger, Series};

    #[test]
    fn a_copy_is_of_one_moment_while_the_owner_writes() {
        let (dir, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let id = ChannelId::new("a").unwrap();
        let key = ChannelKey { id, quantity: "chlorine".to_owned(), unit: Unit::Ppm };
        let series = Series::open(dir.path(), std::slice::from_ref(&key)).unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        let append = |from: i64, count: i64| {
            let readings = (from..from + count).map(|n| {
                let at = Timestamp::from_millis(n * 1000);
                Reading::new(ChannelIndex(0), at, at, Some(n as f64 / 7.0), Quality::Good)
            });
            ledger.set_mark(series.append(&readings.collect::<Vec<_>>()).unwrap());
            ledger.flush_mark().unwrap();
        };
        append(0, 100_000);
        append(100_000, 100_000);
        let mut next = 200_000;
        let mut steps = 0;
        for from in files(dir.path()).unwrap() {
            let target = to.path().join(from.file_name().unwrap());
            // The owner goes on between any two steps, and the copy comes to its end.
            let mut tell = |_, _| {
                append(next, 1);
                next += 1;
                steps += 1;
            };
            copy(&from, &target, &mut tell).unwrap();
            let error = copy(&from, &target, &mut |_, _| {}).unwrap_err().to_string();
            assert!(error.contains("cannot make the file"), "{error}");
        }
        assert!(steps > 3, "{steps}");
        let checked = crate::verify::verify(to.path()).unwrap();
        assert!(checked.is_clean(), "{checked:?}");
        let readings = checked.files.iter().map(|file| file.readings).sum::<u64>();
        // The ledger's one step came before the series began to be copied.
        assert_eq!(readings, 200_001);
        let names = files(dir.path()).unwrap();
        assert!(names[0].ends_with("ledger.db") && names[1].ends_with("series.db"));
    }
}
