//! A park with one analyzer over Modbus and its incidents; outlives the stations.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::modbus::{Devices, State};
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use serde_json::{Value, json};

/// Longest wait for what follows a poll or two.
pub(crate) const SOON: Duration = Duration::from_secs(15);
/// Who is told: a bureau that takes files.
const RECIPIENTS: &str = r#"
[[recipient]]
id = "bureau"
name = { zh = "县局", en = "County bureau" }
kind = "bureau"
tier_min = "yellow"

[[recipient.way]]
type = "cap-files"
folder = "../cap"
"#;
/// The channel of the one analyzer.
pub(crate) const CHANNEL: &str = "at-1-cl2";

pub(crate) struct Park {
    devices: Devices,
    folder: SiteFolder,
}

impl Park {
    pub(crate) fn new() -> Result<Self> {
        let devices = Devices::start(&["at-1"])?;
        let link = Link::Modbus(devices.port("at-1")?);
        let analyzer = Analyzer { id: "at-1", area: "tank-farm", link };
        let options = Options { poll_ms: 100, ..Options::default() };
        let folder = SiteFolder::write(&[analyzer], options)?;
        std::fs::create_dir(folder.path().join("cap"))?;
        std::fs::write(folder.site().join("recipients.toml"), RECIPIENTS)?;
        Ok(Self { devices, folder })
    }

    pub(crate) fn start(&self) -> Result<Station> {
        Station::run(&self.folder.site(), &self.folder.data())
    }

    pub(crate) fn gas(&mut self, ppm: f32) -> Result<()> {
        self.devices.set("at-1", ppm, State::Monitor).map(|_| ())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `siskin report` while a station runs or not.
    pub(crate) fn report(&self, incident: &str, options: &[&str], out: &Path) -> Result<()> {
        let mut command = Command::new(binary::siskin()?);
        command.arg("report").arg(self.folder.site()).arg(incident).args(options);
        command.arg("--data").arg(self.folder.data()).arg("--out").arg(out);
        let done = command.output()?;
        let text = String::from_utf8_lossy(&done.stdout);
        let errors = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "{text}{errors}");
        Ok(())
    }

    /// `siskin evidence` while a station runs or not.
    pub(crate) fn evidence(&self, incident: &str, out: &Path) -> Result<()> {
        let mut command = Command::new(binary::siskin()?);
        command.args(["evidence", incident, "--site"]).arg(self.folder.site());
        command.arg("--data").arg(self.folder.data()).arg("--out").arg(out);
        let done = command.output()?;
        let text = String::from_utf8_lossy(&done.stdout);
        let errors = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "{text}{errors}");
        Ok(())
    }
}

/// What is in a pack, every sum compared, by Python.
pub(crate) fn unpacked(pack: &Path) -> Result<Value> {
    let script = binary::root().join("tests/python/read_evidence.py");
    let done = Command::new(binary::python()?).arg(script).arg(pack).output()?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Ok(serde_json::from_slice(&done.stdout)?)
}

/// The one incident that a red warning opened.
pub(crate) fn opened(station: &Station) -> Result<String> {
    let id = station.until("an incident", SOON, |station| {
        let found = station.get("incidents")?;
        Ok(found["incidents"][0]["id"].as_str().map(str::to_owned))
    })?;
    let found = station.get("incidents?closed=true")?;
    ensure!(found["incidents"].as_array().is_some_and(|all| all.len() == 1), "{found}");
    ensure!(found["failure"].is_null(), "{found}");
    Ok(id)
}

/// Acts, which must succeed; the incident after it.
pub(crate) fn act(station: &Station, id: &str, path: &str, body: &Value) -> Result<Value> {
    let (status, answer) = station.post(&format!("incidents/{id}/{path}"), body)?;
    ensure!(status == 200, "{path}: {status} {answer}");
    Ok(answer)
}

/// Changes, which must succeed.
pub(crate) fn change(station: &Station, id: &str, body: &Value) -> Result<Value> {
    let (status, answer) = station.patch(&format!("incidents/{id}"), body)?;
    ensure!(status == 200, "{body}: {status} {answer}");
    Ok(answer)
}

/// How a clock stands.
pub(crate) fn clock(incident: &Value, duty: &str) -> Result<Value> {
    let clocks = incident["clocks"].as_array().context("clocks")?;
    let found = clocks.iter().find(|clock| clock["duty"] == duty);
    found.cloned().with_context(|| format!("no clock {duty}: {incident}"))
}

/// The acts of all entries, in order.
pub(crate) fn acts(incident: &Value) -> Vec<&str> {
    let entries = incident["entries"].as_array().into_iter().flatten();
    entries.filter_map(|entry| entry["act"].as_str()).collect()
}

/// Acknowledges every warning that is not.
pub(crate) fn acknowledge_all(station: &Station) -> Result<()> {
    for warning in station.get("warnings")?.as_array().into_iter().flatten() {
        if !warning["state"].as_str().is_some_and(|state| state.ends_with("unacknowledged")) {
            continue;
        }
        let id = warning["id"].as_str().context("an id")?;
        let (status, body) = station.acknowledge(id, "wang", "现场已确认")?;
        ensure!(status == 200, "{status} {body}");
    }
    Ok(())
}

/// A note.
pub(crate) fn note(text: &str) -> Value {
    json!({ "text": text })
}
