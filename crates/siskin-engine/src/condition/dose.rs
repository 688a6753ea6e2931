//! Toxic load after ten Berge et al. 1986: ∫ Cⁿ dt against limits of the shape "this level for this
//! long" (AEGL).
//!
//! C is max(0, x), held from a sample to the next but at most `hold` (60 s, or the rule's gap where
//! that is longer): beyond that a silence adds nothing. For each point (T, L):
//! fraction = (1/T · ∫ over (t − T, t] of (C/L)ⁿ dt)^(1/n), and the largest fraction counts. Raise
//! at `raise_at` or more, clear below `clear_below`. Shown with an alarm: fraction·L against
//! `raise_at`·L of that point, in the channel's unit.
//! n is `exponent`, or each point's own: ln(T₂/T₁) / ln(L₁/L₂) of the point and the next one (the
//! last: of the one before and itself), within 1 to 8; a single point: 1. Which n holds for a gas
//! is for the source of its limits to say; n from two points is an approximation of ours
//! (unverified).
//!
//! T is cut into steps of T/360, at least 10 s; all that a sample's hold adds is booked in the step
//! of that sample. The oldest step counts by the share of it that is still inside (t − T, t]. So a
//! steady level gives its exact fraction, and other courses are off by less than one step of T.
//! Sums are made afresh at each step, in the same order, from the window's steps alone: no drift,
//! and the same samples give the same numbers. It needs the past of T and one step.
//!
//! Raising needs no coverage: what was measured is a lower bound of the load. Clearing needs
//! samples over half of the shortest T, so that silence alone never clears.

use super::Verdict;
use crate::rule::DosePoint;

/// The most steps of one point.
pub const STEPS_MAX: i64 = 360;
/// No step is shorter, where T is not.
pub const STEP_MIN_MS: i64 = 10_000;
/// A value holds for this long, or for the rule's gap where that is longer.
pub const HOLD_MS: i64 = 60_000;
/// n that can be told from two points lies in this range.
pub const EXPONENT_RANGE: (f64, f64) = (1.0, 8.0);
/// Share of the shortest point's time that must be covered before an alarm may clear.
pub const COVER_MIN: f64 = 0.5;

/// Length of a point's step.
pub const fn step_ms(duration_ms: i64) -> i64 {
    let count = step_count(duration_ms);
    (duration_ms + count - 1) / count
}

const fn step_count(duration_ms: i64) -> i64 {
    let count = duration_ms / STEP_MIN_MS;
    if count < 1 {
        1
    } else if count > STEPS_MAX {
        STEPS_MAX
    } else {
        count
    }
}

/// What a step holds: (C/L)ⁿ·dt in milliseconds, and how long was covered.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Booked {
    load: f64,
    covered_ms: i64,
}

impl Booked {
    fn plus(self, other: Self) -> Self {
        Self { load: self.load + other.load, covered_ms: self.covered_ms + other.covered_ms }
    }
}

/// One point's window.
#[derive(Debug, Clone)]
struct Window {
    limit: f64,
    exponent: f64,
    step_ms: i64,
    running: i64,
    /// The running step and as many before it as T has; number k at k mod length.
    steps: Vec<Booked>,
    /// The steps before the running one that are wholly inside.
    whole: Booked,
}

impl Window {
    fn new(duration_ms: i64, limit: f64, exponent: f64) -> Self {
        let count = usize::try_from(step_count(duration_ms)).unwrap_or(1);
        Self {
            limit,
            exponent,
            step_ms: step_ms(duration_ms).max(1),
            running: i64::MIN,
            steps: vec![Booked::default(); count + 1],
            whole: Booked::default(),
        }
    }

    fn count(&self) -> i64 {
        i64::try_from(self.steps.len()).unwrap_or(i64::MAX)
    }

    fn slot(&self, index: i64) -> usize {
        usize::try_from(index.rem_euclid(self.count())).unwrap_or(0)
    }

    fn at(&self, index: i64) -> Booked {
        self.steps.get(self.slot(index)).copied().unwrap_or_default()
    }

    /// Books what the last sample's hold adds, in its step, which is the running one.
    fn book(&mut self, quanta: i32, held_ms: i64) {
        let share = f64::from(quanta.max(0)) / self.limit;
        let load = share.powf(self.exponent) * held_ms as f64;
        let slot = self.slot(self.running);
        if let Some(step) = self.steps.get_mut(slot) {
            *step = step.plus(Booked { load, covered_ms: held_ms });
        }
    }

    /// Time has come to `t_ms`.
    fn advance(&mut self, t_ms: i64) {
        let index = t_ms.div_euclid(self.step_ms);
        if index == self.running {
            return;
        }
        let oldest_new = self.running.saturating_add(1).max(index - self.count() + 1);
        for new in oldest_new..=index {
            let slot = self.slot(new);
            if let Some(step) = self.steps.get_mut(slot) {
                *step = Booked::default();
            }
        }
        self.running = index;
        let inside = index - self.count() + 2..index;
        self.whole = inside.map(|index| self.at(index)).fold(Booked::default(), Booked::plus);
    }

    /// (fraction)ⁿ at `t_ms`, and the share of T that is covered.
    fn filled(&self, t_ms: i64) -> (f64, f64) {
        let into = t_ms.rem_euclid(self.step_ms) as f64 / self.step_ms as f64;
        let oldest = self.at(self.running - self.count() + 1);
        let inside = self.whole.plus(self.at(self.running));
        let span_ms = (self.step_ms * (self.count() - 1)) as f64;
        let load = inside.load + oldest.load * (1.0 - into);
        let covered_ms = inside.covered_ms as f64 + oldest.covered_ms as f64 * (1.0 - into);
        (load / span_ms, covered_ms / span_ms)
    }
}

/// The load against all points.
#[derive(Debug, Clone)]
pub struct Dose {
    windows: Vec<Window>,
    hold_ms: i64,
    raise_at: f64,
    clear_below: f64,
    last: Option<(i64, i32)>,
}

impl Dose {
    /// `points` with limits in quanta and in order of duration; raises at the fraction `raise_at`.
    pub fn new(
        points: &[DosePoint],
        exponent: Option<f64>,
        gap_ms: i64,
        (raise_at, clear_below): (f64, f64),
    ) -> Self {
        let windows = points.iter().enumerate().map(|(place, point)| {
            let n = exponent.unwrap_or_else(|| own_exponent(points, place));
            Window::new(point.duration_ms, point.limit, n)
        });
        let windows = windows.collect();
        Self { windows, hold_ms: gap_ms.max(HOLD_MS), raise_at, clear_below, last: None }
    }

    /// Takes a sample in.
    pub fn take(&mut self, t_ms: i64, quanta: i32) {
        let last = self.last.replace((t_ms, quanta));
        for window in &mut self.windows {
            if let Some((last_ms, before)) = last {
                window.book(before, (t_ms - last_ms).min(self.hold_ms));
            }
            window.advance(t_ms);
        }
    }

    /// What the load up to `t_ms` says.
    pub fn verdict(&self, t_ms: i64) -> Option<Verdict> {
        let fraction = |window: &Window| window.filled(t_ms).0.powf(1.0 / window.exponent);
        let fractions = self.windows.iter().map(|window| (fraction(window), window.limit));
        let (largest, limit) = fractions.max_by(|a, b| a.0.total_cmp(&b.0))?;
        let raise = largest >= self.raise_at;
        let covered = self.windows.first().map_or(0.0, |shortest| shortest.filled(t_ms).1);
        if !raise && covered < COVER_MIN {
            return None;
        }
        let verdict = Verdict::new(raise, largest < self.clear_below, largest * limit);
        Some(verdict.against(self.raise_at * limit))
    }

    /// Bytes held beside the value itself.
    pub fn bytes(&self) -> usize {
        let steps: usize = self.windows.iter().map(|window| window.steps.capacity()).sum();
        self.windows.capacity() * size_of::<Window>() + steps * size_of::<Booked>()
    }
}

/// n of a point from its neighbour.
fn own_exponent(points: &[DosePoint], place: usize) -> f64 {
    let early = place.min(points.len().saturating_sub(2));
    let (Some(a), Some(b)) = (points.get(early), points.get(early + 1)) else {
        return 1.0;
    };
    let (low, high) = EXPONENT_RANGE;
    let times = (b.duration_ms as f64 / a.duration_ms as f64).ln();
    let levels = (a.limit / b.limit).ln();
    // Equal levels at both times: as steep as can be.
    if levels > 0.0 { (times / levels).clamp(low, high) } else { high }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE_MS: i64 = 60_000;

    fn points(list: &[(i64, f64)]) -> Vec<DosePoint> {
        let point = |&(minutes, limit)| DosePoint { duration_ms: minutes * MINUTE_MS, limit };
        list.iter().map(point).collect()
    }

    #[test]
    fn exponents_by_hand() {
        // 280 for 10 min, 140 for 40 min: ln 4 / ln 2 = 2; 140 and 140: the largest, 8.
        let list = points(&[(10, 280.0), (40, 140.0), (60, 140.0)]);
        let own: Vec<f64> = (0..3).map(|place| own_exponent(&list, place)).collect();
        assert!((own[0] - 2.0).abs() < 1e-12, "{own:?}");
        assert_eq!(own[1..], [8.0, 8.0]);
        assert!((own_exponent(&list[..1], 0) - 1.0).abs() < 1e-12);
        assert!((own_exponent(&list[..2], 1) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_steady_level_by_hand() {
        // 100 for 10 min with n = 2: at 100 the whole limit is used up after 10 min, at 200 after
        // 2.5 min: (2² · 2.5 / 10)^½ = 1.
        let says = |level: i32| {
            let limits = points(&[(10, 100.0)]);
            let mut dose = Dose::new(&limits, Some(2.0), 30_000, (1.0, 0.9));
            let raised = (0..1_200i64).find(|s| {
                dose.take(s * 1_000, level);
                dose.verdict(s * 1_000).is_some_and(|v| v.raise)
            });
            (raised, dose.verdict(1_199_000).unwrap().judged)
        };
        assert_eq!(says(200).0, Some(150));
        assert_eq!(says(100).0, Some(600));
        assert_eq!(says(99).0, None);
        assert!((says(99).1 - 99.0).abs() < 1e-9, "a steady level is its own equivalent");
    }

    #[test]
    fn silence_adds_a_hold_and_clears_nothing() {
        let limits = points(&[(10, 100.0)]);
        let mut dose = Dose::new(&limits, Some(1.0), 30_000, (1.0, 0.5));
        dose.take(0, 1_000);
        dose.take(60_000, 1_000);
        assert!(dose.verdict(60_000).unwrap().raise, "1000 for 1 min is 100 for 10 min");
        // An hour of silence: the first minute of it counted, and all of that is over.
        dose.take(3_660_000, 0);
        assert_eq!(dose.verdict(3_660_000), None, "nothing was measured lately");
        let cleared = (1..600i64).find(|s| {
            dose.take(3_660_000 + s * 1_000, 0);
            dose.verdict(3_660_000 + s * 1_000).is_some_and(|v| v.clear)
        });
        assert_eq!(cleared, Some(300), "half of 10 min is covered");
    }

    /// The definition over the whole list: every hold in its sample's step, the oldest by share.
    fn by_hand(all: &[(i64, i32)], point: &DosePoint, n: f64) -> f64 {
        let (t_ms, _) = *all.last().unwrap();
        let step_ms = (point.duration_ms / 360).max(10_000);
        let mut load = 0.0;
        for pair in all.windows(2) {
            let ((at_ms, quanta), held_ms) = (pair[0], (pair[1].0 - pair[0].0).min(60_000));
            let begin_ms = at_ms - at_ms.rem_euclid(step_ms);
            let left_ms = begin_ms + step_ms - (t_ms - point.duration_ms);
            let inside = left_ms.clamp(0, step_ms) as f64 / step_ms as f64;
            load += (f64::from(quanta.max(0)) / point.limit).powf(n) * held_ms as f64 * inside;
        }
        (load / point.duration_ms as f64).powf(1.0 / n)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn as_the_definition_says(
            samples in prop::collection::vec((1i64..90_000, -200i32..3_000), 2..250),
            n in 1.0..4.0f64,
        ) {
            let limits = points(&[(10, 900.0), (30, 700.0), (120, 500.0)]);
            let mut dose = Dose::new(&limits, Some(n), 30_000, (1.0, 0.9));
            let mut all = Vec::new();
            let mut t_ms = 1_767_225_600_000;
            for (gap_ms, quanta) in samples {
                t_ms += gap_ms;
                dose.take(t_ms, quanta);
                all.push((t_ms, quanta));
                let fractions = limits.iter().map(|point| by_hand(&all, point, n));
                let want = fractions.fold(0.0, f64::max);
                let Some(got) = dose.verdict(t_ms) else {
                    prop_assert!(want < 1.0 + 1e-9, "{want}");
                    continue;
                };
                prop_assert!(got.raise == (want >= 1.0) || (want - 1.0).abs() < 1e-9, "{want}");
                prop_assert!(got.clear == (want < 0.9) || (want - 0.9).abs() < 1e-9, "{want}");
                prop_assert!((got.judged / got.limit.unwrap() - want).abs() < 1e-9, "{want}");
            }
        }

        /// The plain integral over (t − T, t] lies between those of one step less and one more,
        /// but for what one hold may reach over a step's end.
        #[test]
        fn close_to_the_plain_integral(
            values in prop::collection::vec(0i32..2_000, 700..1_500), minutes in 1i64..20,
        ) {
            let limits = points(&[(minutes, 100.0)]);
            let mut dose = Dose::new(&limits, Some(1.0), 30_000, (1.0, 0.9));
            let duration_s = minutes * 60;
            let sum = |to: usize, s: i64| -> f64 {
                let from = to.saturating_sub(usize::try_from(s).unwrap());
                values[from..to].iter().map(|q| f64::from(*q)).sum::<f64>() / duration_s as f64
            };
            for (s, quanta) in values.iter().enumerate() {
                let t_ms = i64::try_from(s).unwrap() * 1_000;
                dose.take(t_ms, *quanta);
                let Some(got) = dose.verdict(t_ms) else { continue };
                prop_assert!(got.judged >= sum(s, duration_s - 10) - 1e-6);
                prop_assert!(got.judged <= sum(s, duration_s + 10) + 1e-6);
            }
        }
    }
}
