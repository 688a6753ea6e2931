//! Which factors of a data logger are which values.
//!
//! Holds names and units only; what a frame means is in [`crate::hj212`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use siskin_model::{Quality, Unit};

/// How old a logger's `DataTime` may be unless the profile says otherwise: thirty days.
const BACKLOG_MAX_S: u32 = 30 * 86_400;

/// The factors (污染因子) that hold values, by point name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hj212Mapping {
    /// Values by point name.
    pub values: BTreeMap<String, Hj212Value>,
    /// What a value without a `Flag` is worth.
    #[serde(default)]
    pub flag_missing: FlagMissing,
    /// Which averages fill gaps of the real-time data; without it none do.
    #[serde(default)]
    pub fill: Option<Fill>,
    /// How old a `DataTime` may be to be believed: what a logger kept while its line was cut comes
    /// with the time at which it was measured.
    #[serde(default = "backlog_max_s")]
    pub backlog_max_s: u32,
}

fn backlog_max_s() -> u32 {
    BACKLOG_MAX_S
}

/// One factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hj212Value {
    /// Its code, for example `a21026`.
    pub factor: String,
    /// The unit in which loggers send it; frames do not say it.
    pub unit: Unit,
}

/// What a value without a `Flag` is worth. Loggers of 2005 may send none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlagMissing {
    /// It is judged, and shown as doubtful.
    #[default]
    Uncertain,
    /// Loggers of this profile send no flags.
    Good,
}

impl FlagMissing {
    /// As a quality.
    pub fn quality(self) -> Quality {
        match self {
            Self::Uncertain => Quality::Uncertain,
            Self::Good => Quality::Good,
        }
    }
}

/// Averages that may stand where real-time data are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fill {
    /// CN 2051.
    #[serde(rename = "2051")]
    Minutes,
    /// CN 2061.
    #[serde(rename = "2061")]
    Hours,
    /// CN 2031.
    #[serde(rename = "2031")]
    Days,
}

impl Fill {
    /// The command that carries them.
    pub fn cn(self) -> u16 {
        match self {
            Self::Minutes => 2051,
            Self::Hours => 2061,
            Self::Days => 2031,
        }
    }
}
