//! Rules on real controlled releases: what the real binary finds, how soon, and how often it cries
//! wolf. The bar is the project's own; the figures stand in `docs/detection.md`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    binary::root().join("tests/fixtures").join(name)
}

/// The report of one backtest of the METEC week, with the site's rules or with others.
fn report(rules: Option<&str>) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let json = folder.path().join("report.json");
    let site = fixture("sites/metec-aded-2022");
    let mut command = Command::new(binary::siskin()?);
    command.arg("backtest").arg("--site").arg(&site);
    command.arg("--readings").arg(site.join("readings/week.csv"));
    command.arg("--incidents").arg(site.join("readings/releases.csv"));
    command.arg("--json").arg(&json);
    if let Some(rules) = rules {
        command.arg("--rules-a").arg(fixture(rules));
    }
    let done = command.output()?;
    let told = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{:?}: {told}", done.status);
    Ok(serde_json::from_slice(&std::fs::read(json)?)?)
}

fn park(report: &Value, key: &str) -> Result<f64> {
    let value = report.pointer(&format!("/sets/0/park/{key}"));
    value.and_then(Value::as_f64).with_context(|| format!("the report has no `{key}`"))
}

#[test]
fn all_seventeen_releases_are_found_soon_and_quiet_time_stays_quiet() -> Result<()> {
    let report = report(None)?;
    ensure!(report.get("incidents").and_then(Value::as_u64) == Some(17), "17 releases");
    let found = park(&report, "found")?;
    let delay_min = park(&report, "delay_median_s")? / 60.0;
    let false_starts = park(&report, "false_starts_per_quiet_day")?;
    let share = park(&report, "quiet_in_alarm_share")?;
    ensure!(found >= 17.0, "found {found} of 17");
    ensure!(delay_min <= 7.0, "median delay {delay_min:.1} min");
    ensure!(false_starts <= 2.0, "{false_starts:.2} false starts a quiet day");
    ensure!(share <= 0.10, "{:.1} % of quiet time in alarm", share * 100.0);
    Ok(())
}

/// The measure itself must see a bad rule: the plain one finds all and cries wolf.
#[test]
fn the_plain_rule_cries_wolf() -> Result<()> {
    let report = report(Some("rules/metec-plain"))?;
    ensure!(park(&report, "found")? >= 17.0, "it finds all");
    ensure!(park(&report, "false_starts_per_quiet_day")? > 20.0, "and cries wolf");
    Ok(())
}
