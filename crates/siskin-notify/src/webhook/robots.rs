//! Robots of DingTalk (钉钉), WeCom (企业微信) and Feishu (飞书).
//!
//! [unverified]: forms, signatures and error codes are those of the vendors' public descriptions as
//! remembered; they were tried against fakes made from the same words, never against the vendors.
//! `siskin notify test` against one's own robot is the proof.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use siskin_model::notify::Robot;

use super::sign::sum;
use crate::way::Outcome;

/// Bytes of a text that every one of them takes: WeCom's limit of 2048, less what a cut says.
const TEXT_BYTES_MAX: usize = 2000;

/// DingTalk: the signature goes into the address. It is base64 of HMAC-SHA256 under the secret of
/// `"<ms>\n<secret>"`, with what an address cannot hold escaped.
pub(super) fn dingtalk_path(path: &str, secret: &str, at_ms: i64) -> String {
    let signature = sum(secret.as_bytes(), format!("{at_ms}\n{secret}").as_bytes());
    let signature = STANDARD.encode(signature);
    let escaped = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let and = if path.contains('?') { '&' } else { '?' };
    format!("{path}{and}timestamp={at_ms}&sign={escaped}")
}

pub(super) fn dingtalk(text: &str) -> Value {
    json!({ "msgtype": "text", "text": { "content": cut(text) } })
}

/// WeCom signs nothing: its address is the secret.
pub(super) fn wecom(text: &str) -> Value {
    json!({ "msgtype": "text", "text": { "content": cut(text) } })
}

/// Feishu: base64 of HMAC-SHA256 of nothing under `"<s>\n<secret>"`.
pub(super) fn feishu(text: &str, secret: Option<&str>, at_s: i64) -> Value {
    let mut body = json!({ "msg_type": "text", "content": { "text": cut(text) } });
    if let (Some(secret), Value::Object(fields)) = (secret, &mut body) {
        let signature = sum(format!("{at_s}\n{secret}").as_bytes(), b"");
        fields.insert("timestamp".to_owned(), Value::String(at_s.to_string()));
        fields.insert("sign".to_owned(), Value::String(STANDARD.encode(signature)));
    }
    body
}

/// The begin of a text; people see that it was cut.
fn cut(text: &str) -> String {
    if text.len() <= TEXT_BYTES_MAX {
        return text.to_owned();
    }
    let mut end = TEXT_BYTES_MAX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// A robot accepts with its code 0 and no other way; an answer without it may come from a proxy.
pub(super) fn judged(robot: Robot, body: Option<&Value>, text: &str) -> Outcome {
    let names: &[&str] = match robot {
        Robot::Feishu => &["code", "StatusCode"],
        _ => &["errcode"],
    };
    let code = names.iter().find_map(|name| body?.get(name)?.as_i64());
    match code {
        Some(0) => Outcome::Accepted(text.to_owned()),
        Some(code) => Outcome::Failed { can_pass: true, why: format!("code {code}: {text}") },
        None => Outcome::Failed { can_pass: true, why: format!("no code in the answer: {text}") },
    }
}
