//! The real station as a platform of HJ 212: byte streams of the field, cut anywhere, give the same
//! stored readings, and nobody is thanked for what is not on disk.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod past;
mod peer;
mod place;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::moment;
use e2e::station::Station;

use peer::{Peer, frame, packets};
use place::Place;

/// Longest wait for what follows a packet.
const SOON: Duration = Duration::from_secs(30);
/// The packet of the fixtures that is sent again and again, by a part of it.
const BASE: &str = "a21007-Rtd=0.033";

/// How far an answer reaches, in ms: the contract allows 366 days.
const SPAN_MS: i64 = 300 * 86_400_000;

/// Moment in ms and value.
type Kept = Vec<(i64, f64)>;

fn kept(station: &Station, analyzer: &str, from_ms: i64) -> Result<Kept> {
    let channel = format!("{analyzer}-cl2");
    let points = station.readings(&channel, from_ms, from_ms + SPAN_MS)?;
    let point = |point: &serde_json::Value| {
        let at_ms = point["at_ms"].as_i64().context("no moment")?;
        Ok((at_ms, point["mean"].as_f64().context("no value")?))
    };
    points.iter().map(point).collect()
}

/// The analyzer has this one reading in the months before and after it.
fn until_kept(station: &Station, analyzer: &str, at_ms: i64, value: f64) -> Result<()> {
    let (from_ms, want) = (at_ms - SPAN_MS / 2, vec![(at_ms, value)]);
    station.until(&format!("{analyzer} has {want:?}"), SOON, |station| {
        Ok((kept(station, analyzer, from_ms)? == want).then_some(()))
    })
}

/// All packets of the fixtures, valid and not, as they were seen: whole, and each byte for itself.
#[test]
fn packets_of_the_field_are_read_as_they_were_seen() -> Result<()> {
    let stream: Vec<u8> = packets()?.concat();
    for piece_bytes in [stream.len(), 1] {
        let place = Place::new()?;
        let station = place.station()?;
        let mut peer = Peer::dial(place.port())?;
        for piece in stream.chunks(piece_bytes) {
            peer.say(piece)?;
        }
        // 2019-10-12 13:37:10, 2020-09-23 11:35:57 and 2023-10-08 12:33:40, all at +08:00. The
        // second is of the one with Modbus' sum, whose packet with the standard's is refused.
        until_kept(&station, "at-1", 1_570_858_630_000, 0.033)?;
        until_kept(&station, "at-2", 1_600_832_157_000, 0.743)?;
        until_kept(&station, "at-3", 1_696_739_620_000, 123.456)?;
        // Only loggers that ask are thanked, each with its own QN.
        peer.thanked("QN=20231008123340461")?;
        station.stop()?;
    }
    Ok(())
}

/// One packet for each place where it can be cut: its begin goes out with the end of the one
/// before it, and its end only when the station has thanked for that one.
#[test]
fn a_stream_cut_at_every_byte_gives_every_reading_once() -> Result<()> {
    let place = Place::new()?;
    let station = place.station()?;
    let base = packets()?.into_iter().find(|packet| String::from_utf8_lossy(packet).contains(BASE));
    let base = String::from_utf8(base.context("no such packet")?)?;
    let begin_ms = (moment::now_ms() / 1000 - 7_200) * 1000;
    let mut frames = Vec::new();
    let mut wanted = Kept::new();
    for number in 0..=base.len() {
        let step = i32::try_from(number)?;
        let at_ms = begin_ms + i64::from(step) * 1000;
        let value = f64::from(step + 1) / 100.0;
        let data = base[6..base.len() - 6]
            .replace("20191012133710130", &format!("{number:017}"))
            .replace("DataTime=20191012133710", &format!("DataTime={}", local(at_ms)?))
            .replace("Flag=4", "Flag=5")
            .replace(BASE, &format!("a21007-Rtd={value:.2}"));
        frames.push(frame(&data));
        wanted.push((at_ms, value));
    }
    let mut peer = Peer::dial(place.port())?;
    let mut held: &[u8] = &[];
    for (number, bytes) in frames.iter().enumerate() {
        let (begin, end) = bytes.split_at(number.min(bytes.len()));
        peer.say(&[held, begin].concat())?;
        if number > 0 {
            peer.thanked(&format!("QN={:017}", number - 1))?;
        }
        held = end;
    }
    peer.say(held)?;
    peer.thanked(&format!("QN={:017}", frames.len() - 1))?;
    // Whoever was thanked is in the history, now and after a kill -9.
    let found = kept(&station, "at-1", begin_ms)?;
    ensure!(found == wanted, "{} of {} readings: {found:?}", found.len(), wanted.len());
    station.kill()?;
    let station = place.station()?;
    // Sent again by a logger that did not hear the thanks: nothing is there twice.
    let mut peer = Peer::dial(place.port())?;
    peer.say(&frames.concat())?;
    peer.thanked(&format!("QN={:017}", frames.len() - 1))?;
    let found = kept(&station, "at-1", begin_ms)?;
    ensure!(found == wanted, "{} of {} readings: {found:?}", found.len(), wanted.len());
    station.stop()
}

/// `yyyyMMddHHmmss` at the site's offset.
fn local(at_ms: i64) -> Result<String> {
    let moment = jiff::Timestamp::from_millisecond(at_ms + 8 * 3_600_000)?;
    Ok(moment.strftime("%Y%m%d%H%M%S").to_string())
}
