//! The MQTT source over a real socket, against a broker played by hand: every byte is MQTT 3.1.1 or
//! 5.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests; a panic is how they fail"
)]

mod support;

use siskin_model::site::{Connection, MqttVersion, Quantity};
use siskin_model::{AnalyzerId, LinkState, Quality, Site};
use support::{Station, clock, site};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const TOPIC: &str = "park/at-401/reading";

/// One packet: its first byte and its body (bodies here are shorter than 128 bytes).
async fn packet(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    loop {
        let first = stream.read_u8().await.unwrap();
        let len = usize::from(stream.read_u8().await.unwrap());
        assert!(len < 128);
        let mut body = vec![0; len];
        stream.read_exact(&mut body).await.unwrap();
        if first != 0xC0 {
            return (first, body);
        }
        stream.write_all(&[0xD0, 0]).await.unwrap(); // ping
    }
}

/// Accepts the session and its subscription.
async fn accept(listener: &TcpListener, resumed: bool) -> TcpStream {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (first, body) = packet(&mut stream).await;
    assert_eq!(first, 0x10);
    // Clean session is off: the broker keeps what was not acknowledged.
    assert_eq!(body[7] & 0x02, 0);
    stream.write_all(&[0x20, 2, u8::from(resumed), 0]).await.unwrap();
    let (first, body) = packet(&mut stream).await;
    assert_eq!(first, 0x82);
    assert_eq!(&body[4..4 + TOPIC.len()], TOPIC.as_bytes());
    assert_eq!(body[4 + TOPIC.len()], 1, "QoS 1");
    stream.write_all(&[0x90, 3, body[0], body[1], 1]).await.unwrap();
    stream
}

async fn publish(stream: &mut TcpStream, id: u16, payload: &str) {
    let mut body = vec![0, u8::try_from(TOPIC.len()).unwrap()];
    body.extend_from_slice(TOPIC.as_bytes());
    body.extend_from_slice(&id.to_be_bytes());
    body.extend_from_slice(payload.as_bytes());
    let mut out = vec![0x32, u8::try_from(body.len()).unwrap()];
    out.append(&mut body);
    stream.write_all(&out).await.unwrap();
}

fn payload(value: &str) -> String {
    let ts = clock()().as_millis();
    format!("{{\"ts\":{ts},\"value\":{value},\"unit\":\"ppm\",\"status\":\"ok\"}}")
}

fn park(port: u16) -> Site {
    let topic = TOPIC.to_owned();
    let mut site = site("siskin-json", "value", Connection::Mqtt { topic });
    site.analyzers[0].id = AnalyzerId::new("at-401").unwrap();
    assert!(matches!(site.channels[0].quantity, Quantity::Gas(_)));
    site.broker.as_mut().unwrap().port = port;
    site
}

#[tokio::test]
async fn a_message_is_acknowledged_after_its_commit_and_in_order() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut station = Station::start(park(listener.local_addr().unwrap().port()));
    let mut broker = accept(&listener, false).await;
    publish(&mut broker, 1, &payload("0.5")).await;
    publish(&mut broker, 2, "{\"value\":NaN}").await;
    publish(&mut broker, 3, &payload("0.7")).await;
    let (first, commit_first) = station.reading().await;
    let (third, commit_third) = station.reading().await;
    assert_eq!((first.value, third.value), (Some(0.5), Some(0.7)));
    // The third is on disk before the first: still nothing is acknowledged before the first is.
    commit_third.unwrap().send(()).unwrap();
    commit_first.unwrap().send(()).unwrap();
    for id in 1..=3 {
        assert_eq!(packet(&mut broker).await, (0x40, vec![0, id]));
    }
    let refused = station.health.iter().any(|h| {
        let why = h.last_error.as_deref().unwrap_or_default();
        h.link == LinkState::Degraded && why.contains("no number `NaN`")
    });
    assert!(refused, "{:?}", station.health);
    station.stop().await;
}

/// Acknowledgements share a bounded queue with nothing to push back on it: many commits at once
/// must not overflow it, which would cost the connection.
#[tokio::test]
async fn a_burst_of_commits_keeps_the_connection() {
    const BURST: u16 = 2_000;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut station = Station::start(park(listener.local_addr().unwrap().port()));
    let mut broker = accept(&listener, false).await;
    let burst = tokio::spawn(async move {
        let message = payload("0.5");
        for id in 1..=BURST {
            publish(&mut broker, id, &message).await;
        }
        broker
    });
    for _ in 1..=BURST {
        let (_, commit) = station.reading().await;
        commit.unwrap().send(()).unwrap();
    }
    let mut broker = burst.await.unwrap();
    for id in 1..=BURST {
        let acknowledged = packet(&mut broker).await;
        assert_eq!(acknowledged, (0x40, id.to_be_bytes().to_vec()));
    }
    station.stop().await;
}

#[tokio::test]
async fn what_was_not_stored_is_not_acknowledged_and_comes_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut station = Station::start(park(listener.local_addr().unwrap().port()));
    let mut broker = accept(&listener, false).await;
    let message = payload("0.5");
    publish(&mut broker, 9, &message).await;
    let (reading, commit) = station.reading().await;
    assert_eq!(reading.value, Some(0.5));
    drop(commit);
    // The source drops the line without an acknowledgement.
    let mut rest = Vec::new();
    broker.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "{rest:?}");
    let mut broker = accept(&listener, true).await;
    publish(&mut broker, 9, &message).await;
    let (again, commit) = station.reading().await;
    assert_eq!(again.measured_at, reading.measured_at);
    commit.unwrap().send(()).unwrap();
    assert_eq!(packet(&mut broker).await, (0x40, vec![0, 9]));
    station.stop().await;
}

#[tokio::test]
async fn a_lost_broker_is_said_once_and_found_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut station = Station::start(park(listener.local_addr().unwrap().port()));
    let broker = accept(&listener, false).await;
    drop(broker);
    let (lost, commit) = station.reading().await;
    assert_eq!((lost.value, lost.quality), (None, Quality::CommLost));
    assert!(commit.is_none());
    drop(accept(&listener, true).await);
    let mut broker = accept(&listener, true).await;
    publish(&mut broker, 4, &payload("0.5")).await;
    let (next, commit) = station.reading().await;
    assert_eq!((next.value, next.quality), (Some(0.5), Quality::Good));
    commit.unwrap().send(()).unwrap();
    assert_eq!(packet(&mut broker).await, (0x40, vec![0, 4]));
    station.stop().await;
}

/// Accepts a session of MQTT 5 and its subscription.
async fn accept_5(listener: &TcpListener, resumed: bool) -> TcpStream {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (first, body) = packet(&mut stream).await;
    assert_eq!((first, body[6]), (0x10, 5));
    // Clean start is off, and the session is to be kept for a week (property 0x11).
    assert_eq!(body[7] & 0x02, 0);
    let kept_s = 604_800_u32.to_be_bytes();
    let expiry = [&[0x11], &kept_s[..]].concat();
    assert!(body.windows(5).any(|window| window == expiry), "{body:?}");
    stream.write_all(&[0x20, 3, u8::from(resumed), 0, 0]).await.unwrap();
    let (first, body) = packet(&mut stream).await;
    assert_eq!(first, 0x82);
    assert_eq!(&body[5..5 + TOPIC.len()], TOPIC.as_bytes());
    assert_eq!(body[5 + TOPIC.len()] & 0x03, 1, "QoS 1");
    stream.write_all(&[0x90, 4, body[0], body[1], 0, 1]).await.unwrap();
    stream
}

/// `first` is the packet's first byte, with or without DUP.
async fn publish_5(stream: &mut TcpStream, first: u8, id: u8, payload: &str) {
    let topic_len = u8::try_from(TOPIC.len()).unwrap();
    let body = [&[0, topic_len], TOPIC.as_bytes(), &[0, id, 0], payload.as_bytes()].concat();
    let mut out = vec![first, u8::try_from(body.len()).unwrap()];
    out.extend(body);
    stream.write_all(&out).await.unwrap();
}

#[tokio::test]
async fn mqtt_5_acknowledges_after_the_commit_and_hears_again_what_was_not_stored() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut site = park(listener.local_addr().unwrap().port());
    site.broker.as_mut().unwrap().version = MqttVersion::V5;
    let mut station = Station::start(site);
    let mut broker = accept_5(&listener, false).await;
    let message = payload("0.5");
    publish_5(&mut broker, 0x32, 9, &message).await;
    let (reading, commit) = station.reading().await;
    assert_eq!(reading.value, Some(0.5));
    drop(commit);
    // The source drops the line without an acknowledgement.
    let mut rest = Vec::new();
    broker.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "{rest:?}");
    let mut broker = accept_5(&listener, true).await;
    publish_5(&mut broker, 0x3A, 9, &message).await;
    let (again, commit) = station.reading().await;
    assert_eq!((again.measured_at, again.value), (reading.measured_at, reading.value));
    commit.unwrap().send(()).unwrap();
    let (first, body) = packet(&mut broker).await;
    assert_eq!((first, &body[..2]), (0x40, &[0, 9][..]));
    station.stop().await;
}
