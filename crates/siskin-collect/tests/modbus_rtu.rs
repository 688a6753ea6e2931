//! RTU over a real TCP socket and over a pseudo-terminal, and the probe, against a simulated bus.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests; a panic is how they fail"
)]

mod support;

use std::time::Duration;

use siskin_collect::probe::{Heard, Pace, ProbeError, read_once};
use siskin_model::Quality;
use siskin_model::site::{Connection, Parity, SerialLine};
use siskin_sim::bus::port::{TcpPort, Terminal};
use siskin_sim::bus::{Bus, Fault, Framing, Slave};
use siskin_wire::modbus::{Answer, Request};
use siskin_wire::profile::ReadFunction;
use support::{Station, site};

const UNIT: u8 = 7;
const PACE: Pace = Pace { timeout_ms: 2_000, min_gap_ms: 5, connect_delay_ms: 0 };
const HEARTBEAT: &[u8] = b"DTU-00417 ONLINE\r\n";

/// A Midas by its status in register 0; the heartbeat and all else follow from the bus.
fn slave() -> Slave {
    Slave::new(UNIT, Duration::from_millis(2), 1)
}

fn bus(slave: Slave) -> Bus {
    Bus::new(Framing::Rtu, vec![slave]).chattering(Duration::from_millis(30), HEARTBEAT)
}

fn over_tcp(port: &TcpPort) -> Connection {
    let (host, port) = (port.addr.ip().to_string(), port.addr.port());
    Connection::ModbusRtuOverTcp { host, port, unit: UNIT }
}

fn serial(terminal: &Terminal) -> Connection {
    let path = terminal.path.clone();
    let line = SerialLine { path, baud: 9_600, parity: Parity::Even, stop_bits: 1 };
    Connection::ModbusRtu { line, unit: UNIT }
}

fn request(addr: u16, len: u16) -> Request {
    Request { fc: ReadFunction::HoldingRegisters, addr, len }
}

async fn check(connection: &Connection) {
    let requests = [request(2, 3), request(126, 3), request(40, 1)];
    let heard = read_once(connection, PACE, &requests).await.unwrap();
    assert_eq!(heard[0], Heard::Answer(Answer::Registers(vec![2, 3, 4])));
    assert!(matches!(heard[1], Heard::Exception { code: 2, .. }), "{heard:?}");
    assert_eq!(heard[2], Heard::Answer(Answer::Registers(vec![40])));
}

#[tokio::test]
async fn a_probe_reads_once_over_every_line() {
    let port = TcpPort::open(bus(slave())).await.unwrap();
    check(&over_tcp(&port)).await;
    let terminal = Terminal::open(bus(slave())).unwrap();
    check(&serial(&terminal)).await;
    let plain = TcpPort::open(Bus::new(Framing::Tcp, vec![slave()])).await.unwrap();
    let (host, port) = (plain.addr.ip().to_string(), plain.addr.port());
    check(&Connection::ModbusTcp { host, port, unit: UNIT }).await;
}

#[tokio::test]
async fn a_probe_says_what_it_did_not_hear() {
    let silent = slave().with(0..u64::MAX, Fault::Hang);
    let port = TcpPort::open(bus(silent)).await.unwrap();
    let pace = Pace { timeout_ms: 100, ..PACE };
    let heard = read_once(&over_tcp(&port), pace, &[request(0, 1)]).await.unwrap();
    let [Heard::Nothing { why }] = heard.as_slice() else { panic!("{heard:?}") };
    assert!(why.en.starts_with("no answer within 100 ms, ") && why.zh.contains("杂散字节"));
    let mqtt = Connection::Mqtt { topic: "a".into() };
    let refused = read_once(&mqtt, PACE, &[]).await.unwrap_err();
    assert_eq!(refused, ProbeError::Protocol { protocol: "mqtt" });
    let absent = SerialLine {
        path: "/dev/siskin-there-is-no-such-line".into(),
        baud: 9_600,
        parity: Parity::None,
        stop_bits: 1,
    };
    let absent = Connection::ModbusRtu { line: absent, unit: UNIT };
    let error = read_once(&absent, PACE, &[]).await;
    assert_eq!(error, Ok(Vec::new()), "nothing to ask, nothing opened");
    let error = read_once(&absent, PACE, &[request(0, 1)]).await.unwrap_err().text();
    assert!(error.en.contains("/dev/siskin-there-is-no-such-line") && error.zh.contains("串口"));
}

async fn reads(connection: Connection) {
    let mut station = Station::start(site("honeywell-midas", "gas", connection));
    // Whatever the value is: it is the device's, and it goes on coming.
    for _ in 0..20 {
        let (reading, _) = station.reading().await;
        assert_ne!(reading.quality, Quality::CommLost, "{reading:?}, {:?}", station.health);
    }
    station.stop().await;
}

#[tokio::test]
async fn a_station_reads_through_a_chattering_dtu() {
    let port = TcpPort::open(bus(slave())).await.unwrap();
    reads(over_tcp(&port)).await;
}

#[tokio::test]
async fn a_station_reads_a_serial_line() {
    let terminal = Terminal::open(bus(slave())).unwrap();
    reads(serial(&terminal)).await;
}
