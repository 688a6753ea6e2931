//! One running stream: a piece is read when the client has taken the one before.
//!
//! Ends with its last line: after everything, after a failure, when the station stops, when whoever
//! reads it would not be let in any more, or after [`STREAM_WAIT_MAX`]. Only a client that is gone
//! gets none.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Bytes;
use futures_util::Stream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::StreamFault;
use super::lines::Form;
use super::walk::{Piece, Walk};
use crate::access::Pass;
use crate::app::App;
use crate::backend::{Backend, BackendError};
use crate::contract::{Problem, RecordsEndView};
use crate::problem::Failure;

/// How long a stream may take. A client that takes it drop by drop must not keep others out.
const STREAM_WAIT_MAX: Duration = Duration::from_hours(1);

struct Running {
    app: App,
    pass: Pass,
    /// None once the last line has gone out, or while a piece is being read.
    walk: Option<Walk>,
    /// What the last line says when a piece cannot be had.
    so_far: RecordsEndView,
    form: Form,
    ends_at: Instant,
    _place: OwnedSemaphorePermit,
}

/// The stream; `place` is free again when it is dropped.
pub(super) fn run(
    app: App,
    walk: Walk,
    pass: Pass,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let (form, so_far) = (walk.form(), walk.end());
    let ends_at = Instant::now() + STREAM_WAIT_MAX;
    let running = Running { app, pass, walk: Some(walk), so_far, form, ends_at, _place: place };
    let head = futures_util::stream::iter(
        Some(form.head()).filter(|head| !head.is_empty()).map(|head| Ok(Bytes::from(head))),
    );
    let pieces = futures_util::stream::unfold(running, |mut running| async move {
        let bytes = running.next().await?;
        Some((Ok(bytes), running))
    });
    futures_util::StreamExt::chain(head, pieces)
}

impl Running {
    /// The next piece; none ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        let walk = self.walk.take()?;
        let stop = self.app.stop.clone();
        let read = self.app.query_for_stream(move |backend| Ok(read(walk, backend)));
        let result = tokio::select! {
            biased;
            () = stop.cancelled() => Err(StreamFault::Stopping.into()),
            () = tokio::time::sleep_until(self.ends_at) => Err(too_long().into()),
            read = read => read.and_then(|(walk, piece)| Ok((walk, piece?))),
        };
        match result {
            // After the piece was read, which may have waited: it does not go out.
            Ok(_) if !self.pass.holds(self.app.backend.as_ref()) => {
                Some(self.failed(&StreamFault::SignedOut.into()))
            }
            Ok((walk, piece)) => {
                if !piece.is_last {
                    self.so_far = walk.end();
                    self.walk = Some(walk);
                }
                Some(piece.bytes.into())
            }
            Err(failure) => Some(self.failed(&failure)),
        }
    }

    fn failed(&self, failure: &Failure) -> Bytes {
        tracing::warn!(detail = %failure, "a stream of stored readings ends before its end");
        let error: Option<Problem> = Some(failure.document());
        let end = RecordsEndView { complete: false, error, ..self.so_far.clone() };
        let mut out = Vec::new();
        match self.form.end(&mut out, &end) {
            Ok(()) => out.into(),
            Err(error) => {
                // The client sees a stream without a last line: cut.
                tracing::error!(%error, "the last line of a stream cannot be written");
                Bytes::new()
            }
        }
    }
}

fn too_long() -> StreamFault {
    StreamFault::TooLong { minutes_max: STREAM_WAIT_MAX.as_secs() / 60 }
}

/// The walk comes back with its piece, so that the next one goes on from there.
fn read(mut walk: Walk, backend: &dyn Backend) -> (Walk, Result<Piece, BackendError>) {
    let piece = walk.piece(backend);
    (walk, piece)
}
