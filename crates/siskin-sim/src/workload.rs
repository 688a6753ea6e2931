//! The standard workload, channel by channel and made as it is read: what engines are measured
//! with.
//!
//! Per channel, once a second from 2026-01-01T00:00:00Z: a baseline U(0.2, 2.0) ppm, AR(1) noise
//! (phi 0.9, standard deviation 0.15), on average one release per 3,000 s (linear rise of 10–300 s,
//! hold of 0–600 s, exponential decay with 30–300 s, peak exp(U(ln 5, ln 120)) ppm), values in
//! 0.01 ppm; 2 % of the channels drop out for 40–400 s twice, 1 % of the other rows are missing.
//!
//! Every channel has streams of its own, so that any slice can be made without the rest. Must never
//! hold more than the releases that are in the air.

use std::f64::consts::TAU;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use siskin_model::{ChannelIndex, Quality, Reading, Timestamp};

/// 2026-01-01T00:00:00Z.
pub const START_MS: i64 = 1_767_225_600_000;
/// Mean time between the begins of two releases.
const BETWEEN_S: f64 = 3000.0;
/// A release's decay is cut after this many time constants.
const DECAY_CUT: f64 = 12.0;
/// A release counts as an incident until this many time constants into its decay (5 % is left).
const DECAY_FELT: f64 = 3.0;
const PHI: f64 = 0.9;
const NOISE_PPM: f64 = 0.15;

/// One release on one channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Release {
    /// Seconds after the start of the workload.
    pub begin_s: f64,
    rise_s: f64,
    hold_s: f64,
    decay_s: f64,
    /// The level it reaches.
    pub peak_ppm: f64,
}

impl Release {
    /// When it is over for people: 5 % of its peak is left.
    pub fn felt_until_s(&self) -> f64 {
        self.begin_s + self.rise_s + self.hold_s + DECAY_FELT * self.decay_s
    }

    fn gone_s(&self) -> f64 {
        self.begin_s + self.rise_s + self.hold_s + DECAY_CUT * self.decay_s
    }
}

/// The releases of one channel, without end.
#[derive(Debug, Clone)]
pub struct Releases {
    random: SmallRng,
    begin_s: f64,
}

impl Releases {
    /// Those of `channel`.
    pub fn of(seed: u64, channel: u32) -> Self {
        Self { random: stream(seed, channel, 1), begin_s: 0.0 }
    }
}

impl Iterator for Releases {
    type Item = Release;

    fn next(&mut self) -> Option<Release> {
        let random = &mut self.random;
        self.begin_s -= BETWEEN_S * (1.0 - random.random::<f64>()).ln();
        Some(Release {
            begin_s: self.begin_s,
            rise_s: random.random_range(10.0..300.0),
            hold_s: random.random_range(0.0..600.0),
            decay_s: random.random_range(30.0..300.0),
            peak_ppm: random.random_range(5f64.ln()..120f64.ln()).exp(),
        })
    }
}

/// A release that is in the air, moved on second by second.
#[derive(Debug, Clone, Copy)]
struct Plume {
    release: Release,
    /// What is left of the peak, once it decays.
    left: Option<f64>,
    each_second: f64,
}

impl Plume {
    fn level(&mut self, second: f64) -> f64 {
        let Release { begin_s, rise_s, hold_s, decay_s, peak_ppm } = self.release;
        let t_s = second - begin_s;
        let past_s = t_s - rise_s - hold_s;
        if past_s <= 0.0 {
            return peak_ppm * (t_s / rise_s).min(1.0);
        }
        let each_second = self.each_second;
        let left = self.left.map_or_else(|| (-past_s / decay_s).exp(), |left| left * each_second);
        self.left = Some(left);
        peak_ppm * left
    }
}

/// The readings of one channel, in order of time.
#[derive(Debug, Clone)]
pub struct ChannelWorkload {
    channel: ChannelIndex,
    second: u32,
    seconds: u32,
    base_ppm: f64,
    noise_ppm: f64,
    random: SmallRng,
    spare: Option<f64>,
    releases: Releases,
    next: Option<Release>,
    plumes: Vec<Plume>,
    silences: Vec<(u32, u32)>,
}

impl ChannelWorkload {
    /// `seconds` of the channel with this number; its readings carry the index `as_index`.
    pub fn new(seed: u64, number: u32, as_index: ChannelIndex, seconds: u32) -> Self {
        let mut random = stream(seed, number, 2);
        let mut releases = Releases::of(seed, number);
        let next = releases.next();
        let base_ppm = random.random_range(0.2..2.0);
        let drops_out = random.random::<f64>() < 0.02;
        let mut silence = |_| {
            let begin = random.random_range(0..seconds.max(1));
            (begin, begin.saturating_add(random.random_range(40..=400)))
        };
        let silences = (0..2).filter(|_| drops_out).map(&mut silence).collect();
        let mut made = Self {
            channel: as_index,
            second: 0,
            seconds,
            base_ppm,
            noise_ppm: 0.0,
            random,
            spare: None,
            releases,
            next,
            plumes: Vec::new(),
            silences,
        };
        made.noise_ppm = NOISE_PPM * made.normal();
        made
    }

    /// Adds the readings of the next `seconds` to `out`; false once all are made.
    pub fn fill(&mut self, seconds: u32, out: &mut Vec<Reading>) -> bool {
        let end = self.second.saturating_add(seconds).min(self.seconds);
        let innovation = NOISE_PPM * (1.0 - PHI * PHI).sqrt();
        while self.second < end {
            let second = self.second;
            self.second += 1;
            let value = self.base_ppm + self.noise_ppm + self.gas(f64::from(second));
            self.noise_ppm = PHI * self.noise_ppm + innovation * self.normal();
            let is_missing = self.random.random::<f64>() < 0.01;
            let is_silent = self.silences.iter().any(|(b, e)| (*b..*e).contains(&second));
            if !is_missing && !is_silent {
                let value = (value.clamp(0.0, 999.99) * 100.0).round() / 100.0;
                let at = Timestamp::from_millis(START_MS + i64::from(second) * 1000);
                out.push(Reading::new(self.channel, at, at, Some(value), Quality::Good));
            }
        }
        self.second < self.seconds
    }

    fn gas(&mut self, second: f64) -> f64 {
        while let Some(release) = self.next.filter(|release| release.begin_s <= second) {
            let each_second = (-1.0 / release.decay_s).exp();
            self.plumes.push(Plume { release, left: None, each_second });
            self.next = self.releases.next();
        }
        if self.plumes.is_empty() {
            return 0.0;
        }
        self.plumes.retain(|plume| plume.release.gone_s() >= second);
        self.plumes.iter_mut().map(|plume| plume.level(second)).sum()
    }

    /// Box and Muller, both of each pair.
    fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * (1.0 - self.random.random::<f64>()).ln()).sqrt();
        let (sine, cosine) = (TAU * self.random.random::<f64>()).sin_cos();
        self.spare = Some(radius * sine);
        radius * cosine
    }
}

/// SplitMix64 of seed, channel and purpose: neighbouring numbers give unrelated streams.
fn stream(seed: u64, channel: u32, purpose: u64) -> SmallRng {
    let mut mixed = seed
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(u64::from(channel) << 8)
        .wrapping_add(purpose);
    for (shift, factor) in [(30, 0xbf58_476d_1ce4_e5b9u64), (27, 0x94d0_49bb_1331_11eb)] {
        mixed = (mixed ^ (mixed >> shift)).wrapping_mul(factor);
    }
    SmallRng::seed_from_u64(mixed ^ (mixed >> 31))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(seed: u64, number: u32, seconds: u32, step: u32) -> Vec<Reading> {
        let mut workload = ChannelWorkload::new(seed, number, ChannelIndex(number), seconds);
        let mut out = Vec::new();
        while workload.fill(step, &mut out) {}
        out
    }

    proptest! {
        #[test]
        fn steps_of_any_length_give_the_same(seed: u64, number in 0u32..5000, step in 1u32..5000) {
            prop_assert_eq!(all(seed, number, 4000, step), all(seed, number, 4000, 4000));
        }
    }

    #[test]
    fn the_figures_are_those_of_the_workload() {
        let (channels, seconds) = (60, 20_000);
        let readings: Vec<_> = (0..channels).flat_map(|c| all(1, c, seconds, 777)).collect();
        let rows = f64::from(channels * seconds);
        let share = readings.len() as f64 / rows;
        assert!((0.975..0.995).contains(&share), "{share} of the rows are there");
        let releases = |c| Releases::of(1, c).take_while(|r| r.begin_s < f64::from(seconds));
        let count = (0..channels).flat_map(releases).count() as f64;
        let expected = rows / BETWEEN_S;
        assert!((count - expected).abs() < 5.0 * expected.sqrt(), "{count} for {expected}");
    }

    #[test]
    fn the_noise_is_as_strong_and_as_slow_as_stated() {
        // Before the first release the value is the base and the noise alone.
        let (mut sums, mut count) = ([0.0; 2], 0.0);
        for number in 0..400 {
            let quiet_s = Releases::of(7, number).next().unwrap().begin_s;
            let values = all(7, number, 400, 400).into_iter().map(|r| r.value.unwrap());
            let rows = (0u32..).take_while(|second| f64::from(*second) < quiet_s * 0.97);
            let values: Vec<f64> = values.zip(rows).map(|(value, _)| value).collect();
            if values.len() < 300 {
                continue;
            }
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            for pair in values.windows(2) {
                sums[0] += (pair[0] - mean) * (pair[0] - mean);
                sums[1] += (pair[0] - mean) * (pair[1] - mean);
                count += 1.0;
            }
        }
        assert!(count > 10_000.0);
        let (deviation, slowness) = ((sums[0] / count).sqrt(), sums[1] / sums[0]);
        assert!((0.13..0.17).contains(&deviation), "{deviation}");
        assert!((0.85..0.93).contains(&slowness), "{slowness}");
    }
}
