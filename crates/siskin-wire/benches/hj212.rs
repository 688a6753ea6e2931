//! What HJ 212 costs: `cargo bench -p siskin-wire --bench hj212` prints lines
//! `figure <name> <value> <unit>`.
//!
//! Frames of one logger with all gases of `hj212-air-ug`, one after the other in one stream that is
//! read in pieces, on one core: from bytes to checked readings. The best of several rounds.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench may panic and speaks")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use siskin_model::site::{Hj212Crc, Range};
use siskin_model::{Timestamp, Unit};
use siskin_wire::hj212::{Content, Kind, Mapping, Packet, Splitter, encode};
use siskin_wire::{DeviceProfile, Slot};

const PROFILE: &str = include_str!("../../../firmware-configs/devices/hj212-air-ug.toml");
/// 2026-01-01T08:00:00+08:00.
const START_MS: i64 = 1_767_225_600_000;
const EAST_S: i32 = 28_800;
/// One frame a second for so long.
const MINUTES: u32 = 60;
/// Bytes of one read from the socket; frames are cut by it anywhere.
const PIECE_BYTES: usize = 4096;
const ROUNDS: usize = 15;

fn main() {
    let profile: DeviceProfile = toml::from_str(PROFILE).unwrap();
    let values = &profile.hj212.as_ref().unwrap().values;
    let gases = values.iter().filter(|(_, value)| value.unit == Unit::MicrogramPerM3);
    let (points, factors): (Vec<&str>, Vec<&str>) =
        gases.map(|(point, value)| (point.as_str(), value.factor.as_str())).unzip();
    let slots = points.iter().map(|point| slot(point)).collect();
    let mapping = Mapping::new(&profile, slots, EAST_S).unwrap();
    let frames: Vec<Vec<u8>> = (0..MINUTES * 60).map(|second| frame(&factors, second)).collect();
    let stream = frames.concat();
    let (mut best, mut readings) = (Duration::MAX, 0);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        readings = read(&mapping, &stream);
        best = best.min(began.elapsed());
    }
    assert_eq!(readings, frames.len() * factors.len(), "every value is a good reading");
    let seconds = best.as_secs_f64();
    figure("intake_hj212_frame_factors", factors.len() as f64, "factors");
    figure("intake_hj212_frame_bytes", stream.len() as f64 / frames.len() as f64, "bytes");
    figure("intake_hj212_frames", frames.len() as f64 / seconds, "frames/s");
    figure("intake_hj212_readings", readings as f64 / seconds, "readings/s");
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("figure {name} {value:.0} {unit}");
}

fn slot(point: &str) -> Slot {
    Slot {
        point: point.to_owned(),
        unit: Unit::MicrogramPerM3,
        range: Range { low: 0.0, high: 1000.0 },
        factors: vec![(Unit::MicrogramPerM3, 1.0)],
    }
}

/// Real-time data of one second, as a logger sends them.
fn frame(factors: &[&str], second: u32) -> Vec<u8> {
    let time = format!("2026010108{:02}{:02}", second / 60, second % 60);
    let value = |(place, factor): (u32, &&str)| {
        let value = f64::from((second * 7 + place * 13) % 5000) / 100.0;
        format!(";{factor}-Rtd={value:.2},{factor}-Flag=N")
    };
    let values: String = (0..).zip(factors).map(value).collect();
    let head = format!("QN={time}000;ST=22;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5");
    let data = format!("{head};CP=&&DataTime={time}{values}&&");
    encode(&data, Hj212Crc::Standard).unwrap()
}

/// How many good readings the stream holds.
fn read(mapping: &Mapping, stream: &[u8]) -> usize {
    let now = Timestamp::from_millis(START_MS + 3_600_000);
    let mut splitter = Splitter::new();
    let mut good = 0;
    for piece in stream.chunks(PIECE_BYTES) {
        splitter.push(piece);
        while let Some(frame) = splitter.next_frame() {
            let frame = frame.unwrap();
            frame.check(Hj212Crc::Standard).unwrap();
            let packet = Packet::decode(frame.data()).unwrap();
            let time = Content::of(&packet.cp).data_time();
            let decoded = mapping.decode(&packet, Kind::RealTime, time, now).unwrap();
            assert!(decoded.is_time_believed && decoded.refused.is_empty());
            good += black_box(&decoded.values).iter().filter(|v| v.value.is_some()).count();
        }
    }
    good
}
