//! `siskin replay` against the independent oracle: the same readings give the same transitions, to
//! the byte, in whatever order they come and however often the process is killed (invariant 3).

mod killed;
mod rows;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use e2e::binary;
use rows::{Row, WINDOW_MS, fixture};

/// The sets of readings, and the seeds of their orders of arrival.
const SEEDS: std::ops::RangeInclusive<u8> = 1..=5;
/// An announced begin may be this old: the reorder window, the minute after which late readings
/// are judged again, and a step of the replay.
const ANNOUNCED_AGE_MAX_MS: i64 = WINDOW_MS + 60_000 + 10_000;

/// `siskin replay` of the fixtures' site.
fn command(readings: &Path, out: &Path) -> Result<Command> {
    let mut command = Command::new(binary::siskin()?);
    command.arg("replay").arg("--site");
    command.arg(binary::root().join("tests/fixtures/sites/standard-workload"));
    command.arg("--readings").arg(readings).arg("--out").arg(out);
    Ok(command)
}

fn replay(readings: &Path, out: &Path) -> Result<Output> {
    command(readings, out)?.output().context("cannot start siskin")
}

fn succeeded(done: &Output) -> Result<()> {
    let told = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{:?}: {told}", done.status);
    Ok(())
}

/// What the oracle says of a set.
fn oracle(seed: u8) -> Result<String> {
    let wanted = fs::read_to_string(fixture(&format!("seed-{seed}.transitions.csv")))?;
    ensure!(wanted.lines().count() > 100, "the oracle's file is too short to say anything");
    Ok(wanted)
}

/// Holds a result against the oracle's for `seed`.
fn same(seed: u8, out: &Path) -> Result<()> {
    let (found, wanted) = (fs::read_to_string(out)?, oracle(seed)?);
    let lines = (1..).zip(found.lines().zip(wanted.lines()));
    if let Some((line, (found, wanted))) = lines.into_iter().find(|(_, (f, w))| f != w) {
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

/// Replays `readings` and holds the result against the oracle's for `seed`.
fn check(seed: u8, readings: &Path) -> Result<()> {
    let out = readings.with_extension("out.csv");
    succeeded(&replay(readings, &out)?)?;
    same(seed, &out)
}

fn check_rows(seed: u8, rows: &[Row]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    check(seed, &rows::write(rows, folder.path())?)
}

#[test]
fn in_order() -> Result<()> {
    SEEDS.into_iter().try_for_each(|seed| check_rows(seed, &rows::unpacked(seed)?))
}

#[test]
fn out_of_order_within_the_window_and_some_twice() -> Result<()> {
    SEEDS
        .into_iter()
        .try_for_each(|seed| check_rows(seed, &rows::shuffled(&rows::unpacked(seed)?, seed.into())))
}

#[test]
fn one_row_in_ten_late_and_nothing_long_past_is_told() -> Result<()> {
    for seed in SEEDS {
        let folder = tempfile::tempdir()?;
        let rows = rows::late(&rows::unpacked(seed)?, seed.into());
        let readings = rows::write(&rows, folder.path())?;
        let out = folder.path().join("out.csv");
        let announced = folder.path().join("announced.csv");
        let corrections = folder.path().join("corrections.csv");
        let mut command = command(&readings, &out)?;
        command.arg("--announced").arg(&announced).arg("--corrections").arg(&corrections);
        succeeded(&command.output().context("cannot start siskin")?)?;
        same(seed, &out)?;
        ensure!(
            fs::read_to_string(&corrections)?.lines().count() > 1,
            "seed {seed}: late rows changed nothing, so this test says nothing"
        );
        nothing_long_past(seed, &fs::read_to_string(&announced)?)?;
    }
    Ok(())
}

/// Every begin was told soon, or while its alarm still stood.
fn nothing_long_past(seed: u8, announced: &str) -> Result<()> {
    let oracle = oracle(seed)?;
    let mut begins = 0;
    for line in announced.lines().skip(1).filter(|line| line.ends_with(",raise")) {
        let (told, transition) = line.split_once(',').context("no comma")?;
        let (began, alarm) = transition.split_once(',').context("no comma")?;
        let (told_ms, began_ms): (i64, i64) = (told.parse()?, began.parse()?);
        begins += 1;
        if told_ms - began_ms <= ANNOUNCED_AGE_MAX_MS {
            continue;
        }
        let end = alarm.replace(",raise", ",clear");
        let edges = oracle.lines().filter(|line| line.ends_with(&end) || line.ends_with(alarm));
        let before = edges.take_while(|line| {
            let at_ms: Option<i64> = line.split(',').next().and_then(|at| at.parse().ok());
            at_ms.is_some_and(|at_ms| at_ms <= told_ms - ANNOUNCED_AGE_MAX_MS)
        });
        let state = before.last();
        ensure!(
            state.is_some_and(|line| line.ends_with("raise")),
            "seed {seed}: `{line}` was told although it was over: {state:?}"
        );
    }
    ensure!(begins > 50, "seed {seed}: only {begins} begins were told");
    Ok(())
}

#[test]
fn the_text_form_gives_the_same() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut text = String::from("ts_ms,channel,value\n");
    for row in rows::unpacked(1)? {
        let channel = u32::from_le_bytes(row[8..12].try_into()?);
        let value = f32::from_le_bytes(row[12..].try_into()?);
        writeln!(text, "{},{channel},{value}", rows::at_ms(&row))?;
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
