//! Asking the router without a socket, and reading what it answers.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

/// What a request shows where the test is about something else.
pub(crate) const ADMIN: &str = "Bearer admin";

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path).header("authorization", ADMIN).body(Body::empty()).unwrap()
}

pub(crate) fn with_method(method: &Method, path: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header("authorization", ADMIN);
    request.body(Body::empty()).unwrap()
}

pub(crate) fn post_json(path: &str, body: impl Into<Body>) -> Request<Body> {
    post_json_by("admin", path, body)
}

/// The same shown by another token.
pub(crate) fn post_json_by(token: &str, path: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header("authorization", format!("Bearer {token}"));
    request.header("content-type", "application/json").body(body.into()).unwrap()
}

pub(crate) async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    read(response).await
}

/// Asks for what must be refused: an answer that does not end would hang the test.
pub(crate) async fn ask_refused(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    assert!(!response.status().is_success(), "{}", response.status());
    read(response).await
}

async fn read(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

/// Heartbeats after which [`Frames::next_news`] gives up.
const HEARTBEATS_MAX: usize = 10;

/// One server-sent event as a browser would see it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    pub(crate) event: String,
    pub(crate) id: Option<u64>,
    pub(crate) data: Value,
}

/// An open event stream.
pub(crate) struct Frames {
    body: Body,
    text: String,
}

impl Frames {
    pub(crate) async fn open(router: &Router, request: Request<Body>) -> Self {
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { body: response.into_body(), text: String::new() }
    }

    /// The next event; none when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let (frame, rest) = (parse(frame), rest.to_owned());
                self.text = rest;
                return Some(frame);
            }
            let piece = self.body.frame().await?.unwrap().into_data().unwrap();
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    /// The next event that is not a heartbeat. Tests ask for events that are there already, so a
    /// stream that only beats has lost them.
    pub(crate) async fn next_news(&mut self) -> Option<Frame> {
        for _ in 0..HEARTBEATS_MAX {
            let frame = self.next().await?;
            if frame.event != "heartbeat" {
                return Some(frame);
            }
        }
        panic!("nothing but heartbeats");
    }

    /// The next event must be `event`.
    #[track_caller]
    pub(crate) fn expect(&mut self, event: &str) -> impl Future<Output = Frame> {
        let caller = std::panic::Location::caller();
        let event = event.to_owned();
        async move {
            let frame = self.next_news().await;
            let frame = frame.unwrap_or_else(|| panic!("{caller}: ended before {event}"));
            assert_eq!(frame.event, event, "{caller}: {frame:?}");
            frame
        }
    }
}

fn parse(text: &str) -> Frame {
    let field = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(field, _)| *field == name)
            .map(|(_, value)| value)
    };
    Frame {
        event: field("event").expect("an event has a name").to_owned(),
        id: field("id").map(|id| id.parse().unwrap()),
        data: serde_json::from_str(field("data").expect("an event has data")).unwrap(),
    }
}
