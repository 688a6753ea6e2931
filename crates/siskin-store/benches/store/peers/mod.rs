//! The same readings in Siskin's series store, in a real VictoriaMetrics and in plain SQLite rows,
//! in one run. All three are asked for every reading, every highest value of a minute and every
//! newest value, and the run fails where an answer differs.
//!
//! They do not promise the same: Siskin and SQLite have each second on disk before they answer,
//! VictoriaMetrics within seconds. Its questions go over HTTP, those of the others do not.

mod http;
mod own;
mod sqlite;
mod victoria;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use siskin_model::Reading;

use crate::day::DAY_CHANNELS;
use crate::measure::{figure, folder_bytes, free_bytes, percentile, percentiles, timed};
use crate::park::{Park, START_MS};

const QUESTIONS: u32 = 50;

/// A reading as all of them keep it: measured-at, received-at less that, hundredths, quality code.
pub(crate) type Row = (i64, i64, i64, u8);
/// Highest hundredths of a channel's minutes, by the begin of the minute.
pub(crate) type Minutes = BTreeMap<(u32, i64), i64>;

/// A place to keep readings in.
pub(crate) trait Peer {
    fn name(&self) -> &'static str;
    /// One second of data.
    fn append(&mut self, readings: &[Reading]);
    /// All is written, merged and as small as it gets.
    fn settle(&mut self, end_ms: i64);
    /// Processor time of what is not this process, in seconds.
    fn cpu_elsewhere_s(&self) -> f64 {
        0.0
    }
    fn range(&mut self, channel: u32, from_ms: i64, to_ms: i64) -> Vec<Row>;
    fn minutes(&mut self, channels: &[u32], from_ms: i64, to_ms: i64) -> Minutes;
    /// Hundredths by channel.
    fn last(&mut self, end_ms: i64) -> BTreeMap<u32, i64>;
    /// Its SQLite file, if it has one: room in it that comes to be used again is told apart.
    fn file_name(&self) -> Option<&'static str> {
        None
    }
    /// Nothing more is asked; what is in the folder then is what it costs.
    fn end(self: Box<Self>);
}

pub(crate) fn hundredths(value: f64) -> i64 {
    whole(value * 100.0)
}

#[allow(clippy::cast_possible_truncation, reason = "stamps and hundredths of ppm are far smaller")]
pub(crate) fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// What one of them said and took.
struct Outcome {
    name: &'static str,
    answers: Answers,
    /// In all, and without what is free in them.
    bytes: [f64; 2],
    readings_a_cpu_s: f64,
    /// p50 in ms: an hour, minutes, last.
    questions: [f64; 3],
}

#[derive(PartialEq, Eq)]
struct Answers {
    ranges: Vec<Vec<Row>>,
    minutes: Minutes,
    last: BTreeMap<u32, i64>,
}

pub(crate) fn run(channels: u32, hours: usize) {
    let hint = "victoria-metrics is not installed; hint: apt-get install victoria-metrics";
    assert!(victoria::is_there(), "{hint}");
    let folder = || tempfile::tempdir().unwrap();
    let mut outcomes = Vec::new();
    for name in ["siskin", "victoria", "sqlite"] {
        let folder = folder();
        let peer: Box<dyn Peer> = match name {
            "siskin" => Box::new(own::Own::open(folder.path(), channels)),
            "victoria" => Box::new(victoria::Victoria::start(folder.path())),
            _ => Box::new(sqlite::Rows::open(folder.path())),
        };
        outcomes.push(tried(peer, folder.path(), channels, hours));
    }
    compared(&outcomes);
}

fn tried(mut peer: Box<dyn Peer>, folder: &Path, channels: u32, hours: usize) -> Outcome {
    let name = peer.name();
    let mut park = Park::new(channels);
    let (mut readings, mut times, mut cpu_s) = (0, Vec::new(), 0.0);
    let elsewhere_before = peer.cpu_elsewhere_s();
    for _ in 0..hours {
        let batches = park.hour();
        let before = crate::measure::cpu_s("self");
        for batch in &batches {
            readings += batch.len();
            times.push(timed(|| peer.append(batch)).1);
        }
        cpu_s += crate::measure::cpu_s("self") - before;
    }
    let end_ms = crate::day::hour_begin(hours).as_millis();
    let before = crate::measure::cpu_s("self");
    peer.settle(end_ms);
    cpu_s += crate::measure::cpu_s("self") - before;
    let elsewhere = peer.cpu_elsewhere_s() - elsewhere_before;
    // What this process does for another one is making lines, which is not that one's work.
    let cpu_s = if elsewhere > 0.0 { elsewhere } else { cpu_s };
    let readings_a_cpu_s = readings as f64 / cpu_s;
    let busy_s = times.iter().sum::<Duration>().as_secs_f64();
    figure(&format!("store_peers_{name}_append"), readings as f64 / busy_s, "readings/s");
    figure(&format!("store_peers_{name}_per_cpu_second"), readings_a_cpu_s, "readings/s");
    percentiles(&format!("store_peers_{name}_append"), &mut times);
    let questions = asked(peer.as_mut(), channels, end_ms);
    let answers = answered(peer.as_mut(), channels, end_ms);
    let got: usize = answers.ranges.iter().map(Vec::len).sum();
    assert_eq!(got, readings, "readings that {name} gives back");
    let file = peer.file_name().map(|name| folder.join(name));
    peer.end();
    let [all, free] = [folder_bytes(folder), file.map_or(0, |file| free_bytes(&file))]
        .map(|bytes| bytes as f64 / readings as f64);
    figure(&format!("store_peers_{name}_bytes"), all, "B/reading");
    figure(&format!("store_peers_{name}_bytes_in_use"), all - free, "B/reading");
    let bytes = [all, all - free];
    Outcome { name, answers, bytes, readings_a_cpu_s, questions }
}

fn asked(peer: &mut dyn Peer, channels: u32, end_ms: i64) -> [f64; 3] {
    let name = peer.name();
    let hour_ms = 3_600_000;
    let mut hours: Vec<_> = (0..QUESTIONS)
        .map(|i| timed(|| peer.range(i * 7 % channels, end_ms - hour_ms, end_ms)).1)
        .collect();
    let mut minutes: Vec<_> = (0..QUESTIONS)
        .map(|turn| {
            let some: Vec<_> =
                (0..DAY_CHANNELS).map(|i| (turn * DAY_CHANNELS + i) * 7 % channels).collect();
            timed(|| peer.minutes(&some, START_MS, end_ms)).1
        })
        .collect();
    let mut last: Vec<_> = (0..QUESTIONS).map(|_| timed(|| peer.last(end_ms)).1).collect();
    percentiles(&format!("store_peers_{name}_range_1h"), &mut hours);
    percentiles(&format!("store_peers_{name}_{DAY_CHANNELS}_channels_1min"), &mut minutes);
    percentiles(&format!("store_peers_{name}_last_of_all"), &mut last);
    [&mut hours, &mut minutes, &mut last].map(|times| percentile(times, 50))
}

fn answered(peer: &mut dyn Peer, channels: u32, end_ms: i64) -> Answers {
    let ranges = (0..channels).map(|channel| peer.range(channel, START_MS, end_ms)).collect();
    let all: Vec<_> = (0..channels).collect();
    let mut minutes = Minutes::new();
    for some in all.chunks(DAY_CHANNELS as usize) {
        minutes.extend(peer.minutes(some, START_MS, end_ms));
    }
    Answers { ranges, minutes, last: peer.last(end_ms) }
}

fn compared(outcomes: &[Outcome]) {
    let [own, others @ ..] = outcomes else { return };
    for other in others {
        let name = other.name;
        let (a, b) = (&own.answers, &other.answers);
        assert!(a.ranges == b.ranges, "{name} has other readings");
        assert!(a.minutes == b.minutes, "{name} has other highest values of a minute");
        assert!(a.last == b.last, "{name} has other newest values");
        let ratio = |what: &str, value: f64| {
            figure(&format!("store_peers_{name}_by_siskin_{what}"), value, "ratio");
        };
        let bytes = other.bytes.iter().zip(own.bytes);
        for (what, (theirs, ours)) in ["bytes", "bytes_in_use"].iter().zip(bytes) {
            ratio(what, theirs / ours);
        }
        ratio("cpu", own.readings_a_cpu_s / other.readings_a_cpu_s);
        let questions = other.questions.iter().zip(own.questions);
        for (what, (theirs, ours)) in ["range_1h", "minutes", "last"].iter().zip(questions) {
            ratio(what, theirs / ours);
        }
    }
    let sum: i64 = own.answers.ranges.iter().flatten().map(|row| row.2).sum();
    println!("# all three gave the same answers; sum of values {:.2} ppm", sum as f64 / 100.0);
}
