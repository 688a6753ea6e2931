//! What is gone: counted before it goes, told until the station has it in its ledger. Must never
//! forget a loss that the station may not know.

use siskin_wire::link::{Gap, GapCause, Row, SeqRange, SeqSet};

use super::disk::{Segment, Spool, known};
use super::notes::joined;

impl Spool {
    /// Losses that the station has not noted yet.
    pub fn gaps(&self) -> &[Gap] {
        &self.notes.gaps
    }

    /// Those of them that may be told. What has just got its number waits for the notes: after a
    /// crash it would get another one, and count twice.
    pub fn gaps_to_tell(&self) -> Vec<Gap> {
        let is_sure = |gap: &&Gap| gap.why != GapCause::DiskFull || !self.notes_changed;
        self.notes.gaps.iter().filter(is_sure).cloned().collect()
    }

    /// The station has this loss in its ledger. One that has grown since it was told stays.
    pub fn noted(&mut self, gap: &Gap) {
        let before = self.notes.gaps.len();
        self.notes.gaps.retain(|held| held != gap);
        self.notes_changed |= self.notes.gaps.len() != before;
    }

    /// Takes over what the station has on disk.
    pub(super) fn settle(&mut self, committed: &[SeqRange]) {
        // Only what the station says settles a loss: `acked` also holds what was dropped here, of
        // which the station may not have been told. Where it has all batches of a range, either
        // they came before they were dropped or the loss is noted. Thinned ones and those that
        // stand for what the disk did not take come all the same, and settle nothing.
        let said = SeqSet::of(committed.iter().copied());
        let before = self.notes.gaps.len();
        self.notes.gaps.retain(|gap| {
            let is_gone = matches!(gap.why, GapCause::SpoolFull | GapCause::Damaged);
            !is_gone || !said.covers(SeqRange { from: gap.from_seq, until: gap.until_seq })
        });
        self.notes_changed |= self.notes.gaps.len() != before;
    }

    /// What the disk never took has the number of an empty batch now, by which it is told and noted
    /// once.
    pub(super) fn numbered(&mut self, from_seq: u64, lost: &Gap) {
        self.notes.unwritten = None;
        self.notes.lost(Gap { from_seq, until_seq: from_seq + 1, ..*lost });
        self.notes_changed = true;
    }

    /// Counts a loss before it happens: a crash in between may tell too much, never too little.
    pub(super) fn lost(&mut self, segment: &Segment, readings: u64, why: GapCause) {
        if readings == 0 {
            return;
        }
        let counter = match why {
            GapCause::Thinned => &mut self.notes.thinned,
            _ => &mut self.notes.dropped,
        };
        *counter = counter.saturating_add(readings);
        let (from_ms, to_ms) = known(segment.span);
        let (from_seq, until_seq) = (segment.first, segment.until);
        self.notes.lost(Gap { from_seq, until_seq, readings, from_ms, to_ms, why });
        // On a full disk the notes can be saved only after the segment is gone.
        self.notes_changed = self.notes.save(&self.settings.folder).is_err();
    }

    /// `rows` were never numbered because the disk took nothing: the next write gives a number.
    pub(super) fn lost_unwritten(&mut self, rows: &[Row]) {
        if rows.is_empty() {
            return;
        }
        let times = rows.iter().map(|row| row.measured_at.as_millis());
        let span = times.fold((i64::MAX, i64::MIN), |(a, b), ms| (a.min(ms), b.max(ms)));
        let (from_ms, to_ms) = known(span);
        let (from_seq, until_seq, why) = (self.next_seq, self.next_seq, GapCause::DiskFull);
        let readings = rows.len() as u64;
        self.notes.dropped = self.notes.dropped.saturating_add(readings);
        let lost = Gap { from_seq, until_seq, readings, from_ms, to_ms, why };
        let before = self.notes.unwritten.take();
        self.notes.unwritten = Some(before.map_or(lost.clone(), |before| joined(&before, &lost)));
        self.notes_changed = true;
    }
}
