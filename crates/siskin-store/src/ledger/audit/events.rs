//! What the rows of `event` hash to, stretch by stretch between two checkpoints.
//!
//! A stretch has one hash, which is signed. Beside it stand short sums of its rows, which are not:
//! they only say which row is another one once the stretch is found to be.

use rusqlite::{Connection, Row};
use sha2::{Digest, Sha256};

use super::chain;

const FORM: &[u8] = b"siskin-event-1";
/// Rows between which the lock of the reader is free.
const ROWS_A_READ: i64 = 256;
/// A row in the list of sums: its number and the first bytes of its hash.
const SUM_BYTES: usize = 16;

/// A stretch of events that is being hashed.
#[derive(Debug)]
pub(super) struct Stretch {
    hash: Sha256,
    pub(super) rows: i64,
    /// The newest event in it, or the one before its first.
    pub(super) upto: i64,
    pub(super) sums: Vec<u8>,
}

impl Stretch {
    /// Begins behind an event.
    pub(super) fn after(event: i64) -> Self {
        Self { hash: Sha256::new_with_prefix(FORM), rows: 0, upto: event, sums: Vec::new() }
    }

    /// Takes the next rows up to `to`, at most [`ROWS_A_READ`]; false once there are no more.
    pub(super) fn read(&mut self, db: &Connection, to: i64) -> rusqlite::Result<bool> {
        let mut select = db.prepare_cached(
            "SELECT seq, recorded_at, kind, change, at, rule, channel, warning, body FROM event
             WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3",
        )?;
        let mut rows = select.query([self.upto, to, ROWS_A_READ])?;
        let mut read = 0;
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            let hash = row_hash(row)?;
            self.hash.update(hash);
            self.sums.extend(sum(seq, &hash));
            self.rows += 1;
            self.upto = seq;
            read += 1;
        }
        Ok(read == ROWS_A_READ)
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }
}

/// The same for rows that are all read at once.
pub(super) fn stretch(db: &Connection, after: i64, to: i64) -> rusqlite::Result<Stretch> {
    let mut stretch = Stretch::after(after);
    while stretch.read(db, to)? {}
    Ok(stretch)
}

fn sum(seq: i64, hash: &[u8; 32]) -> impl Iterator<Item = u8> {
    seq.to_be_bytes().into_iter().chain(hash.iter().copied().take(SUM_BYTES - 8))
}

fn row_hash(row: &Row<'_>) -> rusqlite::Result<[u8; 32]> {
    let mut all = Vec::new();
    for place in 0..9 {
        use rusqlite::types::ValueRef;
        // The kind of a value goes in too: none and an empty text are two things.
        let (kind, bytes) = match row.get_ref(place)? {
            ValueRef::Null => (b'n', Vec::new()),
            ValueRef::Integer(number) => (b'i', number.to_be_bytes().to_vec()),
            ValueRef::Real(number) => (b'r', number.to_be_bytes().to_vec()),
            ValueRef::Text(bytes) => (b't', bytes.to_vec()),
            ValueRef::Blob(bytes) => (b'b', bytes.to_vec()),
        };
        all.push(kind);
        all.extend(chain::joined(&[&bytes]));
    }
    Ok(chain::digest(&[FORM, &all]))
}

/// What is wrong with the events of a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    Edited(i64),
    Removed(i64),
    Inserted(i64),
    /// The sums say nothing: they are others too.
    Somewhere,
}

/// Compares the sums that were written with those of the rows as they are now.
pub(super) fn first_wrong(written: &[u8], found: &[u8]) -> Wrong {
    let (written, rest) = written.as_chunks::<SUM_BYTES>();
    let (found, _) = found.as_chunks::<SUM_BYTES>();
    if !rest.is_empty() {
        return Wrong::Somewhere;
    }
    let seq = |sum: &[u8; SUM_BYTES]| {
        let (seq, _) = sum.split_first_chunk::<8>().expect("a sum has more than 8 bytes");
        i64::from_be_bytes(*seq)
    };
    let first = written.iter().zip(found).find(|(written, found)| written != found);
    match first {
        Some((written, found)) if seq(written) == seq(found) => Wrong::Edited(seq(found)),
        Some((written, found)) if seq(written) < seq(found) => Wrong::Removed(seq(written)),
        Some((_, found)) => Wrong::Inserted(seq(found)),
        None if written.len() > found.len() => {
            written.get(found.len()).map_or(Wrong::Somewhere, |sum| Wrong::Removed(seq(sum)))
        }
        None => found.get(written.len()).map_or(Wrong::Somewhere, |sum| Wrong::Inserted(seq(sum))),
    }
}
