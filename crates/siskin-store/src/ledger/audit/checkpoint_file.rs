//! Checkpoints as lines of JSON in a file beside the ledger, for copies that are kept elsewhere.
//!
//! The table of the ledger is what counts at the station; whoever can change it can change this
//! file too. A copy elsewhere is what makes a cut-off tail and a ledger written anew visible. Must
//! never take a line back.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::checkpoint::AuditCheckpoint;
use super::key::{free_name, sync_folder};
use crate::StoreError;

/// The file's name in the data folder.
pub const CHECKPOINTS_FILE: &str = "audit-checkpoints.ndjson";
/// A longer line is none of ours.
pub(super) const LINE_BYTES_MAX: usize = 64 * 1024;

/// What a file of checkpoints holds.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// In order of the file.
    pub(super) checkpoints: Vec<AuditCheckpoint>,
    /// The first line that is none, and why.
    pub(super) bad: Option<(u64, String)>,
    /// The last line has no end: it was being written, or is cut.
    pub(super) is_torn: bool,
    /// Bytes of the whole lines.
    pub(super) whole_bytes: u64,
}

fn folder(act: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Folder { act, path, source }
}

/// Reads a file of checkpoints; none where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Lines>, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(folder("read", path)(error)),
    };
    let mut lines = Lines::default();
    let mut source = BufReader::new(file);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let limit = LINE_BYTES_MAX as u64;
        let bytes = std::io::Read::take(&mut source, limit).read_until(b'\n', &mut line);
        let bytes = bytes.map_err(folder("read", path))?;
        let Some(text) = line.strip_suffix(b"\n") else {
            lines.is_torn = bytes > 0;
            break;
        };
        lines.whole_bytes += bytes as u64;
        match parse(text) {
            Ok(checkpoint) => lines.checkpoints.push(checkpoint),
            Err(why) => lines.bad = lines.bad.or(Some((number, why))),
        }
    }
    Ok(Some(lines))
}

/// A line, which must be written as we write it: an edit that a parser forgives is one too.
fn parse(text: &[u8]) -> Result<AuditCheckpoint, String> {
    let read: AuditCheckpoint = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let written = serde_json::to_vec(&read).map_err(|error| error.to_string())?;
    if written == text { Ok(read) } else { Err("it is not written as Siskin writes it".to_owned()) }
}

/// The file that a station appends to.
#[derive(Debug)]
pub(super) struct CheckpointFile {
    path: PathBuf,
    file: File,
    /// The newest checkpoint in it.
    pub(super) newest: i64,
}

/// How a file was found whose newest checkpoint the ledger does not have.
#[derive(Debug)]
pub(super) struct Differs {
    pub(super) newest: i64,
    pub(super) kept: PathBuf,
}

impl CheckpointFile {
    /// Opens or makes the file in `dir`. One that says something else than `in_ledger` does is kept
    /// under another name, and a new one begun.
    pub(super) fn open(
        dir: &Path,
        in_ledger: impl Fn(i64) -> Result<Option<AuditCheckpoint>, StoreError>,
    ) -> Result<(Self, Option<Differs>), StoreError> {
        let path = dir.join(CHECKPOINTS_FILE);
        let lines = read(&path)?.unwrap_or_default();
        let newest = lines.checkpoints.last();
        let number = newest.map_or(0, |newest| newest.number);
        let agrees = match newest {
            None => true,
            Some(newest) => in_ledger(number)?.as_ref() == Some(newest),
        };
        let mut differs = None;
        if !agrees || lines.bad.is_some() {
            let kept = free_name(&path, "kept")?;
            fs::rename(&path, &kept).map_err(folder("keep", &kept))?;
            differs = Some(Differs { newest: number, kept });
        }
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.map_err(folder("write", &path))?;
        if differs.is_none() && lines.is_torn {
            // Half a line of a crash; the ledger has the whole checkpoint.
            file.set_len(lines.whole_bytes).map_err(folder("write", &path))?;
        }
        sync_folder(&path)?;
        let newest = if differs.is_some() { 0 } else { number };
        Ok((Self { path, file, newest }, differs))
    }

    /// Appends; on disk when it returns. After an error the file is to be opened anew.
    pub(super) fn append(&mut self, made: &[AuditCheckpoint]) -> Result<(), StoreError> {
        let mut text = Vec::new();
        for checkpoint in made {
            serde_json::to_writer(&mut text, checkpoint)
                .map_err(|source| StoreError::Json { source })?;
            text.push(b'\n');
        }
        let write = |file: &mut File| {
            file.write_all(&text)?;
            file.sync_data()
        };
        write(&mut self.file).map_err(folder("write", &self.path))?;
        self.newest = made.last().map_or(self.newest, |made| made.number);
        Ok(())
    }
}
