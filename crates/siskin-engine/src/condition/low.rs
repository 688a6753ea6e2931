//! Too little: the value itself against a limit from above, for example oxygen.
//!
//! Raise while x ≤ `raise_at`, clear while x > `clear_at`. x is a whole number of quanta, so the
//! comparison is exact. Must never look at more than the newest sample.

use super::Verdict;

/// The low side of a threshold.
#[derive(Debug, Clone)]
pub struct Low {
    raise: f64,
    clear: f64,
}

impl Low {
    /// Raises at `raise` quanta or below, clears above `clear` quanta.
    pub fn new(raise: f64, clear: f64) -> Self {
        Self { raise, clear }
    }

    /// Looks at one sample.
    pub fn verdict(&self, quanta: i32) -> Verdict {
        let x = f64::from(quanta);
        Verdict::new(x <= self.raise, x > self.clear, x)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn oxygen_by_hand() {
        // 19.5 % raises, above 20.0 % clears; one quantum is 0.01 %.
        let low = Low::new(1950.0, 2000.0);
        let check = |quanta, raise, clear| {
            let got = low.verdict(quanta);
            assert_eq!((got.raise, got.clear), (raise, clear), "{quanta}");
        };
        check(2090, false, true);
        check(2001, false, true);
        check(2000, false, false);
        check(1951, false, false);
        check(1950, true, false);
        check(0, true, false);
    }

    proptest! {
        #[test]
        fn a_low_limit_is_a_high_one_upside_down(
            x in -500i32..500, raise in -400i32..400, gap in 0i32..100,
        ) {
            let clear = raise + gap;
            let got = Low::new(raise.into(), clear.into()).verdict(x);
            prop_assert_eq!(got.raise, -x >= -raise);
            prop_assert_eq!(got.clear, -x < -clear);
            prop_assert!(!(got.raise && got.clear));
        }
    }
}
