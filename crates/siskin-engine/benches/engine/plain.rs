//! The standard workload on one core and on two, beside a plain C loop in the same run.
//!
//! Loop against engine: the loop's time without reading its file, sorting and writing; the
//! engine's without making its readings. Both must give the same transitions, or the run fails.

use std::path::{Path, PathBuf};
use std::process::Command;

use siskin_engine::{Effects, Engine, RuleSet, Shard, Shards};
use siskin_model::{Edge, Reading};

use crate::support::site;
use crate::{elapsed, figure, rules, timed, workload};

const CHANNELS: u32 = 1000;
const SECONDS: u32 = 10_000;
const SEED: u64 = 1;
const ROUNDS: usize = 5;
const CORES: usize = 2;
/// As `siskin replay` does.
pub(crate) const STEP_READINGS: usize = 1 << 16;

/// The best times of all rounds, in seconds, and the memory.
struct Best {
    one: f64,
    /// In real time, as that of two cores.
    one_elapsed: f64,
    two_elapsed: f64,
    limit: f64,
    /// Of the busier of two parts, in processor time.
    busier: f64,
    /// Of one channel.
    bytes: usize,
}

pub(crate) fn run() {
    let seconds = std::env::var("SISKIN_BENCH_SECONDS").ok().and_then(|s| s.parse().ok());
    let readings = workload::readings(CHANNELS, seconds.unwrap_or(SECONDS), SEED);
    let rows = readings.len() as f64;
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("readings.bin");
    workload::write_bin(&bin, &readings);
    let limit = compiled_limit(folder.path());
    let rules = rules::on_all(rules::standard_six(), CHANNELS);
    let never = f64::INFINITY;
    let mut best = Best {
        one: never,
        one_elapsed: never,
        two_elapsed: never,
        limit: never,
        busier: never,
        bytes: 0,
    };
    let mut effects = Effects::default();
    // Alternating rounds: what else the machine does falls on all.
    for _ in 0..ROUNDS {
        if let Some(limit) = &limit {
            best.limit = best.limit.min(run_limit(limit, &bin, folder.path()));
        }
        effects = on_one(&rules, &readings, &mut best);
        let same = on_two(&rules, &readings, &mut best);
        // Larger steps tell what time shows, such as silence, later: the order may differ.
        assert!(as_csv(&same) == as_csv(&effects), "two cores give other transitions");
        best.busier = best.busier.min(busier_of_two(&rules, &readings));
    }
    figure("engine_rows", rows, 0, "rows");
    figure("engine_transitions", effects.alarms.len() as f64, 0, "transitions");
    figure("engine_throughput", rows / best.one / 1e6, 2, "Mrows/s");
    figure("engine_memory_per_channel", best.bytes as f64 / 1024.0, 2, "KiB");
    figure("engine_two_cores_throughput", rows / best.two_elapsed / 1e6, 2, "Mrows/s");
    figure("engine_two_cores_ratio", best.one_elapsed / best.two_elapsed, 2, "x");
    figure("engine_two_cores_ratio_of_work", best.one / best.busier, 2, "x");
    if limit.is_some() {
        let theirs = std::fs::read_to_string(folder.path().join("limit.csv")).unwrap();
        assert!(theirs == as_csv(&effects), "the plain loop gives other transitions");
        figure("engine_plain_loop_throughput", rows / best.limit / 1e6, 2, "Mrows/s");
        figure("engine_ratio_to_plain_loop", best.limit / best.one, 3, "x");
    } else {
        println!("no C compiler found: the plain loop was not run");
    }
}

fn on_one(rules: &RuleSet, readings: &[Reading], best: &mut Best) -> Effects {
    let mut engine = Engine::new(&site(CHANNELS), rules).unwrap();
    let mut effects = Effects::default();
    let judge = || {
        for step in readings.chunks(STEP_READINGS) {
            engine.readings(step, &mut effects);
        }
        engine.finish(&mut effects);
    };
    let mut seconds = 0.0;
    let elapsed_s = elapsed(|| seconds = timed(judge));
    best.one = best.one.min(seconds);
    best.one_elapsed = best.one_elapsed.min(elapsed_s);
    best.bytes = engine.bytes_per_channel();
    effects
}

fn on_two(rules: &RuleSet, readings: &[Reading], best: &mut Best) -> Effects {
    let mut shards = Shards::new(&site(CHANNELS), rules, CORES).unwrap();
    assert_eq!(shards.count(), CORES, "the workload has many areas");
    let mut effects = Effects::default();
    let elapsed_s = elapsed(|| {
        // Many steps at a time, so that starting threads takes little of the time.
        for step in readings.chunks(8 * STEP_READINGS * CORES) {
            shards.readings(step, &mut effects, on_threads);
        }
        shards.finish(&mut effects);
    });
    best.two_elapsed = best.two_elapsed.min(elapsed_s);
    effects
}

/// The two parts one after the other: how long the busier one works, and what is done for both.
/// Says what two cores can give where others keep them from running at the same time.
fn busier_of_two(rules: &RuleSet, readings: &[Reading]) -> f64 {
    let mut shards = Shards::new(&site(CHANNELS), rules, CORES).unwrap();
    let mut effects = Effects::default();
    let mut parts_s = [0.0; CORES];
    let whole_s = timed(|| {
        for step in readings.chunks(8 * STEP_READINGS * CORES) {
            shards.readings(step, &mut effects, |parts, work| {
                for (part, part_s) in parts.iter_mut().zip(&mut parts_s) {
                    *part_s += timed(|| work(part));
                }
            });
        }
        shards.finish(&mut effects);
    });
    let for_both_s = (whole_s - parts_s.iter().sum::<f64>()).max(0.0);
    parts_s.into_iter().fold(0.0, f64::max) + for_both_s
}

/// One shard in this thread, each other in one of its own.
pub(crate) fn on_threads(shards: &mut [Shard], work: &(dyn Fn(&mut Shard) + Sync)) {
    std::thread::scope(|scope| {
        let mut shards = shards.iter_mut();
        let own = shards.next();
        for shard in shards {
            scope.spawn(|| work(shard));
        }
        own.into_iter().for_each(work);
    });
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

/// The plain loop, compiled, with its loop timed by `loop_time.h`.
fn compiled_limit(folder: &Path) -> Option<PathBuf> {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
    let source = std::env::var_os("LIMIT_C").map_or(benches.join("limit.c"), PathBuf::from);
    let program = folder.join("limit");
    let mut compiler = Command::new("cc");
    compiler.args(["-O2", "-include"]).arg(benches.join("engine/loop_time.h"));
    compiler.arg("-o").arg(&program).arg(&source).arg("-lm");
    compiler.status().is_ok_and(|status| status.success()).then_some(program)
}

/// Runs the plain loop and gives the seconds its loop took.
fn run_limit(program: &Path, bin: &Path, folder: &Path) -> f64 {
    let output = Command::new(program).arg(bin).arg(folder.join("limit.csv")).output().unwrap();
    assert!(output.status.success(), "the plain loop failed");
    let printed = String::from_utf8_lossy(&output.stdout);
    let first = printed.lines().next().and_then(|line| line.parse().ok());
    first.expect("the loop's seconds in the first line")
}
