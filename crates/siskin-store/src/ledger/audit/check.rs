//! Compares the audit, its checkpoints, their copies and the events with each other.
//!
//! Reads only. Must never say that something is sound that was not compared with anything: what no
//! checkpoint covers yet is counted.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::checkpoint::{self, AuditCheckpoint};
use super::checkpoint_file::{self, CHECKPOINTS_FILE, Lines};
use super::classify::{self, Walk};
use super::events::{self, Wrong};
use super::{PublicKey, chain};
use crate::StoreError;
use crate::error::failed;

/// Faults that are listed; what is beyond them is counted.
pub const FAULTS_LISTED_MAX: usize = 100;
const ACT: &str = "look through the audit";

/// One thing that is not as it was written. Numbers are those of entries, events and checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditFault {
    /// A field of an entry is another one.
    Edited { entry: i64 },
    /// The hash of an entry is another one, its fields are not.
    HashEdited { entry: i64 },
    /// Entries are missing.
    Removed { from: i64, to: i64 },
    /// An entry was put in.
    Inserted { entry: i64 },
    /// An entry is not in its place.
    Moved { entry: i64 },
    /// Entries were written anew with all their hashes: a checkpoint signed others.
    Rewritten { from: i64, to: i64, checkpoint: i64 },
    /// A checkpoint is not what was signed.
    CheckpointEdited { checkpoint: i64 },
    /// A checkpoint is missing.
    CheckpointRemoved { checkpoint: i64 },
    /// A checkpoint does not follow the one before it.
    CheckpointMoved { checkpoint: i64 },
    /// A copy has another checkpoint of this number, and both are signed.
    CheckpointDiffers { checkpoint: i64 },
    /// A checkpoint is signed by a key that is none of those given.
    CheckpointForeign { checkpoint: i64, key: PublicKey },
    /// An event is another one.
    EventEdited { event: i64 },
    /// An event is missing.
    EventRemoved { event: i64 },
    /// An event was put in.
    EventInserted { event: i64 },
    /// Events are others; which ones cannot be told.
    EventsEdited { from: i64, to: i64 },
    /// A line of a file is not one that Siskin writes.
    Line { file: PathBuf, line: u64, why: String },
    /// A file of checkpoints lacks one.
    LineRemoved { file: PathBuf, checkpoint: i64 },
    /// An export has no end: lines are missing.
    Cut { file: PathBuf },
}

/// Something to know that is no fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditNote {
    /// Nothing is signed yet.
    NoCheckpoint,
    /// From this checkpoint on another key signed.
    OtherKey { checkpoint: i64, key: PublicKey },
    /// There is no file of checkpoints beside the ledger: as in a backup.
    NoFile,
    /// The last line of a file was not written to its end.
    TornLine { file: PathBuf },
    /// An export has no events; they are compared in the data folder only.
    NoEvents,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditChecked {
    /// Entries that there are.
    pub entries: u64,
    /// Checkpoints that there are.
    pub checkpoints: u64,
    /// Events that were compared with a checkpoint.
    pub events: u64,
    /// Entries after the newest checkpoint: chained, not signed yet.
    pub entries_unsigned: u64,
    /// Events after the newest checkpoint: nothing to compare them with yet.
    pub events_unsigned: u64,
    /// The first of what is wrong: entries, then checkpoints, then events.
    pub faults: Vec<AuditFault>,
    /// How much is wrong.
    pub fault_count: u64,
    /// What to know beside.
    pub notes: Vec<AuditNote>,
}

impl AuditChecked {
    /// Nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.fault_count == 0
    }
}

/// What was kept elsewhere.
#[derive(Debug, Clone, Default)]
pub struct AuditWitness {
    /// A copy of the file of checkpoints.
    pub checkpoints: Option<PathBuf>,
    /// The keys that may have signed; none: any.
    pub public_keys: Vec<PublicKey>,
}

/// A witness whose files have been read.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    files: Vec<(PathBuf, Lines)>,
    keys: Vec<PublicKey>,
    notes: Vec<AuditNote>,
}

impl Heard {
    /// Reads the files, also the one in `dir`. To be done before the ledger is looked at: a running
    /// station writes the ledger first.
    pub(crate) fn read(dir: Option<&Path>, witness: &AuditWitness) -> Result<Self, StoreError> {
        let mut heard = Self { keys: witness.public_keys.clone(), ..Self::default() };
        if let Some(own) = dir.map(|dir| dir.join(CHECKPOINTS_FILE)) {
            match checkpoint_file::read(&own)? {
                Some(lines) => heard.files.push((own, lines)),
                None => heard.notes.push(AuditNote::NoFile),
            }
        }
        if let Some(copy) = &witness.checkpoints {
            let lines = checkpoint_file::read(copy)?.ok_or_else(|| StoreError::Folder {
                act: "read",
                path: copy.clone(),
                source: std::io::ErrorKind::NotFound.into(),
            })?;
            heard.files.push((copy.clone(), lines));
        }
        Ok(heard)
    }
}

/// Faults as they are found.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) listed: Vec<AuditFault>,
    pub(super) count: u64,
}

impl Faults {
    pub(super) fn tell(&mut self, fault: AuditFault) {
        self.count += 1;
        if self.listed.len() < FAULTS_LISTED_MAX {
            self.listed.push(fault);
        }
    }
}

/// Looks through the audit of a ledger.
pub(crate) fn check_ledger(
    db: &Connection,
    path: &Path,
    heard: Heard,
) -> Result<AuditChecked, StoreError> {
    let table = checkpoint::after(db, i64::MIN, i64::MAX).map_err(failed(path, ACT))?;
    let walk = |take: &mut dyn FnMut(chain::AuditEntry) -> bool| {
        chain::walk(db, take).map_err(failed(path, ACT))
    };
    let (mut checked, sound) = compare(&walk, &table, heard)?;
    let mut faults = Faults::default();
    let looked = check_events(db, &table, &sound, &mut faults).map_err(failed(path, ACT))?;
    (checked.events, checked.events_unsigned) = looked;
    checked.fault_count += faults.count;
    checked.faults.extend(faults.listed);
    checked.faults.truncate(FAULTS_LISTED_MAX);
    Ok(checked)
}

/// Compares entries and checkpoints; gives the checkpoints that can be relied upon, by number.
pub(super) fn compare(
    walk: Walk<'_>,
    table: &[AuditCheckpoint],
    heard: Heard,
) -> Result<(AuditChecked, BTreeMap<i64, AuditCheckpoint>), StoreError> {
    let Heard { files, keys, mut notes } = heard;
    let mut of_checkpoints = Faults::default();
    let mut sound = Sound { keys: &keys, all: BTreeMap::new(), signed: BTreeMap::new() };
    sound.take_table(table, &mut of_checkpoints);
    for (file, lines) in &files {
        sound.take_file(file, lines, table, &mut of_checkpoints);
        if lines.is_torn {
            notes.push(AuditNote::TornLine { file: file.clone() });
        }
    }
    let mut faults = Faults::default();
    let walked = classify::check(walk, &sound.signed, &mut faults)?;
    faults.count += of_checkpoints.count;
    faults.listed.extend(of_checkpoints.listed);
    faults.listed.truncate(FAULTS_LISTED_MAX);
    notes.extend(keys_of(&sound.all));
    let checked = AuditChecked {
        entries: walked.entries,
        checkpoints: table.len() as u64,
        entries_unsigned: walked.unsigned,
        faults: faults.listed,
        fault_count: faults.count,
        notes,
        ..AuditChecked::default()
    };
    Ok((checked, sound.all))
}

/// Where the key changes; and that there is none where there is none.
fn keys_of(sound: &BTreeMap<i64, AuditCheckpoint>) -> Vec<AuditNote> {
    let mut notes = Vec::new();
    let mut key = None;
    for (number, checkpoint) in sound {
        if key.is_some_and(|key| key != checkpoint.key()) {
            notes.push(AuditNote::OtherKey { checkpoint: *number, key: checkpoint.key() });
        }
        key = Some(checkpoint.key());
    }
    if key.is_none() {
        notes.push(AuditNote::NoCheckpoint);
    }
    notes
}

/// Checkpoints whose signature is right.
struct Sound<'a> {
    keys: &'a [PublicKey],
    all: BTreeMap<i64, AuditCheckpoint>,
    /// What they say of entries.
    signed: BTreeMap<i64, Vec<(i64, [u8; 32])>>,
}

impl Sound<'_> {
    fn take_table(&mut self, table: &[AuditCheckpoint], faults: &mut Faults) {
        let mut before: Option<&AuditCheckpoint> = None;
        let mut expected = 1;
        for checkpoint in table {
            let number = checkpoint.number;
            for missing in (expected..number).take(FAULTS_LISTED_MAX) {
                faults.tell(AuditFault::CheckpointRemoved { checkpoint: missing });
            }
            expected = number.saturating_add(1);
            let is_sound = self.take(checkpoint, faults);
            let hash = match before {
                None => Some(checkpoint::FIRST).filter(|_| number == 1),
                Some(before) => Some(before.hash()).filter(|_| number == before.number + 1),
            };
            if is_sound && hash.is_some_and(|hash| hash != checkpoint.previous) {
                faults.tell(AuditFault::CheckpointMoved { checkpoint: number });
            }
            before = Some(checkpoint).filter(|_| is_sound);
        }
    }

    fn take_file(
        &mut self,
        file: &Path,
        lines: &Lines,
        table: &[AuditCheckpoint],
        faults: &mut Faults,
    ) {
        if let Some((line, why)) = &lines.bad {
            let (file, line, why) = (file.to_owned(), *line, why.clone());
            faults.tell(AuditFault::Line { file, line, why });
        }
        let mut expected = 1;
        for checkpoint in &lines.checkpoints {
            let number = checkpoint.number;
            if number != expected && lines.bad.is_none() {
                let (file, checkpoint) = (file.to_owned(), expected);
                faults.tell(AuditFault::LineRemoved { file, checkpoint });
            }
            expected = number.saturating_add(1);
            let there = table.binary_search_by_key(&number, |there| there.number).ok();
            match there.and_then(|place| table.get(place)) {
                Some(there) if there == checkpoint => {}
                Some(there) => {
                    let differs = self.take(checkpoint, faults) && there.is_sound();
                    if differs {
                        faults.tell(AuditFault::CheckpointDiffers { checkpoint: number });
                    }
                }
                None => {
                    let is_last = table.last().is_none_or(|last| last.number < number);
                    if self.take(checkpoint, faults) && is_last {
                        faults.tell(AuditFault::CheckpointRemoved { checkpoint: number });
                    }
                }
            }
        }
    }

    /// Keeps a checkpoint that is what its key signed.
    fn take(&mut self, checkpoint: &AuditCheckpoint, faults: &mut Faults) -> bool {
        let number = checkpoint.number;
        if !checkpoint.is_sound() {
            faults.tell(AuditFault::CheckpointEdited { checkpoint: number });
            return false;
        }
        let key = checkpoint.key();
        if !self.keys.is_empty() && !self.keys.contains(&key) {
            faults.tell(AuditFault::CheckpointForeign { checkpoint: number, key });
            return false;
        }
        self.all.entry(number).or_insert_with(|| checkpoint.clone());
        if checkpoint.entry > 0 {
            let signed = self.signed.entry(checkpoint.entry).or_default();
            signed.push((number, checkpoint.entry_hash));
        }
        true
    }
}

/// Compares the events of every stretch; gives how many, and how many are in none yet.
fn check_events(
    db: &Connection,
    table: &[AuditCheckpoint],
    sound: &BTreeMap<i64, AuditCheckpoint>,
    faults: &mut Faults,
) -> rusqlite::Result<(u64, u64)> {
    let mut compared = 0;
    let mut upto = 0;
    for (number, checkpoint) in sound {
        // No event has a number below 1; one that was put in there is to be seen all the same.
        let after = if checkpoint.event_after <= 0 { i64::MIN } else { checkpoint.event_after };
        let found = events::stretch(db, after, checkpoint.event)?;
        compared += u64::try_from(found.rows).unwrap_or(0);
        upto = upto.max(checkpoint.event);
        let there = table.binary_search_by_key(number, |there| there.number).is_ok();
        let sums = checkpoint::event_sums(db, *number)?;
        if found.hash() != checkpoint.events_hash {
            faults.tell(match events::first_wrong(&sums, &found.sums) {
                Wrong::Edited(event) => AuditFault::EventEdited { event },
                Wrong::Removed(event) => AuditFault::EventRemoved { event },
                Wrong::Inserted(event) => AuditFault::EventInserted { event },
                Wrong::Somewhere => AuditFault::EventsEdited {
                    from: checkpoint.event_after + 1,
                    to: checkpoint.event,
                },
            });
        } else if there && sums != found.sums {
            faults.tell(AuditFault::CheckpointEdited { checkpoint: *number });
        }
    }
    let sql = "SELECT count(*) FROM event WHERE seq > ?1";
    let unsigned = db.query_row(sql, [upto], |row| crate::file::natural(row, 0))?;
    Ok((compared, unsigned))
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited { entry } => write!(f, "entry {entry} was edited"),
            Self::HashEdited { entry } => write!(f, "the hash of entry {entry} was edited"),
            Self::Removed { from, to } if from == to => write!(f, "entry {from} was removed"),
            Self::Removed { from, to } => write!(f, "entries {from} to {to} were removed"),
            Self::Inserted { entry } => write!(f, "entry {entry} was put in"),
            Self::Moved { entry } => write!(f, "entry {entry} is not in its place"),
            Self::Rewritten { from, to, checkpoint } => write!(
                f,
                "entries were written anew with their hashes, the first one of {from} to {to}: \
                 checkpoint {checkpoint} signed others"
            ),
            Self::CheckpointEdited { checkpoint } => {
                write!(f, "checkpoint {checkpoint} is not what was signed")
            }
            Self::CheckpointRemoved { checkpoint } => {
                write!(f, "checkpoint {checkpoint} was removed")
            }
            Self::CheckpointMoved { checkpoint } => {
                write!(f, "checkpoint {checkpoint} does not follow the one before it")
            }
            Self::CheckpointDiffers { checkpoint } => {
                write!(f, "the copy has another checkpoint {checkpoint}, and both are signed")
            }
            Self::CheckpointForeign { checkpoint, key } => {
                write!(f, "checkpoint {checkpoint} is signed by another key, {}", key.hex())
            }
            Self::EventEdited { event } => write!(f, "event {event} was edited"),
            Self::EventRemoved { event } => write!(f, "event {event} was removed"),
            Self::EventInserted { event } => write!(f, "event {event} was put in"),
            Self::EventsEdited { from, to } => {
                write!(f, "events {from} to {to} are not those that were signed")
            }
            Self::Line { file, line, why } => {
                write!(f, "line {line} of `{}` is not one that Siskin wrote: {why}", file.display())
            }
            Self::LineRemoved { file, checkpoint } => {
                write!(f, "`{}` lacks checkpoint {checkpoint}", file.display())
            }
            Self::Cut { file } => write!(f, "`{}` has no end: lines are missing", file.display()),
        }
    }
}
