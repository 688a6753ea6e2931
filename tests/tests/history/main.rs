//! The history of a real station, asked by program: late readings and corrections are in it, every
//! way of asking agrees with the others, a stream that is cut or slow is seen as such and holds
//! nobody up, and the example of the documentation runs.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod streams;

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::accounts::FIRST;
use e2e::binary;
use e2e::gateway::{CHANNEL, Gateway};
use e2e::site::Options;
use e2e::station::Station;
use serde_json::Value;

/// Longest wait for what follows a message.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Seconds and ppm that are sent; the last is the sign that all are stored.
pub(crate) fn stored(station: &Station, gateway: &Gateway, sent: &[(i64, f64)]) -> Result<()> {
    gateway.send(sent)?;
    let newest = sent.iter().map(|(second, _)| *second).max().context("nothing is sent")?;
    let (second, from, to) = (newest, gateway.moment_ms(newest), gateway.moment_ms(newest + 1));
    station.until(&format!("second {second} is stored"), SOON, |station| {
        Ok((!station.readings(CHANNEL, from, to)?.is_empty()).then_some(()))
    })
}

pub(crate) fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value[key].as_array().with_context(|| format!("no `{key}` in {value}"))
}

fn integer(value: &Value, key: &str) -> Result<i64> {
    value[key].as_i64().with_context(|| format!("no `{key}` in {value}"))
}

/// All pages of a channel's records.
fn pages(station: &Station, range: &str, limit: usize) -> Result<Vec<Value>> {
    let (mut all, mut after) = (Vec::new(), String::new());
    for _ in 0..1000 {
        let path = format!("channels/{CHANNEL}/records?{range}&limit={limit}{after}");
        let page = station.get(&path)?;
        ensure!(page["unit"] == "ppm", "{page}");
        all.extend(list(&page, "records")?.iter().cloned());
        match page["next_after_ms"].as_i64() {
            Some(ms) => after = format!("&after_ms={ms}"),
            None => return Ok(all),
        }
    }
    anyhow::bail!("the pages do not end")
}

/// Calm from 0 to 300 with a gap from 100 to 160 and a peak at 200.
fn live() -> Vec<(i64, f64)> {
    let ppm = |second| if second == 200 { 0.9 } else { 0.1 };
    (0..300).filter(|s| !(100..160).contains(s)).map(|second| (second, ppm(second))).collect()
}

#[test]
fn late_readings_and_corrections_are_in_every_answer() -> Result<()> {
    let gateway = Gateway::start(Options::default())?;
    let station = gateway.first_station()?;
    stored(&station, &gateway, &live())?;
    let range = format!("from_ms={}&to_ms={}", gateway.moment_ms(0), gateway.moment_ms(300));
    let gaps = || station.get(&format!("channels/{CHANNEL}/gaps?{range}"));
    let found = gaps()?;
    // Three of the site's polls of a second.
    ensure!(found["longer_than_ms"] == 3000, "{found}");
    let expected = [(gateway.moment_ms(99), gateway.moment_ms(160))];
    let spans = list(&found, "gaps")?.iter();
    let spans = spans.map(|gap| Ok((integer(gap, "from_ms")?, integer(gap, "to_ms")?)));
    ensure!(spans.collect::<Result<Vec<_>>>()? == expected, "{found}");

    // The gap is filled late, and what was said of second 50 is corrected.
    let late: Vec<_> = (100..160).map(|second| (second, 0.3)).chain([(50, 0.5)]).collect();
    gateway.send(&late)?;
    station.until("the late readings are stored", SOON, |station| {
        let records = pages(station, &range, 1000)?;
        Ok((records.len() == 300 && records[50]["value"] == 0.5).then_some(()))
    })?;
    let records = pages(&station, &range, 7)?;
    ensure!(records == pages(&station, &range, 10_000)?, "pages of other sizes differ");
    for (second, record) in (0..300).zip(&records) {
        ensure!(integer(record, "measured_at_ms")? == gateway.moment_ms(second), "{record}");
        ensure!(record["quality"] == "good" && record["origin"] == "live", "{record}");
        ensure!(record["received_at_ms"].as_i64() > record["measured_at_ms"].as_i64());
    }
    ensure!(list(&gaps()?, "gaps")?.is_empty(), "the gap is still told");
    agrees(&station, &range, &records)
}

/// Steps and completeness say what the single readings say.
fn agrees(station: &Station, range: &str, records: &[Value]) -> Result<()> {
    let answer = station.get(&format!("buckets?channels={CHANNEL}&{range}&step_ms=60000"))?;
    let buckets = list(&answer["channels"][0], "buckets")?;
    let mut counted = 0;
    for bucket in buckets {
        let begin = integer(bucket, "at_ms")?;
        let inside = |record: &&Value| {
            record["measured_at_ms"].as_i64().is_some_and(|ms| (0..60_000).contains(&(ms - begin)))
        };
        let values: Vec<_> =
            records.iter().filter(inside).filter_map(|r| r["value"].as_f64()).collect();
        let max = values.iter().copied().fold(f64::MIN, f64::max);
        let min = values.iter().copied().fold(f64::MAX, f64::min);
        ensure!(bucket["max"] == max && bucket["min"] == min, "{bucket}: {min} to {max}");
        ensure!(bucket["last"].as_f64() == values.last().copied(), "{bucket}: {values:?}");
        ensure!(bucket["count"] == values.len() && bucket["judged"] == values.len(), "{bucket}");
        counted += values.len();
    }
    ensure!(counted == 300, "{answer}");
    ensure!(buckets.iter().any(|bucket| bucket["max"] == 0.9), "the peak has gone: {answer}");
    let answer = station.get(&format!("channels/{CHANNEL}/completeness?{range}"))?;
    let hours = list(&answer, "hours")?;
    let sum = |key: &str| hours.iter().filter_map(|hour| hour[key].as_i64()).sum::<i64>();
    ensure!((sum("received"), sum("good")) == (300, 300), "{answer}");
    // A second that the turn of an hour cuts is expected in neither.
    let cut = i64::try_from(hours.len())? - 1;
    ensure!((300 - cut..=300).contains(&sum("expected")), "{answer}");
    ensure!(answer["period_ms"] == 1000, "{answer}");
    Ok(())
}

#[test]
fn the_example_of_the_documentation_runs() -> Result<()> {
    let gateway = Gateway::start(Options::default())?;
    let station = gateway.first_station()?;
    stored(&station, &gateway, &live())?;
    let script = binary::root().join("docs/examples/history.py");
    let run = |more: &[&str]| -> Result<(bool, String, String)> {
        let mut command = Command::new(binary::python()?);
        let bearer = station.bearer(FIRST)?;
        command.env("SISKIN_TOKEN", bearer.trim_start_matches("Bearer "));
        let done = command.arg(&script).arg(station.url()).args(more).output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((done.status.success(), text(&done.stdout), text(&done.stderr)))
    };
    let (success, out, err) = run(&["--hours", "2", "--channels", CHANNEL])?;
    ensure!(success, "{out}{err}");
    ensure!(out.contains("readings of 1 channels") && out.contains("0.90"), "{out}");
    // Hour, maximum, readings … of the hours of the readings, and hours without any.
    let lines: Vec<_> = out.lines().filter(|line| line.contains(CHANNEL)).collect();
    ensure!((2..=3).contains(&lines.len()), "{out}");
    let (success, _, err) = run(&["--channels", "at-999"])?;
    ensure!(!success && err.contains("at-999") && err.contains("监测通道"), "{err}");
    Ok(())
}
