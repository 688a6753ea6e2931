//! The stream of stored readings: whole and said so, or cut and said so; never more read than the
//! client takes, never more streams than the limit, and an end when the station stops.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::ask::{ADMIN, Answer, ask, ask_refused, get};
use crate::fake::{CHANNEL, PERIOD_MS, SECOND, Station};
use crate::problems;

const STREAMS_MAX: usize = 4;
const HOUR_MS: i64 = 3_600_000;

fn path(to_ms: i64) -> String {
    format!("/api/v1/records?from_ms=0&to_ms={to_ms}")
}

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert!(answer.text.ends_with('\n'), "the last line is cut");
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn open(router: &Router, to_ms: i64) -> Body {
    let response = router.clone().oneshot(get(&path(to_ms))).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.into_body()
}

#[tokio::test]
async fn every_reading_goes_out_once_in_order_and_the_end_counts_them() {
    let station = Station::new();
    let (hours, an_hour) = (3, HOUR_MS / PERIOD_MS);
    let answer = ask(&station.router, get(&path(hours * HOUR_MS))).await;
    let mut lines = lines(&answer);
    let end = lines.pop().unwrap();
    let expected = json!({
        "complete": true,
        "readings": hours * an_hour + hours,
        "channels": [
            { "channel": CHANNEL, "unit": "ppm", "readings": hours * an_hour },
            {
                "channel": SECOND, "unit": "ppm", "readings": hours,
                // Cut by the hour when it was read, told as one.
                "trimmed": [{ "from_ms": 0, "to_ms": 5_400_000 }],
            },
        ],
    });
    assert_eq!(end, expected);
    let first = json!({
        "channel": CHANNEL, "measured_at_ms": 0, "received_at_ms": 7, "value": 0.5,
        "quality": "good", "origin": "backlog",
    });
    assert_eq!(lines[0], first);
    // Hour by hour, in each hour channel by channel.
    assert_eq!(lines[14_400]["channel"], SECOND);
    assert_eq!(lines[14_401]["measured_at_ms"], HOUR_MS);
    let mut stamps: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for line in &lines {
        let of = stamps.entry(line["channel"].as_str().unwrap()).or_default();
        of.push(line["measured_at_ms"].as_i64().unwrap());
    }
    let every = |period_ms: i64| (0..hours * HOUR_MS / period_ms).map(move |n| n * period_ms);
    assert_eq!(stamps[CHANNEL], every(PERIOD_MS).collect::<Vec<_>>());
    assert_eq!(stamps[SECOND], every(HOUR_MS).collect::<Vec<_>>());
}

#[tokio::test]
async fn only_the_channels_that_are_asked_for_go_out() {
    let station = Station::new();
    let asked = format!("{}&channels={SECOND}", path(5 * HOUR_MS));
    let lines = lines(&ask(&station.router, get(&asked)).await);
    assert_eq!(lines.len(), 6);
    assert!(lines[..5].iter().all(|line| line["channel"] == SECOND));
    assert_eq!(lines[5]["channels"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn csv_is_given_to_those_who_ask_for_it() {
    let station = Station::new();
    let request = Request::get(format!("{}&channels={SECOND}", path(2 * HOUR_MS)))
        .header("authorization", ADMIN)
        .header("accept", "text/html, Text/CSV;q=0.9")
        .body(Body::empty())
        .unwrap();
    let answer = ask(&station.router, request).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let expected = format!(
        "channel,measured_at_ms,received_at_ms,value,quality,origin\n\
         {SECOND},0,7,0.5,good,backlog\n\
         {SECOND},3600000,3600007,0.5,good,backlog\n\
         # trimmed: {SECOND},0,5400000\n\
         # complete: 2 readings\n"
    );
    assert_eq!(answer.text, expected);
}

#[tokio::test]
async fn a_failure_on_the_way_is_the_last_line() {
    let station = Station::new();
    station.fake.damaged_from_ms.store(20 * HOUR_MS, Ordering::SeqCst);
    let mut lines = lines(&ask(&station.router, get(&path(30 * HOUR_MS))).await);
    let end = lines.pop().unwrap();
    assert_eq!(end["complete"], false);
    assert_eq!(end["error"]["type"], "/problems/unavailable");
    assert!(end["error"]["detail"].as_str().unwrap().contains("damaged"), "{end}");
    assert!(!end["error"]["detail_zh"].as_str().unwrap().is_empty());
    assert_eq!(end["readings"], lines.len());
    assert!(lines.len() > 10 * 3600, "{}", lines.len());
}

#[tokio::test]
async fn nothing_is_read_ahead_of_a_client_that_takes_nothing() {
    let station = Station::new();
    let mut body = open(&station.router, 1000 * HOUR_MS).await;
    let asked = || station.fake.asked.load(Ordering::SeqCst);
    assert_eq!(asked(), 0);
    let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
    let after_one = asked();
    assert!((1..10).contains(&after_one), "{after_one}");
    assert!(piece.len() < 2_000_000, "{}", piece.len());
    tokio::task::yield_now().await;
    assert_eq!(asked(), after_one);
    drop(body);
    assert_eq!(asked(), after_one);
}

#[tokio::test]
async fn more_streams_than_the_limit_are_refused_until_one_ends() {
    let station = Station::new();
    let mut open_ones = Vec::new();
    for _ in 0..STREAMS_MAX {
        let mut body = open(&station.router, 100 * HOUR_MS).await;
        body.frame().await.unwrap().unwrap();
        open_ones.push(body);
    }
    let answer = ask_refused(&station.router, get(&path(1))).await;
    problems::check(&answer, 503, "too-many-record-streams");
    assert_eq!(answer.header("retry-after"), "5");
    open_ones.pop();
    let lines = lines(&ask(&station.router, get(&path(1))).await);
    assert_eq!(lines.last().unwrap()["complete"], true);
}

#[tokio::test]
async fn a_station_that_stops_ends_the_stream_and_says_so() {
    let station = Station::new();
    let mut body = open(&station.router, 1000 * HOUR_MS).await;
    body.frame().await.unwrap().unwrap();
    station.stop.cancel();
    let rest = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(rest.to_vec()).unwrap();
    let end: Value = serde_json::from_str(text.trim_end()).unwrap();
    assert_eq!(end["complete"], false);
    assert_eq!(end["error"]["type"], "/problems/stopping");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_it_drop_by_drop_is_ended_within_an_hour() {
    let station = Station::new();
    let mut body = open(&station.router, 1000 * HOUR_MS).await;
    body.frame().await.unwrap().unwrap();
    tokio::time::advance(Duration::from_secs(3601)).await;
    let rest = body.collect().await.unwrap().to_bytes();
    let end: Value = serde_json::from_slice(&rest).unwrap();
    assert_eq!(end["error"]["type"], "/problems/stream-too-long");
}

#[tokio::test]
async fn questions_to_the_history_never_take_the_place_of_others() {
    let mut station = Station::new();
    station.fake.gate.set_shut(true);
    let path = |kind| format!("/api/v1/channels/{CHANNEL}/{kind}?from_ms=0&to_ms=1");
    let kinds = ["records", "readings"].into_iter().cycle().take(100);
    let mut waiting: Vec<_> =
        kinds.map(|kind| Box::pin(ask(&station.router, get(&path(kind))))).collect();
    // Each has its turn or waits for one before anything else is asked.
    for request in &mut waiting {
        assert!(futures_util::poll!(request).is_pending());
    }
    for _ in 0..4 {
        station.came.recv().await.unwrap();
    }
    // A call that does not pass the gate is answered while they hang.
    let answer = ask(&station.router, get("/api/v1/alarms")).await;
    assert_eq!(answer.status, StatusCode::OK);
    station.fake.gate.set_shut(false);
    let answers = futures_util::future::join_all(waiting).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
}
