//! The router: which path leads where, what every answer carries, how the backend is asked.
//!
//! Never lets a call of the backend run on an async thread, wait without an end, or fail unseen.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use crate::access::Rate;
use crate::backend::{Backend, BackendError};
use crate::intake::BODY_BYTES_MAX;
use crate::problem::Failure;
use crate::records::RECORD_STREAMS_MAX;
use crate::routes::PACKS_MAX;
use crate::stream::STREAMS_MAX;
use crate::{access, assets, guard, openapi};

/// Calls of the backend at the same time; more wait for [`TURN_WAIT_MAX`] and are then refused.
const CALLS_MAX: usize = 64;
/// Questions to the history at the same time, beside the others: reading it may take seconds, and
/// an acknowledgement must never wait for that. They wait and are refused as the others.
const QUERIES_MAX: usize = 4;
/// Reports of shifts, days and months at the same time: each goes through a month of all channels.
/// More wait and are refused as the others.
const PERIODS_MAX: usize = 1;
/// Hashes of passwords at the same time: each takes a core and 19 MiB by design, and judging
/// readings must never wait for people who type. Others wait and are refused as above.
const HASHES_MAX: usize = 2;
/// Files that come in at the same time: each is in memory until it is whole. Others wait and are
/// refused as above.
const UPLOADS_MAX: usize = 8;
/// Parts of the map's file on their way at the same time; each keeps the file open. Others wait and
/// are refused as above.
const MAP_TRANSFERS_MAX: usize = 32;
/// Reads of the map's file at the same time, beside all others: pictures of roads must never keep
/// an acknowledgement waiting. They wait as streams do.
const MAP_READS_MAX: usize = 2;
/// How long a request waits for its turn.
const TURN_WAIT_MAX: Duration = Duration::from_secs(2);
/// How long a stream of stored readings waits for the turn of its next piece.
const STREAM_TURN_WAIT_MAX: Duration = Duration::from_mins(1);
/// How long a request waits for the backend. Both waits together end before a page gives up.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(5);

/// How long a request waits for a report of a time.
const PERIOD_WAIT_MAX: Duration = Duration::from_mins(1);

/// What every route can reach.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) stop: CancellationToken,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) document: Arc<str>,
    pub(crate) record_streams: Arc<Semaphore>,
    pub(crate) packs: Arc<Semaphore>,
    calls: Arc<Semaphore>,
    queries: Arc<Semaphore>,
    periods: Arc<Semaphore>,
    hashes: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    map_transfers: Arc<Semaphore>,
    map_reads: Arc<Semaphore>,
    pub(crate) rate: Arc<Rate>,
}

impl App {
    /// Asks the backend off the async threads, within the limits.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Backend) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, Failure> {
        self.call_in(&self.calls, TURN_WAIT_MAX, ask).await
    }

    /// The same for what reads much of the history.
    pub(crate) async fn query<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Backend) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, Failure> {
        self.call_in(&self.queries, TURN_WAIT_MAX, ask).await
    }

    /// The same for a report of a shift, a day or a month, one at a time.
    pub(crate) async fn period<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Backend) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, Failure> {
        let turn = turn(&self.periods, TURN_WAIT_MAX).await?;
        self.ask_within(turn, PERIOD_WAIT_MAX, ask).await
    }

    /// The same for what computes the hash of a password.
    pub(crate) async fn hash<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Backend) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, Failure> {
        self.call_in(&self.hashes, TURN_WAIT_MAX, ask).await
    }

    /// The same for a stream, which is asked for seldom and has to start again when refused.
    pub(crate) async fn query_for_stream<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Backend) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, Failure> {
        self.call_in(&self.queries, STREAM_TURN_WAIT_MAX, ask).await
    }

    /// A place for a file that comes in, to be kept until it is on disk.
    pub(crate) async fn upload(&self) -> Result<OwnedSemaphorePermit, Failure> {
        turn(&self.uploads, TURN_WAIT_MAX).await
    }

    /// A place for a part of the map's file, to be kept until it is sent.
    pub(crate) async fn map_transfer(&self) -> Result<OwnedSemaphorePermit, Failure> {
        turn(&self.map_transfers, TURN_WAIT_MAX).await
    }

    /// Reads a piece of it.
    pub(crate) async fn read_map<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.call_in(&self.map_reads, STREAM_TURN_WAIT_MAX, |_| Ok(read())).await
    }

    async fn call_in<T: Send + 'static>(
        &self,
        turns: &Arc<Semaphore>,
        turn_wait_max: Duration,
        ask: impl FnOnce(&dyn Backend) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, Failure> {
        let turn = turn(turns, turn_wait_max).await?;
        self.ask_within(turn, ANSWER_WAIT_MAX, ask).await
    }

    async fn ask_within<T: Send + 'static>(
        &self,
        turn: OwnedSemaphorePermit,
        wait_max: Duration,
        ask: impl FnOnce(&dyn Backend) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, Failure> {
        let backend = Arc::clone(&self.backend);
        let work = tokio::task::spawn_blocking(move || {
            // Kept until the work is done, even when nobody waits for it any more.
            let _turn = turn;
            ask(backend.as_ref())
        });
        match tokio::time::timeout(wait_max, work).await {
            Ok(Ok(answer)) => Ok(answer?),
            Ok(Err(_panicked)) => Err(Failure::Internal),
            Err(_elapsed) => Err(Failure::NoAnswer { seconds: wait_max.as_secs() }),
        }
    }
}

/// A turn, when it comes in time.
async fn turn(turns: &Arc<Semaphore>, wait_max: Duration) -> Result<OwnedSemaphorePermit, Failure> {
    let turn = Arc::clone(turns).acquire_owned();
    match tokio::time::timeout(wait_max, turn).await {
        Ok(Ok(turn)) => Ok(turn),
        _ => Err(Failure::Busy),
    }
}

/// All routes of a station: the API under `/api/v1` and the dashboard everywhere else. Event
/// streams end when `stop` fires.
pub fn router(backend: Arc<dyn Backend>, stop: CancellationToken) -> Router {
    let (api, document) = openapi::routes_and_document();
    let app = App {
        backend,
        stop,
        streams: Arc::new(Semaphore::new(STREAMS_MAX)),
        document: document.into(),
        record_streams: Arc::new(Semaphore::new(RECORD_STREAMS_MAX)),
        packs: Arc::new(Semaphore::new(PACKS_MAX)),
        calls: Arc::new(Semaphore::new(CALLS_MAX)),
        queries: Arc::new(Semaphore::new(QUERIES_MAX)),
        periods: Arc::new(Semaphore::new(PERIODS_MAX)),
        hashes: Arc::new(Semaphore::new(HASHES_MAX)),
        uploads: Arc::new(Semaphore::new(UPLOADS_MAX)),
        map_transfers: Arc::new(Semaphore::new(MAP_TRANSFERS_MAX)),
        map_reads: Arc::new(Semaphore::new(MAP_READS_MAX)),
        rate: Arc::default(),
    };
    let gate = middleware::from_fn_with_state(app.clone(), access::gate);
    let router = api
        .with_state(app)
        .route_layer(gate)
        .fallback(assets::serve)
        .method_not_allowed_fallback(refuse_method);
    protect(router)
}

/// What holds for every route and every answer, also for those of a panic.
fn protect(router: Router) -> Router {
    router
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(guard::refuse_foreign_origin))
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(middleware::from_fn(guard::set_headers))
}

async fn refuse_method(uri: Uri) -> Failure {
    Failure::MethodNotAllowed { path: uri.path().to_owned() }
}

/// The panic's own text goes to the log by the panic hook, not to the client.
fn answer_panic(_panic: Box<dyn Any + Send + 'static>) -> Response {
    Failure::Internal.into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_route_that_panics_answers_with_a_problem() {
        let panics = || async { panic!("a panic for a test") as () };
        let router = protect(Router::new().route("/api/panics", get(panics)));
        let request = Request::get("/api/panics").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers();
        assert_eq!(headers["content-type"], "application/problem+json");
        assert_eq!(headers["cache-control"], "no-store");
    }
}
