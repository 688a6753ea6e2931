//! Every route gives what the backend says. The table is held against the OpenAPI document.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::ask::{Frames, ask, get, post_json, with_method};
use crate::fake::{CHANNEL, INCIDENT, SECOND, Station, WARNING};
use crate::incidents;

struct Case {
    /// The key of the document.
    path: &'static str,
    request: Request<Body>,
    /// A pointer into the answer and what must be there.
    expected: (&'static str, Value),
}

fn case(path: &'static str, request: Request<Body>, pointer: &'static str, is: Value) -> Case {
    Case { path, request, expected: (pointer, is) }
}

fn plain(path: &'static str, pointer: &'static str, is: Value) -> Case {
    case(path, get(path), pointer, is)
}

fn readings(query: &str, pointer: &'static str, is: i64) -> Case {
    let request = get(&format!("/api/v1/channels/{CHANNEL}/readings?{query}"));
    case("/api/v1/channels/{id}/readings", request, pointer, json!(is))
}

fn of_channel(what: &str, query: &str, pointer: &'static str, is: Value) -> Case {
    let path = match what {
        "records" => "/api/v1/channels/{id}/records",
        "completeness" => "/api/v1/channels/{id}/completeness",
        _ => "/api/v1/channels/{id}/gaps",
    };
    case(path, get(&format!("/api/v1/channels/{CHANNEL}/{what}?{query}")), pointer, is)
}

fn warnings(query: &str, pointer: &'static str, is: Value) -> Case {
    let request = get(&format!("/api/v1/warnings{query}"));
    case("/api/v1/warnings", request, pointer, is)
}

/// Why somebody acts on the rules.
const WHO: &str = r#"{"note":"按新标准\n"}"#;
const SHADOW: &str = r#"{"files":{"a.toml":"x"}}"#;

const SIGN_IN: &str = r#"{"name":"li","password":"correct horse battery"}"#;
const SETUP: &str =
    r#"{"code":"code","name":"wang","display":"王芳","password":"correct horse battery"}"#;
const NEW_PASSWORD: &str = r#"{"old":"correct horse battery","new":"another horse battery"}"#;
const TOKEN: &str = r#"{"name":" scada ","days":400}"#;
const PERSON: &str = r#"{"name":"han","display":"韩梅梅","role":"operator","areas":["yard"],
    "password":"correct horse battery"}"#;

/// What somebody asks with a session.
fn own(method: &str, path: &str, body: &'static str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header("cookie", "siskin=s-admin")
        .header("x-siskin-csrf", "csrf-admin")
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap()
}

/// Signing in, accounts and tokens.
fn people() -> Vec<Case> {
    vec![
        plain("/api/v1/alive", "/alive", json!(true)),
        case("/api/v1/session", post_json("/api/v1/session", SIGN_IN), "/name", json!("li")),
        case("/api/v1/session", own("DELETE", "/session", ""), "/done", json!(true)),
        case("/api/v1/setup", post_json("/api/v1/setup", SETUP), "/role", json!("admin")),
        case(
            "/api/v1/me/password",
            own("POST", "/me/password", NEW_PASSWORD),
            "/done",
            json!(true),
        ),
        case("/api/v1/tokens", own("GET", "/tokens", ""), "/0/name", json!("li")),
        case("/api/v1/tokens", own("POST", "/tokens", TOKEN), "/token/name", json!("scada")),
        case("/api/v1/tokens", own("POST", "/tokens", TOKEN), "/text", json!("siskin_t1_text")),
        case("/api/v1/tokens/{id}", own("DELETE", "/tokens/t1", ""), "/done", json!(true)),
        plain("/api/v1/people", "/0/name", json!("li")),
        case("/api/v1/people", post_json("/api/v1/people", PERSON), "/areas/0", json!("yard")),
        case(
            "/api/v1/people/{name}",
            own("PATCH", "/people/li", r#"{"role":"engineer","whole_site":true}"#),
            "/role",
            json!("engineer"),
        ),
        case(
            "/api/v1/people/{name}",
            own("PATCH", "/people/li", r#"{"areas":["yard"]}"#),
            "/areas/0",
            json!("yard"),
        ),
        case("/api/v1/people/{name}", own("DELETE", "/people/li", ""), "/disabled", json!(true)),
        case(
            "/api/v1/people/{name}/password",
            own("POST", "/people/li/password", r#"{"password":"correct horse battery"}"#),
            "/name",
            json!("li"),
        ),
    ]
}

/// The routes of acts on warnings, alarms about equipment and channels, and of what they leave.
fn acts() -> Vec<Case> {
    let post = |path: &'static str, body: &str, pointer, is| {
        let uri = path.replace("{id}", if path.contains("channels") { CHANNEL } else { WARNING });
        let uri = uri.replace("{rule}", "silent").replace("{channel}", CHANNEL);
        case(path, post_json(&uri, body.to_owned()), pointer, is)
    };
    let shelve = r#"{"minutes":30,"reason":" 检修 ","tier":"red"}"#;
    let many =
        format!(r#"{{"warnings":[{{"id":"{WARNING}","tier":"red"}},{{"id":"x","tier":"red"}}]}}"#);
    let out = r#"{"work_order":"W-1","owner":"李雷","until_ms":9,"reason":"校准"}"#;
    let back = with_method(&Method::DELETE, &format!("/api/v1/channels/{CHANNEL}/out-of-service"));
    let by = json!("li");
    vec![
        post("/api/v1/warnings/acknowledge", &many, "/0/warning/acknowledged_by", by.clone()),
        post("/api/v1/warnings/acknowledge", &many, "/1/problem/status", json!(404)),
        post("/api/v1/warnings/{id}/comment", r#"{"note":"看过"}"#, "/hold/by", by.clone()),
        post("/api/v1/warnings/{id}/reset", "{}", "/hold/by", by.clone()),
        post("/api/v1/warnings/{id}/cancel", r#"{"reason":"标定"}"#, "/hold/by", by.clone()),
        post("/api/v1/warnings/{id}/escalate", r#"{"told":0}"#, "/hold/by", by.clone()),
        post("/api/v1/warnings/{id}/shelve", shelve, "/hold/by", by.clone()),
        post("/api/v1/warnings/{id}/unshelve", "{}", "/hold/by", by.clone()),
        post("/api/v1/holds/{id}/confirm", "{}", "/hold/by", by.clone()),
        post("/api/v1/holds/{id}/lift", "{}", "/hold/by", by.clone()),
        plain("/api/v1/holds", "/0/reason", json!("Open")),
        case("/api/v1/holds", get("/api/v1/holds?scope=all"), "/0/reason", json!("All")),
        post("/api/v1/channels/{id}/out-of-service", out, "/hold/by", by.clone()),
        case("/api/v1/channels/{id}/out-of-service", back, "/hold/by", by),
        plain("/api/v1/floods", "/0/calls", json!(11)),
        plain("/api/v1/kpis", "/site/calls", json!(13)),
        case(
            "/api/v1/reports/periods",
            get("/api/v1/reports/periods?kind=day"),
            "/kpis/site/calls",
            json!(13),
        ),
        plain("/api/v1/equipment", "/0/is_active", json!(true)),
        post(
            "/api/v1/equipment/{rule}/{channel}",
            r#"{"act":"acknowledge"}"#,
            "/equipment/state",
            json!("active-unacknowledged"),
        ),
    ]
}

fn table() -> Vec<Case> {
    let events = get(&format!("/api/v1/warnings/{WARNING}/events"));
    let acknowledge =
        post_json(&format!("/api/v1/warnings/{WARNING}/acknowledge"), r#"{"note":"已派人\n"}"#);
    let latest = format!("/api/v1/channels?channels={CHANNEL}");
    let buckets =
        format!("/api/v1/buckets?from_ms=0&to_ms=120000&step_ms=60000&channels={SECOND},{CHANNEL}");
    let mut cases = people();
    cases.extend([
        plain("/api/v1/site", "/name/zh", json!("园区")),
        plain("/api/v1/channels", "/0/value", json!(1.5)),
        plain("/api/v1/alarms", "/0/limit", json!(1.0)),
        plain("/api/v1/alarm-records", "/records/0/limit", json!(1.0)),
        plain("/api/v1/health", "/status", json!("ok")),
        plain("/api/v1/openapi.json", "/info/title", json!("Siskin")),
        readings("from_ms=-5&to_ms=7", "/from_ms", -5),
        readings("from_ms=0&to_ms=7", "/to_ms", 7),
        // The fake gives `points_max` back as `slice_ms`.
        readings("from_ms=0&to_ms=7", "/slice_ms", 1000),
        readings("from_ms=0&to_ms=7&points_max=5000", "/slice_ms", 5000),
        case("/api/v1/channels", get(&latest), "/0/channel", json!(CHANNEL)),
        of_channel("records", "from_ms=0&to_ms=9000", "/records/8/measured_at_ms", json!(2000)),
        of_channel("records", "from_ms=0&to_ms=9000", "/records/0/origin", json!("backlog")),
        of_channel("records", "from_ms=0&to_ms=9000", "/next_after_ms", Value::Null),
        of_channel("records", "from_ms=0&to_ms=9000&limit=3", "/next_after_ms", json!(500)),
        of_channel(
            "records",
            "from_ms=0&to_ms=9000&limit=3&after_ms=500",
            "/records/0/measured_at_ms",
            json!(750),
        ),
        of_channel("completeness", "from_ms=0&to_ms=9", "/hours/0/received", json!(36)),
        of_channel("completeness", "from_ms=0&to_ms=9&period_ms=5", "/period_ms", json!(5)),
        of_channel("gaps", "from_ms=0&to_ms=9&longer_than_ms=4", "/longer_than_ms", json!(4)),
        of_channel("gaps", "from_ms=0&to_ms=9&limit=2", "/gaps/2", Value::Null),
        case("/api/v1/buckets", get(&buckets), "/channels/1/channel", json!(CHANNEL)),
        // The fake gives the step back as `count`.
        case("/api/v1/buckets", get(&buckets), "/channels/0/buckets/0/count", json!(60_000)),
        warnings("", "/0/id", json!(WARNING)),
        warnings("", "/1", Value::Null),
        warnings("?scope=open", "/1", Value::Null),
        warnings("?scope=all", "/1/tier", json!("red")),
        case("/api/v1/warnings/{id}/events", events, "/0/change", json!("raised")),
        case("/api/v1/warnings/{id}/acknowledge", acknowledge, "/acknowledged_by", json!("li")),
        plain("/api/v1/rules", "/version/number", json!(2)),
        plain("/api/v1/rules/versions", "/1/number", json!(1)),
        case(
            "/api/v1/rules/versions/{number}/diff",
            get("/api/v1/rules/versions/2/diff"),
            "/diff/0/change",
            json!("added"),
        ),
        case("/api/v1/rules/reload", post_json("/api/v1/rules/reload", WHO), "/by", json!("li")),
        case(
            "/api/v1/rules/rollback",
            post_json("/api/v1/rules/rollback", WHO),
            "/number",
            json!(3),
        ),
        plain("/api/v1/rules/shadow", "/shadow", Value::Null),
        case("/api/v1/rules/shadow", post_json("/api/v1/rules/shadow", SHADOW), "/by", json!("li")),
        plain("/api/v1/me", "/role", json!("admin")),
        plain("/api/v1/audit", "/entries/0/number", json!(3)),
        plain("/api/v1/edges", "/0/edge", json!("gw-1")),
        plain("/api/v1/corrections", "/2/seq", json!(1)),
        case("/api/v1/corrections", get("/api/v1/corrections?after=7&limit=1"), "/0/seq", json!(8)),
    ]);
    cases.extend(of_incidents());
    cases.extend(of_uplinks());
    cases.extend(acts());
    cases
}

fn of_uplinks() -> Vec<Case> {
    let messages = get("/api/v1/uplinks/county/messages?state=failed&before=9");
    vec![
        plain("/api/v1/uplinks", "/0/uplink", json!("county")),
        plain("/api/v1/recipients", "/0/name/zh", json!("县局")),
        case("/api/v1/uplinks/{id}/messages", messages, "/0/id", json!(8)),
    ]
}

/// The routes of incidents; the fake tells the act as an entry.
fn of_incidents() -> Vec<Case> {
    let act = |path: &'static str, below: &str, body: &'static str, pointer, is: Value| {
        case(path, post_json(&incidents::of(below), body), pointer, is)
    };
    let (text, about) = ("/entries/0/text", "/entries/0/about");
    let change = incidents::patch(r#"{"grade":{"grade":"III"},"figures":{"deaths":3}}"#);
    let open = post_json("/api/v1/incidents", r#"{"title":" 泄漏 "}"#);
    let file = incidents::attach("a.jpg", b"photo".to_vec());
    let close = r#"{"cause":"阀门","lessons":"检修"}"#;
    let met = "/api/v1/incidents/{id}/clocks/{duty}/met";
    let done = "/api/v1/incidents/{id}/tasks/{number}/done";
    let join = "/api/v1/incidents/{id}/warnings/{warning}";
    let join_request = with_method(&Method::POST, &incidents::of("/warnings/w"));
    let after = get(&incidents::of("?after=4"));
    vec![
        plain("/api/v1/incidents", "/incidents/0/id", json!(INCIDENT)),
        case(
            "/api/v1/incidents",
            get("/api/v1/incidents?closed=true"),
            "/incidents/1/id",
            json!(INCIDENT),
        ),
        case("/api/v1/incidents", open, "/incident/title", json!("泄漏")),
        case("/api/v1/incidents/{id}", after, "/next_after", json!(5)),
        case("/api/v1/incidents/{id}", change, "/incident/grade", json!("III")),
        act("/api/v1/incidents/{id}/notes", "/notes", r#"{"text":"a"}"#, text, json!("a")),
        act(
            "/api/v1/incidents/{id}/tasks",
            "/tasks",
            r#"{"text":"a","owner":"b"}"#,
            about,
            json!("b"),
        ),
        act(done, "/tasks/7/done", "{}", about, json!("7")),
        act(met, "/clocks/county/met", r#"{"reference":"9"}"#, about, json!("county")),
        case(join, join_request, about, json!("w")),
        act("/api/v1/incidents/{id}/close", "/close", close, "/closure/cause", json!("阀门")),
        act("/api/v1/incidents/{id}/reopen", "/reopen", r#"{"reason":"a"}"#, text, json!("a")),
        case("/api/v1/incidents/{id}/files", file, "/files/0/bytes", json!(5)),
        case(
            "/api/v1/incidents/{id}/reports",
            get(&incidents::of("/reports")),
            "/signed/0/by",
            json!("li"),
        ),
        case(
            "/api/v1/incidents/{id}/reports/{kind}/draft",
            get(&incidents::of("/reports/follow-up/draft")),
            "/kind",
            json!("follow-up"),
        ),
        act(
            "/api/v1/incidents/{id}/reports/{kind}/fields",
            "/reports/first/fields",
            r#"{"fields":{"cause":{"value":" a "}}}"#,
            "/fields/0/lines/0",
            json!("a"),
        ),
        act(
            "/api/v1/incidents/{id}/reports/{kind}/sign",
            "/reports/final/sign",
            r#"{"version":2,"draft_sha256":"cd","with_missing":true}"#,
            "/by",
            json!("li"),
        ),
    ]
}

/// The table with the rows of duty and drills, which stand in files of their own.
fn whole_table() -> Vec<Case> {
    let told = [
        plain("/api/v1/messages", "/deliveries/0/number", json!(3)),
        case(
            "/api/v1/messages/{number}",
            get("/api/v1/messages/3"),
            "/receipts/0/happened",
            json!("accept"),
        ),
    ];
    let duty = crate::duty::rows().into_iter().chain(crate::drills::rows());
    let duty = duty.chain(crate::bureau::rows()).chain(crate::devices::rows());
    let duty = duty.chain(crate::workbench::rows());
    let duty = duty.map(|(path, request, pointer, is)| case(path, request, pointer, is));
    table().into_iter().chain(duty).chain(told).collect()
}

#[tokio::test]
async fn every_route_gives_what_the_backend_says() {
    for Case { path, request, expected: (pointer, expected) } in whole_table() {
        let station = Station::new();
        let answer = ask(&station.router, request).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let found = answer.json().pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(found, expected, "{path} at {pointer}");
    }
}

#[tokio::test]
async fn every_path_of_the_document_is_tested_and_answers_as_described() {
    let document: Value = serde_json::from_str(&siskin_api::openapi_json()).unwrap();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| (path.clone(), method.to_uppercase()))
        })
        .collect();
    let mut tested: BTreeSet<(String, String)> = whole_table()
        .iter()
        .map(|case| (case.path.to_owned(), case.request.method().to_string()))
        .collect();
    // The stream does not end, so it is opened here instead of in the table.
    let station = Station::new();
    let mut frames = Frames::open(&station.router, get("/api/v1/events")).await;
    frames.expect("hello").await;
    tested.insert(("/api/v1/events".to_owned(), "GET".to_owned()));
    // A link is opened in `link.rs`.
    tested.insert(("/api/v1/link".to_owned(), "GET".to_owned()));
    // Lines instead of one JSON value: `records.rs` reads them.
    tested.insert(("/api/v1/records".to_owned(), "GET".to_owned()));
    // Files and packs are no JSON: `incidents.rs` reads them.
    for below in ["files/{sha256}", "evidence", "reports/{kind}/{version}"] {
        tested.insert((format!("/api/v1/incidents/{{id}}/{below}"), "GET".to_owned()));
    }
    // A file by its ranges: `map.rs` reads them.
    tested.insert(("/api/v1/map/tiles".to_owned(), "GET".to_owned()));
    // Lines too: `audit.rs` reads them.
    tested.insert(("/api/v1/audit/export".to_owned(), "GET".to_owned()));
    tested.insert(("/api/v1/alarm-records/export".to_owned(), "GET".to_owned()));
    // Text instead of JSON.
    let answer = ask(&station.router, get("/api/v1/metrics")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let is_there = answer.text.lines().any(|line| line == "siskin_warnings_open{tier=\"red\"} 1");
    assert!(is_there, "{}", answer.text);
    tested.insert(("/api/v1/metrics".to_owned(), "GET".to_owned()));
    // XML instead of JSON: `messages.rs` reads them.
    for path in ["/api/v1/cap/feed", "/api/v1/cap/{identifier}"] {
        tested.insert((path.to_owned(), "GET".to_owned()));
    }
    // A file instead of JSON: `duty.rs` reads it.
    tested.insert(("/api/v1/duty/export".to_owned(), "GET".to_owned()));
    // These need a shadow set that runs: `rules.rs` asks them.
    for method in ["POST /promote", "DELETE /shadow"] {
        let (method, path) = method.split_once(' ').unwrap();
        tested.insert((format!("/api/v1/rules{path}"), method.to_owned()));
    }
    assert_eq!(described, tested);
}

#[tokio::test]
async fn every_field_that_the_document_requires_is_in_the_answer() {
    let document: Value = serde_json::from_str(&siskin_api::openapi_json()).unwrap();
    let station = Station::new();
    for (path, schema) in [
        ("/api/v1/site", "SiteView"),
        ("/api/v1/channels", "ChannelValue"),
        ("/api/v1/warnings", "WarningView"),
        ("/api/v1/alarms", "AlarmView"),
        ("/api/v1/health", "HealthView"),
    ] {
        let answer = ask(&station.router, get(path)).await.json();
        let item = answer.get(0).unwrap_or(&answer);
        let described = &document["components"]["schemas"][schema]["properties"];
        let fields = |value: &Value| -> BTreeSet<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(fields(item), fields(described), "{path}");
    }
}

#[tokio::test]
async fn an_acknowledgement_reaches_the_backend_trimmed_and_once() {
    let station = Station::new();
    let path = format!("/api/v1/warnings/{WARNING}/acknowledge");
    let first = ask(&station.router, post_json(&path, r#"{"note":" gone \n"}"#)).await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(first.json()["state"], "active-acknowledged");
    let second = ask(&station.router, post_json(&path, "{}")).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    let kept = station.fake.acknowledgement();
    assert_eq!(kept, Some(("li".to_owned(), "gone".to_owned())));
}

#[tokio::test]
async fn ids_in_paths_may_be_written_with_percent_signs() {
    let station = Station::new();
    let path = format!("/api/v1/warnings/{}/events", WARNING.replace('.', "%2E"));
    let answer = ask(&station.router, get(&path)).await;
    assert_eq!(answer.status, StatusCode::OK);
}
