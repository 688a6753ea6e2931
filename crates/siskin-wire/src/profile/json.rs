//! How JSON payloads are read, as data. Must never say what is done with a value: that is
//! [`crate::json`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use siskin_model::{Quality, Unit};

/// How a JSON payload is read. Pointers are RFC 6901.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonMapping {
    /// Values by point name.
    pub values: BTreeMap<String, JsonValue>,
    /// Where a payload may hold several records of its own time each: an array, or one object.
    /// Empty means the payload itself. Every other pointer is then one inside a record.
    #[serde(default)]
    pub records: Option<String>,
    /// Arrays of `{name, …}` that are read as objects by name.
    #[serde(default)]
    pub lists: Vec<JsonList>,
    /// The topic on which the broker says that the device is gone.
    #[serde(default)]
    pub alive: Option<JsonAlive>,
    /// The device's time; without it the arrival counts.
    #[serde(default)]
    pub time: Option<JsonTime>,
    /// The device's own judgement; without it a present value is good.
    #[serde(default)]
    pub status: Option<JsonStatus>,
}

/// An array of objects that carry their name: `[{"name": "h2s", "value": 1}]` at `/tags` is read by
/// `/tags/h2s/value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonList {
    /// Where the array is.
    pub pointer: String,
    /// The key that holds the name.
    pub name: String,
}

/// A last will or birth message beside the readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonAlive {
    /// The last level of its topic, in place of the last one of the readings' topic.
    pub last_level: String,
    /// Payloads that say that the device is gone.
    pub gone: Vec<String>,
}

/// Where a value stands in a payload. Exactly one of `unit` and `unit_pointer` is stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonValue {
    /// Where the number is.
    pub pointer: String,
    /// Where it is instead, in payloads without the first.
    #[serde(default)]
    pub fallback: Option<String>,
    /// The device's or gateway's word about this value alone, for example an error code.
    #[serde(default)]
    pub status: Option<JsonStatus>,
    /// The unit, where payloads do not say it.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// Where the payload says its unit.
    #[serde(default)]
    pub unit_pointer: Option<String>,
    /// Spellings of units that are not ours, for example `"PPM" = "ppm"`.
    #[serde(default)]
    pub unit_words: BTreeMap<String, Unit>,
    /// Whether a number may come as a text (`"0.35"`).
    #[serde(default)]
    pub numeric_strings: bool,
}

/// Where a payload says when it was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonTime {
    /// Where the time is.
    pub pointer: String,
    /// How it is written.
    pub unit: TimeUnit,
    /// Whether the device's clock is disciplined (NTP or the like).
    pub trusted: bool,
    /// Further than this from the arrival, the device's time is not believed.
    pub skew_max_ms: u32,
    /// Whether payloads without a time are usual; then the arrival counts and nothing is said.
    #[serde(default)]
    pub optional: bool,
    /// East of UTC, for times that do not say it.
    #[serde(default)]
    pub utc_offset_min: Option<i16>,
    /// How old a stamp of a trusted clock may be beyond that: what a gateway kept while its line
    /// was cut comes with the time at which it was measured. Without it such a reading would be
    /// taken for one of now.
    #[serde(default)]
    pub backlog_max_s: u32,
}

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeUnit {
    /// Milliseconds since 1970, UTC.
    Ms,
    /// Seconds since 1970, UTC; fractions allowed.
    S,
    /// RFC 3339 with `Z` or an offset.
    Iso8601,
    /// `yyyyMMddHHmmss` in local time, with or without milliseconds behind it.
    Compact,
}

/// Where a payload says how the device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonStatus {
    /// Where the word is.
    pub pointer: String,
    /// Word → quality.
    pub words: BTreeMap<String, Quality>,
    /// The quality without a word.
    #[serde(default = "uncertain")]
    pub absent: Quality,
    /// The quality of a word that is not listed.
    #[serde(default = "uncertain")]
    pub other: Quality,
}

fn uncertain() -> Quality {
    Quality::Uncertain
}
