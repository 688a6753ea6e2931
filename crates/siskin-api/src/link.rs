//! The link of an edge gateway: a WebSocket whose binary messages go to the backend and back.
//!
//! Knows nothing of what the messages say. A gateway proves itself by its token before anything is
//! upgraded. Must never read ahead of the backend: while its queue is full the socket is not read,
//! and the gateway keeps its readings.

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::response::Response;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::backend::LinkEnds;
use crate::problem::Failure;

/// The largest message in bytes; a gateway that sends a larger one is cut off.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// Bytes that may wait to be written to a slow gateway; beyond it the link is cut.
const WAITING_BYTES_MAX: usize = 4 << 20;
/// What names the gateway.
const EDGE: &str = "siskin-edge";

/// The link of an edge gateway.
///
/// A WebSocket for `siskin-edge` gateways. Each binary message is one frame of the link.
#[utoipa::path(
    get,
    path = "/link",
    params(
        ("siskin-edge" = String, Header, description = "The gateway's id"),
        ("authorization" = String, Header, description = "`Bearer` and the gateway's token")
    ),
    responses(
        (status = 101, description = "The link is open")
    )
)]
pub(crate) async fn link(
    State(app): State<App>,
    headers: HeaderMap,
    socket: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let token = text(AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    let (Some(edge), Some(token)) = (text(EDGE), token) else {
        return Err(Failure::LinkRefused);
    };
    let (edge, token) = (edge.to_owned(), token.to_owned());
    let name = edge.clone();
    let socket = socket.map_err(|_| Failure::NoWebSocket)?;
    let ends = app.call(move |backend| backend.open_link(&edge, &token)).await?;
    let stop = app.stop.clone();
    let socket = socket
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .max_write_buffer_size(WAITING_BYTES_MAX);
    Ok(socket.on_upgrade(move |socket| async move {
        converse(socket, ends, stop).await;
        tracing::info!(edge = name, "the link of an edge gateway is closed");
    }))
}

/// Passes messages both ways until one side ends.
async fn converse(mut socket: WebSocket, ends: LinkEnds, stop: CancellationToken) {
    let LinkEnds { to_station, mut from_station, closed } = ends;
    let reason = loop {
        tokio::select! {
            () = stop.cancelled() => break "the station stops",
            () = closed.cancelled() => break "the station ended the link",
            out = from_station.recv() => match out {
                Some(bytes) => {
                    if socket.send(Message::Binary(bytes.into())).await.is_err() {
                        return;
                    }
                }
                None => break "the station ended the link",
            },
            // A place first, then a message: what is read is never left lying.
            permit = to_station.reserve() => match permit {
                Ok(permit) => match next(&mut socket, &mut from_station, &closed, &stop).await {
                    Some(bytes) => permit.send(bytes),
                    None => return,
                },
                Err(_closed) => break "the station ended the link",
            },
        }
    };
    let close = CloseFrame { code: close_code::AWAY, reason: reason.into() };
    // The gateway may be gone already.
    let _gone = socket.send(Message::Close(Some(close))).await;
}

/// The next binary message; meanwhile what the station says goes out.
async fn next(
    socket: &mut WebSocket,
    from_station: &mut mpsc::Receiver<Vec<u8>>,
    closed: &CancellationToken,
    stop: &CancellationToken,
) -> Option<Vec<u8>> {
    loop {
        tokio::select! {
            () = stop.cancelled() => return None,
            () = closed.cancelled() => return None,
            message = socket.recv() => match message?.ok()? {
                Message::Binary(bytes) => return Some(bytes.into()),
                Message::Close(_) => return None,
                Message::Text(_) => {
                    tracing::warn!("an edge gateway sent a text message; the link is cut");
                    return None;
                }
                Message::Ping(_) | Message::Pong(_) => {}
            },
            out = from_station.recv() => {
                socket.send(Message::Binary(out?.into())).await.ok()?;
            }
        }
    }
}
