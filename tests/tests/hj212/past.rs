//! What is missing after a restart is asked for, and encrypted content is read.

use anyhow::{Context, Result, ensure};
use e2e::moment;
use e2e::station::Station;

use crate::peer::{Peer, frame};
use crate::place::Place;
use crate::{SOON, kept, local, until_kept};

/// The logger whose profile fills gaps.
const MN: &str = "E2E_0004";
/// How long nothing was heard of it.
const GAP_MS: i64 = 1_200_000;

fn packet(qn: u32, cn: u16, at_ms: i64, field: &str) -> Result<Vec<u8>> {
    let time = local(at_ms)?;
    Ok(frame(&format!(
        "QN={qn:017};ST=22;CN={cn};PW=123456;MN={MN};Flag=5;\
         CP=&&DataTime={time};a21007-{field},a21007-Flag=N&&"
    )))
}

/// Values and moments of `at-4`; a moment without a value is a loss of the line.
fn values(station: &Station, from_ms: i64) -> Result<Vec<(i64, f64)>> {
    let points = station.readings("at-4-cl2", from_ms, from_ms + 2 * GAP_MS)?;
    let point =
        |point: &serde_json::Value| Some((point["at_ms"].as_i64()?, point["mean"].as_f64()?));
    Ok(points.iter().filter_map(point).collect())
}

/// How the measurements of `at-4` came into the history.
fn origins(station: &Station, from_ms: i64) -> Result<Vec<(i64, String)>> {
    let to_ms = from_ms + 2 * GAP_MS;
    let path = format!("channels/at-4-cl2/records?from_ms={from_ms}&to_ms={to_ms}");
    let page = station.get(&path)?;
    let records = page["records"].as_array().context("no records")?;
    let measured = records.iter().filter(|record| !record["value"].is_null());
    let origin = |record: &serde_json::Value| {
        let origin = record["origin"].as_str()?.to_owned();
        Some((record["measured_at_ms"].as_i64()?, origin))
    };
    Ok(measured.filter_map(origin).collect())
}

fn late(station: &Station) -> Result<u64> {
    station.get("health")?["counters"]["late"].as_u64().context("no counter of late readings")
}

#[test]
fn a_logger_is_asked_for_what_is_missing_after_a_restart() -> Result<()> {
    let place = Place::new()?;
    let station = place.station()?;
    let before_ms = moment::now_ms() / 1000 * 1000 - GAP_MS;
    let between_ms = before_ms + GAP_MS / 2;
    let mut peer = Peer::dial(place.port())?;
    peer.say(&packet(1, 2011, before_ms, "Rtd=0.4")?)?;
    peer.thanked("QN=00000000000000001")?;
    // The loss of the line is stored as well, later than what was measured last.
    drop(peer);
    station.until("the loss of the line", SOON, |station| {
        let quality = station.channel("at-4-cl2")?["quality"].clone();
        Ok((quality == "comm-lost").then_some(()))
    })?;
    station.kill()?;
    let station = place.station()?;
    let late_before = late(&station)?;
    // Later than the loss of the line, to the second.
    let now_ms = (moment::now_ms() / 1000 + 1) * 1000;
    let mut peer = Peer::dial(place.port())?;
    peer.say(&packet(2, 2011, now_ms, "Rtd=0.5")?)?;
    let asked = peer.told(";CN=2051;")?;
    let span = format!("CP=&&BeginTime={},EndTime={}&&", local(before_ms)?, local(now_ms)?);
    ensure!(asked.contains(&span), "asked for {asked}, not {span}");
    let qn = asked.split_once(';').context("no QN")?.0;
    let answer = |cn: u16, cp: &str| {
        frame(&format!("{qn};ST=22;CN={cn};PW=123456;MN={MN};Flag=4;CP=&&{cp}&&"))
    };
    peer.say(&answer(9011, "QnRtn=1"))?;
    peer.say(&packet(3, 2051, between_ms, "Avg=0.7")?)?;
    // What was stored is not asked for and not taken again.
    peer.say(&packet(4, 2051, before_ms, "Avg=0.9")?)?;
    peer.say(&answer(9012, "ExeRtn=1"))?;
    peer.thanked("QN=00000000000000004")?;
    let want = [(before_ms, 0.4), (between_ms, 0.7), (now_ms, 0.5)];
    let found = values(&station, before_ms)?;
    ensure!(found == want, "{found:?}");
    // It is backlog: late, stored as such, and never the newest.
    let want = [(before_ms, "live"), (between_ms, "backlog"), (now_ms, "live")];
    let found = origins(&station, before_ms)?;
    ensure!(found == want.map(|(at_ms, origin)| (at_ms, origin.to_owned())), "{found:?}");
    let late = late(&station)? - late_before;
    ensure!(late == 1, "{late} late readings");
    let newest = station.channel("at-4-cl2")?["value"].as_f64();
    ensure!(newest == Some(0.5), "the newest is {newest:?}");
    station.stop()
}

/// The content `DataTime=20260706103000;a21007-Rtd=0.31,a21007-Flag=N`, filled by zero bytes,
/// encrypted by OpenSSL with the key of the site.
const SEALED: &str = "7570A90A0D6783420B9610139E1BF9E3A3C9337238EAAD558AF6229DE0719517\
                      811AE6E79466931FE72E75E44C8F34BBE4E02EA613E760BBA8AC8DFC10D5B4E3";
const SEALED_AT_MS: i64 = 1_783_305_000_000;

#[test]
fn content_that_another_program_encrypted_is_read_and_other_content_refused() -> Result<()> {
    let place = Place::new()?;
    let station = place.station()?;
    let mut peer = Peer::dial(place.port())?;
    let say = |qn: u32, cp: &str| {
        let head = format!("QN={qn:017};ST=22;CN=2011;PW=123456;MN=E2E_0005;Flag=9");
        frame(&format!("{head};CP=&&{cp}&&"))
    };
    // One digit is another: the whole packet is nothing.
    peer.say(&say(1, &SEALED.replacen('7', "8", 1)))?;
    station.until("it is refused by name", SOON, |station| {
        let health = station.analyzer("at-5")?;
        let why = health["last_error"].as_str().unwrap_or_default();
        Ok((why.contains("`E2E_0005` makes no sense after decryption")).then_some(()))
    })?;
    ensure!(kept(&station, "at-5", SEALED_AT_MS - 1)?.is_empty(), "it was stored");
    peer.say(&say(2, SEALED))?;
    peer.thanked("QN=00000000000000002")?;
    until_kept(&station, "at-5", SEALED_AT_MS, 0.31)?;
    station.stop()
}
