//! The operator's tools on real stores: a backup beside a running station, its restore, damage
//! that is named and repaired, and tables out of the store and back into it, value for value.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::modbus::{Devices, State};
use e2e::moment;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use serde_json::Value;

/// Longest wait for what follows some polls.
const SOON: Duration = Duration::from_mins(1);
/// Readings that the station has before anything is done.
const READINGS: usize = 40;

const PAGE_BYTES: usize = 4096;

/// A tool's end: its code, and all it said.
struct Done {
    code: Option<i32>,
    said: String,
}

fn tool(name: &str, arguments: &[&str]) -> Result<Done> {
    let Output { status, stdout, stderr } =
        Command::new(binary::siskin()?).arg(name).args(arguments).output()?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Done { code: status.code(), said: text(stdout) + &text(stderr) })
}

/// Ends with `code` and says all of `words`.
fn check(name: &str, arguments: &[&str], code: i32, words: &[&str]) -> Result<String> {
    let Done { code: found, said } = tool(name, arguments)?;
    ensure!(found == Some(code), "{name} ended with {found:?} instead of {code}:\n{said}");
    for word in words {
        ensure!(said.contains(word), "`{word}` is not in:\n{said}");
    }
    Ok(said)
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is no text")
}

/// Devices, a site, and a station that has heard something.
struct Park {
    _devices: Devices,
    folder: SiteFolder,
    station: Station,
    channel: String,
}

impl Park {
    fn start() -> Result<Self> {
        let mut devices = Devices::start(&["at-1"])?;
        devices.set("at-1", 0.37, State::Monitor)?;
        let link = Link::Modbus(devices.port("at-1")?);
        let analyzers = [Analyzer { id: "at-1", area: "tank-farm", link }];
        let folder = SiteFolder::write(&analyzers, Options { poll_ms: 100, ..Options::default() })?;
        let station = Station::run(&folder.site(), &folder.data())?;
        let channel = "at-1-cl2".to_owned();
        let park = Self { _devices: devices, folder, station, channel };
        park.heard(READINGS)?;
        Ok(park)
    }

    fn heard(&self, count: usize) -> Result<()> {
        let enough =
            |station: &Station| Ok((heard(station, &self.channel)? >= count).then_some(()));
        self.station.until("enough readings", SOON, enough)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// How many readings a station has of the last hour.
fn heard(station: &Station, channel: &str) -> Result<usize> {
    let now = moment::now_ms();
    Ok(station.readings(channel, now - 3_600_000, now + 60_000)?.len())
}

/// An export of all that is in a data folder.
fn exported(park: &SiteFolder, data: &Path, out: &Path, more: &[&str]) -> Result<String> {
    let site = park.site();
    let mut arguments = vec!["--data", text(data)?, "--site", text(&site)?, "--all"];
    arguments.extend(["--from", "2026-01-01T00:00:00Z", "--to", "2036-01-01T00:00:00Z"]);
    arguments.extend(["--out", text(out)?]);
    arguments.extend(more);
    check("export", &arguments, 0, &["已导出 / exported"])
}

/// Rows of an exported CSV without the origin, which an import changes.
fn rows(path: &Path) -> Result<Vec<String>> {
    let all = fs::read_to_string(path)?;
    let row = |line: &str| {
        let mut fields: Vec<_> = line.trim_start_matches('\u{feff}').split(',').collect();
        fields.remove(8);
        fields.join(",")
    };
    Ok(all.lines().map(row).collect())
}

#[test]
fn a_backup_beside_a_running_station_is_restored_and_equal() -> Result<()> {
    let park = Park::start()?;
    let (data, backup) = (park.folder.data(), park.path("backup"));
    check("backup", &["--data", text(&data)?, "--to", text(&backup)?], 0, &["备份完成"])?;
    let before = heard(&park.station, &park.channel)?;
    // It went on meanwhile.
    park.heard(before + 3)?;
    let again = check("backup", &["--data", text(&data)?, "--to", text(&backup)?], 1, &[])?;
    ensure!(again.contains("never written over; hint: "), "{again}");
    let in_use = ["--from", text(&backup)?, "--data", text(&data)?];
    check("restore", &in_use, 1, &["is not empty (数据目录非空)"])?;
    check("verify", &["--data", text(&data)?], 0, &["数据完好 / all is sound"])?;
    check("verify", &["--data", text(&data)?, "--repair"], 0, &["数据完好"])?;
    let restored = park.path("restored");
    let from = ["--from", text(&backup)?, "--data", text(&restored)?];
    check("restore", &from, 0, &["已恢复 / restored", "数据完好 / all is sound"])?;
    let Park { station, folder, .. } = park;
    station.stop()?;
    let (old, new) = (folder.path().join("old.csv"), folder.path().join("new.csv"));
    exported(&folder, &data, &old, &[])?;
    exported(&folder, &restored, &new, &[])?;
    let (old, new) = (rows(&old)?, rows(&new)?);
    ensure!(new.len() > READINGS && old.len() > new.len(), "{} {}", old.len(), new.len());
    ensure!(old.starts_with(&new), "the restored readings are others");
    Ok(())
}

#[test]
fn a_changed_backup_is_refused() -> Result<()> {
    let park = Park::start()?;
    let (data, backup) = (park.folder.data(), park.path("backup"));
    check("backup", &["--data", text(&data)?, "--to", text(&backup)?], 0, &[])?;
    let restored = park.path("restored");
    let from = ["--from", text(&backup)?, "--data", text(&restored)?];
    for name in ["series.db", "ledger.db", "manifest.json"] {
        let path = backup.join(name);
        let whole = fs::read(&path)?;
        let mut bytes = whole.clone();
        let place = bytes.len() / 2;
        bytes[place] ^= 0x20;
        fs::write(&path, &bytes)?;
        check("restore", &from, 1, &[name, "hint: "])?;
        check("verify", &["--data", text(&backup)?], 1, &[name])?;
        bytes.truncate(place);
        fs::write(&path, &bytes)?;
        check("restore", &from, 1, &[name, "hint: "])?;
        fs::write(&path, &whole)?;
        ensure!(!restored.exists(), "something was restored");
    }
    check("restore", &from, 0, &["已恢复"])?;
    Ok(())
}

#[test]
fn damage_is_named_repaired_and_the_station_starts() -> Result<()> {
    let park = Park::start()?;
    let data = park.folder.data();
    let Park { station, folder, _devices, channel } = park;
    station.stop()?;
    damaged_batch(&data)?;
    check(
        "verify",
        &["--data", text(&data)?, "--repair"],
        0,
        &["series.db.damaged-1", "数据完好"],
    )?;
    let station = Station::run(&folder.site(), &data)?;
    let left = heard(&station, &channel)?;
    ensure!(left + 10 > READINGS, "{left} readings are left");
    let missing = folder.path().join("nowhere");
    check("verify", &["--data", text(&missing)?], 2, &["hint: "])?;
    station.stop()
}

/// Changes a byte of a batch of the series: rows lie at the ends of pages.
fn damaged_batch(data: &Path) -> Result<()> {
    let path = data.join("series.db");
    let whole = fs::read(&path)?;
    for page_end in (PAGE_BYTES..=whole.len()).step_by(PAGE_BYTES) {
        let mut bytes = whole.clone();
        bytes[page_end - 8] ^= 0x01;
        fs::write(&path, &bytes)?;
        let Done { code, said } = tool("verify", &["--data", text(data)?, "--json"])?;
        let told: Value = serde_json::from_str(said.lines().next().unwrap_or_default())?;
        ensure!(told["clean"] == (code == Some(0)), "{code:?}: {told}");
        if told["files"][1]["damage"][0]["place"] == "batch" {
            return Ok(());
        }
    }
    anyhow::bail!("no batch was hit in {} bytes", whole.len())
}

const LONG: &str = "[time]\ncolumn = 'measured_at'\n[received]\ncolumn = 'received_at'\n\
                    [long]\nchannel = 'channel'\nvalue = 'value'\nunit_column = 'unit'\n\
                    [quality]\ncolumn = 'quality'\n";

#[test]
fn tables_come_back_value_for_value() -> Result<()> {
    let park = Park::start()?;
    let data = park.folder.data();
    let (site, map) = (park.folder.site(), park.path("map.toml"));
    fs::write(&map, LONG)?;
    // Beside the running station; it has the stores, so nothing is imported meanwhile.
    exported(&park.folder, &data, &park.path("beside.csv"), &[])?;
    let file = park.path("beside.csv");
    let busy = ["--data", text(&data)?, "--site", text(&site)?, "--file", text(&file)?];
    check("import", &[&busy[..], &["--map", text(&map)?]].concat(), 1, &["导入前请先停站"])?;
    let Park { station, folder, .. } = park;
    station.stop()?;
    let first = folder.path().join("first.csv");
    exported(&folder, &data, &first, &["--bom"])?;
    let parquet = folder.path().join("first.parquet");
    exported(&folder, &data, &parquet, &["--format", "parquet"])?;
    for (form, file) in [("csv", &first), ("parquet", &parquet)] {
        let new = folder.path().join(format!("from-{form}"));
        let mut arguments = vec!["--data", text(&new)?, "--site", text(&site)?];
        arguments.extend(["--map", text(&map)?, "--format", form, "--file", text(file)?]);
        let dry = [&arguments[..], &["--dry-run"]].concat();
        check("import", &dry, 0, &["nothing is written", "拒绝 / refused 0"])?;
        ensure!(!new.exists(), "a dry run made something");
        check("import", &arguments, 0, &["拒绝 / refused 0", "duplicates 0"])?;
        let count = rows(&first)?.len() - 1;
        check("import", &arguments, 0, &["imported 0", &format!("duplicates {count}")])?;
        check("verify", &["--data", text(&new)?], 0, &["数据完好"])?;
        let back = folder.path().join(format!("{form}-back.csv"));
        exported(&folder, &new, &back, &[])?;
        ensure!(rows(&back)? == rows(&first)?, "readings changed on the way through {form}");
        ensure!(fs::read_to_string(&back)?.contains(",import,"), "the origin is another");
    }
    Ok(())
}

#[test]
fn others_read_the_parquet_file() -> Result<()> {
    let park = Park::start()?;
    let Park { station, folder, .. } = park;
    station.stop()?;
    let (csv, parquet) = (folder.path().join("a.csv"), folder.path().join("a.parquet"));
    exported(&folder, &folder.data(), &csv, &[])?;
    exported(&folder, &folder.data(), &parquet, &["--format", "parquet"])?;
    let script = binary::root().join("tests/python/read_parquet.py");
    let done = Command::new(binary::python()?).arg(script).arg(&parquet).arg(&csv).output()?;
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{said}");
    Ok(())
}
