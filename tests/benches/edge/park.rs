//! A park of 500 analyzers at one gateway, judged by the six rules of the standard workload.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::edge::{EDGE, Edge, TOKEN};
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use serde_json::Value;

use crate::devices;

/// What the issue asks for.
pub(crate) const CHANNELS: usize = 500;
const AREAS: usize = 10;
const POLL_MS: u32 = 1000;
const RULES: &str = "tests/fixtures/sites/standard-workload/rules/standard-6.toml";

pub(crate) struct Park {
    folder: SiteFolder,
    pub(crate) channels: Vec<String>,
}

impl Park {
    /// Devices that answer, and the folders.
    pub(crate) fn start() -> Result<Self> {
        let ports = devices::start(CHANNELS)?;
        let names: Vec<_> = (0..CHANNELS).map(|n| (format!("at-{n:03}"), n % AREAS)).collect();
        let areas: Vec<_> = (0..AREAS).map(|n| format!("area-{n}")).collect();
        let analyzers = names.iter().zip(ports).map(|((id, area), port)| {
            let area = areas.get(*area).context("no area")?;
            Ok(Analyzer { id, area, link: Link::Modbus(port) })
        });
        let analyzers = analyzers.collect::<Result<Vec<_>>>()?;
        let folder =
            SiteFolder::write(&analyzers, Options { poll_ms: POLL_MS, ..Options::default() })?;
        adapt(&folder)?;
        let channels = names.iter().map(|(id, _)| format!("{id}-cl2")).collect();
        Ok(Self { folder, channels })
    }

    pub(crate) fn station(&self) -> Result<Station> {
        Station::run(&self.folder.site(), &self.folder.data())
    }

    pub(crate) fn edge(&self, station: &Station) -> Result<Edge> {
        let port = station.url().rsplit(':').next().context("no port")?.parse()?;
        Edge::run(&self.folder.site(), &self.edge_data(), port, &[])
    }

    fn edge_data(&self) -> PathBuf {
        self.folder.path().join("edge")
    }

    /// Fills the spool of the gateway, which does not run, with so many seconds from `from_ms` on.
    pub(crate) fn fill(&self, seconds: u64, from_ms: i64) -> Result<()> {
        let program = std::env::var_os("FILL_SPOOL_BIN")
            .context("FILL_SPOOL_BIN must name the example; hint: make bench ONLY=edge")?;
        let mut command = Command::new(program);
        command.arg(self.edge_data().join("spool"));
        command.args([seconds.to_string(), from_ms.to_string()]).args(&self.channels);
        let output = command.output().context("cannot start fill_spool")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }
}

/// The gateway, and the rules of the standard workload with the range that they need.
fn adapt(folder: &SiteFolder) -> Result<()> {
    let path = folder.site().join("site.toml");
    let text = fs::read_to_string(&path)?;
    let text = text.replace("tiers = [\"yellow\"", "tiers = [\"blue\", \"yellow\"");
    fs::write(&path, format!("{text}\n[[edge]]\nid = \"{EDGE}\"\ntoken = \"{TOKEN}\"\n"))?;
    let path = folder.site().join("analyzers.toml");
    let text = fs::read_to_string(&path)?;
    let text = text.replace("\nmodbus = ", &format!("\nedge = \"{EDGE}\"\nmodbus = "));
    fs::write(&path, text.replace("high = 50.0", "high = 1000.0"))?;
    fs::copy(binary::root().join(RULES), folder.site().join("rules/chlorine.toml"))?;
    Ok(())
}

/// What the station says of the gateway.
pub(crate) fn view(station: &Station) -> Result<Value> {
    let edges = station.get("edges")?;
    let view = edges.get(0).cloned();
    view.with_context(|| format!("no gateway in {edges}"))
}

/// A count in it.
pub(crate) fn count(view: &Value, key: &str) -> Result<u64> {
    view.get(key).and_then(Value::as_u64).with_context(|| format!("no `{key}` in {view}"))
}
