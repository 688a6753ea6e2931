//! Duty over HTTP: every route, and every refusal in both languages.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::ask::{ask, get, post_json, with_method};
use crate::fake::{SHIFT, Station, WARNING};

/// Route, request, a pointer into the answer and what must be there.
pub(crate) type Row = (&'static str, Request<Body>, &'static str, Value);

fn put_json(path: &str, body: &'static str) -> Request<Body> {
    let request = Request::put(path).header("authorization", "Bearer admin");
    request.header("content-type", "application/json").body(body.into()).unwrap()
}

/// What the table of all routes asks.
pub(crate) fn rows() -> Vec<Row> {
    let substitution = format!(r#"{{"shift":"{SHIFT}","person":"han"}}"#);
    let shifts = get("/api/v1/duty/shifts?from_ms=0&to_ms=1");
    let import = post_json("/api/v1/duty/import", r#"{"text":"four"}"#);
    let person = put_json("/api/v1/duty/contacts/han", r#"{"name":"韩梅梅","phones":["1"]}"#);
    let ended = with_method(&axum::http::Method::DELETE, "/api/v1/duty/contacts/li-lei");
    let substitute = post_json("/api/v1/duty/substitutions", substitution);
    let begin = post_json("/api/v1/handovers", r#"{"role":"operator","note":" 泵 3 "}"#);
    let acknowledge = post_json("/api/v1/handovers/1/acknowledge", r#"{"note":"好"}"#);
    let card = get(&format!("/api/v1/warnings/{WARNING}/card"));
    vec![
        ("/api/v1/duty", get("/api/v1/duty"), "/notices", json!([])),
        ("/api/v1/duty/contacts", get("/api/v1/duty/contacts"), "/0/name", json!("李雷")),
        ("/api/v1/duty/contacts/{id}", person, "/name", json!("韩梅梅")),
        ("/api/v1/duty/contacts/{id}", ended, "/0", Value::Null),
        ("/api/v1/duty/shifts", shifts, "/0/id", json!(SHIFT)),
        ("/api/v1/duty/import", import, "/unchanged", json!(4)),
        // The fake says in whose name.
        ("/api/v1/duty/substitutions", substitute, "/substitutions/0/to", json!("li")),
        ("/api/v1/handovers", get("/api/v1/handovers"), "/0/number", json!(1)),
        ("/api/v1/handovers", begin, "/note", json!("泵 3")),
        ("/api/v1/handovers/{id}/acknowledge", acknowledge, "/acknowledged_by", json!("li")),
        ("/api/v1/cards", get("/api/v1/cards"), "/0/gas", json!("chlorine")),
        ("/api/v1/warnings/{id}/card", card, "/card/is_template", json!(true)),
    ]
}

#[tokio::test]
async fn a_roster_is_given_as_the_file_that_was_asked_for() {
    for (form, media_type, text) in [
        ("csv", "text/csv; charset=utf-8", "Csv"),
        ("calendar", "text/calendar; charset=utf-8", "Calendar"),
    ] {
        let path = format!("/api/v1/duty/export?from_ms=0&to_ms=1&form={form}");
        let answer = ask(&Station::new().router, get(&path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!((answer.header("content-type"), answer.text.as_str()), (media_type, text));
    }
}

async fn refused(request: Request<Body>, status: u16, name: &str, says: &str) {
    let answer = ask(&Station::new().router, request).await;
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    let problem = answer.json();
    assert_eq!(problem["type"], format!("/problems/{name}"));
    let (en, zh) = (problem["detail"].as_str().unwrap(), problem["detail_zh"].as_str().unwrap());
    assert!(en.ends_with('.') && zh.ends_with('。') && (zh.contains('请') || zh.contains('见')));
    assert!(format!("{en}{}", problem["report"]).contains(says), "{problem}");
}

#[tokio::test]
async fn what_does_not_fit_is_told_in_both_languages() {
    let delete = |id: &str| {
        let path = format!("/api/v1/duty/contacts/{id}");
        with_method(&axum::http::Method::DELETE, &path)
    };
    refused(delete("zhao"), 404, "contact-not-found", "zhao").await;
    refused(delete("%20"), 404, "contact-not-found", " ").await;
    refused(delete("needed"), 409, "contact-needed", "needed").await;
    let wrong_id = put_json("/api/v1/duty/contacts/%20", r#"{"name":"x","phones":["1"]}"#);
    refused(wrong_id, 422, "contact-refused", "letters").await;
    let import = |body: &'static str| post_json("/api/v1/duty/import", body);
    refused(import(r#"{"text":"past"}"#), 409, "roster-past", SHIFT).await;
    refused(import(r#"{"text":"bad"}"#), 422, "roster-refused", "line 1").await;
    refused(import(r#"{"text":"x","by":"li"}"#), 422, "bad-body", "by").await;
    let nobody = post_json("/api/v1/duty/substitutions", r#"{"shift":"x","person":"han"}"#);
    refused(nobody, 404, "shift-not-found", "x").await;
    let acknowledge =
        |number: &str| post_json(&format!("/api/v1/handovers/{number}/acknowledge"), "{}");
    refused(acknowledge("x"), 404, "hand-over-not-found", "x").await;
    refused(acknowledge("2"), 409, "hand-over-same-person", "li").await;
    let far = get("/api/v1/duty/shifts?from_ms=0&to_ms=31622400001");
    refused(far, 400, "bad-query", "366").await;
    refused(get("/api/v1/warnings/x/card"), 404, "warning-not-found", "x").await;
}

#[tokio::test]
async fn a_roster_may_be_as_large_as_a_year() {
    let text = "x".repeat(1_000_000);
    let body = format!(r#"{{"text":"{text}","dry_run":true}}"#);
    let answer = ask(&Station::new().router, post_json("/api/v1/duty/import", body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.json()["unchanged"], 1_000_000);
    assert_eq!(answer.json()["applied"], false);
}
