//! Random numbers from one seed: the same seed gives the same park.
//!
//! Every user has a stream of its own, named by a text, so that a new channel does not change what
//! the others see.

use std::f64::consts::TAU;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// FNV-1a, 64 bit.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
/// FNV-1a, 64 bit.
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// A stream of normal deviates.
#[derive(Debug, Clone)]
pub(crate) struct Noise(StdRng);

impl Noise {
    /// The stream called `name` of the park with `seed`.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        let bytes = seed.to_le_bytes().into_iter().chain(name.bytes());
        Self(StdRng::seed_from_u64(bytes.fold(FNV_OFFSET, mix)))
    }

    /// The next normal deviate (mean 0, standard deviation 1), by Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        // `random` gives [0, 1); the logarithm needs (0, 1].
        let radius = (-2.0 * (1.0 - self.0.random::<f64>()).ln()).sqrt();
        radius * (TAU * self.0.random::<f64>()).cos()
    }
}

/// A value that wanders around 0 and forgets with a time constant (Ornstein-Uhlenbeck).
#[derive(Debug, Clone)]
pub(crate) struct Wander {
    value: f64,
    deviation: f64,
    time_s: f64,
}

impl Wander {
    /// Starts at a value drawn from where it will be in the long run.
    pub(crate) fn new(deviation: f64, time_s: f64, noise: &mut Noise) -> Self {
        Self { value: deviation * noise.normal(), deviation, time_s }
    }

    /// The value `dt_s` later, exact for any step.
    pub(crate) fn step(&mut self, dt_s: f64, noise: &mut Noise) -> f64 {
        let kept = (-dt_s / self.time_s).exp();
        let fresh = (1.0 - kept * kept).max(0.0).sqrt();
        self.value = self.value * kept + self.deviation * fresh * noise.normal();
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviates_are_normal_and_named_streams_differ() {
        let mut noise = Noise::new(7, "at-101-cl2");
        let drawn: Vec<f64> = (0..20_000).map(|_| noise.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let variance = drawn.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((variance - 1.0).abs() < 0.05, "{variance}");
        let first = |seed, name| Noise::new(seed, name).normal().to_bits();
        assert_eq!(first(7, "at-101-cl2"), drawn[0].to_bits());
        assert_ne!(first(8, "at-101-cl2"), drawn[0].to_bits());
        assert_ne!(first(7, "at-102-cl2"), drawn[0].to_bits());
    }

    #[test]
    fn wandering_keeps_its_spread_for_any_step() {
        for dt_s in [0.1, 5.0, 1000.0] {
            let mut noise = Noise::new(1, "wander");
            let mut wander = Wander::new(3.0, 10.0, &mut noise);
            let seen: Vec<f64> = (0..50_000).map(|_| wander.step(dt_s, &mut noise)).collect();
            let square = seen.iter().map(|v| v * v).sum::<f64>() / 50_000.0;
            assert!((square.sqrt() / 3.0 - 1.0).abs() < 0.15, "{dt_s}: {square}");
        }
    }
}
