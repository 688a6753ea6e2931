//! Files that come in as they are, and the evidence pack that goes out as it is made.
//!
//! Never holds a pack in memory: the thread that makes it waits for the client. A pack that breaks
//! off is no archive, its directory stands at the end; so half a pack never passes for a whole one.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use siskin_model::incident::FILE_BYTES_MAX;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::incidents::TITLE_LEN_MAX;
use crate::access::Asker;
use crate::app::App;
use crate::contract::{IncidentFileQuery, IncidentView};
use crate::incidents::IncidentFault;
use crate::intake::{IdOf, IntakeFault, QueryOf, line_of_person};
use crate::problem::Failure;
use crate::records::StreamFault;

/// Packs that are made at the same time; more are refused.
pub(crate) const PACKS_MAX: usize = 2;
/// How long a file may take to arrive.
const FILE_WAIT_MAX: Duration = Duration::from_mins(2);
/// Pieces that wait for the client; the pack waits when there are more.
const PIECES_MAX: usize = 4;
/// What is sent at once.
const PIECE_BYTES: usize = 64 * 1024;
/// How long a client may take for a piece; one that is slower is cut off.
const PIECE_WAIT_MAX: Duration = Duration::from_mins(1);

/// Adds a file of at most 20 MiB, sent as it is with `Content-Type: application/octet-stream`.
/// Answers once it is on disk.
#[utoipa::path(
    post,
    path = "/incidents/{id}/files",
    params(("id" = String, Path, description = "Id of the incident"), IncidentFileQuery),
    request_body(content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "The incident after it", body = IncidentView),
        (status = 413, description = "Larger than 20 MiB")
    )
)]
pub(super) async fn attach(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
    QueryOf(query): QueryOf<IncidentFileQuery>,
    request: Request,
) -> Result<Json<IncidentView>, Failure> {
    let name = line_of_person("name", &query.name, 1..=TITLE_LEN_MAX)?;
    if !is_octets(request.headers()) {
        return Err(IncidentFault::NotOctets.into());
    }
    let _place = app.upload().await?;
    let receive = Bytes::from_request(request, &());
    let bytes = match tokio::time::timeout(FILE_WAIT_MAX, receive).await {
        Err(_elapsed) => Err(IntakeFault::TooSlow { seconds: FILE_WAIT_MAX.as_secs() }),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(IntakeFault::TooLarge { bytes_max: FILE_BYTES_MAX })
        }
        Ok(Err(rejection)) => Err(IntakeFault::Broken { reason: rejection.body_text() }),
        Ok(Ok(bytes)) => Ok(bytes),
    }?;
    app.query(move |backend| backend.attach_file(&who, &id, &name, &bytes)).await.map(Json)
}

/// The media type keeps out what a page of another site may send without being asked first.
fn is_octets(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/octet-stream"))
}

/// Everything of the incident as one zip archive, made while it is sent.
#[utoipa::path(
    get,
    path = "/incidents/{id}/evidence",
    params(("id" = String, Path, description = "Id of the incident")),
    responses(
        (status = 200, description = "The archive", content_type = "application/zip"),
        (status = 404, description = "No such incident"),
        (status = 503, description = "Too many packs")
    )
)]
pub(super) async fn evidence(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
) -> Result<Response, Failure> {
    let Ok(place) = Arc::clone(&app.packs).try_acquire_owned() else {
        return Err(StreamFault::TooMany { streams_max: PACKS_MAX }.into());
    };
    let asked = id.clone();
    let found = app.call(move |backend| backend.incident(&asked, 0)).await?;
    let (pieces, stream) = mpsc::channel(PIECES_MAX);
    let backend = Arc::clone(&app.backend);
    let runtime = Handle::current();
    let name = found.incident.id;
    // Owned by the answer: it ends when the client is gone, since nobody takes its pieces then.
    tokio::task::spawn_blocking(move || {
        let _place = place;
        let mut out =
            PackWriter { pieces: pieces.clone(), runtime: runtime.clone(), begun: Vec::new() };
        let made = backend.evidence(&who, &id, &mut out).map_err(|error| error.to_string());
        let made = made.and_then(|()| out.flush().map_err(|error| error.to_string()));
        if let Err(error) = made {
            tracing::error!(incident = id, error, "an evidence pack broke off");
            let cut = Err(io::Error::other(error));
            // A client that is gone sees nothing either way.
            let _gone = runtime.block_on(pieces.send_timeout(cut, PIECE_WAIT_MAX));
        }
    });
    let stream = futures_util::stream::unfold(stream, |mut stream| async move {
        let piece = stream.recv().await?;
        Some((piece, stream))
    });
    let headers = [
        (CONTENT_TYPE, "application/zip".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.zip\"")),
    ];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// A writer whose pieces go to a client that takes them.
struct PackWriter {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    runtime: Handle,
    begun: Vec<u8>,
}

impl Write for PackWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begun.extend_from_slice(bytes);
        if self.begun.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.begun.is_empty() {
            return Ok(());
        }
        let piece = Ok(Bytes::from(std::mem::take(&mut self.begun)));
        let sent = self.runtime.block_on(self.pieces.send_timeout(piece, PIECE_WAIT_MAX));
        sent.map_err(|_| io::Error::other("the client is gone or takes nothing"))
    }
}
