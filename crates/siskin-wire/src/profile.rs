//! Device profiles: what a model of analyzer says and how it says it
//! (`firmware-configs/devices/*.toml`).
//!
//! A profile is data with a source. It never holds an address of a device, never a limit, and
//! cannot express a write: [`ReadFunction`] has no such value. [`DeviceProfile::check`] finds what
//! the types cannot; read [`crate::modbus`] and [`crate::json`] next for what is done with it.

mod check;
mod code;
mod hj212;
mod identity;
mod json;
mod kind;
mod limits;
mod point;
mod repeat;
#[cfg(test)]
mod schema;
mod sparkplug;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use siskin_model::Quality;

pub use check::ProfileProblem;
pub use code::Code;
pub use hj212::{Fill, FlagMissing, Hj212Mapping, Hj212Value};
pub use identity::{Codes, Identity};
pub use json::{JsonAlive, JsonList, JsonMapping, JsonStatus, JsonTime, JsonValue, TimeUnit};
pub use kind::{OrderEvidence, PointType, ReadFunction, WordOrder};
pub use limits::{Limits, NoRead, SerialDefaults};
pub use point::{Point, unit_of};
pub use repeat::Repeat;
pub use sparkplug::{SparkplugMapping, SparkplugStatus, SparkplugTime, SparkplugValue};

/// The most registers one Modbus request may ask for (Modbus application protocol 1.1b3, 6.3).
pub const REGS_MAX: u16 = 125;
/// The longest JSON payload a profile may allow, in bytes.
pub const PAYLOAD_LIMIT_BYTES: usize = 256 * 1024;

/// What is known about one model of device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// How often its registers change, where its maker says so; documentation.
    #[serde(default)]
    pub refresh_ms: Option<u32>,
    /// How its serial line is set when it is delivered; documentation.
    #[serde(default)]
    pub serial: Option<SerialDefaults>,
    /// Limits of the device.
    #[serde(default)]
    pub limits: Limits,
    /// Registers and bits by name, repeated ones spread out; only for `modbus`.
    #[serde(default, deserialize_with = "repeat::points")]
    pub points: BTreeMap<String, Arc<Point>>,
    /// A register that proves that the device is of this model.
    #[serde(default)]
    pub identity: Option<Identity>,
    /// Points that are only right together: they come from one request.
    #[serde(default)]
    pub atomic: Vec<Vec<String>>,
    /// From state words to a quality; the first rule that matches holds.
    #[serde(default)]
    pub validity: Vec<Arc<ValidityRule>>,
    /// The quality when no rule matches.
    #[serde(default = "uncertain")]
    #[cfg_attr(test, schemars(schema_with = "schema::quality"))]
    pub validity_default: Quality,
    /// A register that proves that the device still measures.
    #[serde(default)]
    pub heartbeat: Option<Heartbeat>,
    /// The mapping of JSON payloads; only for `mqtt-json`.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "schema::mapping"))]
    pub json: Option<JsonMapping>,
    /// Which metrics hold values; only for `sparkplug-b`.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "schema::mapping"))]
    pub sparkplug: Option<SparkplugMapping>,
    /// Which factors hold values; only for `hj212`.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "schema::mapping"))]
    pub hj212: Option<Hj212Mapping>,
}

fn uncertain() -> Quality {
    Quality::Uncertain
}

/// How far a profile was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Document and edition.
    pub doc: String,
    /// Pages or tables.
    pub pages: String,
}

/// How a device is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

/// From state words to a quality. All points named must show one of their words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ValidityRule {
    /// Point name → words, any of which matches.
    pub when: BTreeMap<String, Vec<String>>,
    /// What the value is then worth.
    #[cfg_attr(test, schemars(schema_with = "schema::quality"))]
    pub quality: Quality,
    /// The value points the rule is for; all without it, or, where `when` has `{n}`, those of the
    /// same number.
    #[serde(default)]
    pub values: Vec<String>,
}

/// A register that changes as long as the device measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// Name of the point.
    pub point: String,
    /// Unchanged for longer than this, the device counts as frozen and its values as faults.
    pub stale_after_ms: u32,
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
