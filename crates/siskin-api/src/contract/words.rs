//! Words that every answer uses: texts, places, tiers, qualities, origins.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TextView {
    /// 简体中文.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A place: metres east and north of the site's origin.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct PositionView {
    /// Metres east.
    pub x_m: f64,
    /// Metres north.
    pub y_m: f64,
}

/// A warning tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the words of siskin_model::Tier")]
pub enum TierView {
    Blue,
    Yellow,
    Orange,
    Red,
}

/// The quality of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the words of siskin_model::Quality")]
pub enum QualityView {
    Good,
    Uncertain,
    OverRange,
    WarmUp,
    Calibration,
    Maintenance,
    Fault,
    CommLost,
    Manual,
}

/// How a reading came into the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the words of siskin_model::Origin")]
pub enum OriginView {
    Live,
    Backlog,
    Import,
    Exercise,
}
