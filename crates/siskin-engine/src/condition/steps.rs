//! Means of whole steps of event time.
//!
//! Step number ⌊t / step⌋ counts from the epoch, so it is the same steps whenever counting began.
//! A mean is a whole sum over a whole count, rounded once; a step without a sample is absent, not
//! zero. Must never show the running step: what is shown stays as it is until the step is over.

use std::collections::VecDeque;

use super::STEPS_MAX;

/// One whole step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Its number.
    pub index: i64,
    /// Mean of its samples, in quanta.
    pub mean: f64,
}

/// The whole steps of a window, and the running one.
#[derive(Debug, Clone)]
pub struct Steps {
    step_ms: i64,
    count_max: i64,
    whole: VecDeque<Step>,
    running: Option<Running>,
}

#[derive(Debug, Clone, Copy)]
struct Running {
    index: i64,
    sum: i64,
    count: u32,
}

impl Steps {
    /// The steps of the last `window_ms`; at most [`STEPS_MAX`] of them.
    pub fn new(window_ms: i64, step_ms: i64) -> Self {
        let step_ms = step_ms.max(1);
        let count_max = (window_ms / step_ms).clamp(1, STEPS_MAX);
        Self { step_ms, count_max, whole: VecDeque::new(), running: None }
    }

    /// Takes a sample in. True where it begins a step: what [`Self::whole`] gives has changed.
    pub fn take(&mut self, t_ms: i64, quanta: i32) -> bool {
        let index = t_ms.div_euclid(self.step_ms);
        if let Some(running) = &mut self.running
            && running.index == index
        {
            running.sum += i64::from(quanta);
            running.count = running.count.saturating_add(1);
            return false;
        }
        if let Some(Running { index, sum, count }) = self.running {
            self.whole.push_back(Step { index, mean: sum as f64 / f64::from(count) });
        }
        self.running = Some(Running { index, sum: quanta.into(), count: 1 });
        while self.whole.front().is_some_and(|step| step.index < index - self.count_max) {
            self.whole.pop_front();
        }
        true
    }

    /// The whole steps with a sample among the last ones before the running step, oldest first.
    pub fn whole(&self) -> impl ExactSizeIterator<Item = &Step> + Clone {
        self.whole.iter()
    }

    /// Bytes held beside the value itself.
    pub fn bytes(&self) -> usize {
        self.whole.capacity() * size_of::<Step>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        // Steps of 10 s, window of 3 steps.
        let mut steps = Steps::new(30_000, 10_000);
        let list = |steps: &Steps| -> Vec<_> { steps.whole().map(|s| (s.index, s.mean)).collect() };
        assert!(steps.take(1_000, 4));
        assert!(!steps.take(9_999, 7));
        assert_eq!(list(&steps), [], "the first step still runs");
        assert!(steps.take(10_000, 1));
        assert_eq!(list(&steps), [(0, 5.5)]);
        assert!(steps.take(35_000, 9), "step 2 has no sample");
        assert_eq!(list(&steps), [(0, 5.5), (1, 1.0)]);
        assert!(steps.take(40_000, 9), "step 0 is too old");
        assert_eq!(list(&steps), [(1, 1.0), (3, 9.0)]);
        assert!(steps.take(900_000, 9));
        assert_eq!(list(&steps), []);
    }

    proptest! {
        #[test]
        fn the_means_of_the_window(
            samples in prop::collection::vec((1i64..25_000, -900i32..900), 1..200),
            step_ms in 500i64..20_000,
        ) {
            let mut steps = Steps::new(10 * step_ms, step_ms);
            let mut all: Vec<(i64, i32)> = Vec::new();
            let mut t_ms = -100_000;
            for (gap_ms, quanta) in samples {
                t_ms += gap_ms;
                steps.take(t_ms, quanta);
                all.push((t_ms, quanta));
                let now = t_ms.div_euclid(step_ms);
                let mut want = Vec::new();
                for index in now - 10..now {
                    let inside = all.iter().filter(|(at, _)| at.div_euclid(step_ms) == index);
                    let (sum, n) = inside.fold((0, 0), |(s, n), (_, q)| (s + q, n + 1));
                    if n > 0 {
                        want.push(Step { index, mean: f64::from(sum) / f64::from(n) });
                    }
                }
                let got: Vec<_> = steps.whole().copied().collect();
                prop_assert_eq!(got, want);
            }
        }
    }
}
