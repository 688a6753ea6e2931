//! Whether the device at an address is the one its profile describes.

use serde::{Deserialize, Serialize};

/// A register that says what the device is. Where it says something else, or nothing, no value of
/// the device is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Name of the point.
    pub point: String,
    /// The bits of its code that are compared; all without it.
    #[serde(default)]
    pub mask: Option<u32>,
    /// What they must be: one code or any of a list.
    pub equals: Codes,
}

/// One code, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Codes {
    /// Exactly this one.
    One(u32),
    /// Any of these.
    Any(Vec<u32>),
}

impl Codes {
    /// The codes.
    pub fn as_slice(&self) -> &[u32] {
        match self {
            Self::One(code) => std::slice::from_ref(code),
            Self::Any(codes) => codes,
        }
    }
}

impl Identity {
    /// The compared bits of `code`.
    pub(crate) fn masked(&self, code: u32) -> u32 {
        code & self.mask.unwrap_or(u32::MAX)
    }

    /// Whether a device with this code is the right one.
    pub(crate) fn holds(&self, code: u32) -> bool {
        self.equals.as_slice().contains(&self.masked(code))
    }
}
