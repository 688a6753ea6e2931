//! Device profiles: what a model of analyzer says and how it says it
//! (`firmware-configs/devices/*.toml`).
//!
//! A profile is data with a source. It never holds an address of a device, never a limit, and
//! cannot express a write: [`ReadFunction`] has no such value. [`DeviceProfile::check`] finds what
//! the types cannot; read [`crate::modbus`] and [`crate::json`] next for what is done with it.

mod check;
mod hj212;
mod point;
mod sparkplug;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use siskin_model::{Quality, Unit};

pub use check::ProfileProblem;
pub use hj212::{Hj212Mapping, Hj212Value};
pub use point::{Code, OrderEvidence, Point, PointType, ReadFunction, WordOrder, unit_of};
pub use sparkplug::{SparkplugMapping, SparkplugValue};

/// The most registers one Modbus request may ask for (Modbus application protocol 1.1b3, 6.3).
pub const REGS_MAX: u16 = 125;
/// The longest JSON payload a profile may allow, in bytes.
pub const PAYLOAD_LIMIT_BYTES: usize = 256 * 1024;

/// What is known about one model of device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceProfile {
    /// The file's name without `.toml`, for example `honeywell-xnx`.
    pub id: String,
    /// Raised whenever the meaning of a field changes.
    pub version: u32,
    /// How far the profile was tried.
    pub status: Evidence,
    /// Maker.
    pub vendor: String,
    /// Model.
    pub model: String,
    /// Where the facts come from.
    pub source: Source,
    /// Facts in this file that the source does not state, in words.
    #[serde(default)]
    pub unverified: Vec<String>,
    /// How devices of this model are spoken to.
    pub transport: Transport,
    /// Limits of the device.
    #[serde(default)]
    pub limits: Limits,
    /// Registers and bits by name; empty for `mqtt-json`.
    #[serde(default)]
    pub points: BTreeMap<String, Point>,
    /// From state words to a quality; the first rule that matches holds.
    #[serde(default)]
    pub validity: Vec<ValidityRule>,
    /// The quality when no rule matches.
    #[serde(default = "uncertain")]
    pub validity_default: Quality,
    /// A register that proves that the device still measures.
    #[serde(default)]
    pub heartbeat: Option<Heartbeat>,
    /// The mapping of JSON payloads; only for `mqtt-json`.
    #[serde(default)]
    pub json: Option<JsonMapping>,
    /// Which metrics hold values; only for `sparkplug-b`.
    #[serde(default)]
    pub sparkplug: Option<SparkplugMapping>,
    /// Which factors hold values; only for `hj212`.
    #[serde(default)]
    pub hj212: Option<Hj212Mapping>,
}

fn uncertain() -> Quality {
    Quality::Uncertain
}

/// How far a profile was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Written from documents only.
    Documented,
    /// Tried against somebody else's implementation.
    Interop,
    /// Tried on the device itself.
    Hardware,
}

/// Where the facts of a profile come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Document and edition.
    pub doc: String,
    /// Pages or tables.
    pub pages: String,
}

/// How a device is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// Modbus (TCP, RTU, or RTU through a TCP line: the site says which), read requests only.
    Modbus,
    /// JSON objects on an MQTT topic of the device.
    MqttJson,
    /// Metrics of a Sparkplug B edge node or device.
    SparkplugB,
    /// Factors of an HJ 212 data logger.
    Hj212,
}

impl Transport {
    /// The name used in profiles.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Modbus => "modbus",
            Self::MqttJson => "mqtt-json",
            Self::SparkplugB => "sparkplug-b",
            Self::Hj212 => "hj212",
        }
    }
}

/// What a device can take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Most registers in one request (for bits: 16 times as many bits).
    pub max_regs: u16,
    /// Most unneeded registers (or bits) read between two needed ones to save a request.
    pub max_gap: u16,
    /// Pause between two requests.
    pub min_gap_ms: u32,
    /// Pause between opening the connection and the first request.
    pub connect_delay_ms: u32,
    /// Longest JSON payload that is looked at.
    pub payload_max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_regs: REGS_MAX,
            max_gap: 0,
            min_gap_ms: 0,
            connect_delay_ms: 0,
            payload_max_bytes: 16 * 1024,
        }
    }
}

/// From state words to a quality. All points named must show one of their words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidityRule {
    /// Point name → words, any of which matches.
    pub when: BTreeMap<String, Vec<String>>,
    /// What the value is then worth.
    pub quality: Quality,
}

/// A register that changes as long as the device measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// Name of the point.
    pub point: String,
    /// Unchanged for longer than this, the device counts as frozen and its values as faults.
    pub stale_after_ms: u32,
}

/// How a JSON payload is read. Pointers are RFC 6901.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonMapping {
    /// Values by point name.
    pub values: BTreeMap<String, JsonValue>,
    /// The device's time; without it the arrival counts.
    #[serde(default)]
    pub time: Option<JsonTime>,
    /// The device's own judgement; without it a present value is good.
    #[serde(default)]
    pub status: Option<JsonStatus>,
}

/// Where a value stands in a payload. Exactly one of `unit` and `unit_pointer` is stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonValue {
    /// Where the number is.
    pub pointer: String,
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
}

/// Where a payload says how the device is. A missing or unknown word is `uncertain`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonStatus {
    /// Where the word is.
    pub pointer: String,
    /// Word → quality.
    pub words: BTreeMap<String, Quality>,
}

impl DeviceProfile {
    /// The points a channel may take its value from, in order of name.
    pub fn value_points(&self) -> Vec<&str> {
        let registers = self.points.iter().filter(|(_, point)| point.is_value());
        let registers = registers.map(|(name, _)| name.as_str());
        let json = self.json.iter().flat_map(|json| json.values.keys());
        let sparkplug = self.sparkplug.iter().flat_map(|mapping| mapping.values.keys());
        let hj212 = self.hj212.iter().flat_map(|mapping| mapping.values.keys());
        registers.chain(json.chain(sparkplug).chain(hj212).map(String::as_str)).collect()
    }

    /// Everything that is wrong with this profile; empty means that it can be used.
    pub fn check(&self) -> Vec<ProfileProblem> {
        check::check(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
        id = "acme-1"
        version = 1
        status = "documented"
        vendor = "Acme"
        model = "One"
        transport = "modbus"
        source = { doc = "Acme One manual", pages = "1" }
        validity = [{ when = { state = ["ok"] }, quality = "good" }]
        points.gas = { fc = 3, addr = 2, manual_ref = "40003", type = "u16", unit = "ppm" }
        [points.state]
        fc = 3
        addr = 0
        manual_ref = "40001"
        type = "u16"
        enum = { 0x1 = "ok" }
    "#;

    #[test]
    fn a_small_profile_is_read_with_its_defaults() {
        let profile: DeviceProfile = toml::from_str(SMALL).unwrap();
        assert_eq!(profile.check(), []);
        assert_eq!(profile.value_points(), ["gas"]);
        assert_eq!(profile.validity_default, Quality::Uncertain);
        assert_eq!(profile.limits, Limits::default());
        let words = &profile.points.get("state").unwrap().words;
        assert_eq!(words.get(&Code(1)).map(String::as_str), Some("ok"));
    }

    #[test]
    fn what_is_written_can_be_read_again() {
        let profile: DeviceProfile = toml::from_str(SMALL).unwrap();
        let text = toml::to_string(&profile).unwrap();
        assert_eq!(toml::from_str::<DeviceProfile>(&text).unwrap(), profile);
    }

    fn refused(from: &str, to: &str, want: &str) {
        let text = SMALL.replace(from, to);
        assert_ne!(text, SMALL);
        let error = toml::from_str::<DeviceProfile>(&text).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(want), "{message}");
    }

    #[test]
    fn writing_and_unknown_words_are_not_representable() {
        refused("fc = 3", "fc = 6", "`6` is not a read function");
        refused("fc = 3", "fc = 16", "`16` is not a read function");
        refused("version = 1", "version = 1\ncolour = 1", "colour");
        refused("quality = \"good\"", "quality = \"fine\"", "fine");
        refused("0x1 = \"ok\"", "one = \"ok\"", "`one` is not a code");
    }
}
