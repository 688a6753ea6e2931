//! A plain reading of the rules that look at a longer past: lines, quiet levels, loads. Everything
//! is taken anew from the samples on every row, by code that shares nothing with the engine.
//!
//! Values are hundredths of the unit. Whole numbers are compared as such; where a formula has
//! fractions, the limits of the random rules are uneven, so that no answer hangs on rounding.

use siskin_engine::rule::{Baseline, DosePoint};

/// When and how much, in hundredths.
pub(super) type Sample = (i64, i64);
/// Whether the raise and the clear condition are met; none where that cannot be said.
pub(super) type Says = Option<(bool, bool)>;

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap()
}

fn number(x: i64) -> f64 {
    f64::from(i32::try_from(x).unwrap())
}

fn in_order(mut list: Vec<f64>) -> Vec<f64> {
    list.sort_by(f64::total_cmp);
    list
}

fn middle(list: Vec<f64>) -> f64 {
    let list = in_order(list);
    f64::midpoint(list[(list.len() - 1) / 2], list[list.len() / 2])
}

fn average(list: &[f64]) -> f64 {
    list.iter().sum::<f64>() / number(count(list.len()))
}

/// The values of each of the `steps` steps before the one that runs at `t`, oldest first, with how
/// many steps ago; steps without a sample are left out.
fn before(samples: &[Sample], t: i64, step_ms: i64, steps: i64) -> Vec<(i64, Vec<f64>)> {
    let now = t.div_euclid(step_ms);
    let of = |ago: i64| -> Vec<f64> {
        let inside = samples.iter().filter(|(at, _)| at.div_euclid(step_ms) == now - ago);
        inside.map(|(_, x)| number(*x)).collect()
    };
    let all = (1..=steps).rev().map(|ago| (ago, of(ago)));
    all.filter(|(_, values)| !values.is_empty()).collect()
}

/// The slope of the least-squares line over a window: (ms before now, hundredths).
pub(super) fn slope(line: &[Sample], least: u32, raise: f64, clear: f64) -> Says {
    if line.len() < usize::try_from(least).unwrap() {
        return None;
    }
    let (s, x): (Vec<f64>, Vec<f64>) = line.iter().map(|(s, x)| (number(*s), number(*x))).unzip();
    let (mean_s, mean_x) = (average(&s), average(&x));
    let along: f64 = s.iter().zip(&x).map(|(s, x)| (s - mean_s) * (x - mean_x)).sum();
    let spread: f64 = s.iter().map(|s| (s - mean_s) * (s - mean_s)).sum();
    let per_min = along / spread * 60_000.0 / 100.0;
    Some((per_min >= raise, per_min < clear))
}

/// The limits of a line through medians: window, fewest steps, target, horizon, significance.
pub(super) type Robust = (i64, u32, f64, i64, f64);

/// A Theil–Sen line with Kendall's test.
pub(super) fn robust(samples: &[Sample], limits: Robust) -> Says {
    let (window_ms, steps_min, target, horizon_ms, significance) = limits;
    let t = samples[samples.len() - 1].0;
    let step_ms = (window_ms / 60).max(1_000);
    let steps = before(samples, t, step_ms, window_ms / step_ms - 1);
    if steps.len() < usize::try_from(steps_min).unwrap() {
        return None;
    }
    // The middle of a step, in milliseconds from now.
    let place = |ago: i64| number(-t.rem_euclid(step_ms) - ago * step_ms) + number(step_ms) / 2.0;
    let points: Vec<_> = steps.into_iter().map(|(ago, x)| (place(ago), middle(x))).collect();
    let (mut slopes, mut rising, mut ties) = (Vec::new(), 0i64, 0i64);
    for (n, late) in points.iter().enumerate() {
        for early in &points[..n] {
            slopes.push((late.1 - early.1) / (late.0 - early.0));
            rising += late.1.total_cmp(&early.1) as i64;
        }
        // Each of u equal ones brings its part of (u − 1)(2u + 5).
        let equal = count(points.iter().filter(|p| p.1.total_cmp(&late.1).is_eq()).count());
        ties += (equal - 1) * (2 * equal + 5);
    }
    let n = count(points.len());
    let deviation = (number(n * (n - 1) * (2 * n + 5) - ties) / 18.0).sqrt();
    let slope = middle(slopes);
    let fitted = middle(points.iter().map(|(s, x)| x - slope * s).collect());
    let room = target * 100.0 - fitted;
    let is_near = room > 0.0 && room <= number(horizon_ms) * slope;
    let is_sure = slope > 0.0 && number(rising) >= significance * deviation;
    Some((is_sure && is_near, !(is_sure && is_near)))
}

/// Quiet level and noise at `t`, in hundredths.
fn quiet(samples: &[Sample], t: i64, rule: &Baseline) -> Option<(f64, f64)> {
    let steps = before(samples, t, rule.step_ms, rule.window_ms / rule.step_ms);
    let means: Vec<f64> = steps.iter().map(|(_, values)| average(values)).collect();
    if means.len() < usize::try_from(rule.steps_min).unwrap() {
        return None;
    }
    let leaps = means.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let noise = (1.4826 * middle(leaps) / 2f64.sqrt()).max(rule.noise_min * 100.0);
    let means = in_order(means);
    let place = rule.quantile * number(count(means.len()) - 1);
    let low = (0..means.len()).rev().find(|n| number(count(*n)) <= place).unwrap();
    let part = place - number(count(low));
    let high = means.get(low + 1).copied().unwrap_or(means[low]);
    Some((means[low] + part * (high - means[low]), noise))
}

/// Above the quiet level, which stands still from the raise at `raised` on, for a time.
pub(super) fn above(
    samples: &[Sample],
    raised: Option<i64>,
    rule: &Baseline,
    (raise_by, clear_by, noise_times): (f64, f64, f64),
) -> Says {
    let (t, x) = samples[samples.len() - 1];
    let made_at = raised.filter(|at| t - at < rule.freeze_max_ms).unwrap_or(t);
    let (level, noise) = quiet(samples, made_at, rule)?;
    let above = number(x) - level;
    let raise = above >= raise_by * 100.0 && above >= noise_times * noise;
    Some((raise, !raise && above < clear_by * 100.0))
}

/// The share of one point's limit that is used up, and the covered share of its time.
fn used(samples: &[Sample], hold_ms: i64, point: &DosePoint, n: f64) -> (f64, f64) {
    let t = samples[samples.len() - 1].0;
    let duration_ms = point.duration_ms;
    let step_ms = (duration_ms / 360).max(10_000).min(duration_ms);
    let (mut load, mut covered) = (0.0, 0.0);
    for pair in samples.windows(2) {
        let ((at, x), gap_ms) = (pair[0], pair[1].0 - pair[0].0);
        let ends = at - at.rem_euclid(step_ms) + step_ms;
        let inside_ms = (ends - (t - duration_ms)).clamp(0, step_ms);
        if inside_ms > 0 {
            let held = number(gap_ms.min(hold_ms)) * number(inside_ms) / number(step_ms);
            load += (number(x.max(0)) / (point.limit * 100.0)).powf(n) * held;
            covered += held;
        }
    }
    let duration = number(duration_ms);
    ((load / duration).powf(1.0 / n), covered / duration)
}

/// A toxic load against points in order of duration, with n from neighbours.
pub(super) fn load(
    samples: &[Sample],
    gap_ms: i64,
    points: &[DosePoint],
    (raise_at, clear_below): (f64, f64),
) -> Says {
    let exponent = |place: usize| {
        let pair = &points[place.min(points.len() - 2)..][..2];
        let times = number(pair[1].duration_ms) / number(pair[0].duration_ms);
        (times.ln() / (pair[0].limit / pair[1].limit).ln()).clamp(1.0, 8.0)
    };
    let used: Vec<_> = (0..points.len())
        .map(|place| used(samples, gap_ms.max(60_000), &points[place], exponent(place)))
        .collect();
    let most = used.iter().map(|(share, _)| *share).fold(0.0, f64::max);
    let raise = most >= raise_at;
    // What was not looked at for half of the shortest time is not over.
    (raise || used[0].1 >= 0.5).then_some((raise, !raise && most < clear_below))
}
