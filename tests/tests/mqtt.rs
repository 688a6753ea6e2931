//! The real station against a real broker: what payloads may and may not do, and that a line that
//! was cut or a station that was away loses nothing (invariants 5, 6, 8 and 9).

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::broker::Broker;
use e2e::moment;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use serde_json::{Value, json};

/// Longest wait for what follows a message.
const SOON: Duration = Duration::from_secs(10);
/// Longest wait for what needs a reconnection with its backoff.
const LATER: Duration = Duration::from_secs(30);

fn topic(analyzer: &str) -> String {
    format!("park/{analyzer}/reading")
}

/// A broker, a site whose analyzers are `names`, all in area `tank-farm`.
fn site(broker: &Broker, names: &[&str]) -> Result<SiteFolder> {
    let analyzers: Vec<_> =
        names.iter().map(|id| Analyzer { id, area: "tank-farm", link: Link::Mqtt }).collect();
    let options = Options { poll_ms: 1000, broker_port: Some(broker.port()), ..Options::default() };
    SiteFolder::write(&analyzers, options)
}

fn plain(at_ms: i64, ppm: f64) -> String {
    json!({ "ts": at_ms, "value": ppm, "unit": "ppm", "status": "ok" }).to_string()
}

/// Publishes a plain value until the station has seen it: its subscription may still be on its way.
fn heard(station: &Station, broker: &Broker, analyzer: &str, ppm: f64) -> Result<Value> {
    station.until(&format!("{analyzer} is heard"), LATER, |station| {
        let seen = station.channel(&format!("{analyzer}-cl2"))?;
        if seen["value"] == ppm && seen["quality"] == "good" {
            return Ok(Some(seen));
        }
        broker.publish(&topic(analyzer), &plain(moment::now_ms(), ppm))?;
        Ok(None)
    })
}

/// Analyzer, payload (`NOW` is the time), what is shown of its channel afterwards, and a part of
/// the reason for which something was refused. Before each, 0.1 ppm was heard: a payload that says
/// nothing about the air changes nothing, so that number stays, with its age. ppb are converted;
/// %LEL of chlorine is nothing. A clock of 1970 is not believed, the value counts at its arrival.
const CASES: &str = r#"
plain   | {"ts":NOW,"value":0.52,"unit":"ppm","status":"ok"}   | 0.52 good     |
cut     | {"ts":                                               | 0.1 good      | not JSON
list    | [1]                                                  | 0.1 good      | no object
nan     | {"ts":NOW,"value":NaN,"unit":"ppm","status":"ok"}    | 0.1 good      | `NaN`
text    | {"ts":NOW,"value":"0.52","unit":"ppm","status":"ok"} | - fault       | not a number
null    | {"ts":NOW,"value":null,"unit":"ppm","status":"ok"}   | - fault       | is null
missing | {"ts":NOW,"unit":"ppm","status":"ok"}                | - fault       | there is no
lel     | {"ts":NOW,"value":0.52,"unit":"%LEL","status":"ok"}  | - fault       | %LEL
bar     | {"ts":NOW,"value":0.52,"unit":"bar","status":"ok"}   | - fault       | `bar`
ppb     | {"ts":NOW,"value":750,"unit":"ppb","status":"ok"}    | 0.75 good     |
failed  | {"ts":NOW,"value":null,"unit":"ppm","status":"fault"}| - fault       |
cal     | {"ts":NOW,"value":30.0,"unit":"ppm","status":"cal"}  | 30 calibration|
over    | {"ts":NOW,"value":80.0,"unit":"ppm","status":"ok"}   | 80 over-range |
clock   | {"ts":1000,"value":0.52,"unit":"ppm","status":"ok"}  | 0.52 good     | clock
"#;

/// What one payload must do.
#[derive(Debug)]
struct Case {
    analyzer: &'static str,
    payload: &'static str,
    value: Option<f64>,
    quality: &'static str,
    refused: Option<&'static str>,
}

fn cases() -> Result<Vec<Case>> {
    let case = |line: &'static str| {
        let parts: Vec<_> = line.split('|').map(str::trim).collect();
        let [analyzer, payload, shown, refused] = parts.try_into().ok()?;
        let (value, quality) = shown.split_once(' ')?;
        Some(Case {
            analyzer,
            payload,
            value: value.parse().ok(),
            quality,
            refused: Some(refused).filter(|reason| !reason.is_empty()),
        })
    };
    let lines = CASES.lines().filter(|line| !line.is_empty());
    let cases = lines.map(|line| case(line).context(line));
    cases.collect()
}

fn check(station: &Station, case: &Case) -> Result<()> {
    let (id, channel) = (case.analyzer, format!("{}-cl2", case.analyzer));
    let what = format!("`{id}` shows {:?} {}", case.value, case.quality);
    station.until(&what, SOON, |station| {
        let seen = station.channel(&channel)?;
        let value = match case.value {
            Some(wanted) => seen["value"].as_f64().is_some_and(|v| (v - wanted).abs() < 1e-9),
            None => seen["value"].is_null(),
        };
        Ok((value && seen["quality"] == case.quality).then_some(()))
    })?;
    let Some(reason) = case.refused else {
        return Ok(());
    };
    let what = format!("the refusal of `{id}` is counted with its reason");
    station.until(&what, SOON, |station| {
        let health = station.analyzer(id)?;
        let told = health["last_error"].as_str().unwrap_or_default();
        let counted = health["refused"] == 1 && health["link"] == "degraded";
        Ok((counted && told.contains(reason) && told.contains("hint:")).then_some(()))
    })
}

#[test]
fn payloads_are_read_or_refused_with_a_reason() -> Result<()> {
    let cases = cases()?;
    let names: Vec<_> = cases.iter().map(|case| case.analyzer).collect();
    let broker = Broker::start()?;
    let folder = site(&broker, &names)?;
    let station = Station::run(&folder.site(), &folder.data())?;
    for name in &names {
        heard(&station, &broker, name, 0.1)?;
    }
    let before = moment::now_ms();
    for case in &cases {
        let now = moment::now_ms().to_string();
        let payload = case.payload.replace("NOW", &now);
        broker.publish(&topic(case.analyzer), &payload)?;
        check(&station, case).context(payload)?;
    }
    let wanted = cases.iter().filter(|case| case.refused.is_some()).count();
    station.until("the station counts every refusal", SOON, |station| {
        let counters = station.get("health")?["counters"].clone();
        Ok((counters["refused"] == wanted).then_some(()))
    })?;
    // Only the one above the range raised something, and as high as it goes.
    let warnings = station.get("warnings?scope=all")?;
    ensure!(warnings.as_array().map(Vec::len) == Some(1), "{warnings}");
    ensure!(warnings[0]["tier"] == "red", "{warnings}");
    let channels = warnings[0]["channels"].to_string();
    ensure!(channels.contains("over-cl2"), "{warnings}");
    let clock = station.channel("clock-cl2")?;
    ensure!(moment::millis(&clock["measured_at"])? >= before, "{clock}");
    // And the station goes on with all of them.
    for name in &names {
        heard(&station, &broker, name, 0.2)?;
    }
    Ok(())
}

#[test]
fn a_broker_that_dies_is_seen_and_found_again() -> Result<()> {
    let mut broker = Broker::start()?;
    let folder = site(&broker, &["at-1"])?;
    let station = Station::run(&folder.site(), &folder.data())?;
    heard(&station, &broker, "at-1", 0.1)?;
    broker.kill()?;
    station.until("the lost line shows", LATER, |station| {
        let seen = station.channel("at-1-cl2")?;
        let health = station.analyzer("at-1")?;
        let lost = seen["quality"] == "comm-lost" && seen["value"].is_null();
        Ok((lost && health["link"] == "offline").then_some(()))
    })?;
    station.until("the no-data alarm", LATER, |station| {
        Ok((station.channel("at-1-cl2")?["no_data"] == true).then_some(()))
    })?;
    broker.restart()?;
    let back = heard(&station, &broker, "at-1", 0.2)?;
    ensure!(back["no_data"] == false, "{back}");
    ensure!(station.analyzer("at-1")?["link"] == "online");
    Ok(())
}

#[test]
fn nothing_is_lost_that_was_published_while_the_station_was_away() -> Result<()> {
    let broker = Broker::start()?;
    let folder = site(&broker, &["at-1"])?;
    let station = Station::run(&folder.site(), &folder.data())?;
    heard(&station, &broker, "at-1", 0.1)?;
    station.kill()?;
    let mut published = Vec::new();
    for number in 1..=30_i32 {
        let ppm = if number == 17 { 6.0 } else { f64::from(number) / 100.0 };
        let at_ms = moment::now_ms();
        broker.publish(&topic("at-1"), &plain(at_ms, ppm))?;
        published.push((at_ms, ppm));
    }
    let station = Station::run(&folder.site(), &folder.data())?;
    let (first, last) = (published[0].0, published[29].0);
    let kept = station.until("all of them are in the history", LATER, |station| {
        let kept = station.readings("at-1-cl2", first, last + 1)?;
        Ok((kept.len() >= published.len()).then_some(kept))
    })?;
    let kept: Vec<_> =
        kept.iter().map(|point| (point["at_ms"].as_i64(), point["mean"].as_f64())).collect();
    let wanted: Vec<_> = published.iter().map(|(at, ppm)| (Some(*at), Some(*ppm))).collect();
    ensure!(kept == wanted, "found {kept:?}, published {wanted:?}");
    let warnings = station.get("warnings?scope=all")?;
    ensure!(warnings[0]["tier_peak"] == "red", "{warnings}");
    let raised_at_ms = moment::millis(&warnings[0]["raised_at"])?;
    ensure!(raised_at_ms == published[16].0, "{warnings}");
    Ok(())
}

#[test]
fn a_retained_message_is_not_news() -> Result<()> {
    let broker = Broker::start()?;
    let folder = site(&broker, &["at-1"])?;
    let old = plain(moment::now_ms(), 9.0);
    broker.publish_with(&topic("at-1"), &old, &["--retain"])?;
    let station = Station::run(&folder.site(), &folder.data())?;
    let health = station.until("it is counted", SOON, |station| {
        let health = station.analyzer("at-1")?;
        Ok((health["refused"] == 1).then_some(health))
    })?;
    let told = health["last_error"].as_str().unwrap_or_default();
    ensure!(told.contains("retained"), "{health}");
    let channel = station.channel("at-1-cl2")?;
    ensure!(channel["value"].is_null(), "{channel}");
    ensure!(station.get("warnings?scope=all")? == json!([]));
    heard(&station, &broker, "at-1", 0.1)?;
    Ok(())
}
