//! JSON payloads: one object of one device, read by the pointers of its profile.
//!
//! A payload that cannot be read gives a refusal with a reason, never a number. The device's time
//! is believed only near the arrival, so one bad clock does not move a channel (invariant 6).

mod time;

use serde_json::Value;
use siskin_model::{Quality, Text, Timestamp, Unit};

use crate::profile::{DeviceProfile, JsonMapping, JsonValue, Transport, unit_of};
use crate::slot::{Measured, PointReading, Refusal, Slot, SlotError};

/// How much of a word from outside is repeated in a message.
const QUOTE_CHARS_MAX: usize = 40;

/// What one payload said.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// When it was measured: the device's time where it is believed, else the arrival.
    pub measured_at: Timestamp,
    /// Readings of the slots the payload speaks of.
    pub values: Vec<PointReading>,
    /// What was not taken, and why.
    pub refused: Vec<Refusal>,
}

/// Reads the payloads of one device.
#[derive(Debug, Clone)]
pub struct Mapping {
    slots: Vec<(Slot, JsonValue)>,
    json: JsonMapping,
    payload_max_bytes: usize,
}

impl Mapping {
    /// The mapping that serves `slots` from a device of `profile`. The profile must have passed
    /// [`DeviceProfile::check`].
    pub fn new(profile: &DeviceProfile, slots: Vec<Slot>) -> Result<Self, SlotError> {
        let (Transport::MqttJson, Some(json)) = (profile.transport, &profile.json) else {
            return Err(SlotError::Transport(profile.id.clone()));
        };
        let with_value = |slot: Slot| match json.values.get(&slot.point) {
            Some(value) => Ok((slot, value.clone())),
            None => Err(SlotError::NoPoint {
                profile: profile.id.clone(),
                point: slot.point,
                known: profile.value_points().join(", "),
            }),
        };
        Ok(Self {
            slots: slots.into_iter().map(with_value).collect::<Result<_, _>>()?,
            json: json.clone(),
            payload_max_bytes: profile.limits.payload_max_bytes,
        })
    }

    /// Reads `payload` that arrived at `received_at`. `backlog_ms` is how old a trusted device
    /// time may be beyond the profile's skew because the message was kept for us: 0 in normal
    /// operation. A payload that is no object gives the refusal only.
    pub fn decode(
        &self,
        payload: &[u8],
        received_at: Timestamp,
        backlog_ms: u32,
    ) -> Result<Decoded, Refusal> {
        let document = self.parse(payload)?;
        let state = self.state(&document);
        let (measured_at, late) = match &self.json.time {
            Some(time) => time::measured_at(time, &document, received_at, backlog_ms),
            None => (received_at, None),
        };
        let mut out =
            Decoded { measured_at, values: Vec::new(), refused: late.into_iter().collect() };
        // Devices that send only what changed leave other values out; a payload without any
        // value says nothing about the air.
        let present = |value: &JsonValue| document.pointer(&value.pointer).is_some();
        let partial = self.slots.iter().any(|(_, value)| present(value));
        for (index, (slot, value)) in self.slots.iter().enumerate() {
            if partial && !present(value) {
                continue;
            }
            let (reading, refusal) = slot.place(index, measured(value, &document), state);
            out.values.push(reading);
            out.refused.extend(refusal);
        }
        Ok(out)
    }

    fn parse(&self, payload: &[u8]) -> Result<Value, Refusal> {
        let refuse = |reason: Text| Refusal { point: "payload".into(), reason };
        if payload.len() > self.payload_max_bytes {
            let (len, max) = (payload.len(), self.payload_max_bytes);
            return Err(refuse(Text::new(
                format!(
                    "报文有 {len} 字节，设备配置文件只允许 {max} 字节；\
                     请每条报文只发一个读数，或调大 limits.payload_max_bytes"
                ),
                format!(
                    "the payload has {len} bytes, the profile allows {max}; \
                     hint: send one reading a message, or raise `limits.payload_max_bytes`"
                ),
            )));
        }
        let document: Value = serde_json::from_slice(payload)
            .map_err(|error| refuse(why_not_json(payload, &error)))?;
        if !document.is_object() {
            return Err(refuse(Text::new(
                "报文是 JSON，但不是对象；请发送 {\"value\": ...}",
                "the payload is JSON but no object; hint: send `{\"value\": ...}`",
            )));
        }
        Ok(document)
    }

    fn state(&self, document: &Value) -> Quality {
        let Some(status) = &self.json.status else {
            return Quality::Good;
        };
        let word = match document.pointer(&status.pointer) {
            Some(Value::String(word)) => word.clone(),
            Some(other) => other.to_string(),
            None => return Quality::Uncertain,
        };
        let known = status.words.get(&word);
        known.copied().unwrap_or(Quality::Uncertain)
    }
}

fn why_not_json(payload: &[u8], error: &serde_json::Error) -> Text {
    let text = String::from_utf8_lossy(payload);
    let token = ["NaN", "Infinity", "nan", "inf"].into_iter().find(|token| text.contains(token));
    match token {
        Some(token) => Text::new(
            format!(
                "报文不是 JSON：其中不能有数值“{token}”（{error}）；请发送 null，原因写在状态里"
            ),
            format!(
                "the payload is not JSON: it has no number `{token}` ({error}); \
                 hint: send `null` and say the reason in the status"
            ),
        ),
        None => Text::new(
            format!("报文不是 JSON（{error}）；请检查设备的报文模板"),
            format!("the payload is not JSON: {error}; hint: look at the device's template"),
        ),
    }
}

fn measured(value: &JsonValue, document: &Value) -> Result<Measured, Text> {
    let number = number(value, document.pointer(&value.pointer))?;
    let unit = unit(value, document);
    Ok(Measured { number, unit })
}

fn number(value: &JsonValue, found: Option<&Value>) -> Result<f64, Text> {
    let pointer = &value.pointer;
    let parsed = match found {
        None => {
            let (zh, en) = (format!("没有“{pointer}”"), format!("there is no `{pointer}`"));
            return Err(no_value(&zh, &en));
        }
        Some(Value::Null) => {
            let (zh, en) = (format!("“{pointer}”为 null"), format!("`{pointer}` is null"));
            return Err(no_value(&zh, &en));
        }
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) if value.numeric_strings => text.trim().parse().ok(),
        Some(_) => None,
    };
    parsed.filter(|n: &f64| n.is_finite()).ok_or_else(|| {
        let found = quote(&found.map(Value::to_string).unwrap_or_default());
        let (hint_zh, hint) = if value.numeric_strings {
            ("请发送数值", "send a number")
        } else {
            (
                "请发送数值而不是文本，或在设备配置文件中允许 numeric_strings",
                "send a number, not a text, or allow `numeric_strings` in the profile",
            )
        };
        Text::new(
            format!("“{pointer}”是 {found}，不是数值；{hint_zh}"),
            format!("`{pointer}` is {found}, not a number; hint: {hint}"),
        )
    })
}

fn no_value(zh: &str, en: &str) -> Text {
    Text::new(
        format!("{zh}；设备没有数值时，请在状态中说明原因"),
        format!("{en}; hint: a device without a value says why in its status"),
    )
}

fn unit(value: &JsonValue, document: &Value) -> Result<Unit, Text> {
    if let Some(unit) = value.unit {
        return Ok(unit);
    }
    let pointer = value.unit_pointer.as_deref().unwrap_or_default();
    let Some(Value::String(word)) = document.pointer(pointer) else {
        return Err(Text::new(
            format!("“{pointer}”处没有单位；请让设备发送单位"),
            format!("there is no unit at `{pointer}`; hint: the device must say its unit"),
        ));
    };
    let ours = value.unit_words.get(word).copied();
    ours.or_else(|| unit_of(word)).ok_or_else(|| {
        let word = quote(word);
        Text::new(
            format!("设备上报的单位“{word}”无法识别；请在设备配置文件中的 unit_words 中列出"),
            format!(
                "the device says the unit `{word}`, which is none of ours; \
                 hint: list it in `unit_words` of the profile"
            ),
        )
    })
}

/// Text from outside, short enough to be shown.
fn quote(text: &str) -> String {
    if text.chars().count() <= QUOTE_CHARS_MAX {
        return text.to_owned();
    }
    let start: String = text.chars().take(QUOTE_CHARS_MAX).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests;
