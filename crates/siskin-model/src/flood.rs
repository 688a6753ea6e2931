//! Alarm floods of an operator's desk, as they are written down.
//!
//! When one begins and ends is decided in `siskin-engine`'s `life::flood`.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Whether it began or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FloodChange {
    /// It began.
    Began,
    /// It ended.
    Ended,
}

/// The begin or end of a flood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FloodEvent {
    /// Begin or end.
    pub change: FloodChange,
    /// Of which desk.
    pub desk: String,
    /// When.
    pub at: Timestamp,
    /// When it began.
    pub begun_at: Timestamp,
    /// Calls since the window in which it began.
    pub calls: u64,
}
