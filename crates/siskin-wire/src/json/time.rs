//! Whether a payload's time is believed.

use serde_json::Value;
use siskin_model::{Text, Timestamp};

use crate::profile::{JsonTime, TimeUnit};
use crate::slot::Refusal;

/// Milliseconds that `f64` and our range hold without loss.
const MS_MAX: f64 = 9_007_199_254_740_992.0;

/// When the payload was measured, and the refusal of its time where it was not believed.
pub(super) fn measured_at(
    time: &JsonTime,
    document: &Value,
    received_at: Timestamp,
    backlog_ms: u32,
) -> (Timestamp, Option<Refusal>) {
    if !time.trusted {
        return (received_at, None);
    }
    match believed(time, document, received_at, backlog_ms) {
        Ok(device) => (device, None),
        Err(reason) => {
            let refusal = Refusal { point: time.pointer.clone(), reason };
            (received_at, Some(refusal))
        }
    }
}

fn believed(
    time: &JsonTime,
    document: &Value,
    received_at: Timestamp,
    backlog_ms: u32,
) -> Result<Timestamp, Text> {
    let pointer = &time.pointer;
    let value = document.pointer(pointer).ok_or_else(|| {
        Text::new(
            format!("“{pointer}”处没有时间，以到达时间为准；请让设备发送时间"),
            format!(
                "there is no time at `{pointer}`, the arrival counts; hint: let the device send it"
            ),
        )
    })?;
    let device = parse(time.unit, value).ok_or_else(|| {
        let said = super::quote(&value.to_string());
        Text::new(
            format!("时间“{said}”无法识别，以到达时间为准；请核对 json.time.unit"),
            format!(
                "the time `{said}` cannot be read, the arrival counts; \
                 hint: compare `json.time.unit`"
            ),
        )
    })?;
    let age_ms = received_at.since_ms(device);
    let skew_max_ms = i64::from(time.skew_max_ms);
    let kept_ms = i64::from(time.backlog_max_s) * 1000;
    let age_max_ms = skew_max_ms + kept_ms.max(i64::from(backlog_ms));
    if (-skew_max_ms..=age_max_ms).contains(&age_ms) {
        return Ok(device);
    }
    let off_ms = age_ms.unsigned_abs();
    let (side_zh, side) = if age_ms < 0 { ("快", "fast") } else { ("慢", "slow") };
    Err(Text::new(
        format!("设备时钟{side_zh} {off_ms} ms，以到达时间为准；请为设备配置 NTP 对时"),
        format!(
            "the device's clock is {off_ms} ms {side}, the arrival counts; \
             hint: give the device NTP"
        ),
    ))
}

fn parse(unit: TimeUnit, value: &Value) -> Option<Timestamp> {
    match (unit, value) {
        (TimeUnit::Ms, Value::Number(n)) => match n.as_i64() {
            Some(ms) => Some(Timestamp::from_millis(ms)),
            None => from_ms(n.as_f64()?),
        },
        (TimeUnit::S, Value::Number(n)) => from_ms(n.as_f64()? * 1000.0),
        (TimeUnit::Iso8601, Value::String(text)) => {
            let moment: jiff::Timestamp = text.parse().ok()?;
            Some(Timestamp::from_millis(moment.as_millisecond()))
        }
        _ => None,
    }
}

fn from_ms(ms: f64) -> Option<Timestamp> {
    if !ms.is_finite() || ms.abs() > MS_MAX {
        return None;
    }
    #[allow(
        clippy::cast_possible_truncation,
        reason = "finite and within 2^53, rounded: exact as i64"
    )]
    let whole = ms.round() as i64;
    Some(Timestamp::from_millis(whole))
}
