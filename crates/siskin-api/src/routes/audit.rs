//! The audit: page by page, and whole as a file that can be verified elsewhere.
//!
//! Never gives an export that could pass for whole and is not: without its last line it was cut.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use crate::access::Asker;
use crate::app::App;
use crate::audit::AuditExport;
use crate::contract::{AuditQuery, AuditView};
use crate::intake::QueryOf;
use crate::problem::Failure;
use crate::records::{RECORD_STREAMS_MAX, StreamFault};
use crate::routes::range;

/// The most entries of one answer.
const ENTRIES_MAX: u32 = 1_000;
/// Entries of an answer when the client does not say.
const ENTRIES_DEFAULT: u32 = 100;
/// How long an export may take. A client that takes it drop by drop must not keep others out.
const EXPORT_WAIT_MAX: Duration = Duration::from_mins(10);

/// What people did and what was changed, newest first.
#[utoipa::path(
    get,
    path = "/audit",
    params(AuditQuery),
    responses(
        (status = 200, description = "A page of entries", body = AuditView),
        (status = 400, description = "The query cannot be used")
    )
)]
pub(super) async fn audit(
    State(app): State<App>,
    Asker(_who): Asker,
    QueryOf(query): QueryOf<AuditQuery>,
) -> Result<Json<AuditView>, Failure> {
    let limit = range::limit(query.limit, ENTRIES_DEFAULT, ENTRIES_MAX)?.get();
    app.query(move |backend| backend.audit(&query, limit)).await.map(Json)
}

/// The whole audit with its hashes and checkpoints, one JSON object a line.
///
/// For `siskin audit verify --file`. The last line has the kind `end`; without it the export was
/// cut. That it was exported, and by whom, is an entry of the audit and the last one in it.
#[utoipa::path(
    get,
    path = "/audit/export",
    responses(
        (status = 200, description = "The export", content((String = "application/x-ndjson"))),
        (status = 503, description = "Too many streams")
    )
)]
pub(super) async fn export(State(app): State<App>, Asker(who): Asker) -> Result<Response, Failure> {
    let Ok(place) = Arc::clone(&app.record_streams).try_acquire_owned() else {
        return Err(StreamFault::TooMany { streams_max: RECORD_STREAMS_MAX }.into());
    };
    let export = app.call(move |backend| backend.begin_audit_export(&who)).await?;
    let ends_at = Instant::now() + EXPORT_WAIT_MAX;
    let running = Running { app, export: Some(export), ends_at, _place: place };
    let pieces = futures_util::stream::unfold(running, |mut running| async move {
        let piece = running.next().await?;
        Some((Ok::<_, Infallible>(piece), running))
    });
    let headers = [
        (CONTENT_TYPE, "application/x-ndjson"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit.ndjson\""),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// An export that goes out: a piece is read when the client has taken the one before.
struct Running {
    app: App,
    /// None while a piece is being read, and after a failure.
    export: Option<Box<dyn AuditExport>>,
    ends_at: Instant,
    _place: OwnedSemaphorePermit,
}

impl Running {
    /// The next piece; none ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        let mut export = self.export.take()?;
        let stop = self.app.stop.clone();
        let read = self.app.query_for_stream(move |_| {
            let lines = export.next_lines()?;
            Ok((export, lines))
        });
        let result = tokio::select! {
            biased;
            () = stop.cancelled() => Err(StreamFault::Stopping.into()),
            () = tokio::time::sleep_until(self.ends_at) => Err(too_long().into()),
            read = read => read,
        };
        match result {
            Ok((export, lines)) => {
                self.export = Some(export);
                lines.map(Bytes::from)
            }
            Err(failure) => {
                let failure: Failure = failure;
                tracing::warn!(detail = %failure, "an export of the audit ends before its end");
                None
            }
        }
    }
}

fn too_long() -> StreamFault {
    StreamFault::TooLong { minutes_max: EXPORT_WAIT_MAX.as_secs() / 60 }
}
