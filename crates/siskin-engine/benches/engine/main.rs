//! The standard workload from memory on one core, beside a plain C loop in the same run.
//!
//! Prints `figure <name> <value> <unit>` lines. The two must give the same transitions, or the run
//! fails. `LIMIT_C=file.c` takes another loop; `SISKIN_BENCH_SECONDS` another length.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may panic")]

#[path = "../../tests/support/mod.rs"]
mod support;
mod workload;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use siskin_engine::rule::{Side, TrendMethod};
use siskin_engine::{Binding, Effects, Engine, RuleKind, RuleSet};
use siskin_model::{ChannelIndex, Edge, Tier};
use support::{GAP_MS, rule, site};

const CHANNELS: u32 = 1000;
const SECONDS: u32 = 2000;
const ROUNDS: usize = 3;
/// As `siskin replay` does.
const STEP_READINGS: usize = 1 << 16;

fn main() {
    let seconds = std::env::var("SISKIN_BENCH_SECONDS").ok().and_then(|s| s.parse().ok());
    let readings = workload::readings(CHANNELS, seconds.unwrap_or(SECONDS), 1);
    let rows = readings.len() as f64;
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("readings.bin");
    workload::write_bin(&bin, &readings);
    let limit = compiled_limit(folder.path());
    let rules = standard_six();
    let (mut best_s, mut limit_s) = (f64::INFINITY, f64::INFINITY);
    let mut transitions = String::new();
    let mut bytes = 0;
    // Alternating rounds: what else the machine does falls on both.
    for _ in 0..ROUNDS {
        let mut engine = Engine::new(&site(CHANNELS), &rules).unwrap();
        let mut effects = Effects::default();
        let began = Instant::now();
        for step in readings.chunks(STEP_READINGS) {
            engine.readings(step, &mut effects);
        }
        engine.finish(&mut effects);
        best_s = best_s.min(began.elapsed().as_secs_f64());
        transitions = as_csv(&effects);
        bytes = engine.bytes_per_channel();
        if let Some(limit) = &limit {
            limit_s = limit_s.min(run_limit(limit, &bin, folder.path()));
        }
    }
    println!("figure engine_rows {rows:.0} rows");
    println!("figure engine_transitions {} transitions", transitions.lines().count() - 1);
    println!("figure engine_throughput {:.2} Mrows/s", rows / best_s / 1e6);
    println!("figure engine_memory_per_channel {:.2} KiB", bytes as f64 / 1024.0);
    if limit.is_some() {
        let theirs = std::fs::read_to_string(folder.path().join("limit.csv")).unwrap();
        assert!(theirs == transitions, "the plain loop gives other transitions");
        println!("figure engine_plain_loop_throughput {:.2} Mrows/s", rows / limit_s / 1e6);
        println!("figure engine_ratio_to_plain_loop {:.3} x", limit_s / best_s);
    } else {
        println!("no C compiler found: the plain loop was not run");
    }
}

/// The six rules of the standard workload on every channel.
fn standard_six() -> RuleSet {
    let threshold =
        |raise_at, clear_at| RuleKind::Threshold { side: Side::High, raise_at, clear_at };
    let mean = RuleKind::WindowMean {
        window_ms: 900_000,
        samples_min: 675,
        raise_at: 10.0,
        clear_below: 9.0,
    };
    let trend = RuleKind::Trend {
        method: TrendMethod::LeastSquares,
        window_ms: 300_000,
        samples_min: 225,
        target: 20.0,
        horizon_ms: 600_000,
        significance: 4.0,
    };
    let rules = vec![
        rule("R1", Some(Tier::Yellow), threshold(10.0, 9.0), 5, 30),
        rule("R2", Some(Tier::Orange), threshold(20.0, 18.0), 3, 30),
        rule("R3", Some(Tier::Red), threshold(50.0, 45.0), 0, 30),
        rule("R4", Some(Tier::Yellow), mean, 0, 0),
        rule("R5", Some(Tier::Blue), trend, 10, 30),
        rule("R6", None, RuleKind::NoData { after_ms: GAP_MS }, 0, 0),
    ];
    let bind = |channel| {
        let places = 0..6;
        places.map(move |rule| Binding { rule, channel: ChannelIndex(channel), factor: 1.0 })
    };
    RuleSet { rules, bindings: (0..CHANNELS).flat_map(bind).collect() }
}

fn as_csv(effects: &Effects) -> String {
    let mut rows: Vec<_> = effects
        .alarms
        .iter()
        .map(|event| {
            let channel: u32 = event.alarm.channel.as_str().parse().unwrap();
            (event.at.as_millis(), channel, event.alarm.rule.as_str(), event.edge)
        })
        .collect();
    rows.sort_unstable();
    let mut csv = String::from("ts_ms,channel,rule,edge\n");
    for (at, channel, rule, edge) in rows {
        let edge = if edge == Edge::Raise { "raise" } else { "clear" };
        csv.extend([&*at.to_string(), ",", &channel.to_string(), ",", rule, ",", edge, "\n"]);
    }
    csv
}

fn compiled_limit(folder: &Path) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/limit.c");
    let source = std::env::var_os("LIMIT_C").map_or(own, PathBuf::from);
    let program = folder.join("limit");
    let mut compiler = Command::new("cc");
    compiler.args(["-O2", "-o"]).arg(&program).arg(&source).arg("-lm");
    compiler.status().is_ok_and(|status| status.success()).then_some(program)
}

/// Runs the plain loop and gives the seconds its loop took (its own figure where it prints one,
/// the whole run where it does not).
fn run_limit(program: &Path, bin: &Path, folder: &Path) -> f64 {
    let began = Instant::now();
    let output = Command::new(program).arg(bin).arg(folder.join("limit.csv")).output().unwrap();
    let whole_s = began.elapsed().as_secs_f64();
    assert!(output.status.success(), "the plain loop failed");
    String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or(whole_s)
}
