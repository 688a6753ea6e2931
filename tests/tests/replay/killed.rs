//! A replay through the stores that is killed at seeded moments and started again.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::process::{Process, say};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::rows::{self, Row};
use super::{SEEDS, command, same};

/// Longest wait for a batch, or for the end.
const SOON: Duration = Duration::from_mins(1);
/// Kills of one replay.
const KILLS: u32 = 4;
/// Batches between a start and a kill.
const BATCHES_BEFORE_KILL: std::ops::Range<u32> = 0..12;
/// Batches that are left, so that the kill comes in time.
const BATCHES_LEFT: u32 = 3;

/// Kills and starts a replay of `rows` again and again, then lets it end.
fn check(seed: u8, rows: &[Row]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let readings = rows::write(rows, folder.path())?;
    let out = folder.path().join("out.csv");
    let data = folder.path().join("data");
    say(&format!("seed {seed}"));
    let mut random = StdRng::seed_from_u64(seed.into());
    for _ in 0..KILLS {
        let batches = random.random_range(BATCHES_BEFORE_KILL);
        kill_after(started(&readings, &out, &data)?, batches)?;
    }
    let mut last = started(&readings, &out, &data)?;
    let status = last.ended(SOON)?;
    ensure!(status.success(), "seed {seed}: {status}: {}", last.log());
    same(seed, &out)
}

fn started(readings: &Path, out: &Path, data: &Path) -> Result<Process> {
    let mut command = command(readings, out)?;
    command.arg("--data").arg(data).env("SISKIN_LOG", "error");
    Process::start("siskin replay", &command)
}

/// Kills it somewhere in the batch after so many, or before the last ones.
fn kill_after(mut process: Process, batches: u32) -> Result<()> {
    for _ in 0..batches {
        let line = process.line(SOON)?;
        let (number, of) = line
            .strip_prefix("batch ")
            .and_then(|rest| rest.split_once(" of "))
            .with_context(|| format!("no batch: `{line}`"))?;
        let (number, of): (u32, u32) = (number.parse()?, of.parse()?);
        if number + BATCHES_LEFT >= of {
            break;
        }
    }
    process.kill()
}

#[test]
fn killed_and_started_again_in_order() -> Result<()> {
    SEEDS.into_iter().try_for_each(|seed| check(seed, &rows::unpacked(seed)?))
}

#[test]
fn killed_and_started_again_out_of_order() -> Result<()> {
    check(1, &rows::shuffled(&rows::unpacked(1)?, 11))
}

#[test]
fn killed_and_started_again_among_late_rows() -> Result<()> {
    check(2, &rows::late(&rows::unpacked(2)?, 12))
}
