//! How what was told ends: a siren by an acknowledgement, a warning as a mistake.

use std::fs;

use anyhow::{Context, Result, ensure};
use e2e::accounts::{FIRST, SECOND};
use e2e::site::{ORANGE_PPM, RED_PPM};
use e2e::station::Station;
use serde_json::{Value, json};

use crate::park::{self, Bureau, Park, SOON};
use crate::people::tell;
use crate::sirens::{Siren, writes};

/// Waits for the newest delivery to a recipient to be of this kind and accepted.
pub(crate) fn until_told(station: &Station, recipient: &str, kind: &str) -> Result<Value> {
    station.until(&format!("`{kind}` at `{recipient}`"), SOON, |station| {
        let answer = station.get(&format!("messages?recipient={recipient}"))?;
        let newest = &answer["deliveries"][0];
        let is_it = newest["kind"] == kind && newest["state"] == "accepted";
        Ok(is_it.then(|| newest.clone()))
    })
}

fn open_warning(station: &Station, tier: &str) -> Result<String> {
    station.until(&format!("a warning in {tier}"), SOON, |station| {
        let warnings = station.get("warnings")?;
        let all = warnings.as_array().into_iter().flatten();
        let found = all.filter(|one| one["tier"] == tier).find_map(|one| one["id"].as_str());
        Ok(found.map(str::to_owned))
    })
}

fn until_written(park: &Park, expected: &str) -> Result<()> {
    e2e::wait::poll(&format!("the siren {expected}"), SOON, || {
        Ok((writes(park).last().map(String::as_str) == Some(expected)).then_some(()))
    })
}

#[test]
fn a_siren_ends_by_acknowledgement_and_sounds_again_for_a_rise() -> Result<()> {
    let mut park = Park::new()?;
    let siren = Siren::start(&park, "good")?;
    tell(&park, &(siren.way() + "off = \"acknowledged\"\n"))?;
    let station = park.start()?;
    park.gas(ORANGE_PPM + 0.5)?;
    let id = open_warning(&station, "orange")?;
    until_written(&park, "on")?;

    // The acknowledgement is on disk; who starts again owns what sounds.
    let (status, answer) = station.acknowledge(&id, FIRST, "")?;
    ensure!(status == 200, "{answer}");
    station.kill()?;
    let station = park.start()?;
    let told = until_told(&station, "li", "acknowledged")?;
    until_written(&park, "off")?;
    let detail = station.get(&format!("messages/{}", told["number"]))?;
    ensure!(detail.to_string().contains("the feedback says off"), "{detail}");

    // A rise needs another acknowledgement, and sounds.
    park.gas(RED_PPM + 1.0)?;
    open_warning(&station, "red")?;
    until_written(&park, "on")?;
    let (status, answer) = station.acknowledge(&id, FIRST, "")?;
    ensure!(status == 200, "{answer}");
    until_written(&park, "off")?;

    // Nobody else is told of an acknowledgement.
    let feed = String::from_utf8(station.bytes("cap/feed")?)?;
    let messages = station.get(&format!("warnings/{id}/messages"))?;
    let all = messages.as_array().or_else(|| messages["deliveries"].as_array());
    let count = all.context("no messages")?.iter();
    let told = count.filter(|one| one["kind"] != "acknowledged").count();
    ensure!(feed.matches("<entry>").count() == told, "{feed}\n{messages}");
    park.gas(0.0)?;
    park::close_all(&station)?;
    until_told(&station, "li", "all-clear")?;
    ensure!(writes(&park).last().map(String::as_str) == Some("off"), "{:?}", writes(&park));
    station.stop()
}

#[test]
fn a_mistake_is_cancelled_to_whoever_was_told_by_two_persons() -> Result<()> {
    let mut park = Park::new()?;
    let bureau = Bureau::start(&park, "")?;
    park.tell(&bureau)?;
    let station = park.start()?;
    park.gas(RED_PPM + 1.0)?;
    let id = open_warning(&station, "red")?;
    bureau.until_taken(1)?;
    let path = format!("warnings/{id}/cancel");
    let reason = json!({ "reason": "标定气未关" });

    // While the gas is there it is no mistake, whoever says so.
    let (status, answer) = station.post_by(FIRST, &path, &reason)?;
    ensure!(status == 409, "{answer}");
    let (status, answer) = station.post_by(FIRST, &path, &json!({ "reason": " " }))?;
    ensure!(status == 422, "{answer}");

    park.gas(0.0)?;
    station.until("its return", SOON, |station| {
        let warning = station.get("warnings")?[0].clone();
        Ok((warning["state"] == "returned-unacknowledged").then_some(()))
    })?;
    // It had the highest tier: one person only proposes.
    let (status, answer) = station.post_by(FIRST, &path, &reason)?;
    ensure!(status == 200 && answer["hold"]["kind"] == "cancellation", "{answer}");
    let hold = answer["hold"]["id"].as_str().unwrap_or_default().to_owned();
    let confirm = format!("holds/{hold}/confirm");
    let (status, answer) = station.post_by(FIRST, &confirm, &json!({}))?;
    ensure!(status == 409, "{answer}");
    let (status, answer) = station.post_by(SECOND, &confirm, &json!({}))?;
    ensure!(status == 200 && answer["warning"]["state"] == "normal", "{answer}");
    until_told(&station, "bureau", "cancel")?;
    the_bureau_reads_it(&station, &bureau, &id)?;

    // Once only, and it stays on record.
    let (status, answer) = station.post_by(FIRST, &path, &reason)?;
    ensure!(status == 409, "{answer}");
    let kept = station.get("warnings?scope=all")?;
    ensure!(kept[0]["id"] == id.as_str(), "{kept}");
    station.stop()
}

/// The last that the bureau took cancels the warning and points back to all before it.
fn the_bureau_reads_it(station: &Station, bureau: &Bureau, id: &str) -> Result<()> {
    let (count, _) = park::settled(station)?;
    let taken = bureau.until_taken(count)?;
    park::validate(&taken)?;
    let read = park::read(&taken)?;
    let last = read.last().context("nothing was taken")?;
    ensure!(last["msg_type"] == "Cancel", "{last}");
    ensure!(last["references"].as_u64() == Some(read.len() as u64 - 1), "{last}");
    let text = fs::read_to_string(taken.last().context("no file")?)?;
    ensure!(text.contains("标定气未关") && text.contains("误报撤销"), "{text}");
    let newest = station.get(&format!("warnings/{id}/events"))?;
    let mut changes =
        newest.as_array().into_iter().flatten().filter_map(|one| one["change"].as_str());
    ensure!(changes.next_back() == Some("cancelled"), "{newest}");
    let feed = String::from_utf8(station.bytes("cap/feed")?)?;
    ensure!(feed.contains("撤销"), "{feed}");
    Ok(())
}

#[test]
fn a_warning_that_is_over_can_turn_out_to_be_a_mistake() -> Result<()> {
    let mut park = Park::new()?;
    let bureau = Bureau::start(&park, "")?;
    park.tell(&bureau)?;
    let station = park.start()?;
    park.gas(ORANGE_PPM + 0.5)?;
    let id = open_warning(&station, "orange")?;
    park.gas(0.0)?;
    park::close_all(&station)?;
    until_told(&station, "bureau", "all-clear")?;
    let path = format!("warnings/{id}/cancel");
    let reason = json!({ "reason": "calibration gas" });
    let (status, answer) = station.post_by(FIRST, &path, &reason)?;
    ensure!(status == 200 && answer["warning"]["state"] == "normal", "{answer}");
    until_told(&station, "bureau", "cancel")?;
    station.stop()
}
