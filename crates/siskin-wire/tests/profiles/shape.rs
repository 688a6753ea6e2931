//! What of the profiles is no state: requests, heartbeats, answers of the wrong shape.

use siskin_model::Unit;
use siskin_model::site::Range;
use siskin_wire::Slot;
use siskin_wire::modbus::{Answer, Plan, Request};
use siskin_wire::profile::ReadFunction;

use super::{dump, profile};

fn slot(point: &str, unit: Unit, high: f64) -> Slot {
    let range = Range { low: 0.0, high };
    Slot { point: point.into(), unit, range, factors: vec![(unit, 1.0)] }
}

fn request(fc: u8, addr: u16, len: u16) -> Request {
    Request { fc: ReadFunction::try_from(fc).unwrap(), addr, len }
}

fn check_requests(id: &str, want: &[(u8, u16, u16)]) {
    let want: Vec<_> = want.iter().map(|&(fc, addr, len)| request(fc, addr, len)).collect();
    assert_eq!(dump(id).plan(&profile(id)).requests(), want, "{id}");
}

#[test]
fn few_requests_within_the_limits_of_the_devices() {
    check_requests("honeywell-midas", &[(3, 0, 10)]);
    check_requests("honeywell-xnx", &[(3, 0, 11)]);
    check_requests("teledyne-t102", &[(2, 15, 5), (4, 34, 6)]);
    check_requests("vaisala-wxt530", &[(4, 10, 33)]);
    // All of a Beacon in one request, so that its mode and its values are of one moment.
    check_requests("rki-beacon-410", &[(3, 0, 57)]);
    // Register 1 resets the minimum and maximum when it is read: no gap is filled.
    let lambrecht = [0, 200, 400, 600, 800].map(|addr| (4, addr, 1));
    check_requests("lambrecht-usonic", &lambrecht);
}

/// The manual's first example, `02 03 08 30 00 01 86 56`: its CRC proves that the address is the
/// one on the wire, 2000 + 96.
#[test]
fn the_mx43_is_asked_as_its_manual_prints_it() {
    let printed = [0x02, 0x03, 0x08, 0x30, 0x00, 0x01];
    let plan = Plan::new(&profile("oldham-mx43"), vec![slot("ppm-96", Unit::Ppm, 100.0)]).unwrap();
    let [asked] = plan.requests() else { panic!("{:?}", plan.requests()) };
    let [addr_high, addr_low] = asked.addr.to_be_bytes();
    let [len_high, len_low] = asked.len.to_be_bytes();
    let frame = [0x02, u8::from(asked.fc), addr_high, addr_low, len_high, len_low];
    assert_eq!(frame, printed);
}

fn midas() -> Plan {
    Plan::new(&profile("honeywell-midas"), vec![slot("gas", Unit::Ppm, 50.0)]).unwrap()
}

#[test]
fn midas_heartbeat_is_its_seconds() {
    let registers = vec![1, 0, 0, 0x3F00, 0, 0, 0x0100, 0, 0, 4711];
    let decoded = midas().decode(&[Answer::Registers(registers)]).unwrap();
    assert_eq!(decoded.heartbeat, Some(4711));
}

#[test]
fn answers_of_the_wrong_shape_are_errors() {
    let short = midas().decode(&[Answer::Registers(vec![0; 9])]);
    assert_eq!(
        short.unwrap_err().to_string(),
        "the answer to function 3 at 0 has 9 values instead of 10; \
         hint: compare the device with its profile"
    );
    assert!(midas().decode(&[Answer::Registers(vec![0; 11])]).is_err());
    assert!(midas().decode(&[Answer::Bits(vec![false; 10])]).is_err());
    assert!(midas().decode(&[]).is_err());
}

#[test]
fn a_channel_on_a_point_that_is_no_value_is_refused() {
    let error = Plan::new(&profile("honeywell-xnx"), vec![slot("state", Unit::Ppm, 1.0)]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "profile `honeywell-xnx` has no value point `state`; hint: its value points are: gas"
    );
    let json = Plan::new(&profile("siskin-json"), Vec::new());
    assert!(json.unwrap_err().to_string().contains("another protocol"));
}
