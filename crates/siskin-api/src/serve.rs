//! The HTTP server: accepts connections within limits and stops within a second.
//!
//! Never lets a client that is slow, silent or gone hold a place for long, neither in a TLS
//! handshake nor after it, and leaves no task behind.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::access::Line;
use crate::places::{Place, Places};
use crate::tls::Transport;

/// Connections at the same time; the next ones wait in the system's queue.
const CONNECTIONS_MAX: usize = 512;
/// Those of one address; further ones are hung up on. All people behind one proxy share them.
const CONNECTIONS_EACH_MAX: usize = 256;
/// How long a client may take to send a request's head, and may stay silent between requests.
const HEAD_WAIT_MAX: Duration = Duration::from_secs(30);
/// How long sent data may stay unacknowledged before the connection counts as dead.
const DEAD_AFTER: Duration = Duration::from_secs(10);
/// The pause after an accept that failed, for example for want of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long answers that are on their way may take to finish when the station stops.
const STOP_WAIT_MAX: Duration = Duration::from_millis(700);

/// Serves `router` on `listener` until `stop`. An error means that the listener cannot be used.
pub async fn serve(
    listener: TcpListener,
    transport: Transport,
    router: Router,
    stop: CancellationToken,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, "the HTTP server listens");
    let mut connections = JoinSet::new();
    let places = Places::new(CONNECTIONS_EACH_MAX);
    let inside = Inside { transport, router, stop, places };
    accept(listener, &inside, CONNECTIONS_MAX, &mut connections).await;
    let finish = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_WAIT_MAX, finish).await.is_err() {
        tracing::warn!(open = connections.len(), "HTTP connections are cut");
    }
    connections.shutdown().await;
    Ok(())
}

/// What every connection is given.
#[derive(Clone)]
struct Inside {
    transport: Transport,
    router: Router,
    stop: CancellationToken,
    places: Arc<Places>,
}

/// Accepts until the stop, never more than `connections_max` at once, and closes the listener.
async fn accept(
    listener: TcpListener,
    inside: &Inside,
    connections_max: usize,
    connections: &mut JoinSet<()>,
) {
    loop {
        let full = connections.len() >= connections_max;
        tokio::select! {
            () = inside.stop.cancelled() => return,
            Some(ended) = connections.join_next() => report(ended),
            accepted = listener.accept(), if !full => match accepted {
                Ok((tcp, peer)) => {
                    let Some(place) = inside.places.take(peer.ip()) else { continue };
                    prepare(&tcp);
                    connections.spawn(welcome(tcp, peer.ip(), place, inside.clone()));
                    if connections.len() >= connections_max {
                        tracing::warn!(connections_max, "no more HTTP connections are accepted");
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "an HTTP connection cannot be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
}

/// Makes the line to one client, and speaks over it.
async fn welcome(tcp: TcpStream, remote: IpAddr, _place: Place, inside: Inside) {
    let Inside { transport, router, stop, .. } = inside;
    match transport {
        Transport::Plain => converse(tcp, Line { remote, is_tls: false }, router, stop).await,
        Transport::Tls(certificate) => {
            let greeted = tokio::select! {
                greeted = certificate.greet(tcp) => greeted,
                () = stop.cancelled() => None,
            };
            if let Some(tls) = greeted {
                converse(tls, Line { remote, is_tls: true }, router, stop).await;
            }
        }
    }
}

/// Speaks with one client until it leaves or the station stops.
async fn converse<S>(socket: S, line: Line, router: Router, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let router = TowerToHyperService::new(router);
    let answer = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(line);
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT_MAX)
        .serve_connection(TokioIo::new(socket), answer)
        // The links of edge gateways; from then on the link's own task holds the socket.
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}

/// Small events leave at once, and a client whose cable was pulled frees its place. A connection
/// works without either, so a failure is only logged.
fn prepare(tcp: &TcpStream) {
    let socket = socket2::SockRef::from(tcp);
    #[cfg(target_os = "linux")]
    let dead_after = socket.set_tcp_user_timeout(Some(DEAD_AFTER));
    #[cfg(not(target_os = "linux"))]
    let dead_after = socket.set_tcp_keepalive(&socket2::TcpKeepalive::new().with_time(DEAD_AFTER));
    if let Err(error) = socket.set_tcp_nodelay(true).and(dead_after) {
        tracing::warn!(%error, "an HTTP connection keeps the system's settings");
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "the task of an HTTP connection failed");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn exchange(tcp: &mut TcpStream) -> String {
        tcp.write_all(b"GET / HTTP/1.1\r\nHost: park\r\n\r\n").await.unwrap();
        answer(tcp).await
    }

    async fn answer(tcp: &mut TcpStream) -> String {
        let mut text = String::new();
        while !text.ends_with("answer") {
            let mut piece = [0; 256];
            let count = tcp.read(&mut piece).await.unwrap();
            assert_ne!(count, 0, "ended after {text}");
            text.push_str(std::str::from_utf8(&piece[..count]).unwrap());
        }
        text
    }

    #[tokio::test]
    async fn a_connection_beyond_the_limit_waits_for_a_place() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "answer" }));
        let stop = CancellationToken::new();
        let places = Places::new(2);
        let inside = Inside { transport: Transport::Plain, router, stop: stop.clone(), places };
        let server = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            accept(listener, &inside, 1, &mut connections).await;
            connections.len()
        });
        let mut first = TcpStream::connect(address).await.unwrap();
        exchange(&mut first).await;
        let mut second = TcpStream::connect(address).await.unwrap();
        second.write_all(b"GET / HTTP/1.1\r\nHost: park\r\n\r\n").await.unwrap();
        // The first one is served as long as it likes; nothing has come for the second one.
        exchange(&mut first).await;
        let waiting = second.try_read(&mut [0; 1]).unwrap_err();
        assert_eq!(waiting.kind(), io::ErrorKind::WouldBlock);
        drop(first);
        assert!(answer(&mut second).await.starts_with("HTTP/1.1 200 OK"));
        stop.cancel();
        assert_eq!(server.await.unwrap(), 1);
    }
    /// A server whose clock runs ahead whenever it has nothing to do.
    async fn hurried(send: &[u8], stays: bool) -> Vec<u8> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "answer" }));
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve(listener, Transport::Plain, router, stop.clone()));
        let mut tcp = TcpStream::connect(address).await.unwrap();
        tcp.write_all(send).await.unwrap();
        let begun = tokio::time::Instant::now();
        let mut answer = Vec::new();
        // An end or a reset, but no silence.
        drop(tcp.read_to_end(&mut answer).await);
        let least = if stays { HEAD_WAIT_MAX } else { Duration::ZERO };
        assert!(begun.elapsed() >= least && begun.elapsed() <= HEAD_WAIT_MAX * 2);
        stop.cancel();
        server.await.unwrap().unwrap();
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_no_whole_head_is_hung_up_on() {
        for begun in [&b""[..], b"GET / HT", b"GET / HTTP/1.1\r\nHost: park\r\nX-A: b\r\n"] {
            let answer = hurried(begun, true).await;
            assert!(!answer.windows(6).any(|part| part == b"answer"), "{answer:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_is_too_large_or_has_broken_lines_is_refused() {
        let large = format!("GET / HTTP/1.1\r\nHost: park\r\nX-A: {}\r\n\r\n", "a".repeat(1 << 20));
        let many = format!("GET / HTTP/1.1\r\nHost: park\r\n{}\r\n", "X-A: b\r\n".repeat(200));
        let folded = "GET / HTTP/1.1\r\nHost: park\r\nX-A: b\r\n c: d\r\n\r\n".to_owned();
        let bare = "GET / HTTP/1.1\r\nHost: park\r\nX-A: b\rc\r\n\r\n".to_owned();
        let twice =
            "POST / HTTP/1.1\r\nHost: park\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab";
        for head in [large, many, folded, bare, twice.to_owned()] {
            let answer = hurried(head.as_bytes(), false).await;
            let text = String::from_utf8_lossy(&answer);
            assert!(!text.contains("answer"), "{head:.60}: {text}");
        }
    }
}
