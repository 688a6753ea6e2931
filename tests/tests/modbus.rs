//! The real station against third-party Modbus devices: what a device does or fails to do is seen
//! as what it is, never as a number (invariants 1, 2, 6 and 9).

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::modbus::{Devices, State};
use e2e::moment;
use e2e::site::{Analyzer, Link, NO_DATA_MS, Options, RED_PPM, SiteFolder};
use e2e::station::Station;
use e2e::stream::{Event, Stream};
use serde_json::Value;

/// Longest wait for what follows a poll or two.
const SOON: Duration = Duration::from_secs(10);
/// Longest wait for what needs a reconnection with its backoff, or the no-data rule.
const LATER: Duration = Duration::from_secs(25);

/// Devices, their site and a station that reads them.
struct Park {
    devices: Devices,
    station: Station,
    _folder: SiteFolder,
}

impl Park {
    /// One device a name, `at-1` in area `area-1` and so on.
    fn start(names: &[&str]) -> Result<Self> {
        let devices = Devices::start(names)?;
        let areas: Vec<_> = names.iter().map(|n| n.replace("at-", "area-")).collect();
        let analyzers = names.iter().zip(&areas).map(|(id, area)| {
            let link = Link::Modbus(devices.port(id)?);
            Ok(Analyzer { id, area, link })
        });
        let analyzers = analyzers.collect::<Result<Vec<_>>>()?;
        let folder = SiteFolder::write(&analyzers, Options::default())?;
        let station = Station::run(&folder.site(), &folder.data())?;
        let park = Self { devices, station, _folder: folder };
        for name in names {
            park.link_is(name, "online")?;
        }
        Ok(park)
    }

    fn link_is(&self, analyzer: &str, link: &str) -> Result<Value> {
        let what = format!("{analyzer} is {link}");
        self.station.until(&what, LATER, |station| {
            let health = station.analyzer(analyzer)?;
            Ok((health["link"] == link).then_some(health))
        })
    }
}

/// The next reading of `channel` that `is` accepts.
fn reading(
    stream: &mut Stream,
    channel: &str,
    what: &str,
    is: impl Fn(&Value) -> bool,
) -> Result<Value> {
    let what = format!("{channel}: {what}");
    stream.until(&what, SOON, |event| event.reading(channel).filter(|value| is(value)).cloned())
}

/// The alarm event of `rule` with this edge.
fn alarm<'a>(event: &'a Event, rule: &str, edge: &str) -> Option<&'a Value> {
    let data = Some(&event.data).filter(|_| event.name == "alarm")?;
    (data["alarm"]["rule"] == rule && data["edge"] == edge).then_some(data)
}

/// What a person reads off the device: 12.34, not the 12.34000015… that the float32 holds.
fn decimal(value: f32) -> Result<f64> {
    Ok(value.to_string().parse()?)
}

#[test]
fn a_float_with_its_low_word_first_is_read_right() -> Result<()> {
    let mut park = Park::start(&["at-1"])?;
    let mut stream = park.station.stream(None)?;
    for ppm in [0.34_f32, 12.34, 0.01] {
        park.devices.set("at-1", ppm, State::Monitor)?;
        let wanted = decimal(ppm)?;
        let seen = reading(&mut stream, "at-1-cl2", "the register's value", |value| {
            value["value"] == wanted
        })?;
        ensure!(seen["quality"] == "good", "{seen}");
        let listed = park.station.channel("at-1-cl2")?;
        ensure!(listed["value"] == wanted, "{listed}");
        ensure!(listed["no_data"] == false, "{listed}");
    }
    Ok(())
}

#[test]
fn a_threshold_gives_a_warning_with_its_tier_and_id() -> Result<()> {
    let mut park = Park::start(&["at-1"])?;
    let mut stream = park.station.stream(None)?;
    park.devices.set("at-1", RED_PPM + 1.0, State::Monitor)?;
    let event = stream.until("a red warning", SOON, |event| {
        let data = Some(&event.data).filter(|_| event.name == "warning")?;
        (data["warning"]["tier"] == "red").then(|| data["warning"].clone())
    })?;
    let raised_at_ms = moment::millis(&event["raised_at"])?;
    let id = format!("area-1.chlorine.{}", moment::compact(raised_at_ms)?);
    ensure!(event["id"] == id.as_str(), "{event}");
    ensure!(event["state"] == "active-unacknowledged", "{event}");
    let listed = park.station.get("warnings")?;
    ensure!(listed.as_array().map(Vec::len) == Some(1), "{listed}");
    ensure!(listed[0]["id"] == id.as_str() && listed[0]["tier"] == "red", "{listed}");
    ensure!(listed[0]["gas"] == "chlorine" && listed[0]["area"] == "area-1");
    ensure!(listed[0]["channels"][0] == "at-1-cl2", "{listed}");
    ensure!(listed[0]["acknowledged_by"].is_null(), "{listed}");
    let channel = park.station.channel("at-1-cl2")?;
    ensure!(channel["tier"] == "red", "{channel}");
    Ok(())
}

#[test]
fn an_exception_is_the_devices_trouble_not_the_lines() -> Result<()> {
    let mut park = Park::start(&["at-1", "at-2"])?;
    park.devices.set("at-1", 0.5, State::Monitor)?;
    let mut stream = park.station.stream(None)?;
    reading(&mut stream, "at-1-cl2", "0.5 ppm", |v| v["value"] == 0.5)?;
    let before = park.devices.exception("at-1", 4)?;
    let fault = reading(&mut stream, "at-1-cl2", "a fault", |value| value["quality"] != "good")?;
    ensure!(fault["quality"] == "fault" && fault["value"].is_null(), "{fault}");
    let health = park.link_is("at-1", "degraded")?;
    ensure!(health["last_error"].is_string(), "{health}");
    park.station.until("at-1 is still asked", SOON, |_| {
        let asked = park.devices.count("at-1")?.requests;
        Ok((asked > before.requests + 3).then_some(()))
    })?;
    let after = park.devices.count("at-1")?;
    ensure!(after.connects == before.connects, "reconnected: {before:?} {after:?}");
    park.devices.set("at-2", 0.7, State::Monitor)?;
    let other = reading(&mut stream, "at-2-cl2", "0.7 ppm", |value| value["value"] == 0.7)?;
    ensure!(other["quality"] == "good", "{other}");
    park.devices.mode("at-1", "normal")?;
    park.link_is("at-1", "online")?;
    reading(&mut stream, "at-1-cl2", "0.5 ppm again", |v| v["value"] == 0.5)?;
    Ok(())
}

/// What is seen of `at-1` while it says nothing.
#[derive(Debug, Default)]
struct Silence {
    heard_at: Value,
    gas_edges: Vec<Value>,
}

impl Silence {
    fn take(&mut self, event: &Event) {
        if let Some(value) = event.reading("at-1-cl2").filter(|value| value["quality"] == "good") {
            self.heard_at = value["measured_at"].clone();
        }
        if event.name == "alarm" && event.data["alarm"]["kind"] == "gas" {
            self.gas_edges.push(event.data.clone());
        }
    }
}

#[test]
fn a_device_that_hangs_is_silence_and_comes_back() -> Result<()> {
    let mut park = Park::start(&["at-1", "at-2"])?;
    park.devices.set("at-1", 3.0, State::Monitor)?;
    let mut stream = park.station.stream(None)?;
    stream.until("orange at at-1", SOON, |event| {
        alarm(event, "chlorine-orange", "raise").map(drop)
    })?;
    park.devices.mode("at-1", "hang")?;
    let mut silence = Silence::default();
    let lost = stream.until("at-1 is silent", LATER, |event| {
        silence.take(event);
        let value = event.reading("at-1-cl2")?;
        (value["quality"] == "comm-lost").then(|| value.clone())
    })?;
    ensure!(lost["value"].is_null(), "{lost}");
    let no_data = stream.until("the no-data alarm", LATER, |event| {
        silence.take(event);
        alarm(event, "no-data", "raise").cloned()
    })?;
    ensure!(no_data["alarm"]["channel"] == "at-1-cl2", "{no_data}");
    ensure!(no_data["alarm"]["tier"].is_null(), "{no_data}");
    let silent_ms = moment::millis(&no_data["at"])? - moment::millis(&silence.heard_at)?;
    ensure!(silent_ms == NO_DATA_MS, "the alarm came after {silent_ms} ms of silence");
    let health = park.link_is("at-1", "offline")?;
    ensure!(health["last_error"].is_string(), "{health}");
    let warnings = park.station.get("warnings")?;
    ensure!(
        warnings[0]["tier"] == "orange" && warnings[0]["state"] == "active-unacknowledged",
        "silence changed the warning: {warnings}"
    );
    let other = park.station.channel("at-2-cl2")?;
    ensure!(other["quality"] == "good" && other["no_data"] == false, "{other}");
    park.devices.mode("at-1", "normal")?;
    stream.until("the no-data alarm clears", LATER, |event| {
        silence.take(event);
        alarm(event, "no-data", "clear").map(drop)
    })?;
    park.link_is("at-1", "online")?;
    ensure!(silence.gas_edges.is_empty(), "silence moved a gas alarm: {silence:?}");
    park.devices.set("at-1", 0.0, State::Monitor)?;
    stream.until("the air is clean again", SOON, |event| {
        alarm(event, "chlorine-orange", "clear").map(drop)
    })
}

#[test]
fn a_line_that_breaks_never_gives_a_number_and_heals() -> Result<()> {
    let mut park = Park::start(&["at-1"])?;
    park.devices.set("at-1", 0.5, State::Monitor)?;
    for mode in ["garbage", "close"] {
        let mut stream = park.station.stream(None)?;
        reading(&mut stream, "at-1-cl2", "0.5 ppm", |v| v["value"] == 0.5)?;
        park.devices.mode("at-1", mode)?;
        let bad = reading(&mut stream, "at-1-cl2", mode, |value| value["quality"] != "good")?;
        ensure!(bad["value"].is_null(), "{mode}: {bad}");
        ensure!(bad["quality"] == "comm-lost", "{mode}: {bad}");
        park.link_is("at-1", "offline").context(mode)?;
        park.devices.mode("at-1", "normal")?;
        park.link_is("at-1", "online").context(mode)?;
    }
    Ok(())
}

#[test]
fn calibration_gas_raises_nothing() -> Result<()> {
    let mut park = Park::start(&["at-1"])?;
    let mut stream = park.station.stream(None)?;
    park.devices.set("at-1", 30.0, State::Calibration)?;
    let mut seen = 0;
    stream.until("ten readings of span gas", SOON, |event| {
        assert!(!["alarm", "warning"].contains(&event.name.as_str()), "{}", event.data);
        let value = event.reading("at-1-cl2")?;
        if value["quality"] == "calibration" {
            assert_eq!(value["value"], 30.0);
            seen += 1;
        }
        (seen == 10).then_some(())
    })?;
    ensure!(park.station.get("warnings?scope=all")? == serde_json::json!([]));
    // The same value in the air does raise: the silence above was not that of a dead rule.
    park.devices.set("at-1", 30.0, State::Monitor)?;
    stream.until("red by the same value", SOON, |event| {
        alarm(event, "chlorine-red", "raise").map(drop)
    })
}
