//! The audit over the API: filters, pages, limits, and an export that never looks whole when cut.

use std::sync::atomic::Ordering;

use serde_json::json;

use crate::ask::{ask, ask_refused, get};
use crate::fake::Station;
use crate::problems;

#[tokio::test]
async fn filters_reach_the_backend_and_pages_follow_each_other() {
    let station = Station::new();
    let query = "act=warning.&by=token:a&about=x&from_ms=1&to_ms=2&limit=2";
    let page = ask(&station.router, get(&format!("/api/v1/audit?{query}"))).await.json();
    let entry = &page["entries"][0];
    assert_eq!((&entry["number"], &entry["act"]), (&json!(3), &json!("warning.")));
    assert_eq!((&entry["by"], &entry["about"]), (&json!("token:a"), &json!("x")));
    assert_eq!(entry["body"], json!({ "from_ms": 1, "to_ms": 2 }));
    assert_eq!(page["next_before"], json!(2));
    let page = ask(&station.router, get("/api/v1/audit?before=2&limit=2")).await.json();
    assert_eq!((&page["entries"][0]["number"], &page["next_before"]), (&json!(1), &json!(null)));
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let station = Station::new();
    for query in ["limit=0", "limit=1001", "limit=x", "before=-1", "who=x"] {
        let answer = ask_refused(&station.router, get(&format!("/api/v1/audit?{query}"))).await;
        problems::check(&answer, 400, "bad-query");
    }
}

#[tokio::test]
async fn an_export_is_by_who_asks_and_without_its_end_when_it_breaks() {
    let station = Station::new();
    let path = "/api/v1/audit/export";
    let answer = ask(&station.router, get(path)).await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"audit.ndjson\"");
    assert_eq!(answer.text, "{\"by\":\"li\"}\n{\"kind\":\"end\"}\n");
    station.fake.ledger_broken.store(true, Ordering::SeqCst);
    let answer = ask(&station.router, get(path)).await;
    assert_eq!(answer.text, "{\"by\":\"li\"}\n");
}
