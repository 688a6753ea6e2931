//! The value above the channel's own quiet level.
//!
//! With b and s of [`super::baseline`]: raise while x − b ≥ `raise_by` and x − b ≥ `noise_times`·s,
//! clear while x − b < `clear_by` (and not raising). The limit shown with an alarm is what x had to
//! reach: b + the larger of `raise_by` and `noise_times`·s. Not valid without a baseline. Must
//! never judge against a level made from too few steps.

use super::Verdict;
use super::baseline::Quiet;

/// A rise above the quiet level.
#[derive(Debug, Clone)]
pub struct Rise {
    quiet: Quiet,
    raise_by: f64,
    clear_by: f64,
    noise_times: f64,
}

impl Rise {
    /// Raises at `raise_by` quanta above the level or more, clears below `clear_by`.
    pub fn new(quiet: Quiet, raise_by: f64, clear_by: f64, noise_times: f64) -> Self {
        Self { quiet, raise_by, clear_by, noise_times }
    }

    /// The alarm was raised at `at_ms`, before the first sample that is taken in.
    pub fn raised_since(&mut self, at_ms: i64) {
        self.quiet.raised_since(at_ms);
    }

    /// Takes a sample in; `is_raised`: the alarm is raised before it.
    pub fn take(&mut self, t_ms: i64, quanta: i32, is_raised: bool) {
        self.quiet.take(t_ms, quanta, is_raised);
    }

    /// What a value says against the level that holds now.
    pub fn verdict(&self, quanta: i32) -> Option<Verdict> {
        let level = self.quiet.level()?;
        let above = f64::from(quanta) - level.base;
        let least = self.raise_by.max(self.noise_times * level.noise);
        let verdict = Verdict::new(above >= least, above < self.clear_by, quanta.into());
        Some(verdict.against(level.base + least))
    }

    /// Bytes held beside the value itself.
    pub fn bytes(&self) -> usize {
        self.quiet.bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::baseline::by_hand;
    use super::*;
    use crate::quantum::Quantum;
    use crate::rule::Baseline;

    const RULE: Baseline = Baseline {
        window_ms: 100_000,
        step_ms: 10_000,
        quantile: 0.2,
        steps_min: 4,
        freeze_max_ms: 60_000,
        noise_min: 5.0,
    };

    fn rise(noise_times: f64) -> Rise {
        Rise::new(Quiet::new(&RULE, Quantum::of_resolution(10.0), 1.0), 20.0, 10.0, noise_times)
    }

    #[test]
    fn a_rise_by_hand() {
        let mut plain = rise(0.0);
        let mut noisy = rise(6.0);
        for s in 0..5 {
            assert_eq!(plain.verdict(99), None, "{s}: four whole steps make a level");
            plain.take(s * 10_000, 100, false);
            noisy.take(s * 10_000, 100, false);
        }
        let check = |rise: &Rise, quanta, want| {
            let got = rise.verdict(quanta).unwrap();
            assert_eq!((got.raise, got.clear, got.limit), want, "{quanta}");
        };
        // b = 100, s = 5 (its floor): 120 raises; 6·5 = 30 above it where the noise counts.
        check(&plain, 120, (true, false, Some(120.0)));
        check(&plain, 119, (false, false, Some(120.0)));
        check(&plain, 109, (false, true, Some(120.0)));
        check(&noisy, 129, (false, false, Some(130.0)));
        check(&noisy, 130, (true, false, Some(130.0)));
    }

    proptest! {
        #[test]
        fn as_the_definition_says(
            samples in prop::collection::vec(
                (1i64..15_000, -20i32..20, prop::bool::weighted(0.1)), 2..150,
            ),
            noise_times in 0.0..6.0f64,
        ) {
            let mut kind = rise(noise_times);
            let mut all = Vec::new();
            let (mut t_ms, mut is_raised) = (1_767_225_600_000, false);
            for (place, (gap_ms, noise, is_high)) in samples.into_iter().enumerate() {
                t_ms += gap_ms;
                let quanta = noise + if is_high { 60 } else { 0 };
                all.push((t_ms, quanta, is_raised));
                kind.take(t_ms, quanta, is_raised);
                let got = kind.verdict(quanta);
                let level = by_hand(&all, &RULE, place);
                prop_assert_eq!(got.is_some(), level.is_some());
                let (Some(got), Some(level)) = (got, level) else { continue };
                let above = f64::from(quanta) - level.base;
                // Within the rounding of the text-book form either answer is right.
                let tie = |limit: f64| (above - limit).abs() < 1e-9;
                let least = f64::max(20.0, noise_times * level.noise);
                prop_assert!(got.raise == (above >= least) || tie(least), "{got:?} {level:?}");
                prop_assert!(got.clear == (above < 10.0) || tie(10.0), "{got:?} {level:?}");
                is_raised = (is_raised || got.raise) && !got.clear;
            }
        }
    }
}
