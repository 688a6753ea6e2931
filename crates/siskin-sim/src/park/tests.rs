//! The park over real sockets on loopback, read by the wire code of the station.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use siskin_model::{Conditions, Quality};
use siskin_wire::Slot;
use siskin_wire::json::Mapping;
use siskin_wire::modbus::Answer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_modbus::ExceptionCode;
use tokio_modbus::client::{Context, Reader, Writer, tcp};
use tokio_modbus::slave::Slave;

use super::*;
use crate::PrivateBroker;
use crate::demo_site::{demo_site, wired_site};
use crate::devices::decoded::{plan, profile};
use crate::scenario::Happening;

/// A test that waits longer for a message than this has failed: nothing is measured by it.
const HANG: Duration = Duration::from_secs(30);

/// The Modbus half of the demo park with these states from the start.
fn wired(states: &[(&str, DeviceState)]) -> ParkSpec {
    let state = |(id, state): &(&str, DeviceState)| Happening::State {
        analyzer: AnalyzerId::new(id).unwrap(),
        from_s: 0.0,
        until_s: None,
        state: *state,
        exposed_to: None,
    };
    ParkSpec {
        site: wired_site(),
        seed: 1,
        scenario: Scenario { happenings: states.iter().map(state).collect(), ..Scenario::demo() },
        broker: None,
    }
}

fn address(park: &RunningPark, id: &str) -> SocketAddr {
    park.addresses()[&AnalyzerId::new(id).unwrap()]
}

async fn connect(park: &RunningPark, id: &str) -> Context {
    tcp::connect_slave(address(park, id), Slave(1)).await.unwrap()
}

/// Value and quality of every channel of an analyzer, as the station reads them.
async fn read(park: &RunningPark, id: &str) -> Vec<(Option<f64>, Quality)> {
    let plan = plan(id);
    let mut context = connect(park, id).await;
    let mut answers = Vec::new();
    for request in plan.requests() {
        let (at, count) = (request.addr, request.len);
        answers.push(match u8::from(request.fc) {
            2 => Answer::Bits(context.read_discrete_inputs(at, count).await.unwrap().unwrap()),
            3 => {
                let words = context.read_holding_registers(at, count).await;
                Answer::Registers(words.unwrap().unwrap())
            }
            _ => Answer::Registers(context.read_input_registers(at, count).await.unwrap().unwrap()),
        });
    }
    let decoded = plan.decode(&answers).unwrap();
    decoded.values.iter().map(|v| (v.value, v.quality)).collect()
}

const STATES: [(&str, DeviceState); 3] = [
    ("at-105", DeviceState::Calibration),
    ("at-201", DeviceState::Dead),
    ("at-202", DeviceState::Inhibited),
];

#[tokio::test]
async fn every_modbus_device_is_read_in_its_state() {
    let stop = CancellationToken::new();
    let park = RunningPark::start(wired(&STATES), stop.clone()).await.unwrap();
    assert_eq!(park.addresses().len(), 12);
    for id in ["at-101", "at-102", "at-103", "at-104", "at-203", "at-204", "at-205"] {
        let (value, quality) = read(&park, id).await[0];
        assert_eq!(quality, Quality::Good, "{id}");
        assert!((0.0..3.0).contains(&value.unwrap()), "{id}: {value:?}");
    }
    assert_eq!(read(&park, "at-105").await[0].1, Quality::Calibration);
    assert_eq!(read(&park, "at-202").await, [(Some(0.0), Quality::Maintenance)]);
    let fence = read(&park, "at-301").await;
    assert!(fence.iter().all(|(_, quality)| *quality == Quality::Good), "{fence:?}");
    let weather = read(&park, "ws-001").await;
    assert_eq!(weather.len(), 5);
    assert!(weather.iter().all(|(_, quality)| *quality == Quality::Good), "{weather:?}");
    assert!((230.0..265.0).contains(&weather[1].0.unwrap()), "{weather:?}");
    stop.cancel();
    let gone = address(&park, "at-101");
    park.stopped().await;
    TcpStream::connect(gone).await.unwrap_err();
}

/// What comes back on a connection that sends one request and then says that it sends no more.
async fn answer_to_one_request(to: SocketAddr) -> Vec<u8> {
    let mut stream = TcpStream::connect(to).await.unwrap();
    // Transaction 7, unit 1, function 3, one register from 6.
    let request = [0, 7, 0, 0, 0, 6, 1, 3, 0, 6, 0, 1];
    stream.write_all(&request).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_dead_device_accepts_and_never_answers_and_the_others_do() {
    let stop = CancellationToken::new();
    let park = RunningPark::start(wired(&STATES), stop.clone()).await.unwrap();
    for _ in 0..2 {
        let silence = answer_to_one_request(address(&park, "at-201")).await;
        assert_eq!(silence, [0u8; 0]);
        let answer = answer_to_one_request(address(&park, "at-203")).await;
        assert_eq!(answer, [0, 7, 0, 0, 0, 5, 1, 3, 2, 0, 1]);
    }
    stop.cancel();
    park.stopped().await;
}

#[tokio::test]
async fn what_a_client_does_wrong_is_an_exception() {
    let stop = CancellationToken::new();
    let park = RunningPark::start(wired(&[]), stop.clone()).await.unwrap();
    let mut xnx = connect(&park, "at-203").await;
    let outside = Err(ExceptionCode::IllegalDataAddress);
    assert_eq!(xnx.read_holding_registers(30, 7).await.unwrap(), outside);
    assert_eq!(xnx.read_input_registers(0, 1).await.unwrap(), outside);
    let refused = Err(ExceptionCode::IllegalFunction);
    assert_eq!(xnx.write_single_register(2, 0).await.unwrap(), refused);
    assert_eq!(xnx.read_holding_registers(6, 1).await.unwrap(), Ok(vec![1]));
    let other = tcp::connect_slave(address(&park, "at-203"), Slave(9)).await;
    let nobody = Err(ExceptionCode::GatewayTargetDevice);
    assert_eq!(other.unwrap().read_holding_registers(6, 1).await.unwrap(), nobody);
    stop.cancel();
    park.stopped().await;
}

#[tokio::test]
async fn a_device_has_few_places_and_gives_them_back() {
    let stop = CancellationToken::new();
    let park = RunningPark::start(wired(&[]), stop.clone()).await.unwrap();
    let mut held = Vec::new();
    for _ in 0..8 {
        let mut context = connect(&park, "at-101").await;
        context.read_holding_registers(0, 1).await.unwrap().unwrap();
        held.push(context);
    }
    let mut ninth = TcpStream::connect(address(&park, "at-101")).await.unwrap();
    assert_eq!(ninth.read(&mut [0; 1]).await.unwrap(), 0);
    drop(held);
    let again = async {
        while answer_to_one_request(address(&park, "at-101")).await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(HANG, again).await.unwrap();
    stop.cancel();
    park.stopped().await;
}

async fn subscriber(port: u16, topic: &str) -> (AsyncClient, EventLoop) {
    let options = MqttOptions::new("listener", "127.0.0.1", port);
    let (client, mut events) = AsyncClient::new(options, 16);
    client.subscribe(topic, QoS::AtLeastOnce).await.unwrap();
    while !matches!(events.poll().await.unwrap(), Event::Incoming(Packet::SubAck(_))) {}
    (client, events)
}

#[tokio::test]
async fn every_mqtt_device_publishes_what_the_station_reads() {
    let folder = tempfile::tempdir().unwrap();
    let broker = PrivateBroker::start(folder.path()).await.unwrap();
    let (_client, mut events) = subscriber(broker.port(), "park/+/reading").await;
    let stop = CancellationToken::new();
    let spec = ParkSpec {
        site: demo_site(),
        seed: 1,
        scenario: Scenario::demo(),
        broker: Some(("127.0.0.1".into(), broker.port())),
    };
    let site = Arc::clone(&spec.site);
    let park = RunningPark::start(spec, stop.clone()).await.unwrap();
    let mut heard = BTreeSet::new();
    let listen = async {
        while heard.len() < 12 {
            let Event::Incoming(Packet::Publish(message)) = events.poll().await.unwrap() else {
                continue;
            };
            assert_eq!((message.qos, message.retain), (QoS::AtLeastOnce, false));
            let from = site.analyzers.iter().position(
                |a| matches!(&a.connection, Connection::Mqtt { topic } if *topic == message.topic),
            );
            let channel = site.channels.iter().find(|c| Some(c.analyzer) == from).unwrap();
            let gas = channel.quantity.gas().and_then(|gas| site.gas(gas));
            let mut slot = Slot::new(channel, gas, Conditions::REFERENCE);
            slot.point = "value".into();
            let mapping = Mapping::new(&profile("siskin-json"), vec![slot]).unwrap();
            let decoded = mapping.decode(&message.payload, now(), 0).unwrap().remove(0);
            assert_eq!(decoded.refused, [], "{}", message.topic);
            assert_eq!(decoded.values[0].quality, Quality::Good, "{}", message.topic);
            heard.insert(message.topic);
        }
    };
    tokio::time::timeout(HANG, listen).await.unwrap();
    stop.cancel();
    park.stopped().await;
    broker.stop().await;
}

#[tokio::test]
async fn a_park_that_cannot_be_simulated_is_refused() {
    let check = async |change: fn(&mut Site), expected: &str| {
        let mut spec = wired(&[]);
        let mut site = spec.site.as_ref().clone();
        change(&mut site);
        spec.site = Arc::new(site);
        let error = RunningPark::start(spec, CancellationToken::new()).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    };
    check(|site| site.analyzers[0].profile = "abb-aztec".into(), "`abb-aztec`").await;
    check(|site| site.analyzers[0].profile = "teledyne-t102".into(), "cannot show").await;
    check(
        |site| {
            site.analyzers[0].connection = Connection::Mqtt { topic: "t".into() };
            site.analyzers[0].profile = "siskin-json".into();
        },
        "no broker was given",
    )
    .await;
    check(|site| site.gases.clear(), "molar mass").await;
}
