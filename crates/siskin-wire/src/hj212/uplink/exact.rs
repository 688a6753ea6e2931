//! Decimal numbers without the noise of binary ones: a mean that lies half-way between two
//! decimals is known to lie there.
//!
//! Values are whole numbers of 1e-9. Rounding is half to even (GB/T 8170; HJ 212-2025 by a second
//! hand, unverified for HJ 212-2017). Up to 1e6 every decimal number of up to nine digits behind
//! the point is exact; above that the last digits are those of the binary number.

/// Steps of one.
const NANO: i128 = 1_000_000_000;
/// What is larger is no measurement.
const VALUE_MAX: f64 = 1e15;
/// The most digits behind the point.
pub const DECIMALS_MAX: u8 = 6;

/// A number in steps of 1e-9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nano(i128);

impl Nano {
    /// The nearest one; none of what is no number or larger than any measurement.
    pub fn of(value: f64) -> Option<Self> {
        let fits = value.is_finite() && value.abs() <= VALUE_MAX;
        #[expect(clippy::cast_possible_truncation, reason = "it was looked at")]
        let nano = || (value * 1e9).round() as i128;
        fits.then(|| Self(nano()))
    }

    /// As a binary number.
    pub fn value(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// With `decimals` digits behind the point, half to even.
    pub fn text(self, decimals: u8) -> String {
        let decimals = decimals.min(DECIMALS_MAX);
        let step = 10_i128.pow(u32::from(9 - decimals));
        let rounded = half_even(self.0, step);
        let whole = 10_i128.pow(u32::from(decimals));
        let size = rounded.abs();
        let sign = if rounded < 0 { "-" } else { "" };
        if decimals == 0 {
            return format!("{sign}{size}");
        }
        let digits = usize::from(decimals);
        format!("{sign}{}.{:0digits$}", size / whole, size % whole)
    }
}

/// A running sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    total: i128,
    count: u32,
}

impl Sum {
    /// Takes one more.
    pub fn add(&mut self, value: Nano) {
        self.total = self.total.saturating_add(value.0);
        self.count = self.count.saturating_add(1);
    }

    /// The mean, half to even at 1e-9; none of nothing.
    pub fn mean(self) -> Option<Nano> {
        (self.count > 0).then(|| Nano(half_even(self.total, i128::from(self.count))))
    }
}

/// `number / by`, half to even; `by` is above 0.
fn half_even(number: i128, by: i128) -> i128 {
    debug_assert!(by > 0 && NANO > 0, "a number is divided by a count or a power of ten");
    let (whole, rest) = (number.div_euclid(by), number.rem_euclid(by));
    match (rest.saturating_mul(2)).cmp(&by) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Greater => whole + 1,
        std::cmp::Ordering::Equal => whole + whole.rem_euclid(2),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_to_the_even_digit() {
        let cases = [
            (1.005, 2, "1.00"),
            (1.015, 2, "1.02"),
            (1.025, 2, "1.02"),
            (0.125, 2, "0.12"),
            (0.375, 2, "0.38"),
            (-1.005, 2, "-1.00"),
            (-1.015, 2, "-1.02"),
            (2.5, 0, "2"),
            (3.5, 0, "4"),
            (-0.4, 0, "0"),
            (-0.001, 2, "0.00"),
            (0.0, 3, "0.000"),
            (12.0, 3, "12.000"),
            (0.1 + 0.2, 3, "0.300"),
            (28.6, 1, "28.6"),
        ];
        for (value, decimals, want) in cases {
            assert_eq!(Nano::of(value).unwrap().text(decimals), want, "{value}");
        }
        for none in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 2e15] {
            assert_eq!(Nano::of(none), None);
        }
    }

    /// 1.01 + 1.02 = 2.03, a half of it is 1.015: an exact tie that binary sums miss.
    #[test]
    fn a_mean_that_lies_half_way_is_known_to() {
        let mean = |values: &[f64]| {
            let mut sum = Sum::default();
            values.iter().filter_map(|value| Nano::of(*value)).for_each(|value| sum.add(value));
            sum.mean().map(|mean| mean.text(2))
        };
        assert_eq!(mean(&[1.01, 1.02]).as_deref(), Some("1.02"));
        assert_eq!(mean(&[1.00, 1.01]).as_deref(), Some("1.00"));
        assert_eq!(mean(&[1.0, 1.0, 2.0]).as_deref(), Some("1.33"));
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[f64::NAN]), None);
    }

    proptest! {
        #[test]
        fn what_is_rounded_is_within_half_a_step(
            thousandths in -9_999_999i64..9_999_999,
            decimals in 0u8..=6,
        ) {
            let value = thousandths as f64 / 1e3;
            let text = Nano::of(value).unwrap().text(decimals);
            let back: f64 = text.parse().unwrap();
            let step = 10f64.powi(-i32::from(decimals));
            prop_assert!((back - value).abs() <= step / 2.0 + 1e-9, "{value} {text}");
        }

        #[test]
        fn a_mean_lies_between_the_least_and_the_greatest(
            values in proptest::collection::vec(-1e6..1e6f64, 1..50),
        ) {
            let all: Vec<_> = values.iter().filter_map(|v| Nano::of(*v)).collect();
            let mut sum = Sum::default();
            for value in &all {
                sum.add(*value);
            }
            let mean = sum.mean().unwrap();
            prop_assert!(all.iter().min().unwrap() <= &mean && &mean <= all.iter().max().unwrap());
        }
    }
}
