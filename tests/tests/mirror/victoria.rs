//! A real VictoriaMetrics: written to, killed, started again, and read back value by value.
//!
//! It appends: a corrected reading stands beside the one it corrects, and a repeat beside itself.
//! So each stamp must hold what is stored now, and nothing that was never stored.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::gateway::{CHANNEL, Gateway};
use e2e::moment;
use e2e::process::Process;
use e2e::site::Options;
use e2e::station::Station;
use e2e::wait::poll;
use serde_json::Value;
use tempfile::TempDir;

use crate::stored::{health, stored};
use crate::{LATER, SOON, mirror};

/// How long it may take to listen, and to end in order.
const START_MAX: Duration = Duration::from_secs(30);

/// A VictoriaMetrics that ends with the test.
struct Victoria {
    process: Option<Process>,
    port: u16,
    folder: TempDir,
    agent: ureq::Agent,
}

/// By stamp, every number that was ever written there.
type Held = BTreeMap<i64, BTreeSet<u64>>;

impl Victoria {
    fn start() -> Result<Self> {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = held.local_addr()?.port();
        drop(held);
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let agent = config.new_agent();
        let mut victoria = Self { process: None, port, folder: tempfile::tempdir()?, agent };
        victoria.restart()?;
        Ok(victoria)
    }

    fn restart(&mut self) -> Result<()> {
        let mut command = Command::new("victoria-metrics");
        command
            .arg(format!("-storageDataPath={}", self.folder.path().join("data").display()))
            .arg(format!("-httpListenAddr=127.0.0.1:{}", self.port))
            .arg("-retentionPeriod=10y");
        let process = Process::start("victoria-metrics", &command)
            .context("cannot start victoria-metrics; hint: make debian-test")?;
        self.process = Some(process);
        poll("VictoriaMetrics listens", START_MAX, || Ok(self.get("/health").ok()))?;
        Ok(())
    }

    /// In order: what it has accepted in the last second is lost when it is killed.
    fn stop(&mut self) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            process.signal("TERM")?;
            process.ended(START_MAX)?;
        }
        Ok(())
    }

    fn get(&self, path: &str) -> Result<String> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let mut response = self.agent.get(&url).call()?;
        ensure!(response.status() == 200, "{url}: {}", response.status());
        Ok(response.body_mut().read_to_string()?)
    }

    /// The numbers of one field of the channel.
    fn held(&self, field: &str) -> Result<Held> {
        self.get("/internal/force_flush")?;
        // {__name__="reading_value",channel="at-1-cl2"}
        let filter = format!("%7B__name__%3D%22reading_{field}%22%2Cchannel%3D%22{CHANNEL}%22%7D");
        let text = self.get(&format!("/api/v1/export?match%5B%5D={filter}"))?;
        let mut held = Held::new();
        for row in text.lines() {
            let row: Value = serde_json::from_str(row)?;
            let metric = &row["metric"];
            let tags = ["site", "area", "analyzer", "quantity", "unit"].map(|tag| &metric[tag]);
            ensure!(tags == ["e2e", "tank-farm", "at-1", "chlorine", "ppm"], "{metric}");
            let (stamps, values) = (row["timestamps"].as_array(), row["values"].as_array());
            let (stamps, values) = stamps.zip(values).context("no columns")?;
            for (stamp, value) in stamps.iter().zip(values) {
                let (stamp, value) = (stamp.as_i64(), value.as_f64());
                let (stamp, value) = stamp.zip(value).context("no number")?;
                held.entry(stamp).or_default().insert(value.to_bits());
            }
        }
        Ok(held)
    }
}

/// Waits until the target has every stored reading. `corrected` is what was at a stamp before.
fn equal(
    station: &Station,
    gateway: &Gateway,
    victoria: &Victoria,
    corrected: &[(i64, f64)],
) -> Result<()> {
    let (mut last, before) = (String::new(), corrected);
    let awaited = station.until("VictoriaMetrics has what the store has", LATER, |station| {
        let kept = stored(station, gateway.moment_ms(-400), moment::now_ms() + 60_000)?;
        let mut expected: Held = Held::new();
        for (stamp, (value, _)) in &kept {
            expected.entry(*stamp).or_default().extend(value.map(f64::to_bits));
        }
        for (second, ppm) in before {
            expected.entry(gateway.moment_ms(*second)).or_default().insert(ppm.to_bits());
        }
        let (held, quality) = (victoria.held("value")?, victoria.held("quality")?);
        let qualities_agree = kept.iter().all(|(stamp, (_, code))| {
            let code = (*code as f64).to_bits();
            quality.get(stamp).is_some_and(|held| held.contains(&code))
        });
        last = format!("{} held, {} stored", held.len(), expected.len());
        Ok((held == expected && qualities_agree).then_some(()))
    });
    awaited.map_err(|error| error.context(format!("{last}; {:?}", health(station))))
}

fn wave(seconds: std::ops::Range<i64>) -> Vec<(i64, f64)> {
    seconds
        .map(|second| (second, f64::from(i32::try_from(second).unwrap_or(0) % 97) / 100.0))
        .collect()
}

fn heard(station: &Station, gateway: &Gateway, second: i64) -> Result<()> {
    station.until(&format!("second {second} is heard"), SOON, |station| {
        let at = station.channel(CHANNEL)?["measured_at"].clone();
        Ok((moment::millis(&at)? >= gateway.moment_ms(second)).then_some(()))
    })
}

#[test]
fn a_real_victoria_metrics_has_every_value_of_the_store() -> Result<()> {
    let mut victoria = Victoria::start()?;
    let gateway = Gateway::start(Options::default())?;
    gateway.add_to_site(&mirror(victoria.port))?;
    let station = gateway.first_station()?;
    let (mut first, late) = (wave(0..120), (50, 0.62));
    first.retain(|(second, _)| *second != late.0);
    gateway.send(&first)?;
    heard(&station, &gateway, 119)?;
    equal(&station, &gateway, &victoria, &[])?;
    // One comes late, one is corrected, one is sent again as it was.
    gateway.send(&[late, (60, 0.35), first[10], (120, 0.5)])?;
    heard(&station, &gateway, 120)?;
    let corrected = [(60, 0.60)];
    equal(&station, &gateway, &victoria, &corrected)?;
    victoria.stop()?;
    gateway.send(&wave(121..240))?;
    heard(&station, &gateway, 239)?;
    station.until("the outage is seen", SOON, |station| {
        Ok((health(station)?["state"] == "retrying").then_some(()))
    })?;
    station.kill()?;
    let station = gateway.station()?;
    victoria.restart()?;
    equal(&station, &gateway, &victoria, &corrected)?;
    gateway.send(&wave(240..300))?;
    heard(&station, &gateway, 299)?;
    equal(&station, &gateway, &victoria, &corrected)?;
    station.stop()
}
