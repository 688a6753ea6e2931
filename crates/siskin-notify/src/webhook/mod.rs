//! Webhooks: Siskin's own signed JSON, and the forms of three robots.
//!
//! An answer is judged by its body too: a robot says 200 and an error code. A robot knows no key of
//! ours, so what is sent again after a crash may be shown twice there; the text carries the
//! message's number, so that people see that it is one. Must never show a secret or an address that
//! is one.

mod robots;
mod sign;

use serde_json::{Value, json};
use siskin_model::Timestamp;
use siskin_model::notify::{Language, Message, MessageKind, Robot, Show};

use crate::http::{Answer, Post};
use crate::texts;
use crate::way::Outcome;

use sign::signed;

/// The header with the key under which a message is taken once.
pub const KEY_HEADER: &str = "Idempotency-Key";
/// The header with the signature: `t=<unix seconds>,v1=<hex of HMAC-SHA256 of "<t>.<body>">`.
pub const SIGNATURE_HEADER: &str = "Siskin-Signature";
/// Letters of an answer that are kept.
pub(crate) const ANSWER_LETTERS_MAX: usize = 200;

/// What is to be sent, in the form of `robot`. `path` is that of its address; `secret` signs.
pub(crate) fn post(
    robot: Robot,
    (message, kind, key): (&Message, MessageKind, &str),
    languages: &[Language],
    (path, secret, now): (&str, Option<&str>, Timestamp),
) -> Post {
    let (path, body, mut headers) = match robot {
        Robot::Siskin => (path.to_owned(), own(message, kind, key, languages), Vec::new()),
        Robot::Dingtalk => {
            let path = secret.map_or_else(
                || path.to_owned(),
                |secret| robots::dingtalk_path(path, secret, now.as_millis()),
            );
            (path, robots::dingtalk(&texts::whole(message, kind, languages)), Vec::new())
        }
        Robot::Wecom => {
            let body = robots::wecom(&texts::whole(message, kind, languages));
            (path.to_owned(), body, Vec::new())
        }
        Robot::Feishu => {
            let text = texts::whole(message, kind, languages);
            let at_s = now.as_millis().div_euclid(1000);
            (path.to_owned(), robots::feishu(&text, secret, at_s), Vec::new())
        }
    };
    let body = body.to_string().into_bytes();
    if robot == Robot::Siskin {
        headers.push((KEY_HEADER.into(), key.to_owned()));
        if let Some(secret) = secret {
            let at_s = now.as_millis().div_euclid(1000);
            headers.push((SIGNATURE_HEADER.into(), signed(secret, at_s, &body)));
        }
    }
    Post { path, headers, body, ..Post::of("application/json") }
}

/// Siskin's own form: everything, and the texts made of it.
pub(crate) fn own(
    message: &Message,
    kind: MessageKind,
    key: &str,
    languages: &[Language],
) -> Value {
    let offset_s = message.utc_offset_s;
    let said = message.said.as_ref().map(|said| {
        json!({
            "rule": said.rule, "channel": said.channel, "value": said.value,
            "limit": said.limit, "unit": said.unit.as_str(),
            "since": said.since.rfc3339(offset_s),
        })
    });
    let text = |language: Language| {
        json!({
            "language": match language { Language::Zh => "zh-CN", Language::En => "en" },
            "headline": texts::headline(message, kind, language),
            "text": texts::whole(message, kind, &[language]),
        })
    };
    let (show, exercise) = match &message.show {
        Show::Real => ("actual", None),
        Show::Exercise(id) => ("exercise", Some(id)),
        Show::Test => ("test", None),
    };
    json!({
        "key": key,
        "warning": message.warning,
        "transition": message.transition,
        "kind": kind.as_str(),
        "status": show,
        "exercise": exercise,
        "site": message.site,
        "area": message.area,
        "gas": message.gas,
        "cas": message.cas,
        "tier": message.tier.as_str(),
        "tier_peak": message.tier_peak.as_str(),
        "raised_at": message.raised_at.rfc3339(offset_s),
        "at": message.at.rfc3339(offset_s),
        "made_at": message.made_at.rfc3339(offset_s),
        "active": message.is_active,
        "alarms": message.alarms,
        "alarm": said,
        "rules_version": message.rules_version,
        "texts": languages.iter().map(|language| text(*language)).collect::<Vec<_>>(),
    })
}

/// What an answer means.
pub(crate) fn judged(robot: Robot, answer: &Answer, key: &str) -> Outcome {
    let text = shown(&answer.body);
    if let Some(outcome) = by_status(answer.status, &text) {
        return outcome;
    }
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    match robot {
        Robot::Siskin => own_judged(body.as_ref(), &text, key),
        _ => robots::judged(robot, body.as_ref(), &text),
    }
}

/// A body may say no, or name another message; one that says nothing is taken at its status.
fn own_judged(body: Option<&Value>, text: &str, key: &str) -> Outcome {
    let refused = |why: String| Outcome::Failed { can_pass: true, why };
    let Some(Value::Object(body)) = body else {
        return Outcome::Accepted(text.to_owned());
    };
    if body.get("key").is_some_and(|other| other.as_str() != Some(key)) {
        return refused(format!("the answer is about another message: {text}"));
    }
    let says_no = body.get("accepted").is_some_and(|word| word.as_bool() != Some(true));
    let code = body.get("errcode").or_else(|| body.get("code"));
    if says_no || body.contains_key("error") || code.is_some_and(|code| code.as_i64() != Some(0)) {
        return refused(format!("the answer says no: {text}"));
    }
    Outcome::Accepted(text.to_owned())
}

/// What a status says that is not 2xx. What a receiver will never take is told apart from what it
/// may take later.
pub(crate) fn by_status(status: u16, text: &str) -> Option<Outcome> {
    if (200..300).contains(&status) {
        return None;
    }
    let can_pass = matches!(status, 408 | 425 | 429 | 500..=599);
    Some(Outcome::Failed { can_pass, why: format!("status {status} {text}").trim().to_owned() })
}

/// The begin of an answer as people may see it.
pub(crate) fn shown(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(ANSWER_LETTERS_MAX).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests;
