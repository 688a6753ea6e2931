//! A line that one spike cannot bend, and when it would reach a target (Theil 1950, Sen 1968).
//!
//! The window is cut into 60 steps (none shorter than 1 s) of event time. Looked at are the whole
//! steps inside (t − window, t]: up to 59 before the running one. With the median xᵢ of a step's
//! samples and the middle tᵢ of the step:
//! slope b = median of (xⱼ − xᵢ) / (tⱼ − tᵢ) over all pairs;
//! fitted f = median of (xᵢ − b·tᵢ) + b·t;
//! Kendall's S = Σ sign(xⱼ − xᵢ) over all pairs i < j, its variance with ties of u equal medians
//! V = (n(n−1)(2n+5) − Σ u(u−1)(2u+5)) / 18, and Z = S / √V (no continuity correction).
//! Raise while b > 0, Z ≥ `significance`, f < target and (target − f) / b ≤ `horizon`; clear while
//! that is false. Valid with `samples_min` steps (at least 3). Interval of the slope at z: with N
//! pairs and C = z·√V the slopes in order at (N − C)/2 and (N + C)/2 + 1, rounded outwards.
//!
//! S and V are whole numbers; b and f are made anew at each step from that window's steps alone
//! and stand until the next, so no rounding can add up or make an answer waver between two
//! samples of a step. Must never look at the running step.

use std::cmp::Ordering;
use std::collections::VecDeque;

use super::Verdict;
use super::order::median;
use crate::trend::TrendLimits;

/// How many steps a window is cut into.
pub const STEPS: i64 = 60;
/// No step is shorter.
pub const STEP_MIN_MS: i64 = 1_000;
/// The most samples of one step that are looked at: its first ones, 8 s at 512 Hz.
pub const STEP_SAMPLES_MAX: usize = 4_096;

/// A whole step.
#[derive(Debug, Clone, Copy)]
struct Step {
    index: i64,
    /// Twice the median of its samples, which is whole.
    doubled: i64,
}

/// A line, in quanta and steps, with times from the running step's begin.
#[derive(Debug, Clone, Copy)]
struct Line {
    from_index: i64,
    slope: f64,
    level: f64,
    is_sure: bool,
}

/// When a target would be reached, from now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeTo {
    /// At the fitted slope.
    pub expected_ms: f64,
    /// At the steepest slope of the interval; none where the interval has no upper end.
    pub earliest_ms: Option<f64>,
    /// At the flattest slope of the interval; none where that does not rise.
    pub latest_ms: Option<f64>,
}

/// The Theil–Sen line over a window.
#[derive(Debug, Clone)]
pub struct TheilSen {
    step_ms: i64,
    count_max: i64,
    steps_min: usize,
    limits: TrendLimits,
    running: Option<i64>,
    samples: Vec<i32>,
    steps: VecDeque<Step>,
    line: Option<Line>,
}

impl TheilSen {
    /// The line over `window_ms`; `limits` are in quanta and standard deviations of S.
    pub fn new(window_ms: i64, steps_min: u32, limits: TrendLimits) -> Self {
        let step_ms = (window_ms / STEPS).max(STEP_MIN_MS);
        Self {
            step_ms,
            count_max: (window_ms / step_ms - 1).clamp(0, STEPS),
            steps_min: usize::try_from(steps_min).unwrap_or(usize::MAX).max(3),
            limits,
            running: None,
            samples: Vec::new(),
            steps: VecDeque::new(),
            line: None,
        }
    }

    /// Takes a sample in.
    pub fn take(&mut self, t_ms: i64, quanta: i32) {
        let index = t_ms.div_euclid(self.step_ms);
        if self.running != Some(index) {
            self.close();
            self.running = Some(index);
            while self.steps.front().is_some_and(|step| step.index < index - self.count_max) {
                self.steps.pop_front();
            }
            self.line = self.fit(index);
        }
        if self.samples.len() < STEP_SAMPLES_MAX {
            self.samples.push(quanta);
        }
    }

    fn close(&mut self) {
        let Some(index) = self.running else { return };
        self.samples.sort_unstable();
        let last = self.samples.len().saturating_sub(1);
        let at = |place: usize| self.samples.get(place).map_or(0, |quanta| i64::from(*quanta));
        let doubled = at(last / 2) + at(last.div_ceil(2));
        self.samples.clear();
        self.steps.push_back(Step { index, doubled });
    }

    /// The slopes between all pairs of steps, in quanta a step.
    fn slopes(&self) -> Vec<f64> {
        let n = self.steps.len();
        let mut slopes = Vec::with_capacity(n * n.saturating_sub(1) / 2);
        for (place, late) in self.steps.iter().enumerate() {
            slopes.extend(self.steps.iter().take(place).map(|early| {
                let (rise, run) = (late.doubled - early.doubled, late.index - early.index);
                rise as f64 / (2 * run) as f64
            }));
        }
        slopes
    }

    fn fit(&self, from_index: i64) -> Option<Line> {
        if self.steps.len() < self.steps_min {
            return None;
        }
        let slope = median(&mut self.slopes())?;
        let place = |step: &Step| (step.index - from_index) as f64 + 0.5;
        let mut levels: Vec<f64> =
            self.steps.iter().map(|s| s.doubled as f64 / 2.0 - slope * place(s)).collect();
        let level = median(&mut levels)?;
        let (sum, variance) = self.kendall();
        let z = self.limits.significance;
        let is_sure = slope > 0.0 && sum > 0 && (sum * sum) as f64 >= z * z * variance;
        Some(Line { from_index, slope, level, is_sure })
    }

    /// Kendall's S and its variance.
    fn kendall(&self) -> (i64, f64) {
        let mut sum = 0;
        for (place, late) in self.steps.iter().enumerate() {
            for early in self.steps.iter().take(place) {
                sum += match late.doubled.cmp(&early.doubled) {
                    Ordering::Greater => 1,
                    Ordering::Equal => 0,
                    Ordering::Less => -1,
                };
            }
        }
        let weight = |n: i64| n * (n - 1) * (2 * n + 5);
        let mut values: Vec<i64> = self.steps.iter().map(|step| step.doubled).collect();
        values.sort_unstable();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let ties: i64 = values.chunk_by(|a, b| a == b).map(|u| weight(count(u.len()))).sum();
        (sum, (weight(count(values.len())) - ties) as f64 / 18.0)
    }

    /// The fitted value at `t_ms`.
    fn fitted(&self, line: Line, t_ms: i64) -> f64 {
        let ahead_ms = t_ms - line.from_index * self.step_ms;
        line.level + line.slope * (ahead_ms as f64 / self.step_ms as f64)
    }

    /// What the line says at `t_ms`.
    pub fn verdict(&self, t_ms: i64, quanta: i32) -> Option<Verdict> {
        let line = self.line?;
        let fitted = self.fitted(line, t_ms);
        let room = self.limits.target - fitted;
        let is_near = room * self.step_ms as f64 <= self.limits.horizon_ms * line.slope;
        let rises = line.is_sure && room > 0.0 && is_near;
        Some(Verdict::new(rises, !rises, if rises { fitted } else { quanta.into() }))
    }

    /// When the line reaches the target, with the slope's interval of `z` standard deviations;
    /// none where it does not rise or is past the target.
    pub fn time_to(&self, t_ms: i64, z: f64) -> Option<TimeTo> {
        let line = self.line?;
        let room = self.limits.target - self.fitted(line, t_ms);
        if line.slope <= 0.0 || room <= 0.0 {
            return None;
        }
        let (flattest, steepest) = self.slope_interval(z);
        let after_ms = |slope: f64| (slope > 0.0).then(|| room / slope * self.step_ms as f64);
        Some(TimeTo {
            expected_ms: after_ms(line.slope)?,
            earliest_ms: steepest.and_then(after_ms),
            latest_ms: flattest.and_then(after_ms),
        })
    }

    /// The slope's interval in quanta a step; an end that lies outside all pairs is none.
    fn slope_interval(&self, z: f64) -> (Option<f64>, Option<f64>) {
        let mut slopes = self.slopes();
        slopes.sort_unstable_by(f64::total_cmp);
        let (_, variance) = self.kendall();
        let (pairs, spread) = (slopes.len() as f64, z * variance.sqrt());
        let at = |number: f64| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "≥ 1")]
            (number >= 1.0).then(|| slopes.get(number as usize - 1).copied()).flatten()
        };
        (at(f64::midpoint(pairs, -spread).floor()), at(f64::midpoint(pairs, spread).ceil() + 1.0))
    }

    /// Bytes held beside the value itself.
    pub fn bytes(&self) -> usize {
        self.samples.capacity() * size_of::<i32>() + self.steps.capacity() * size_of::<Step>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: TrendLimits =
        TrendLimits { target: 1_000.0, horizon_ms: 600_000.0, significance: 2.0 };

    /// Samples once a second, one a step.
    fn each_second(values: &[i32], limits: TrendLimits) -> TheilSen {
        let mut line = TheilSen::new(60_000, 3, limits);
        for (s, quanta) in (0..).zip(values) {
            line.take(s * 1_000, *quanta);
        }
        line
    }

    #[test]
    fn a_ramp_with_a_spike_by_hand() {
        // Steps 0 to 4 are whole: 10, 20, 990, 40, 50. Only pairs with the spike differ from 10.
        let line = each_second(&[10, 20, 990, 40, 50, 0], LIMITS);
        let mut slopes = line.slopes();
        slopes.sort_by(f64::total_cmp);
        let want = [-950.0, -470.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 490.0, 970.0];
        assert_eq!(slopes, want);
        // S: 8 pairs rise, 2 fall: 6. V = 5·4·15/18 = 16.67, Z = 1.47: not sure at 2.
        assert_eq!(line.kendall(), (6, 300.0 / 18.0));
        assert_eq!(line.verdict(5_000, 0).map(|v| v.raise), Some(false));
        // At 5 s: step middles at 0.5 s…; median of x − 10·t = 5; f = 5 + 10·5 = 55.
        let sure = TrendLimits { significance: 1.4, ..LIMITS };
        let line = each_second(&[10, 20, 990, 40, 50, 0], sure);
        let got = line.verdict(5_000, 0).unwrap();
        assert_eq!((got.raise, got.clear), (true, false));
        assert!((got.judged - 55.0).abs() < 1e-9, "{got:?}");
        // (1000 − 55) / 10 quanta a second = 94.5 s.
        let near = TrendLimits { horizon_ms: 94_501.0, ..sure };
        let far = TrendLimits { horizon_ms: 94_499.0, ..sure };
        let says = |limits| each_second(&[10, 20, 990, 40, 50, 0], limits).verdict(5_000, 0);
        assert!(says(near).unwrap().raise);
        assert!(says(far).unwrap().clear);
    }

    #[test]
    fn ties_and_medians_by_hand() {
        // 3 and 3 tie: V = (4·3·13 − 2·1·9) / 18 = 138/18; S = 5 of 6 pairs.
        let line = each_second(&[1, 3, 3, 4, 9], LIMITS);
        assert_eq!(line.kendall(), (5, 138.0 / 18.0));
        // Two samples a step: the median is between them.
        let mut line = TheilSen::new(60_000, 3, LIMITS);
        for (t_ms, quanta) in [(0, 1), (500, 4), (1_000, 7), (2_000, 8)] {
            line.take(t_ms, quanta);
        }
        let doubled: Vec<_> = line.steps.iter().map(|step| step.doubled).collect();
        assert_eq!(doubled, [5, 14]);
        assert_eq!(line.verdict(2_000, 8), None, "two steps are no line");
    }

    #[test]
    fn the_time_to_a_target_by_hand() {
        // Ten steps of 1 s: 0, 10, …, 90: at 10 s the line is at 95, 905 below: 90.5 s. All
        // slopes are 10, so the interval is one point.
        let ramp: Vec<i32> = (0..11).map(|i| i * 10).collect();
        let line = each_second(&ramp, LIMITS);
        let got = line.time_to(10_000, 1.96).unwrap();
        assert!((got.expected_ms - 90_500.0).abs() < 1e-6, "{got:?}");
        assert_eq!(
            (got.earliest_ms, got.latest_ms),
            (Some(got.expected_ms), Some(got.expected_ms))
        );
        // N = 10, V = 16.67, z = 1: C = 4.08, numbers 2.96 and 8.04 outwards: 2 and 9 of 10.
        let line = each_second(&[10, 20, 990, 40, 50, 0], LIMITS);
        assert_eq!(line.slope_interval(1.0), (Some(-470.0), Some(490.0)));
        assert_eq!(line.time_to(5_000, 1.0).unwrap().latest_ms, None, "the flattest falls");
        assert_eq!(line.slope_interval(3.0), (None, None));
    }

    /// The definition over the whole list of samples.
    fn by_hand(all: &[(i64, i32)], window_ms: i64, limits: &TrendLimits) -> Option<(bool, f64)> {
        let (t_ms, newest) = *all.last()?;
        let step_ms = (window_ms / 60).max(1_000);
        let mut points = Vec::new();
        for back in 1..window_ms / step_ms {
            let begin_ms = t_ms - t_ms.rem_euclid(step_ms) - back * step_ms;
            assert!(begin_ms > t_ms - window_ms, "inside the window");
            let of_step = |at: i64| at >= begin_ms && at < begin_ms + step_ms;
            let mut x: Vec<_> = all.iter().filter(|s| of_step(s.0)).map(|s| s.1).collect();
            x.sort_unstable();
            if !x.is_empty() {
                let middle = f64::from(x[(x.len() - 1) / 2]) + f64::from(x[x.len() / 2]);
                points.push(((begin_ms - t_ms) as f64 + step_ms as f64 / 2.0, middle / 2.0));
            }
        }
        if points.len() < 3 {
            return None;
        }
        let middle = |v: &mut Vec<f64>| {
            v.sort_by(f64::total_cmp);
            f64::midpoint(v[(v.len() - 1) / 2], v[v.len() / 2])
        };
        let (mut slopes, mut sum, mut ties) = (Vec::new(), 0.0, 0.0);
        for (i, a) in points.iter().enumerate() {
            for b in &points[..i] {
                slopes.push((a.1 - b.1) / (a.0 - b.0));
                sum += (b.1 - a.1).partial_cmp(&0.0).map_or(0.0, |o| f64::from(o as i8));
            }
            // Each of u equal ones gives a u-th of the group's share.
            let u = points.iter().filter(|b| b.1.total_cmp(&a.1).is_eq()).count() as f64;
            ties += (u - 1.0) * (2.0 * u + 5.0);
        }
        let n = points.len() as f64;
        // Points go backwards in time: a is earlier than b.
        let z = sum / ((n * (n - 1.0) * (2.0 * n + 5.0) - ties) / 18.0).sqrt();
        let slope = middle(&mut slopes);
        let fitted = middle(&mut points.iter().map(|p| p.1 - slope * p.0).collect());
        let room = limits.target - fitted;
        let is_near = room > 0.0 && room <= limits.horizon_ms * slope;
        let rises = slope > 0.0 && z >= limits.significance && is_near;
        Some((rises, if rises { fitted } else { newest.into() }))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn as_the_definition_says(
            steps in prop::collection::vec((1i64..9_000, 0i32..600), 1..150),
            slope in -2i32..20,
            window_ms in 20_000i64..400_000,
        ) {
            // An uneven significance and target: no tie can hang on rounding.
            let limits =
                TrendLimits { target: 1_500.123, horizon_ms: 654_321.5, significance: 2.345 };
            let mut line = TheilSen::new(window_ms, 3, limits);
            let mut all = Vec::new();
            let mut t_ms = 1_767_225_600_000;
            for (i, (gap_ms, noise)) in (0i32..).zip(steps) {
                t_ms += gap_ms;
                let quanta = noise / 10 + i * slope;
                line.take(t_ms, quanta);
                all.push((t_ms, quanta));
                let got = line.verdict(t_ms, quanta);
                let want = by_hand(&all, window_ms, &limits);
                prop_assert_eq!(got.map(|v| v.raise), want.map(|w| w.0));
                if let (Some(got), Some(want)) = (got, want) {
                    prop_assert!((got.judged - want.1).abs() < 1e-6, "{got:?} {want:?}");
                }
            }
        }
    }
}
