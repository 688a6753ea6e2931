//! `GET /api/v1/metrics` of a running station, read by Prometheus's own parser for Python.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::accounts::FIRST;
use e2e::binary;
use e2e::gateway::Gateway;
use e2e::site::{Options, RED_PPM};
use e2e::station::Station;
use serde_json::Value;

use crate::fake::Fake;
use crate::outages::send;
use crate::{SOON, mirror};

/// Every sample by its name and labels, `name{a=b,c=d}`.
fn metrics(station: &Station) -> Result<Value> {
    let url = format!("{}/api/v1/metrics", station.url());
    let request = ureq::get(&url).header("authorization", station.bearer(FIRST)?);
    let mut answer = request.call()?;
    let kind = answer.headers().get("content-type").context("no media type")?.to_str()?;
    ensure!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("metrics.txt");
    fs::write(&file, answer.body_mut().read_to_string()?)?;
    let script = binary::root().join("tests/python/metrics.py");
    let done = Command::new(binary::python()?).arg(script).arg(&file).output()?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Ok(serde_json::from_slice(&done.stdout)?)
}

#[test]
fn prometheus_reads_what_the_station_counts() -> Result<()> {
    let fake = Fake::start()?;
    let gateway = Gateway::start(Options::default())?;
    gateway.add_to_site(&mirror(fake.port()))?;
    let station = gateway.first_station()?;
    send(&station, &gateway, 0..30)?;
    let red = f64::from(RED_PPM) + 1.0;
    // Raised, and one reading sent a second time.
    gateway.send(&[(30, red), (31, red), (40, red), (41, red), (41, red)])?;
    let is = |seen: &Value, key: &str, value: f64| seen[key] == value;
    let state = |word: &str| format!("siskin_mirror_state{{mirror=target,state={word}}}");
    station.until("a red warning is counted and mirrored", SOON, |station| {
        let seen = metrics(station)?;
        let is_red = is(&seen, "siskin_warnings_open{tier=red}", 1.0);
        let is_double = seen["siskin_readings_duplicate_total"].as_f64() >= Some(1.0);
        let is_taken =
            seen["siskin_mirror_lines_accepted_total{mirror=target}"].as_f64() > Some(34.0);
        let is_current = is(&seen, "siskin_mirror_oldest_waiting_seconds{mirror=target}", 0.0);
        let is_well = is(&seen, &state("ok"), 1.0) && is(&seen, &state("blocked"), 0.0);
        Ok((is_red && is_double && is_taken && is_current && is_well).then_some(()))
    })?;
    let seen = metrics(&station)?;
    ensure!(seen["siskin_readings_total"].as_f64() > Some(34.0), "{seen}");
    for zero in [
        "siskin_readings_late_total",
        "siskin_readings_quarantined_total",
        "siskin_readings_dropped_total",
        "siskin_series_damaged",
        "siskin_storage_error",
        "siskin_warnings_open{tier=blue}",
        "siskin_mirror_lines_refused_total{mirror=target}",
        "siskin_mirror_failures_in_a_row{mirror=target}",
        "siskin_mirror_missed_days{mirror=target}",
    ] {
        ensure!(is(&seen, zero, 0.0), "{zero} in {seen}");
    }
    ensure!(is(&seen, "siskin_analyzers{link=online}", 1.0), "{seen}");

    fake.set_down(true);
    gateway.send(&[(50, red)])?;
    station.until("the outage is in the metrics", SOON, |station| {
        let seen = metrics(station)?;
        let is_away = is(&seen, &state("retrying"), 1.0) && is(&seen, &state("ok"), 0.0);
        let of = |name: &str| seen[format!("siskin_mirror_{name}{{mirror=target}}")].as_f64();
        let is_behind =
            of("oldest_waiting_seconds") > Some(0.0) && of("batches_behind") > Some(0.0);
        Ok((is_away && is_behind && of("failures_in_a_row") > Some(0.0)).then_some(()))
    })?;
    station.stop()
}
