//! The JSON Schema of device profiles, for editors and for people who write one: it is made from
//! the types and kept beside the profiles. It exists in tests only; the program never needs it.

use std::path::Path;

use schemars::{Schema, SchemaGenerator, json_schema};
use siskin_model::Quality;

use super::DeviceProfile;

pub(super) fn read_function(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "enum": [1, 2, 3, 4] })
}

pub(super) fn unit(_: &mut SchemaGenerator) -> Schema {
    const NAMES: [&str; 11] =
        ["ppm", "ppb", "mg/m3", "ug/m3", "%vol", "%LEL", "m/s", "deg", "degC", "hPa", "%RH"];
    for name in NAMES {
        assert!(super::unit_of(name).is_some(), "{name}");
    }
    json_schema!({ "type": "string", "enum": NAMES })
}

pub(super) fn quality(_: &mut SchemaGenerator) -> Schema {
    let by_device = |quality: &Quality| !matches!(quality, Quality::CommLost | Quality::Manual);
    let names: Vec<_> = Quality::ALL.into_iter().filter(by_device).map(Quality::as_str).collect();
    json_schema!({ "type": "string", "enum": names })
}

pub(super) fn parity(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ["none", "even", "odd"] })
}

pub(super) fn code_table(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "patternProperties": { "^([0-9]+|0x[0-9a-fA-F]+)$": { "type": "string" } },
        "additionalProperties": false,
    })
}

/// The part of a profile that belongs to a transport without registers.
pub(super) fn mapping(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": { "values": { "type": "object" } },
        "required": ["values"],
    })
}

#[test]
fn schema_of_profiles_is_the_checked_in_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../firmware-configs/devices");
    let file = folder.join("profile.schema.json");
    let made = schemars::schema_for!(DeviceProfile);
    let made = serde_json::to_string_pretty(&made).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == made,
        "firmware-configs/devices/profile.schema.json is not what the code says; \
         hint: UPDATE_SCHEMA=1 cargo test -p siskin-wire schema"
    );
}
