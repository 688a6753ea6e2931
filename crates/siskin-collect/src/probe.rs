//! One look at a Modbus device: a list of requests, each read once. For the person who sets a
//! device up; never writes, never repeats.
//!
//! It opens a line of its own: a running station that reads the same device is disturbed by it.

use std::time::Duration;

use siskin_model::Text;
use siskin_model::site::Connection;
use siskin_wire::modbus::{Answer, Request};
use tokio::time::timeout;

use crate::modbus::{Address, Dial, Framing, Manner, Real, Said, Wire, cannot_open, exception_of};
use crate::words::{io_text, no_answer};

/// How a device wants to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Longest wait for the line and for one answer.
    pub timeout_ms: u32,
    /// Pause between two requests.
    pub min_gap_ms: u32,
    /// Pause between opening the line and the first request.
    pub connect_delay_ms: u32,
}

/// What one request gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Values.
    Answer(Answer),
    /// The device answered that it cannot.
    Exception {
        /// The exception's code.
        code: u8,
        /// What it means.
        why: Text,
    },
    /// No answer, a broken line, or an answer to something else.
    Nothing {
        /// Which of them.
        why: Text,
    },
}

/// Why nothing could be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// Another protocol.
    #[error("{protocol} cannot be probed; hint: only Modbus devices can")]
    Protocol {
        /// Which.
        protocol: &'static str,
    },
    /// The line could not be opened.
    #[error("{}", .why.en)]
    Connect {
        /// Why.
        why: Text,
    },
}

impl ProbeError {
    /// The message in both languages.
    pub fn text(&self) -> Text {
        match self {
            Self::Protocol { protocol } => {
                let zh = format!("无法探测 {protocol} 设备；只支持 Modbus 设备");
                Text::new(zh, self.to_string())
            }
            Self::Connect { why } => why.clone(),
        }
    }
}

/// Opens `connection`, reads `requests` once and in order, and closes it again. After a timeout or
/// a broken line the next request goes out on a fresh one.
pub async fn read_once(
    connection: &Connection,
    pace: Pace,
    requests: &[Request],
) -> Result<Vec<Heard>, ProbeError> {
    let protocol = connection.protocol();
    let (address, unit) = Address::of(connection).ok_or(ProbeError::Protocol { protocol })?;
    let millis = |ms: u32| Duration::from_millis(ms.into());
    let timeout = millis(pace.timeout_ms);
    let manner = Manner { unit, timeout, gap: millis(pace.min_gap_ms).max(address.silence()) };
    let mut wire = Wire::new(Framing::of(&address));
    let mut heard = Vec::with_capacity(requests.len());
    for request in requests {
        if !wire.is_open() {
            let stream = open(&address, timeout).await?;
            wire.attach(stream, millis(pace.connect_delay_ms));
        }
        heard.push(match wire.ask(manner, timeout, *request).await {
            Ok(Said::Answer(answer)) => Heard::Answer(answer),
            Ok(Said::Exception(code)) => Heard::Exception { code, why: exception_of(code).text() },
            Err(failure) => {
                wire.close();
                Heard::Nothing { why: failure.text() }
            }
        });
    }
    Ok(heard)
}

async fn open(address: &Address, patience: Duration) -> Result<<Real as Dial>::Stream, ProbeError> {
    let why = match timeout(patience, Real.dial(address)).await {
        Ok(Ok(stream)) => return Ok(stream),
        Ok(Err(error)) => io_text(&error),
        Err(_) => no_answer(patience.as_millis()),
    };
    Err(ProbeError::Connect { why: cannot_open(address, &why) })
}
