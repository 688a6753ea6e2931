//! Analyzers that answer: Modbus TCP with the register map of a Honeywell Midas, written here from
//! its manual. Each answer has a value of its own, so that a reading that is lost or kept twice
//! shows.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

use anyhow::{Context, Result, ensure};

/// Values count through so many hundredths of a ppm, all below every limit.
pub(crate) const VALUES: u16 = 100;
/// A request: seven bytes of head, function, address, quantity.
const REQUEST_BYTES: usize = 12;
/// Function 3, read holding registers.
const READ: u8 = 3;
/// Manual A-3: the device answers 16 registers from 0.
const REGISTERS: usize = 16;
/// Stack of a device's thread.
const STACK_BYTES: usize = 128 << 10;

/// Starts `count` devices, each on a port of its own; they end with the program.
pub(crate) fn start(count: usize) -> Result<Vec<u16>> {
    let one = |_| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        thread::Builder::new().stack_size(STACK_BYTES).spawn(move || serve(&listener))?;
        Ok(port)
    };
    (0..count).map(one).collect()
}

/// One connection after the other, as such devices do.
fn serve(listener: &TcpListener) {
    let mut answers = 0;
    for line in listener.incoming().flatten() {
        // Whoever asked has hung up.
        let _ended = converse(line, &mut answers);
    }
}

fn converse(mut line: TcpStream, answers: &mut u16) -> Result<()> {
    line.set_nodelay(true)?;
    let mut request = [0; REQUEST_BYTES];
    loop {
        line.read_exact(&mut request)?;
        *answers = answers.wrapping_add(1);
        line.write_all(&reply(request, *answers)?)?;
    }
}

fn reply(request: [u8; REQUEST_BYTES], answers: u16) -> Result<Vec<u8>> {
    let [id_high, id_low, _, _, _, _, unit, function, high, low, many_high, many_low] = request;
    ensure!(function == READ, "function {function}");
    let from = usize::from(u16::from_be_bytes([high, low]));
    let many = usize::from(u16::from_be_bytes([many_high, many_low]));
    let registers = registers(answers);
    let asked = registers.get(from..from + many).context("no such registers")?;
    let bytes = u8::try_from(2 * many)?;
    let mut out = vec![id_high, id_low, 0, 0, 0, 3 + bytes, unit, READ, bytes];
    out.extend(asked.iter().flat_map(|register| register.to_be_bytes()));
    Ok(out)
}

/// 40001 says that it monitors, 40003 the value, 40007 that it is in ppm, 40010 its seconds.
fn registers(answers: u16) -> [u16; REGISTERS] {
    let ppm = f32::from(answers % VALUES) / 100.0;
    let [a, b, c, d] = ppm.to_be_bytes();
    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    [1, 0, low, high, 0, 0, 0x0100, 0, 0, answers, 0, 0, 0, 0, 0, 0]
}
