//! A real station and a bureau: an HTTPS server that asks for a client certificate and takes CAP.
//! Every transition is taken once, in order, whatever the bureau answers and whoever is killed.
//! What it took is held against the schema of OASIS and read by a parser from PyPI.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod brokers;
mod door;
mod ends;
mod late;
mod owed;
mod park;
mod people;
mod sirens;

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::process::say;
use e2e::site::{ORANGE_PPM, RED_PPM};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use park::{Bureau, Park, SOON};

/// Where the random moments of the kills come from; printed, so that a failure can be had again.
const SEED: u64 = 20_261_129;
/// Kills where nobody asks for more (`SISKIN_KILLS`).
const KILLS: u32 = 4;
/// The longest time from a change of gas to a kill.
const KILL_MS_MAX: u64 = 1200;

#[test]
fn a_bureau_takes_every_transition_once_and_in_order() -> Result<()> {
    let mut park = Park::new()?;
    // It is away for a moment, loses an answer, and then works.
    let bureau = Bureau::start(&park, "503,cut,take")?;
    park.tell(&bureau)?;
    let station = park.start()?;
    park.gas(ORANGE_PPM + 0.5)?;
    bureau.until_taken(1)?;
    park.gas(RED_PPM + 1.0)?;
    station.until("a red warning", SOON, |station| {
        Ok((station.get("warnings")?[0]["tier"] == "red").then_some(()))
    })?;
    park.gas(0.0)?;
    park::close_all(&station)?;
    let (count, _) = park::settled(&station)?;
    let taken = bureau.until_taken(count)?;

    // The schema of OASIS, then a parser made by others.
    park::validate(&taken)?;
    let read = park::read(&taken)?;
    let words: Vec<_> =
        read.iter().map(|one| (one["msg_type"].as_str(), one["references"].as_u64())).collect();
    let some = |word, count| (Some(word), Some(count));
    let last = read.len() - 1;
    ensure!(words[0] == some("Alert", 0) && last >= 2, "{words:?}");
    // Each points back to all before it.
    ensure!((1..=last).all(|n| words[n] == some("Update", n as u64)), "{words:?}");
    ensure!(read[last]["responses"][0] == "AllClear", "{}", read[last]);
    ensure!(read.iter().any(|one| one["severity"] == "Extreme"), "{read:?}");
    ensure!(read[0]["languages"] == serde_json::json!(["zh-CN", "en"]), "{}", read[0]);
    ensure!(read[0]["parameters"]["siskin:gas"] == "chlorine", "{}", read[0]);
    ensure!(read[0]["status"] == "Actual", "{}", read[0]);

    // What the station says of it: all accepted, and the lost answer in the receipts.
    let answer = station.until("all receipts", SOON, |station| {
        let answer = station.get("messages?recipient=bureau")?;
        let all = answer["deliveries"].as_array().into_iter().flatten();
        Ok(all.clone().all(|one| one["state"] == "accepted").then_some(answer))
    })?;
    let first = answer["deliveries"].as_array().and_then(|all| all.last()).cloned();
    let number = first.unwrap_or_default()["number"].as_u64().unwrap_or_default();
    let detail = station.get(&format!("messages/{number}"))?;
    let happened: Vec<_> = detail["receipts"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["happened"].as_str())
        .collect();
    ensure!(happened == ["try", "retry", "try", "retry", "try", "accept"], "{detail}");
    ensure!(detail["text_zh"].as_str().is_some_and(|text| text.contains("氯")), "{detail}");
    let keys = bureau.requests();
    ensure!(keys[..3].iter().all(|key| *key == keys[0]), "{keys:?}");

    // The feed names the same messages, and each of them is CAP.
    let feed = String::from_utf8(station.bytes("cap/feed")?)?;
    ensure!(feed.matches("<entry>").count() == read.len(), "{feed}");
    let one = feed.split("href=\"").filter_map(|rest| rest.split('"').next()).last();
    let one = station.bytes(&format!("cap/{}", one.unwrap_or_default()))?;
    let path = park.path().join("public.xml");
    std::fs::write(&path, one)?;
    park::validate(&[path])?;

    // The bureau pulls the steps, each told one with its CAP message, and says that it read one.
    let steps = door::pull_all(&station)?;
    let named: Vec<_> = steps.iter().filter_map(|step| step["cap"].as_str()).collect();
    ensure!(named.len() == read.len(), "{named:?}");
    ensure!(named.iter().all(|cap| feed.contains(*cap)), "{named:?}\n{feed}");
    let first = &steps[0];
    ensure!(first["cas"] == "7782-50-5" && first["value"].is_number(), "{first}");
    door::read_one(&station, number)?;
    station.stop()
}

#[test]
fn a_bureau_that_trusts_nobody_of_ours_is_a_failure_that_is_seen() -> Result<()> {
    let mut park = Park::new()?;
    let bureau = Bureau::start(&park, "")?;
    // Without the client certificate it does not listen.
    park.tell_without_certificate(&bureau)?;
    let station = park.start()?;
    park.gas(RED_PPM + 1.0)?;
    let health = station.until("an unreceipted message", Duration::from_mins(1), |station| {
        let health = station.get("health")?;
        let messages = &health["messages"];
        Ok((messages["unreceipted"].as_u64() > Some(0)).then(|| health.clone()))
    })?;
    ensure!(health["status"] == "degraded", "{health}");
    let recipient = &health["messages"]["recipients"][0];
    ensure!(recipient["last_error"].is_string(), "{health}");
    ensure!(bureau.taken()?.is_empty(), "it took a message of a stranger");
    station.stop()
}

#[test]
fn kill_9_between_raise_and_receipt_loses_nothing_and_doubles_nothing() -> Result<()> {
    let kills = std::env::var("SISKIN_KILLS").ok().and_then(|text| text.parse().ok());
    let kills: u32 = kills.unwrap_or(KILLS);
    say(&format!("seed {SEED}, {kills} kills"));
    let mut random = StdRng::seed_from_u64(SEED);
    let mut park = Park::new()?;
    let bureau = Bureau::start(&park, "")?;
    park.tell(&bureau)?;
    let mut station = park.start()?;
    for kill in 0..kills {
        let ppm = if kill % 2 == 0 { RED_PPM + 1.0 } else { 0.0 };
        park.gas(ppm)?;
        // The moment is the point: the wait synchronises nothing.
        std::thread::sleep(Duration::from_millis(random.random_range(0..KILL_MS_MAX)));
        station.kill()?;
        station = park.start()?;
        if ppm > 0.0 {
            station.until("the warning", SOON, |station| {
                let warnings = station.get("warnings")?;
                Ok(warnings.as_array().filter(|all| !all.is_empty()).map(|_| ()))
            })?;
        } else {
            park::close_all(&station)?;
        }
    }
    park.gas(0.0)?;
    park::close_all(&station)?;
    let (expected, keys) = park::settled(&station)?;
    let taken = bureau.taken()?;
    let identifiers: Vec<String> = park::read(&taken)?
        .iter()
        .map(|one| one["identifier"].as_str().unwrap_or_default().to_owned())
        .collect();
    say(&format!("{expected} messages, {} requests", bureau.requests().len()));
    ensure!(identifiers == keys, "taken {identifiers:?}\nin the ledger {keys:?}");
    park::validate(&taken)?;
    station.stop()
}
