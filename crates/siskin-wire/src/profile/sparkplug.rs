//! Which metrics of a Sparkplug B node or device are which values, and how far its clock and its
//! words are believed.
//!
//! Holds names and units only; what a payload means is in [`crate::sparkplug`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use siskin_model::{Quality, Unit};

/// The metrics that hold values, by point name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SparkplugMapping {
    /// Values by point name.
    pub values: BTreeMap<String, SparkplugValue>,
    /// How far the node's clock is believed.
    #[serde(default)]
    pub time: SparkplugTime,
    /// The metric in which the device judges itself; without it a present value is good.
    #[serde(default)]
    pub status: Option<SparkplugStatus>,
}

/// One metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SparkplugValue {
    /// Its name as the birth certificate says it.
    pub metric: String,
    /// The unit, where the birth certificate has no `engUnit` property. Where it has one, the two
    /// must agree.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// Spellings of units that are not ours, for example `"PPM" = "ppm"`.
    #[serde(default)]
    pub unit_words: BTreeMap<String, Unit>,
}

/// How far the stamps of metrics are believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SparkplugTime {
    /// Whether the node's clock is disciplined (NTP or the like).
    pub trusted: bool,
    /// Further than this from the arrival, a live stamp is not believed.
    pub skew_max_ms: u32,
    /// How old a stamp may be beyond that: what a node kept while its line was cut (in Sparkplug
    /// marked `is_historical`) is taken at the time at which it was measured, never as now.
    pub backlog_max_s: u32,
}

impl Default for SparkplugTime {
    fn default() -> Self {
        Self { trusted: true, skew_max_ms: 5_000, backlog_max_s: 86_400 }
    }
}

/// The metric that says how the device is. A missing or unknown word is `uncertain`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SparkplugStatus {
    /// Its name as the birth certificate says it; a text, a whole number or true and false.
    pub metric: String,
    /// Word → quality.
    pub words: BTreeMap<String, Quality>,
}
