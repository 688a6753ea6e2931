//! Acts on the rules: who may, what is refused, and how it is told.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use siskin_api::LiveEvent;

use crate::ask::{Frames, ask, get, post_json, post_json_by, with_method};
use crate::fake::{BROKEN, Station, correction};
use crate::problems::check;

fn shadow(by: &str, text: &str) -> Request<Body> {
    let body = json!({ "files": { "a.toml": text } });
    post_json_by(&format!("engineer.{by}"), "/api/v1/rules/shadow", body.to_string())
}

fn promote(by: &str) -> Request<Body> {
    post_json_by(&format!("engineer.{by}"), "/api/v1/rules/promote", "{}")
}

fn act(what: &str, body: &Value) -> Request<Body> {
    post_json(&format!("/api/v1/rules/{what}"), body.to_string())
}

#[tokio::test]
async fn a_shadow_set_is_proposed_shown_and_ended() {
    let station = Station::new();
    let begun = ask(&station.router, shadow("lilei", "x")).await;
    assert_eq!((begun.status, &begun.json()["by"]), (StatusCode::OK, &json!("lilei")));
    let shown = ask(&station.router, get("/api/v1/rules/shadow")).await.json();
    assert_eq!(shown["shadow"]["by"], "lilei");
    let end = || with_method(&Method::DELETE, "/api/v1/rules/shadow");
    let ended = ask(&station.router, end()).await;
    assert_eq!((ended.status, ended.json()), (StatusCode::OK, json!({ "shadow": null })));
    check(&ask(&station.router, end()).await, 409, "no-shadow");
}

#[tokio::test]
async fn who_proposed_may_not_promote() {
    let station = Station::new();
    let nothing = ask(&station.router, promote("Li")).await;
    check(&nothing, 409, "no-shadow");
    ask(&station.router, shadow("Li", "x")).await;
    let same = ask(&station.router, promote("Li")).await;
    let problem = check(&same, 409, "same-person");
    assert!(problem["detail"].as_str().unwrap().contains("`Li` proposed"));
    assert!(problem["detail_zh"].as_str().unwrap().contains("Li"));
    ask(&station.router, shadow("Li", "x")).await;
    let second = ask(&station.router, promote("Wang")).await;
    assert_eq!((second.status, &second.json()["by"]), (StatusCode::OK, &json!("Wang")));
}

#[tokio::test]
async fn refused_rules_come_with_their_report() {
    let station = Station::new();
    let body = json!({ "note": BROKEN });
    let refused = ask(&station.router, act("reload", &body)).await;
    let problem = check(&refused, 422, "rules-refused");
    assert_eq!(problem["report"], "rules/a.toml:3:1: no");
    let nothing = ask(&station.router, act("rollback", &body)).await;
    let problem = check(&nothing, 409, "nothing-before");
    assert_eq!(problem.get("report"), None, "only where there is one");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_before_anything_happens() {
    let station = Station::new();
    for what in ["reload", "promote", "rollback", "shadow"] {
        let long = json!({ "note": "x".repeat(1001), "files": {} });
        let long = if what == "shadow" { long } else { json!({ "note": long["note"] }) };
        check(&ask(&station.router, act(what, &long)).await, 422, "bad-field");
        let more = act(what, &json!({ "colour": "red" }));
        check(&ask(&station.router, more).await, 422, "bad-body");
    }
    for number in ["3", "x", "-1"] {
        let path = format!("/api/v1/rules/versions/{number}/diff");
        check(&ask(&station.router, get(&path)).await, 404, "rule-version-not-found");
    }
    for limit in [0, 1001] {
        let path = format!("/api/v1/corrections?limit={limit}");
        check(&ask(&station.router, get(&path)).await, 400, "bad-query");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_may_not_touch_the_rules() {
    let station = Station::new();
    for (method, what) in [
        (Method::POST, "reload"),
        (Method::POST, "promote"),
        (Method::POST, "rollback"),
        (Method::POST, "shadow"),
        (Method::DELETE, "shadow"),
    ] {
        let request = Request::builder()
            .method(&method)
            .uri(format!("/api/v1/rules/{what}"))
            .header("host", "park:8080")
            .header("origin", "http://evil.example")
            .header("content-type", "application/json")
            .body(Body::from("{}"))
            .unwrap();
        check(&ask(&station.router, request).await, 403, "foreign-origin");
    }
}

#[tokio::test]
async fn a_rule_set_may_be_larger_than_other_bodies_but_not_without_end() {
    let station = Station::new();
    let large = ask(&station.router, shadow("Li", &"x".repeat(100_000))).await;
    assert_eq!((large.status, &large.json()["note"]), (StatusCode::OK, &json!("100000")));
    let larger = ask(&station.router, shadow("Li", &"x".repeat(1024 * 1024))).await;
    let problem = check(&larger, 413, "body-too-large");
    assert!(problem["detail"].as_str().unwrap().contains("1048576"));
}

#[tokio::test]
async fn corrections_are_told_on_the_live_stream_with_their_place() {
    let station = Station::new();
    let mut frames = Frames::open(&station.router, get("/api/v1/events")).await;
    frames.expect("hello").await;
    station.fake.live.send(LiveEvent::Correction(correction(9))).unwrap();
    let frame = frames.expect("correction").await;
    assert_eq!((frame.id, &frame.data["change"]), (Some(9), &json!("added")));
}
