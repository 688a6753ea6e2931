//! Whether a payload's time is believed.

use siskin_model::{Text, Timestamp};

use super::node::Node;
use super::path::Path;
use crate::profile::{JsonTime, TimeUnit};
use crate::slot::Refusal;

/// Milliseconds that `f64` and our range hold without loss.
const MS_MAX: f64 = 9_007_199_254_740_992.0;

/// The device's time in a record.
#[derive(Debug, Clone)]
pub(super) struct Time {
    path: Path,
    json: JsonTime,
}

impl Time {
    pub(super) fn new(json: &JsonTime) -> Self {
        Self { path: Path::new(&json.pointer), json: json.clone() }
    }

    /// The device's time of `record`, where it says one that is believed. None: the arrival counts,
    /// and that is as it should be.
    pub(super) fn measured_at(
        &self,
        record: &Node<'_>,
        received_at: Timestamp,
        backlog_ms: u32,
    ) -> Result<Option<Timestamp>, Refusal> {
        if !self.json.trusted {
            return Ok(None);
        }
        let found = record.find(&self.path);
        if self.json.optional && matches!(found, None | Some(Node::Null)) {
            return Ok(None);
        }
        believed(&self.json, found, received_at, backlog_ms)
            .map(Some)
            .map_err(|reason| Refusal { point: self.json.pointer.clone(), reason })
    }
}

fn believed(
    time: &JsonTime,
    found: Option<&Node<'_>>,
    received_at: Timestamp,
    backlog_ms: u32,
) -> Result<Timestamp, Text> {
    let pointer = &time.pointer;
    let value = found.ok_or_else(|| {
        Text::new(
            format!("“{pointer}”处没有时间；请让设备发送时间"),
            format!("there is no time at `{pointer}`; hint: let the device send it"),
        )
    })?;
    let device = parse(time, value).ok_or_else(|| {
        let said = super::quote(&value.written());
        Text::new(
            format!("时间“{said}”无法识别，未采用；请核对 json.time.unit"),
            format!(
                "the time `{said}` cannot be read and is not used; \
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
        format!("设备时钟{side_zh} {off_ms} ms，未采用其时间；请为设备配置 NTP 对时"),
        format!(
            "the device's clock is {off_ms} ms {side} and is not believed; \
             hint: give the device NTP"
        ),
    ))
}

fn parse(time: &JsonTime, value: &Node<'_>) -> Option<Timestamp> {
    match (time.unit, value) {
        (TimeUnit::Ms, Node::Number(n)) => match n.as_i64() {
            Some(ms) => Some(Timestamp::from_millis(ms)),
            None => from_ms(n.as_f64()?),
        },
        (TimeUnit::S, Node::Number(n)) => from_ms(n.as_f64()? * 1000.0),
        // Templates of gateways put numbers into quotes.
        (TimeUnit::Ms, Node::Text(text)) => from_ms(text.trim().parse().ok()?),
        (TimeUnit::S, Node::Text(text)) => from_ms(text.trim().parse::<f64>().ok()? * 1000.0),
        (TimeUnit::Iso8601, Node::Text(text)) => {
            let moment = match text.parse::<jiff::Timestamp>() {
                Ok(moment) => moment,
                Err(_) => at_offset(time, text.parse().ok()?)?,
            };
            Some(Timestamp::from_millis(moment.as_millisecond()))
        }
        (TimeUnit::Compact, Node::Text(text)) => compact(time, text.trim()),
        (TimeUnit::Compact, Node::Number(number)) => compact(time, &number.to_string()),
        _ => None,
    }
}

/// `yyyyMMddHHmmss`, and `zzz` behind it where milliseconds are told.
fn compact(time: &JsonTime, text: &str) -> Option<Timestamp> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(text.len(), 14 | 17) {
        return None;
    }
    let (seconds, millis) = text.split_at_checked(14)?;
    let civil = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", seconds).ok()?;
    let moment = at_offset(time, civil)?.as_millisecond();
    let millis: i64 = if millis.is_empty() { 0 } else { millis.parse().ok()? };
    Some(Timestamp::from_millis(moment + millis))
}

fn at_offset(time: &JsonTime, civil: jiff::civil::DateTime) -> Option<jiff::Timestamp> {
    let seconds = i32::from(time.utc_offset_min?) * 60;
    jiff::tz::Offset::from_seconds(seconds).ok()?.to_timestamp(civil).ok()
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
