//! `siskin replay` against the independent oracle: the same readings give the same transitions, to
//! the byte (invariant 3).

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use e2e::binary;

/// Bytes of a record: i64 ts_ms, u32 channel, f32 value.
const RECORD_BYTES: usize = 16;

fn fixture(name: &str) -> PathBuf {
    let folder = binary::root().join("tests/fixtures/standard-workload");
    folder.join(name)
}

/// The readings of a set, unpacked into `folder`.
fn unpack(seed: u8, folder: &Path) -> Result<PathBuf> {
    let packed = fixture(&format!("seed-{seed}.readings.bin.xz"));
    let done = Command::new("xz").arg("-dc").arg(packed).output()?;
    ensure!(done.status.success(), "xz: {:?}", done.status);
    let path = folder.join("readings.bin");
    fs::write(&path, done.stdout)?;
    Ok(path)
}

fn replay(readings: &Path, out: &Path) -> Result<Output> {
    Command::new(binary::siskin()?)
        .arg("replay")
        .arg("--site")
        .arg(binary::root().join("tests/fixtures/sites/standard-workload"))
        .arg("--readings")
        .arg(readings)
        .arg("--out")
        .arg(out)
        .output()
        .context("cannot start siskin")
}

/// Replays `readings` and holds the result against the oracle's for `seed`.
fn check(seed: u8, readings: &Path) -> Result<()> {
    let out = readings.with_extension("out.csv");
    let done = replay(readings, &out)?;
    let told = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{:?}: {told}", done.status);
    let (found, wanted) = (
        fs::read_to_string(&out)?,
        fs::read_to_string(fixture(&format!("seed-{seed}.transitions.csv")))?,
    );
    ensure!(wanted.lines().count() > 100, "the oracle's file is too short to say anything");
    if let Some((line, (found, wanted))) =
        (1..).zip(found.lines().zip(wanted.lines())).find(|(_, (found, wanted))| found != wanted)
    {
        anyhow::bail!("seed {seed}, line {line}: found `{found}`, the oracle has `{wanted}`");
    }
    ensure!(
        found == wanted,
        "seed {seed}: {} lines, the oracle has {}",
        found.lines().count(),
        wanted.lines().count()
    );
    Ok(())
}

#[test]
fn five_sets_give_the_oracles_transitions() -> Result<()> {
    for seed in 1..=5 {
        let folder = tempfile::tempdir()?;
        check(seed, &unpack(seed, folder.path())?)?;
    }
    Ok(())
}

#[test]
fn the_text_form_gives_the_same() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binary = fs::read(unpack(1, folder.path())?)?;
    let (records, rest) = binary.as_chunks::<RECORD_BYTES>();
    ensure!(rest.is_empty(), "the fixture is cut off");
    let mut text = String::from("ts_ms,channel,value\n");
    for record in records {
        let at = i64::from_le_bytes(record[..8].try_into()?);
        let channel = u32::from_le_bytes(record[8..12].try_into()?);
        let value = f32::from_le_bytes(record[12..].try_into()?);
        writeln!(text, "{at},{channel},{value}")?;
    }
    let readings = folder.path().join("readings.csv");
    fs::write(&readings, text)?;
    check(1, &readings)
}

#[test]
fn a_bad_row_is_named_and_nothing_is_written() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (readings, out) = (folder.path().join("readings.csv"), folder.path().join("out.csv"));
    fs::write(&readings, "ts_ms,channel,value\n1767225600000,0,1.0\n1767225601000,0,1,0\n")?;
    let done = replay(&readings, &out)?;
    let told = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.code() == Some(1), "{:?}: {told}", done.status);
    ensure!(
        told.contains("readings.csv:3: in `1767225601000,0,1,0`") && told.contains("hint:"),
        "the row is not named: {told}"
    );
    ensure!(!out.exists(), "transitions of half a file were written");
    Ok(())
}
