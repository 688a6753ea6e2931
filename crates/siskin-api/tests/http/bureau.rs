//! What a bureau pulls, and the receipt that it read a message.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::ask::{ask, get, post_json};
use crate::fake::{Station, WARNING};
use crate::problems::check;

type Row = (&'static str, Request<Body>, &'static str, Value);

/// The rows of the table of routes.
pub(crate) fn rows() -> Vec<Row> {
    let path = "/api/v1/bureau/warnings";
    let limited = get("/api/v1/bureau/warnings?limit=1000&after=7.5");
    let told = get(&format!("/api/v1/warnings/{WARNING}/messages"));
    let read = post_json("/api/v1/messages/1/read", "{}");
    vec![
        (path, get(path), "/steps/0/cas", json!("7782-50-5")),
        (path, get(path), "/passed_over", json!(100)),
        (path, limited, "/passed_over", json!(1000)),
        ("/api/v1/warnings/{id}/messages", told, "/0/number", json!(3)),
        ("/api/v1/messages/{number}/read", read, "/receipts/1/answer", json!("li")),
    ]
}

fn as_who(mut request: Request<Body>, who: &str) -> Request<Body> {
    let bearer = format!("Bearer {who}").parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    request
}

#[tokio::test]
async fn a_bureau_pulls_what_is_in_its_areas() {
    let station = Station::new();
    let path = "/api/v1/bureau/warnings";
    for (who, count) in [("bureau.li", 1), ("bureau.li.tank-farm", 1), ("bureau.li.jetty", 0)] {
        let answer = ask(&station.router, as_who(get(path), who)).await;
        assert_eq!(answer.status, StatusCode::OK, "{who}");
        let answer = answer.json();
        assert_eq!(answer["steps"].as_array().unwrap().len(), count, "{who}");
        assert_eq!(answer["next"], "7.5", "the cursor goes on for everybody");
    }
    check(&ask(&station.router, as_who(get(path), "viewer")).await, 403, "not-allowed");
}

#[tokio::test]
async fn what_is_no_cursor_or_of_another_ledger_is_refused() {
    let station = Station::new();
    for wrong in ["limit=0", "limit=1001", "after=7", "after=x", "after=", "since=1"] {
        let path = format!("/api/v1/bureau/warnings?{wrong}");
        check(&ask(&station.router, get(&path)).await, 400, "bad-query");
    }
    let ahead = ask(&station.router, get("/api/v1/bureau/warnings?after=8.5")).await;
    check(&ahead, 409, "cursor-unknown");
}

#[tokio::test]
async fn only_the_recipient_reads_and_only_what_was_accepted() {
    let station = Station::new();
    let read = |number: &str| post_json(&format!("/api/v1/messages/{number}/read"), "{}");
    let own = ask(&station.router, as_who(read("1"), "bureau.li")).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text);
    let other = ask(&station.router, as_who(read("1"), "admin.han")).await;
    let problem = check(&other, 403, "not-recipient");
    assert!(problem["detail"].as_str().unwrap().contains("recipients.toml"), "{problem}");
    check(&ask(&station.router, read("2")).await, 409, "message-not-accepted");
    for missing in ["9", "x"] {
        check(&ask(&station.router, read(missing)).await, 404, "message-not-found");
    }
    let nowhere = ask(&station.router, get("/api/v1/warnings/none/messages")).await;
    check(&nowhere, 404, "warning-not-found");
}

/// What a bureau of another area sees of the fake's only area, and what one of it sees.
#[tokio::test]
async fn a_bureau_sees_warnings_of_its_areas_and_the_park_s_people_see_all() {
    let station = Station::new();
    let lists = ["/warnings", "/warnings?scope=all"];
    let seen = [("bureau.li", true), ("bureau.li.tank-farm", true), ("bureau.li.jetty", false)];
    let park = [("viewer.li.jetty", true), ("operator.li.jetty", true), ("admin.li.jetty", true)];
    for (who, is_seen) in seen.into_iter().chain(park) {
        for list in lists {
            let answer = ask(&station.router, as_who(get(&format!("/api/v1{list}")), who)).await;
            let is_empty = answer.json().as_array().unwrap().is_empty();
            assert_eq!(!is_empty, is_seen, "{who} {list}: {}", answer.text);
        }
        let path = format!("/api/v1/warnings/{WARNING}/events");
        let answer = ask(&station.router, as_who(get(&path), who)).await;
        assert_eq!(answer.status == StatusCode::OK, is_seen, "{who}: {}", answer.text);
    }
    for (who, is_seen) in seen {
        let answer = ask(&station.router, as_who(get("/api/v1/messages"), who)).await;
        let is_empty = answer.json()["deliveries"].as_array().unwrap().is_empty();
        assert_eq!(!is_empty, is_seen, "{who}: {}", answer.text);
        for path in [format!("/warnings/{WARNING}/messages"), "/messages/1".to_owned()] {
            let answer = ask(&station.router, as_who(get(&format!("/api/v1{path}")), who)).await;
            if is_seen {
                assert_eq!(answer.status, StatusCode::OK, "{who} {path}");
            } else {
                check(&answer, 403, "other-area");
            }
        }
    }
}
