//! The workbench over HTTP: every route, and every refusal in both languages.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::json;

use crate::ask::{ask, get, post_json, with_method};
use crate::duty::Row;
use crate::fake::Station;
use crate::problems::check;

const FILES: &str = r#"{"files":{"a.toml":"x"}}"#;

/// What the table of all routes asks.
pub(crate) fn rows() -> Vec<Row> {
    let one = "/api/v1/backtests/{id}";
    let range = r#"{"files":{"a.toml":"x"},"from":"2026-01-01T00:00:00Z"}"#;
    vec![
        ("/api/v1/rules/sets/{name}", get("/api/v1/rules/sets/1"), "/number", json!(1)),
        ("/api/v1/rules/schema", get("/api/v1/rules/schema"), "/type", json!("object")),
        ("/api/v1/rules/state", get("/api/v1/rules/state?rule=a"), "/version", json!(2)),
        (
            "/api/v1/rules/check",
            post_json("/api/v1/rules/check", FILES),
            "/findings/0/places/0/file",
            json!("a.toml"),
        ),
        ("/api/v1/rules/tests", post_json("/api/v1/rules/tests", "{}"), "/passed", json!(1)),
        ("/api/v1/backtests", get("/api/v1/backtests"), "/1/by", json!("han")),
        ("/api/v1/backtests", post_json("/api/v1/backtests", range), "/by", json!("li")),
        (one, get("/api/v1/backtests/1"), "/id", json!(1)),
        (one, with_method(&Method::DELETE, "/api/v1/backtests/1"), "/state", json!("cancelled")),
    ]
}

async fn refused(request: Request<Body>, status: u16, name: &str, says: &str) {
    let answer = ask(&Station::new().router, request).await;
    let problem = check(&answer, status, name);
    assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
}

#[tokio::test]
async fn what_is_not_there_or_not_possible_is_refused_with_the_reason() {
    let set = |name: &str| get(&format!("/api/v1/rules/sets/{name}"));
    refused(set("latest"), 404, "rule-set-not-found", "latest").await;
    refused(set("9"), 404, "rule-version-not-found", "9").await;
    refused(set("shadow"), 409, "no-shadow", "No shadow set").await;
    refused(get("/api/v1/rules/state?rule=b"), 404, "rule-not-found", "`b`").await;
    refused(get("/api/v1/rules/state?rules=b"), 400, "bad-query", "rules").await;
    let post = |path: &str, body: &'static str| post_json(&format!("/api/v1{path}"), body);
    refused(post("/rules/tests", FILES), 409, "rule-tests-run", "already").await;
    refused(post("/rules/check", "{}"), 422, "bad-body", "files").await;
    refused(post("/rules/check", r#"{"files":{},"by":"han"}"#), 422, "bad-body", "by").await;
    refused(post("/backtests", "{}"), 422, "backtest-unfit", "no range").await;
    refused(post("/backtests", r#"{"version":7}"#), 404, "rule-version-not-found", "7").await;
    refused(post("/backtests", r#"{"incident":"x"}"#), 409, "backtests-full", "4").await;
    refused(get("/api/v1/backtests/9"), 404, "backtest-not-found", "9").await;
    refused(get("/api/v1/backtests/x"), 404, "backtest-not-found", "x").await;
}

#[tokio::test]
async fn a_rule_set_may_be_larger_than_other_bodies() {
    let text = "#".repeat(500_000);
    let body = json!({ "files": { "a.toml": text } }).to_string();
    let station = Station::new();
    let answer = ask(&station.router, post_json("/api/v1/rules/check", body)).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    let body = json!({ "files": { "a.toml": "#".repeat(1_100_000) } }).to_string();
    let answer = ask(&station.router, post_json("/api/v1/rules/check", body)).await;
    check(&answer, 413, "body-too-large");
}
