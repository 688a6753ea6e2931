//! Looks through an export, without the ledger that it came from.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::chain::AuditEntry;
use super::check::{
    AuditChecked, AuditFault, AuditNote, AuditWitness, FAULTS_LISTED_MAX, Faults, Heard, compare,
};
use super::checkpoint::AuditCheckpoint;
use super::export::Line;
use crate::StoreError;

/// A longer line is none of ours: an entry has what one person did at once.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// What stands in an export beside its entries.
#[derive(Default)]
struct Beside {
    checkpoints: Vec<AuditCheckpoint>,
    faults: Faults,
    entries: u64,
    end: Option<(u64, u64)>,
}

/// Looks through an export.
pub fn check_export(path: &Path, witness: &AuditWitness) -> Result<AuditChecked, StoreError> {
    let mut beside = Beside::default();
    read(path, &mut |number, line| {
        let told = beside.take(line);
        if let Err(why) = told {
            let file = path.to_owned();
            beside.faults.tell(AuditFault::Line { file, line: number, why });
        }
        true
    })?;
    let Beside { checkpoints, mut faults, entries, end } = beside;
    if end != Some((entries, checkpoints.len() as u64)) {
        faults.tell(AuditFault::Cut { file: path.to_owned() });
    }
    let walk = |take: &mut dyn FnMut(AuditEntry) -> bool| {
        read(path, &mut |_, line| match line {
            Ok(Line::Entry(line)) => line.entry().is_none_or(&mut *take),
            _ => true,
        })
    };
    let (mut checked, _) = compare(&walk, &checkpoints, Heard::read(None, witness)?)?;
    checked.notes.push(AuditNote::NoEvents);
    checked.fault_count += faults.count;
    checked.faults.extend(faults.listed);
    checked.faults.truncate(FAULTS_LISTED_MAX);
    Ok(checked)
}

impl Beside {
    fn take(&mut self, line: Result<Line, String>) -> Result<(), String> {
        if self.end.is_some() {
            return Err("it is behind the end".to_owned());
        }
        match line? {
            Line::Entry(line) => {
                self.entries += 1;
                if !self.checkpoints.is_empty() {
                    return Err("an entry does not come behind a checkpoint".to_owned());
                }
                line.entry().map(drop).ok_or("`at` is not the moment of `at_ms`".to_owned())
            }
            Line::Checkpoint(checkpoint) => {
                let last = self.checkpoints.last();
                if last.is_some_and(|last| last.number >= checkpoint.number) {
                    return Err(format!("checkpoint {} is not in its place", checkpoint.number));
                }
                self.checkpoints.push(checkpoint);
                Ok(())
            }
            Line::End { entries, checkpoints } => {
                self.end = Some((entries, checkpoints));
                Ok(())
            }
        }
    }
}

/// Gives every line with its number, until `take` says false.
fn read(
    path: &Path,
    take: &mut dyn FnMut(u64, Result<Line, String>) -> bool,
) -> Result<(), StoreError> {
    let folder = |source| StoreError::Folder { act: "read", path: path.to_owned(), source };
    let mut source = BufReader::new(File::open(path).map_err(folder)?);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        (&mut source).take(LINE_BYTES_MAX).read_until(b'\n', &mut line).map_err(folder)?;
        if line.is_empty() || !take(number, parse(&line)) {
            break;
        }
    }
    Ok(())
}

/// A line, which must be written as we write it: an edit that a parser forgives is one too.
fn parse(line: &[u8]) -> Result<Line, String> {
    let text = line.strip_suffix(b"\n").ok_or("it has no end")?;
    let read: Line = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let written = serde_json::to_vec(&read).map_err(|error| error.to_string())?;
    if written == text { Ok(read) } else { Err("it is not written as Siskin writes it".to_owned()) }
}
