//! Devices over HTTP: every route, and every refusal in both languages.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::ask::{ask, get, post_json};
use crate::fake::{CHANNEL, Station};
use crate::problems::check;

/// Route, request, a pointer into the answer and what must be there.
pub(crate) type Row = (&'static str, Request<Body>, &'static str, Value);

const DUE: &str = "/api/v1/maintenance/due";
const LOG: &str = "/api/v1/channels/{id}/maintenance";

fn log() -> String {
    format!("/api/v1/channels/{CHANNEL}/maintenance")
}

/// What the table of all routes asks.
pub(crate) fn rows() -> Vec<Row> {
    let made = post_json(&log(), r#"{"kind":"repair","at_ms":0,"note":" 换滤芯\n"}"#);
    vec![
        ("/api/v1/devices", get("/api/v1/devices"), "/0/state", json!("answering")),
        (
            "/api/v1/devices/{id}/registers",
            get("/api/v1/devices/at-101/registers"),
            "/requests/0/values/0",
            json!("002A"),
        ),
        (LOG, get(&log()), "/0/kind", json!("calibration")),
        (LOG, made, "/note", json!("换滤芯")),
        ("/api/v1/maintenance", get("/api/v1/maintenance"), "/0/is_overdue", json!(true)),
        (DUE, get(DUE), "/0/state", json!("no-record")),
    ]
}

async fn refused(request: Request<Body>, status: u16, name: &str, says: &str) {
    let answer = ask(&Station::new().router, request).await;
    let problem = check(&answer, status, name);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains(says), "{detail}");
}

#[tokio::test]
async fn what_does_not_fit_is_said_with_its_field() {
    let post = |body: &'static str| post_json(&log(), body);
    refused(get("/api/v1/devices/nothing/registers"), 404, "device-not-found", "`nothing`").await;
    let elsewhere = "/api/v1/channels/at-999/maintenance";
    refused(get(elsewhere), 404, "channel-not-found", "`at-999`").await;
    refused(post(r#"{"kind":"calibration","at_ms":0}"#), 422, "bad-field", "`standard`").await;
    let hidden = "{\"kind\":\"repair\",\"at_ms\":0,\"note\":\"a\u{202E}b\"}";
    refused(post_json(&log(), hidden.to_owned()), 422, "bad-field", "`note`").await;
    refused(post(r#"{"kind":"repair"}"#), 422, "bad-body", "at_ms").await;
    refused(post(r#"{"kind":"cleaning","at_ms":0}"#), 422, "bad-body", "kind").await;
    refused(post(r#"{"kind":"repair","at_ms":0,"by":"han"}"#), 422, "bad-body", "by").await;
}

#[tokio::test]
async fn the_entry_is_in_the_name_of_who_asks() {
    let station = Station::new();
    let body = r#"{"kind":"bump-test","at_ms":0,"standard":5,"before":4.8}"#;
    let made = ask(&station.router, post_json(&log(), body)).await.json();
    assert_eq!((&made["by"], &made["before"]), (&json!("li"), &json!(4.8)));
}
