//! An open line: one request at a time, one answer or one failure for each.
//!
//! What was on the line before a request is never an answer to it. Whether the line may be used
//! again after a failure is for the endpoint to say.

use std::time::Duration;

use futures_util::FutureExt;
use siskin_model::Text;
use siskin_wire::modbus::Request;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout};

use super::dial::Address;
use super::exchange::Failure;
use super::mbap::{self, Front, Id, Reader};
use super::pdu::{self, Said};
use super::rtu::{self, Scanner};
use crate::words::io_text;

/// Bytes taken from the line at once.
const CHUNK: usize = 512;
/// Chunks thrown away before a request; a line with more is one that never stops talking.
const PURGE_MAX: u32 = 64;

/// How one device wants to be asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) unit: u8,
    pub(crate) timeout: Duration,
    pub(crate) gap: Duration,
}

/// How requests and answers are marked on a line.
#[derive(Debug)]
pub(crate) enum Framing {
    Tcp { id: Id, reader: Reader },
    Rtu(Scanner),
}

/// A line, open or not.
#[derive(Debug)]
pub(crate) struct Wire<S> {
    stream: Option<S>,
    framing: Framing,
    /// Whether anything was answered since it was opened.
    pub(crate) answered: bool,
    /// No request before this moment.
    quiet_until: Instant,
}

impl Framing {
    /// What is spoken at `address`.
    pub(crate) fn of(address: &Address) -> Self {
        match address {
            Address::Tcp(..) => Self::Tcp { id: Id::FIRST, reader: Reader::default() },
            Address::RtuOverTcp(..) | Address::Serial(_) => Self::Rtu(Scanner::default()),
        }
    }

    /// The next request's frame.
    fn ask(&mut self, unit: u8, request: Request) -> Vec<u8> {
        match self {
            Self::Tcp { id, .. } => {
                *id = id.next();
                mbap::ask(*id, unit, request)
            }
            Self::Rtu(_) => rtu::ask(unit, request),
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        match self {
            Self::Tcp { reader, .. } => reader.push(bytes),
            Self::Rtu(scanner) => scanner.push(bytes),
        }
    }

    fn clear(&mut self) {
        match self {
            Self::Tcp { reader, .. } => reader.clear(),
            Self::Rtu(scanner) => scanner.clear(),
        }
    }

    /// Bytes that belonged to no answer, ever.
    fn discarded(&self) -> u64 {
        match self {
            Self::Tcp { reader, .. } => reader.discarded,
            Self::Rtu(scanner) => scanner.discarded,
        }
    }

    /// The answer, once it is there.
    fn take(&mut self, unit: u8, request: Request) -> Result<Option<Said>, Failure> {
        match self {
            Self::Rtu(scanner) => {
                let pdu = scanner.find(unit, request);
                Ok(pdu.and_then(|pdu| pdu::read(request, &pdu)))
            }
            Self::Tcp { id, reader } => match reader.take(*id, unit) {
                Front::More => Ok(None),
                Front::Stray(what) => Err(Failure::Mismatch(what)),
                Front::Answer(pdu) => {
                    let said = pdu::read(request, &pdu);
                    said.map(Some).ok_or_else(|| Failure::Mismatch(format!("{pdu:02X?}")))
                }
            },
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn new(framing: Framing) -> Self {
        Self { stream: None, framing, answered: false, quiet_until: Instant::now() }
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.stream.is_some()
    }

    /// From when on a request may be sent.
    pub(crate) const fn ready_at(&self) -> Instant {
        self.quiet_until
    }

    /// Takes a fresh line; nothing is sent on it before `delay` has passed.
    pub(crate) fn attach(&mut self, stream: S, delay: Duration) {
        self.stream = Some(stream);
        self.framing.clear();
        self.answered = false;
        self.quiet_until = Instant::now() + delay;
    }

    pub(crate) fn close(&mut self) {
        self.stream = None;
    }

    /// Bytes so far that belonged to no answer: texts of a DTU, late answers, noise.
    pub(crate) fn discarded(&self) -> u64 {
        self.framing.discarded()
    }

    /// Sends `request` when the line may be used, and waits for its answer for `patience`.
    pub(crate) async fn ask(
        &mut self,
        manner: Manner,
        patience: Duration,
        request: Request,
    ) -> Result<Said, Failure> {
        sleep_until(self.quiet_until).await;
        let asked = match self.purge() {
            Err(failure) => Err(failure),
            Ok(before) => {
                let exchange = timeout(patience, self.exchange(manner.unit, request)).await;
                exchange.unwrap_or_else(|_| Err(self.silent(patience, before)))
            }
        };
        self.quiet_until = Instant::now() + manner.gap;
        self.answered |= asked.is_ok();
        asked
    }

    fn silent(&mut self, patience: Duration, before: u64) -> Failure {
        // What came and was no answer is noise now.
        self.framing.clear();
        let noise = self.discarded() - before;
        Failure::Timeout { patience_ms: patience.as_millis(), noise }
    }

    /// Throws away what came since the last answer; gives how much was thrown away so far. A line
    /// that was closed is found here, before a request is lost on it.
    fn purge(&mut self) -> Result<u64, Failure> {
        let mut chunk = [0; CHUNK];
        let stream = self.stream.as_mut().ok_or_else(closed)?;
        for _ in 0..PURGE_MAX {
            match stream.read(&mut chunk).now_or_never() {
                None => break,
                Some(read) => self.framing.push(taken(read, &chunk)?),
            }
        }
        self.framing.clear();
        Ok(self.framing.discarded())
    }

    async fn exchange(&mut self, unit: u8, request: Request) -> Result<Said, Failure> {
        let frame = self.framing.ask(unit, request);
        let stream = self.stream.as_mut().ok_or_else(closed)?;
        let broken = |error| Failure::Broken(io_text(&error));
        stream.write_all(&frame).await.map_err(broken)?;
        let mut chunk = [0; CHUNK];
        loop {
            let read = stream.read(&mut chunk).await;
            self.framing.push(taken(read, &chunk)?);
            if let Some(said) = self.framing.take(unit, request)? {
                return Ok(said);
            }
        }
    }
}

/// What a read gave; the end of the stream is a broken line.
fn taken(read: std::io::Result<usize>, chunk: &[u8]) -> Result<&[u8], Failure> {
    match read {
        Ok(0) => Err(closed()),
        Ok(count) => Ok(chunk.get(..count).unwrap_or(chunk)),
        Err(error) => Err(Failure::Broken(io_text(&error))),
    }
}

fn closed() -> Failure {
    Failure::Broken(Text::new("设备关闭了连接", "the device closed it"))
}
