//! Every failure is a problem document that says in two languages what to do.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::Value;

use crate::ask::{ADMIN, Answer, ask, get, post_json, with_method};
use crate::fake::{BROKEN, CHANNEL, PANICS, Station, WARNING};

/// Checks that `answer` is the problem `name`, whole and readable.
#[track_caller]
pub(crate) fn check(answer: &Answer, status: u16, name: &str) -> Value {
    assert_eq!(answer.status.as_u16(), status, "{name}: {}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let problem = answer.json();
    assert_eq!(problem["type"], format!("/problems/{name}"));
    assert_eq!(problem["status"], status);
    let text = |field: &str| problem[field].as_str().unwrap().to_owned();
    assert!(!text("title").is_empty());
    let (detail, detail_zh) = (text("detail"), text("detail_zh"));
    // What happened, then what to do.
    assert!(detail.ends_with('.') && detail.trim_end_matches('.').contains(". "), "{detail}");
    assert!(detail_zh.ends_with('。'), "{detail_zh}");
    let to_do = detail_zh.trim_end_matches('。').rsplit('。').next();
    assert!(to_do.is_some_and(|last| last.contains('请') || last.contains('见')), "{detail_zh}");
    problem
}

fn acknowledge(body: impl Into<Body>) -> Request<Body> {
    post_json(&format!("/api/v1/warnings/{WARNING}/acknowledge"), body)
}

fn readings(channel: &str, query: &str) -> Request<Body> {
    get(&format!("/api/v1/channels/{channel}/readings{query}"))
}

async fn expect(request: Request<Body>, status: u16, name: &str, says: &str) -> Answer {
    let station = Station::new();
    let what = format!("{} {}", request.method(), request.uri());
    let answer = ask(&station.router, request).await;
    let problem = check(&answer, status, name);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains(says), "{what}: {detail}");
    answer
}

#[tokio::test]
async fn unknown_paths_of_the_api_are_never_answered_with_a_page() {
    for path in ["/api", "/api/", "/api/v1", "/api/v2/site", "/api/v1/site/", "/api/v1/nothing"] {
        let answer = expect(get(path), 404, "path-not-found", path).await;
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let post = with_method(&Method::POST, "/api/v1/nothing");
    expect(post, 404, "path-not-found", "/api/v1/nothing").await;
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    for (method, path, allowed) in [
        (Method::POST, "/api/v1/site", "GET,HEAD"),
        (Method::DELETE, "/api/v1/warnings", "GET,HEAD"),
        (Method::OPTIONS, "/api/v1/events", "GET,HEAD"),
        (Method::GET, "/api/v1/warnings/x/acknowledge", "POST"),
        (Method::PUT, "/", "GET,HEAD"),
    ] {
        let answer = expect(with_method(&method, path), 405, "method-not-allowed", path).await;
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_named() {
    let range = "?from_ms=0&to_ms=1";
    expect(readings("at-999", range), 404, "channel-not-found", "at-999").await;
    expect(readings("not%20an%20id", range), 404, "channel-not-found", "not an id").await;
    for path in [
        "channels/at-999/records?from_ms=0&to_ms=1",
        "channels?channels=at-999",
        "buckets?from_ms=0&to_ms=1&step_ms=1000&channels=at-999",
        "records?from_ms=0&to_ms=1&channels=at-999",
    ] {
        expect(get(&format!("/api/v1/{path}")), 404, "channel-not-found", "at-999").await;
    }
    expect(get("/api/v1/channels?channels="), 404, "channel-not-found", "").await;
    expect(get("/api/v1/warnings/x/events"), 404, "warning-not-found", "x").await;
    let body = "{}";
    let unknown = post_json("/api/v1/warnings/x/acknowledge", body);
    expect(unknown, 404, "warning-not-found", "x").await;
    expect(get("/api/v1/warnings/%FF/events"), 400, "bad-path", "").await;
    expect(get("/assets/old-1234.js"), 404, "asset-not-found", "/assets/old-1234.js").await;
}

#[tokio::test]
async fn a_bad_query_names_the_parameter() {
    for (query, says) in [
        ("", "from_ms"),
        ("?from_ms=0", "to_ms"),
        ("?from_ms=x&to_ms=1", "from_ms"),
        ("?from_ms=0&to_ms=1&step=5", "step"),
        ("?from_ms=1&to_ms=1", "to_ms"),
        ("?from_ms=2&to_ms=1", "to_ms"),
        ("?from_ms=0&to_ms=31622400001", "366"),
        ("?from_ms=-9223372036854775808&to_ms=9223372036854775807", "366"),
        ("?from_ms=0&to_ms=9223372036854775808", "to_ms"),
        ("?from_ms=0&to_ms=1&points_max=0", "points_max"),
        ("?from_ms=0&to_ms=1&points_max=5001", "points_max"),
    ] {
        expect(readings(CHANNEL, query), 400, "bad-query", says).await;
    }
    let records = |query: &str| get(&format!("/api/v1/channels/{CHANNEL}/records?{query}"));
    for (query, says) in [
        ("from_ms=0", "to_ms"),
        ("from_ms=1&to_ms=1", "to_ms"),
        ("from_ms=0&to_ms=1&limit=0", "limit"),
        ("from_ms=0&to_ms=1&limit=10001", "10000"),
        ("from_ms=0&to_ms=1&after=1", "after"),
    ] {
        expect(records(query), 400, "bad-query", says).await;
    }
    let hundred = (0..101).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    for (query, says) in [
        ("from_ms=0&to_ms=1&step_ms=1000".to_owned(), "channels"),
        (format!("from_ms=0&to_ms=1&channels={CHANNEL}"), "step_ms"),
        (format!("from_ms=0&to_ms=1&step_ms=999&channels={CHANNEL}"), "999"),
        (format!("from_ms=0&to_ms=1&step_ms=7000&channels={CHANNEL}"), "7000"),
        (format!("from_ms=0&to_ms=1&step_ms=172800000&channels={CHANNEL}"), "step_ms"),
        (format!("from_ms=0&to_ms=1&step_ms=1000&channels={CHANNEL},{CHANNEL}"), "twice"),
        (format!("from_ms=0&to_ms=1&step_ms=1000&channels={hundred}"), "101"),
        // The first and the last step are cut, and there are 50,001 of them.
        (format!("from_ms=1&to_ms=50000001&step_ms=1000&channels={CHANNEL}"), "50001 steps"),
    ] {
        expect(get(&format!("/api/v1/buckets?{query}")), 400, "bad-query", says).await;
    }
    for (path, says) in [
        ("completeness?from_ms=0&to_ms=1&period_ms=0", "period_ms"),
        ("completeness?from_ms=0&to_ms=1&period_ms=3600001", "3600000"),
        ("gaps?from_ms=0&to_ms=1&longer_than_ms=-1", "longer_than_ms"),
        ("gaps?from_ms=0&to_ms=1&limit=10001", "limit"),
    ] {
        expect(get(&format!("/api/v1/channels/{CHANNEL}/{path}")), 400, "bad-query", says).await;
    }
    expect(get("/api/v1/records?from_ms=0&to_ms=0"), 400, "bad-query", "to_ms").await;
    expect(get("/api/v1/records?from_ms=0&to_ms=1&channels=a,a"), 400, "bad-query", "twice").await;
    expect(get("/api/v1/channels?ids=a"), 400, "bad-query", "ids").await;
    expect(get("/api/v1/warnings?scope=closed"), 400, "bad-query", "closed").await;
    expect(get("/api/v1/warnings?tier=red"), 400, "bad-query", "tier").await;
    expect(get("/api/v1/events?after=-1"), 400, "bad-query", "after").await;
    expect(get("/api/v1/events?since=1"), 400, "bad-query", "since").await;
}

#[tokio::test]
async fn a_bad_body_names_the_field() {
    expect(acknowledge(""), 400, "bad-json", "EOF").await;
    expect(acknowledge("{"), 400, "bad-json", "EOF").await;
    expect(acknowledge("by=Li"), 400, "bad-json", "line 1").await;
    expect(acknowledge("7"), 422, "bad-body", "`body`").await;
    expect(acknowledge(r#"{"note":7}"#), 422, "bad-body", "`note`").await;
    expect(acknowledge(r#"{"note":null}"#), 422, "bad-body", "`note`").await;
    expect(acknowledge(r#"{"colour":"red"}"#), 422, "bad-body", "`colour`").await;
    expect(acknowledge(r#"{"note":"L\u0000i"}"#), 422, "bad-field", "U+0000").await;
    let long = format!(r#"{{"note":"{}"}}"#, "x".repeat(1001));
    expect(acknowledge(long), 422, "bad-field", "1001").await;
}

#[tokio::test]
async fn a_body_is_received_within_its_limits_or_refused() {
    let large = format!(r#"{{"note":"{}"}}"#, "x".repeat(16 * 1024));
    expect(acknowledge(large.clone()), 413, "body-too-large", "16384").await;
    // Without a Content-Length the size shows only while reading.
    let pieces = large.into_bytes().chunks(1000).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let pieces = futures_util::stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    let streamed = acknowledge(Body::from_stream(pieces));
    expect(streamed, 413, "body-too-large", "16384").await;
    let cut = [Ok(r#"{"note":"#), Err(std::io::Error::other("the cable was pulled"))];
    let cut = acknowledge(Body::from_stream(futures_util::stream::iter(cut)));
    expect(cut, 400, "body-broken", "cable").await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_is_given_up() {
    let body = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let request = acknowledge(Body::from_stream(body));
    expect(request, 408, "body-slow", "5 s").await;
}

#[tokio::test]
async fn only_json_from_the_same_origin_may_act() {
    let send = |headers: &[(&str, &str)]| {
        let path = format!("/api/v1/warnings/{WARNING}/acknowledge");
        let mut request = Request::post(path).header("authorization", ADMIN);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::from("{}")).unwrap()
    };
    let json = ("content-type", "application/json");
    let host = ("host", "park:8080");
    expect(send(&[host]), 415, "not-json", "").await;
    expect(send(&[("content-type", "text/plain"), host]), 415, "not-json", "").await;
    let foreign = ("origin", "http://evil.example");
    expect(send(&[json, host, foreign]), 403, "foreign-origin", "").await;
    expect(send(&[json, host, ("origin", "null")]), 403, "foreign-origin", "").await;
    let station = Station::new();
    let own = send(&[json, host, ("origin", "http://park:8080")]);
    assert_eq!(ask(&station.router, own).await.status, StatusCode::OK);
}

#[tokio::test]
async fn failures_of_the_station_are_told() {
    let range = "?from_ms=0&to_ms=1";
    expect(readings(BROKEN, range), 503, "unavailable", "the disk is gone").await;
    expect(readings(PANICS, range), 500, "internal", "").await;
    let body = "{}";
    let failing = post_json(&format!("/api/v1/warnings/{BROKEN}/acknowledge"), body);
    expect(failing, 503, "unavailable", "the disk is full").await;
}

#[tokio::test]
async fn who_acknowledged_first_is_told_to_the_second() {
    let station = Station::new();
    let first = ask(&station.router, acknowledge("{}")).await;
    assert_eq!(first.status, StatusCode::OK);
    let second = ask(&station.router, acknowledge("{}")).await;
    let problem = check(&second, 409, "already-acknowledged");
    assert!(problem["detail"].as_str().unwrap().contains("`li`"));
    assert!(problem["detail_zh"].as_str().unwrap().contains("“li”"));
}

#[tokio::test]
async fn nobody_acknowledges_a_tier_that_they_have_not_seen() {
    let station = Station::new();
    let late = ask(&station.router, acknowledge(r#"{"tier":"orange"}"#)).await;
    let problem = check(&late, 409, "warning-has-risen");
    assert!(problem["detail"].as_str().unwrap().contains("risen to red"));
    assert!(problem["detail_zh"].as_str().unwrap().contains("升级为红色"));
    let seen = ask(&station.router, acknowledge(r#"{"tier":"red"}"#)).await;
    assert_eq!(seen.status, StatusCode::OK);
}
