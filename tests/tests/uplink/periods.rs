//! Periods as they end, without anybody asking: minutes of a station that runs, and a day of one
//! that was off when it ended. The turn of an hour and of midnight with a clock that can be set is
//! in `siskin-notify` (`hj212/tests.rs`).

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use e2e::moment;

use crate::centre::Centre;
use crate::history::{HOUR_MS, OFFSET_MS, local};
use crate::peer::{Peer, frame};
use crate::place::{LOGGER_MN, Place};
use crate::{book, strict};

const DAY_MS: i64 = 24 * HOUR_MS;
const MINUTE_MS: i64 = 60_000;

fn packet(qn: i64, at_ms: i64, value: &str, flag: &str) -> Result<Vec<u8>> {
    let at = local(at_ms)?;
    Ok(frame(&format!(
        "QN={qn:017};ST=22;CN=2011;PW=1;MN={LOGGER_MN};Flag=5;\
         CP=&&DataTime={at};a21022-Rtd={value},a21022-Flag={flag}&&"
    )))
}

/// One reading is in one minute; the minutes before and after it have none.
#[test]
fn each_minute_is_sent_by_itself_when_it_is_over() -> Result<()> {
    let more = "unit = \"ppm\"\nminute_min = 1\nsends = [\"minute\"]";
    let centre = Centre::new()?;
    let place = Place::polled(60_000, &[("town", centre.port()?, more)])?;
    place.edit("over_time_s = 1", "over_time_s = 99")?;
    // The reading is stored long before its minute is computed.
    place.edit("settle_s = 0", "settle_s = 30")?;
    let station = place.station()?;
    let mut peer = Peer::dial(place.port())?;
    let at_ms = moment::now_ms();
    peer.say(&packet(1, at_ms, "1.25", "N")?)?;
    peer.thanked(&format!("QN={:017}", 1))?;
    let mut call = centre.call()?;
    let begin_ms = at_ms - at_ms.rem_euclid(MINUTE_MS);
    loop {
        let said = call.hear()?;
        ensure!((said.cn(), said.field("Flag")) == ("2051", "5"), "{}", said.data);
        call.accept(&said)?;
        let at = |ms| Ok::<_, anyhow::Error>(format!("DataTime={};", local(ms)?));
        if said.cp().starts_with(&at(begin_ms)?) {
            let want = "a21022-Min=1.250,a21022-Avg=1.250,a21022-Max=1.250,a21022-Flag=N";
            ensure!(said.cp().ends_with(want), "{}", said.cp());
        } else {
            ensure!(said.cp().ends_with(";a21022-Flag=B"), "{}", said.cp());
        }
        if said.cp().starts_with(&at(begin_ms + MINUTE_MS)?) {
            break;
        }
    }
    call.answer_all();
    let sent = book::accepted_once(&station, "town")?;
    ensure!(sent.iter().all(|one| one["kind"] == "minute"), "{sent:?}");
    station.stop()
}

/// Yesterday, a reading a minute: in hour h they are h/10 and h/10 + 0.1 by turns, so the hour is
/// h/10 + 0.05. Hour 3 is missing, hour 5 is a calibration, hour 9 has its first 30 minutes only.
fn feed(place: &Place, day_ms: i64) -> Result<()> {
    let mut peer = Peer::dial(place.port())?;
    for hour in 0..24_i64 {
        let count = match hour {
            3 => 0,
            9 => 30,
            _ => 60,
        };
        let flag = if hour == 5 { "C" } else { "N" };
        let qn = |minute: i64| hour * 60 + minute;
        for minute in 0..count {
            let tenths = hour + minute % 2;
            let value = format!("{}.{}", tenths / 10, tenths % 10);
            let at_ms = day_ms + hour * HOUR_MS + minute * MINUTE_MS;
            peer.say(&packet(qn(minute), at_ms, &value, flag)?)?;
        }
        for minute in 0..count {
            peer.thanked(&format!("QN={:017}", qn(minute)))?;
        }
    }
    Ok(())
}

/// How many of these messages tell of the local day that begins at `day_ms`.
fn of_this_day(sent: &[serde_json::Value], day_ms: i64) -> Result<usize> {
    let text = local(day_ms)?;
    let date = text.get(..8).context("no date")?;
    let is_of = |one: &&serde_json::Value| {
        let digits = |time: &str| time.chars().filter(char::is_ascii_digit).collect::<String>();
        one["data_time"].as_str().is_some_and(|time| digits(time).starts_with(date))
    };
    Ok(sent.iter().filter(is_of).count())
}

/// A day that ended while the station was off is sent by itself, whole: 2051, 2061 and 2031 with
/// what a person computes, each once, also over the next start.
#[test]
fn a_day_is_sent_by_itself_with_the_averages_a_person_computes() -> Result<()> {
    let more = "unit = \"ppm\"\nminute_min = 30\nsends = [\"minute\", \"hour\", \"day\"]";
    let centre = Centre::new()?;
    let place = Place::polled(60_000, &[("town", centre.port()?, more)])?;
    place.edit("over_time_s = 1", "over_time_s = 99")?;
    let station = place.station()?;
    let local_ms = moment::now_ms() + OFFSET_MS;
    let day_ms = local_ms - local_ms.rem_euclid(DAY_MS) - OFFSET_MS - DAY_MS;
    feed(&place, day_ms)?;
    let since = [("minute", day_ms), ("hour", day_ms), ("day", day_ms)];
    place.off_since(station, &centre, &since)?;
    let station = place.station()?;
    let mut call = centre.call()?;
    let mut said = BTreeMap::new();
    let of_day = |cn: &str, ms| Ok::<_, anyhow::Error>(format!("{cn} {}", local(ms)?));
    let mut missing = vec![of_day("2031", day_ms)?];
    for half in 0..48 {
        missing.push(of_day("2051", day_ms + half * HOUR_MS / 2)?);
    }
    for hour in 0..24 {
        missing.push(of_day("2061", day_ms + hour * HOUR_MS)?);
    }
    while !missing.is_empty() {
        let one = call.hear()?;
        call.accept(&one)?;
        let (time, fields) = one.cp().split_once(';').context("no fields")?;
        let name = format!("{} {}", one.cn(), time.replace("DataTime=", ""));
        missing.retain(|wanted| *wanted != name);
        ensure!(said.insert(name, fields.replace("a21022-", "")).is_none(), "{}", one.data);
    }
    let check = |cn: &str, at_ms: i64, want: &str| -> Result<()> {
        let name = of_day(cn, at_ms)?;
        let got = said.get(&name).map(String::as_str);
        ensure!(got == Some(want), "{name}: {got:?} instead of {want}");
        Ok(())
    };
    for (hour, want) in [
        (0, "Min=0.000,Avg=0.050,Max=0.100,Flag=N"),
        (3, "Flag=B"),
        (5, "Flag=C"),
        // 30 valid minutes are not 45; its readings are 0.9 and 1.0.
        (9, "Min=0.900,Avg=0.950,Max=1.000,Flag=B"),
        (23, "Min=2.300,Avg=2.350,Max=2.400,Flag=N"),
    ] {
        check("2061", day_ms + hour * HOUR_MS, want)?;
    }
    for (half, want) in [
        (0, "Min=0.000,Avg=0.050,Max=0.100,Flag=N"),
        (7, "Flag=B"),
        (10, "Flag=C"),
        (18, "Min=0.900,Avg=0.950,Max=1.000,Flag=N"),
        (19, "Flag=B"),
    ] {
        check("2051", day_ms + half * HOUR_MS / 2, want)?;
    }
    // 21 valid hours of 20: all but 3, 5 and 9. (0 + … + 23 − 3 − 5 − 9) / 21 / 10 + 0.05
    // = 259 / 210 + 0.05 = 1.28333…
    check("2031", day_ms, "Min=0.000,Avg=1.283,Max=2.400,Flag=N")?;
    call.answer_all();
    let before = of_this_day(&book::accepted_once(&station, "town")?, day_ms)?;
    station.stop()?;
    let station = place.station()?;
    centre.call()?.answer_all();
    // What has ended of today may be new; of the day itself nothing is sent again.
    let after = of_this_day(&book::accepted_once(&station, "town")?, day_ms)?;
    ensure!((before, after) == (73, 73), "{before} of the day, and {after} after a restart");
    strict::every_frame(&centre)?;
    station.stop()
}
