//! The link of an edge gateway over a real socket: who may open it, what passes, how it ends.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::fake::Station;

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn served(station: &Station) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let router = station.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    addr
}

async fn open(addr: SocketAddr, headers: &[(&str, &str)]) -> Result<Socket, Error> {
    let mut request = format!("ws://{addr}/api/v1/link").into_client_request().unwrap();
    for (name, value) in headers {
        let name = tokio_tungstenite::tungstenite::http::HeaderName::from_bytes(name.as_bytes());
        request.headers_mut().insert(name.unwrap(), value.parse().unwrap());
    }
    tokio_tungstenite::connect_async(request).await.map(|(socket, _)| socket)
}

const RIGHT: [(&str, &str); 2] = [("siskin-edge", "gw-1"), ("authorization", "Bearer right")];

#[tokio::test]
async fn who_has_no_token_is_refused_before_anything_is_upgraded() {
    let addr = served(&Station::new()).await;
    let wrong = [("siskin-edge", "gw-1"), ("authorization", "Bearer wrong")];
    let other = [("siskin-edge", "gw-2"), ("authorization", "Bearer right")];
    for headers in [&[][..], &RIGHT[..1], &RIGHT[1..], &wrong, &other] {
        let Err(Error::Http(answer)) = open(addr, headers).await else {
            panic!("{headers:?} opened a link");
        };
        assert_eq!(answer.status(), 401, "{headers:?}");
        let body = String::from_utf8(answer.body().clone().unwrap()).unwrap();
        assert!(body.contains("/problems/link-refused") && body.contains("网关编号"), "{body}");
        assert!(!body.contains("right") && !body.contains("wrong"), "a token is shown: {body}");
    }
}

#[tokio::test]
async fn binary_messages_pass_both_ways_and_text_ends_the_link() {
    let addr = served(&Station::new()).await;
    let mut socket = open(addr, &RIGHT).await.unwrap();
    for length in [0, 1, 1_000_000] {
        let sent = Message::Binary(vec![7; length].into());
        socket.send(sent.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), sent);
    }
    socket.send(Message::Text("hello".into())).await.unwrap();
    assert!(!matches!(socket.next().await, Some(Ok(Message::Binary(_) | Message::Text(_)))));
}

#[tokio::test]
async fn the_station_ends_a_link() {
    let station = Station::new();
    let addr = served(&station).await;
    let mut socket = open(addr, &RIGHT).await.unwrap();
    socket.send(Message::Binary(vec![1].into())).await.unwrap();
    socket.next().await.unwrap().unwrap();
    station.fake.link_closed.cancel();
    assert!(!matches!(socket.next().await, Some(Ok(Message::Binary(_) | Message::Text(_)))));
}

#[tokio::test]
async fn a_message_beyond_the_limit_ends_the_link() {
    let addr = served(&Station::new()).await;
    let mut socket = open(addr, &RIGHT).await.unwrap();
    // The server may end it while this is still being written.
    let _cut = socket.send(Message::Binary(vec![0; (1 << 20) + 1].into())).await;
    assert!(!matches!(socket.next().await, Some(Ok(Message::Binary(_)))));
}
