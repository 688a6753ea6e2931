//! The simulated bus read by a third party's master: mbpoll, which is libmodbus. Needs the Debian
//! package `mbpoll`, and says so where it is missing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests; a panic is how they fail"
)]

use std::time::Duration;

use siskin_sim::bus::port::{TcpPort, Terminal};
use siskin_sim::bus::{Bus, Fault, Framing, Slave};
use tokio::process::Command;

const UNIT: u8 = 7;
const VALUE: u16 = 1_234;

/// A good slave, one that refuses its registers, and one that damages what it says.
fn bus(framing: Framing) -> Bus {
    let slave = |unit| Slave::new(unit, Duration::from_millis(5), VALUE);
    let always = 0..u64::MAX;
    let refusing = slave(8).with(always.clone(), Fault::NoRegisters(40..41));
    Bus::new(framing, vec![slave(UNIT), refusing, slave(9).with(always, Fault::Damaged)])
}

/// What one poll of three registers from `addr` says, and whether it succeeded.
async fn poll(line: &[&str], unit: u8, function: &str, addr: &str) -> (bool, String) {
    let mut command = Command::new("mbpoll");
    // -0: addresses count from 0; -1: one poll; -o: seconds that an answer is waited for.
    command.args(["-0", "-1", "-o", "1", "-c", "3", "-t", function, "-r", addr]);
    command.args(["-a", &unit.to_string()]).args(line).kill_on_drop(true);
    let output = command.output().await.expect(
        "mbpoll cannot be started; hint: install the Debian package `mbpoll` (make debian-test)",
    );
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// Function 3 is "4" of mbpoll, function 4 is "3".
async fn check(line: &[&str], has_sums: bool) {
    for function in ["4", "3"] {
        let (is_good, text) = poll(line, UNIT, function, "40").await;
        assert!(is_good, "{text}");
        for register in ["[40]: \t40", "[41]: \t41", "[42]: \t42"] {
            assert!(text.contains(register), "`{register}` is not in:\n{text}");
        }
    }
    let (is_good, text) = poll(line, UNIT, "4", "0").await;
    assert!(is_good && text.contains("[0]: \t1234"), "{text}");
    let (is_good, text) = poll(line, 8, "4", "39").await;
    assert!(!is_good && text.contains("Illegal data address"), "{text}");
    let (is_good, text) = poll(line, UNIT, "4", "126").await;
    assert!(!is_good && text.contains("Illegal data address"), "{text}");
    // A sum that is wrong, and nobody.
    let (is_good, text) = poll(line, 9, "4", "40").await;
    assert!(!has_sums || !is_good && text.contains("Invalid CRC"), "{text}");
    let (is_good, text) = poll(line, 33, "4", "40").await;
    assert!(!is_good && text.contains("timed out"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tcp() {
    let port = TcpPort::open(bus(Framing::Tcp)).await.unwrap();
    check(&["-m", "tcp", "-p", &port.addr.port().to_string(), "127.0.0.1"], false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_serial_line() {
    let terminal = Terminal::open(bus(Framing::Rtu)).unwrap();
    check(&["-m", "rtu", "-b", "9600", "-P", "none", &terminal.path], true).await;
}
