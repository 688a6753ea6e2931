//! The real station as a Sparkplug host, an edge node by another author's hand (pysparkplug) and a
//! real broker: births, data, a lost message, the past, deaths, the host's own state.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::broker::Broker;
use e2e::moment;
use e2e::process::Process;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use serde_json::{Value, json};

/// How long Python may take to load and answer.
const START_MAX: Duration = Duration::from_secs(20);
/// Longest wait for what follows a message.
const SOON: Duration = Duration::from_secs(10);
/// Longest wait for what needs a request for births or a reconnection.
const LATER: Duration = Duration::from_secs(40);
/// The profile of the node: it has no properties, so the unit stands here.
const PROFILE: &str = r#"
id = "pysparkplug"
version = 1
status = "interop"
vendor = "pysparkplug"
model = "0.6"
transport = "sparkplug-b"
source = { doc = "made for tests", pages = "whole" }
[sparkplug.values.value]
metric = "Gas/Value"
unit = "ppm"
[sparkplug.status]
metric = "Gas/Status"
words = { ok = "good", cal = "calibration" }
"#;

/// The node and what it is told.
struct Node(Process);

impl Node {
    fn start(broker: &Broker) -> Result<Self> {
        let script = binary::root().join("tests/python/sparkplug_node.py");
        let mut command = Command::new(binary::python()?);
        let port = broker.port().to_string();
        command.arg(script).args([port.as_str(), "park", "gw-1", "at-1"]);
        Ok(Self(Process::start("sparkplug_node.py", &command)?))
    }

    fn tell(&mut self, command: &Value) -> Result<u64> {
        self.0.write(&command.to_string())?;
        let answer: Value = serde_json::from_str(&self.0.line(START_MAX)?)?;
        answer["births"].as_u64().context("no count of births")
    }
}

fn site(broker: &Broker) -> Result<SiteFolder> {
    let analyzers = [Analyzer { id: "at-1", area: "tank-farm", link: Link::Mqtt }];
    let options = Options {
        poll_ms: 1000,
        broker_port: Some(broker.port()),
        no_data_ms: None,
        ..Options::default()
    };
    let folder = SiteFolder::write(&analyzers, options)?;
    let path = folder.site().join("analyzers.toml");
    let text = fs::read_to_string(&path)?.replace("\"siskin-json\"", "\"pysparkplug\"").replace(
        "mqtt = { topic = \"park/at-1/reading\" }",
        "sparkplug = { group = \"park\", node = \"gw-1\", device = \"at-1\" }",
    );
    ensure!(text.contains("sparkplug = {"), "{text}");
    fs::write(path, text)?;
    let configs = folder.path().join("firmware-configs");
    fs::create_dir_all(configs.join("devices"))?;
    for name in ["gases", "rule-sets"] {
        symlink(binary::root().join("firmware-configs").join(name), configs.join(name))?;
    }
    fs::write(configs.join("devices/pysparkplug.toml"), PROFILE)?;
    Ok(folder)
}

fn station(folder: &SiteFolder) -> Result<Station> {
    let configs = folder.path().join("firmware-configs");
    Station::run_with(&folder.site(), &folder.data(), &configs)
}

/// Waits until the channel shows this.
fn shows(station: &Station, ppm: Option<f64>, quality: &str) -> Result<()> {
    station.until(&format!("{ppm:?} {quality}"), LATER, |station| {
        let seen = station.channel("at-1-cl2")?;
        Ok((seen["value"].as_f64() == ppm && seen["quality"] == quality).then_some(()))
    })
}

/// The retained state of the host, as the broker has it.
fn state(broker: &Broker) -> Result<Value> {
    let port = broker.port().to_string();
    let said = Command::new("mosquitto_sub")
        .args(["-h", "127.0.0.1", "-p", &port, "-C", "1", "-W", "10"])
        .args(["-t", "spBv1.0/STATE/+"])
        .output()
        .context("cannot start mosquitto_sub; hint: make debian-test")?;
    Ok(serde_json::from_slice(&said.stdout)?)
}

#[test]
fn another_authors_node_is_heard_from_birth_to_death() -> Result<()> {
    let broker = Broker::start()?;
    let folder = site(&broker)?;
    let station = station(&folder)?;
    let mut node = Node::start(&broker)?;
    shows(&station, Some(0.1), "good")?;
    ensure!(state(&broker)?["online"] == true);
    node.tell(&json!({ "ppm": 0.52 }))?;
    shows(&station, Some(0.52), "good")?;
    node.tell(&json!({ "ppm": 30.0, "status": "cal" }))?;
    shows(&station, Some(30.0), "calibration")?;
    node.tell(&json!({ "ppm": null, "status": "ok" }))?;
    shows(&station, None, "fault")?;
    // What was kept is history at its own time and not the present.
    node.tell(&json!({ "ppm": 0.3, "status": "ok" }))?;
    shows(&station, Some(0.3), "good")?;
    let kept_ms = moment::now_ms() - 600_000;
    node.tell(&json!({ "ppm": 9.0, "at_ms": kept_ms, "past": true }))?;
    station.until("the past is in the history", SOON, |station| {
        let found = station.readings("at-1-cl2", kept_ms, kept_ms + 1)?;
        Ok((found.first().is_some_and(|point| point["mean"] == 9.0)).then_some(()))
    })?;
    ensure!(station.channel("at-1-cl2")?["value"] == 0.3);
    // The device, not the station, went away: its own numbers are gone with it.
    node.0.write(&json!({ "crash": true }).to_string())?;
    shows(&station, None, "comm-lost")?;
    let health = station.analyzer("at-1")?;
    ensure!(health["link"] == "offline", "{health}");
    ensure!(health["last_error"].as_str().is_some_and(|e| e.contains("NDEATH")), "{health}");
    let _node = Node::start(&broker)?;
    shows(&station, Some(0.1), "good")?;
    station.kill()?;
    ensure!(state(&broker)?["online"] == false);
    Ok(())
}

#[test]
fn a_lost_message_and_a_station_that_comes_later_ask_for_births() -> Result<()> {
    let broker = Broker::start()?;
    let folder = site(&broker)?;
    let mut node = Node::start(&broker)?;
    let births = node.tell(&json!({}))?;
    let station = station(&folder)?;
    shows(&station, Some(0.1), "good")?;
    let asked = node.tell(&json!({}))?;
    ensure!(asked > births, "the births were not asked for");
    node.tell(&json!({ "lose": 1, "ppm": 0.4 }))?;
    shows(&station, Some(0.4), "good")?;
    station.until("the births are asked for", LATER, |_| {
        let again = node.tell(&json!({}))?;
        Ok((again > asked).then_some(()))
    })?;
    let health = station.analyzer("at-1")?;
    let told = health["last_error"].as_str().unwrap_or_default();
    ensure!(told.contains("(seq)") && told.contains("hint: "), "{health}");
    node.tell(&json!({ "ppm": 0.6 }))?;
    shows(&station, Some(0.6), "good")?;
    Ok(())
}
