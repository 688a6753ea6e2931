//! Moments as the contract writes them, and as milliseconds.

use anyhow::{Context, Result};
use serde_json::Value;

/// An RFC 3339 text of an answer as milliseconds since 1970.
pub fn millis(value: &Value) -> Result<i64> {
    let text = value.as_str().with_context(|| format!("`{value}` is no moment"))?;
    let moment: jiff::Timestamp = text.parse().with_context(|| format!("`{text}` is no moment"))?;
    Ok(moment.as_millisecond())
}

/// The moment as it stands in ids: UTC, `yyyymmddThhmmss.mmmZ`.
pub fn compact(ms: i64) -> Result<String> {
    let moment = jiff::Timestamp::from_millisecond(ms)?;
    Ok(moment.strftime("%Y%m%dT%H%M%S%.3fZ").to_string())
}

/// The machine's clock.
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// The machine's clock with its parts of a millisecond.
pub fn now_exact_ms() -> f64 {
    jiff::Timestamp::now().as_microsecond() as f64 / 1000.0
}
