//! The map's file by ranges, as a page asks that reads PMTiles: parts, tags, ends, failures.

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::ask::{ADMIN, Answer, ask, with_method};
use crate::fake::{MAP_BYTES, Station, letter};
use crate::problems::check;

const PATH: &str = "/api/v1/map/tiles";
const TAG: &str = "\"5-letters\"";

fn with(headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::get(PATH).header("authorization", ADMIN);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

async fn ranged(range: &str) -> Answer {
    ask(&Station::new().router, with(&[("range", range)])).await
}

fn letters(from: u64, len: u64) -> String {
    String::from_utf8((from..from + len).map(letter).collect()).unwrap()
}

#[tokio::test]
async fn a_range_is_given_as_it_was_asked_for() {
    let cases = [
        ("bytes=0-126", 0, 127),
        ("bytes=65530-65541", 65_530, 12),
        ("bytes=131072-", 131_072, 10),
        ("bytes=-3", MAP_BYTES - 3, 3),
        ("bytes=1-999999", 1, MAP_BYTES - 1),
    ];
    for (range, from, len) in cases {
        let answer = ranged(range).await;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(answer.text, letters(from, len), "{range}");
        let said = format!("bytes {from}-{}/{MAP_BYTES}", from + len - 1);
        assert_eq!(answer.header("content-range"), said);
        assert_eq!(answer.header("content-length"), len.to_string());
        assert_eq!((answer.header("etag"), answer.header("accept-ranges")), (TAG, "bytes"));
        assert_eq!(answer.header("content-type"), "application/vnd.pmtiles");
    }
}

#[tokio::test]
async fn without_a_range_the_whole_is_given_and_head_tells_its_length() {
    let station = Station::new();
    for request in [with(&[]), with(&[("range", "bytes=0-1,4-5")]), with(&[("range", "what")])] {
        let answer = ask(&station.router, request).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.text, letters(0, MAP_BYTES));
        assert_eq!(answer.header("content-range"), "");
    }
    let head = ask(&station.router, with_method(&Method::HEAD, PATH)).await;
    assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
    assert_eq!(head.header("content-length"), MAP_BYTES.to_string());
}

#[tokio::test]
async fn behind_the_end_there_is_nothing_and_the_length_is_told() {
    for range in ["bytes=131082-", "bytes=-0", "bytes=99999999999999999999-"] {
        let answer = ranged(range).await;
        let problem = check(&answer, 416, "range-beyond");
        assert!(problem["detail"].as_str().unwrap().contains("131082"), "{problem}");
        assert_eq!(answer.header("content-range"), "bytes */131082", "{range}");
    }
}

#[tokio::test]
async fn a_known_file_is_not_sent_again_and_a_replaced_one_is_sent_whole() {
    let station = Station::new();
    let known = ask(&station.router, with(&[("if-none-match", TAG)])).await;
    assert_eq!((known.status, known.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let part = ("range", "bytes=0-3");
    let same = ask(&station.router, with(&[part, ("if-range", TAG)])).await;
    assert_eq!(same.status, StatusCode::PARTIAL_CONTENT);
    let other = ask(&station.router, with(&[part, ("if-range", "\"4-letters\"")])).await;
    assert_eq!((other.status, other.text.len() as u64), (StatusCode::OK, MAP_BYTES));
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_a_problem_and_one_that_ends_early_breaks_off() {
    let station = Station::new();
    station.fake.map_readable.store(0, Ordering::SeqCst);
    let refused = ask(&station.router, with(&[])).await;
    let problem = check(&refused, 503, "map-file-unusable");
    assert!(problem["detail"].as_str().unwrap().contains("no such file"), "{problem}");

    station.fake.map_readable.store(70_000, Ordering::SeqCst);
    let mut answer = station.router.clone().oneshot(with(&[])).await.unwrap().into_body();
    assert!(answer.frame().await.unwrap().is_ok(), "the first piece is whole");
    assert!(answer.frame().await.unwrap().is_err(), "what is missing is never made up");
    assert!(answer.frame().await.is_none());
}

#[tokio::test]
async fn answers_that_nobody_takes_leave_room_for_other_calls_and_give_their_place_back() {
    let station = Station::new();
    let mut held = Vec::new();
    for _ in 0..32 {
        held.push(station.router.clone().oneshot(with(&[])).await.unwrap());
    }
    let site = ask(&station.router, with_method(&Method::GET, "/api/v1/site")).await;
    assert_eq!(site.status, StatusCode::OK);
    check(&ask(&station.router, with(&[])).await, 503, "busy");
    held.pop();
    assert_eq!(ask(&station.router, with(&[])).await.status, StatusCode::OK);
}
