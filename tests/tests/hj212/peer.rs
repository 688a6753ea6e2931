//! A data logger by hand: the packets of the fixtures, and a socket.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::wait::poll;

/// Longest wait for the listener, and for one thank.
const PATIENCE: Duration = Duration::from_secs(20);

/// The packets of the fixtures, each with its end.
pub(crate) fn packets() -> Result<Vec<Vec<u8>>> {
    let text = fs::read_to_string(binary::root().join("tests/fixtures/hj212/packets.txt"))?;
    let packets: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("##"))
        .map(|line| format!("{line}\r\n").into_bytes())
        .collect();
    ensure!(packets.len() == 21, "{} packets", packets.len());
    Ok(packets)
}

/// The frame of a data segment, with the sum of HJ 212-2017, appendix A.
pub(crate) fn frame(data: &str) -> Vec<u8> {
    let mut sum: u16 = 0xFFFF;
    for byte in data.bytes() {
        sum = (sum >> 8) ^ u16::from(byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xA001 } else { sum >> 1 };
        }
    }
    format!("##{:04}{data}{sum:04X}\r\n", data.len()).into_bytes()
}

/// One connection to the station.
#[derive(Debug)]
pub(crate) struct Peer {
    stream: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Peer {
    pub(crate) fn dial(port: u16) -> Result<Self> {
        let dial = || Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok());
        let stream = poll("the listener for loggers", PATIENCE, dial)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let answers = BufReader::new(stream.try_clone()?);
        Ok(Self { stream, answers })
    }

    pub(crate) fn say(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(bytes)?)
    }

    /// Reads answers up to the thanks for the packet with this QN.
    pub(crate) fn thanked(&mut self, qn: &str) -> Result<()> {
        self.heard(qn, |data| data.starts_with(qn) && data.contains(";CN=9014;")).map(drop)
    }

    /// Reads up to what has `words` in it.
    pub(crate) fn told(&mut self, words: &str) -> Result<String> {
        self.heard(words, |data| data.contains(words))
    }

    fn heard(&mut self, what: &str, is_it: impl Fn(&str) -> bool) -> Result<String> {
        loop {
            let mut line = String::new();
            let count = self.answers.read_line(&mut line).with_context(|| format!("no {what}"))?;
            ensure!(count > 0, "the station closed the connection before {what}");
            let data = line.get(6..line.len().saturating_sub(6)).unwrap_or_default();
            ensure!(line.as_bytes() == frame(data), "not a frame: {line}");
            if is_it(data) {
                return Ok(data.to_owned());
            }
        }
    }
}
