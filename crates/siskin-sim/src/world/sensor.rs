//! What a sensor shows of the truth: lag, zero drift, noise, resolution, range.
//!
//! It never shows a number that is none, and nothing outside its range. Cross-sensitivities are
//! not simulated.

use siskin_model::Unit;
use siskin_model::site::Range;

use super::random::Noise;
use crate::scenario::SensorModel;

/// A first-order lag reaches 90 % after ln(10) time constants.
const TIME_CONSTANTS_PER_T90: f64 = 2.3;
/// Seconds of the span that drift is stated for.
const HOUR_S: f64 = 3600.0;
/// A full turn: a direction wraps instead of being clipped.
const TURN_DEG: f64 = 360.0;

/// What a device can show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) unit: Unit,
    pub(crate) range: Range,
    pub(crate) resolution: f64,
}

/// One sensor and its memory.
#[derive(Debug)]
pub(crate) struct Sensor {
    scale: Scale,
    time_constant_s: f64,
    noise_sd: f64,
    drift_sd_per_hour: f64,
    noise: Noise,
    /// What the cell has come to.
    settled: f64,
    zero: f64,
}

impl Sensor {
    /// A sensor that has settled in air of `start`.
    pub(crate) fn new(model: &SensorModel, scale: Scale, start: f64, mut noise: Noise) -> Self {
        Self {
            scale,
            time_constant_s: model.t90_s / TIME_CONSTANTS_PER_T90,
            noise_sd: model.noise_steps * scale.resolution,
            drift_sd_per_hour: model.drift_steps_per_hour * scale.resolution,
            zero: model.zero_steps * scale.resolution * noise.normal(),
            settled: start,
            noise,
        }
    }

    /// What it shows after `dt_s` in air of `truth`; a truth that is no number leaves it as it is.
    pub(crate) fn step(&mut self, truth: f64, dt_s: f64) -> f64 {
        if truth.is_finite() {
            let kept =
                if self.time_constant_s > 0.0 { (-dt_s / self.time_constant_s).exp() } else { 0.0 };
            self.settled = truth + (self.settled - truth) * kept;
        }
        self.zero += self.drift_sd_per_hour * (dt_s / HOUR_S).sqrt() * self.noise.normal();
        let seen = self.settled + self.zero + self.noise_sd * self.noise.normal();
        self.scale.shown(seen)
    }
}

impl Scale {
    /// `seen` in steps of the resolution and within the range.
    fn shown(self, seen: f64) -> f64 {
        let stepped = |v: f64| (v / self.resolution).round() * self.resolution;
        if self.unit == Unit::Degree {
            // Rounding may reach the full turn, which is north again.
            return stepped(seen.rem_euclid(TURN_DEG)).rem_euclid(TURN_DEG);
        }
        // Adding 0 turns a rounded negative zero into zero: no display writes `-0`.
        stepped(seen).clamp(self.range.low, self.range.high) + 0.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn model(t90_s: f64, noise_steps: f64) -> SensorModel {
        SensorModel {
            measures: "chlorine".into(),
            profile: None,
            t90_s,
            noise_steps,
            zero_steps: noise_steps,
            drift_steps_per_hour: noise_steps,
            clean_air_ppm: 0.0,
        }
    }

    fn scale(unit: Unit, high: f64, resolution: f64) -> Scale {
        Scale { unit, range: Range { low: 0.0, high }, resolution }
    }

    /// Shows of a still sensor in air of `truth`, a second apart.
    fn run(model: &SensorModel, scale: Scale, truth: f64, seconds: usize) -> Vec<f64> {
        let mut sensor = Sensor::new(model, scale, 0.0, Noise::new(1, "test"));
        (0..seconds).map(|_| sensor.step(truth, 1.0)).collect()
    }

    #[test]
    fn it_reaches_90_percent_after_its_t90() {
        let fine = scale(Unit::Ppm, 50.0, 0.001);
        let seen = run(&model(30.0, 0.0), fine, 10.0, 60);
        assert!((seen[29] - 9.0).abs() < 0.02, "{}", seen[29]);
        assert!((seen[59] - 9.9).abs() < 0.02, "{}", seen[59]);
        assert!((run(&model(0.0, 0.0), fine, 10.0, 1)[0] - 10.0).abs() < 1e-9);
    }

    #[test]
    fn the_lag_does_not_depend_on_the_step() {
        let fine = scale(Unit::Ppm, 50.0, 0.001);
        let mut sensor = Sensor::new(&model(30.0, 0.0), fine, 0.0, Noise::new(1, "test"));
        let last = (0..300).map(|_| sensor.step(10.0, 0.1)).last().unwrap();
        assert!((last - run(&model(30.0, 0.0), fine, 10.0, 30)[29]).abs() < 0.002);
    }

    #[test]
    fn it_shows_steps_within_its_range() {
        let coarse = scale(Unit::Ppm, 50.0, 0.5);
        assert!((run(&model(0.0, 0.0), coarse, 3.3, 1)[0] - 3.5).abs() < 1e-9);
        assert!((run(&model(0.0, 0.0), coarse, 80.0, 1)[0] - 50.0).abs() < 1e-9);
        for truth in [-3.0, -0.1, 0.1] {
            let shown = run(&model(0.0, 0.0), coarse, truth, 1)[0];
            assert_eq!(shown.to_bits(), 0.0f64.to_bits(), "{truth}");
        }
    }

    #[test]
    fn noise_has_the_stated_size() {
        let fine = scale(Unit::Ppm, 50.0, 0.01);
        let mut loud = model(0.0, 5.0);
        loud.drift_steps_per_hour = 0.0;
        let seen = run(&loud, fine, 10.0, 5000);
        let mean = seen.iter().sum::<f64>() / 5000.0;
        let variance = seen.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 5000.0;
        assert!((variance.sqrt() / 0.05 - 1.0).abs() < 0.05, "{variance}");
    }

    #[test]
    fn a_direction_wraps_at_north() {
        let degrees = scale(Unit::Degree, 360.0, 1.0);
        for (truth, shown) in [(359.7, 0.0), (-10.0, 350.0), (370.0, 10.0), (180.2, 180.0)] {
            let got = run(&model(0.0, 0.0), degrees, truth, 1)[0];
            assert!((got - shown).abs() < 1e-9, "{truth}: {got}");
        }
    }

    proptest! {
        #[test]
        fn never_no_number_never_outside(
            truths in proptest::collection::vec(
                prop_oneof![Just(f64::NAN), Just(f64::INFINITY), -1e6..1e6f64],
                1..50,
            ),
            t90_s in 0.0..200.0f64,
            dt_s in 0.0..100.0f64,
        ) {
            let ppm = scale(Unit::Ppm, 50.0, 0.01);
            let mut sensor = Sensor::new(&model(t90_s, 1.0), ppm, 0.0, Noise::new(1, "test"));
            for truth in truths {
                let shown = sensor.step(truth, dt_s);
                prop_assert!((0.0..=50.0).contains(&shown), "{shown}");
            }
        }
    }
}
