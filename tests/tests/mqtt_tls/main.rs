//! The real station against mosquitto as `deploy/mosquitto` sets it up: TLS, users, access list,
//! and a broker that is killed between publish and read (invariants 5 and 6).

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod broker;

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use broker::{PASSWORD, TlsBroker};
use e2e::moment;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use e2e::wait::poll;
use serde_json::{Value, json};

/// Longest wait for what follows a message.
const SOON: Duration = Duration::from_secs(10);
/// Longest wait for a reconnection with its backoff, and for what is said of a silent topic.
const LATER: Duration = Duration::from_mins(1);

/// What `[mqtt]` says beside host and port.
struct Login<'a> {
    version: &'a str,
    password: &'a str,
    /// Folder of the authority.
    trusts: &'a str,
    /// With the certificate of user `siskin`.
    shows_certificate: bool,
}

const USUAL: Login<'static> =
    Login { version: "5.0", password: PASSWORD, trusts: "certs", shows_certificate: false };

fn topic(analyzer: &str) -> String {
    format!("park/{analyzer}/reading")
}

fn site(broker: &TlsBroker, names: &[&str], login: &Login<'_>) -> Result<SiteFolder> {
    let analyzer = |id| Analyzer { id, area: "tank-farm", link: Link::Mqtt };
    let analyzers: Vec<_> = names.iter().copied().map(analyzer).collect();
    let options = Options { poll_ms: 1000, broker_port: Some(broker.port), ..Options::default() };
    let folder = SiteFolder::write(&analyzers, options)?;
    let file = folder.site().join("site.toml");
    let quoted = |path: &Path| format!("{:?}", path.display().to_string());
    let mut files = vec![("ca_file", broker.path(login.trusts).join("ca.crt"))];
    if login.shows_certificate {
        files.push(("cert_file", broker.path("certs/siskin.crt")));
        files.push(("key_file", broker.path("certs/siskin.key")));
    }
    let files: Vec<_> =
        files.iter().map(|(key, path)| format!("{key} = {}", quoted(path))).collect();
    let tls = files.join(", ");
    let Login { version, password, .. } = login;
    let more = format!(
        "user = \"siskin\"\npassword = \"{password}\"\nversion = \"{version}\"\ntls = {{ {tls} }}\n"
    );
    // [mqtt] is the last table of the file.
    fs::write(&file, fs::read_to_string(&file)? + &more)?;
    Ok(folder)
}

fn plain(at_ms: i64, ppm: f64) -> String {
    json!({ "ts": at_ms, "value": ppm, "unit": "ppm", "status": "ok" }).to_string()
}

/// Publishes a value until the station has seen it: its subscription may still be on its way.
fn heard(station: &Station, broker: &TlsBroker, analyzer: &str, ppm: f64) -> Result<Value> {
    station.until(&format!("{analyzer} is heard"), LATER, |station| {
        let seen = station.channel(&format!("{analyzer}-cl2"))?;
        if seen["value"] == ppm && seen["quality"] == "good" {
            return Ok(Some(seen));
        }
        broker.publish(analyzer, &topic(analyzer), &plain(moment::now_ms(), ppm))?;
        Ok(None)
    })
}

/// The health of `at-1` says `en` and `zh`, with a hint.
fn says(station: &Station, en: &str, zh: &str) -> Result<Value> {
    station.until(&format!("health says `{en}`"), LATER, |station| {
        let health = station.analyzer("at-1")?;
        let told = health["last_error"].as_str().unwrap_or_default();
        let told_zh = health["last_error_zh"].as_str().unwrap_or_default();
        let is_said = told.contains(en) && told.contains("; hint: ") && told_zh.contains(zh);
        Ok(is_said.then_some(health))
    })
}

fn run(folder: &SiteFolder) -> Result<Station> {
    Station::run(&folder.site(), &folder.data())
}

#[test]
fn both_versions_are_read_over_tls() -> Result<()> {
    let broker = TlsBroker::start()?;
    for version in ["3.1.1", "5.0"] {
        let folder = site(&broker, &["at-1"], &Login { version, ..USUAL })?;
        let station = run(&folder)?;
        heard(&station, &broker, "at-1", 0.1)?;
        ensure!(station.analyzer("at-1")?["link"] == "online", "{version}");
        // A message that comes again is one reading.
        let at_ms = moment::now_ms();
        for _ in 0..3 {
            broker.publish("at-1", &topic("at-1"), &plain(at_ms, 0.2))?;
        }
        heard(&station, &broker, "at-1", 0.3)?;
        let kept = station.readings("at-1-cl2", at_ms, at_ms + 1)?;
        ensure!(kept.len() == 1 && kept[0]["mean"] == 0.2, "{version}: {kept:?}");
    }
    Ok(())
}

#[test]
fn a_broker_that_asks_for_certificates_gets_one() -> Result<()> {
    let mut broker = TlsBroker::start()?;
    broker.edit("mosquitto.conf", "#require_certificate", "require_certificate")?;
    broker.edit("mosquitto.conf", "#use_identity_as_username", "use_identity_as_username")?;
    broker.restart()?;
    let without = run(&site(&broker, &["at-1"], &USUAL)?)?;
    let health = says(&without, "no connection to the broker", "无法连接 MQTT 服务器")?;
    ensure!(health["link"] == "offline", "{health}");
    let login = Login { shows_certificate: true, ..USUAL };
    let folder = site(&broker, &["at-1"], &login)?;
    let station = run(&folder)?;
    station.until("the broker lets it in", LATER, |station| {
        Ok((station.analyzer("at-1")?["connects"] == 1).then_some(()))
    })
}

#[test]
fn a_wrong_authority_and_a_wrong_password_are_named() -> Result<()> {
    let broker = TlsBroker::start()?;
    broker.certificates("others", &["127.0.0.1"])?;
    for version in ["3.1.1", "5.0"] {
        let login = Login { version, trusts: "others", ..USUAL };
        let station = run(&site(&broker, &["at-1"], &login)?)?;
        let health = says(&station, "invalid peer certificate", "不是由 ca_file 中的机构签发")?;
        ensure!(health["link"] == "offline", "{health}");
        let login = Login { version, password: "guessed", ..USUAL };
        let station = run(&site(&broker, &["at-1"], &login)?)?;
        let health = says(&station, "it refuses the login", "服务器拒绝登录")?;
        ensure!(health["link"] == "offline", "{health}");
    }
    Ok(())
}

#[test]
fn a_device_cannot_speak_for_another_and_a_refused_reader_is_told() -> Result<()> {
    let mut broker = TlsBroker::start()?;
    let folder = site(&broker, &["at-1", "at-2"], &USUAL)?;
    let station = run(&folder)?;
    heard(&station, &broker, "at-1", 0.1)?;
    heard(&station, &broker, "at-2", 0.1)?;
    broker.publish("at-2", &topic("at-1"), &plain(moment::now_ms(), 30.0))?;
    // What at-2 says under its own name comes after it.
    heard(&station, &broker, "at-2", 0.2)?;
    let seen = station.channel("at-1-cl2")?;
    ensure!(seen["value"] == 0.1, "{seen}");
    drop(station);
    // The broker grants the subscription and leaves out what Siskin may not read.
    broker.edit("acl", "topic read #", "topic read elsewhere/#")?;
    broker.restart()?;
    let folder = site(&broker, &["at-1"], &USUAL)?;
    let station = run(&folder)?;
    broker.publish("at-1", &topic("at-1"), &plain(moment::now_ms(), 0.3))?;
    let health = says(&station, "access list (ACL)", "访问权限（ACL）")?;
    ensure!(health["link"] == "unknown", "{health}");
    Ok(())
}

#[test]
fn a_broker_killed_between_publish_and_read_loses_nothing() -> Result<()> {
    for version in ["3.1.1", "5.0"] {
        let mut broker = TlsBroker::start()?;
        let folder = site(&broker, &["at-1"], &Login { version, ..USUAL })?;
        let station = run(&folder)?;
        heard(&station, &broker, "at-1", 0.1)?;
        station.kill()?;
        let mut published = Vec::new();
        for number in 1..=30_i32 {
            let (at_ms, ppm) = (moment::now_ms(), f64::from(number) / 100.0);
            broker.publish("at-1", &topic("at-1"), &plain(at_ms, ppm))?;
            published.push((at_ms, ppm));
        }
        let (first, last) = (published[0], published[29]);
        poll("the broker has written the last one", SOON, || {
            Ok(broker.has_on_disk(&plain(last.0, last.1))?.then_some(()))
        })?;
        broker.kill()?;
        broker.restart()?;
        let station = run(&folder)?;
        let kept = station.until("all of them are in the history", LATER, |station| {
            let kept = station.readings("at-1-cl2", first.0, last.0 + 1)?;
            Ok((kept.len() >= published.len()).then_some(kept))
        })?;
        let kept: Vec<_> =
            kept.iter().map(|point| (point["at_ms"].as_i64(), point["mean"].as_f64())).collect();
        let wanted: Vec<_> = published.iter().map(|(at, ppm)| (Some(*at), Some(*ppm))).collect();
        ensure!(kept == wanted, "{version}: found {kept:?}, published {wanted:?}");
    }
    Ok(())
}
