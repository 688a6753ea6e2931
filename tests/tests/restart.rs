//! kill -9 at seeded moments: warnings keep their ids, starts and acknowledgements, nothing is
//! announced twice, and no reading that anybody saw is lost (invariants 3, 4 and 5).

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::accounts::SECOND;
use e2e::modbus::{Devices, State};
use e2e::moment;
use e2e::process::say;
use e2e::site::{Analyzer, Link, ORANGE_PPM, Options, RED_PPM, SiteFolder, YELLOW_PPM};
use e2e::station::Station;
use e2e::stream::Event;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

/// Longest wait for what follows a poll or two.
const SOON: Duration = Duration::from_secs(15);
/// Where the random moments of the kills come from; printed, so that a failure can be had again.
const SEED: u64 = 20_261_123;
/// Kills of one park.
const KILLS: u32 = 5;
/// Fewest and most events of the stream before a kill.
const EVENTS_BEFORE_KILL: std::ops::Range<u32> = 3..40;
/// Longer than any start of a station: its silence is none that is told.
const SILENT_MS: i64 = 120_000;
/// How long red must hold.
const RED_ON_DELAY_S: u32 = 3;

/// A reading as somebody saw it on the live stream.
type Seen = BTreeMap<(String, i64), Option<f64>>;

/// Devices and folders that outlive the stations.
struct Park {
    devices: Devices,
    folder: SiteFolder,
}

impl Park {
    fn new(red_on_delay_s: u32) -> Result<Self> {
        let devices = Devices::start(&["at-1", "at-2"])?;
        let analyzers = [("at-1", "tank-farm"), ("at-2", "loading-dock")];
        let analyzers = analyzers.map(|(id, area)| {
            let link = Link::Modbus(devices.port(id)?);
            Ok(Analyzer { id, area, link })
        });
        let analyzers = analyzers.into_iter().collect::<Result<Vec<_>>>()?;
        let no_data_ms = Some(SILENT_MS);
        let options = Options { poll_ms: 100, red_on_delay_s, no_data_ms, ..Options::default() };
        let folder = SiteFolder::write(&analyzers, options)?;
        Ok(Self { devices, folder })
    }

    fn start(&self) -> Result<Station> {
        Station::run(&self.folder.site(), &self.folder.data())
    }
}

/// Keeps what a `readings` event shows.
fn keep(seen: &mut Seen, event: &Event) -> Result<()> {
    let values = event.data.as_array().filter(|_| event.name == "readings");
    for value in values.into_iter().flatten() {
        let channel = value["channel"].as_str().context("no channel")?.to_owned();
        let at_ms = moment::millis(&value["measured_at"])?;
        seen.insert((channel, at_ms), value["value"].as_f64());
    }
    Ok(())
}

/// Every reading that was seen is in the history, with the value that was seen.
fn all_are_kept(station: &Station, seen: &Seen) -> Result<()> {
    let channels: BTreeSet<_> = seen.keys().map(|(channel, _)| channel.clone()).collect();
    for channel in channels {
        let of_it = || seen.iter().filter(|((name, _), _)| *name == channel);
        let moments = || of_it().map(|((_, at_ms), _)| *at_ms);
        let (from, to) = (moments().min().unwrap_or(0), moments().max().unwrap_or(0));
        let points = station.readings(&channel, from, to + 1)?;
        let kept: BTreeMap<_, _> =
            points.iter().map(|point| (point["at_ms"].as_i64(), point["mean"].as_f64())).collect();
        for ((_, at_ms), value) in of_it() {
            let found = kept.get(&Some(*at_ms));
            ensure!(
                found == Some(value),
                "{channel} at {at_ms}: {value:?} was seen, {found:?} is kept"
            );
        }
    }
    Ok(())
}

/// What must not change of a warning.
fn identity(warning: &Value) -> [Value; 6] {
    let keys = ["id", "raised_at", "tier", "state", "acknowledged_by", "acknowledged_at"];
    keys.map(|key| warning[key].clone())
}

fn identities(station: &Station) -> Result<Vec<[Value; 6]>> {
    let warnings = station.get("warnings")?;
    let warnings = warnings.as_array().context("no list")?;
    Ok(warnings.iter().map(identity).collect())
}

/// Events of the ledger after `seq`, as a browser that reconnects gets them.
fn replayed(station: &Station, seq: u64) -> Result<Vec<Event>> {
    let mut stream = station.stream(Some(seq))?;
    let mut events = Vec::new();
    stream.until("the first heartbeat", SOON, |event| {
        events.push(event.clone());
        (event.name == "heartbeat").then_some(())
    })?;
    Ok(events)
}

#[test]
fn warnings_and_readings_survive_kill_9() -> Result<()> {
    say(&format!("seed {SEED}"));
    let mut random = StdRng::seed_from_u64(SEED);
    let mut park = Park::new(0)?;
    let mut station = park.start()?;
    park.devices.set("at-1", RED_PPM + 1.0, State::Monitor)?;
    park.devices.set("at-2", YELLOW_PPM + 0.5, State::Monitor)?;
    let yellow = station.until("a red and a yellow warning", SOON, |station| {
        let warnings = station.get("warnings")?;
        let both = warnings[0]["tier"] == "red" && warnings[1]["tier"] == "yellow";
        Ok(both.then(|| warnings[1]["id"].clone()))
    })?;
    let yellow = yellow.as_str().context("an id")?;
    let (status, body) = station.acknowledge(yellow, SECOND, "现场已确认")?;
    ensure!(status == 200, "{status} {body}");
    let before = identities(&station)?;
    ensure!(before[0][3] == "active-unacknowledged" && before[1][3] == "active-acknowledged");
    ensure!(before[1][4] == SECOND, "{before:?}");
    let mut seen = Seen::new();
    for kill in 1..=KILLS {
        let events = random.random_range(EVENTS_BEFORE_KILL);
        say(&format!("kill {kill} after {events} events"));
        let seq = station.get("health")?["seq"].as_u64().context("seq")?;
        let mut stream = station.stream(Some(seq))?;
        for _ in 0..events {
            keep(&mut seen, &stream.next(Instant::now() + SOON)?)?;
        }
        station.kill()?;
        for event in stream.rest() {
            keep(&mut seen, &event)?;
        }
        station = park.start()?;
        let again = replayed(&station, seq)?;
        let announced: Vec<_> = again.iter().filter(|event| event.id.is_some()).collect();
        ensure!(announced.is_empty(), "kill {kill}: announced again: {announced:?}");
        ensure!(again[0].name == "hello" && again.iter().all(|event| event.name != "reset"));
        let after = identities(&station)?;
        ensure!(after == before, "kill {kill}: {before:?} became {after:?}");
        all_are_kept(&station, &seen)?;
    }
    ensure!(seen.len() > 20, "only {} readings were seen", seen.len());
    station.stop()
}

/// The moments of the `change` events of the warnings that there ever were.
fn moments(station: &Station, change: &str) -> Result<Vec<i64>> {
    let mut found = Vec::new();
    for warning in station.get("warnings?scope=all")?.as_array().into_iter().flatten() {
        let id = warning["id"].as_str().context("an id")?;
        let events = station.get(&format!("warnings/{id}/events"))?;
        for event in events.as_array().into_iter().flatten() {
            if event["change"] == change {
                found.push(moment::millis(&event["at"])?);
            }
        }
    }
    Ok(found)
}

#[test]
fn a_delay_that_runs_goes_on_over_kill_9() -> Result<()> {
    let mut park = Park::new(RED_ON_DELAY_S)?;
    let station = park.start()?;
    let mut stream = station.stream(None)?;
    park.devices.set("at-1", ORANGE_PPM + 0.5, State::Monitor)?;
    stream
        .until("orange", SOON, |event| (event.data["warning"]["tier"] == "orange").then_some(()))?;
    park.devices.set("at-1", RED_PPM + 1.0, State::Monitor)?;
    let mut first_ms = None;
    stream.until("a second above the red limit", SOON, |event| {
        let value = event.reading("at-1-cl2")?;
        let at_ms = moment::millis(&value["measured_at"]).ok()?;
        if value["value"].as_f64()? <= f64::from(RED_PPM) {
            return None;
        }
        let first_ms = *first_ms.get_or_insert(at_ms);
        (at_ms - first_ms > 1000).then_some(())
    })?;
    station.kill()?;
    let down_at_ms = moment::now_ms();
    let station = park.start()?;
    let red = station.until("red", SOON, |station| {
        let warnings = station.get("warnings")?;
        Ok((warnings[0]["tier"] == "red").then(|| warnings[0].clone()))
    })?;
    let escalated = moments(&station, "escalated")?;
    let (raised, red_at) = (moments(&station, "raised")?, escalated.last().copied());
    ensure!(raised.len() == 1, "announced more than once: {raised:?}");
    // Begun again with the first reading of the second station, however long that took to start,
    // the delay could not be over before this moment.
    let since = station.readings("at-1-cl2", down_at_ms, moment::now_ms() + 1)?;
    let first_ms = since.iter().filter_map(|point| point["at_ms"].as_i64()).min();
    let late_ms = first_ms.context("a reading")? + i64::from(RED_ON_DELAY_S) * 1000;
    ensure!(
        red_at.is_some_and(|at| at < late_ms),
        "red at {red_at:?}, the station was down at {down_at_ms}, heard at {first_ms:?}: {red}"
    );
    Ok(())
}
