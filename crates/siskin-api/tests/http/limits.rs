//! A station that does not answer, too many requests, too many streams: told, never hung.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::ask::{ADMIN, Answer, Frames, ask, ask_refused, get};
use crate::fake::Station;
use crate::incidents;
use crate::problems::check;

/// Calls of the backend at the same time, and open streams at the same time.
const CALLS_MAX: usize = 64;
const STREAMS_MAX: usize = 64;
/// Files that come in at the same time.
const UPLOADS_MAX: usize = 8;

fn ask_later(router: &Router) -> JoinHandle<Answer> {
    let router = router.clone();
    tokio::spawn(async move { ask(&router, get("/api/v1/health")).await })
}

async fn wait_for(came: &mut mpsc::Receiver<()>, calls: usize) {
    for _ in 0..calls {
        came.recv().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_hangs_is_told_and_then_works_again() {
    let mut station = Station::new();
    station.fake.gate.set_shut(true);
    let waiting = ask_later(&station.router);
    wait_for(&mut station.came, 1).await;
    tokio::time::advance(Duration::from_secs(6)).await;
    check(&waiting.await.unwrap(), 503, "no-answer");
    station.fake.gate.set_shut(false);
    let answer = ask(&station.router, get("/api/v1/health")).await;
    assert_eq!(answer.status.as_u16(), 200);
}

#[tokio::test(start_paused = true)]
async fn more_calls_than_the_limit_are_refused() {
    let mut station = Station::new();
    station.fake.gate.set_shut(true);
    let waiting: Vec<_> = (0..CALLS_MAX).map(|_| ask_later(&station.router)).collect();
    wait_for(&mut station.came, CALLS_MAX).await;
    let mut refused = ask_later(&station.router);
    // The request must be waiting for its turn before the time moves on.
    assert!(futures_util::poll!(&mut refused).is_pending());
    tokio::task::yield_now().await;
    // Far enough that a call that was let in would have been given up, too.
    tokio::time::advance(Duration::from_secs(8)).await;
    let answer = refused.await.unwrap();
    check(&answer, 503, "busy");
    assert_eq!(answer.header("retry-after"), "5");
    station.fake.gate.set_shut(false);
    for answer in waiting {
        answer.await.unwrap();
    }
    let answer = ask(&station.router, get("/api/v1/health")).await;
    assert_eq!(answer.status.as_u16(), 200);
}

#[tokio::test(start_paused = true)]
async fn more_files_than_the_limit_do_not_come_in_at_once() {
    let station = Station::new();
    let file = || {
        let slow = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let request = Request::post(incidents::of("/files?name=a.jpg"));
        let request = request.header("authorization", ADMIN);
        let request = request.header("content-type", "application/octet-stream");
        request.body(Body::from_stream(slow)).unwrap()
    };
    let send = |router: Router, request| tokio::spawn(async move { ask(&router, request).await });
    let waiting: Vec<_> = (0..UPLOADS_MAX).map(|_| send(station.router.clone(), file())).collect();
    tokio::task::yield_now().await;
    check(&ask(&station.router, file()).await, 503, "busy");
    for slow in waiting {
        check(&slow.await.unwrap(), 408, "body-slow");
    }
    let next = incidents::attach("a.jpg", b"photo".to_vec());
    assert_eq!(ask(&station.router, next).await.status.as_u16(), 200);
}

#[tokio::test]
async fn more_streams_than_the_limit_are_refused_until_one_ends() {
    let station = Station::new();
    let mut open = Vec::new();
    for _ in 0..STREAMS_MAX {
        open.push(Frames::open(&station.router, get("/api/v1/events")).await);
    }
    let answer = ask_refused(&station.router, get("/api/v1/events")).await;
    check(&answer, 503, "too-many-streams");
    assert_eq!(answer.header("retry-after"), "5");
    open.pop();
    let mut frames = Frames::open(&station.router, get("/api/v1/events")).await;
    frames.expect("hello").await;
}

#[tokio::test(start_paused = true)]
async fn a_warning_does_not_wait_for_a_heartbeat_that_hangs() {
    let mut station = Station::new();
    let mut frames = Frames::open(&station.router, get("/api/v1/events")).await;
    frames.expect("hello").await;
    station.fake.gate.set_shut(true);
    // Reading lets the time run to the next heartbeat, whose question hangs at the gate.
    let mut reading = Box::pin(frames.next());
    tokio::select! {
        frame = &mut reading => panic!("{frame:?} came past the gate"),
        _ = station.came.recv() => {}
    }
    station.fake.send([1]);
    let frame = reading.await.unwrap();
    assert_eq!((frame.event.as_str(), frame.id), ("warning", Some(1)));
}
