//! The server over a real socket: it answers, streams, and stops with nothing left behind.

use std::net::SocketAddr;

use axum::Router;
use siskin_api::{Transport, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::fake::Station;

type Server = JoinHandle<std::io::Result<()>>;

async fn start(router: Router, stop: CancellationToken) -> (SocketAddr, Server) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, tokio::spawn(serve(listener, Transport::Plain, router, stop)))
}

async fn send(address: SocketAddr, text: &str) -> TcpStream {
    let mut tcp = TcpStream::connect(address).await.unwrap();
    tcp.write_all(text.as_bytes()).await.unwrap();
    tcp
}

/// Reads until `mark` has come.
async fn read_until(tcp: &mut TcpStream, mark: &str) -> String {
    let mut text = String::new();
    while !text.contains(mark) {
        let mut piece = [0; 1024];
        let count = tcp.read(&mut piece).await.unwrap();
        assert_ne!(count, 0, "ended before {mark}: {text}");
        text.push_str(std::str::from_utf8(&piece[..count]).unwrap());
    }
    text
}

#[tokio::test]
async fn it_answers_and_keeps_the_connection_for_the_next_request() {
    let station = Station::new();
    let (address, server) = start(station.router.clone(), station.stop.clone()).await;
    let request =
        "GET /api/v1/health HTTP/1.1\r\nHost: park\r\nAuthorization: Bearer viewer\r\n\r\n";
    let mut tcp = send(address, request).await;
    let first = read_until(&mut tcp, "\"counters\"").await;
    assert!(first.starts_with("HTTP/1.1 200 OK\r\n"), "{first}");
    tcp.write_all(request.as_bytes()).await.unwrap();
    read_until(&mut tcp, "HTTP/1.1 200 OK\r\n").await;
    station.stop.cancel();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn stopping_ends_streams_idle_connections_and_half_requests() {
    let station = Station::new();
    let (address, server) = start(station.router.clone(), station.stop.clone()).await;
    let mut stream = send(
        address,
        "GET /api/v1/events HTTP/1.1\r\nHost: park\r\nAuthorization: Bearer viewer\r\n\r\n",
    )
    .await;
    read_until(&mut stream, "event: hello").await;
    let mut idle = send(
        address,
        "GET /api/v1/site HTTP/1.1\r\nHost: park\r\nAuthorization: Bearer viewer\r\n\r\n",
    )
    .await;
    read_until(&mut idle, "simulated").await;
    let mut half = send(address, "GET /api/v1/si").await;
    station.stop.cancel();
    server.await.unwrap().unwrap();
    for tcp in [&mut stream, &mut idle, &mut half] {
        // An end or a reset, but no silence.
        drop(tcp.read_to_end(&mut Vec::new()).await);
    }
    assert!(TcpStream::connect(address).await.is_err(), "the port is still open");
}

#[tokio::test]
async fn a_client_that_leaves_gives_its_stream_back() {
    let station = Station::new();
    let (address, server) = start(station.router.clone(), station.stop.clone()).await;
    let mut tcp = send(
        address,
        "GET /api/v1/events HTTP/1.1\r\nHost: park\r\nAuthorization: Bearer viewer\r\n\r\n",
    )
    .await;
    read_until(&mut tcp, "event: hello").await;
    assert_eq!(station.fake.live.receiver_count(), 1);
    drop(tcp);
    // The server sees it when it next writes; every event here is a write.
    while station.fake.live.receiver_count() > 0 {
        drop(station.fake.live.send(crate::fake::event(1)));
        tokio::task::yield_now().await;
    }
    station.stop.cancel();
    server.await.unwrap().unwrap();
}
