//! What looking at the rules and backtests cost a station of 2,000 channels: how long a round of
//! live readings takes to the live stream alone, while people look at how the rules stand, and
//! while backtests run one after the other. Release build, a real broker.
//!
//! Ratios of one run on one machine are what counts; `SISKIN_BIN` is the release build, see
//! `tests/bench.sh`.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod asking;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use e2e::flood::{FloodPark, Size};
use e2e::process::hide_output;
use e2e::procfs;
use e2e::station::Station;
use e2e::stream::Stream;

use asking::{Asked, Line};

const SIZE: Size = Size { areas: 20, rising: 2_000, block: 100, silent: 0 };
/// The channel that each round ends with.
const LAST: &str = "at-01999-cl2";
/// Rounds that are stored before anything is measured: backtests need something to judge.
const STORED_ROUNDS: usize = 120;
/// Rounds that are measured in each part, and their pace.
const ROUNDS: usize = 60;
const PACE: Duration = Duration::from_secs(1);
/// Longest wait for one round.
const ROUND_MAX: Duration = Duration::from_secs(30);
/// People who look at the rules, each as often as the page does.
const PEOPLE: usize = 5;
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Clock ticks of Linux in a second.
const TICKS_PER_S: f64 = 100.0;

fn main() -> Result<()> {
    hide_output();
    ensure!(
        std::env::var_os("SISKIN_BIN").is_some(),
        "SISKIN_BIN must name a release build; hint: make bench ONLY=workbench"
    );
    let rounds = rounds_asked()?;
    let mut park = FloodPark::new(SIZE)?;
    let mut station = Station::run(&park.site(), &park.data())?;
    park.ready(&station)?;
    let id = station.process().id();
    let mut stream = station.stream(None)?;
    for _ in 0..STORED_ROUNDS {
        one_round(&mut park, &mut stream)?;
    }
    let lines = (0..PEOPLE).map(|_| Line::to(&station)).collect::<Result<Vec<_>>>()?;
    let mut run = |beside: Beside<'_>| measured(&mut park, &mut stream, id, rounds, beside);
    let alone = run(&|_| Ok(Asked::default()))?;
    tell("alone", &alone, &alone);
    tell("looked_at", &run(&|over| looking(&lines, over))?, &alone);
    tell("backtest", &run(&|over| asking::backtests(&lines[0], over))?, &alone);
    station.stop()
}

/// What is done beside the rounds, until it is over.
type Beside<'a> = &'a (dyn Fn(&AtomicBool) -> Result<Asked> + Sync);

/// One part of the run.
struct Part {
    round_ms: Vec<f64>,
    /// Share of one core.
    cores: f64,
    asked: Asked,
}

fn rounds_asked() -> Result<usize> {
    match std::env::var("ROUNDS") {
        Ok(text) => text.parse().map_err(|_| {
            anyhow!("ROUNDS is `{text}`, which is no number; hint: leave it out for {ROUNDS}")
        }),
        Err(_) => Ok(ROUNDS),
    }
}

#[allow(clippy::print_stdout, reason = "figures are this program's result")]
fn figure(name: &str, value: f64, unit: &str) {
    println!("figure workbench_{name} {value:.2} {unit}");
}

/// From the first message of a round to its last reading on the live stream.
fn one_round(park: &mut FloodPark, stream: &mut Stream) -> Result<f64> {
    stream.pending();
    let began = Instant::now();
    park.round(|_| false)?;
    stream
        .until("the last channel of a round", ROUND_MAX, |event| event.reading(LAST).map(|_| ()))?;
    Ok(began.elapsed().as_secs_f64() * 1e3)
}

/// The rounds with something beside them.
fn measured(
    park: &mut FloodPark,
    stream: &mut Stream,
    id: u32,
    rounds: usize,
    beside: Beside<'_>,
) -> Result<Part> {
    let over = AtomicBool::new(false);
    let (began, before) = (Instant::now(), ticks(id)?);
    let (round_ms, asked) = thread::scope(|scope| {
        let work = scope.spawn(|| beside(&over));
        let round_ms = paced(park, stream, rounds);
        over.store(true, Ordering::Relaxed);
        let asked = work.join().map_err(|_| anyhow!("what ran beside the rounds panicked"))?;
        Ok::<_, anyhow::Error>((round_ms?, asked?))
    })?;
    let span_s = began.elapsed().as_secs_f64();
    Ok(Part { round_ms, cores: (ticks(id)? - before) / TICKS_PER_S / span_s, asked })
}

fn paced(park: &mut FloodPark, stream: &mut Stream, rounds: usize) -> Result<Vec<f64>> {
    let began = Instant::now();
    let mut round_ms = Vec::with_capacity(rounds);
    let mut due = Duration::ZERO;
    for _ in 0..rounds {
        thread::sleep(due.saturating_sub(began.elapsed()));
        round_ms.push(one_round(park, stream)?);
        due += PACE;
    }
    Ok(round_ms)
}

fn ticks(id: u32) -> Result<f64> {
    let stat = procfs::stat(id).ok_or_else(|| anyhow!("the station has gone"))?;
    Ok(stat.ticks as f64)
}

fn looking(lines: &[Line], over: &AtomicBool) -> Result<Asked> {
    thread::scope(|scope| {
        let look = |line| scope.spawn(move || asking::states(line, over, LOOK_EVERY));
        let people: Vec<_> = lines.iter().map(look).collect();
        let mut all = Asked::default();
        for person in people {
            all.append(person.join().map_err(|_| anyhow!("a person panicked"))??);
        }
        Ok(all)
    })
}

/// The value below which `share` of the values lie.
fn share_of(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let found = sorted.get(sorted.len() * percent / 100).or(sorted.last());
    found.copied().unwrap_or(f64::NAN)
}

fn tell(name: &str, part: &Part, alone: &Part) {
    let shares = BTreeMap::from([("p50", 50), ("p99", 99)]);
    for (word, percent) in shares {
        let ms = share_of(&part.round_ms, percent);
        figure(&format!("round_{word}_{name}"), ms, "ms");
        let ratio = ms / share_of(&alone.round_ms, percent);
        figure(&format!("round_{word}_{name}_ratio"), ratio, "times alone");
    }
    figure(&format!("cores_{name}"), part.cores, "cores");
    for (what, ms) in &part.asked.ms {
        figure(&format!("{what}_count"), ms.len() as f64, "answers");
        figure(&format!("{what}_p50"), share_of(ms, 50), "ms");
        figure(&format!("{what}_p99"), share_of(ms, 99), "ms");
    }
    if part.asked.readings > 0 {
        figure("backtest_readings", part.asked.readings as f64, "readings");
    }
}
