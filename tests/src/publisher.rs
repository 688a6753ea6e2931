//! A publisher that is faster than whoever reads: MQTT 3.1.1 as plain bytes, many packets a write.
//! Every message has QoS 1, and what the broker has not acknowledged is limited.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// Messages on their way to the broker: far below the 65,535 packet ids there are, and so many that
/// a broker whose answers wait for the kernel (Nagle, 40 ms) does not slow the publisher.
const UNACKED_MAX: usize = 20_000;
/// Longest wait for the broker.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// CONNECT: MQTT 3.1.1, no session, no keep-alive, client id `pub`.
const CONNECT: &[u8] = b"\x10\x0F\0\x04MQTT\x04\x02\0\0\0\x03pub";
const CONNACK: &[u8] = b"\x20\x02\0\0";
/// PUBLISH with QoS 1, and its PUBACK's length.
const PUBLISH: u8 = 0x32;
const PUBACK_BYTES: usize = 4;

/// A connection; a broker knows one of them at a time.
#[derive(Debug)]
pub struct Publisher {
    broker: TcpStream,
    sent: usize,
    acked_bytes: usize,
}

impl Publisher {
    /// Connects to a broker on loopback.
    pub fn connect(port: u16) -> Result<Self> {
        let mut broker = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        broker.set_nodelay(true)?;
        broker.set_read_timeout(Some(ANSWER_MAX))?;
        broker.write_all(CONNECT)?;
        let mut answer = [0; 4];
        broker.read_exact(&mut answer)?;
        ensure!(answer == CONNACK, "the broker refuses the publisher: {answer:?}");
        Ok(Self { broker, sent: 0, acked_bytes: 0 })
    }

    /// Publishes payloads on their topics; waits only where too many are not acknowledged.
    pub fn send(&mut self, messages: impl IntoIterator<Item = (String, String)>) -> Result<()> {
        let mut packets = Vec::new();
        for (topic, payload) in messages {
            self.sent += 1;
            packet(&mut packets, &topic, self.sent, &payload);
        }
        self.broker.write_all(&packets)?;
        self.wait(self.sent.saturating_sub(UNACKED_MAX))
    }

    /// Returns when the broker has all of it.
    pub fn settle(&mut self) -> Result<()> {
        self.wait(self.sent)
    }

    /// Reads acknowledgements until so many messages have one. Nothing else comes.
    fn wait(&mut self, acked: usize) -> Result<()> {
        let mut buffer = [0; 16 * 1024];
        while self.acked_bytes < acked * PUBACK_BYTES {
            let read = self.broker.read(&mut buffer).context("the broker acknowledges nothing")?;
            ensure!(read > 0, "the broker hung up on the publisher");
            self.acked_bytes += read;
        }
        Ok(())
    }
}

fn packet(out: &mut Vec<u8>, topic: &str, number: usize, payload: &str) {
    let id = u16::try_from(number % usize::from(u16::MAX) + 1).unwrap_or(1);
    let topic_bytes = u16::try_from(topic.len()).unwrap_or(u16::MAX);
    out.push(PUBLISH);
    let mut left = topic.len() + payload.len() + 4;
    // The length, seven bits a byte, lowest first.
    loop {
        let low = u8::try_from(left % 128).unwrap_or(0);
        left /= 128;
        out.push(if left > 0 { low | 0x80 } else { low });
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(&topic_bytes.to_be_bytes());
    out.extend_from_slice(topic.as_bytes());
    out.extend_from_slice(&id.to_be_bytes());
    out.extend_from_slice(payload.as_bytes());
}
