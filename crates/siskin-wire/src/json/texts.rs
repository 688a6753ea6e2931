//! What people read about payloads that cannot be used.

use siskin_model::Text;

use super::quote;

pub(super) fn too_long(len: usize, max: usize) -> Text {
    Text::new(
        format!(
            "报文有 {len} 字节，设备配置文件只允许 {max} 字节；\
             请每条报文只发一个读数，或调大 limits.payload_max_bytes"
        ),
        format!(
            "the payload has {len} bytes, the profile allows {max}; \
             hint: send one reading a message, or raise `limits.payload_max_bytes`"
        ),
    )
}

pub(super) fn why_not_json(payload: &[u8], error: &serde_json::Error) -> Text {
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

pub(super) fn wrong(pointer: &str) -> Text {
    Text::new(
        format!("设备说明“{pointer}”有误；请检查设备"),
        format!("the device says that `{pointer}` is wrong; hint: look at the device"),
    )
}

pub(super) fn untimed() -> Text {
    Text::new(
        "一条报文含多条记录，但记录没有时间，无法判断新旧；请让网关为每条记录带上时间",
        "one of several records has no time, so its age is unknown; \
         hint: let the gateway send the time of each record",
    )
}

pub(super) fn unlisted(pointer: &str, word: &str) -> Text {
    let word = quote(word);
    Text::new(
        format!("“{pointer}”为“{word}”，配置文件中没有列出；请查阅设备或网关手册中的错误码"),
        format!(
            "`{pointer}` says `{word}`, which the profile does not list; \
             hint: look up the code in the manual of the device or gateway"
        ),
    )
}
