//! Numbers that look like noise and are the same on every machine: made from a seed by whole-number
//! steps only (SplitMix64), without any function whose last bit differs between systems.

/// A row of numbers from a seed.
#[derive(Debug, Clone)]
pub(super) struct Noise(u64);

impl Noise {
    /// The row that belongs to `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Evenly from 0 to 1, without 1.
    pub(super) fn share(&mut self) -> f64 {
        // 53 bits: each is exact in a double.
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Evenly from 0 to `max_ms`.
    pub(super) fn up_to_ms(&mut self, max_ms: i64) -> i64 {
        let ways = u64::try_from(max_ms).unwrap_or(0).saturating_add(1);
        i64::try_from(self.next() % ways).unwrap_or(0)
    }

    /// Bell-shaped with mean 0 and standard deviation 1, never beyond ±6 (sum of twelve).
    pub(super) fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_with_the_stated_spread() {
        let row = |seed| {
            let mut noise = Noise::new(seed);
            (0..10_000).map(|_| noise.bell()).collect::<Vec<f64>>()
        };
        assert_eq!(row(7), row(7));
        assert_ne!(row(7), row(8));
        let mean = row(7).iter().sum::<f64>() / 10_000.0;
        let variance = row(7).iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 10_000.0;
        // Four standard errors of ten thousand numbers.
        assert!(mean.abs() < 0.04, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.06, "variance {variance}");
        // The first number of SplitMix64 with seed 0 as its author publishes it.
        assert_eq!(Noise::new(0).next(), 0xe220_a839_7b1d_cdaf);
    }
}
