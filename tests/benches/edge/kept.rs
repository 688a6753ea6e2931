//! What the station has: all of the backlog, and of the live readings an unbroken row of values.

use anyhow::{Context, Result, ensure};
use e2e::station::Station;
use serde_json::Value;

use crate::devices::VALUES;

/// Points of one answer.
const POINTS_MAX: usize = 5000;

fn points(
    station: &Station,
    channel: &str,
    span_ms: (i64, i64),
    most: usize,
) -> Result<Vec<Value>> {
    let (from_ms, to_ms) = span_ms;
    let path =
        format!("channels/{channel}/readings?from_ms={from_ms}&to_ms={to_ms}&points_max={most}");
    let body = station.get(&path)?;
    let points = body.get("points").and_then(Value::as_array).cloned();
    points.with_context(|| format!("no points in {body}"))
}

fn count_of(point: &Value) -> Result<u64> {
    point.get("count").and_then(Value::as_u64).with_context(|| format!("no count in {point}"))
}

/// Readings of all channels within a span; each must have `of_each`.
pub(crate) fn backlog(
    station: &Station,
    channels: &[String],
    span_ms: (i64, i64),
    of_each: u64,
) -> Result<u64> {
    let mut all = 0;
    for channel in channels {
        let slices = points(station, channel, span_ms, 1)?;
        let kept: u64 = slices.iter().map(count_of).sum::<Result<_>>()?;
        ensure!(kept == of_each, "{channel}: {of_each} readings were sent, {kept} are kept");
        all += kept;
    }
    Ok(all)
}

/// Live readings of all channels within a span, and the breaks in what their devices counted: a
/// device counts every answer, so that a lost one leaves a hole and one kept twice stands still.
pub(crate) fn live(
    station: &Station,
    channels: &[String],
    span_ms: (i64, i64),
) -> Result<(usize, usize)> {
    let (mut all, mut breaks) = (0, 0);
    for channel in channels {
        let kept = points(station, channel, span_ms, POINTS_MAX)?;
        ensure!(kept.len() < POINTS_MAX, "{channel}: more live readings than one answer holds");
        ensure!(kept.iter().all(|point| matches!(count_of(point), Ok(1))), "{channel}: a repeat");
        let values: Vec<u16> = kept.iter().filter_map(hundredths).collect();
        let follows = |pair: &&[u16]| matches!(pair, [a, b] if (a + 1) % VALUES != *b);
        breaks += values.windows(2).filter(follows).count();
        all += values.len();
    }
    Ok((all, breaks))
}

/// None where a lost line was told.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0.00 to 0.99 ppm")]
fn hundredths(point: &Value) -> Option<u16> {
    Some((point.get("mean")?.as_f64()? * 100.0).round() as u16)
}
