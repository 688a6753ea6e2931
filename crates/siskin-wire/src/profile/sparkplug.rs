//! Which metrics of a Sparkplug B device are which values.
//!
//! Holds names and units only; what a payload means is in [`crate::sparkplug`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use siskin_model::Unit;

/// The metrics that hold values, by point name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SparkplugMapping {
    /// Values by point name.
    pub values: BTreeMap<String, SparkplugValue>,
}

/// One metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SparkplugValue {
    /// Its name as the birth certificate says it.
    pub metric: String,
    /// The unit, where the birth certificate has no `engUnit` property.
    pub unit: Option<Unit>,
}
