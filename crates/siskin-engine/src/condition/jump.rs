//! A leap between two samples that no air makes: loose contacts, a sensor exchanged, a wrong scale.
//!
//! With the sample before at most `within_ms` ago: raise while |x − previous| ≥ `by`, clear while
//! that is false. Two samples further apart say nothing, and neither does the first. Must never
//! feed a tier: it speaks about the device.

use super::Verdict;

/// A leap between neighbours.
#[derive(Debug, Clone)]
pub struct Jump {
    by: f64,
    within_ms: i64,
    last: Option<(i64, i32)>,
    leap: Option<f64>,
}

impl Jump {
    /// Raises on a leap of `by` quanta or more within `within_ms`.
    pub fn new(by: f64, within_ms: i64) -> Self {
        Self { by, within_ms, last: None, leap: None }
    }

    /// Takes a sample in.
    pub fn take(&mut self, t_ms: i64, quanta: i32) {
        let near = self.last.filter(|(at_ms, _)| t_ms - at_ms <= self.within_ms);
        self.leap = near.map(|(_, before)| (f64::from(quanta) - f64::from(before)).abs());
        self.last = Some((t_ms, quanta));
    }

    /// What the newest sample says.
    pub fn verdict(&self) -> Option<Verdict> {
        let leap = self.leap?;
        Some(Verdict::new(leap >= self.by, leap < self.by, leap).against(self.by))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn raises(jump: &mut Jump, t_ms: i64, quanta: i32) -> Option<bool> {
        jump.take(t_ms, quanta);
        jump.verdict().map(|verdict| verdict.raise)
    }

    #[test]
    fn leaps_by_hand() {
        let mut jump = Jump::new(100.0, 5_000);
        assert_eq!(raises(&mut jump, 0, 10), None, "nothing before it");
        assert_eq!(raises(&mut jump, 1_000, 109), Some(false));
        assert_eq!(raises(&mut jump, 2_000, 9), Some(true), "downwards counts too");
        assert_eq!(raises(&mut jump, 7_000, 109), Some(true), "5 s is within 5 s");
        assert_eq!(raises(&mut jump, 12_001, 900), None, "too far apart");
        assert_eq!(raises(&mut jump, 13_000, 900), Some(false));
    }

    proptest! {
        #[test]
        fn a_jump_is_what_two_neighbours_say(
            steps in prop::collection::vec((1i64..9_000, any::<i32>()), 2..100),
            by in 1i64..5_000_000_000,
        ) {
            let mut jump = Jump::new(by as f64, 5_000);
            let mut t_ms = 1_767_225_600_000;
            let mut last: Option<i32> = None;
            for (gap_ms, quanta) in steps {
                t_ms += gap_ms;
                let want = last.filter(|_| gap_ms <= 5_000);
                let want = want.map(|q| i64::from(q).abs_diff(quanta.into()) >= by.unsigned_abs());
                prop_assert_eq!(raises(&mut jump, t_ms, quanta), want);
                last = Some(quanta);
            }
        }
    }
}
