//! Whether the write-ahead file of SQLite lost something that was committed.
//!
//! SQLite reads it up to the first frame whose checksum is wrong, and takes the rest for a write
//! that the power cut off. That is right for one transaction; each that was acknowledged is on disk
//! before the next one begins. Commits beyond that one would be missing without a word. (After a
//! power cut in a roll they may be the roll's own, which nobody was told of: a false word is better
//! than none.) Format: sqlite.org/fileformat2.html, section 4. Must never write to the file.

use std::fs;
use std::io;
use std::path::Path;

const HEAD_BYTES: usize = 32;
const FRAME_HEAD_BYTES: usize = 24;
/// The first word of the file; with the last bit set checksums are over big-endian words.
const MAGIC: u32 = 0x377f_0682;
/// A larger file than Siskin ever makes is not read into memory.
const BYTES_MAX: u64 = 1 << 30;

/// What is missing after a damaged frame, or because the head is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost {
    /// The first frame that cannot be used, from 0.
    pub(crate) frame: u64,
    /// Commits after the one that it belongs to; they were acknowledged.
    pub(crate) commits: u64,
}

/// Looks at the write-ahead file at `path`, which no process may have open.
pub(crate) fn lost(path: &Path) -> io::Result<Option<Lost>> {
    match fs::metadata(path) {
        Ok(about) if about.len() <= BYTES_MAX => Ok(lost_of(&fs::read(path)?)),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A running checksum over pairs of words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum(u32, u32);

impl Sum {
    fn over(mut self, bytes: &[u8], is_big: bool) -> Self {
        let word = if is_big { u32::from_be_bytes } else { u32::from_le_bytes };
        let mut words = bytes.as_chunks::<4>().0.iter().map(|bytes| word(*bytes));
        while let (Some(even), Some(odd)) = (words.next(), words.next()) {
            self.0 = self.0.wrapping_add(even).wrapping_add(self.1);
            self.1 = self.1.wrapping_add(odd).wrapping_add(self.0);
        }
        self
    }
}

fn lost_of(bytes: &[u8]) -> Option<Lost> {
    let (head, frames) = bytes.split_at_checked(HEAD_BYTES)?;
    let page_bytes = word(head, 8).filter(|bytes| (512..=65_536).contains(bytes));
    let page_bytes = usize::try_from(page_bytes.unwrap_or(4096)).ok()?;
    let is_big = word(head, 0)? & 1 == 1;
    let mut sum = Sum::default().over(head.get(..24)?, is_big);
    let is_head_good = word(head, 0)? & !1 == MAGIC && Some(sum) == sum_at(head, 24);
    let first = frames.get(..FRAME_HEAD_BYTES)?;
    let salts = if is_head_good { head.get(16..24)? } else { first.get(8..16)? };
    let mut bad = (!is_head_good).then_some(0);
    let mut commits = 0u64;
    for (number, frame) in (0..).zip(frames.chunks_exact(FRAME_HEAD_BYTES + page_bytes)) {
        let (frame_head, page) = frame.split_at_checked(FRAME_HEAD_BYTES)?;
        let is_of_this_turn = frame_head.get(8..16)? == salts;
        if bad.is_none() {
            sum = sum.over(frame_head.get(..8)?, is_big).over(page, is_big);
            if !is_of_this_turn || Some(sum) != sum_at(frame_head, 16) {
                bad = Some(number);
            }
        }
        // Frames of an earlier turn lie behind the newest one and mean nothing.
        if bad.is_some() && is_of_this_turn && word(frame_head, 4)? > 0 {
            commits += 1;
        }
    }
    // The commit of the bad frame itself may be the one that the power cut off.
    let commits = if is_head_good { commits.saturating_sub(1) } else { commits };
    bad.filter(|_| commits > 0).map(|frame| Lost { frame, commits })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn sum_at(bytes: &[u8], at: usize) -> Option<Sum> {
    Some(Sum(word(bytes, at)?, word(bytes, at + 4)?))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// A write-ahead file with ten commits of one page each after the first.
    fn journal() -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let db = Connection::open(dir.path().join("a.db")).unwrap();
        db.pragma_update(None, "journal_mode", "WAL").unwrap();
        db.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
        for n in 0..10 {
            db.execute("INSERT INTO t VALUES (?1)", [n]).unwrap();
        }
        fs::read(dir.path().join("a.db-wal")).unwrap()
    }

    fn frame_at(number: usize) -> usize {
        HEAD_BYTES + number * (FRAME_HEAD_BYTES + 4096)
    }

    #[test]
    fn what_was_acknowledged_and_lies_behind_damage_is_told() {
        let whole = journal();
        let frames = (whole.len() - HEAD_BYTES) / (FRAME_HEAD_BYTES + 4096);
        let check = |spoil: &dyn Fn(&mut Vec<u8>), expected: Option<(u64, u64)>| {
            let mut bytes = whole.clone();
            spoil(&mut bytes);
            let expected = expected.map(|(frame, commits)| Lost { frame, commits });
            assert_eq!(lost_of(&bytes), expected);
        };
        let flip = |at: usize| move |bytes: &mut Vec<u8>| bytes[at] ^= 0x10;
        check(&|_| {}, None);
        check(&|bytes| bytes.clear(), None);
        check(&|bytes| bytes.truncate(frame_at(frames - 1) + 99), None);
        check(&|bytes| bytes.truncate(20), None);
        let before_last = frames as u64 - 3;
        check(&flip(frame_at(frames - 3) + 700), Some((before_last, 2)));
        check(&flip(frame_at(frames - 3) + 17), Some((before_last, 2)));
        // The last commit: as when the power fails.
        check(&flip(frame_at(frames - 1) + 700), None);
        for at in [0, 5, 13, 18, 26] {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            assert!(lost_of(&bytes).is_some(), "byte {at} of the head");
        }
        check(&|bytes| bytes.extend([9; 3 * (FRAME_HEAD_BYTES + 4096)]), None);
    }

    #[test]
    fn nonsense_is_survived() {
        for length in (0..9000).step_by(7) {
            let nonsense: Vec<u8> = (0..=250u8).cycle().take(length).collect();
            let _whatever = lost_of(&nonsense);
        }
    }
}
