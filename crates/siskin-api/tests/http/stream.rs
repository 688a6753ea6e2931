//! The live stream: what it carries, when it says reset, when it ends.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use siskin_api::LiveEvent;

use crate::ask::{ADMIN, Frames, ask, get};
use crate::fake::{CHANNEL, Station};
use crate::problems::check;

/// Events that are replayed at most.
const RESUME_MAX: u64 = 1_000;

fn resume(id: &str) -> Request<Body> {
    let request = Request::get("/api/v1/events").header("authorization", ADMIN);
    request.header("last-event-id", id).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn events_carry_their_names_and_ids() {
    let station = Station::new();
    station.fake.commit([3]);
    let mut frames = Frames::open(&station.router, get("/api/v1/events")).await;
    let hello = frames.expect("hello").await;
    let now = "2026-01-01T08:00:00.123+08:00";
    assert_eq!(hello.data, json!({ "now": now, "seq": 3 }));
    assert_eq!(hello.id, None);
    station.fake.send([4, 7]);
    station.fake.send_readings();
    station.fake.live.send(LiveEvent::Health(Vec::new())).unwrap();
    let alarm = frames.expect("alarm").await;
    assert_eq!((alarm.id, &alarm.data["seq"]), (Some(4), &json!(4)));
    let warning = frames.expect("warning").await;
    assert_eq!((warning.id, &warning.data["change"]), (Some(7), &json!("raised")));
    let readings = frames.expect("readings").await;
    assert_eq!((readings.id, &readings.data[0]["channel"]), (None, &json!(CHANNEL)));
    let health = frames.expect("health").await;
    assert_eq!((health.id, health.data), (None, json!([])));
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_comes_every_second() {
    let station = Station::new();
    let mut frames = Frames::open(&station.router, get("/api/v1/events")).await;
    frames.expect("hello").await;
    let start = tokio::time::Instant::now();
    for second in 1..=3 {
        station.fake.commit([second]);
        let frame = frames.next().await.unwrap();
        assert_eq!(frame.event, "heartbeat");
        assert_eq!((frame.id, &frame.data["seq"]), (None, &json!(second)));
        // The paused clock of the test, not the wall.
        assert_eq!(start.elapsed().as_secs(), second);
    }
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn a_browser_is_told_to_try_again_after_a_second() {
    let station = Station::new();
    station.stop.cancel();
    let answer = ask(&station.router, get("/api/v1/events")).await;
    assert_eq!(answer.text, "");
    let station = Station::new();
    let open = get("/api/v1/events");
    let response = tower::ServiceExt::oneshot(station.router.clone(), open).await.unwrap();
    let mut body = response.into_body();
    let first = http_body_util::BodyExt::frame(&mut body).await.unwrap().unwrap();
    let text = String::from_utf8(first.into_data().unwrap().to_vec()).unwrap();
    assert!(text.contains("\nretry: 1000\n"), "{text}");
}

#[tokio::test]
async fn resuming_gives_what_was_missed_and_nothing_else() {
    for (request, expected) in [
        (resume("0"), vec![2, 5, 6]),
        (resume("2"), vec![5, 6]),
        (resume("3"), vec![5, 6]),
        (resume("6"), vec![]),
        (get("/api/v1/events?after=5"), vec![6]),
        (get("/api/v1/events"), vec![]),
        // How a browser says that it has seen nothing.
        (resume(""), vec![]),
    ] {
        let station = Station::new();
        station.fake.commit([2, 5, 6]);
        let mut frames = Frames::open(&station.router, request).await;
        frames.expect("hello").await;
        station.fake.send_readings();
        for seq in expected {
            assert_eq!(frames.next_news().await.unwrap().id, Some(seq));
        }
        frames.expect("readings").await;
    }
}

#[tokio::test]
async fn the_header_of_the_browser_comes_before_the_query_of_its_first_request() {
    let station = Station::new();
    station.fake.commit([1, 2, 3]);
    let mut request = resume("2");
    *request.uri_mut() = "/api/v1/events?after=0".parse().unwrap();
    let mut frames = Frames::open(&station.router, request).await;
    frames.expect("hello").await;
    assert_eq!(frames.next_news().await.unwrap().id, Some(3));
}

#[tokio::test]
async fn who_cannot_be_given_everything_is_reset_and_then_goes_on() {
    let behind = RESUME_MAX + 1;
    for (id, newest) in [("8", 7), ("18446744073709551615", 7), ("x", 7), ("-1", 7), ("0", behind)]
    {
        let station = Station::new();
        station.fake.commit(1..=newest);
        let mut frames = Frames::open(&station.router, resume(id)).await;
        frames.expect("hello").await;
        station.fake.send([newest + 1]);
        assert_eq!(frames.expect("reset").await.id, None, "{id}");
        assert_eq!(frames.next_news().await.unwrap().id, Some(newest + 1), "{id}");
    }
}

#[tokio::test]
async fn as_much_as_the_limit_is_replayed() {
    let station = Station::new();
    station.fake.commit(1..=RESUME_MAX);
    let mut frames = Frames::open(&station.router, resume("0")).await;
    frames.expect("hello").await;
    for seq in 1..=RESUME_MAX {
        assert_eq!(frames.next_news().await.unwrap().id, Some(seq));
    }
}

#[tokio::test]
async fn a_stream_that_lags_is_reset() {
    let station = Station::with_queue(4);
    let mut frames = Frames::open(&station.router, get("/api/v1/events")).await;
    frames.expect("hello").await;
    station.fake.send(1..=10);
    frames.expect("reset").await;
    for seq in 7..=10 {
        assert_eq!(frames.next_news().await.unwrap().id, Some(seq));
    }
}

#[tokio::test]
async fn events_out_of_order_are_reset_not_dropped_in_silence() {
    let station = Station::new();
    let mut frames = Frames::open(&station.router, get("/api/v1/events")).await;
    frames.expect("hello").await;
    station.fake.send([5, 3, 6]);
    assert_eq!(frames.next_news().await.unwrap().id, Some(5));
    frames.expect("reset").await;
    assert_eq!(frames.next_news().await.unwrap().id, Some(6));
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_is_a_problem_not_a_gap() {
    let station = Station::new();
    station.fake.commit([1]);
    station.fake.ledger_broken.store(true, Ordering::SeqCst);
    let answer = ask(&station.router, resume("0")).await;
    check(&answer, 503, "unavailable");
}

#[tokio::test]
async fn the_stop_ends_every_stream() {
    let station = Station::new();
    station.fake.commit(1..=5);
    let mut waiting = Frames::open(&station.router, get("/api/v1/events")).await;
    waiting.expect("hello").await;
    let mut replaying = Frames::open(&station.router, resume("0")).await;
    replaying.expect("hello").await;
    station.stop.cancel();
    assert_eq!(waiting.next().await, None);
    assert_eq!(replaying.next().await, None);
}
