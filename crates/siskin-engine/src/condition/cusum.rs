//! Small lasting shifts, after Page 1954: a sum of what is more than expected.
//!
//! With b, s, φ of [`super::baseline`] (or a given φ), for every sample x with the sample x′ before
//! it at most two steps ago: e = ((x − b) − φ·(x′ − b)) / s; without such an x′: e = (x − b) / s.
//! Term = min(e − `allowance`, `clip`), rounded to whole thousandths of a noise.
//! S = the largest sum of terms from any sample on to the newest one, at least 0, beginning in the
//! last `memory`: memory is cut into at most 256 equal bins of event time, and a sum may begin in
//! the running bin or in those before it that lie wholly inside (t − memory, t].
//! Raise while S ≥ `raise_at`, clear while S < `clear_below`. Not valid without a baseline; samples
//! without one add nothing. Shown with an alarm: S·s against `raise_at`·s, in the channel's unit.
//!
//! Sums are of whole numbers and only their differences count, so S is exact and depends on the
//! samples inside the memory alone. Must never let a sum reach further back.

use std::collections::VecDeque;

use super::Verdict;
use super::baseline::Quiet;
use crate::rule::Baseline;

/// How many bins the memory is cut into; also the most minima that are kept.
pub const BINS: i64 = 256;
/// No single term counts more than this many noises either way.
pub const TERM_MAX: f64 = 1e6;
/// A neighbour this many steps ago still whitens.
const WHITEN_STEPS: i64 = 2;
/// Whole numbers in one noise.
const PER_NOISE: f64 = 1_000.0;

/// When and at what a sum is judged, in noises.
#[derive(Debug, Clone, Copy)]
pub struct CusumLimits {
    /// How long a sum may reach back.
    pub memory_ms: i64,
    /// φ; none: the baseline's own.
    pub whiten: Option<f64>,
    /// What is taken off every term.
    pub allowance: f64,
    /// No single term counts more.
    pub clip: f64,
    /// Raise at S of this or more.
    pub raise_at: f64,
    /// Clear at S below this.
    pub clear_below: f64,
}

/// The sum of all terms before a sample.
#[derive(Debug, Clone, Copy)]
struct Before {
    bin: i64,
    sum: i64,
}

/// A windowed sum over the quiet level.
#[derive(Debug, Clone)]
pub struct Cusum {
    quiet: Quiet,
    limits: CusumLimits,
    near_ms: i64,
    bin_ms: i64,
    bins: i64,
    last: Option<(i64, i32)>,
    /// Sum of all terms; only differences of it are used.
    sum: i64,
    /// Sums before the samples that a sum may begin with: rising, one a bin at most.
    minima: VecDeque<Before>,
}

impl Cusum {
    /// A sum over the quiet level of `baseline`.
    pub fn new(quiet: Quiet, baseline: &Baseline, limits: CusumLimits) -> Self {
        // Rounded up, so that there are at most as many bins.
        let bin_ms = ((limits.memory_ms + BINS - 1) / BINS).max(1);
        Self {
            quiet,
            limits,
            near_ms: WHITEN_STEPS.saturating_mul(baseline.step_ms),
            bin_ms,
            bins: (limits.memory_ms / bin_ms).max(1),
            last: None,
            sum: 0,
            minima: VecDeque::new(),
        }
    }

    /// The alarm was raised at `at_ms`, before the first sample that is taken in.
    pub fn raised_since(&mut self, at_ms: i64) {
        self.quiet.raised_since(at_ms);
    }

    /// Takes a sample in; `is_raised`: the alarm is raised before it.
    pub fn take(&mut self, t_ms: i64, quanta: i32, is_raised: bool) {
        self.quiet.take(t_ms, quanta, is_raised);
        let bin = t_ms.div_euclid(self.bin_ms);
        while self.minima.front().is_some_and(|before| before.bin <= bin - self.bins) {
            self.minima.pop_front();
        }
        if let Some(term) = self.term(t_ms, quanta) {
            self.begin(bin);
            self.sum += term;
        }
        self.last = Some((t_ms, quanta));
    }

    /// Lets sums begin with the sample that comes next.
    fn begin(&mut self, bin: i64) {
        while self.minima.back().is_some_and(|before| before.sum >= self.sum) {
            self.minima.pop_back();
        }
        if self.minima.back().is_none_or(|before| before.bin < bin) {
            self.minima.push_back(Before { bin, sum: self.sum });
        }
    }

    fn term(&self, t_ms: i64, quanta: i32) -> Option<i64> {
        let level = self.quiet.level()?;
        let above = f64::from(quanta) - level.base;
        let whiten = self.limits.whiten.unwrap_or(level.whiten);
        let near = self.last.filter(|(at_ms, _)| t_ms - at_ms <= self.near_ms);
        let expected = near.map_or(0.0, |(_, before)| whiten * (f64::from(before) - level.base));
        let excess = (above - expected) / level.noise - self.limits.allowance;
        let term = excess.min(self.limits.clip).clamp(-TERM_MAX, TERM_MAX);
        Some(whole(term))
    }

    /// S in whole thousandths.
    fn largest(&self) -> i64 {
        self.minima.front().map_or(0, |before| (self.sum - before.sum).max(0))
    }

    /// What the sum up to the newest sample says.
    pub fn verdict(&self) -> Option<Verdict> {
        let noise = self.quiet.level()?.noise;
        let largest = self.largest();
        let raise = largest >= whole(self.limits.raise_at);
        let clear = largest < whole(self.limits.clear_below);
        let judged = largest as f64 / PER_NOISE * noise;
        Some(Verdict::new(raise, clear, judged).against(self.limits.raise_at * noise))
    }

    /// Bytes held beside the value itself.
    pub fn bytes(&self) -> usize {
        self.quiet.bytes() + self.minima.capacity() * size_of::<Before>()
    }
}

/// Noises in whole thousandths.
#[expect(clippy::cast_possible_truncation, reason = "`as` stops at the ends of i64")]
fn whole(noises: f64) -> i64 {
    (noises * PER_NOISE).round() as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::baseline::by_hand;
    use super::*;
    use crate::quantum::Quantum;

    const RULE: Baseline = Baseline {
        window_ms: 100_000,
        step_ms: 10_000,
        quantile: 0.5,
        steps_min: 2,
        freeze_max_ms: 60_000,
        noise_min: 10.0,
    };
    const LIMITS: CusumLimits = CusumLimits {
        memory_ms: 512_000,
        whiten: Some(0.5),
        allowance: 0.5,
        clip: 4.0,
        raise_at: 5.0,
        clear_below: 2.0,
    };

    fn cusum(limits: CusumLimits) -> Cusum {
        let quiet = Quiet::new(&RULE, Quantum::of_resolution(10.0), 1.0);
        Cusum::new(quiet, &RULE, limits)
    }

    #[test]
    fn a_shift_by_hand() {
        let mut kind = cusum(LIMITS);
        let mut says = |s: i64, quanta| {
            kind.take(s * 1_000, quanta, true);
            kind.verdict().map(|v| (kind.largest(), v.raise, v.clear))
        };
        assert_eq!(says(0, 100), None);
        assert_eq!(says(10, 100), None);
        // From here b = 100 and s = 10 stand still (an alarm is raised since 0 s, for 60 s).
        assert_eq!(says(20, 100), Some((0, false, true)));
        // (30 − 0.5·0)/10 − 0.5 = 2.5; (30 − 15)/10 − 0.5 = 1.0 each from there.
        assert_eq!(says(21, 130), Some((2_500, false, false)));
        assert_eq!(says(22, 130), Some((3_500, false, false)));
        assert_eq!(says(23, 130), Some((4_500, false, false)));
        assert_eq!(says(24, 130), Some((5_500, true, false)));
        // A spike counts 4 at most; after it (100 − 100 − 0.5·900)/10 − 0.5 = −45.5.
        assert_eq!(says(25, 1_000), Some((9_500, true, false)));
        assert_eq!(says(26, 100), Some((0, false, true)));
        // More than two steps later nothing is whitened: 30/10 − 0.5.
        assert_eq!(says(47, 130), Some((2_500, false, false)));
    }

    #[test]
    fn a_sum_reaches_no_further_back_than_its_memory() {
        // Bins of 200 ms: what began at 30 s is out at 30 + 51.2 s. One term of 85/10 − 0.5, then
        // terms of 5/10 − 0.5 = 0. The alarm holds the level from 31 s to 91 s.
        let limits = CusumLimits { memory_ms: 51_200, whiten: Some(0.0), clip: 9.0, ..LIMITS };
        let mut kind = cusum(limits);
        kind.take(0, 100, false);
        kind.take(10_000, 100, false);
        kind.take(30_000, 185, false);
        for s in 31..90 {
            kind.take(s * 1_000, 105, true);
            assert_eq!(kind.largest(), if s < 82 { 8_000 } else { 0 }, "{s}");
        }
        assert!(kind.minima.len() <= 256);
    }

    proptest! {
        #[test]
        fn as_the_definition_says(
            samples in prop::collection::vec(
                (1i64..15_000, -20i32..20, prop::bool::weighted(0.2)), 2..150,
            ),
            whiten in prop::option::of(0.0..0.95f64),
            memory_ms in 1_000i64..200_000,
        ) {
            let limits = CusumLimits { memory_ms, whiten, ..LIMITS };
            let mut kind = cusum(limits);
            let mut all: Vec<(i64, i32, bool)> = Vec::new();
            // Term of each sample, with its time.
            let mut terms: Vec<(i64, i64)> = Vec::new();
            let (mut t_ms, mut is_raised) = (1_767_225_600_000, false);
            let bin_ms = (memory_ms + 255) / 256;
            for (place, (gap_ms, noise, is_high)) in samples.into_iter().enumerate() {
                t_ms += gap_ms;
                let quanta = noise + if is_high { 40 } else { 0 };
                let last = all.last().map(|s| (s.0, s.1));
                all.push((t_ms, quanta, is_raised));
                kind.take(t_ms, quanta, is_raised);
                let got = kind.verdict();
                let level = by_hand(&all, &RULE, place);
                prop_assert_eq!(got.is_some(), level.is_some());
                let (Some(got), Some(level)) = (got, level) else { continue };
                let near = last.filter(|(at, _)| t_ms - at <= 20_000);
                let phi = whiten.unwrap_or(level.whiten);
                let x = f64::from(quanta) - level.base;
                let e = near.map_or(x, |(_, q)| x - phi * (f64::from(q) - level.base));
                terms.push((t_ms, whole((e / level.noise - 0.5).min(4.0))));
                let now = t_ms.div_euclid(bin_ms);
                let reach = |at: i64| now - at.div_euclid(bin_ms) < memory_ms / bin_ms;
                let (mut sum, mut want) = (0, 0);
                for (at, term) in terms.iter().rev().take_while(|term| reach(term.0)) {
                    assert!(*at > t_ms - memory_ms, "inside the memory");
                    sum += term;
                    want = want.max(sum);
                }
                // A thousandth a term: the text-book form rounds elsewhere.
                let slack = i64::try_from(terms.len()).unwrap();
                prop_assert!((kind.largest() - want).abs() <= slack, "{} {want}", kind.largest());
                prop_assert_eq!(got.raise, kind.largest() >= 5_000);
                prop_assert_eq!(got.clear, kind.largest() < 2_000);
                is_raised = (is_raised || got.raise) && !got.clear;
            }
        }
    }
}
