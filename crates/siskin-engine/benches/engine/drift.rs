//! Running sums after 10⁸ rows against sums made afresh from the window: whole numbers do not
//! drift. Beside them the same windows in floating point, which do.

use siskin_engine::trend::{TrendLimits, TrendWindow};
use siskin_engine::window::{MeanWindow, Ring, Sample};

use crate::{figure, workload};

const ROWS: u32 = 100_000_000;
const CHANNELS: u32 = 4;
const MEAN_MS: i64 = 900_000;
const TREND_MS: i64 = 300_000;
/// How a channel of 0.01 ppm counts.
const QUANTA_PER_PPM: f64 = 1_000.0;

/// The windows of one channel, in whole numbers.
struct Whole {
    ring: Ring,
    mean: MeanWindow,
    trend: TrendWindow,
    last_ms: i64,
}

impl Whole {
    fn new() -> Self {
        let (mean, trend) = (MeanWindow::new(MEAN_MS), TrendWindow::new(TREND_MS));
        Self { ring: Ring::new(), mean, trend, last_ms: i64::MIN / 2 }
    }

    fn take(&mut self, t_ms: i64, quanta: i32) {
        self.trend.prepare(&self.ring, t_ms, self.last_ms);
        let oldest = self.mean.tail().min(self.trend.tail());
        let ms = self.ring.push(t_ms, quanta, oldest);
        let newest = Sample { ms, quanta };
        self.mean.advance(&self.ring, newest);
        self.trend.advance(&self.ring, newest);
        self.last_ms = t_ms;
    }
}

/// A running sum and a running sum of time times value, as a plain loop keeps them.
#[derive(Default)]
struct Naive {
    sum: f64,
    sx: f64,
}

pub(crate) fn run() {
    let series = workload::series(999_983, 11);
    let (mut differences, mut naive_ppm, mut naive_sx) = (0u32, 0.0f64, 0.0f64);
    for channel in 0..CHANNELS {
        let value = |row: i64| {
            let place = usize::try_from(row).unwrap() + 7_919 * channel as usize;
            series[place % series.len()]
        };
        let rows = i64::from(ROWS / CHANNELS);
        let (whole, naive) = fed(rows, value);
        // Afresh: the last windows alone.
        let mut fresh = Whole::new();
        let first = rows - MEAN_MS / 1_000;
        (first..rows).for_each(|row| fresh.take(row * 1_000, quanta(value(row))));
        differences += differing(&whole, &fresh, (rows - 1) * 1_000);
        let sum: f64 = (first..rows).map(value).sum();
        let sx: f64 = (rows - TREND_MS / 1_000..rows).map(|row| row as f64 * value(row)).sum();
        naive_ppm = naive_ppm.max((naive.sum - sum).abs());
        naive_sx = naive_sx.max(((naive.sx - sx) / sx).abs());
    }
    figure("engine_drift_rows", f64::from(ROWS), 0, "rows");
    figure("engine_drift_differing_sums", f64::from(differences), 0, "sums");
    println!("figure engine_drift_of_naive_f64_sum {naive_ppm:.1e} ppm");
    println!("figure engine_drift_of_naive_f64_time_sum {naive_sx:.1e} of_the_sum");
    assert_eq!(differences, 0, "running sums have drifted");
}

fn fed(rows: i64, value: impl Fn(i64) -> f64) -> (Whole, Naive) {
    let (mut whole, mut naive) = (Whole::new(), Naive::default());
    let (mean_rows, trend_rows) = (MEAN_MS / 1_000, TREND_MS / 1_000);
    for row in 0..rows {
        whole.take(row * 1_000, quanta(value(row)));
        naive.sum += value(row);
        naive.sx += row as f64 * value(row);
        if row >= mean_rows {
            naive.sum -= value(row - mean_rows);
        }
        if row >= trend_rows {
            let out = row - trend_rows;
            naive.sx -= out as f64 * value(out);
        }
    }
    (whole, naive)
}

/// How many of count, sum, slope and fitted value differ in any bit.
fn differing(whole: &Whole, fresh: &Whole, t_ms: i64) -> u32 {
    // So wide that every rising line has a fitted value.
    let limits = TrendLimits { target: 1e12, horizon_ms: 1e300, significance: 0.0 };
    let fitted = |of: &Whole| of.trend.rises(&of.ring, t_ms, &limits).map(f64::to_bits);
    let slope = |of: &Whole| of.trend.slope(&of.ring).map(f64::to_bits);
    u32::from(whole.mean.count(&whole.ring) != fresh.mean.count(&fresh.ring))
        + u32::from(whole.mean.sum() != fresh.mean.sum())
        + u32::from(slope(whole) != slope(fresh) || slope(whole).is_none())
        + u32::from(fitted(whole) != fitted(fresh))
}

#[expect(clippy::cast_possible_truncation, reason = "a concentration in thousandths")]
fn quanta(ppm: f64) -> i32 {
    (ppm * QUANTA_PER_PPM).round() as i32
}
