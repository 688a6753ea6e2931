//! The live stream: server-sent events with resume.
//!
//! The receiver is opened before the ledger is read, so that nothing falls between what is replayed
//! and what is live; what is in both goes out once ([`cursor`]). Whoever cannot be given everything
//! is told so by a `reset`: never a gap in silence.

mod cursor;
mod frame;
mod live;

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::Event;
use futures_util::Stream;
use siskin_model::Who;
use tokio::sync::broadcast;

use crate::access::Pass;
use crate::access::sight::Sight;
use crate::app::App;
use crate::backend::{Backend, BackendError, LiveEvent};
use crate::contract::{EventsQuery, HeartbeatView};
use crate::intake::QueryOf;
use crate::problem::Failure;

/// Streams at the same time; more are refused.
pub(crate) const STREAMS_MAX: usize = 64;
/// Events that are replayed at most; who is further behind is told to fetch everything.
const RESUME_MAX: usize = 1_000;
/// The header in which a browser says which event it saw last.
const LAST_EVENT_ID: &str = "last-event-id";

/// From where a client wants to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resume {
    /// It has seen nothing and fetches everything.
    Fresh,
    /// It has seen everything up to here.
    After(u64),
    /// It has seen something that cannot be understood.
    Unreadable,
}

/// What a stream begins with.
struct Opening {
    live: broadcast::Receiver<LiveEvent>,
    hello: HeartbeatView,
    /// What happened since; none when the client has to fetch everything again.
    replay: Option<Vec<LiveEvent>>,
    /// Up to where the client will have seen everything after the replay.
    replayed_to: Option<u64>,
    /// What whoever reads it sees; none: everything.
    sight: Option<Sight>,
}

/// Everything as it happens, as server-sent events.
///
/// `hello` and then every second `heartbeat` (HeartbeatView; its `seq` may be ahead of events that
/// are still on their way); with their `seq` as id `warning` (WarningEventView), `alarm`
/// (AlarmEventView), `correction` (CorrectionView: late readings changed the record, nobody is
/// warned) and `rules` (RulesEventView); `readings` (a list of ChannelValue), `health` (a list of
/// AnalyzerHealthView), and `reset`: something could not be given, fetch everything again. Resume
/// with the header `Last-Event-ID` or the query `after`; the header comes first. On `hello` of a
/// stream that was not resumed, and on `reset`, fetch everything.
#[utoipa::path(
    get,
    path = "/events",
    params(
        EventsQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event seen")
    ),
    responses(
        (status = 200, description = "The stream", body = String,
            content_type = "text/event-stream"),
        (status = 503, description = "Too many streams")
    )
)]
pub(crate) async fn events(
    State(app): State<App>,
    pass: Pass,
    headers: HeaderMap,
    QueryOf(query): QueryOf<EventsQuery>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let Ok(place) = Arc::clone(&app.streams).try_acquire_owned() else {
        return Err(Failure::TooManyStreams { streams_max: STREAMS_MAX });
    };
    let resume = resume_point(&headers, &query);
    let who = pass.known.who.clone();
    let opening = app.call(move |backend| open(backend, resume, &who)).await?;
    Ok(Sse::new(live::run(&app, opening, pass, place)))
}

/// A header that cannot be read is not an error for the browser, which would stop trying: it leads
/// to a reset.
fn resume_point(headers: &HeaderMap, query: &EventsQuery) -> Resume {
    match headers.get(LAST_EVENT_ID) {
        // An empty id is how a browser says that it has none.
        Some(id) if id.is_empty() => Resume::Fresh,
        Some(id) => id
            .to_str()
            .ok()
            .and_then(|text| text.parse().ok())
            .map_or(Resume::Unreadable, Resume::After),
        None => query.after.map_or(Resume::Fresh, Resume::After),
    }
}

fn open(backend: &dyn Backend, resume: Resume, who: &Who) -> Result<Opening, BackendError> {
    // First of all: what comes from now on is kept while the ledger is read.
    let live = backend.subscribe();
    let hello = live::heartbeat(backend);
    let sight = Sight::of(backend, who);
    let (replay, replayed_to) = match resume {
        Resume::Fresh => (Some(Vec::new()), None),
        Resume::After(seq) if seq <= hello.seq => {
            let events = backend.events_after(seq, RESUME_MAX + 1)?;
            if events.len() > RESUME_MAX {
                (None, None)
            } else {
                let newest = events.iter().filter_map(LiveEvent::seq).max();
                (Some(events), Some(newest.unwrap_or(seq)))
            }
        }
        Resume::After(_) | Resume::Unreadable => (None, None),
    };
    Ok(Opening { live, hello, replay, replayed_to, sight })
}
