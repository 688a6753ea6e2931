//! A centre asks for the past: averages that a person computes by hand from what a logger sent.

use anyhow::{Result, ensure};
use e2e::moment;

use crate::centre::{Centre, Request};
use crate::peer::{Peer, frame};
use crate::place::{LOGGER_MN, Place, mn};
use crate::{QN, uplink};

pub(crate) const HOUR_MS: i64 = 3_600_000;
/// Local time.
pub(crate) const OFFSET_MS: i64 = 8 * HOUR_MS;

/// `yyyyMMddHHmmss` at the site's offset.
pub(crate) fn local(at_ms: i64) -> Result<String> {
    let moment = jiff::Timestamp::from_millisecond(at_ms + OFFSET_MS)?;
    Ok(moment.strftime("%Y%m%d%H%M%S").to_string())
}

/// An hour of readings every 15 s: in minute m they are m/10, m/10 + 0.1, + 0.2 and + 0.3, so its
/// mean is m/10 + 0.15. Nothing came in minutes 20 to 29; minutes 40 to 49 are a calibration.
fn feed(place: &Place, begin_ms: i64) -> Result<()> {
    let mut peer = Peer::dial(place.port())?;
    for number in 0..240_i32 {
        let (minute, step) = (number / 4, number % 4);
        if (20..30).contains(&minute) {
            continue;
        }
        let flag = if (40..50).contains(&minute) { "C" } else { "N" };
        let at = local(begin_ms + i64::from(number) * 15_000)?;
        let value = f64::from(minute + step) / 10.0;
        peer.say(&frame(&format!(
            "QN={number:017};ST=22;CN=2011;PW=1;MN={LOGGER_MN};Flag=5;\
             CP=&&DataTime={at};a21022-Rtd={value:.1},a21022-Flag={flag}&&"
        )))?;
        peer.thanked(&format!("QN={number:017}"))?;
    }
    Ok(())
}

#[test]
fn the_past_is_answered_with_the_averages_a_person_computes() -> Result<()> {
    let (ppm, mass) = (Centre::new()?, Centre::new()?);
    let place = Place::new(&[
        ("ppm", ppm.port()?, "unit = \"ppm\"\nsends = []"),
        ("mass", mass.port()?, "minute_min = 30\nsends = []"),
    ])?;
    let station = place.station()?;
    // A whole hour by the local clock that is over.
    let begin_ms = (moment::now_ms() / HOUR_MS - 3) * HOUR_MS;
    feed(&place, begin_ms)?;
    let span = |from_ms: i64, to_ms: i64| -> Result<String> {
        Ok(format!("BeginTime={},EndTime={}", local(from_ms)?, local(to_ms)?))
    };
    let at = |minutes: i64| local(begin_ms + minutes * 60_000);
    let (of_ppm, of_mass) = (mn("ppm"), mn("mass"));
    let mut call = ppm.call()?;
    let ask = |call: &mut crate::centre::Call, mn: &str, cn: &str, cp: &str| {
        call.ask(&Request { qn: QN, cn, pw: "123456", mn, cp })
    };
    // Ten minutes: minutes 0 to 9 have the means 0.15 to 1.05, all with four readings: 0.6.
    let minutes = span(begin_ms, begin_ms + HOUR_MS - 1000)?;
    let (ready, data, result) = ask(&mut call, &of_ppm, "2051", &minutes)?;
    ensure!((ready.as_str(), result.as_str(), data.len()) == ("1", "1", 6), "{data:?}");
    let want = |minute: i64, least: &str, mean: &str, most: &str| -> Result<String> {
        Ok(format!(
            "DataTime={};a21022-Min={least},a21022-Avg={mean},a21022-Max={most},a21022-Flag=N",
            at(minute)?
        ))
    };
    ensure!(data[0].cp() == want(0, "0.000", "0.600", "1.200")?, "{data:?}");
    ensure!(data[1].cp() == want(10, "1.000", "1.600", "2.200")?, "{data:?}");
    // Nothing came: the flag and no number. A calibration: the same.
    ensure!(data[2].cp() == format!("DataTime={};a21022-Flag=B", at(20)?), "{data:?}");
    ensure!(data[4].cp() == format!("DataTime={};a21022-Flag=C", at(40)?), "{data:?}");
    ensure!(data[5].cp() == want(50, "5.000", "5.600", "6.200")?, "{data:?}");
    // 40 valid minutes are not 45: the mean of those (0..19, 30..39, 50..59) is
    // (190 + 345 + 545) / 40 / 10 + 0.15 = 2.85, and its flag is not N: as many minutes are missing
    // as were a calibration, and a line that is cut is the graver.
    let (_, data, result) = ask(&mut call, &of_ppm, "2061", &span(begin_ms, begin_ms)?)?;
    ensure!((data.len(), result.as_str()) == (1, "1"), "{data:?}");
    let hour = format!(
        "DataTime={};a21022-Min=0.000,a21022-Avg=2.850,a21022-Max=6.200,a21022-Flag=B",
        at(0)?
    );
    ensure!(data[0].cp() == hour, "{data:?}");
    // Half an hour in mg/m³: 80 of 120 readings are not three of four. 1 ppm of chlorine is 2.8983
    // mg/m³; the mean of minutes 0 to 19 is 1.1.
    let mut other = mass.call()?;
    let (_, data, _) = ask(&mut other, &of_mass, "2051", &span(begin_ms, begin_ms)?)?;
    let mass_text = data[0].cp().to_owned();
    ensure!(mass_text.contains("a21022-Avg=3.188,"), "{mass_text}");
    ensure!(mass_text.ends_with("a21022-Flag=B"), "{mass_text}");
    // Real-time data of three moments, the newest reading of each.
    let (_, data, _) = ask(&mut call, &of_ppm, "2011", &span(begin_ms, begin_ms + 60_000)?)?;
    let values: Vec<_> = data.iter().map(|one| one.cp().to_owned()).collect();
    let rtd = |s: i64, value: &str| -> Result<String> {
        let at = local(begin_ms + s * 1000)?;
        Ok(format!("DataTime={at};a21022-Rtd={value},a21022-Flag=N"))
    };
    ensure!(values == [rtd(0, "0.000")?, rtd(30, "0.200")?, rtd(60, "0.100")?], "{values:?}");
    // Days before: nothing is stored; and more than one request may bring.
    let empty = span(begin_ms - 9 * 24 * HOUR_MS, begin_ms - 8 * 24 * HOUR_MS)?;
    let (ready, data, result) = ask(&mut call, &of_ppm, "2061", &empty)?;
    ensure!((ready.as_str(), data.len(), result.as_str()) == ("1", 0, "100"));
    let long = span(begin_ms - 900 * 24 * HOUR_MS, begin_ms)?;
    let (ready, data, result) = ask(&mut call, &of_ppm, "2061", &long)?;
    ensure!((ready.as_str(), data.len(), result.as_str()) == ("1", 0, "3"));
    let shown = uplink(&station, "ppm")?;
    ensure!(shown["unanswered"] == 0 && shown["accepted"] == 10, "{shown}");
    station.stop()
}
