//! Text messages and calls: an HTTP request of the site's own form, filled in.
//!
//! Values are escaped for where they stand: an address, a form, JSON, a header. An answer is judged
//! by its status and by what the site says its body has to say. Must never show or log a secret,
//! nor send a request with a name in it that is not filled in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use siskin_model::notify::{BodyType, Gateway, Language, Method, Show, Taken, Template};

use crate::files;
use crate::http::{Address, Answer, Post};
use crate::texts;
use crate::way::{Letter, Outcome, Preview, Shared};
use crate::webhook::{KEY_HEADER, by_status, shown};

/// What stands for a secret that is not shown.
const HIDDEN: &str = "…";

type Values = BTreeMap<String, String>;

/// The request of a letter and where it goes.
pub(crate) fn request(
    settings: &Shared,
    gateway: &Gateway,
    letter: &Letter,
) -> Result<(Address, Post), String> {
    let secret = |file: &str| files::secret(&settings.folder, file).map_err(|why| why.to_string());
    let (url, post) = filled(gateway, letter, secret)?;
    let address = Address::of(&url).map_err(|why| why.to_string())?;
    let path = address.path.clone();
    Ok((address, Post { path, ..post }))
}

/// What would be sent; secrets are read, so that a wrong one is found, and not shown.
pub(crate) fn preview(
    settings: &Shared,
    gateway: &Gateway,
    letter: &Letter,
) -> Result<Preview, String> {
    request(settings, gateway, letter)?;
    let (url, post) = filled(gateway, letter, |_| Ok(HIDDEN.to_owned()))?;
    // The mark of a secret is escaped in an address, too.
    let to = url.replace(&escaped(HIDDEN), HIDDEN);
    let headers = post.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    let body = String::from_utf8_lossy(&post.body).replace(&escaped(HIDDEN), HIDDEN);
    let to = format!("{} {to}", post.method);
    Ok(Preview { to, headers: headers.collect(), body })
}

/// Whether the secrets can be read; gives where requests go. Nobody is asked.
pub(crate) fn check(settings: &Shared, gateway: &Gateway) -> Result<Address, String> {
    let mut values = Values::new();
    for (name, secret) in &gateway.secrets {
        let value = files::secret(&settings.folder, &secret.file).map_err(|why| why.to_string())?;
        values.insert(name.clone(), value);
    }
    // What a message will say is not known yet; any text shows whether the form holds.
    let value = |name: &str| Some(values.get(name).map_or("0", String::as_str).to_owned());
    if let Some((BodyType::Json, template)) = &gateway.body {
        is_json(&fill(template, |name| value(name).map(|text| in_json(&text)))?)?;
    }
    let url = fill(&gateway.url, |name| value(name).map(|text| escaped(&text)))?;
    Address::of(&url).map_err(|why| why.to_string())
}

/// What an answer means.
pub(crate) fn judged(gateway: &Gateway, answer: &Answer) -> Outcome {
    let text = shown(&answer.body);
    let is_yes = if gateway.statuses.is_empty() {
        (200..300).contains(&answer.status)
    } else {
        gateway.statuses.contains(&answer.status)
    };
    if !is_yes {
        let why = format!("status {} {text}", answer.status);
        let other = Outcome::Failed { can_pass: true, why };
        return by_status(answer.status, &text).unwrap_or(other);
    }
    let is_taken = match &gateway.taken {
        Taken::Status => true,
        Taken::Body(expected) => answer.body.trim_ascii() == expected.trim().as_bytes(),
        Taken::Json { pointer, value } => {
            let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
            body.and_then(|body| body.pointer(pointer).and_then(written)).as_ref() == Some(value)
        }
    };
    if is_taken {
        return Outcome::Accepted(text);
    }
    Outcome::Failed { can_pass: true, why: format!("the answer does not say yes: {text}") }
}

/// A value as the site writes it; a table, a list or nothing is never what is waited for.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn filled(
    gateway: &Gateway,
    letter: &Letter,
    secret: impl Fn(&str) -> Result<String, String>,
) -> Result<(String, Post), String> {
    let mut values = values(letter);
    values.insert("to".to_owned(), gateway.to.join(","));
    for (name, one) in &gateway.secrets {
        values.insert(name.clone(), secret(&one.file)?);
    }
    let value = |name: &str| values.get(name).cloned();
    let url = fill(&gateway.url, |name| value(name).map(|text| escaped(&text)))?;
    let mut headers = vec![(KEY_HEADER.into(), letter.key())];
    for (name, template) in &gateway.headers {
        headers.push((name.clone().into(), fill(template, |name| value(name).map(in_header))?));
    }
    let media_type = match &gateway.body {
        Some((BodyType::Form, _)) => "application/x-www-form-urlencoded",
        _ => "application/json",
    };
    let body = match &gateway.body {
        None => String::new(),
        Some((BodyType::Form, body)) => fill(body, |name| value(name).map(|one| escaped(&one)))?,
        Some((BodyType::Json, body)) => {
            let body = fill(body, |name| value(name).map(|text| in_json(&text)))?;
            is_json(&body)?;
            body
        }
    };
    let method = match gateway.method {
        Method::Get => hyper::Method::GET,
        Method::Post => hyper::Method::POST,
        Method::Put => hyper::Method::PUT,
    };
    Ok((url, Post { method, headers, body: body.into_bytes(), ..Post::of(media_type) }))
}

fn fill(template: &Template, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    template.fill(value).map_err(|name| format!("`{{{name}}}` is nothing that is known"))
}

/// The text is not shown: it may hold a secret.
fn is_json(text: &str) -> Result<(), String> {
    let read = serde_json::from_str::<Value>(text);
    read.map(drop).map_err(|why| format!("`body` filled in is not JSON: {why}"))
}

/// Every name of a template and its value. What is not known is said to be so.
pub(crate) fn values(letter: &Letter) -> Values {
    let (message, kind) = (&letter.message, letter.delivery.kind);
    let said = message.said.as_ref();
    let number = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), texts::number);
    let status = match message.show {
        Show::Real => "actual",
        Show::Exercise(_) => "exercise",
        Show::Test => "test",
    };
    let mut out = Values::new();
    let mut put = |name: &str, value: String| {
        out.insert(name.to_owned(), value);
    };
    put("key", letter.key());
    put("warning", message.warning.to_string());
    put("number", message.public_key());
    put("kind", kind.as_str().to_owned());
    put("status", status.to_owned());
    put("site", message.site.clone());
    put("area", message.area.to_string());
    put("gas", message.gas.to_string());
    put("tier", message.tier.as_str().to_owned());
    put("value", number(said.and_then(|said| said.value)));
    put("limit", number(said.and_then(|said| said.limit)));
    put("unit", said.map_or("?", |said| said.unit.as_str()).to_owned());
    put("since", texts::local(message.raised_at, message.utc_offset_s));
    for (end, language) in [("zh", Language::Zh), ("en", Language::En)] {
        let mut put = |name: &str, value: &str| put(&format!("{name}_{end}"), value.to_owned());
        put("mark", texts::mark(&message.show, language));
        put("headline", &texts::headline(message, kind, language));
        put("text", &texts::whole(message, kind, &[language]));
        put("site", texts::in_language(&message.site_name, language));
        put("area", texts::in_language(&message.area_name, language));
        put("gas", texts::in_language(&message.gas_name, language));
    }
    out
}

/// For an address and a form: all but the letters that are never special (RFC 3986, 2.3).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _written = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// For the inside of a text of JSON.
fn in_json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inside.unwrap_or_default().to_owned()
}

/// A line end would begin another header.
fn in_header(text: String) -> String {
    if text.contains(char::is_control) { text.replace(char::is_control, " ") } else { text }
}

#[cfg(test)]
mod tests;
