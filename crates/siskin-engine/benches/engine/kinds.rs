//! What a row costs by kind of rule, at 1 Hz on channels in areas of ten.

use siskin_engine::{Effects, Engine};

use crate::plain::STEP_READINGS;
use crate::support::site;
use crate::{figure, rules, timed, workload};

const CHANNELS: u32 = 100;
/// Ten hours: the longest window is full for two.
const SECONDS: u32 = 36_000;
const ROUNDS: usize = 3;

pub(crate) fn run() {
    let readings = workload::readings(CHANNELS, SECONDS, 3);
    for (name, kind) in rules::of_each_kind() {
        let rules = rules::on_all(kind, CHANNELS);
        let (mut best_s, mut bytes, mut edges) = (f64::INFINITY, 0, 0);
        for _ in 0..ROUNDS {
            let mut engine = Engine::new(&site(CHANNELS), &rules).unwrap();
            let mut effects = Effects::default();
            best_s = best_s.min(timed(|| {
                for step in readings.chunks(STEP_READINGS) {
                    engine.readings(step, &mut effects);
                }
                engine.finish(&mut effects);
            }));
            bytes = engine.bytes_per_channel();
            edges = effects.alarms.len();
        }
        let ns = best_s * 1e9 / readings.len() as f64;
        figure(&format!("engine_kind_{name}"), ns, 1, "ns/row");
        figure(&format!("engine_kind_{name}_memory"), bytes as f64 / 1024.0, 2, "KiB");
        figure(&format!("engine_kind_{name}_transitions"), edges as f64, 0, "transitions");
    }
}
