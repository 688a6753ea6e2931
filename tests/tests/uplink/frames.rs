//! The frames themselves: sums with all their zeros, parts, flags, the standard's own packet.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use e2e::moment;

use crate::centre::{Centre, Request, Said, line, sum};
use crate::history::{HOUR_MS, local};
use crate::peer::{Peer, frame};
use crate::place::{LOGGER_MN, Place, mn};
use crate::strict;

/// Factors beside the one of the site: more than one content holds.
const MORE: usize = 40;

/// A QN whose answer has a sum below `limit`: as many zeros as nobody may leave out.
fn qn_for(limit: u16, answer: impl Fn(&str) -> String) -> Result<String> {
    let mut numbers = 0_u32..3_600_000;
    let found = numbers.find_map(|ms| {
        let (minute, rest) = (ms / 60_000, ms % 60_000);
        let qn = format!("2026112908{minute:02}{rest:05}");
        (sum(answer(&qn).as_bytes()) < limit).then_some(qn)
    });
    found.context("no QN has such a sum")
}

/// Sums of one to four zeros in front, in the station's frames and in the centre's.
#[test]
fn a_sum_keeps_all_its_zeros_both_ways() -> Result<()> {
    let centre = Centre::new()?;
    let place = Place::new(&[("town", centre.port()?, "sends = []")])?;
    let station = place.station()?;
    let mut call = centre.call()?;
    let town = mn("town");
    let request = |qn: &str| {
        let ask = Request { qn, cn: "1061", pw: "123456", mn: &town, cp: "" };
        ask.text()
    };
    let ready =
        |qn: &str| format!("QN={qn};ST=91;CN=9011;PW=123456;MN={town};Flag=4;CP=&&QnRtn=1&&");
    for (limit, end) in [(0x1000, "&&0"), (0x100, "&&00"), (0x10, "&&000"), (1, "&&0000\r\n")] {
        // What the station answers, then what it is told.
        for qn in [qn_for(limit, ready)?, qn_for(limit, request)?] {
            call.say(&request(&qn))?;
            ensure!(call.hear()?.data == ready(&qn));
            ensure!(call.hear()?.cp() == "RtdInterval=30");
            ensure!(call.hear()?.cp() == "ExeRtn=1");
        }
        let said = centre.lines.lock().expect("nobody panics with it").concat();
        ensure!(said.contains(end), "no `{end}` in {said}");
        ensure!(line(&request(&qn_for(limit, request)?)).contains(end), "{limit}");
    }
    let (frames, zeros) = strict::every_frame(&centre)?;
    ensure!(frames == 24 && zeros >= 4, "{frames} frames, {zeros} zeros");
    station.stop()
}

/// The packet that the standard prints in its appendix A, to the letter.
#[test]
fn the_standards_own_packet_is_obeyed() -> Result<()> {
    const MN: &str = "010000A8900016F000169DC0";
    let centre = Centre::new()?;
    let place = Place::new(&[("town", centre.port()?, "sends = []")])?;
    place.edit("real_time_s = 30", "real_time_s = 60")?;
    place.edit(&mn("town"), MN)?;
    place.edit("st = \"22\"", "st = \"32\"")?;
    place.secret("town.pw", "100000\n")?;
    let station = place.station()?;
    let mut call = centre.call()?;
    call.say_bytes(
        b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;\
          MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n",
    )?;
    for (cn, cp) in [("9011", "QnRtn=1"), ("9012", "ExeRtn=1")] {
        let want =
            format!("QN=20160801085857223;ST=91;CN={cn};PW=100000;MN={MN};Flag=4;CP=&&{cp}&&");
        ensure!(call.hear()?.data == want, "{cn}");
    }
    let town = crate::uplink(&station, "town")?;
    ensure!(town["real_time_s"] == 30, "{town}");
    station.stop()
}

/// Minutes of each flag, four readings each: the flag, and what its average is.
const MINUTES: [(&str, Option<&str>); 10] = [
    ("N", Some("Min=1.000,Avg=1.150,Max=1.300,Flag=N")),
    // Nothing came.
    ("", Some("Flag=B")),
    ("C", Some("Flag=C")),
    ("M", Some("Flag=M")),
    ("D", Some("Flag=D")),
    ("B", Some("Flag=B")),
    // Above the range of 50: it counts as its end.
    ("T", Some("Min=50.000,Avg=50.000,Max=50.000,Flag=T")),
    ("F", None),
    ("S", None),
    // Two of four: a mean, but not one that is normal.
    ("half", Some("Min=1.000,Avg=1.050,Max=1.100,Flag=B")),
];

fn feed(place: &Place, begin_ms: i64) -> Result<()> {
    let mut peer = Peer::dial(place.port())?;
    for (minute, (flag, _)) in (0_i64..).zip(MINUTES) {
        let count = match flag {
            "" => 0,
            "half" => 2,
            _ => 4,
        };
        let flag = if flag == "half" { "N" } else { flag };
        for step in 0..count {
            let at = local(begin_ms + minute * 60_000 + step * 15_000)?;
            let qn = format!("{:017}", minute * 10 + step);
            peer.say(&frame(&format!(
                "QN={qn};ST=22;CN=2011;PW=1;MN={LOGGER_MN};Flag=5;\
                 CP=&&DataTime={at};a21022-Rtd=1.{step},a21022-Flag={flag}&&"
            )))?;
            peer.thanked(&format!("QN={qn}"))?;
        }
    }
    Ok(())
}

/// The fields of each factor, of the parts of one period.
fn factors(parts: &[&Said]) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for part in parts {
        for group in part.cp().split(';').skip(1) {
            let code = group.split('-').next().context("no code")?;
            let fields = group.replace(&format!("{code}-"), "");
            ensure!(found.insert(code.to_owned(), fields).is_none(), "{code} twice");
        }
    }
    Ok(found)
}

/// 41 factors do not fit into one content: parts, each with its own QN, its number and its
/// `DataTime`. Every flag has its period, and no gap is a number.
#[test]
fn parts_hold_every_factor_once_and_gaps_are_no_numbers() -> Result<()> {
    let mut more = String::from("unit = \"ppm\"\nminute_min = 1\nsends = []\n");
    for number in 0..MORE {
        write!(more, "[[uplink.factor]]\nchannel = \"at-1-cl2\"\ncode = \"x{number:05}\"\n")?;
        more.push_str("unit = \"ppm\"\n");
    }
    let centre = Centre::new()?;
    let place = Place::new(&[("town", centre.port()?, &more)])?;
    let station = place.station()?;
    let begin_ms = (moment::now_ms() / HOUR_MS - 3) * HOUR_MS;
    feed(&place, begin_ms)?;
    let mut call = centre.call()?;
    let cp = format!("BeginTime={},EndTime={}", local(begin_ms)?, local(begin_ms + 9 * 60_000)?);
    let town = mn("town");
    let ask = Request { qn: crate::QN, cn: "2051", pw: "123456", mn: &town, cp: &cp };
    let (ready, data, result) = call.ask(&ask)?;
    ensure!((ready.as_str(), result.as_str()) == ("1", "1"), "{ready} {result}");
    for (minute, (flag, want)) in (0_i64..).zip(MINUTES) {
        let head = format!("DataTime={};", local(begin_ms + minute * 60_000)?);
        let parts: Vec<_> = data.iter().filter(|one| one.cp().starts_with(&head)).collect();
        let all = factors(&parts)?;
        ensure!(all.len() == MORE + 1, "{flag}: {} factors", all.len());
        let first = all.get("a21022").context("no chlorine")?;
        ensure!(all.values().all(|one| one == first), "{all:?}");
        match want {
            Some(want) => ensure!(first == want, "{flag}: {first}"),
            // Not ready, set by hand: not the air, whatever the logger wrote beside it.
            None => ensure!(!first.contains("Avg") && !first.contains("Flag=N"), "{flag}: {first}"),
        }
        let (total, numbered) = (parts.len(), parts.len() > 1);
        for (number, part) in (1..).zip(&parts) {
            let flag = if numbered { "7" } else { "5" };
            let place = (part.field("PNUM"), part.field("PNO"), part.field("Flag"));
            let (pnum, pno) = (total.to_string(), number.to_string());
            let want = if numbered { (pnum.as_str(), pno.as_str()) } else { ("", "") };
            ensure!(place == (want.0, want.1, flag), "{}", part.data);
        }
    }
    let mut qns: Vec<_> = data.iter().map(|one| one.field("QN")).collect();
    qns.dedup();
    ensure!(qns.is_sorted() && qns.len() == data.len(), "{qns:?}");
    ensure!(data.len() > MINUTES.len() + 2, "{} messages: nothing was cut", data.len());
    strict::every_frame(&centre)?;
    station.stop()
}
