//! A park with one gateway: analyzers on a broker, the gateway, a line that can be cut, the
//! station.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::edge::{EDGE, Edge, TOKEN};
use e2e::gateway::write_configs;
use e2e::moment;
use e2e::proxy::Proxy;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use e2e::wait::poll;
use serde_json::Value;

use crate::feed::{Broker, Sent};

/// Longest wait for what needs a reconnection with its backoff.
pub(crate) const LATER: Duration = Duration::from_mins(1);
/// Catalogue and profiles, in the folder of the site.
const CONFIGS: &str = "firmware-configs";
/// Readings that are asked for at once; one answer holds 5,000.
const PAGE: usize = 4000;

/// What outlives the gateway and the station.
pub(crate) struct Park {
    pub(crate) broker: Broker,
    pub(crate) proxy: Proxy,
    pub(crate) analyzers: Vec<String>,
    folder: SiteFolder,
    _files: tempfile::TempDir,
}

impl Park {
    /// Analyzers `at-1`, `at-2` and so on, all at the gateway.
    pub(crate) fn new(analyzers: usize) -> Result<Self> {
        let files = tempfile::tempdir()?;
        let broker = Broker::start(files.path())?;
        let analyzers: Vec<_> = (1..=analyzers).map(|place| format!("at-{place}")).collect();
        // Their own stamps are believed however long the gateway was away.
        let of_gateway = analyzers.iter().map(|id| (id.as_str(), Link::Gateway));
        // One that the station reads itself, and that is away: the gateway must not care.
        let all: Vec<_> = of_gateway
            .chain([("own-1", Link::Modbus(dead_port()?))])
            .map(|(id, link)| Analyzer { id, area: "tank-farm", link })
            .collect();
        let broker_port = Some(broker.port);
        let (no_data_ms, reorder_window_s) = (None, Some(0));
        let options = Options {
            poll_ms: 1000,
            broker_port,
            no_data_ms,
            reorder_window_s,
            ..Options::default()
        };
        let folder = SiteFolder::write(&all, options)?;
        give_to_gateway(&folder)?;
        write_configs(&folder.path().join(CONFIGS))?;
        let proxy = Proxy::start()?;
        Ok(Self { broker, proxy, analyzers, folder, _files: files })
    }

    /// Profiles of its own.
    pub(crate) fn configs(&self) -> PathBuf {
        self.folder.path().join(CONFIGS)
    }

    /// Starts the station and leads the line to it.
    pub(crate) fn station(&self) -> Result<Station> {
        let (site, data) = (self.folder.site(), self.folder.data());
        let station = Station::run_with(&site, &data, &self.configs())?;
        let port = station.url().rsplit(':').next().context("no port")?;
        self.proxy.lead(port.parse()?);
        Ok(station)
    }

    /// Starts the gateway; the same spool every time.
    pub(crate) fn edge(&self, more: &[&str]) -> Result<Edge> {
        self.started(Edge::run, more)
    }

    /// The same without waiting until it reads.
    pub(crate) fn edge_begins(&self) -> Result<Edge> {
        self.started(Edge::begin, &[])
    }

    fn started(
        &self,
        start: fn(&Path, &Path, u16, &[&str]) -> Result<Edge>,
        more: &[&str],
    ) -> Result<Edge> {
        let data = self.folder.path().join("edge");
        let configs = self.configs().display().to_string();
        let more = [&["--firmware-configs", &configs], more].concat();
        start(&self.folder.site(), &data, self.proxy.port(), &more)
    }

    /// Publishes until the station hears every analyzer: subscription and link stand.
    pub(crate) fn heard(&self, station: &Station) -> Result<()> {
        for id in &self.analyzers {
            station.until(&format!("{id} is heard"), LATER, |station| {
                if !station.channel(&format!("{id}-cl2"))?["value"].is_null() {
                    return Ok(Some(()));
                }
                self.broker.publish(id, &[(moment::now_ms(), 0.1)])?;
                Ok(None)
            })?;
        }
        Ok(())
    }

    /// The station has exactly what every analyzer sent.
    pub(crate) fn has_exactly(&self, station: &Station, sent: &[Sent]) -> Result<()> {
        for (id, sent) in self.analyzers.iter().zip(sent) {
            let channel = format!("{id}-cl2");
            let last = *sent.keys().next_back().context("nothing was sent")?;
            let wanted = sent.len();
            poll(&format!("{channel}: all {wanted} are kept"), LATER, || {
                // The newest first: cheap while much is missing.
                let newest = station.readings(&channel, last, last + 1)?;
                let kept = if newest.is_empty() { 0 } else { kept(station, &channel, sent)?.len() };
                Ok((kept >= wanted).then_some(()))
            })
            .with_context(|| differences(station, &channel, sent))?;
            let kept = kept(station, &channel, sent)?;
            ensure!(kept == *sent, "{}", differences(station, &channel, sent));
        }
        Ok(())
    }
}

/// A port where nobody listens.
fn dead_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Every analyzer on the broker is read by the gateway.
fn give_to_gateway(folder: &SiteFolder) -> Result<()> {
    let path = folder.site().join("site.toml");
    let text = fs::read_to_string(&path)?;
    fs::write(&path, format!("{text}\n[[edge]]\nid = \"{EDGE}\"\ntoken = \"{TOKEN}\"\n"))?;
    let path = folder.site().join("analyzers.toml");
    let text = fs::read_to_string(&path)?;
    let given = text.replace("\nmqtt = ", &format!("\nedge = \"{EDGE}\"\nmqtt = "));
    Ok(fs::write(path, given)?)
}

/// What the station has between the first and the last of `sent`. Two readings of one stamp would
/// show as a mean of both.
fn kept(station: &Station, channel: &str, sent: &Sent) -> Result<Sent> {
    let stamps: Vec<_> = sent.keys().copied().collect();
    let mut kept = Sent::new();
    for (place, page) in stamps.chunks(PAGE).enumerate() {
        let from = page.first().context("an empty page")?;
        let until = stamps.get((place + 1) * PAGE).or(page.last()).context("an empty page")?;
        let until = if until == stamps.last().unwrap_or(until) { until + 1 } else { *until };
        for point in station.readings(channel, *from, until)? {
            // A line that was lost is told by a reading without a value.
            if let Some(value) = point["mean"].as_f64() {
                ensure!(point["count"] == 1, "{channel} has more than one of a moment: {point}");
                let at_ms = point["at_ms"].as_i64().context("no moment")?;
                ensure!(kept.insert(at_ms, value).is_none(), "{channel} has {at_ms} twice");
            }
        }
    }
    Ok(kept)
}

fn differences(station: &Station, channel: &str, sent: &Sent) -> String {
    let kept = match kept(station, channel, sent) {
        Ok(kept) => kept,
        Err(error) => return format!("{error:#}"),
    };
    let lost: Vec<_> = sent.iter().filter(|(at, _)| !kept.contains_key(at)).take(5).collect();
    let other: Vec<_> = kept.iter().filter(|(at, v)| sent.get(at) != Some(v)).take(5).collect();
    let edges = station.get("edges").map_or_else(|e| format!("{e:#}"), |v| v.to_string());
    format!(
        "{channel}: {} sent, {} kept; lost {lost:?} ...; other {other:?} ...; edges {edges}",
        sent.len(),
        kept.len()
    )
}

/// The state of the gateway as the station tells it.
pub(crate) fn view(station: &Station) -> Result<Value> {
    let edges = station.get("edges")?;
    ensure!(edges[0]["edge"] == EDGE, "{edges}");
    Ok(edges[0].clone())
}

impl Park {
    /// The site's folder.
    pub(crate) fn site(&self) -> PathBuf {
        self.folder.site()
    }

    /// The folder of the station's stores; that of the gateway stands beside it.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.data()
    }

    /// What the gateway writes about itself.
    pub(crate) fn status(&self) -> Result<Value> {
        let path = self.folder.path().join("edge/status.json");
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Ok(serde_json::from_str(&text)?)
    }

    /// What it writes about its spool.
    pub(crate) fn spool(&self) -> Result<Value> {
        Ok(self.status()?["spool"].clone())
    }
}
