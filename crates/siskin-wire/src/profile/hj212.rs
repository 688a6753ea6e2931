//! Which factors of a data logger are which values.
//!
//! Holds names and units only; what a frame means is in [`crate::hj212`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use siskin_model::Unit;

/// The factors (污染因子) that hold values, by point name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hj212Mapping {
    /// Values by point name.
    pub values: BTreeMap<String, Hj212Value>,
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
