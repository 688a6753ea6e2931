//! Incidents over the API: who acts, what is refused, files and packs as they are.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::ask::{ask, get, post_json};
use crate::fake::{EVIDENCE_BYTES, INCIDENT, Station, TORN};

/// The path of what is below the incident.
pub(crate) fn of(below: &str) -> String {
    format!("/api/v1/incidents/{INCIDENT}{below}")
}

pub(crate) fn patch(body: &'static str) -> Request<Body> {
    let mut request = post_json(&of(""), body);
    *request.method_mut() = Method::PATCH;
    request
}

pub(crate) fn attach(name: &str, bytes: Vec<u8>) -> Request<Body> {
    let request = Request::post(of(&format!("/files?name={name}")));
    let request = request.header("authorization", "Bearer admin");
    request.header("content-type", "application/octet-stream").body(bytes.into()).unwrap()
}

/// A request is refused, and says why in both languages.
pub(crate) async fn check(request: Request<Body>, status: u16, kind: &str, says: &str) {
    let answer = ask(&Station::new().router, request).await;
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    let problem = answer.json();
    assert_eq!(problem["type"], format!("/problems/{kind}"));
    for detail in ["detail", "detail_zh"] {
        let detail = problem[detail].as_str().unwrap();
        assert!(detail.contains(says), "{detail}");
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_told_in_both_languages() {
    check(get("/api/v1/incidents/x"), 404, "incident-not-found", "x").await;
    check(get(&of("/files/cd")), 404, "incident-file-not-found", "cd").await;
    check(get("/api/v1/incidents/x/evidence"), 404, "incident-not-found", "x").await;
    check(post_json(&of("/notes"), r#"{"text":" \n"}"#), 422, "bad-field", "").await;
    check(post_json(&of("/notes"), r#"{"text":"a","by":"b"}"#), 422, "bad-body", "`by`").await;
    check(post_json(&of("/tasks"), r#"{"text":"a","owner":""}"#), 422, "bad-field", "").await;
    check(post_json(&of("/tasks/x/done"), "{}"), 400, "bad-path", "x").await;
    check(post_json(&of("/close"), r#"{"cause":"a","lessons":""}"#), 409, "incident-refused", "")
        .await;
    check(patch("{}"), 422, "bad-body", "nothing").await;
    check(patch(r#"{"grade":{"grade":"V"}}"#), 422, "bad-body", "V").await;
    check(patch(r#"{"figures":{"dead":1}}"#), 422, "bad-body", "dead").await;
    let open = post_json("/api/v1/incidents", r#"{"title":"a","areas":["moon"]}"#);
    check(open, 422, "not-in-the-site", "moon").await;
    let many = json!({ "title": "a", "areas": vec!["a"; 101] }).to_string();
    check(post_json("/api/v1/incidents", many), 422, "bad-body", "101").await;
}

#[tokio::test]
async fn a_file_comes_as_it_is_and_within_its_limit() {
    let station = Station::new();
    let large = vec![7; 20 << 20];
    let answer = ask(&station.router, attach("%E7%8E%B0%E5%9C%BA.jpg", large)).await;
    assert_eq!(
        answer.json()["files"][0],
        json!({
            "name": "现场.jpg", "bytes": 20 << 20, "sha256": "ab",
        })
    );
    check(attach("a", vec![7; (20 << 20) + 1]), 413, "body-too-large", "20971520").await;
    check(attach("", vec![7]), 422, "bad-field", "").await;
    check(post_json(&of("/files?name=a"), "{}"), 415, "not-octets", "octet-stream").await;
    let found = ask(&station.router, get(&of("/files/ab"))).await;
    assert_eq!(
        (found.text.as_str(), found.header("content-type")),
        ("photo", "application/octet-stream",)
    );
}

#[tokio::test]
async fn a_pack_is_sent_whole_or_breaks_off() {
    let station = Station::new();
    let open = async |id: &str| {
        let request = get(&format!("/api/v1/incidents/{id}/evidence"));
        station.router.clone().oneshot(request).await.unwrap()
    };
    let whole = open(INCIDENT).await;
    assert_eq!(whole.headers()["content-type"], "application/zip");
    let name = format!("attachment; filename=\"{INCIDENT}.zip\"");
    assert_eq!(whole.headers()["content-disposition"], name.as_str());
    assert_eq!(whole.into_body().collect().await.unwrap().to_bytes().len(), EVIDENCE_BYTES);
    let torn = open(TORN).await;
    assert_eq!(torn.status(), StatusCode::OK);
    assert!(torn.into_body().collect().await.is_err());
}

#[tokio::test]
async fn packs_at_the_same_time_are_few() {
    let station = Station::new();
    let request = || get(&of("/evidence"));
    let first = station.router.clone().oneshot(request()).await.unwrap();
    let second = station.router.clone().oneshot(request()).await.unwrap();
    let third = ask(&station.router, request()).await;
    assert_eq!(third.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(third.headers.contains_key("retry-after"));
    drop(first);
    assert!(second.into_body().collect().await.is_ok());
}

#[tokio::test]
async fn who_acts_comes_from_the_request_and_not_from_the_body() {
    let station = Station::new();
    let request = post_json(&of("/notes"), r#"{"text":"第一行\n第二行"}"#);
    let entry: Value = ask(&station.router, request).await.json()["entries"][0].clone();
    assert_eq!((&entry["by"], &entry["text"]), (&json!("li"), &json!("第一行\n第二行")));
}
