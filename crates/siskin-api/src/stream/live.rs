//! One running stream: what was missed, then what happens, with a heartbeat every second.
//!
//! Ends when the station stops, when the backend is gone, or when the client is; within a second
//! when whoever reads it would not be let in any more. While it runs it keeps their session alive.
//! A slow client falls behind its receiver and is told so; it never holds up the station. A backend
//! that does not answer lets the heartbeat fall silent, and the page shows that.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::Event;
use futures_util::Stream;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::cursor::{Cursor, Verdict};
use super::{Opening, frame};
use crate::access::sight::Sight;
use crate::access::{Pass, discreet};
use crate::app::App;
use crate::backend::{Backend, LiveEvent};
use crate::contract::HeartbeatView;

/// Time between two heartbeats.
const HEARTBEAT: Duration = Duration::from_secs(1);

struct Running {
    first: VecDeque<Event>,
    live: broadcast::Receiver<LiveEvent>,
    cursor: Cursor,
    beat: Interval,
    /// The question for the next heartbeat, while it is on its way: at most one a stream.
    asked: Option<JoinHandle<HeartbeatView>>,
    backend: Arc<dyn Backend>,
    pass: Pass,
    /// What is seen; none: everything.
    sight: Option<Sight>,
    stop: CancellationToken,
    _place: OwnedSemaphorePermit,
}

/// What a heartbeat says now.
pub(super) fn heartbeat(backend: &dyn Backend) -> HeartbeatView {
    HeartbeatView { now: backend.now().rfc3339(backend.utc_offset_s()), seq: backend.seq() }
}

/// The stream that begins with `opening`; `place` is free again when it is dropped.
pub(super) fn run(
    app: &App,
    opening: Opening,
    pass: Pass,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let mut first = VecDeque::from([frame::hello(&opening.hello)]);
    match &opening.replay {
        Some(missed) => {
            let shown = |event| as_seen(&pass, opening.sight.as_ref(), event);
            first.extend(missed.iter().filter_map(shown));
        }
        None => first.push_back(frame::reset()),
    }
    let mut beat = tokio::time::interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let running = Running {
        first,
        live: opening.live,
        cursor: Cursor::new(opening.replayed_to),
        beat,
        asked: None,
        backend: Arc::clone(&app.backend),
        pass,
        sight: opening.sight,
        stop: app.stop.clone(),
        _place: place,
    };
    futures_util::stream::unfold(running, |mut running| async move {
        let event = running.next().await?;
        Some((Ok(event), running))
    })
}

/// The event as whoever reads the stream may see it; none: they may not.
fn as_seen(pass: &Pass, sight: Option<&Sight>, event: &LiveEvent) -> Option<Event> {
    let event = match sight {
        Some(sight) => sight.live(event)?,
        None => Cow::Borrowed(event),
    };
    let event = event.as_ref();
    if discreet::may_see_people(&pass.known.who) {
        return Some(frame::live(event));
    }
    Some(frame::live(discreet::live(event).as_ref().unwrap_or(event)))
}

impl Running {
    /// The next event; none ends the stream.
    async fn next(&mut self) -> Option<Event> {
        if self.stop.is_cancelled() {
            return None;
        }
        if let Some(event) = self.first.pop_front() {
            return Some(event);
        }
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return None,
                received = self.live.recv() => match received {
                    Ok(event) => match self.cursor.judge(event.seq()) {
                        Verdict::Pass => {
                            let shown = as_seen(&self.pass, self.sight.as_ref(), &event);
                            if shown.is_some() {
                                return shown;
                            }
                        }
                        Verdict::Skip => {}
                        Verdict::Reset => {
                            tracing::error!(seq = event.seq(), "live events are out of order");
                            return Some(frame::reset());
                        }
                    },
                    Err(RecvError::Lagged(events)) => {
                        tracing::warn!(events, "a live stream is too slow and must fetch again");
                        return Some(frame::reset());
                    }
                    Err(RecvError::Closed) => return None,
                },
                _ = self.beat.tick() => {
                    if !self.pass.holds(self.backend.as_ref()) {
                        return None;
                    }
                    self.ask();
                }
                answer = answered(&mut self.asked) => {
                    self.asked = None;
                    return answer.map(|view| frame::heartbeat(&view));
                }
            }
        }
    }

    fn ask(&mut self) {
        if self.asked.is_some() {
            return;
        }
        let backend = Arc::clone(&self.backend);
        let question = tokio::task::spawn_blocking(move || heartbeat(backend.as_ref()));
        self.asked = Some(question);
    }
}

/// Waits for the answer, for ever while nothing is asked; none when the backend panicked, which
/// ends the stream so that the client sees it.
async fn answered(asked: &mut Option<JoinHandle<HeartbeatView>>) -> Option<HeartbeatView> {
    match asked {
        Some(question) => question.await.ok(),
        None => std::future::pending().await,
    }
}
