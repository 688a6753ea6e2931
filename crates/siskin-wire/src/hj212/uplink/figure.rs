//! What a factor is said to be at a moment or over a period: numbers and one flag.
//!
//! Validity follows HJ 212-2017, appendix D, written for flue gas: a minute needs its readings
//! (here three of four that should have come), an hour 45 valid minutes, a day 20 valid hours. What
//! is not valid never has the flag `N`; a period without a valid reading has no number at all. A
//! reading above the measuring range counts as the end of the range, and its flag `T` stands above
//! all others: the air is at least that bad. Minimum and maximum are of valid readings (unverified:
//! the text at hand does not say of what).

use siskin_model::uplink::UplinkFactor;
use siskin_model::{Quality, Reading, Timestamp};

use super::exact::{Nano, Sum};
use super::period::{HOUR_MS, MINUTE_MS};

/// Readings that a minute needs, of a hundred that should have come.
const READINGS_PCT: u64 = 75;
/// Valid minutes of an hour (appendix D).
pub const MINUTES_NEEDED: usize = 45;
/// Valid hours of a day (appendix D).
pub const HOURS_NEEDED: usize = 20;

/// The flag of HJ 212-2017, table 8, the gravest last: of as many bad readings of two flags the
/// graver one names the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// The instrument is normal.
    Normal,
    /// Set by hand.
    Manual,
    /// Stopped: here, not ready after switching on.
    Stopped,
    /// Under maintenance.
    Maintenance,
    /// Being calibrated.
    Calibration,
    /// Failed.
    Fault,
    /// The line to the instrument is cut, or nothing came over it.
    Lost,
    /// Above the measuring range.
    OverRange,
}

impl Flag {
    const ALL: [Self; 8] = [
        Self::Normal,
        Self::Manual,
        Self::Stopped,
        Self::Maintenance,
        Self::Calibration,
        Self::Fault,
        Self::Lost,
        Self::OverRange,
    ];

    /// Its letter.
    pub const fn letter(self) -> char {
        match self {
            Self::Normal => 'N',
            Self::Manual => 'S',
            Self::Stopped => 'F',
            Self::Maintenance => 'M',
            Self::Calibration => 'C',
            Self::Fault => 'D',
            Self::Lost => 'B',
            Self::OverRange => 'T',
        }
    }

    /// The flag of a quality. `uncertain` is normal: the table has no letter for a doubt, and the
    /// value is one that warns here.
    pub const fn of(quality: Quality) -> Self {
        match quality {
            Quality::Good | Quality::Uncertain => Self::Normal,
            Quality::OverRange => Self::OverRange,
            Quality::WarmUp => Self::Stopped,
            Quality::Calibration => Self::Calibration,
            Quality::Maintenance => Self::Maintenance,
            Quality::Fault => Self::Fault,
            Quality::CommLost => Self::Lost,
            Quality::Manual => Self::Manual,
        }
    }

    /// Whether it says that the number is one of the air.
    pub const fn is_valid(self) -> bool {
        matches!(self, Self::Normal | Self::OverRange)
    }
}

/// A factor at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// The number; none where there is none.
    pub value: Option<Nano>,
    /// What it is worth.
    pub flag: Flag,
}

/// A factor over a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mean {
    /// What it is worth.
    pub flag: Flag,
    /// Its numbers; none where no reading was valid.
    pub numbers: Option<Numbers>,
}

/// The numbers of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// The least valid reading.
    pub min: Nano,
    /// The mean.
    pub mean: Nano,
    /// The greatest.
    pub max: Nano,
}

/// The factor at `at`: its newest reading that is not older than `age_max_ms`; without one the line
/// to the instrument counts as cut.
pub fn spot(readings: &[Reading], at: Timestamp, age_max_ms: i64, factor: &UplinkFactor) -> Spot {
    let is_in_time = |reading: &&Reading| {
        reading.measured_at <= at && at.since_ms(reading.measured_at) <= age_max_ms
    };
    let newest = readings.iter().filter(is_in_time).max_by_key(|reading| reading.measured_at);
    let Some(reading) = newest else {
        return Spot { value: None, flag: Flag::Lost };
    };
    let flag = Flag::of(reading.quality);
    // The number of a failed instrument, or of one that is not heard, is an old one or none.
    let value = match flag {
        Flag::Fault | Flag::Lost => None,
        _ => number(reading, factor),
    };
    match (value, flag) {
        (None, Flag::Normal | Flag::Manual) => Spot { value, flag: Flag::Fault },
        _ => Spot { value, flag },
    }
}

/// The mean of the readings in [begin, begin + length), which are all those of that time.
pub fn of_readings(readings: &[Reading], length_ms: i64, factor: &UplinkFactor) -> Mean {
    let mut tally = Tally::default();
    for reading in readings {
        let flag = Flag::of(reading.quality);
        match number(reading, factor).filter(|_| flag.is_valid()) {
            Some(value) => tally.take(flag, value, (value, value)),
            None if flag.is_valid() => tally.miss(Flag::Fault, 1),
            None => tally.miss(flag, 1),
        }
    }
    let expected = u64::try_from(length_ms / i64::from(factor.poll_ms.max(1))).unwrap_or(0).max(1);
    let came = readings.len() as u64;
    tally.miss(Flag::Lost, expected.saturating_sub(came));
    let needed = (expected * READINGS_PCT).div_ceil(100).max(1);
    tally.judged(needed, factor.is_direction)
}

/// The mean of shorter periods of which `needed` must be valid.
pub fn of_means(parts: &[Mean], needed: usize, factor: &UplinkFactor) -> Mean {
    let mut tally = Tally::default();
    for part in parts {
        match part.numbers.filter(|_| part.flag.is_valid()) {
            Some(numbers) => tally.take(part.flag, numbers.mean, (numbers.min, numbers.max)),
            None => tally.miss(part.flag, 1),
        }
    }
    tally.judged(needed as u64, factor.is_direction)
}

/// The mean of an hour by its minutes.
pub fn hour(readings: &[Reading], begin: Timestamp, factor: &UplinkFactor) -> Mean {
    let minutes: Vec<_> = pieces(readings, begin, HOUR_MS, MINUTE_MS)
        .map(|minute| of_readings(minute, MINUTE_MS, factor))
        .collect();
    // An instrument that is read less often than once a minute has no minutes.
    if i64::from(factor.poll_ms) > MINUTE_MS {
        return of_readings(readings, HOUR_MS, factor);
    }
    of_means(&minutes, MINUTES_NEEDED, factor)
}

/// The mean of a day by its hours, one after the other.
pub fn day(hours: &[Mean], factor: &UplinkFactor) -> Mean {
    of_means(hours, HOURS_NEEDED, factor)
}

/// What has passed through: the mean times the hours times what one of it stands for in an hour.
pub fn total(mean: &Mean, length_ms: i64, factor: &UplinkFactor) -> Option<Nano> {
    let numbers = mean.numbers.filter(|_| mean.flag.is_valid())?;
    let hours = length_ms as f64 / HOUR_MS as f64;
    Nano::of(numbers.mean.value() * hours * factor.cou_per_h?)
}

/// `readings` (in order) of [begin, begin + length) by pieces of `piece_ms`.
fn pieces(
    readings: &[Reading],
    begin: Timestamp,
    length_ms: i64,
    piece_ms: i64,
) -> impl Iterator<Item = &[Reading]> {
    let bound = move |at: Timestamp| readings.partition_point(|r| r.measured_at < at);
    (0..length_ms / piece_ms).map(move |piece| {
        let from = begin.plus_ms(piece * piece_ms);
        readings.get(bound(from)..bound(from.plus_ms(piece_ms))).unwrap_or_default()
    })
}

/// The number in the bureau's unit; what is above the range is at least its end.
fn number(reading: &Reading, factor: &UplinkFactor) -> Option<Nano> {
    let value = match (reading.quality, reading.value) {
        (Quality::OverRange, value) => {
            Some(value.map_or(factor.range_high, |value| value.max(factor.range_high)))
        }
        (_, value) => value,
    };
    Nano::of(value? * factor.factor)
}

/// What is known while parts are taken one by one.
#[derive(Debug, Default)]
struct Tally {
    valid: u64,
    over: bool,
    sum: Sum,
    /// Sums of sines and cosines, for directions.
    vector: (f64, f64),
    ends: Option<(Nano, Nano)>,
    /// How many were not valid, by [`Flag::ALL`].
    bad: [u64; 8],
}

impl Tally {
    fn take(&mut self, flag: Flag, value: Nano, (low, high): (Nano, Nano)) {
        self.valid += 1;
        self.over |= flag == Flag::OverRange;
        self.sum.add(value);
        let (sine, cosine) = value.value().to_radians().sin_cos();
        self.vector = (self.vector.0 + sine, self.vector.1 + cosine);
        let (min, max) = self.ends.unwrap_or((low, high));
        self.ends = Some((min.min(low), max.max(high)));
    }

    fn miss(&mut self, flag: Flag, count: u64) {
        let place = Flag::ALL.iter().position(|one| *one == flag);
        if let Some(slot) = place.and_then(|place| self.bad.get_mut(place)) {
            *slot += count;
        }
    }

    fn judged(&self, needed: u64, is_direction: bool) -> Mean {
        let mean = if is_direction { self.direction() } else { self.sum.mean() };
        let numbers = mean.zip(self.ends);
        let numbers = numbers.map(|(mean, (min, max))| Numbers { min, mean, max });
        let flag = if self.over {
            Flag::OverRange
        } else if self.valid >= needed {
            Flag::Normal
        } else {
            self.worst()
        };
        Mean { flag, numbers }
    }

    /// Directions that cancel each other out have no mean.
    fn direction(&self) -> Option<Nano> {
        let (sine, cosine) = self.vector;
        let length = sine.hypot(cosine);
        let degrees = sine.atan2(cosine).to_degrees().rem_euclid(360.0);
        (self.valid > 0 && length > 1e-9).then(|| Nano::of(degrees)).flatten()
    }

    /// The flag of most of what was not valid, the graver one of two.
    fn worst(&self) -> Flag {
        let bad = Flag::ALL.into_iter().zip(self.bad).filter(|(_, count)| *count > 0);
        bad.max_by_key(|(flag, count)| (*count, *flag)).map_or(Flag::Lost, |(flag, _)| flag)
    }
}

#[cfg(test)]
mod tests;
