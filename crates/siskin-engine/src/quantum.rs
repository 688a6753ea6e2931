//! Values as whole numbers: one quantum is a tenth of the channel's resolution.
//!
//! A reading is rounded to the nearest quantum before any rule sees it, so that a decimal that
//! came as a 32-bit float (0.7 as 0.699 999 99) is the decimal again. The rounding is at most half
//! a quantum, a twentieth of what the device shows; comparisons after it are exact, so nothing can
//! flicker inside it.

/// Quanta in one step of the device's display.
pub const QUANTA_PER_STEP: f64 = 10.0;
/// A limit this close to a whole number of quanta is that number: it takes away the rounding of
/// unit conversion and of decimals that binary fractions cannot hold.
const SNAP: f64 = 1e-6;

/// How a channel's values become whole numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantum {
    per_unit: f64,
}

impl Quantum {
    /// For a device that shows steps of `resolution`.
    pub fn of_resolution(resolution: f64) -> Self {
        Self { per_unit: QUANTA_PER_STEP / resolution }
    }

    /// A value in quanta; beyond the range of `i32` it stays at the end.
    #[expect(clippy::cast_possible_truncation, reason = "`as` stops at the ends of i32")]
    pub fn quanta(self, value: f64) -> i32 {
        let scaled = value * self.per_unit;
        // Half away from zero; `f64::round` is a library call on the base instruction set.
        (if scaled < 0.0 { scaled - 0.5 } else { scaled + 0.5 }) as i32
    }

    /// Quanta as a value.
    pub fn value(self, quanta: f64) -> f64 {
        quanta / self.per_unit
    }

    /// A limit as the lowest whole number of quanta that reaches it.
    #[expect(clippy::cast_possible_truncation, reason = "`as` stops at the ends of i32")]
    pub fn limit(self, value: f64) -> i32 {
        self.scaled(value).ceil() as i32
    }

    /// A limit in quanta, with its fraction, for comparison with means and lines.
    pub fn scaled(self, value: f64) -> f64 {
        let scaled = value * self.per_unit;
        let whole = scaled.round();
        if (scaled - whole).abs() <= SNAP { whole } else { scaled }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_decimal_that_came_as_a_float_is_the_decimal_again() {
        let quantum = Quantum::of_resolution(0.01);
        for hundredths in 0..=u16::MAX {
            let value = f64::from(hundredths) / 100.0;
            #[expect(clippy::cast_possible_truncation, reason = "the point of the test")]
            let narrow = f64::from(value as f32);
            assert_eq!(quantum.quanta(narrow), i32::from(hundredths) * 10, "{value}");
            assert_eq!(quantum.limit(value), i32::from(hundredths) * 10, "{value}");
        }
    }

    #[test]
    fn a_limit_between_two_steps_is_reached_by_the_upper_one() {
        let quantum = Quantum::of_resolution(0.01);
        // 1 mg/m³ of chlorine is 0.345 034 ppm: 0.345 is below it, 0.346 is not.
        assert_eq!(quantum.limit(0.345_034), 346);
        assert!(quantum.quanta(0.345) < quantum.limit(0.345_034));
        assert!(quantum.quanta(0.35) >= quantum.limit(0.345_034));
    }

    proptest! {
        #[test]
        fn rounding_is_at_most_half_a_quantum(value in -1e4..1e4f64, digits in 0..4i32) {
            let resolution = 10f64.powi(-digits);
            let quantum = Quantum::of_resolution(resolution);
            let back = quantum.value(f64::from(quantum.quanta(value)));
            prop_assert!((back - value).abs() <= resolution / 20.0 * (1.0 + 1e-9));
        }
    }
}
