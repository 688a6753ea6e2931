//! Whether late readings say what is stored already.
//!
//! A device that comes back sends hours again; each hour of a channel is read from the store once
//! for a group of late readings, not once for each of them. Must never take a reading that differs
//! for a repeat, and what cannot be read counts as new: judging again is safe, passing over is not.

use std::collections::BTreeMap;

use siskin_model::{ChannelIndex, Quality, Reading, Timestamp};
use siskin_store::Series;

const HOUR_MS: i64 = 3_600_000;
/// Hours of channels kept at once; beyond it they are read anew.
const HOURS_MAX: usize = 256;

/// What is stored of one hour of a channel.
type Hour = BTreeMap<Timestamp, (Option<f64>, Quality)>;

/// Stored hours, read as they are asked about.
pub(crate) struct Repeats<'a> {
    series: &'a Series,
    hours: BTreeMap<(ChannelIndex, i64), Hour>,
}

impl<'a> Repeats<'a> {
    /// Nothing read yet.
    pub(crate) fn new(series: &'a Series) -> Self {
        Self { series, hours: BTreeMap::new() }
    }

    /// Whether the very same reading is stored.
    pub(crate) fn has(&mut self, reading: &Reading) -> bool {
        let hour = reading.measured_at.as_millis().div_euclid(HOUR_MS);
        let key = (reading.channel, hour);
        if self.hours.len() >= HOURS_MAX && !self.hours.contains_key(&key) {
            self.hours.clear();
        }
        let series = self.series;
        let stored = self.hours.entry(key).or_insert_with(|| read(series, key));
        stored.get(&reading.measured_at) == Some(&(reading.value, reading.quality))
    }
}

fn read(series: &Series, (channel, hour): (ChannelIndex, i64)) -> Hour {
    let at = |hour: i64| Timestamp::from_millis(hour.saturating_mul(HOUR_MS));
    let readable = series.readable(channel, at(hour), at(hour + 1)).unwrap_or_default();
    readable.readings.into_iter().map(|r| (r.measured_at, (r.value, r.quality))).collect()
}

#[cfg(test)]
mod tests {
    use siskin_model::{ChannelId, Unit};
    use siskin_store::ChannelKey;

    use super::*;

    fn reading(s: i64, value: f64) -> Reading {
        let at = Timestamp::from_millis(s * 1000);
        Reading::new(ChannelIndex(0), at, at, Some(value), Quality::Good)
    }

    #[test]
    fn only_the_very_same_reading_is_a_repeat() {
        let folder = tempfile::tempdir().unwrap();
        let key = ChannelKey {
            id: ChannelId::new("at-101").unwrap(),
            quantity: "chlorine".into(),
            unit: Unit::Ppm,
        };
        let series = Series::open(folder.path(), &[key]).unwrap();
        series.append(&[reading(3599, 1.0), reading(3600, 2.0)]).unwrap();
        let mut repeats = Repeats::new(&series);
        assert!(repeats.has(&reading(3599, 1.0)) && repeats.has(&reading(3600, 2.0)));
        assert!(!repeats.has(&reading(3599, 1.5)), "another value");
        assert!(!repeats.has(&reading(3601, 2.0)), "another moment");
        let lost = Reading { quality: Quality::Uncertain, ..reading(3600, 2.0) };
        assert!(!repeats.has(&lost), "another quality");
    }
}
