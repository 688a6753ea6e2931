//! What nobody took is an alarm about equipment, one for each recipient: told, kept over a restart,
//! ended by a receipt or by a person.

use anyhow::{Context, Result, ensure};
use e2e::accounts::FIRST;
use e2e::site::RED_PPM;
use e2e::station::Station;
use e2e::stream::Event;
use serde_json::{Value, json};

use crate::park::{Bureau, Park, SOON};

/// The alarm of a rule about the bureau, as it is listed now.
fn listed(station: &Station, rule: &str) -> Result<Option<Value>> {
    let all = station.get("equipment")?;
    let mut all = all.as_array().cloned().unwrap_or_default().into_iter();
    Ok(all.find(|one| one["alarm"]["rule"] == rule && one["alarm"]["channel"] == "bureau"))
}

fn until_in(station: &Station, rule: &str, state: &str) -> Result<Value> {
    station.until(&format!("{rule} {state}"), SOON, |station| {
        Ok(listed(station, rule)?.filter(|one| one["state"] == state))
    })
}

/// A step of such an alarm on the stream.
fn of(rule: &str, event: &Event) -> Option<Value> {
    let is_it = event.name == "equipment" && event.data["equipment"]["alarm"]["rule"] == rule;
    is_it.then(|| event.data.clone())
}

fn until_over(station: &Station, rule: &str) -> Result<()> {
    station.until(&format!("no {rule}"), SOON, |station| {
        Ok(listed(station, rule)?.is_none().then_some(()))
    })
}

fn acknowledge(station: &Station, rule: &str) -> Result<()> {
    let act = json!({ "act": "acknowledge", "note": "已电话通知" });
    let (status, done) = station.post_by(FIRST, &format!("equipment/{rule}/bureau"), &act)?;
    ensure!(status == 200, "{status} {done}");
    Ok(())
}

#[test]
fn what_is_not_accepted_is_an_alarm_until_it_is() -> Result<()> {
    const RULE: &str = "message-unreceipted";
    let mut park = Park::new()?;
    let bureau = Bureau::start(&park, "")?;
    // Without the client certificate it does not listen.
    park.tell_without_certificate(&bureau)?;
    let station = park.start()?;
    let mut stream = station.stream(None)?;
    park.gas(RED_PPM + 1.0)?;
    let event = stream.until("the alarm on the stream", SOON, |event| of(RULE, event))?;
    ensure!(event["change"] == "raised", "{event}");
    let one = until_in(&station, RULE, "active-unacknowledged")?;
    let alarm = &one["alarm"];
    ensure!(alarm["kind"] == "message" && alarm["value"].is_null(), "{one}");
    ensure!(alarm["unit"] == "" && one["is_active"] == true, "{one}");
    acknowledge(&station, RULE)?;
    until_in(&station, RULE, "active-acknowledged")?;

    // It is the same alarm after a crash, and nobody has to acknowledge it again.
    station.kill()?;
    let station = park.start()?;
    let kept = listed(&station, RULE)?.context("the alarm did not outlive the crash")?;
    ensure!(kept["state"] == "active-acknowledged", "{kept}");
    ensure!(kept["alarm"]["since"] == alarm["since"], "{kept} {one}");
    station.stop()?;

    // The receipt ends it.
    park.tell(&bureau)?;
    let station = park.start()?;
    until_over(&station, RULE)?;
    ensure!(!bureau.taken()?.is_empty(), "nothing was taken");
    station.stop()
}

#[test]
fn what_was_given_up_is_an_alarm_until_somebody_acts() -> Result<()> {
    const RULE: &str = "message-failed";
    let mut park = Park::new()?;
    let bureau = Bureau::start(&park, &["400"; 20].join(","))?;
    park.tell(&bureau)?;
    let station = park.start()?;
    park.gas(RED_PPM + 1.0)?;
    let first = until_in(&station, RULE, "active-unacknowledged")?;
    station.until("every step up to red given up", SOON, |station| {
        let is_red = station.get("warnings")?[0]["tier"] == "red";
        let answer = station.get("messages?recipient=bureau")?;
        let all = answer["deliveries"].as_array().cloned().unwrap_or_default();
        let is_over = is_red && !all.is_empty() && all.iter().all(|one| one["state"] == "failed");
        Ok(is_over.then_some(()))
    })?;
    acknowledge(&station, RULE)?;
    until_over(&station, RULE)?;
    let seq = station.get("health")?["seq"].as_u64();

    // After a crash it does not come back: the next one is of a message that was given up later.
    station.kill()?;
    let station = park.start()?;
    let mut stream = station.stream(seq)?;
    park.gas(0.0)?;
    let event = stream.until("the next alarm", SOON, |event| of(RULE, event))?;
    ensure!(event["change"] == "raised", "{event}");
    let (old, new) = (&first["alarm"]["since"], &event["equipment"]["alarm"]["since"]);
    ensure!(new.as_str() > old.as_str(), "{first} {event}");
    station.stop()
}
