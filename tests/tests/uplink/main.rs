//! The real station and centres of HJ 212 that are written from the standard: live data, periods
//! as they end, history that is asked for, commands, editions; cuts, wrong answers, refusals, no
//! answers, kill -9. Every frame of the station is read by its own strict receiver too.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod book;
mod centre;
mod editions;
mod frames;
mod history;
mod killed;
#[path = "../hj212/peer.rs"]
#[allow(dead_code, reason = "the other test uses the rest of it")]
mod peer;
mod periods;
mod place;
mod refusals;
mod strict;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::station::Station;
use serde_json::Value;

use centre::{Centre, Request};
use place::{Place, mn};

const SOON: Duration = Duration::from_secs(30);
/// Real-time data only: they come every 30 s.
const REAL_TIME: &str = "sends = [\"real-time\"]";
const QN: &str = "20261129080000001";

fn uplink(station: &Station, id: &str) -> Result<Value> {
    let all = station.get("uplinks")?;
    let found = all.as_array().and_then(|all| all.iter().find(|one| one["uplink"] == id));
    found.cloned().with_context(|| format!("no `{id}` in {all}"))
}

fn until(station: &Station, id: &str, what: &str, is_it: impl Fn(&Value) -> bool) -> Result<Value> {
    e2e::wait::poll(what, SOON, || Ok(Some(uplink(station, id)?).filter(&is_it)))
}

fn message(station: &Station, id: &str, qn: &str) -> Result<Value> {
    let all = station.get(&format!("uplinks/{id}/messages"))?;
    let found = all.as_array().and_then(|all| all.iter().find(|one| one["qn"] == qn));
    found.cloned().with_context(|| format!("no {qn} in {all}"))
}

/// A message without an answer goes out again under its QN: after a wait, after a cut, after a
/// kill -9 between the send and the answer. Once it is answered it never comes again. Meanwhile a
/// bureau that takes the connection and says nothing slows nobody.
#[test]
fn a_message_is_sent_until_it_is_answered_and_never_again() -> Result<()> {
    let (centre, hanging) = (Centre::new()?, Centre::new()?);
    let bureaus = [("mute", hanging.port()?, REAL_TIME), ("town", centre.port()?, REAL_TIME)];
    let place = Place::new(&bureaus)?;
    let station = place.station()?;
    let _silent = hanging.call()?;
    let mut call = centre.call()?;
    let first = call.hear()?;
    ensure!((first.cn(), first.field("Flag")) == ("2011", "5"), "{}", first.data);
    ensure!(first.cp().ends_with(";a21022-Flag=B"), "nothing was measured: {}", first.cp());
    let qn = first.field("QN").to_owned();
    // What fits no message is no answer: another QN, another command, another MN, a broken sum.
    call.answer("20200101000000000", "9014", &mn("town"))?;
    call.answer(&qn, "9013", &mn("town"))?;
    call.answer(&qn, "9014", "UP_OTHER_01")?;
    call.say_bytes(format!("##0001QN={qn};CP=&&&&0000\r\n").as_bytes())?;
    ensure!(call.hear()? == first, "the repetition is the same frame");
    // The line is cut in the middle of an answer.
    call.say_bytes(b"##0075QN=")?;
    drop(call);
    let mut call = centre.call()?;
    again(&mut call, &first)?;
    ensure!(message(&station, "town", &qn)?["state"] == "sent");
    station.kill()?;
    drop(call);
    let station = place.station()?;
    let mut call = centre.call()?;
    again(&mut call, &first)?;
    call.accept(&first)?;
    call.accept(&first)?;
    let next = call.hear()?;
    ensure!(next.field("QN") > qn.as_str(), "it was answered and came again: {}", next.data);
    call.accept(&next)?;
    let kept = message(&station, "town", &qn)?;
    ensure!(kept["state"] == "accepted" && kept["answer"] == "9014", "{kept}");
    ensure!(kept["tries"].as_u64() >= Some(4), "{kept}");
    until(&station, "town", "an answer that came twice", |one| one["answers_again"] == 1)?;
    let mute = uplink(&station, "mute")?;
    ensure!(mute["accepted"] == 0 && mute["unanswered"].as_u64() >= Some(1), "{mute}");
    station.stop()?;
    strict::every_frame(&centre).map(drop)
}

/// The message comes again as it was. A newer one may be due by now: it goes first.
fn again(call: &mut centre::Call, first: &centre::Said) -> Result<()> {
    loop {
        let said = call.hear()?;
        if said == *first {
            return Ok(());
        }
        ensure!(said.field("QN") > first.field("QN"), "{}", said.data);
        call.accept(&said)?;
    }
}

/// What a centre may set it sets, until it sets it again; the clock it does not set; who has
/// another password or MN changes nothing.
#[test]
fn a_centre_commands_and_is_obeyed_by_the_standards_text() -> Result<()> {
    let centre = Centre::new()?;
    let place = Place::new(&[("town", centre.port()?, "sends = []")])?;
    let station = place.station()?;
    let mut call = centre.call()?;
    let town = mn("town");
    let base = Request { qn: QN, cn: "1061", pw: "123456", mn: &town, cp: "" };
    let check = |call: &mut centre::Call, request: Request<'_>, want: (&str, &str, &str)| {
        let (ready, between, result) = call.ask(&request)?;
        let values: Vec<_> = between.iter().map(centre::Said::cp).collect();
        let got = (ready.as_str(), values.join("|"), result.as_str());
        ensure!(got == (want.0, want.1.to_owned(), want.2), "{request:?}: {got:?}");
        Ok(())
    };
    let ask = |cn, cp| Request { cn, cp, ..base };
    check(&mut call, ask("1061", ""), ("1", "RtdInterval=30", "1"))?;
    check(&mut call, ask("1062", "RtdInterval=60"), ("1", "", "1"))?;
    check(&mut call, ask("1062", "RtdInterval=5"), ("1", "", "3"))?;
    check(&mut call, ask("1061", ""), ("1", "RtdInterval=60", "1"))?;
    check(&mut call, ask("1064", "MinInterval=5"), ("1", "", "1"))?;
    check(&mut call, ask("1063", ""), ("1", "MinInterval=5", "1"))?;
    check(&mut call, ask("1000", "OverTime=2;ReCount=4"), ("1", "", "1"))?;
    check(&mut call, ask("1012", "SystemTime=20200101000000"), ("1", "", "3"))?;
    check(&mut call, ask("2041", ""), ("1", "", "100"))?;
    check(&mut call, ask("3019", ""), ("1", "", "100"))?;
    check(&mut call, ask("3020", "PolId=a21022"), ("1", "", "100"))?;
    check(&mut call, ask("3011", "PolId=a21022"), ("2", "", ""))?;
    check(&mut call, ask("1014", ""), ("2", "", ""))?;
    check(&mut call, ask("4711", ""), ("8", "", ""))?;
    check(&mut call, Request { pw: "654321", ..ask("1072", "NewPW=000000") }, ("3", "", ""))?;
    check(&mut call, Request { mn: "UP_OTHER_01", ..base }, ("4", "", ""))?;
    check(&mut call, Request { qn: "2026", ..base }, ("7", "", ""))?;
    // A command with a wrong sum is dropped: the next answer is that of the next command.
    let text = base.text();
    call.say_bytes(
        format!("##{:04}{text}{:04X}\r\n", text.len(), !centre::sum(text.as_bytes())).as_bytes(),
    )?;
    call.say(&ask("2012", "").text())?;
    ensure!(call.hear()?.cn() == "9013");
    check(&mut call, ask("1072", "NewPW=654321"), ("1", "", "1"))?;
    check(&mut call, base, ("3", "", ""))?;
    let new = Request { pw: "654321", ..base };
    check(&mut call, new, ("1", "RtdInterval=60", "1"))?;
    station.kill()?;
    let station = place.station()?;
    let mut call = centre.call()?;
    check(&mut call, base, ("3", "", ""))?;
    check(&mut call, new, ("1", "RtdInterval=60", "1"))?;
    check(&mut call, Request { cn: "1063", ..new }, ("1", "MinInterval=5", "1"))?;
    check(
        &mut call,
        Request { cn: "1012", cp: "SystemTime=20200101000000", ..new },
        ("1", "", "3"),
    )?;
    let town = uplink(&station, "town")?;
    ensure!(town["over_time_s"] == 2 && town["re_count"] == 4, "{town}");
    ensure!(town["real_time_stopped"] == true && town["notices"].to_string().contains("2012"));
    ensure!(town["clock_off_ms"].as_i64() < Some(-1_000_000), "{town}");
    // Who set what stands in the audit, without the password.
    let audit = station.get("audit?act=uplink.")?.to_string();
    ensure!(audit.contains("real_time_s") && audit.contains("uplink:town"), "{audit}");
    ensure!(!audit.contains("654321"), "{audit}");
    station.stop()
}
