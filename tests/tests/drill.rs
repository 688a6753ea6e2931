//! Drills of the real station over third-party Modbus devices: what a drill raises is marked,
//! people act on it and the report has their times; real gas ends it and is what it would be
//! without it.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::accounts::{FIRST, SECOND};
use e2e::modbus::{Devices, State};
use e2e::moment;
use e2e::site::{Analyzer, Link, Options, RED_PPM, SiteFolder};
use e2e::station::Station;
use e2e::stream::Stream;
use serde_json::{Value, json};

/// Longest wait for what follows a few polls.
const SOON: Duration = Duration::from_secs(30);

struct Park {
    devices: Devices,
    station: Station,
    folder: SiteFolder,
}

impl Park {
    /// `at-1` in `area-1` and `at-2` in `area-2`, both in clean air.
    fn start() -> Result<Self> {
        let names = ["at-1", "at-2"];
        let devices = Devices::start(&names)?;
        let analyzer = |(id, area)| {
            let link = Link::Modbus(devices.port(id)?);
            Ok(Analyzer { id, area, link })
        };
        let analyzers = [("at-1", "area-1"), ("at-2", "area-2")].into_iter().map(analyzer);
        let analyzers = analyzers.collect::<Result<Vec<_>>>()?;
        let folder = SiteFolder::write(&analyzers, Options::default())?;
        let station = Station::run(&folder.site(), &folder.data())?;
        let park = Self { devices, station, folder };
        for name in names {
            park.station.until(&format!("{name} is online"), SOON, |station| {
                Ok((station.analyzer(name)?["link"] == "online").then_some(()))
            })?;
        }
        Ok(park)
    }

    fn begin(&self, area: &str) -> Result<(u16, Value)> {
        let drill = json!({
            "area": area, "gas": "chlorine", "peak": RED_PPM + 3.0, "unit": "ppm",
            "rise_s": 0, "hold_s": 3000, "decay_s": 0, "note": "季度演练"
        });
        self.station.post("drills", &drill)
    }
}

/// The next step of a warning that `is` accepts.
fn warning(stream: &mut Stream, what: &str, is: impl Fn(&Value) -> bool) -> Result<Value> {
    stream.until(what, SOON, |event| {
        (event.name == "warning" && is(&event.data)).then(|| event.data.clone())
    })
}

fn ended(stream: &mut Stream) -> Result<Value> {
    stream.until("the drill ends", SOON, |event| {
        let is_end = event.name == "drill" && event.data["state"] == "ended";
        is_end.then(|| event.data.clone())
    })
}

#[test]
fn a_drill_is_marked_acted_on_and_reported_and_real_gas_ends_it() -> Result<()> {
    let mut park = Park::start()?;
    let mut stream = park.station.stream(None)?;
    let (status, begun) = park.begin("area-1")?;
    ensure!(status == 200 && begun["number"] == 1 && begun["begun_by"] == FIRST, "{begun}");
    ensure!(begun["channels"][0]["channel"] == "at-1-cl2", "{begun}");
    let (status, second) = park.begin("area-1")?;
    ensure!(status == 409 && second["type"] == "/problems/drill-runs", "{second}");

    let is_red = |data: &Value| data["warning"]["tier"] == "red";
    let raised = warning(&mut stream, "a red warning of the drill", is_red)?["warning"].clone();
    let id = raised["id"].as_str().context("no id")?;
    ensure!(raised["exercise"] == 1 && id.starts_with("drill-1.area-1.chlorine."), "{raised}");
    let listed = park.station.get("warnings")?;
    ensure!(listed[0]["id"] == id && listed[0]["exercise"] == 1, "{listed}");
    let channel = park.station.channel("at-1-cl2")?;
    ensure!(channel["value"] == 0.0 && channel["tier"].is_null(), "the air is clean: {channel}");
    ensure!(park.station.get("alarms")? == json!([]), "a drill has no alarm in earnest");

    let (status, done) = park.station.acknowledge(id, SECOND, "已派人")?;
    ensure!(status == 200 && done["acknowledged_by"] == SECOND, "{done}");
    ensure!(done["exercise"] == 1 && done["state"] == "active-acknowledged", "{done}");
    let report = park.station.get("drills/1/report")?;
    let story = &report["warnings"][0];
    ensure!(story["id"] == id && story["acknowledged_by"] == SECOND, "{report}");
    ensure!(story["acknowledged_after_ms"].as_i64().is_some_and(|ms| ms >= 0), "{report}");
    let people = &report["people"];
    ensure!(people[0]["person"] == SECOND && people[0]["acknowledged"] == 1, "{report}");
    ensure!(people[0]["longest_ms"].as_i64().is_some_and(|ms| ms >= 0), "{report}");

    park.devices.set("at-2", RED_PPM + 1.0, State::Monitor)?;
    let is_real = |data: &Value| data["warning"]["exercise"].is_null() && is_red(data);
    let real = warning(&mut stream, "the real warning", is_real)?["warning"].clone();
    ensure!(real["area"] == "area-2", "{real}");
    let raised_at_ms = moment::millis(&real["raised_at"])?;
    ensure!(real["id"] == format!("area-2.chlorine.{}", moment::compact(raised_at_ms)?).as_str());
    let last = warning(&mut stream, "the drill's warning ends", |data| data["change"] == "ended")?;
    ensure!(last["warning"]["id"] == id && last["note"] == "preempted", "{last}");
    let over = ended(&mut stream)?;
    ensure!(over["ended"]["reason"] == "preempted" && over["ended"]["by"].is_null(), "{over}");

    // The real warning begins with the first reading that calls for it.
    let (from_ms, to_ms) = (raised_at_ms - 60_000, raised_at_ms + 60_000);
    let path = format!("channels/at-2-cl2/records?from_ms={from_ms}&to_ms={to_ms}");
    let records = park.station.get(&path)?;
    let records = records["records"].as_array().context("no records")?;
    let first = records.iter().find(|one| one["value"].as_f64() > Some(f64::from(RED_PPM)));
    let first = first.context("the gas is not in the record")?;
    ensure!(first["measured_at_ms"] == raised_at_ms, "{first} {real}");
    let path = format!("channels/at-1-cl2/records?from_ms={from_ms}&to_ms={to_ms}");
    let clean = park.station.get(&path)?;
    let clean = clean["records"].as_array().context("no records")?;
    ensure!(clean.iter().all(|one| one["value"].as_f64() <= Some(0.0)), "a drill left readings");

    let (status, refused) = park.begin("area-1")?;
    ensure!(status == 409 && refused["type"] == "/problems/real-warning-open", "{refused}");
    let (status, late) = park.station.acknowledge(id, FIRST, "")?;
    ensure!(status == 409 && late["type"] == "/problems/drill-over", "{late}");
    let drills = park.station.get("drills")?;
    ensure!(drills["running"].is_null() && drills["drills"][0]["number"] == 1, "{drills}");
    Ok(())
}

#[test]
fn a_drill_is_ended_by_hand_and_by_a_restart() -> Result<()> {
    let park = Park::start()?;
    let mut stream = park.station.stream(None)?;
    park.begin("area-1")?;
    let (status, over) = park.station.post("drills/1/end", &json!({ "note": "够了" }))?;
    ensure!(status == 200 && over["ended"]["reason"] == "by-hand", "{over}");
    ensure!(over["ended"]["by"] == FIRST && over["ended"]["note"] == "够了", "{over}");
    let (status, begun) = park.begin("area-2")?;
    ensure!(status == 200 && begun["number"] == 2, "{begun}");
    let is_second = |data: &Value| data["warning"]["exercise"] == 2;
    let raised = warning(&mut stream, "a warning of the second drill", is_second)?;
    let id = raised["warning"]["id"].as_str().context("no id")?;

    let Park { devices, station, folder } = park;
    station.kill()?;
    let station = Station::run(&folder.site(), &folder.data())?;
    let drills = station.get("drills")?;
    ensure!(drills["running"].is_null(), "{drills}");
    ensure!(drills["drills"][0]["ended"]["reason"] == "restart", "{drills}");
    ensure!(station.get("warnings")? == json!([]), "a warning of the drill is open");
    let events = station.get(&format!("warnings/{id}/events"))?;
    let last = events.as_array().and_then(|all| all.last()).context("no events")?;
    ensure!(last["change"] == "ended" && last["warning"]["exercise"] == 2, "{last}");
    let audit = station.get("audit?act=drill.end")?;
    let by = |at: usize| audit["entries"][at]["by"].as_str().unwrap_or_default().to_owned();
    ensure!((by(0), by(1)) == ("station".to_owned(), FIRST.to_owned()), "{audit}");
    drop(devices);
    Ok(())
}
