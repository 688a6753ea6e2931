//! The segments of a spool: opened, appended to, synced, and deleted when committed.
//!
//! Numbers only ever rise: the newest segment is never deleted, and its name is the floor of the
//! next number.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use siskin_model::ChannelId;
use siskin_wire::link::columns;
use siskin_wire::link::{Gap, GapCause, Row, SeqRange, SeqSet, SpoolReport};

use super::notes::{Notes, failed, sync_folder};
use super::room;
use super::segment::{MARK, RECORD_BYTES_MIN, Record, scan};
use super::{LIVE_MAX, RECENT_BYTES_MAX, RECENT_MAX, SEGMENT_BYTES_MAX, SPOOL_BYTES_MIN};
use super::{SpoolError, SpoolSettings};

/// How files of segments end; a thinned one replaces the other of the same name.
pub(super) const WHOLE: &str = "seg";
pub(super) const THINNED: &str = "thin";

/// A spool on disk. One process at a time may have it open.
#[derive(Debug)]
pub struct Spool {
    pub(super) settings: SpoolSettings,
    pub(super) notes: Notes,
    /// Closed ones, oldest first.
    pub(super) closed: VecDeque<Segment>,
    pub(super) active: Segment,
    file: File,
    /// The last write failed and its bytes could not be taken away yet.
    torn: bool,
    pub(super) next_seq: u64,
    /// Batches before it are on disk and may be sent.
    pub(super) durable_seq: u64,
    pub(super) acked: SeqSet,
    pub(super) recent: VecDeque<(Instant, Arc<Record>)>,
    pub(super) failing: Option<String>,
    /// Losses since the notes were saved.
    pub(super) notes_changed: bool,
    /// How often batches were thinned: what a cursor read before is of no use.
    pub(super) edition: u64,
}

/// What is known of a segment without reading it.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) first: u64,
    /// The number after its last one.
    pub(super) until: u64,
    pub(super) bytes: u64,
    pub(super) readings: u64,
    pub(super) span: (i64, i64),
    pub(super) is_thin: bool,
}

impl Segment {
    pub(super) fn range(&self) -> SeqRange {
        SeqRange { from: self.first, until: self.until }
    }

    fn named(folder: &Path, first: u64, end: &str) -> Self {
        let path = folder.join(format!("{first:020}.{end}"));
        let is_thin = end == THINNED;
        let span = (i64::MAX, i64::MIN);
        Self { path, first, until: first, bytes: 0, readings: 0, span, is_thin }
    }

    pub(super) fn count(&mut self, record: &Record) {
        self.until = record.seq + 1;
        self.readings += u64::from(record.readings);
        if record.readings > 0 {
            self.span = (self.span.0.min(record.from_ms), self.span.1.max(record.to_ms));
        }
    }
}

impl Spool {
    /// Opens the spool in the folder of `settings`, or makes one.
    pub fn open(settings: SpoolSettings) -> Result<Self, SpoolError> {
        if settings.bytes_max < SPOOL_BYTES_MIN {
            return Err(SpoolError::Limit(settings.bytes_max));
        }
        let folder = &settings.folder;
        fs::create_dir_all(folder).map_err(failed("make", folder))?;
        // A full disk must not keep the gateway from starting.
        room::give_reserve(folder);
        let mut notes = Notes::open(folder, &settings.channels, settings.entropy)?;
        let before = notes.gaps.len();
        let mut closed: VecDeque<Segment> = segments(folder)?.into();
        let mut last = closed.pop_back().unwrap_or_else(|| Segment::named(folder, 0, WHOLE));
        let mut firsts = closed.iter().map(|s| s.first).skip(1).collect::<Vec<_>>();
        firsts.push(last.first);
        for (segment, next) in closed.iter_mut().zip(firsts) {
            read_closed(segment, next, &mut notes)?;
        }
        let (file, next_seq) = open_last(&mut last, &mut notes)?;
        let has_skipped = next_seq > last.until;
        let settled = |g: &&Gap| matches!(g.why, GapCause::SpoolFull | GapCause::Damaged);
        let settled = notes.gaps.iter().filter(settled);
        let acked = SeqSet::of(settled.map(|g| SeqRange { from: g.from_seq, until: g.until_seq }));
        let notes_changed = notes.gaps.len() != before;
        let mut spool = Self {
            settings,
            notes,
            closed,
            active: last,
            file,
            torn: false,
            next_seq,
            durable_seq: next_seq,
            acked,
            recent: VecDeque::new(),
            failing: None,
            notes_changed,
            edition: 0,
        };
        if has_skipped {
            spool.rotate()?;
        }
        spool.sync()?;
        room::keep_reserve(&spool.settings.folder);
        Ok(spool)
    }

    /// The name of this spool.
    pub fn name(&self) -> &str {
        &self.notes.name
    }

    /// Every channel it ever had; a row's channel is a place here.
    pub fn channels(&self) -> &[ChannelId] {
        &self.notes.channels
    }

    /// The oldest batch held.
    pub fn first_seq(&self) -> u64 {
        self.closed.front().map_or(self.active.first, |segment| segment.first)
    }

    /// The number of the next batch.
    pub fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// Bytes on disk.
    pub fn bytes(&self) -> u64 {
        self.closed.iter().map(|s| s.bytes).sum::<u64>() + self.active.bytes
    }

    /// Its state for people and for the station.
    pub fn report(&self) -> SpoolReport {
        let held = self.closed.iter().chain([&self.active]).map(|s| s.readings).sum();
        SpoolReport {
            first_seq: self.first_seq(),
            next_seq: self.next_seq,
            bytes: self.bytes(),
            bytes_max: self.settings.bytes_max,
            readings: held,
            dropped: self.notes.dropped,
            thinned: self.notes.thinned,
            failing: self.failing.clone(),
        }
    }

    /// Adds a batch; it may be sent after the next [`Spool::sync`]. After a failure nothing of it
    /// is there and its number is free.
    pub fn append(&mut self, rows: &[Row]) -> Result<u64, SpoolError> {
        if let Some(lost) = self.notes.unwritten.clone() {
            let from_seq = self.put(&[])?;
            self.numbered(from_seq, &lost);
        }
        self.put(rows)
    }

    fn put(&mut self, rows: &[Row]) -> Result<u64, SpoolError> {
        let times = rows.iter().map(|row| row.measured_at.as_millis());
        let span = times.fold((i64::MAX, i64::MIN), |(a, b), ms| (a.min(ms), b.max(ms)));
        let record = Record {
            seq: self.next_seq,
            from_ms: span.0,
            to_ms: span.1,
            readings: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            batch: columns::encode(rows)?,
        };
        self.make_room(record.size())?;
        if self.active.bytes + record.size() > self.segment_bytes() && self.active.readings > 0 {
            self.rotate()?;
        }
        let mut bytes = Vec::new();
        record.write_to(&mut bytes);
        self.write(&bytes)?;
        self.active.count(&record);
        self.next_seq += 1;
        self.remember(record);
        Ok(self.next_seq - 1)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        let about = |act| failed(act, &self.active.path);
        if self.torn {
            self.file.set_len(self.active.bytes).map_err(about("cut"))?;
            self.torn = false;
        }
        if let Err(error) = self.file.write_all(bytes) {
            self.torn = self.file.set_len(self.active.bytes).is_err();
            return Err(about("append to")(error));
        }
        self.active.bytes += bytes.len() as u64;
        Ok(())
    }

    fn remember(&mut self, record: Record) {
        self.recent.push_back((Instant::now(), Arc::new(record)));
        let is_old = |(at, _): &(Instant, Arc<Record>)| at.elapsed() > LIVE_MAX;
        let mut bytes: usize = self.recent.iter().map(|(_, r)| r.batch.len()).sum();
        while self.recent.len() > RECENT_MAX
            || bytes > RECENT_BYTES_MAX
            || self.recent.front().is_some_and(is_old)
        {
            let Some((_, record)) = self.recent.pop_front() else { break };
            bytes -= record.batch.len();
        }
    }

    /// Makes everything appended durable: only now may it be sent, and its sources be thanked.
    pub fn sync(&mut self) -> Result<(), SpoolError> {
        self.file.sync_data().map_err(failed("sync", &self.active.path))?;
        self.durable_seq = self.next_seq;
        if self.notes_changed {
            self.notes.save(&self.settings.folder)?;
            self.notes_changed = false;
        }
        Ok(())
    }

    /// Closes the active segment and begins the next one.
    pub(super) fn rotate(&mut self) -> Result<(), SpoolError> {
        self.file.sync_data().map_err(failed("sync", &self.active.path))?;
        if self.torn {
            self.file.set_len(self.active.bytes).map_err(failed("cut", &self.active.path))?;
            self.torn = false;
        }
        let mut next = Segment::named(&self.settings.folder, self.next_seq, WHOLE);
        let file = begin(&mut next)?;
        self.file = file;
        let mut full = std::mem::replace(&mut self.active, next);
        full.until = self.next_seq;
        self.closed.push_back(full);
        sync_folder(&self.settings.folder)
    }

    /// Takes over what the station has on disk, and deletes what is only there for its sake.
    pub fn acknowledge(&mut self, committed: &[SeqRange]) -> Result<(), SpoolError> {
        for range in committed {
            self.acked.insert(*range);
        }
        let known = committed.iter().map(|range| range.until).max().unwrap_or(0);
        if known > self.next_seq {
            // The station knows numbers that this disk does not: it is a copy from the past. They
            // must not be used for other content; the name of the next segment remembers that.
            self.next_seq = known;
            self.rotate()?;
            self.durable_seq = known;
        }
        self.settle(committed);
        self.delete_committed()
    }

    fn delete_committed(&mut self) -> Result<(), SpoolError> {
        while let Some(at) = self.closed.iter().position(|s| self.acked.covers(s.range())) {
            if let Some(segment) = self.closed.get(at) {
                fs::remove_file(&segment.path).map_err(failed("delete", &segment.path))?;
            }
            self.closed.remove(at);
        }
        Ok(())
    }

    pub(super) fn segment_bytes(&self) -> u64 {
        SEGMENT_BYTES_MAX.min(self.settings.bytes_max / 8)
    }
}

/// The segments in `folder`, oldest first; leftovers of interrupted replacements are deleted.
fn segments(folder: &Path) -> Result<Vec<Segment>, SpoolError> {
    let mut found: Vec<Segment> = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed("list", folder))? {
        let path = entry.map_err(failed("list", folder))?.path();
        let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        let first = path.file_stem().and_then(|stem| stem.to_str()).and_then(|s| s.parse().ok());
        match (end, first) {
            ("new", _) => fs::remove_file(&path).map_err(failed("delete", &path))?,
            (WHOLE | THINNED, Some(first)) => found.push(Segment::named(folder, first, end)),
            _ => {}
        }
    }
    found.sort_by_key(|segment| (segment.first, !segment.is_thin));
    let mut kept: Vec<Segment> = Vec::new();
    for segment in found {
        if kept.last().is_some_and(|last| last.first == segment.first) {
            fs::remove_file(&segment.path).map_err(failed("delete", &segment.path))?;
        } else {
            kept.push(segment);
        }
    }
    Ok(kept)
}

/// Counts a closed segment; where it does not reach `next`, the rest is lost and told.
fn read_closed(segment: &mut Segment, next: u64, notes: &mut Notes) -> Result<(), SpoolError> {
    let bytes = fs::read(&segment.path).map_err(failed("read", &segment.path))?;
    segment.bytes = bytes.len() as u64;
    let scan = scan(&bytes);
    for record in &scan.records {
        segment.count(record);
    }
    if segment.until < next {
        let (from_ms, to_ms) = known(segment.span);
        let (from_seq, until_seq, why) = (segment.until, next, GapCause::Damaged);
        notes.lost(Gap { from_seq, until_seq, readings: 0, from_ms, to_ms, why });
    }
    segment.until = next;
    Ok(())
}

/// Opens the newest segment for appending. What is torn at its end was never synced, so it was
/// never sent; but a disk may also have damaged what was. Numbers that the cut bytes may have held
/// are left out, so that none is ever used for other content.
fn open_last(last: &mut Segment, notes: &mut Notes) -> Result<(File, u64), SpoolError> {
    let bytes = match fs::read(&last.path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(failed("read", &last.path)(error)),
    };
    let scan = scan(&bytes);
    let cut = bytes.len() as u64 - scan.sound_bytes;
    if scan.sound_bytes == 0 {
        let file = begin(last)?;
        sync_folder(last.path.parent().unwrap_or(Path::new(".")))?;
        return Ok((file, skip(last, cut, notes)));
    }
    let mut file = OpenOptions::new().append(true).open(&last.path);
    if cut > 0 {
        file = file.and_then(|file| file.set_len(scan.sound_bytes).map(|()| file));
    }
    let file = file.map_err(failed("open", &last.path))?;
    last.bytes = scan.sound_bytes;
    for record in &scan.records {
        last.count(record);
    }
    let next_seq = skip(last, cut, notes);
    Ok((file, next_seq))
}

/// The number after `last` and after what `cut_bytes` may have held.
fn skip(last: &Segment, cut_bytes: u64, notes: &mut Notes) -> u64 {
    let from_seq = last.until;
    let until_seq = from_seq + cut_bytes / RECORD_BYTES_MIN;
    if until_seq > from_seq {
        let ((from_ms, to_ms), why) = (known(last.span), GapCause::Damaged);
        notes.lost(Gap { from_seq, until_seq, readings: 0, from_ms, to_ms, why });
    }
    until_seq
}

/// A span of nothing is told as the beginning of time.
pub(super) fn known(span: (i64, i64)) -> (i64, i64) {
    if span.0 > span.1 { (0, 0) } else { span }
}

/// A new file for `segment` with its mark.
fn begin(segment: &mut Segment) -> Result<File, SpoolError> {
    let mut file = File::create(&segment.path).map_err(failed("make", &segment.path))?;
    file.write_all(MARK).map_err(failed("begin", &segment.path))?;
    drop(file);
    let file = OpenOptions::new().append(true).open(&segment.path);
    segment.bytes = MARK.len() as u64;
    file.map_err(failed("open", &segment.path))
}
