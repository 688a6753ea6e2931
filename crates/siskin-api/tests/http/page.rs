//! The dashboard's files and the headers of pages.

use axum::http::{Method, Request, StatusCode};

use crate::ask::{ask, get, with_method};
use crate::fake::Station;

#[tokio::test]
async fn every_other_path_is_the_page() {
    let station = Station::new();
    for path in
        ["/", "/index.html", "/areas/tank-farm", "/apiary", "/../Cargo.toml", "//etc/passwd"]
    {
        let answer = ask(&station.router, get(path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self'; "), "{policy}");
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
        assert!(answer.text.to_lowercase().contains("<!doctype html>"), "{path}");
    }
    let head = ask(&station.router, with_method(&Method::HEAD, "/")).await;
    assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn a_page_that_is_known_is_not_sent_again() {
    let station = Station::new();
    let first = ask(&station.router, get("/")).await;
    let tag = first.header("etag");
    assert_eq!(tag.len(), 66, "{tag}");
    let again = |tag: &str| {
        let request = Request::get("/").header("if-none-match", tag);
        request.body(axum::body::Body::empty()).unwrap()
    };
    let known = ask(&station.router, again(tag)).await;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
    assert_eq!(known.text, "");
    let old = ask(&station.router, again("\"old\"")).await;
    assert_eq!(old.status, StatusCode::OK);
}

#[tokio::test]
async fn a_missing_script_is_never_a_page() {
    let station = Station::new();
    let answer = ask(&station.router, get("/assets/gone.js")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.header("content-type"), "application/problem+json");
}
