//! The engine measured: figures are lines `figure <name> <value> <unit>`.
//!
//! Steps: `plain` (the standard workload beside a plain C loop in the same run, on one core and on
//! two), `curve` (cost of a row by number of channels), `drift` (running sums after 10⁸ rows),
//! `kinds` (cost of a row by kind of rule), `rewarm` (an engine made anew from history). Name some
//! as arguments to run only those. `LIMIT_C=file.c` takes another loop; `SISKIN_BENCH_SECONDS`
//! another length of the standard workload.
//!
//! Readings are made before the clock starts. Times are processor times of one thread, the best of
//! several rounds; only two cores are measured in real time, against one core in real time.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints and may panic"
)]

mod curve;
mod drift;
mod kinds;
mod plain;
mod rewarm;
mod rules;
#[path = "../../tests/support/mod.rs"]
mod support;
mod workload;

use std::time::Instant;

/// A step's name and what it does.
const STEPS: [(&str, fn()); 5] = [
    ("plain", plain::run),
    ("curve", curve::run),
    ("drift", drift::run),
    ("kinds", kinds::run),
    ("rewarm", rewarm::run),
];

fn main() {
    // cargo adds flags of its own.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let is_step = |name: &String| STEPS.iter().any(|(step, _)| step == name);
    if let Some(name) = wanted.iter().find(|name| !is_step(name)) {
        let names: Vec<_> = STEPS.iter().map(|(step, _)| *step).collect();
        panic!("there is no step `{name}`; hint: one of {}", names.join(", "));
    }
    for (name, step) in STEPS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            step();
        }
    }
}

/// One figure.
fn figure(name: &str, value: f64, decimals: usize, unit: &str) {
    println!("figure {name} {value:.decimals$} {unit}");
}

/// The processor seconds that `work` takes in this thread; real seconds where the system does not
/// say. What else the machine does is not in them, but for what it does to the caches.
fn timed(work: impl FnOnce()) -> f64 {
    let (began, began_on) = (Instant::now(), processor_ns());
    work();
    match (began_on, processor_ns()) {
        (Some(from), Some(to)) => (to - from) as f64 / 1e9,
        _ => began.elapsed().as_secs_f64(),
    }
}

/// The real seconds that `work` takes, for work on several cores.
fn elapsed(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

/// How long this thread has run, good to a tick of the scheduler (1 to 4 ms).
fn processor_ns() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok()
}
