//! Streams of stored readings over real sockets: clients that are slow, leave, or are too many.

use std::sync::atomic::Ordering;

use siskin_api::{Transport, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fake::Station;

const STREAMS_MAX: usize = 4;
/// A thousand hours of the fake's readings: some 1.8 GB.
const PATH: &str = "/api/v1/records?from_ms=0&to_ms=3600000000";
/// Bytes of one question to the fake's busy channel, at least; the other channel's are few.
const HOUR_BYTES: usize = 14_400 * 100;
/// More than the system and the server keep of one connection.
const BUFFERED_BYTES_MAX: usize = 32 << 20;

async fn open(address: std::net::SocketAddr) -> TcpStream {
    let mut tcp = TcpStream::connect(address).await.unwrap();
    let request =
        format!("GET {PATH} HTTP/1.1\r\nHost: park\r\nAuthorization: Bearer viewer\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.unwrap();
    tcp
}

/// The status and what came with it.
async fn status(tcp: &mut TcpStream) -> String {
    let mut piece = [0; 1024];
    let count = tcp.read(&mut piece).await.unwrap();
    let text = String::from_utf8_lossy(&piece[..count]).into_owned();
    text.get(9..12).unwrap_or_default().to_owned()
}

async fn served(station: &Station) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, Transport::Plain, station.router.clone(), station.stop.clone()));
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_holds_neither_memory_nor_others_up() {
    let station = Station::new();
    let address = served(&station).await;
    let mut tcp = open(address).await;
    let mut piece = vec![0; 64 << 10];
    let mut taken = 0;
    while taken < 16 << 20 {
        taken += tcp.read(&mut piece).await.unwrap();
        // Two questions for an hour of the busy channel and one for the other.
        let asked = station.fake.asked.load(Ordering::SeqCst) / 3;
        let read = usize::try_from(asked).unwrap() * HOUR_BYTES;
        assert!(read < taken + BUFFERED_BYTES_MAX, "{read} bytes are read, {taken} are taken");
    }
    let mut other = TcpStream::connect(address).await.unwrap();
    other
        .write_all(
            b"GET /api/v1/health HTTP/1.1\r\nHost: park\r\nAuthorization: Bearer viewer\r\n\r\n",
        )
        .await
        .unwrap();
    assert_eq!(status(&mut other).await, "200");
    station.stop.cancel();
    // It is told that this is not all, or cut: that depends on how fast it takes what is left.
    let mut rest = Vec::new();
    drop(tcp.read_to_end(&mut rest).await);
    assert!(!String::from_utf8_lossy(&rest).contains("\"complete\":true"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_makes_room_for_the_next() {
    let station = Station::new();
    let address = served(&station).await;
    let mut all = Vec::new();
    for _ in 0..STREAMS_MAX {
        let mut tcp = open(address).await;
        assert_eq!(status(&mut tcp).await, "200");
        all.push(tcp);
    }
    assert_eq!(status(&mut open(address).await).await, "503");
    all.pop();
    // The server sees it when it next writes, and nothing tells the test of that moment.
    while status(&mut open(address).await).await == "503" {
        tokio::task::yield_now().await;
    }
    station.stop.cancel();
}
