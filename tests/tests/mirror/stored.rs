//! What the station's own API says is stored.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use e2e::gateway::CHANNEL;
use e2e::station::Station;
use serde_json::Value;

/// One answer of the API has at most this long a stretch of one reading a second.
const STRETCH_MS: i64 = 3_000_000;

/// By stamp: the value and the code of the quality.
pub(crate) type Curve = BTreeMap<i64, (Option<f64>, i64)>;

/// The codes that docs/mirror.md promises.
pub(crate) fn quality_code(word: &str) -> Option<i64> {
    let words = [
        "good",
        "uncertain",
        "over-range",
        "warm-up",
        "calibration",
        "maintenance",
        "fault",
        "comm-lost",
        "manual",
    ];
    (0..).zip(words).find(|(_, known)| *known == word).map(|(code, _)| code)
}

/// Everything of the channel in [from, to).
pub(crate) fn stored(station: &Station, from_ms: i64, to_ms: i64) -> Result<Curve> {
    let mut curve = Curve::new();
    let mut at_ms = from_ms;
    while at_ms < to_ms {
        let end_ms = to_ms.min(at_ms + STRETCH_MS);
        for point in station.readings(CHANNEL, at_ms, end_ms)? {
            let stamp = point["at_ms"].as_i64().context("no stamp")?;
            let word = point["quality"].as_str().context("no quality")?;
            let quality = quality_code(word).with_context(|| format!("quality `{word}`"))?;
            curve.insert(stamp, (point["mean"].as_f64(), quality));
        }
        at_ms = end_ms;
    }
    Ok(curve)
}

/// The health of the only mirror.
pub(crate) fn health(station: &Station) -> Result<Value> {
    let health = station.get("health")?;
    let mirror = health["mirrors"].get(0).cloned();
    mirror.with_context(|| format!("no mirror in {health}"))
}
