//! The Modbus source over real sockets, against another implementation of the server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests; a panic is how they fail"
)]

mod support;

use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use siskin_collect::{CollectError, Priority, Sources};
use siskin_model::site::Connection;
use siskin_model::{LinkState, Quality, Reading};
use support::{Station, clock, profiles, site};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_modbus::server::Service;
use tokio_modbus::server::tcp::{Server, accept_tcp_connection};
use tokio_modbus::{ExceptionCode, Request, Response, SlaveRequest};
use tokio_util::sync::CancellationToken;

type Registers = Arc<Mutex<Result<Vec<u16>, ExceptionCode>>>;

#[derive(Clone)]
struct Midas(Registers);

impl Service for Midas {
    type Request = SlaveRequest<'static>;
    type Response = Response;
    type Exception = ExceptionCode;
    type Future = Ready<Result<Response, ExceptionCode>>;

    fn call(&self, asked: SlaveRequest<'static>) -> Self::Future {
        assert_eq!(asked.slave, 7);
        let registers = self.0.lock().unwrap().clone();
        ready(match asked.request {
            Request::ReadHoldingRegisters(addr, len) => registers.map(|words| {
                let from = usize::from(addr);
                let words = words[from..from + usize::from(len)].to_vec();
                Response::ReadHoldingRegisters(words)
            }),
            other => panic!("only holding registers are read, not {other:?}"),
        })
    }
}

/// Seconds of the device in register 9 let it be seen as alive.
fn registers(status: u16, high: u16) -> Vec<u16> {
    vec![status, 0, 0, high, 0, 0, 0x0100, 0, 0, 1, 0, 0]
}

async fn serve(addr: SocketAddr, registers: Registers) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind(addr).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let service = |_| Ok(Some(Midas(Arc::clone(&registers))));
        let on_connected =
            |stream, from| async move { accept_tcp_connection(stream, from, service) };
        let served = Server::new(listener).serve(&on_connected, |_| {}).await;
        panic!("the server ended: {served:?}");
    });
    (addr, task)
}

fn connection(addr: SocketAddr) -> Connection {
    Connection::ModbusTcp { host: addr.ip().to_string(), port: addr.port(), unit: 7 }
}

/// The next reading that `wanted` takes.
async fn reading_where(station: &mut Station, wanted: impl Fn(&Reading) -> bool) -> Reading {
    loop {
        let (reading, _) = station.reading().await;
        if wanted(&reading) {
            return reading;
        }
    }
}

#[tokio::test]
async fn values_exceptions_a_dead_server_and_its_return() {
    let shown: Registers = Arc::new(Mutex::new(Ok(registers(1, 0x3F00))));
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let (addr, server) = serve(any, Arc::clone(&shown)).await;
    let mut station = Station::start(site("honeywell-midas", "gas", connection(addr)));

    let (first, committed) = station.reading().await;
    assert_eq!((first.value, first.quality), (Some(0.5), Quality::Good));
    assert_eq!(first.measured_at, first.received_at);
    assert!(committed.is_none());

    *shown.lock().unwrap() = Ok(registers(0, 0x3F00));
    reading_where(&mut station, |r| r.quality == Quality::WarmUp).await;
    *shown.lock().unwrap() = Ok(registers(1, 0x4248));
    let over = reading_where(&mut station, |r| r.quality == Quality::OverRange).await;
    assert_eq!(over.value, Some(50.0));

    *shown.lock().unwrap() = Err(ExceptionCode::IllegalDataAddress);
    let fault = reading_where(&mut station, |r| r.quality == Quality::Fault).await;
    assert_eq!(fault.value, None);

    *shown.lock().unwrap() = Ok(registers(1, 0x3F80));
    reading_where(&mut station, |r| r.value == Some(1.0)).await;
    server.abort();
    let lost = reading_where(&mut station, |r| r.value.is_none()).await;
    assert_eq!(lost.quality, Quality::CommLost);

    let (_, again) = serve(addr, Arc::clone(&shown)).await;
    reading_where(&mut station, |r| r.value == Some(1.0)).await;
    let links: Vec<_> = station.health.iter().map(|h| h.link).collect();
    for link in [LinkState::Online, LinkState::Degraded, LinkState::Offline] {
        assert!(links.contains(&link), "{links:?}");
    }
    station.stop().await;
    again.abort();
}

#[tokio::test]
async fn sources_stop_while_a_device_hangs() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let station = Station::start(site("honeywell-midas", "gas", connection(addr)));
    // Accepted and never answered.
    let (_held, _) = listener.accept().await.unwrap();
    station.stop().await;
}

fn refused(profile: &str, point: &str) -> CollectError {
    let addr: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let site = Arc::new(site(profile, point, connection(addr)));
    let (out, _intake) = tokio::sync::mpsc::channel(1);
    let stop = CancellationToken::new();
    Sources::start(site, profiles(), out, clock(), Priority::nobody(), stop).unwrap_err()
}

#[tokio::test]
async fn a_site_that_cannot_be_read_is_refused_before_anything_starts() {
    let check = |profile: &str, point: &str, want: &str| {
        let text = refused(profile, point).to_string();
        assert!(text.contains(want) && text.contains("hint: "), "{text}");
    };
    check("acme", "gas", "has the profile `acme`, which does not exist");
    check("honeywell-midas", "state", "has no value point `state`");
    check("siskin-json", "value", "speaks another protocol");
}
