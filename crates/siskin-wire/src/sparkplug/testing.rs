//! Payloads for the tests of this module.

use prost::Message;
use siskin_model::site::Range;
use siskin_model::{Timestamp, Unit};

use super::payload::{Metric, Payload, Properties, Property, Value};
use crate::profile::DeviceProfile;
use crate::slot::Slot;

/// When the tests are.
pub(super) const NOW_MS: i64 = 1_767_225_600_000;

pub(super) fn at(after_ms: i64) -> Timestamp {
    Timestamp::from_millis(NOW_MS + after_ms)
}

pub(super) fn stamp(after_ms: i64) -> Option<u64> {
    u64::try_from(NOW_MS + after_ms).ok()
}

/// A payload of `NOW_MS`.
pub(super) fn payload(seq: u64, metrics: Vec<Metric>) -> Payload {
    Payload { timestamp: stamp(0), metrics, seq: Some(seq) }
}

/// A metric of a birth: name, alias, type.
pub(super) fn birth(name: &str, alias: u64, datatype: u32, value: f32) -> Metric {
    Metric {
        name: Some(name.into()),
        alias: Some(alias),
        datatype: Some(datatype),
        value: Some(Value::Float(value)),
        ..Metric::default()
    }
}

pub(super) fn by_alias(alias: u64, value: f32) -> Metric {
    Metric { alias: Some(alias), value: Some(Value::Float(value)), ..Metric::default() }
}

pub(super) fn by_name(name: &str, value: f32) -> Metric {
    Metric { name: Some(name.into()), value: Some(Value::Float(value)), ..Metric::default() }
}

pub(super) fn text(name: &str, value: &str) -> Metric {
    Metric {
        name: Some(name.into()),
        datatype: Some(12),
        value: Some(Value::Text(value.into())),
        ..Metric::default()
    }
}

pub(super) fn with(metric: Metric, key: &str, property: Property) -> Metric {
    let mut properties = metric.properties.clone().unwrap_or_default();
    let Properties { keys, values } = &mut properties;
    keys.push(key.into());
    values.push(property);
    Metric { properties: Some(properties), ..metric }
}

pub(super) fn with_unit(metric: Metric, unit: &str) -> Metric {
    with(metric, "engUnit", Property { text: Some(unit.into()), ..Property::default() })
}

pub(super) fn with_quality(metric: Metric, code: u32) -> Metric {
    with(metric, "Quality", Property { int: Some(code), ..Property::default() })
}

pub(super) fn bytes(payload: &Payload) -> Vec<u8> {
    payload.encode_to_vec()
}

pub(super) fn profile(status: bool) -> DeviceProfile {
    let mut text = String::from(
        r#"
        id = "acme-spb"
        version = 1
        status = "documented"
        vendor = "Acme"
        model = "One"
        transport = "sparkplug-b"
        source = { doc = "made for tests", pages = "1" }
        [sparkplug.values.gas]
        metric = "gas"
        unit = "ppm"
        "#,
    );
    if status {
        text += "[sparkplug.status]\nmetric = \"state\"\n\
                 words = { ok = \"good\", cal = \"calibration\" }\n";
    }
    toml::from_str(&text).unwrap()
}

pub(super) fn slot() -> Slot {
    Slot {
        point: "gas".into(),
        unit: Unit::Ppm,
        range: Range { low: 0.0, high: 50.0 },
        factors: vec![(Unit::Ppm, 1.0), (Unit::Ppb, 1e-3)],
    }
}
