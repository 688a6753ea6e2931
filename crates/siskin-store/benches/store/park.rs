//! Readings of the standard workload, made here: the same seed gives the same readings.
//!
//! AR(1) noise on a baseline, releases that rise, hold and decay, steps of 0.01 ppm, one reading a
//! second, received 12 to 40 ms later. One in a hundred is missing and two channels in a hundred
//! are silent for minutes. Above the analyzer's range of 100 ppm the quality says so.

use siskin_model::{ChannelIndex, Quality, Reading, Timestamp};

/// 2026-01-01T00:00:00Z.
pub(crate) const START_MS: i64 = 1_767_225_600_000;
pub(crate) const HOUR_S: i64 = 3600;

const PHI: f64 = 0.9;
/// Of the noise itself, not of what is added each second.
const NOISE_SD: f64 = 0.15;
const RANGE_PPM: f64 = 100.0;
const RELEASE_EVERY_S: f64 = 3000.0;
const SILENCE_EVERY_S: f64 = 43_200.0;

/// Random numbers that need no crate: xorshift.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11) % n
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// About normal with deviation 1: four uniform numbers of 16 bits.
    fn normal(&mut self) -> f64 {
        let bits = self.next();
        let part = |i: u64| ((bits >> (16 * i)) & 0xffff) as f64 / 65_535.0;
        (part(0) + part(1) + part(2) + part(3) - 2.0) * 3.0_f64.sqrt()
    }

    fn happens(&mut self, every_s: f64) -> bool {
        self.unit() * every_s < 1.0
    }
}

#[derive(Clone, Copy)]
struct Release {
    age_s: f64,
    rise_s: f64,
    hold_s: f64,
    tau_s: f64,
    peak: f64,
}

impl Release {
    fn new(random: &mut Random) -> Self {
        Self {
            age_s: 0.0,
            rise_s: random.between(10.0, 300.0),
            hold_s: random.between(0.0, 600.0),
            tau_s: random.between(30.0, 300.0),
            peak: random.between(5.0_f64.ln(), 120.0_f64.ln()).exp(),
        }
    }

    fn level(&mut self) -> f64 {
        self.age_s += 1.0;
        let falling_s = self.age_s - self.rise_s - self.hold_s;
        let down = if falling_s > 0.0 { (-falling_s / self.tau_s).exp() } else { 1.0 };
        self.peak * (self.age_s / self.rise_s).min(1.0) * down
    }

    fn is_over(&self) -> bool {
        self.age_s > self.rise_s + self.hold_s + 12.0 * self.tau_s
    }
}

struct Channel {
    base: f64,
    noise: f64,
    releases: Vec<Release>,
    drops_out: bool,
    silent_s: u64,
}

/// All channels, one second after the other.
pub(crate) struct Park {
    random: Random,
    channels: Vec<Channel>,
    second: i64,
}

impl Park {
    pub(crate) fn new(channels: u32) -> Self {
        let mut random = Random::new(42);
        let channel = |i| Channel {
            base: random.between(0.2, 2.0),
            noise: 0.0,
            releases: Vec::new(),
            drops_out: i % 50 == 7,
            silent_s: 0,
        };
        let channels = (0..channels).map(channel).collect();
        Self { random, channels, second: 0 }
    }

    /// What all channels say in the next second.
    pub(crate) fn second(&mut self) -> Vec<Reading> {
        let measured_at = Timestamp::from_millis(START_MS + self.second * 1000);
        self.second += 1;
        let random = &mut self.random;
        let mut readings = Vec::with_capacity(self.channels.len());
        for (i, channel) in (0..).zip(&mut self.channels) {
            let ppm = channel.level(random);
            if channel.is_silent(random) {
                continue;
            }
            let received_at = measured_at.plus_ms(12 + random.below(29).cast_signed());
            let over = ppm > RANGE_PPM;
            let quality = if over { Quality::OverRange } else { Quality::Good };
            let index = ChannelIndex(i);
            readings.push(Reading::new(index, measured_at, received_at, Some(ppm), quality));
        }
        readings
    }

    pub(crate) fn hour(&mut self) -> Vec<Vec<Reading>> {
        (0..HOUR_S).map(|_| self.second()).collect()
    }
}

impl Channel {
    fn level(&mut self, random: &mut Random) -> f64 {
        self.noise = PHI * self.noise + NOISE_SD * (1.0 - PHI * PHI).sqrt() * random.normal();
        if random.happens(RELEASE_EVERY_S) {
            self.releases.push(Release::new(random));
        }
        let plume: f64 = self.releases.iter_mut().map(Release::level).sum();
        self.releases.retain(|release| !release.is_over());
        let hundredths = ((self.base + self.noise + plume) * 100.0).round();
        hundredths.clamp(0.0, 99_999.0) / 100.0
    }

    fn is_silent(&mut self, random: &mut Random) -> bool {
        if self.silent_s > 0 {
            self.silent_s -= 1;
            return true;
        }
        if self.drops_out && random.happens(SILENCE_EVERY_S) {
            self.silent_s = 40 + random.below(361);
        }
        random.below(100) == 0
    }
}
