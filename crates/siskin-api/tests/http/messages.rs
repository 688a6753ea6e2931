//! What was told to whom, and the feed, which is no JSON.

use axum::http::StatusCode;

use crate::ask::{ask, ask_refused, get};
use crate::fake::{Station, WARNING};
use crate::problems;

#[tokio::test]
async fn pages_of_deliveries_lead_to_the_next() {
    let station = Station::new();
    let page = ask(&station.router, get("/api/v1/messages?limit=2&state=failed")).await.json();
    assert_eq!((&page["deliveries"][0]["number"], &page["next_before"]), (&3.into(), &2.into()));
    assert_eq!(page["deliveries"][1]["state"], "failed");
    let last = ask(&station.router, get("/api/v1/messages?before=2")).await.json();
    assert!(last["next_before"].is_null(), "{last}");
    for wrong in ["limit=0", "limit=1001", "state=gone", "since=1"] {
        let path = format!("/api/v1/messages?{wrong}");
        let answer = ask_refused(&station.router, get(&path)).await;
        problems::check(&answer, 400, "bad-query");
    }
}

#[tokio::test]
async fn the_feed_and_its_messages_are_xml() {
    let station = Station::new();
    let feed = ask(&station.router, get("/api/v1/cap/feed")).await;
    let expected = format!("<feed>{WARNING}</feed>");
    assert_eq!((feed.status, feed.text.as_str()), (StatusCode::OK, expected.as_str()));
    assert_eq!(feed.header("content-type"), "application/atom+xml");
    let one = ask(&station.router, get("/api/v1/cap/w.1")).await;
    assert_eq!(one.header("content-type"), "application/cap+xml");
    assert_eq!(one.text, "<alert>w.1</alert>");
    for missing in ["/api/v1/cap/none", "/api/v1/messages/9", "/api/v1/messages/x"] {
        let answer = ask_refused(&station.router, get(missing)).await;
        problems::check(&answer, 404, "message-not-found");
    }
}
