//! Events as they go over the wire.

use std::time::Duration;

use axum::response::sse::Event;
use serde::Serialize;

use crate::backend::LiveEvent;
use crate::contract::HeartbeatView;

/// How soon a browser tries again when the stream breaks: people are waiting.
const RETRY: Duration = Duration::from_secs(1);

pub(super) fn hello(view: &HeartbeatView) -> Event {
    named("hello", view).retry(RETRY)
}

pub(super) fn heartbeat(view: &HeartbeatView) -> Event {
    named("heartbeat", view)
}

pub(super) fn reset() -> Event {
    // A browser does not deliver an event without data.
    Event::default().event("reset").data("{}")
}

pub(super) fn live(event: &LiveEvent) -> Event {
    let frame = match event {
        LiveEvent::Warning(view) => named("warning", view),
        LiveEvent::Alarm(view) => named("alarm", view),
        LiveEvent::Correction(view) => named("correction", view),
        LiveEvent::Rules(view) => named("rules", view),
        LiveEvent::Equipment(view) => named("equipment", view),
        LiveEvent::Flood(view) => named("flood", view),
        LiveEvent::Readings(views) => named("readings", views),
        LiveEvent::Health(views) => named("health", views),
        LiveEvent::Edges(views) => named("edges", views),
        LiveEvent::Pulse(view) => named("pulse", view),
        LiveEvent::Incident(view) => named("incident", view),
        LiveEvent::Drill(view) => named("drill", view),
    };
    match event.seq() {
        Some(seq) => frame.id(seq.to_string()),
        None => frame,
    }
}

fn named(name: &str, view: &impl Serialize) -> Event {
    match Event::default().event(name).json_data(view) {
        Ok(event) => event,
        Err(error) => {
            tracing::error!(event = name, %error, "an event cannot be written as JSON");
            reset()
        }
    }
}
