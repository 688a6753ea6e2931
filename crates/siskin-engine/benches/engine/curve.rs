//! The cost of a row by the number of channels, and by how much of time a batch holds.
//!
//! Rows come time-major, all channels of a second and then the next second. Windows are full before
//! the clock starts. A batch is judged channel after channel, so a channel's state is fetched once
//! for all its rows in the batch: what 100,000 channels need (0.9 GiB) fits no cache.

use siskin_engine::{Effects, Engine};
use siskin_model::{ChannelIndex, Quality, Reading, Timestamp};

use crate::support::site;
use crate::{figure, rules, timed, workload};

/// Rows of one point of the curve.
const ROWS: u32 = 10_000_000;
const CHANNELS: [u32; 5] = [10, 100, 1_000, 10_000, 100_000];
/// Longer than the longest window.
const WARM_SECONDS: u32 = 1_000;
/// Seconds of all channels in a batch: what a station takes at once, and what a replay takes.
const BATCH_SECONDS: [u32; 2] = [1, 64];
/// Fewest readings in a batch, so that few channels are not measured by the call.
const BATCH_MIN: u32 = 4_096;

pub(crate) fn run() {
    let series = workload::series(65_536, 7);
    for seconds in BATCH_SECONDS {
        let mut at_1k = f64::NAN;
        for channels in CHANNELS {
            let ns = ns_per_row(&series, channels, seconds);
            figure(&format!("engine_curve_{seconds}s_{channels}_channels"), ns, 1, "ns/row");
            match channels {
                1_000 => at_1k = ns,
                100_000 => {
                    figure(&format!("engine_curve_{seconds}s_100k_to_1k"), ns / at_1k, 2, "x");
                }
                _ => {}
            }
        }
    }
}

fn ns_per_row(series: &[f64], channels: u32, seconds: u32) -> f64 {
    let rules = rules::on_all(rules::standard_six(), channels);
    let mut engine = Engine::new(&site(channels), &rules).unwrap();
    let mut effects = Effects::default();
    let seconds = seconds.max(BATCH_MIN / channels);
    let (mut batch, mut second) = (Vec::new(), 0);
    let (mut rows, mut spent_s) = (0, 0.0);
    while rows < ROWS {
        let is_warm = second >= WARM_SECONDS;
        // The windows are filled in large steps whatever is measured.
        let step = if is_warm { seconds } else { 100 };
        // Made before the clock goes on.
        fill(&mut batch, series, channels, second..second + step);
        second += step;
        let took_s = timed(|| engine.readings(&batch, &mut effects));
        effects.clear();
        if is_warm {
            spent_s += took_s;
            rows += channels * step;
        }
    }
    spent_s * 1e9 / f64::from(rows)
}

/// All channels look at one long series, each from a place of its own.
fn fill(batch: &mut Vec<Reading>, series: &[f64], channels: u32, seconds: std::ops::Range<u32>) {
    batch.clear();
    for second in seconds {
        let at = Timestamp::from_millis(workload::START_MS + i64::from(second) * 1_000);
        for channel in 0..channels {
            let place = (channel.wrapping_mul(7_919) + second) as usize % series.len();
            let value = Some(series[place]);
            batch.push(Reading::new(ChannelIndex(channel), at, at, value, Quality::Good));
        }
    }
}
