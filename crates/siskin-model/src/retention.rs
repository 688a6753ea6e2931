//! How long history is kept, per resolution.
//!
//! Must never let a finer resolution outlive a coarser one: what is summed up of a day is the only
//! thing that is left when its readings are gone, so it cannot go before them.

use std::num::NonZeroU32;

use crate::Timestamp;

/// A day of UTC.
const DAY_MS: i64 = 86_400_000;

/// How long one resolution is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keep {
    /// Whole days of UTC before today.
    Days(NonZeroU32),
    /// Nothing is ever deleted.
    ForEver,
}

impl Keep {
    /// The days of UTC since 1970 before this one are over their time at `now`; none for ever.
    pub fn expired_before(self, now: Timestamp) -> Option<i64> {
        let Self::Days(days) = self else { return None };
        let today = now.as_millis().div_euclid(DAY_MS);
        Some(today.saturating_sub(i64::from(days.get())))
    }
}

/// Why a retention makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RetentionError {
    /// Minutes would go before the readings they are made of.
    #[error("minutes are kept shorter than readings; hint: keep them as long, or readings shorter")]
    MinuteBeforeRaw,
    /// Hours would go before minutes.
    #[error("hours are kept shorter than minutes; hint: keep them as long, or minutes shorter")]
    HourBeforeMinute,
}

/// How long readings, minutes and hours are kept; none longer than the next coarser one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    raw: Keep,
    minute: Keep,
    hour: Keep,
}

impl Retention {
    /// Nothing is ever deleted.
    pub const FOR_EVER: Self =
        Self { raw: Keep::ForEver, minute: Keep::ForEver, hour: Keep::ForEver };

    /// Refuses a resolution that would go before a finer one.
    pub fn new(raw: Keep, minute: Keep, hour: Keep) -> Result<Self, RetentionError> {
        if minute < raw {
            return Err(RetentionError::MinuteBeforeRaw);
        }
        if hour < minute {
            return Err(RetentionError::HourBeforeMinute);
        }
        Ok(Self { raw, minute, hour })
    }

    /// Of readings as they were measured.
    pub const fn raw(&self) -> Keep {
        self.raw
    }

    /// Of steps of a minute.
    pub const fn minute(&self) -> Keep {
        self.minute
    }

    /// Of steps of an hour.
    pub const fn hour(&self) -> Keep {
        self.hour
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(n: u32) -> Keep {
        Keep::Days(NonZeroU32::new(n).unwrap())
    }

    #[test]
    fn a_finer_resolution_never_outlives_a_coarser_one() {
        let check = |raw, minute, hour, expected: Option<RetentionError>| {
            assert_eq!(Retention::new(raw, minute, hour).err(), expected);
        };
        check(days(30), days(30), days(400), None);
        check(days(30), Keep::ForEver, Keep::ForEver, None);
        check(Keep::ForEver, Keep::ForEver, Keep::ForEver, None);
        check(days(31), days(30), Keep::ForEver, Some(RetentionError::MinuteBeforeRaw));
        check(Keep::ForEver, days(9), days(9), Some(RetentionError::MinuteBeforeRaw));
        check(days(1), Keep::ForEver, days(9), Some(RetentionError::HourBeforeMinute));
    }

    #[test]
    fn whole_days_are_kept() {
        let check = |keep: Keep, now_ms, expected| {
            assert_eq!(keep.expired_before(Timestamp::from_millis(now_ms)), expected);
        };
        check(days(1), 10 * DAY_MS, Some(9));
        check(days(1), 11 * DAY_MS - 1, Some(9));
        check(days(3), 11 * DAY_MS, Some(8));
        check(days(3), -1, Some(-4));
        check(Keep::ForEver, 11 * DAY_MS, None);
    }
}
