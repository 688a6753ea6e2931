//! How long an engine takes to be made anew from its history, as after a restart; the history is
//! in memory, so reading it from a disk comes on top.

use siskin_engine::{Rehearsal, Rule};

use crate::plain::STEP_READINGS;
use crate::support::site;
use crate::{figure, rules, timed, workload};

const ROUNDS: usize = 3;

pub(crate) fn run() {
    measure("engine_rewarm_standard_six", rules::standard_six(), 1_000, 2_000);
    // Nine hours of history, so that a window of eight is full.
    measure("engine_rewarm_with_8_h_mean", rules::six_and_eight_hours(), 100, 32_400);
}

fn measure(name: &str, rules: Vec<Rule>, channels: u32, seconds: u32) {
    let (site, rules) = (site(channels), rules::on_all(rules, channels));
    let mut rehearsal = Rehearsal::new(&site, &rules).unwrap();
    for step in workload::readings(channels, seconds, 5).chunks(STEP_READINGS) {
        rehearsal.arrive(step);
    }
    let mut best_s = f64::INFINITY;
    for _ in 0..ROUNDS {
        let before = rehearsal.clone();
        let mut after = None;
        best_s = best_s.min(timed(|| after = before.restarted(&site, &rules).ok()));
        assert!(after.is_some(), "the engine could not be made anew");
    }
    figure(name, best_s * 1e3 / f64::from(channels), 3, "ms/channel");
}
