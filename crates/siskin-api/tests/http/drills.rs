//! Drills over HTTP: every route, every refusal in both languages, and the report as a text.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::ask::{ADMIN, ask, get, post_json, post_json_by};
use crate::duty::Row;
use crate::fake::Station;
use crate::problems::check;

fn begin(area: &str) -> String {
    let drill = json!({
        "area": area, "gas": "chlorine", "peak": 20.0, "unit": "ppm",
        "rise_s": 1, "hold_s": 2, "decay_s": 3.5, "note": " 季度 ",
        "channels": [{ "channel": "at-101-cl2" }], "from": { "x_m": 1.0, "y_m": 2.0 }
    });
    drill.to_string()
}

/// What the table of all routes asks.
pub(crate) fn rows() -> Vec<Row> {
    let one = "/api/v1/drills/{id}";
    let end = post_json("/api/v1/drills/1/end", r#"{"note":" 够了 "}"#);
    let report = "/api/v1/drills/{id}/report";
    vec![
        ("/api/v1/drills", get("/api/v1/drills"), "/running/number", json!(1)),
        ("/api/v1/drills", get("/api/v1/drills"), "/drills/0/ended/reason", json!("preempted")),
        (
            "/api/v1/drills",
            post_json("/api/v1/drills", begin("tank-farm")),
            "/begun_by",
            json!("li"),
        ),
        (one, get("/api/v1/drills/1"), "/ended", Value::Null),
        ("/api/v1/drills/{id}/end", end, "/ended/note", json!("够了")),
        (report, get("/api/v1/drills/2/report"), "/warnings/0/steps/1/to", json!("leader")),
    ]
}

async fn refused(request: Request<Body>, status: u16, name: &str, says: &str) {
    let answer = ask(&Station::new().router, request).await;
    let problem = check(&answer, status, name);
    assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
}

#[tokio::test]
async fn what_cannot_be_drilled_is_refused_with_the_reason() {
    let post = |body: String| post_json("/api/v1/drills", body);
    refused(post(begin("jetty")), 409, "real-warning-open", "jetty.chlorine.x").await;
    refused(post(begin("busy")), 409, "drill-runs", "Drill 1").await;
    refused(post(begin("moon")), 422, "drill-unfit", "no area").await;
    refused(post("{}".to_owned()), 422, "bad-body", "area").await;
    let by = begin("tank-farm").replacen('{', r#"{"by":"han","#, 1);
    refused(post(by), 422, "bad-body", "by").await;
    let mut many: Value = serde_json::from_str(&begin("tank-farm")).unwrap();
    many["channels"] = vec![json!({ "channel": "a" }); 201].into();
    refused(post(many.to_string()), 422, "bad-body", "more than 200").await;
    let end = |number: &str| post_json(&format!("/api/v1/drills/{number}/end"), "{}");
    refused(end("2"), 409, "drill-over", "Drill 2").await;
    refused(end("3"), 404, "drill-not-found", "`3`").await;
    refused(get("/api/v1/drills/one"), 404, "drill-not-found", "`one`").await;
    refused(get("/api/v1/drills/-1/report"), 404, "drill-not-found", "`-1`").await;
    let viewer = post_json_by("viewer", "/api/v1/drills", begin("tank-farm"));
    refused(viewer, 403, "not-allowed", "").await;
}

async fn text(number: u64) -> String {
    let request = Request::get(format!("/api/v1/drills/{number}/report"));
    let request = request.header("authorization", ADMIN).header("accept", "text/markdown, */*");
    let answer = ask(&Station::new().router, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/markdown; charset=utf-8");
    answer.text
}

#[tokio::test]
async fn the_report_is_a_text_in_both_languages() {
    let over = text(2).await;
    for says in [
        "# 演练报告 Drill report 2",
        "演练，非真实事件。 A drill, not a real event.",
        "真实预警优先 pre-empted by a real warning · station",
        "| 说明 Note | 季度 \\| 演练 |",
        "| li | 3 | 1 | 61.2 s | 61.2 s | – |",
        "首次确认 first acknowledged: 61.2 s · li",
        "| 60.0 s | 1970-01-01T08:01:00.000+08:00 | 逐级上报 passed on | red | leader |  |",
        "| leader | red | 60.0 s | 60.1 s |",
    ] {
        assert!(over.contains(says), "`{says}` is missing in:\n{over}");
    }
    let empty = text(1).await;
    assert!(empty.contains("still runs") && empty.contains("No warning was raised"), "{empty}");
}
