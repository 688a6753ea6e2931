//! The fixtures' rows, and the same rows in other orders of arrival.
//!
//! Every order comes from a seed; the rows themselves are never changed.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Bytes of a record: i64 ts_ms, u32 channel, f32 value.
pub(crate) const RECORD_BYTES: usize = 16;
/// The reorder window of a recording.
pub(crate) const WINDOW_MS: i64 = 10_000;
/// Late rows come one minute to one hour late: longer than the fixtures are.
const LATE_MS: std::ops::RangeInclusive<i64> = 60_000..=3_600_000;

/// One record as it stands in the file.
pub(crate) type Row = [u8; RECORD_BYTES];

pub(crate) fn fixture(name: &str) -> PathBuf {
    binary::root().join("tests/fixtures/standard-workload").join(name)
}

/// The rows of a set, in order.
pub(crate) fn unpacked(seed: u8) -> Result<Vec<Row>> {
    let packed = fixture(&format!("seed-{seed}.readings.bin.xz"));
    let done = Command::new("xz").arg("-dc").arg(packed).output().context("cannot start xz")?;
    ensure!(done.status.success(), "xz: {:?}", done.status);
    let (records, rest) = done.stdout.as_chunks::<RECORD_BYTES>();
    ensure!(rest.is_empty(), "the fixture is cut off");
    Ok(records.to_vec())
}

/// Writes rows where `siskin replay` finds them.
pub(crate) fn write(rows: &[Row], folder: &Path) -> Result<PathBuf> {
    let path = folder.join("readings.bin");
    fs::write(&path, rows.as_flattened())?;
    Ok(path)
}

pub(crate) fn at_ms(row: &Row) -> i64 {
    row.first_chunk().map_or(0, |bytes| i64::from_le_bytes(*bytes))
}

/// Out of order within the reorder window, and one row in twenty twice.
pub(crate) fn shuffled(rows: &[Row], seed: u64) -> Vec<Row> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut coming = Vec::new();
    for row in rows {
        let copies = 1 + usize::from(random.random_bool(0.05));
        for _ in 0..copies {
            coming.push((random.random_range(0..=WINDOW_MS), *row));
        }
    }
    arriving(coming)
}

/// One row in ten comes minutes to an hour late.
pub(crate) fn late(rows: &[Row], seed: u64) -> Vec<Row> {
    let mut random = StdRng::seed_from_u64(seed);
    let delayed = |row: &Row| {
        let is_late = random.random_bool(0.1);
        (if is_late { random.random_range(LATE_MS) } else { 0 }, *row)
    };
    arriving(rows.iter().map(delayed).collect())
}

/// Rows with their delays, in the order in which they come; of those that come at once the newest
/// first, which is the worst order.
fn arriving(mut coming: Vec<(i64, Row)>) -> Vec<Row> {
    coming.sort_by_key(|(delay_ms, row)| (at_ms(row) + delay_ms, Reverse(at_ms(row))));
    coming.into_iter().map(|(_, row)| row).collect()
}
