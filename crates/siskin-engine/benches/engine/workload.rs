//! Readings after the standard workload: seeded, so that a run can be repeated.
//!
//! Per channel: baseline U(0.2, 2.0) ppm, AR(1) noise (phi 0.9, sd 0.15), on average one release
//! per 3,000 s (linear rise, hold, exponential decay), values in 0.01 ppm; 2 % of the channels drop
//! out, 1 % of the other rows are missing. Time-major, 1 Hz.

use std::io::Write;
use std::path::Path;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use siskin_model::{ChannelIndex, Quality, Reading, Timestamp};

pub(crate) const START_MS: i64 = 1_767_225_600_000;

/// Readings of `channels` over `seconds`.
pub(crate) fn readings(channels: u32, seconds: u32, seed: u64) -> Vec<Reading> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut columns: Vec<_> = (0..channels).map(|_| column(seconds, &mut rng)).collect();
    for _ in 0..(channels / 50) {
        let dropping = rng.random_range(0..columns.len());
        for _ in 0..2 {
            let begin = rng.random_range(0..seconds as usize);
            let length = rng.random_range(40..=400);
            let column = columns.get_mut(dropping).unwrap();
            column.iter_mut().skip(begin).take(length).for_each(|value| *value = f64::NAN);
        }
    }
    let mut out = Vec::with_capacity(seconds as usize * columns.len());
    for second in 0..seconds {
        let at = Timestamp::from_millis(START_MS + i64::from(second) * 1000);
        for (channel, column) in (0u32..).zip(&columns) {
            let value = column.get(second as usize).copied().unwrap();
            if value.is_finite() && rng.random::<f64>() >= 0.01 {
                let channel = ChannelIndex(channel);
                out.push(Reading::new(channel, at, at, Some(value), Quality::Good));
            }
        }
    }
    out
}

/// One long series of a channel, for steps that look at it from many places.
pub(crate) fn series(seconds: u32, seed: u64) -> Vec<f64> {
    column(seconds, &mut SmallRng::seed_from_u64(seed))
}

fn column(seconds: u32, rng: &mut SmallRng) -> Vec<f64> {
    let base = rng.random_range(0.2..2.0);
    let mut gas = vec![0.0; seconds as usize];
    let mut begin = exponential(3000.0, rng);
    while begin < f64::from(seconds) {
        release(&mut gas, begin, rng);
        begin += exponential(3000.0, rng);
    }
    let (phi, sd): (f64, f64) = (0.9, 0.15);
    let step = sd * (1.0 - phi * phi).sqrt();
    let mut noise = sd * normal(rng);
    for value in &mut gas {
        *value = ((*value + base + noise).clamp(0.0, 999.99) * 100.0).round() / 100.0;
        noise = phi * noise + step * normal(rng);
    }
    gas
}

fn release(gas: &mut [f64], begin: f64, rng: &mut SmallRng) {
    let (rise, hold) = (rng.random_range(10.0..300.0), rng.random_range(0.0..600.0));
    let tau = rng.random_range(30.0..300.0);
    let peak = rng.random_range(5f64.ln()..120f64.ln()).exp();
    for (second, value) in (0u32..).zip(gas) {
        let t = f64::from(second) - begin;
        if t >= 0.0 && t <= rise + hold + 12.0 * tau {
            let decay = (-(t - rise - hold).max(0.0) / tau).exp();
            *value += peak * (t / rise).min(1.0) * decay;
        }
    }
}

fn exponential(mean: f64, rng: &mut SmallRng) -> f64 {
    -mean * (1.0 - rng.random::<f64>()).ln()
}

/// Box and Muller.
fn normal(rng: &mut SmallRng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}

/// Writes little-endian records of i64 ms, u32 channel, f32 value.
pub(crate) fn write_bin(path: &Path, readings: &[Reading]) {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    for reading in readings {
        #[expect(clippy::cast_possible_truncation, reason = "the form has 32-bit values")]
        let value = reading.value.unwrap() as f32;
        out.write_all(&reading.measured_at.as_millis().to_le_bytes()).unwrap();
        out.write_all(&reading.channel.0.to_le_bytes()).unwrap();
        out.write_all(&value.to_le_bytes()).unwrap();
    }
    out.flush().unwrap();
}
