//! What late readings change is told to a bureau, once, as what it is: no siren, no call.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::gateway::Gateway;
use e2e::moment;
use e2e::site::Options;
use e2e::station::Station;
use serde_json::Value;

use crate::ends::until_told;
use crate::park::{self, Bureau, IDENTITY, SOON};
use crate::sirens::{Siren, writes_in};

/// Longest wait until readings are stored.
const STORED_MAX: Duration = Duration::from_secs(30);

fn level(seconds: std::ops::Range<i64>, ppm: f64) -> Vec<(i64, f64)> {
    seconds.map(|second| (second, ppm)).collect()
}

fn counted(station: &Station) -> Result<u64> {
    Ok(station.get("health")?["counters"]["readings"].as_u64().unwrap_or_default())
}

fn stored(station: &Station, gateway: &Gateway, readings: &[(i64, f64)]) -> Result<()> {
    let wanted = counted(station)? + readings.len() as u64;
    gateway.send(readings)?;
    station.until("all are stored", STORED_MAX, |station| {
        Ok((counted(station)? >= wanted).then_some(()))
    })
}

fn told(bureau: &Bureau, count: usize) -> Result<Vec<Value>> {
    let taken = bureau.until_taken(count)?;
    park::validate(&taken)?;
    park::read(&taken)
}

#[test]
fn what_late_readings_change_reaches_the_bureau_once_and_no_siren() -> Result<()> {
    let gateway = Gateway::start(Options::default())?;
    let (site, path) = gateway.folders();
    park::prepare(path)?;
    let bureau = Bureau::start_in(path, "")?;
    let siren = Siren::start_in(path, "good")?;
    // This one asks for corrections, and has no way that rouses nobody.
    let sounds = format!(
        "\n[[recipient]]\nid = \"li\"\nname = {{ zh = \"李\", en = \"Li\" }}\n\
         kind = \"person\"\ntier_min = \"yellow\"\ncorrections = true\n{}",
        siren.way()
    );
    fs::write(site.join("recipients.toml"), park::told(&bureau, IDENTITY, 180) + &sounds)?;
    let station = gateway.first_station()?;

    // A past episode that nobody was warned of.
    stored(&station, &gateway, &[level(0..81, 0.1), level(150..300, 0.1)].concat())?;
    let late = [level(81..100, 0.1), level(100..120, 6.0), level(120..150, 0.1)].concat();
    stored(&station, &gateway, &late)?;
    until_told(&station, "bureau", "correction")?;
    let read = told(&bureau, 1)?;
    let first = &read[0];
    ensure!(first["msg_type"] == "Alert" && first["references"] == 0, "{first}");
    ensure!(first["responses"][0] == "None", "{first}");
    let parameters = &first["parameters"];
    ensure!(parameters["siskin:late-data"] == "true", "{first}");
    ensure!(parameters["siskin:peak"] == "red", "{first}");
    ensure!(parameters["siskin:begin-before"].is_null(), "{first}");
    let shown = fs::read_to_string(&bureau.taken()?[0])?;
    ensure!(shown.contains("【数据后补】") && shown.contains("[LATE DATA]"), "{shown}");

    // A warning that was told, and whose begin turns out to be earlier.
    stored(&station, &gateway, &[level(300..381, 0.1), level(400..420, 6.0)].concat())?;
    station.until("its alert", SOON, |station| {
        let answer = station.get("messages?recipient=bureau")?;
        Ok((answer["deliveries"][0]["kind"] != "correction").then_some(()))
    })?;
    stored(&station, &gateway, &level(420..500, 0.1))?;
    let (before, _) = park::settled(&station)?;
    stored(&station, &gateway, &level(381..400, 6.0))?;
    // It may come in parts, each of which moves the begin; the last one is the true one.
    let began_s = gateway.moment_ms(381) / 1000;
    let (after, last) = station.until("the true begin", SOON, |station| {
        let (after, _) = park::settled(station)?;
        let last = told(&bureau, after)?.pop().unwrap_or_default();
        let begin = &last["parameters"]["siskin:begin"];
        let is_true = begin.is_string() && moment::millis(begin)? / 1000 == began_s;
        Ok(is_true.then_some((after, last)))
    })?;
    ensure!(after > before, "{before} became {after}");
    ensure!(last["msg_type"] == "Update" && last["references"].as_u64() > Some(0), "{last}");
    let was_s = moment::millis(&last["parameters"]["siskin:begin-before"])? / 1000;
    ensure!(began_s < was_s && was_s <= gateway.moment_ms(400) / 1000, "{last}");

    // A restart tells nothing anew, and no siren heard of the past.
    station.kill()?;
    let station = gateway.station()?;
    let (again, _) = park::settled(&station)?;
    ensure!(again == after, "{after} became {again}: {:#?}", told(&bureau, again)?);
    let answer = station.get("messages?recipient=li")?;
    let all = answer["deliveries"].as_array().into_iter().flatten();
    ensure!(all.clone().all(|one| one["kind"] != "correction"), "{answer}");
    ensure!(writes_in(path).first().map(String::as_str) == Some("on"), "{:?}", writes_in(path));
    station.stop()
}
