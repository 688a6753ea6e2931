//! The limit of a spool and a disk that is full: what gives way, counted and noted. Never the
//! newest.
//!
//! Making room takes a little room itself: a new segment, the notes. A small file is kept for that,
//! given up when the disk has nothing left, and made again as soon as there is something.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use siskin_wire::link::{GapCause, Row, columns};

use super::disk::{Segment, Spool, THINNED};
use super::notes::{failed, replace};
use super::segment::{MARK, Record, scan};
use super::{Policy, SpoolError, thin};

/// The file that is given up on a full disk.
const RESERVE: &str = "reserve";
/// Its size: a few blocks of any file system.
const RESERVE_BYTES: u64 = 16 << 10;

impl Spool {
    /// Makes the limit hold after `need` more bytes.
    pub(super) fn make_room(&mut self, need: u64) -> Result<(), SpoolError> {
        while self.bytes() + need > self.settings.bytes_max {
            if !self.give_way()? {
                break;
            }
        }
        Ok(())
    }

    /// Makes the spool smaller by one step of its policy; says whether it could.
    pub fn give_way(&mut self) -> Result<bool, SpoolError> {
        if self.closed.is_empty() {
            if self.active.readings == 0 {
                return Ok(false);
            }
            if self.rotate().is_err() {
                give_reserve(&self.settings.folder);
                self.rotate()?;
            }
        }
        if self.settings.policy == Policy::Thin
            && let Some(at) = self.closed.iter().position(|s| !s.is_thin)
            && self.thin_one(at).is_ok()
        {
            return Ok(true);
        }
        self.drop_oldest()?;
        keep_reserve(&self.settings.folder);
        Ok(true)
    }

    fn drop_oldest(&mut self) -> Result<(), SpoolError> {
        let Some(segment) = self.closed.front().cloned() else { return Ok(()) };
        let unsent = |r: &Record| !self.acked.contains(r.seq);
        let lost: Option<u64> = read(&segment).ok().map(|records| {
            records.iter().filter(|r| unsent(r)).map(|r| u64::from(r.readings)).sum()
        });
        let readings = lost.unwrap_or(segment.readings);
        let before = self.notes.clone();
        self.lost(&segment, readings, GapCause::SpoolFull);
        if let Err(error) = removed(&segment.path) {
            // It is still there and is dropped another time: it must not be counted twice.
            self.notes = before;
            self.notes_changed = true;
            return Err(error);
        }
        self.closed.pop_front();
        self.acked.insert(segment.range());
        Ok(())
    }

    fn thin_one(&mut self, at: usize) -> Result<(), SpoolError> {
        let Some(segment) = self.closed.get(at).cloned() else { return Ok(()) };
        let mut records = read(&segment)?;
        if records.iter().map(|r| u64::from(r.readings)).sum::<u64>() < segment.readings {
            // What is behind the damage would be gone and not counted; dropping it counts it.
            let path = segment.path.display().to_string();
            return Err(SpoolError::Foreign { path, why: "it is damaged".into() });
        }
        let mut batches = Vec::with_capacity(records.len());
        for record in &records {
            let is_wanted = !self.acked.contains(record.seq);
            batches.push(if is_wanted { columns::decode(&record.batch)? } else { Vec::new() });
        }
        let kept = thin::thin(&batches, &self.highs());
        let count = |all: &[Vec<Row>]| all.iter().map(Vec::len).sum::<usize>() as u64;
        let lost = count(&batches) - count(&kept);
        let mut small = Segment { is_thin: true, readings: 0, bytes: 0, ..segment.clone() };
        small.path.set_extension(THINNED);
        let mut bytes = MARK.to_vec();
        for (record, rows) in records.iter_mut().zip(&kept) {
            record.batch = columns::encode(rows)?;
            record.readings = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            record.write_to(&mut bytes);
            small.readings += u64::from(record.readings);
        }
        small.bytes = bytes.len() as u64;
        let name = small.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let before = self.notes.clone();
        self.lost(&segment, lost, GapCause::Thinned);
        if let Err(error) = swap(&self.settings.folder, name, &bytes, &segment.path) {
            // It is still whole and gives way another time: it must not be counted twice.
            self.notes = before;
            self.notes_changed = true;
            return Err(error);
        }
        if let Some(place) = self.closed.get_mut(at) {
            *place = small;
        }
        // What is told as gone must not be sent from memory either.
        self.recent.retain(|(_, r)| !(segment.first..segment.until).contains(&r.seq));
        self.edition += 1;
        Ok(())
    }

    fn highs(&self) -> BTreeMap<u32, f64> {
        let high = |(place, id)| Some((place, *self.settings.highs.get(id)?));
        (0u32..).zip(&self.notes.channels).filter_map(high).collect()
    }
}

/// Puts `bytes` as `name` in the place of the file `old`: the one or the other.
fn swap(folder: &Path, name: &str, bytes: &[u8], old: &Path) -> Result<(), SpoolError> {
    replace(folder, name, bytes)?;
    removed(old).inspect_err(|_| {
        // Where this fails too, the next start takes the new one and deletes the old.
        let _still_there = fs::remove_file(folder.join(name));
    })
}

/// Deletes a file; that it is gone already is no failure.
fn removed(path: &Path) -> Result<(), SpoolError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("delete", path)(error)),
        _ => Ok(()),
    }
}

/// Makes the file that is given up on a full disk, where there is none of its size.
pub(super) fn keep_reserve(folder: &Path) {
    let path = folder.join(RESERVE);
    let is_there = fs::metadata(&path).is_ok_and(|file| file.len() == RESERVE_BYTES);
    if is_there {
        return;
    }
    let bytes = vec![0; usize::try_from(RESERVE_BYTES).unwrap_or_default()];
    if fs::write(&path, bytes).is_err() {
        // Half of it would only be in the way.
        give_reserve(folder);
    }
}

/// Gives its blocks back to the disk.
pub(super) fn give_reserve(folder: &Path) {
    let _not_there = fs::remove_file(folder.join(RESERVE));
}

/// The sound records of a segment.
pub(super) fn read(segment: &Segment) -> Result<Vec<Record>, SpoolError> {
    let bytes = fs::read(&segment.path).map_err(failed("read", &segment.path))?;
    Ok(scan(&bytes).records)
}
