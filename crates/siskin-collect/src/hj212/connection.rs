//! One connection: bytes to packets, readings out, answers after the commit, requests now and then.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use siskin_model::{AnalyzerHealth, Text, Timestamp};
use siskin_wire::hj212::{Frame, FrameError, Packet, Splitter, ask, moment};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, Interval, MissedTickBehavior, timeout, timeout_at};

use super::calls::{Call, Calls, is_off};
use super::register::{Known, Owner, Register, Taken};
use super::words;
use crate::Clock;
use crate::outlet::{Closed, Outlet};
use crate::words::io_text;

/// Packets that may wait for their commit; at the limit the peer is not read until one is done.
const INFLIGHT_MAX: usize = 64;
/// Bytes taken from the socket at once.
const READ_BYTES: usize = 8 * 1024;
/// Bytes a peer may send without one whole frame: six of the longest.
const BABBLE_MAX_BYTES: usize = 64 * 1024;
/// How long a peer may be silent that has not said an MN we know.
const STRANGER_SILENCE: Duration = Duration::from_mins(10);
/// How long a peer may take to read what is said to it.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);
/// MNs of one connection that are told as unknown; further ones are only counted in the log.
const STRANGERS_MAX: usize = 16;
/// How often it is looked whether a request is due.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// An answer whose readings wait for their commit.
type Commit = Pin<Box<dyn Future<Output = (Vec<u8>, bool)> + Send>>;

/// Why a connection ended.
#[derive(Debug)]
enum End {
    /// The station no longer listens.
    Closed,
    /// The peer, or what became of it.
    Lost(Text),
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

/// A logger that speaks on this connection.
#[derive(Debug)]
struct Speaker {
    known: Known,
    /// The system code it uses.
    st: String,
}

/// One connection.
pub(super) struct Connection {
    stream: TcpStream,
    me: Owner,
    register: Arc<Register>,
    out: Outlet,
    clock: Clock,
    splitter: Splitter,
    commits: FuturesOrdered<Commit>,
    speakers: BTreeMap<String, Speaker>,
    strangers: BTreeSet<String>,
    babble_bytes: usize,
    heard_at: Instant,
    turns: Interval,
}

impl Connection {
    pub(super) fn new(
        stream: TcpStream,
        me: Owner,
        register: Arc<Register>,
        out: Outlet,
        clock: Clock,
    ) -> Self {
        let mut turns = tokio::time::interval(ASK_EVERY);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            stream,
            me,
            register,
            out,
            clock,
            splitter: Splitter::new(),
            commits: FuturesOrdered::new(),
            speakers: BTreeMap::new(),
            strangers: BTreeSet::new(),
            babble_bytes: 0,
            heard_at: Instant::now(),
            turns,
        }
    }

    /// Speaks until the peer is gone; why it is.
    pub(super) async fn run(mut self) -> Result<Text, Closed> {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            match self.turn(&mut buffer).await {
                Ok(()) => {}
                Err(End::Closed) => return Err(Closed),
                Err(End::Lost(why)) => return Ok(why),
            }
        }
    }

    async fn turn(&mut self, buffer: &mut [u8]) -> Result<(), End> {
        while self.commits.len() < INFLIGHT_MAX {
            let Some(frame) = self.splitter.next_frame() else {
                break;
            };
            self.frame(frame).await?;
        }
        let room = self.commits.len() < INFLIGHT_MAX;
        let silence = self.silence_max();
        let deadline = self.heard_at + silence;
        tokio::select! {
            biased;
            () = self.me.replaced.cancelled() => Err(End::Lost(words::replaced())),
            Some((answer, committed)) = self.commits.next(), if !self.commits.is_empty() => {
                if !committed {
                    return Err(End::Lost(words::not_stored()));
                }
                self.write(&answer).await
            }
            _ = self.turns.tick() => self.ask().await,
            read = timeout_at(deadline, self.stream.read(buffer)), if room => match read {
                Ok(Ok(0)) => Err(End::Lost(words::gone(&words::ended()))),
                Ok(Ok(count)) => self.heard(buffer.get(..count).unwrap_or_default()),
                Ok(Err(error)) => Err(End::Lost(words::gone(&io_text(&error)))),
                Err(_) => Err(End::Lost(words::silent(silence.as_secs()))),
            },
        }
    }

    fn silence_max(&self) -> Duration {
        let longest = self.speakers.values().map(|speaker| speaker.known.silence_max).max();
        longest.unwrap_or(STRANGER_SILENCE)
    }

    fn heard(&mut self, bytes: &[u8]) -> Result<(), End> {
        self.heard_at = Instant::now();
        self.babble_bytes += bytes.len();
        if self.babble_bytes > BABBLE_MAX_BYTES {
            return Err(End::Lost(words::babble(self.babble_bytes)));
        }
        self.splitter.push(bytes);
        Ok(())
    }

    async fn frame(&mut self, frame: Result<Frame, FrameError>) -> Result<(), End> {
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => return self.nobodys(&error.text()).await,
        };
        self.babble_bytes = 0;
        let packet = match Packet::decode(frame.data()) {
            Ok(packet) => packet,
            Err(error) => return self.nobodys(&error.text()).await,
        };
        let Some(known) = self.register.known(&packet.mn) else {
            return self.stranger(packet).await;
        };
        if let Err(error) = frame.check(known.agreed.crc) {
            return self.set_aside(&packet.mn, &error.text()).await;
        }
        let password = known.agreed.password.as_ref();
        if password.is_some_and(|password| Some(password) != packet.pw.as_ref()) {
            return self.set_aside(&packet.mn, &words::wrong_password()).await;
        }
        self.claim(&packet, known).await?;
        self.register.keep(&packet.mn, frame.data(), (self.clock)());
        self.packet(&packet).await
    }

    async fn claim(&mut self, packet: &Packet, known: Known) -> Result<(), End> {
        let now = (self.clock)();
        if let Some(health) = self.register.claim(&packet.mn, &self.me, now) {
            let sets_clock = known.agreed.sets_clock;
            self.speakers.insert(packet.mn.clone(), Speaker { known, st: packet.st.clone() });
            if sets_clock {
                self.calls(&packet.mn, |calls| calls.set_time(Instant::now()));
            }
            self.out.health(health).await?;
        }
        Ok(())
    }

    /// Looks at what is asked of a logger; nothing happens where a newer connection speaks for it.
    fn calls<T>(&self, mn: &str, look: impl FnOnce(&mut Calls) -> T) -> Option<T> {
        self.register.calls(mn, self.me.id, look)
    }

    /// A packet of a logger that this connection speaks for.
    async fn packet(&mut self, packet: &Packet) -> Result<(), End> {
        let now = (self.clock)();
        let taken = self.register.take(packet, now);
        self.look_at_calls(packet, &taken, now);
        let Some(speaker) = self.speakers.get_mut(&packet.mn) else {
            return Ok(());
        };
        if !matches!(packet.cn, ask::REQUEST_ANSWER | ask::RESULT) {
            speaker.st.clone_from(&packet.st);
        }
        let agreed = &speaker.known.agreed;
        let answer = ask::answer_to(packet.cn);
        let answer = answer.filter(|_| packet.wants_answer() && !taken.is_kept_by_logger);
        let answer = answer.map(|cn| ask::bytes(&ask::answer(packet, cn, agreed), agreed));
        let committed = self.commit(answer, taken.readings.is_empty());
        self.out.readings_of(taken.origin, taken.readings, committed).await?;
        self.out.health(taken.health).await?;
        Ok(())
    }

    /// What a packet means for what is asked of its logger.
    fn look_at_calls(&self, packet: &Packet, taken: &Taken, now: Timestamp) {
        let Some(Speaker { known, .. }) = self.speakers.get(&packet.mn) else {
            return;
        };
        let qn = packet.qn.as_deref();
        let sent_at = qn.and_then(|qn| moment::parse(qn, known.utc_offset_s));
        let is_fresh = packet.cn == ask::REAL_TIME && !packet.is_resent;
        if is_fresh && let Some(sent_at) = sent_at {
            self.register.clock(&packet.mn, sent_at, now);
        }
        let is_off = is_fresh && sent_at.is_some_and(|at| is_off(at, now));
        let (instant, sets_clock) = (Instant::now(), known.agreed.sets_clock);
        self.calls(&packet.mn, |calls| {
            match packet.cn {
                ask::REQUEST_ANSWER => calls.answered(qn, &packet.cp, instant),
                ask::RESULT => calls.done(qn, &packet.cp),
                ask::TIME_WANTED if sets_clock => calls.time_wanted(instant),
                _ => {}
            }
            if let Some((cn, gap)) = taken.missing {
                calls.history(cn, gap);
            }
            if sets_clock && is_off {
                calls.set_time(instant);
            }
        });
    }

    /// Puts `answer` in its turn; what is to be told when the readings it thanks for are on disk.
    fn commit(&mut self, answer: Option<Vec<u8>>, is_empty: bool) -> Option<oneshot::Sender<()>> {
        let answer = answer?;
        if is_empty {
            // In order with those before it, but nothing to wait for.
            self.commits.push_back(Box::pin(async { (answer, true) }));
            return None;
        }
        let (committed, wait) = oneshot::channel();
        self.commits.push_back(Box::pin(async { (answer, wait.await.is_ok()) }));
        Some(committed)
    }

    /// Sends the requests that are due.
    async fn ask(&mut self) -> Result<(), End> {
        let instant = Instant::now();
        let mut due = Vec::new();
        for (mn, speaker) in &self.speakers {
            let Some(call) = self.calls(mn, |calls| calls.due(instant)).flatten() else {
                continue;
            };
            let now = (self.clock)();
            let Known { agreed, utc_offset_s, .. } = &speaker.known;
            let request = match call {
                Call::SetTime => ask::set_time(agreed, &speaker.st, now, *utc_offset_s),
                Call::History { cn, span } => {
                    let span = (span.from, span.to);
                    ask::history(agreed, &speaker.st, cn, span, now, *utc_offset_s)
                }
            };
            due.extend(ask::bytes(&request, agreed));
            self.calls(mn, |calls| calls.sent(call, request.qn.unwrap_or_default(), instant));
        }
        self.write(&due).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), End> {
        if bytes.is_empty() {
            return Ok(());
        }
        match timeout(WRITE_PATIENCE, self.stream.write_all(bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(End::Lost(words::gone(&io_text(&error)))),
            Err(_) => Err(End::Lost(words::silent(WRITE_PATIENCE.as_secs()))),
        }
    }

    /// Bytes that no logger can be named for: told at those that speak here, or, where nobody does
    /// yet, at those that are absent.
    async fn nobodys(&mut self, why: &Text) -> Result<(), End> {
        tracing::warn!(target: "siskin::collect", why = why.en, "a frame was refused");
        let now = (self.clock)();
        let told = self.speakers.keys().flat_map(|mn| self.register.set_aside(mn, why, now));
        let mut told: Vec<AnalyzerHealth> = told.collect();
        if self.speakers.is_empty() {
            told.extend(self.register.stranger(why, now));
        }
        Ok(self.out.health(told).await?)
    }

    async fn set_aside(&mut self, mn: &str, why: &Text) -> Result<(), End> {
        tracing::warn!(target: "siskin::collect", mn, why = why.en, "a packet was refused");
        let told = self.register.set_aside(mn, why, (self.clock)());
        Ok(self.out.health(told).await?)
    }

    /// The connection stays: the site may come to know it, and it would only call again.
    async fn stranger(&mut self, packet: Packet) -> Result<(), End> {
        let Packet { mn, cn, .. } = packet;
        if self.strangers.len() >= STRANGERS_MAX || self.strangers.contains(&mn) {
            return Ok(());
        }
        // A logger that wants to enter the network has no MN yet, or one that nobody gave it.
        let why = words::not_spoken(cn).unwrap_or_else(|| words::unknown_mn(&mn));
        tracing::warn!(target: "siskin::collect", mn, cn, "a logger of no site called");
        self.strangers.insert(mn);
        let told = self.register.stranger(&why, (self.clock)());
        Ok(self.out.health(told).await?)
    }
}
