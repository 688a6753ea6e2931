//! A channel's own quiet level b and its noise s.
//!
//! From the means mᵢ of the whole steps in the window before the running step (see
//! [`super::steps`]), where at least `steps_min` of them have a sample:
//! b = the quantile q of mᵢ, at place q·(n − 1) in order with a straight line between whole places;
//! s = 1.4826 · median |mᵢ − mᵢ₋₁| / √2 over neighbours among the steps with a sample, at least
//! `noise_min` and at least what rounding to whole quanta makes, 1/√12;
//! φ = Σ (mᵢ − m̄)(mᵢ₋₁ − m̄) / Σ (mᵢ − m̄)², within 0 to 0.95.
//!
//! While the alarm is raised, b, s and φ stand still, at most `freeze_max` long from the raise on;
//! steps are recorded all the same. When the alarm ends or that time is over, they are made from
//! the window at once: what an earlier alarm froze leaves no trace.
//! Made anew at each step, from nothing but the window's means; one b stands for a whole step, so
//! comparing whole quanta with it cannot waver. Must never take a level from fewer steps.

use super::order::{median, quantile};
use super::steps::Steps;
use crate::quantum::Quantum;
use crate::rule::Baseline;

/// Median absolute difference to standard deviation, for a normal distribution.
const DEVIATION_OF_MEDIAN: f64 = 1.482_6;
/// Standard deviation that rounding to whole numbers makes: 1/√12.
const NOISE_OF_ROUNDING: f64 = 0.288_675_134_594_812_9;
/// Largest φ: nearer to 1 the whitened signal would be its differences alone.
pub const WHITEN_MAX: f64 = 0.95;

/// A quiet level, in quanta.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// b.
    pub base: f64,
    /// s, above zero.
    pub noise: f64,
    /// φ.
    pub whiten: f64,
}

/// The quiet level with what it is made from.
#[derive(Debug, Clone)]
pub struct Quiet {
    steps: Steps,
    quantile: f64,
    steps_min: usize,
    freeze_max_ms: i64,
    noise_min: f64,
    /// Since when the alarm is raised.
    raised_ms: Option<i64>,
    last_ms: Option<i64>,
    is_frozen: bool,
    level: Option<Level>,
}

impl Quiet {
    /// The quiet level of a channel; `factor` turns the rule's unit into the channel's.
    pub fn new(baseline: &Baseline, quantum: Quantum, factor: f64) -> Self {
        let noise_min = quantum.scaled(baseline.noise_min * factor);
        Self {
            steps: Steps::new(baseline.window_ms, baseline.step_ms),
            quantile: baseline.quantile,
            steps_min: usize::try_from(baseline.steps_min).unwrap_or(usize::MAX).max(2),
            freeze_max_ms: baseline.freeze_max_ms,
            noise_min: noise_min.max(NOISE_OF_ROUNDING),
            raised_ms: None,
            last_ms: None,
            is_frozen: false,
            level: None,
        }
    }

    /// Takes a sample in; `is_raised`: the alarm is raised before it.
    pub fn take(&mut self, t_ms: i64, quanta: i32, is_raised: bool) {
        let begins_step = self.steps.take(t_ms, quanta);
        // An alarm is raised at a sample; the first one that finds it raised is the next.
        let last_ms = self.last_ms.replace(t_ms).unwrap_or(t_ms);
        self.raised_ms = is_raised.then(|| self.raised_ms.unwrap_or(last_ms));
        let is_young = self.raised_ms.is_some_and(|at_ms| t_ms - at_ms < self.freeze_max_ms);
        let was_frozen = self.is_frozen;
        self.is_frozen = is_young && self.level.is_some();
        if !self.is_frozen && (begins_step || was_frozen) {
            self.level = self.make();
        }
    }

    /// The alarm was raised at `at_ms`, before the first sample that is taken in.
    pub fn raised_since(&mut self, at_ms: i64) {
        self.raised_ms = Some(at_ms);
    }

    /// The level that holds now; none with too few steps.
    pub fn level(&self) -> Option<Level> {
        self.level
    }

    /// Bytes held beside the value itself.
    pub fn bytes(&self) -> usize {
        self.steps.bytes()
    }

    #[cold]
    fn make(&self) -> Option<Level> {
        let means = self.steps.whole().map(|step| step.mean);
        if means.len() < self.steps_min {
            return None;
        }
        let neighbours = || means.clone().zip(means.clone().skip(1));
        let mut leaps: Vec<f64> = neighbours().map(|(a, b)| (b - a).abs()).collect();
        let leap = median(&mut leaps).unwrap_or(0.0);
        let noise = DEVIATION_OF_MEDIAN * leap * std::f64::consts::FRAC_1_SQRT_2;
        let average = means.clone().sum::<f64>() / means.len() as f64;
        let along: f64 = neighbours().map(|(a, b)| (a - average) * (b - average)).sum();
        let spread: f64 = means.clone().map(|mean| (mean - average).powi(2)).sum();
        let whiten = if spread > 0.0 { along / spread } else { 0.0 };
        let base = quantile(&mut means.collect::<Vec<_>>(), self.quantile)?;
        let noise = noise.max(self.noise_min);
        Some(Level { base, noise, whiten: whiten.clamp(0.0, WHITEN_MAX) })
    }
}

/// The definition over a whole list of samples, each with whether the alarm was raised before it.
#[cfg(test)]
pub(super) fn by_hand(all: &[(i64, i32, bool)], rule: &Baseline, place: usize) -> Option<Level> {
    let (t_ms, _, is_raised) = all[place];
    if is_raised {
        // The alarm was raised at the last sample before those that find it raised; the level
        // there stands, while young.
        let raise = all[..=place].iter().rposition(|s| !s.2).unwrap_or(0);
        if t_ms - all[raise].0 < rule.freeze_max_ms {
            // A level that came only during the alarm stands from there on.
            let mut levels = (raise..=place).map(|at| of_window(all, rule, at));
            return levels.find(Option::is_some).flatten();
        }
    }
    of_window(all, rule, place)
}

#[cfg(test)]
fn of_window(all: &[(i64, i32, bool)], rule: &Baseline, place: usize) -> Option<Level> {
    let now = all[place].0.div_euclid(rule.step_ms);
    let mut means: Vec<f64> = Vec::new();
    for index in now - rule.window_ms / rule.step_ms..now {
        let of_step = |s: &&(i64, i32, bool)| s.0.div_euclid(rule.step_ms) == index;
        let x: Vec<_> = all.iter().filter(of_step).map(|s| f64::from(s.1)).collect();
        if !x.is_empty() {
            means.push(x.iter().sum::<f64>() / x.len() as f64);
        }
    }
    if means.len() < rule.steps_min as usize {
        return None;
    }
    let at = |mut v: Vec<f64>, q: f64| {
        v.sort_by(f64::total_cmp);
        let place = q * (v.len() - 1) as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        v[low] * (1.0 - place.fract()) + v[high] * place.fract()
    };
    let leaps = means.windows(2).map(|w| (w[1] - w[0]).abs()).collect();
    let noise = (1.4826 * at(leaps, 0.5) / 2f64.sqrt()).max(rule.noise_min).max(1.0 / 12f64.sqrt());
    let m = means.iter().sum::<f64>() / means.len() as f64;
    let spread: f64 = means.iter().map(|x| (x - m) * (x - m)).sum();
    let along: f64 = means.windows(2).map(|w| (w[0] - m) * (w[1] - m)).sum();
    let whiten = if spread > 0.0 { (along / spread).clamp(0.0, 0.95) } else { 0.0 };
    Some(Level { base: at(means, rule.quantile), noise, whiten })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Quanta are the unit.
    fn quantum() -> Quantum {
        Quantum::of_resolution(10.0)
    }

    const RULE: Baseline = Baseline {
        window_ms: 50_000,
        step_ms: 10_000,
        quantile: 0.25,
        steps_min: 3,
        freeze_max_ms: 100_000,
        noise_min: 1.0,
    };

    #[test]
    fn a_level_by_hand() {
        let mut quiet = Quiet::new(&RULE, quantum(), 1.0);
        for (s, quanta) in (0..).zip([10, 14, 12, 20, 16]) {
            assert_eq!(quiet.level().is_some(), s > 3, "{s}: three whole steps make a level");
            quiet.take(s * 10_000, quanta, false);
        }
        // Steps 10, 14, 12, 20: place 0.75 in 10, 12, 14, 20 is 11.5; leaps 4, 2, 8 have the
        // median 4: s = 1.4826·4/√2 = 4.1934. Average 14: Σ neighbours (−4·0 + 0·−2 − 2·6) < 0.
        let level = quiet.level().unwrap();
        assert!((level.base - 11.5).abs() < 1e-12);
        assert!((level.noise - 4.193_426).abs() < 1e-5);
        assert!(level.whiten.abs() < 1e-12);
    }

    #[test]
    fn an_alarm_freezes_the_level_for_a_time() {
        let mut quiet = Quiet::new(&RULE, quantum(), 1.0);
        let base = |quiet: &Quiet| quiet.level().map(|level| level.base);
        for s in 0..5 {
            quiet.take(s * 10_000, 10, false);
        }
        for s in 5..14 {
            quiet.take(s * 10_000, 100, true);
            assert_eq!(base(&quiet), Some(10.0), "{s}");
        }
        quiet.take(140_000, 100, true);
        assert_eq!(base(&quiet), Some(100.0), "100 s since the raise at 40 s are over");
        // The end of an alarm thaws at once, in the middle of a step.
        let mut quiet = Quiet::new(&RULE, quantum(), 1.0);
        for s in 0..10 {
            quiet.take(s * 10_000, if s < 5 { 10 } else { 100 }, s >= 5);
        }
        assert_eq!(base(&quiet), Some(10.0));
        quiet.take(91_000, 100, false);
        assert_eq!(base(&quiet), Some(100.0), "steps 4 to 8: 10, 100, 100, 100, 100");
    }

    #[test]
    fn made_anew_during_an_old_alarm_nothing_is_frozen() {
        // Raised at 0 s, then silence until 200 s: by then nothing stands still any more. Made
        // anew, the samples begin after the silence; the record says since when the alarm is
        // raised.
        let mut whole = Quiet::new(&RULE, quantum(), 1.0);
        whole.take(0, 10, false);
        let mut anew = Quiet::new(&RULE, quantum(), 1.0);
        anew.raised_since(0);
        for s in 20..30i32 {
            whole.take(i64::from(s) * 10_000, s, true);
            anew.take(i64::from(s) * 10_000, s, true);
            assert_eq!(anew.level(), whole.level(), "{s}");
        }
        // Steps 24 to 28: place 1 in order.
        assert_eq!(anew.level().map(|level| level.base), Some(25.0));
    }

    proptest! {
        #[test]
        fn as_the_definition_says(
            samples in prop::collection::vec((1i64..15_000, -300i32..300), 2..150),
            raised in prop::collection::vec((0usize..150, 1usize..30), 0..4),
        ) {
            let mut all = Vec::new();
            let mut t_ms = 1_767_225_600_000;
            for (place, (gap_ms, quanta)) in samples.into_iter().enumerate() {
                t_ms += gap_ms;
                let is_raised = raised.iter().any(|(at, n)| (*at..at + n).contains(&place));
                all.push((t_ms, quanta, is_raised));
            }
            let mut quiet = Quiet::new(&RULE, quantum(), 1.0);
            for (place, (t_ms, quanta, is_raised)) in all.iter().enumerate() {
                quiet.take(*t_ms, *quanta, *is_raised);
                let (got, want) = (quiet.level(), by_hand(&all, &RULE, place));
                prop_assert_eq!(got.is_some(), want.is_some());
                let (Some(got), Some(want)) = (got, want) else { continue };
                prop_assert!((got.base - want.base).abs() < 1e-9, "{got:?} {want:?}");
                prop_assert!((got.noise - want.noise).abs() < 1e-9, "{got:?} {want:?}");
                prop_assert!((got.whiten - want.whiten).abs() < 1e-9, "{got:?} {want:?}");
            }
        }
    }
}
