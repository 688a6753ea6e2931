//! A target behind TLS whose authority is the site's own: trusted, not trusted, and mended
//! (invariants 5, 6 and 8).

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use e2e::certificates;
use e2e::gateway::Gateway;
use e2e::site::Options;
use serde_json::Value;

use crate::fake::Fake;
use crate::outages::{equal, send};
use crate::stored::health;
use crate::{SOON, mirror};

/// The `[[mirror]]` of a target that is trusted by the authority in `ca`.
fn secured(port: u16, ca: &Path) -> Result<String> {
    let ca = ca.to_str().context("no path")?;
    let table = mirror(port).replace("http://", "https://");
    Ok(format!("{table}ca_file = {ca:?}\n"))
}

#[test]
fn a_target_under_another_authority_gets_nothing_until_it_is_mended() -> Result<()> {
    let files = tempfile::tempdir()?;
    let folder = |name: &str| files.path().join(name);
    for name in ["own", "other"] {
        certificates::make(&folder(name), &["127.0.0.1"])?;
    }
    let (own, other) = (folder("own/ca.crt"), folder("other/ca.crt"));
    let trusted = folder("trusted.crt");
    fs::copy(&own, &trusted)?;
    let fake = Fake::start_tls(&folder("own"))?;
    let gateway = Gateway::start(Options::default())?;
    gateway.add_to_site(&secured(fake.port(), &trusted)?)?;
    let station = gateway.first_station()?;
    send(&station, &gateway, 0..60)?;
    equal(&station, &gateway, &fake, &[])?;
    station.stop()?;
    let taken = fake.requests();

    fs::copy(&other, &trusted)?;
    let station = gateway.station()?;
    send(&station, &gateway, 60..120)?;
    let mut last = Value::Null;
    let told = station.until("the wrong authority is told", SOON, |station| {
        last = health(station)?;
        let why = last["last_error"].as_str().unwrap_or_default();
        let is_told = why.contains("invalid peer certificate");
        let is_behind = last["batches_behind"].as_u64() > Some(0);
        Ok((is_told && is_behind && last["state"] == "retrying").then(|| last.clone()))
    });
    let seen = told.map_err(|error| error.context(format!("{last}")))?;
    ensure!(seen["failures_in_a_row"].as_u64() > Some(0), "{seen}");
    ensure!(station.get("health")?["status"] == "degraded");
    ensure!(fake.requests() == taken, "written to a server that is not trusted");
    station.stop()?;

    fs::copy(&own, &trusted)?;
    let station = gateway.station()?;
    equal(&station, &gateway, &fake, &[])?;
    station.until("the mirror is well", SOON, |station| {
        let seen = health(station)?;
        let is_well = seen["state"] == "ok" && seen["failures_in_a_row"] == 0;
        Ok((is_well && seen["oldest_waiting_ms"] == 0).then_some(()))
    })?;
    station.stop()
}
