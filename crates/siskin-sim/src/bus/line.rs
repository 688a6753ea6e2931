//! The line: takes requests from a stream of bytes, lets the slaves answer, keeps a log of what
//! was asked when.
//!
//! Slaves answer side by side, as they do on a real bus: one that is late speaks into the exchange
//! of another.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until};

use super::frame::{Ask, Framing};
use super::reply::{Fate, reply};
use super::slave::Slave;

/// Bytes taken at once.
const CHUNK: usize = 256;
/// Requests that are kept in the log; later ones are not.
const LOG_MAX: usize = 1 << 20;

/// One request as the bus saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Microseconds since the bus began.
    pub at_us: u64,
    /// The request.
    pub ask: Ask,
}

/// Slaves on one bus.
#[derive(Debug, Clone)]
pub struct Bus {
    slaves: Arc<[Slave]>,
    framing: Framing,
    /// What the line itself says, and how often: a DTU's heartbeat.
    chatter: Option<(Duration, Vec<u8>)>,
    start: Instant,
    log: Arc<Mutex<Vec<Asked>>>,
}

/// One connection.
struct Session {
    /// Bytes that are still to be said, and when.
    waiting: Vec<(Instant, Vec<u8>)>,
    /// Bytes of requests that are not whole yet.
    bytes: Vec<u8>,
    line: Fate,
}

impl Bus {
    /// A bus that begins now.
    pub fn new(framing: Framing, slaves: Vec<Slave>) -> Self {
        let (slaves, log) = (slaves.into(), Arc::default());
        Self { slaves, framing, chatter: None, start: Instant::now(), log }
    }

    /// The same bus behind a DTU that says `text` on every new connection and then again and
    /// again.
    #[must_use]
    pub fn chattering(mut self, every: Duration, text: &[u8]) -> Self {
        self.chatter = Some((every, text.to_vec()));
        self
    }

    /// What was asked so far.
    pub fn log(&self) -> Vec<Asked> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When requests reached `unit`, in microseconds since the bus began.
    pub fn asked_us(&self, unit: u8) -> Vec<u64> {
        let log = self.log();
        log.iter().filter(|asked| asked.ask.unit == unit).map(|asked| asked.at_us).collect()
    }

    /// Serves one connection until its other end or a fault closes it.
    pub async fn serve(&self, stream: impl AsyncRead + AsyncWrite) {
        let (mut from, mut to) = tokio::io::split(stream);
        let mut session = Session { waiting: Vec::new(), bytes: Vec::new(), line: Fate::Stays };
        session.waiting.extend(self.chat(Instant::now()));
        let mut chunk = [0; CHUNK];
        while session.line != Fate::Closes {
            tokio::select! {
                biased;
                bytes = session.next() => {
                    if session.line == Fate::Stays && to.write_all(&bytes).await.is_err() {
                        return;
                    }
                    if self.chatter.as_ref().is_some_and(|(_, text)| *text == bytes) {
                        let every = self.chatter.as_ref().map_or(Duration::ZERO, |chat| chat.0);
                        session.waiting.extend(self.chat(Instant::now() + every));
                    }
                }
                read = from.read(&mut chunk) => {
                    let Ok(count @ 1..) = read else {
                        return;
                    };
                    session.bytes.extend_from_slice(chunk.get(..count).unwrap_or_default());
                    self.hear(&mut session);
                }
            }
        }
    }

    fn chat(&self, at: Instant) -> Option<(Instant, Vec<u8>)> {
        self.chatter.as_ref().map(|(_, text)| (at, text.clone()))
    }

    /// Lets the slaves hear the requests that are whole.
    fn hear(&self, session: &mut Session) {
        while let Some(ask) = self.framing.take(&mut session.bytes) {
            if session.line != Fate::Stays {
                continue;
            }
            let at = self.start.elapsed();
            self.note(at, ask);
            let ms = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
            let Some(slave) = self.slaves.iter().find(|slave| slave.unit == ask.unit) else {
                continue;
            };
            let reply = reply(slave, self.framing, ask, ms);
            session.line = reply.line;
            let now = Instant::now();
            session.waiting.extend(reply.says.into_iter().map(|(after, b)| (now + after, b)));
        }
    }

    fn note(&self, at: Duration, ask: Ask) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() < LOG_MAX {
            let at_us = u64::try_from(at.as_micros()).unwrap_or(u64::MAX);
            log.push(Asked { at_us, ask });
        }
    }
}

impl Session {
    /// The bytes that are said next, when it is time.
    async fn next(&mut self) -> Vec<u8> {
        let first = self.waiting.iter().enumerate().min_by_key(|(_, (at, _))| *at);
        let Some((index, at)) = first.map(|(index, (at, _))| (index, *at)) else {
            return std::future::pending().await;
        };
        sleep_until(at).await;
        self.waiting.swap_remove(index).1
    }
}
