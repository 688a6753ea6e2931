//! What a station says of its past, in short words, and how readings are sent to it.

use anyhow::{Context, Result, ensure};
use e2e::gateway::{CHANNEL, Gateway};
use e2e::moment;
use e2e::station::Station;
use e2e::stream::Event;

use crate::SOON;

/// Heartbeats (one a second) in which the station has certainly ticked (twice a second).
const HEARTBEATS: u32 = 3;

/// Clean air, a reading a second.
pub(crate) fn calm(seconds: std::ops::Range<i64>) -> Vec<(i64, f64)> {
    level(seconds, 0.1)
}

pub(crate) fn level(seconds: std::ops::Range<i64>, ppm: f64) -> Vec<(i64, f64)> {
    seconds.map(|second| (second, ppm)).collect()
}

/// What the ledger says, in the order in which it was told, in short words with the gateway's
/// seconds: `red raise 104`, `added red raise 104`, `warning raised red 104`.
pub(crate) fn told(station: &Station, gateway: &Gateway) -> Result<Vec<String>> {
    let mut stream = station.stream(Some(0))?;
    let mut events = Vec::new();
    stream.until("the first heartbeat", SOON, |event| {
        events.push(event.clone());
        (event.name == "heartbeat").then_some(())
    })?;
    let words = events.iter().map(|event| words(event, gateway));
    Ok(words.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

fn words(event: &Event, gateway: &Gateway) -> Result<Option<String>> {
    let data = &event.data;
    let text = |pointer: &str| {
        let text = data.pointer(pointer).and_then(|value| value.as_str());
        text.with_context(|| format!("no `{pointer}` in {data}"))
    };
    let words = match event.name.as_str() {
        "alarm" => format!("{} {}", text("/alarm/tier")?, text("/edge")?),
        "correction" => {
            format!("{} {} {}", text("/change")?, text("/alarm/tier")?, text("/edge")?)
        }
        "warning" => format!("warning {} {}", text("/change")?, text("/warning/tier")?),
        _ => return Ok(None),
    };
    // What follows from a correction is told at the moment of the finding: no reading's time.
    let second = gateway.second(moment::millis(&data["at"])?);
    Ok(Some(format!("{words} {}", second.map_or("now".to_owned(), |s| s.to_string()))))
}

pub(crate) fn begins_with(told: &[String], word: &str) -> Vec<String> {
    told.iter().filter(|words| words.starts_with(word)).cloned().collect()
}

pub(crate) fn counter(station: &Station, name: &str) -> Result<u64> {
    let counters = station.get("health")?["counters"].clone();
    counters[name].as_u64().with_context(|| format!("no `{name}` in {counters}"))
}

/// Sends them and waits until all are stored; what can be judged at once is judged then.
pub(crate) fn stored(station: &Station, gateway: &Gateway, readings: &[(i64, f64)]) -> Result<()> {
    let wanted = counter(station, "readings")? + readings.len() as u64;
    gateway.send(readings)?;
    station.until("all are stored", SOON, |station| {
        Ok((counter(station, "readings")? >= wanted).then_some(()))
    })
}

/// Sends them and waits until the last one is the channel's newest. Unlike a count this holds after
/// a restart too, when the broker sends again what was not acknowledged.
pub(crate) fn reached(station: &Station, gateway: &Gateway, readings: &[(i64, f64)]) -> Result<()> {
    gateway.send(readings)?;
    let (last, _) = readings.last().context("nothing to send")?;
    station.until("the last one has come", SOON, |station| {
        let seen = station.channel(CHANNEL)?["measured_at"].clone();
        let at_ms = if seen.is_null() { None } else { Some(moment::millis(&seen)?) };
        Ok((at_ms == Some(gateway.moment_ms(*last))).then_some(()))
    })
}

/// Waits until the corrections are exactly these, whatever their order.
pub(crate) fn corrected(station: &Station, gateway: &Gateway, wanted: &[&str]) -> Result<()> {
    let count = wanted.len();
    station.until(&format!("{count} corrections"), SOON, |station| {
        let list = station.get("corrections")?;
        Ok((list.as_array().map_or(0, Vec::len) >= count).then_some(()))
    })?;
    let told = told(station, gateway)?;
    let found = told.iter().filter(|w| w.starts_with("added") || w.starts_with("removed"));
    let mut found: Vec<_> = found.map(String::as_str).collect();
    let mut wanted = wanted.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    ensure!(found == wanted, "found {found:?}, wanted {wanted:?}; all: {told:?}");
    Ok(())
}

/// Lets the station tick: what could still follow has followed.
pub(crate) fn ticks(station: &Station) -> Result<()> {
    let mut stream = station.stream(None)?;
    let mut beats = 0;
    stream.until("some heartbeats", SOON, |event| {
        beats += u32::from(event.name == "heartbeat");
        (beats == HEARTBEATS).then_some(())
    })
}

/// Tier and begin of the active alarms, as the API shows them.
pub(crate) fn active(station: &Station, gateway: &Gateway) -> Result<Vec<String>> {
    let alarms = station.get("alarms")?;
    let mut found = Vec::new();
    for alarm in alarms.as_array().context("no list")? {
        let since = gateway.second(moment::millis(&alarm["since"])?);
        let tier = alarm["tier"].as_str().context("no tier")?;
        found.push(format!("{tier} {}", since.context("a begin between two readings")?));
    }
    found.sort_unstable();
    Ok(found)
}

/// Clean air ends every alarm, also for a station that knows only what is on disk.
pub(crate) fn over_after_a_restart(station: Station, gateway: &Gateway) -> Result<()> {
    stored(&station, gateway, &calm(150..560))?;
    let left = active(&station, gateway)?;
    ensure!(left.is_empty(), "{left:?}");
    let before = told(&station, gateway)?;
    // In order, so that the record is the only way back to that time.
    station.stop()?;
    let station = gateway.station()?;
    reached(&station, gateway, &calm(560..600))?;
    let after = told(&station, gateway)?;
    ensure!(after == before, "told {before:?}, after a restart {after:?}");
    station.stop()
}
