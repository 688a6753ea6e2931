//! One value of a record: its number and its unit, or why there is none. Never makes a number of
//! anything else.

use serde_json::Value;
use siskin_model::{Text, Unit};

use super::quote;
use crate::profile::{JsonValue, unit_of};
use crate::slot::Measured;

pub(super) fn measured(value: &JsonValue, document: &Value) -> Result<Measured, Text> {
    let fallback = || document.pointer(value.fallback.as_deref()?);
    let number = number(value, document.pointer(&value.pointer).or_else(fallback))?;
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
