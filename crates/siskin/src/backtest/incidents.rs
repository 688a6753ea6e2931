//! Labelled incidents: when which gas was truly there. CSV with a header of `id,gas,start,end` and,
//! where known, `area,channel`; the columns may stand in any order.
//!
//! Must never guess: a gas, area or channel that the site does not have is an error with its line.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use siskin_model::{AreaId, ChannelId, ChannelIndex, GasId, Site};
use siskin_sim::workload::{Releases, START_MS};

use super::args::moment;
use super::intervals::Interval;

/// The most incidents one run may have.
const INCIDENTS_MAX: usize = 10_000_000;
const NEEDED: [&str; 4] = ["id", "gas", "start", "end"];
const ALLOWED: [&str; 6] = ["id", "gas", "start", "end", "area", "channel"];

/// Which channels an incident concerns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scope {
    pub(crate) gas: GasId,
    pub(crate) area: Option<AreaId>,
    pub(crate) channel: Option<u32>,
}

impl Scope {
    /// Whether it concerns a channel of the site.
    pub(crate) fn covers(&self, site: &Site, channel: u32) -> bool {
        let of_gas = |c: &siskin_model::site::Channel| {
            c.quantity.gas() == Some(&self.gas) && self.area.as_ref().is_none_or(|a| *a == c.area)
        };
        self.channel.is_none_or(|only| only == channel)
            && site.channel(ChannelIndex(channel)).is_some_and(of_gas)
    }
}

/// One incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Incident {
    pub(crate) id: String,
    pub(crate) scope: Scope,
    pub(crate) time: Interval,
}

/// Reads the incidents of a file.
pub(crate) fn read(path: &Path, site: &Site) -> anyhow::Result<Vec<Incident>> {
    let about = || format!("cannot read the incidents in `{}`", path.display());
    let text = std::fs::read_to_string(path).with_context(about)?;
    parsed(&path.display().to_string(), &text, site)
}

fn parsed(name: &str, text: &str, site: &Site) -> anyhow::Result<Vec<Incident>> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    for needed in NEEDED {
        ensure!(
            header.contains(&needed),
            "{name}:1: found the header `{}`, expected `{needed}` in it; \
             hint: the columns are {}",
            header.join(","),
            ALLOWED.join(",")
        );
    }
    if let Some(other) = header.iter().find(|column| !ALLOWED.contains(column)) {
        bail!("{name}:1: nothing reads the column `{other}`; hint: use {}", ALLOWED.join(","));
    }
    let mut incidents = Vec::new();
    let mut seen = BTreeSet::new();
    for (number, line) in (2usize..).zip(lines).filter(|(_, line)| !line.trim().is_empty()) {
        ensure!(incidents.len() < INCIDENTS_MAX, "{name} has more than {INCIDENTS_MAX} incidents");
        let incident = row(&header, line, site).with_context(|| format!("{name}:{number}"))?;
        ensure!(
            seen.insert(incident.id.clone()),
            "{name}:{number}: the id `{}` stands twice; hint: give each incident its own",
            incident.id
        );
        incidents.push(incident);
    }
    Ok(incidents)
}

fn row(header: &[&str], line: &str, site: &Site) -> anyhow::Result<Incident> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    ensure!(
        fields.len() == header.len(),
        "found {} fields in `{line}`, expected {}; hint: look for a stray comma",
        fields.len(),
        header.len()
    );
    let field = |key: &str| {
        let found = header.iter().zip(&fields).find(|(column, _)| **column == key);
        found.map(|(_, text)| *text).filter(|text| !text.is_empty())
    };
    let needed = |key: &'static str| {
        field(key).with_context(|| format!("`{key}` is empty; hint: fill it in"))
    };
    let time = |key| moment(needed(key)?).with_context(|| format!("in `{key}`"));
    let (start, end) = (time("start")?, time("end")?);
    ensure!(
        start < end,
        "`end` {end} is not after `start` {start}; hint: are the two columns swapped?"
    );
    let scope = Scope {
        gas: gas(needed("gas")?, site)?,
        area: field("area").map(|text| area(text, site)).transpose()?,
        channel: field("channel").map(|text| channel(text, site)).transpose()?,
    };
    let watched = (0u32..).zip(&site.channels).any(|(index, _)| scope.covers(site, index));
    ensure!(
        watched,
        "no channel of the run measures `{}` there; hint: look at `gas`, `area` and `channel`",
        scope.gas
    );
    Ok(Incident { id: needed("id")?.to_owned(), scope, time: Interval::of(start, end) })
}

fn gas(text: &str, site: &Site) -> anyhow::Result<GasId> {
    let found = site.gases.iter().find(|gas| gas.id.as_str() == text);
    let known = || site.gases.iter().map(|gas| gas.id.as_str()).collect::<Vec<_>>().join(", ");
    let found = found.with_context(|| {
        format!("in `gas`: the site does not measure `{text}`; hint: it measures {}", known())
    });
    Ok(found?.id.clone())
}

fn area(text: &str, site: &Site) -> anyhow::Result<AreaId> {
    let found = site.areas.iter().find(|area| area.id.as_str() == text);
    let known = || site.areas.iter().map(|area| area.id.as_str()).collect::<Vec<_>>().join(", ");
    let found = found.with_context(|| {
        format!("in `area`: the site has no area `{text}`; hint: it has {}", known())
    });
    Ok(found?.id.clone())
}

fn channel(text: &str, site: &Site) -> anyhow::Result<u32> {
    let found = site.index_of(&ChannelId::new(text)?).with_context(|| {
        format!("in `channel`: the run has no channel `{text}`; hint: leave it empty for all")
    })?;
    Ok(found.0)
}

/// The releases of the standard workload as incidents on their channels.
pub(crate) fn of_workload(seed: u64, seconds: u32, site: &Site) -> Vec<Incident> {
    let mut incidents = Vec::new();
    for (index, channel) in site.indexed() {
        let Some(gas) = channel.quantity.gas() else { continue };
        let releases = Releases::of(seed, index.0);
        for release in releases.take_while(|r| r.begin_s < f64::from(seconds)) {
            let scope = Scope { gas: gas.clone(), area: None, channel: Some(index.0) };
            let time = Interval::new(at_ms(release.begin_s), at_ms(release.felt_until_s()));
            incidents.push(Incident {
                id: format!("{}-{}", channel.id, time.start_ms),
                scope,
                time,
            });
        }
    }
    incidents
}

fn at_ms(second: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a workload, far from 2^53")]
    let ms = (second * 1000.0).ceil() as i64;
    START_MS + ms
}
