//! A part of the map's file on its way to a client, read as the client takes it.

use std::io;
use std::sync::Arc;

use axum::body::Bytes;
use futures_util::Stream;
use tokio::sync::OwnedSemaphorePermit;

use super::{MapContent, MapFile};
use crate::app::App;

/// What is read at once.
const PIECE_BYTES: u64 = 64 * 1024;

struct Sending {
    app: App,
    content: Arc<dyn MapContent>,
    from: u64,
    left: u64,
    _place: OwnedSemaphorePermit,
}

/// `len` bytes from `from` on; `place` is free again when it is dropped. A file that cannot be read
/// to there breaks the answer off: its length was told, so the client sees that.
pub(crate) fn sending(
    app: App,
    file: &MapFile,
    (from, len): (u64, u64),
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = io::Result<Bytes>> + use<> {
    let content = Arc::clone(&file.content);
    let begun = Sending { app, content, from, left: len, _place: place };
    futures_util::stream::unfold(begun, |mut sending| async move {
        let piece = sending.next().await?;
        Some((piece, sending))
    })
}

impl Sending {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        let len = self.left.min(PIECE_BYTES);
        if len == 0 {
            return None;
        }
        let (content, from) = (Arc::clone(&self.content), self.from);
        let read = self.app.read_map(move || read(content.as_ref(), from, len)).await;
        match read {
            Ok(Ok(bytes)) => {
                self.from += len;
                self.left -= len;
                Some(Ok(bytes))
            }
            Ok(Err(error)) => Some(Err(self.broken(error))),
            Err(failure) => Some(Err(self.broken(io::Error::other(failure)))),
        }
    }

    fn broken(&mut self, error: io::Error) -> io::Error {
        tracing::error!(%error, from = self.from, "the map file broke off");
        self.left = 0;
        error
    }
}

fn read(content: &dyn MapContent, from: u64, len: u64) -> io::Result<Bytes> {
    let mut piece = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    content.read_at(from, &mut piece)?;
    Ok(piece.into())
}
