//! Values that are whole multiples of a power of ten, as analyzers give them (0.01 ppm steps).
//!
//! Such a value is kept as an integer with an exponent, only where that gives back every bit.

/// Steps down to 0.000001.
pub(crate) const EXPONENT_MAX: u8 = 6;

/// Beyond this a double skips whole numbers.
const MANTISSA_MAX: f64 = 9_007_199_254_740_992.0;

fn scale(exponent: u8) -> Option<f64> {
    const SCALES: [f64; EXPONENT_MAX as usize + 1] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];
    SCALES.get(usize::from(exponent)).copied()
}

/// `value` = `mantissa` / 10^`exponent`, where that is so to the last bit.
pub(crate) fn mantissa(value: f64, exponent: u8) -> Option<i64> {
    let (mantissa, back) = nearest(value, exponent)?;
    // Bits rather than numbers: minus zero has no mantissa.
    (back.to_bits() == value.to_bits()).then_some(mantissa)
}

/// The mantissa nearest to a value, and what it stands for; none where doubles skip whole numbers.
pub(crate) fn nearest(value: f64, exponent: u8) -> Option<(i64, f64)> {
    let rounded = (value * scale(exponent)?).round();
    if rounded.abs() > MANTISSA_MAX || rounded.is_nan() {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "a whole number within 2^53")]
    let mantissa = rounded as i64;
    Some((mantissa, self::value(mantissa, exponent)?))
}

/// The value of a mantissa; none for an exponent that is never written.
pub(crate) fn value(mantissa: i64, exponent: u8) -> Option<f64> {
    Some(mantissa as f64 / scale(exponent)?)
}

/// The smallest exponent at which `value` is exact.
pub(crate) fn split(value: f64) -> Option<(i64, u8)> {
    (0..=EXPONENT_MAX).find_map(|e| mantissa(value, e).map(|m| (m, e)))
}

/// All values as integers with one exponent, the smallest that is exact for all.
pub(crate) fn mantissas(values: &[f64]) -> Option<(Vec<i64>, u8)> {
    let mut exponent = 0;
    for &value in values {
        while mantissa(value, exponent).is_none() {
            exponent += 1;
            if exponent > EXPONENT_MAX {
                return None;
            }
        }
    }
    let all: Option<Vec<i64>> = values.iter().map(|&v| mantissa(v, exponent)).collect();
    all.map(|all| (all, exponent))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(given: f64, expected: Option<(i64, u8)>) {
        assert_eq!(split(given), expected, "{given}");
    }

    #[test]
    fn steps_of_analyzers_are_exact() {
        check(0.0, Some((0, 0)));
        check(-0.0, None);
        check(12.34, Some((1234, 2)));
        check(-0.01, Some((-1, 2)));
        check(1013.25, Some((101_325, 2)));
        check(0.000_001, Some((1, 6)));
        check(0.000_000_1, None);
        check(f64::from(12.34f32), None);
        check(1.0 / 3.0, None);
        check(1e300, None);
    }

    #[test]
    fn one_exponent_for_all() {
        assert_eq!(mantissas(&[1.0, 0.25, 3.1]), Some((vec![100, 25, 310], 2)));
        assert_eq!(mantissas(&[1.0, 1e-9]), None);
        assert_eq!(mantissas(&[]), Some((vec![], 0)));
    }

    proptest! {
        #[test]
        fn what_is_kept_as_decimal_comes_back_to_the_bit(
            any: f64,
            hundredths in -9_999_999i64..9_999_999,
        ) {
            let hundredth = hundredths as f64 / 100.0;
            let (m, e) = split(hundredth).unwrap();
            prop_assert_eq!(value(m, e).unwrap().to_bits(), hundredth.to_bits());
            if let Some((m, e)) = split(any) {
                prop_assert_eq!(value(m, e).unwrap().to_bits(), any.to_bits());
            }
        }
    }
}
