//! What is taken and what is refused at the door of a request.

use serde::Deserialize;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    name: String,
    inner: Inner,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Inner {
    number: u8,
}

#[track_caller]
fn check(body: &str, kind: &str, names: &str) {
    let fault = parse::<Sample>(body.as_bytes()).unwrap_err();
    assert_eq!(fault.kind().1, kind, "{body}");
    assert!(fault.to_string().contains(names), "{fault}");
    assert!(fault.detail_zh().contains(names), "{}", fault.detail_zh());
}

#[test]
fn a_refused_body_names_the_field() {
    check(r#"{"inner":{"number":1}}"#, "bad-body", "`name`");
    check(r#"{"name":1,"inner":{"number":1}}"#, "bad-body", "name");
    check(r#"{"name":"a","inner":{"number":-1}}"#, "bad-body", "inner.number");
    check(r#"{"name":"a","inner":{"number":1},"x":0}"#, "bad-body", "`x`");
    check("[]", "bad-body", "invalid length 0");
    let whole = parse::<Sample>(b"{}").unwrap_err().to_string();
    assert!(whole.contains("at `body`: missing field `name`"), "{whole}");
}

#[test]
fn what_is_not_one_json_value_is_refused() {
    check("", "bad-json", "EOF");
    check("{", "bad-json", "EOF");
    check("name=a", "bad-json", "line 1 column");
    check(r#"{"name":"a","inner":{"number":1}} {}"#, "bad-json", "trailing");
    check("{\"name\":\"\u{1}\"}", "bad-json", "control character");
}

#[test]
fn only_the_media_type_of_json_is_json() {
    let check = |text: &'static str, json: bool| {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, axum::http::HeaderValue::from_static(text));
        assert_eq!(is_json(&headers), json, "{text}");
    };
    check("application/json", true);
    check("Application/JSON; charset=utf-8", true);
    check("text/plain", false);
    check("text/plain; application/json", false);
    check("application/jsonx", false);
    check("", false);
    assert!(!is_json(&HeaderMap::new()));
}
