//! A park whose readings come as fast as the test wants them, and its station; outlives them all.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::broker::Broker;
use e2e::moment;
use e2e::publisher::Publisher;
use e2e::site::{Analyzer, Link, ORANGE_PPM, Options, RED_PPM, SiteFolder, YELLOW_PPM};
use e2e::station::Station;
use serde_json::{Value, json};

/// Longest wait for what follows a message, also after the broker has to be found again.
const SOON: Duration = Duration::from_secs(30);
/// An analyzer each, in an area of its own: as many warnings.
pub(crate) const AREAS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
/// Calm, and one value for each tier.
pub(crate) const PPM: [f32; 4] = [0.0, YELLOW_PPM + 0.5, ORANGE_PPM + 0.5, RED_PPM + 1.0];
/// The first two rungs come while the test runs; the last one never does.
const LADDERS: &str = r#"
[[escalation]]
tier = "yellow"
steps = [
  { after_s = 1, to = "leader" },
  { after_s = 3, to = "engineer" },
  { after_s = 86400, to = "bureau" },
]

[[escalation]]
tier = "orange"
steps = [
  { after_s = 1, to = "leader" },
  { after_s = 2, to = "engineer" },
  { after_s = 86400, to = "bureau" },
]

[[escalation]]
tier = "red"
steps = [{ after_s = 1, to = "leader" }, { after_s = 86400, to = "bureau" }]
"#;

pub(crate) struct Park {
    /// Nobody asks it anything; people of several threads share the park.
    _broker: Mutex<Broker>,
    publisher: Mutex<(Publisher, i64)>,
    folder: SiteFolder,
}

impl Park {
    pub(crate) fn new() -> Result<Self> {
        let broker = Broker::start()?;
        let of = |area| Analyzer { id: area, area, link: Link::Mqtt };
        let options = Options {
            poll_ms: 1000,
            broker_port: Some(broker.port()),
            no_data_ms: None,
            ..Options::default()
        };
        let folder = SiteFolder::write(&AREAS.map(of), options)?;
        let site = OpenOptions::new().append(true).open(folder.site().join("site.toml"));
        site?.write_all(LADDERS.as_bytes())?;
        let publisher = Mutex::new((Publisher::connect(broker.port())?, 0));
        Ok(Self { _broker: Mutex::new(broker), publisher, folder })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.data()
    }

    pub(crate) fn start(&self) -> Result<Station> {
        Station::run(&self.folder.site(), &self.folder.data())
    }

    /// Readings of these areas, each at a moment of its own.
    pub(crate) fn publish(&self, values: &[(&str, f32)]) -> Result<()> {
        let mut publisher = self.publisher.lock().unwrap_or_else(PoisonError::into_inner);
        let (line, stamp_ms) = &mut *publisher;
        let message = |(area, ppm): &(&str, f32)| {
            *stamp_ms = moment::now_ms().max(*stamp_ms + 1);
            let text = json!({ "ts": *stamp_ms, "value": ppm, "unit": "ppm", "status": "ok" });
            (format!("park/{area}/reading"), text.to_string())
        };
        let messages: Vec<_> = values.iter().map(message).collect();
        line.send(messages)
    }

    /// Publishes one value everywhere until the station shows it.
    pub(crate) fn heard(&self, station: &Station, ppm: f32) -> Result<()> {
        let all = AREAS.map(|area| (area, ppm));
        station.until(&format!("{ppm} ppm everywhere"), SOON, |station| {
            let shown = station.get("channels")?;
            let shown = shown.as_array().context("no list")?;
            if shown.iter().all(|channel| channel["value"].as_f64() == Some(f64::from(ppm))) {
                return Ok(Some(()));
            }
            self.publish(&all)?;
            Ok(None)
        })
    }

    /// The chain of the audit is as it was written.
    pub(crate) fn audit_is_whole(&self) -> Result<()> {
        let mut command = Command::new(binary::siskin()?);
        let done = command.args(["audit", "verify", "--data"]).arg(self.data()).output()?;
        let said = String::from_utf8_lossy(&done.stdout);
        ensure!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
        Ok(())
    }

    /// What came into the ledger after these numbers, read by another hand; nobody may write.
    pub(crate) fn ledger(&self, event: u64, audit: u64) -> Result<Value> {
        let script = binary::root().join("tests/python/read_ledger.py");
        let mut command = Command::new(binary::python()?);
        command.arg(script).arg(self.data()).args([event, audit].map(|n| n.to_string()));
        let done = command.output()?;
        ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Ok(serde_json::from_slice(&done.stdout)?)
    }
}
