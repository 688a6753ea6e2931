//! What is known about a value, and what each quality may do (invariants 2 and 9).
//!
//! Missing, stale, faulty, saturated and zero are five different things; a quality never turns
//! one into another.

use serde::{Deserialize, Serialize};

/// The quality of a reading. The wire names are kebab-case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quality {
    /// The device says that the value is right.
    Good,
    /// A value with a doubt: an unknown state word, a maintenance request (NAMUR NE 107).
    Uncertain,
    /// At or beyond the end of the measuring range: the true value is at least this high.
    OverRange,
    /// Not ready after switching on.
    WarmUp,
    /// Zero or span gas is being measured.
    Calibration,
    /// Inhibited by a person for work on it (NAMUR NE 107: function check).
    Maintenance,
    /// The device says that it has failed (NAMUR NE 107: failure).
    Fault,
    /// The device did not answer.
    CommLost,
    /// Entered by a person.
    Manual,
}

impl Quality {
    /// All qualities, in the order of their codes.
    pub const ALL: [Self; 9] = [
        Self::Good,
        Self::Uncertain,
        Self::OverRange,
        Self::WarmUp,
        Self::Calibration,
        Self::Maintenance,
        Self::Fault,
        Self::CommLost,
        Self::Manual,
    ];

    /// Whether a value of this quality may raise or clear a gas alarm.
    pub const fn is_judged(self) -> bool {
        matches!(self, Self::Good | Self::Uncertain | Self::OverRange)
    }

    /// Whether the device was heard at all. A fault or a lost line is silence about the air: it
    /// lets the no-data alarm come. Calibration, maintenance and warm-up are announced by the
    /// device and are shown as such instead.
    pub const fn is_heard(self) -> bool {
        !matches!(self, Self::Fault | Self::CommLost)
    }

    /// The one of the two that says less about the air. Over-range is worse than good but is a
    /// measurement; an announced state is better known than a fault; silence is the worst.
    #[must_use]
    pub const fn or_worse(self, other: Self) -> Self {
        if other.badness() > self.badness() { other } else { self }
    }

    const fn badness(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Manual => 1,
            Self::Uncertain => 2,
            Self::OverRange => 3,
            Self::Calibration => 4,
            Self::Maintenance => 5,
            Self::WarmUp => 6,
            Self::Fault => 7,
            Self::CommLost => 8,
        }
    }

    /// The code used on disk.
    pub const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Uncertain => 1,
            Self::OverRange => 2,
            Self::WarmUp => 3,
            Self::Calibration => 4,
            Self::Maintenance => 5,
            Self::Fault => 6,
            Self::CommLost => 7,
            Self::Manual => 8,
        }
    }

    /// The quality of a code; an unknown code is no quality.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Uncertain => "uncertain",
            Self::OverRange => "over-range",
            Self::WarmUp => "warm-up",
            Self::Calibration => "calibration",
            Self::Maintenance => "maintenance",
            Self::Fault => "fault",
            Self::CommLost => "comm-lost",
            Self::Manual => "manual",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_go_there_and_back() {
        for (i, quality) in Quality::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(quality.code()), i);
            assert_eq!(Quality::from_code(quality.code()), Some(quality));
            let json = serde_json::to_string(&quality).unwrap();
            assert_eq!(json, format!("\"{}\"", quality.as_str()));
        }
        assert_eq!(Quality::from_code(9), None);
    }

    #[test]
    fn of_two_qualities_one_is_worse_whichever_comes_first() {
        for a in Quality::ALL {
            for b in Quality::ALL {
                let worse = a.or_worse(b);
                assert!(worse == a || worse == b);
                assert_eq!(worse, b.or_worse(a));
            }
            assert_eq!(Quality::Good.or_worse(a), a);
            assert_eq!(Quality::CommLost.or_worse(a), Quality::CommLost);
        }
    }

    #[test]
    fn only_real_measurements_are_judged() {
        let judged: Vec<_> = Quality::ALL.into_iter().filter(|q| q.is_judged()).collect();
        assert_eq!(judged, [Quality::Good, Quality::Uncertain, Quality::OverRange]);
        let silent: Vec<_> = Quality::ALL.into_iter().filter(|q| !q.is_heard()).collect();
        assert_eq!(silent, [Quality::Fault, Quality::CommLost]);
    }
}
