//! Probing devices on loopback: small Modbus TCP servers that hold the registers of golden dumps.

use std::collections::BTreeMap;

use clap::Parser;
use siskin_model::site::{Connection, Parity, SerialLine};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::cli::{Cli, Command};

/// Holding registers of a device; an address without one is refused with exception 2.
type Registers = BTreeMap<u16, u16>;

fn registers(first: u16, words: &[u16]) -> Registers {
    (first..).zip(words.iter().copied()).collect()
}

/// An XNX with 24.0 ppm CO (41C0 0000), normal.
fn xnx() -> Registers {
    registers(0, &[0x2401, 0, 0x41C0, 0, 0, 0, 1, 17, 0, 0, 4])
}

async fn serve(registers: Registers) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, registers.clone()));
        }
    });
    port
}

/// Answers reads of functions 3 and 4 until the caller is gone.
async fn talk(mut stream: TcpStream, registers: Registers) -> std::io::Result<()> {
    loop {
        let mut ask = [0u8; 12];
        stream.read_exact(&mut ask).await?;
        let [t0, t1, _, _, _, _, unit, fc, a0, a1, n0, n1] = ask;
        let (addr, len) = (u16::from_be_bytes([a0, a1]), u16::from_be_bytes([n0, n1]));
        let words: Option<Vec<u16>> =
            (addr..addr + len).map(|addr| registers.get(&addr).copied()).collect();
        let pdu = words.map_or(vec![fc | 0x80, 2], |words| {
            let mut pdu = vec![fc, u8::try_from(words.len() * 2).unwrap()];
            pdu.extend(words.iter().flat_map(|word| word.to_be_bytes()));
            pdu
        });
        let length = u16::try_from(pdu.len() + 1).unwrap().to_be_bytes();
        let mut answer = vec![t0, t1, 0, 0, length[0], length[1], unit];
        answer.extend(pdu);
        stream.write_all(&answer).await?;
    }
}

fn args(typed: &[&str]) -> ProbeArgs {
    let typed = ["siskin", "probe"].iter().chain(typed);
    let Command::Probe(args) = Cli::try_parse_from(typed).unwrap().command else {
        panic!("another command");
    };
    *args
}

/// The sheet of a device that holds `registers`, and how many things disagree.
async fn probed(name: &str, registers: Registers, more: &[&str]) -> (String, usize) {
    let address = format!("127.0.0.1:{}", serve(registers).await);
    let args = args(&[&["--profile", name, "--tcp", &address], more].concat());
    let profile = profile(name, None).unwrap();
    let wanted = wanted(&profile, &args.channels).unwrap();
    let connection = args.connection(&profile).unwrap();
    let mut plan = Plan::whole(&profile).unwrap();
    let seen = look::look(&connection, args.pace(&profile), &mut plan).await.unwrap();
    sheet::sheet(&profile, &seen, &wanted)
}

async fn check(name: &str, registers: Registers, more: &[&str], disagree: usize, says: &[&str]) {
    let (text, found) = probed(name, registers, more).await;
    assert_eq!(found, disagree, "{text}");
    for part in says {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

#[tokio::test]
async fn a_healthy_device_is_shown_with_registers_values_and_reasons() {
    let says = [
        "2401 0000 41C0 0000 0000 0000 0001 0011",
        "24 ppm  [good]",
        "state = normal",
        "没有发现不符之处 · nothing disagrees",
        "points.gas.order: the manual does not state the word order",
    ];
    check("honeywell-xnx", xnx(), &[], 0, &says).await;
}

#[tokio::test]
async fn an_inhibited_device_says_why_its_zero_is_no_clean_air() {
    let mut held = xnx();
    held.extend([(2, 0), (6, 3)]);
    check("honeywell-xnx", held, &[], 0, &["0 ppm  [maintenance] state = inhibit"]).await;
}

#[tokio::test]
async fn what_disagrees_is_said_in_both_languages() {
    let changed = |place: u16, word: u16| {
        let mut registers = xnx();
        registers.insert(place, word);
        registers
    };
    let name = "honeywell-xnx";
    check(name, changed(0, 0x2501), &[], 1, &["identity: "]).await;
    check(name, changed(6, 21), &[], 1, &["state 0015 is in no table", "不在手册的表中"]).await;
    check(name, changed(10, 12), &[], 1, &["unit code 12", "单位代码 12"]).await;
    let more = ["--channel", "gas=mg/m3"];
    check(name, xnx(), &more, 1, &["the device says ppm, the channel is in mg/m3"]).await;
    let mut swapped = xnx();
    swapped.extend([(2, 0), (3, 0x41C0)]);
    check(name, swapped, &[], 1, &["word order CDAB would give 24", "CDAB"]).await;
}

#[tokio::test]
async fn one_address_that_is_not_there_hides_no_other() {
    let mut station = registers(0, &[0; 21]);
    station.extend([(8, 0x4040), (513, 0), (514, 0)]);
    // 3.0 m/s; the gust at 14 and 15 does not exist.
    station.retain(|addr, _| *addr != 15);
    let says = ["3 m/s", "gust: 设备没有这个地址", "the device has no such address"];
    // Register 21, the second half of the sonic temperature, is not there either.
    check("vaisala-wm80", station, &[], 2, &says).await;
}

#[tokio::test]
async fn nobody_there_is_an_error_in_both_languages() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let args = args(&["--profile", "honeywell-xnx", "--tcp", &address]);
    let profile = profile("honeywell-xnx", None).unwrap();
    let error = one(&args, &profile, &BTreeMap::new()).await.unwrap_err().to_string();
    assert_eq!(error.lines().count(), 2, "{error}");
    assert!(!error.is_ascii(), "{error}");
}

#[test]
fn what_is_not_typed_comes_from_the_profile() {
    let profile = profile("draeger-polytron-8000", None).unwrap();
    let typed = args(&["--profile", "x", "--serial", "/dev/ttyUSB0", "--baud", "19200"]);
    let line = |parity, stop_bits| SerialLine {
        path: "/dev/ttyUSB0".to_owned(),
        baud: 19_200,
        parity,
        stop_bits,
    };
    let want = Connection::ModbusRtu { line: line(Parity::Even, 1), unit: 126 };
    assert_eq!(typed.connection(&profile).unwrap(), want);
    let typed = args(&["--profile", "x", "--tcp", "[::1]:502", "--rtu", "--unit", "7"]);
    let want = Connection::ModbusRtuOverTcp { host: "::1".to_owned(), port: 502, unit: 7 };
    assert_eq!(typed.connection(&profile).unwrap(), want);
}

#[test]
fn what_cannot_be_used_is_refused_with_a_hint() {
    let refused = |error: anyhow::Error, want: &str| {
        let error = format!("{error:#}");
        assert!(error.contains(want) && error.contains("hint: "), "{error}");
    };
    refused(profile("acme-1", None).unwrap_err(), "there is no profile `acme-1`");
    let xnx = profile("honeywell-xnx", None).unwrap();
    refused(wanted(&xnx, &["gas".to_owned()]).unwrap_err(), "`gas` is not POINT=UNIT");
    refused(wanted(&xnx, &["state=ppm".to_owned()]).unwrap_err(), "there is no value `state`");
    let typed = args(&["--profile", "x", "--tcp", "localhost"]);
    refused(typed.connection(&xnx).unwrap_err(), "`localhost` is no address");
    let nothing = Cli::try_parse_from(["siskin", "probe", "--profile", "x"]);
    assert!(nothing.is_err());
}
