//! The life of an incident with a real station: opened by a red warning, acted on, its clocks seen
//! running out, closed, packed; killed in between, and nothing is lost.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod checklist;
mod park;
mod reports;

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::accounts::FIRST;
use e2e::moment;
use e2e::process::say;
use e2e::site::RED_PPM;
use e2e::station::Station;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use park::{
    CHANNEL, Park, SOON, acknowledge_all, act, acts, change, clock, note, opened, unpacked,
};

const HOUR_MS: i64 = 3_600_000;
/// Where the random moments of the kills come from; printed, so that a failure can be had again.
const SEED: u64 = 20_261_129;
/// Kills in the middle of acts.
const KILLS: u32 = 8;
/// Readings a warning takes from calm over red to calm; how many more there are is a matter of how
/// long the test takes.
const LEAST_READINGS: u64 = 3;
/// Notes that are on their way at a kill, at most.
const NOTES_BEFORE_KILL: std::ops::Range<u32> = 1..30;
/// Microseconds from sending the last note to the kill.
const NOTE_AGE_US: std::ops::Range<u64> = 0..6_000;

#[test]
fn an_incident_from_the_red_warning_to_the_evidence() -> Result<()> {
    let mut park = Park::new()?;
    let station = park.start()?;
    park.gas(RED_PPM + 1.0)?;
    let id = opened(&station)?;
    let incident = station.get(&format!("incidents/{id}"))?;
    ensure!(incident["incident"]["opened_by"] == "station", "{incident}");
    ensure!(incident["incident"]["areas"] == json!(["tank-farm"]), "{incident}");
    ensure!(incident["warnings"][0]["tier"] == "red", "{incident}");
    ensure!(acts(&incident) == ["incident.open", "incident.join"], "{incident}");

    people_act(&station, &id)?;

    // Discovered three hours ago: the hour of the enterprise is over, four hours are more than
    // half over.
    let discovered = json!({ "discovered_at_ms": moment::now_ms() - 3 * HOUR_MS });
    let changed = change(&station, &id, &discovered)?;
    ensure!(clock(&changed, "enterprise-county")?["state"] == "overdue", "{changed}");
    ensure!(clock(&changed, "bureau")?["state"] == "close", "{changed}");
    let rung = station.until("two clocks that ring", SOON, |station| {
        let incident = station.get(&format!("incidents/{id}"))?;
        let count = acts(&incident).iter().filter(|act| **act == "incident.clock").count();
        Ok((count == 2).then_some(incident))
    })?;
    let notices = station.get("incidents")?["notices"].clone();
    ensure!(notices[0]["clock"]["duty"] == "enterprise-county", "{notices}");
    ensure!(notices[0]["clock"]["left_ms"].as_i64().is_some_and(|ms| ms < 0), "{notices}");
    ensure!(notices[1]["clock"]["left_ms"].as_i64().is_some_and(|ms| ms > 0), "{notices}");

    // kill -9: all is there, nothing rings or opens again.
    station.kill()?;
    let station = park.start()?;
    ensure!(opened(&station)? == id);
    let after = station.get(&format!("incidents/{id}"))?;
    ensure!(after["entries"] == rung["entries"], "{} became {}", rung["entries"], after["entries"]);

    // A closure is refused until nothing is missing.
    let met = json!({ "reference": "2026-001" });
    let done = act(&station, &id, "clocks/enterprise-county/met", &met)?;
    ensure!(clock(&done, "enterprise-county")?["state"] == "met-late", "{done}");
    let unmet = json!({ "county-city": "由县局上报", "bureau": "由县局上报" });
    let close = json!({ "cause": "法兰泄漏", "lessons": "缩短检修周期", "unmet": unmet });
    let (status, refused) = station.post(&format!("incidents/{id}/close"), &close)?;
    ensure!(status == 409 && refused["type"] == "/problems/incident-refused", "{refused}");
    ensure!(refused["detail"].as_str().is_some_and(|text| text.contains("still open")));
    ensure!(refused["detail_zh"].as_str().is_some_and(|text| text.contains("尚未结束")));
    park.gas(0.0)?;
    station.until("the warning is over", SOON, |station| {
        acknowledge_all(station)?;
        let open = station.get("warnings")?;
        Ok(open.as_array().is_some_and(Vec::is_empty).then_some(()))
    })?;
    let bare = json!({ "cause": "法兰泄漏", "lessons": "缩短检修周期" });
    let (status, refused) = station.post(&format!("incidents/{id}/close"), &bare)?;
    ensure!(status == 409, "{refused}");
    ensure!(refused["detail"].as_str().is_some_and(|text| text.contains("`bureau`")), "{refused}");
    let closed = act(&station, &id, "close", &close)?;
    ensure!(closed["incident"]["state"] == "closed", "{closed}");
    ensure!(closed["closure"]["lessons"] == "缩短检修周期", "{closed}");
    ensure!(station.get("incidents")?["incidents"] == json!([]));

    station.until("all receipts", SOON, |station| {
        let told = station.get("messages")?;
        let told = told["deliveries"].as_array().cloned().unwrap_or_default();
        Ok(told.iter().all(|one| one["state"] == "accepted").then_some(()))
    })?;
    // The pack by the API and beside the running station.
    let (by_api, by_command) = (park.path("api.zip"), park.path("command.zip"));
    std::fs::write(&by_api, station.bytes(&format!("incidents/{id}/evidence"))?)?;
    park.evidence(&id, &by_command)?;
    for pack in [by_api, by_command] {
        holds_all(&unpacked(&pack)?, &closed)?;
    }
    station.stop()
}

/// Note, task, file, figures and grade.
fn people_act(station: &Station, id: &str) -> Result<()> {
    act(station, id, "notes", &note("已疏散\n下风向"))?;
    let given = act(station, id, "tasks", &json!({ "text": "关阀", "owner": "王强" }))?;
    let task = given["tasks"][0]["number"].as_u64().context("a number")?;
    act(station, id, &format!("tasks/{task}/done"), &json!({}))?;
    let (status, file) = station.post_bytes(&format!("incidents/{id}/files?name=a.jpg"), b"jpg")?;
    ensure!(status == 200 && file["files"][0]["bytes"] == 3, "{file}");
    let sum = file["files"][0]["sha256"].as_str().context("a sum")?;
    ensure!(station.bytes(&format!("incidents/{id}/files/{sum}"))? == b"jpg");
    let figures = json!({ "figures": { "deaths": 3, "poisoned": 4 } });
    let suggested = change(station, id, &figures)?["suggestion"].clone();
    ensure!(suggested["grade"] == "III", "{suggested}");
    ensure!(suggested["met"][0]["criterion"] == "deaths", "{suggested}");
    ensure!(suggested["unknown"] == json!(["evacuated", "loss_yuan"]), "{suggested}");
    let graded = change(station, id, &json!({ "grade": { "grade": "III", "reason": "3人" } }))?;
    ensure!(clock(&graded, "bureau")?["state"] == "running", "{graded}");
    Ok(())
}

/// What a pack must hold of the closed incident.
fn holds_all(pack: &Value, closed: &Value) -> Result<()> {
    let len = |what: &str| pack[what].as_array().map_or(0, Vec::len);
    let told = closed["entries"].as_array().context("entries")?;
    ensure!(len("entries") == told.len(), "{} entries", len("entries"));
    let id = &closed["incident"]["id"];
    let audit = pack["audit"].as_array().context("audit")?;
    let own = audit
        .iter()
        .filter(|row| row["entry"]["about"] == *id && row["entry"]["act"] != "incident.evidence");
    let own: Vec<_> = own.map(|row| &row["entry"]["act"]).collect();
    ensure!(own == told.iter().map(|entry| &entry["act"]).collect::<Vec<_>>(), "{own:?}");
    ensure!(len("warnings") >= 3 && len("alarms") >= 2, "{pack}");
    let readings = pack["readings"][format!("readings/{CHANNEL}.csv")].as_u64();
    ensure!(readings.is_some_and(|count| count >= LEAST_READINGS), "{readings:?} readings");
    ensure!(len("missing") == 0 && len("site_files") == 5, "{}", pack["site_files"]);
    let receipts = pack["receipts"].as_array().context("receipts")?;
    ensure!(!receipts.is_empty() && receipts.len() <= len("messages"), "{receipts:?}");
    for one in receipts {
        let happened = one["receipts"].as_array().and_then(|all| all.last()).cloned();
        let last = happened.unwrap_or_default();
        ensure!(one["delivery"]["state"] == "accepted" && last["happened"] == "accept", "{one}");
    }
    let signature = &pack["checkpoint"]["signature"];
    ensure!(signature.is_string(), "{}", pack["checkpoint"]);
    let names = pack["names"].as_array().context("names")?;
    ensure!(names.iter().any(|name| name == "rules/version-1/rules/chlorine.toml"), "{names:?}");
    ensure!(pack["readme"].as_str().is_some_and(|text| text.contains("证据包")));
    Ok(())
}

#[test]
fn kill_9_in_the_middle_of_acts_leaves_each_whole_or_absent() -> Result<()> {
    say(&format!("seed {SEED}"));
    let mut random = StdRng::seed_from_u64(SEED);
    let mut park = Park::new()?;
    let mut station = park.start()?;
    park.gas(RED_PPM + 1.0)?;
    let id = opened(&station)?;
    let mut answered = Vec::new();
    let (mut hits, mut written) = (0, 0);
    for kill in 1..=KILLS {
        let count = random.random_range(NOTES_BEFORE_KILL);
        for n in 0..count {
            let text = format!("{kill}-{n}");
            act(&station, &id, "notes", &note(&text))?;
            answered.push(text);
        }
        // One more is on its way; whether it is answered is left to chance.
        let url = format!("{}/api/v1/incidents/{id}/notes", station.url());
        let last = format!("{kill}-last");
        let (body, bearer) = (note(&last), station.bearer(FIRST)?);
        let sent = thread::spawn(move || {
            let agent = ureq::Agent::new_with_defaults();
            let request = agent.post(&url).header("authorization", bearer);
            request.send_json(&body).is_ok_and(|answer| answer.status() == 200)
        });
        // Not to wait for anything: any moment will do, and this one is drawn.
        let (age, began) = (random.random_range(NOTE_AGE_US), Instant::now());
        while began.elapsed() < Duration::from_micros(age) {
            std::hint::spin_loop();
        }
        station.kill()?;
        if sent.join().is_ok_and(|is_answered| is_answered) {
            answered.push(last.clone());
        } else {
            hits += 1;
        }
        station = park.start()?;
        let incident = station.get(&format!("incidents/{id}"))?;
        let entries = incident["entries"].as_array().context("entries")?;
        let notes = entries.iter().filter(|entry| entry["act"] == "incident.note");
        let mut notes: Vec<_> = notes.filter_map(|entry| entry["text"].as_str()).collect();
        if notes.last() == Some(&last.as_str()) && answered.last() != Some(&last) {
            say(&format!("kill {kill}: written and not answered"));
            written += 1;
            answered.push(last);
        }
        ensure!(notes == answered, "kill {kill}: {answered:?} were answered, {notes:?} are there");
        notes.clear();
        ensure!(opened(&station)? == id, "kill {kill}");
        let numbers: Vec<_> = entries.iter().filter_map(|entry| entry["number"].as_u64()).collect();
        ensure!(numbers == (1..=entries.len() as u64).collect::<Vec<_>>(), "{numbers:?}");
    }
    let count = answered.len() - written;
    say(&format!("{count} notes answered; {hits} of {KILLS} kills hit one, {written} written"));
    ensure!(count > 0, "no note was answered");
    ensure!(hits > 0, "no kill came while a note was on its way");
    let out = park.path("killed.zip");
    park.evidence(&id, &out)?;
    let found = unpacked(&out)?;
    let audit = found["audit"].as_array().context("audit")?;
    let own = audit.iter().filter(|row| row["entry"]["act"] == "incident.note").count();
    ensure!(own == answered.len(), "{own} notes in the audit, {} in the incident", answered.len());
    station.stop()
}
