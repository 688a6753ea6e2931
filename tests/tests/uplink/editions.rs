//! The editions of 2025 and 2005 as far as they are known. SM4 is undone by OpenSSL, not by Siskin.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use e2e::moment;

use crate::centre::{Call, Centre, Request, Said};
use crate::place::{Place, mn};
use crate::{QN, book, message, strict, until};

const KEY: &str = "0123456789abcdeffedcba9876543210";
const OTHER_KEY: &str = "00112233445566778899aabbccddeeff";
const V2025: &str = "version = \"2025\"\n\
    sends = [\"real-time\"]\n\
    heartbeat_s = 10\n\
    asks_time = true\n\
    marks_resent = true\n\
    sm4 = { text = \"hex\", fill = \"zero\", key_file = \"secrets/town.key\" }";

/// SM4-128-ECB by OpenSSL, blocks as they are.
fn openssl(direction: &str, key: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut child = Command::new("openssl")
        .args(["enc", direction, "-sm4-ecb", "-nopad", "-K", key])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start openssl")?;
    child.stdin.take().context("no input")?.write_all(bytes)?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "openssl enc {direction}");
    Ok(output.stdout)
}

fn sealed(key: &str, cp: &str) -> Result<String> {
    let mut bytes = cp.as_bytes().to_vec();
    bytes.resize(bytes.len().next_multiple_of(16), 0);
    let cipher = openssl("-e", key, &bytes)?;
    Ok(cipher.iter().fold(String::new(), |text, byte| format!("{text}{byte:02X}")))
}

fn opened(said: &Said) -> Result<String> {
    let digits = said.cp().as_bytes();
    ensure!(digits.len().is_multiple_of(32) && !digits.is_empty(), "no blocks: {}", said.data);
    let pairs = digits.chunks(2).map(|pair| Ok(u8::from_str_radix(str::from_utf8(pair)?, 16)?));
    let plain = openssl("-d", KEY, &pairs.collect::<Result<Vec<u8>>>()?)?;
    Ok(String::from_utf8(plain)?.trim_end_matches('\0').to_owned())
}

#[test]
fn the_edition_of_2025_seals_beats_and_asks_for_the_time() -> Result<()> {
    let centre = Centre::new()?;
    let place = Place::new(&[("town", centre.port()?, V2025)])?;
    place.edit("over_time_s = 1", "over_time_s = 3")?;
    place.secret("town.key", &format!("{KEY}\n"))?;
    let station = place.station()?;
    let mut call = centre.call()?;
    // 1013 goes first, and again as it was while nobody answers it.
    let time = call.hear()?;
    let head = (time.cn(), time.field("Flag"), time.field("ST"), time.cp());
    ensure!(head == ("1013", "9", "22", ""), "{}", time.data);
    ensure!(call.hear()? == time);
    call.accept(&time)?;
    let data = call.hear_only("2011")?;
    ensure!(
        (data.cn(), data.field("Flag"), data.field("RF")) == ("2011", "9", ""),
        "{}",
        data.data
    );
    // It goes again under its QN, as it was but for the mark.
    let repeated = call.hear()?;
    ensure!(repeated.field("RF") == "1", "{}", repeated.data);
    ensure!(repeated.data.replace("RF=1;", "") == data.data, "{}", repeated.data);
    call.accept(&repeated)?;
    let plain = opened(&data)?;
    ensure!(plain.starts_with("DataTime=20") && plain.ends_with(";a21022-Flag=B"), "{plain}");
    let kept = until_accepted(&station, data.field("QN"))?;
    ensure!(kept["content"] == plain.as_str() && kept["tries"] == 2, "{kept}");
    // A heart that nobody answers ends the line; the next one begins as the first did.
    let beat = call.hear_only("9015")?;
    let head = (beat.field("ST"), beat.field("Flag"), beat.cp());
    ensure!(head == ("91", "9", ""), "{}", beat.data);
    ensure!(call.hear()? == beat);
    ensure!(call.hear().is_err(), "a line without answers was not closed");
    let mut call = centre.call()?;
    let time = call.hear()?;
    ensure!(time.cn() == "1013", "{}", time.data);
    call.accept(&time)?;
    commands(&mut call)?;
    let beat = call.hear_only("9015")?;
    call.accept(&beat)?;
    let second = call.hear_only("9015")?;
    ensure!(second.field("QN") > beat.field("QN"), "{} {}", beat.data, second.data);
    call.accept(&second)?;
    strict::every_frame(&centre)?;
    station.stop()
}

/// A sealed span is read as one (nothing is stored in it): read as no span at all, it would begin
/// real-time data. What cannot be opened is refused.
fn commands(call: &mut Call) -> Result<()> {
    let town = mn("town");
    let span = "BeginTime=20251129080000,EndTime=20251129080100";
    for (cn, cp, want) in [
        ("2011", sealed(KEY, span)?, ("1", "100")),
        ("2051", sealed(KEY, span)?, ("1", "100")),
        ("2011", sealed(OTHER_KEY, span)?, ("2", "")),
        ("2011", "ABCDEF".to_owned(), ("2", "")),
        // Network entry and a new key: what is in them is not known, so nothing is guessed.
        ("1001", String::new(), ("8", "")),
        ("1002", String::new(), ("2", "")),
        ("1014", sealed(KEY, "NewKey=1")?, ("2", "")),
    ] {
        let ask = Request { qn: QN, cn, pw: "123456", mn: &town, cp: &cp };
        let (ready, _, result) = call.ask(&ask)?;
        ensure!((ready.as_str(), result.as_str()) == want, "{cn} {cp}: {ready} {result}");
    }
    Ok(())
}

fn until_accepted(station: &e2e::station::Station, qn: &str) -> Result<serde_json::Value> {
    until(station, "town", "the receipt", |_| {
        message(station, "town", qn).is_ok_and(|one| one["state"] == "accepted")
    })?;
    message(station, "town", qn)
}

#[test]
fn an_mn_that_is_to_be_assigned_is_refused_by_name() -> Result<()> {
    let centre = Centre::new()?;
    let more = "version = \"2025\"\nmn_assignment = true";
    let place = Place::new(&[("town", centre.port()?, more)])?;
    let (is_taken, told) = place.check()?;
    ensure!(!is_taken && told.contains("uplinks.toml"), "{told}");
    ensure!(told.contains("1001, 1002") && told.contains("ask the bureau for the MN"), "{told}");
    place.edit("mn_assignment = true\n", "")?;
    let (is_taken, told) = place.check()?;
    ensure!(is_taken, "{told}");
    Ok(())
}

/// Answers as centres of 2005 write them: the QN in the content, without one or with one of its own
/// in front, or as 2017 has it.
#[test]
fn a_centre_of_2005_is_understood() -> Result<()> {
    let centre = Centre::new()?;
    let more = "version = \"2005\"\nsends = [\"real-time\"]";
    let place = Place::new(&[("town", centre.port()?, more)])?;
    place.edit("re_count = 1", "re_count = 99")?;
    let since_ms = moment::now_ms() - 5 * 30_000;
    place.off_since(place.station()?, &centre, &[("real-time", since_ms)])?;
    let station = place.station()?;
    let mut call = centre.call()?;
    let town = mn("town");
    let mut done = BTreeSet::new();
    for number in 0..4 {
        let said = call.hear_new(&done)?;
        ensure!((said.cn(), said.field("Flag")) == ("2011", "1"), "{}", said.data);
        let qn = said.field("QN");
        if number == 0 {
            // That of another message is none.
            let other = format!("ST=91;CN=9014;PW=123456;MN={town};CP=&&QN=20041129080000001&&");
            call.say(&other)?;
            ensure!(call.hear()? == said);
        }
        let text = match number {
            0 => format!("ST=91;CN=9014;PW=123456;MN={town};CP=&&QN={qn}&&"),
            1 => format!("QN={QN};ST=91;CN=9014;PW=123456;MN={town};Flag=0;CP=&&QN={qn};CN=2011&&"),
            2 => format!("QN={qn};ST=91;CN=9014;PW=123456;MN={town};CP=&&&&"),
            _ => format!("QN={qn};ST=91;CN=9014;PW=123456;MN={town};Flag=0;CP=&&&&"),
        };
        call.say(&text)?;
        until_accepted(&station, qn)?;
        done.insert(qn.to_owned());
    }
    // A command of that edition.
    let ask = Request { qn: QN, cn: "1061", pw: "123456", mn: &town, cp: "" };
    call.say(&ask.text().replace("Flag=5", "Flag=1"))?;
    let ready = call.answer_to(&ask, "9011")?;
    ensure!((ready.field("Flag"), ready.cp()) == ("0", "QnRtn=1"), "{}", ready.data);
    ensure!(call.hear_only("1061")?.cp() == "RtdInterval=30");
    ensure!(call.answer_to(&ask, "9012")?.cp() == "ExeRtn=1");
    let all = book::all(&station, "town")?;
    ensure!(all.iter().filter(|one| one["state"] == "accepted").count() >= 4, "{all:?}");
    strict::every_frame(&centre)?;
    station.stop()
}
