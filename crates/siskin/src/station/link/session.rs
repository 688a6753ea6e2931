//! One session: from Hello until the line is cut.
//!
//! Batches are acknowledged after their readings are on disk and the ledger says so. While too much
//! is on its way to the disk nothing more is read from the line. Must never acknowledge what has
//! only been received, and never go on after a frame that cannot be read.

mod frames;

use std::sync::Arc;
use std::time::Duration;

use siskin_model::{AnalyzerHealth, ChannelIndex, LinkState, Text};
use siskin_wire::link::{Ack, ClockMark, Frame, Hello, Noted, SeqRange, VERSION, Welcome};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::backlog::Stored;
use super::book::Book;
use super::doors::Links;
use super::state::Gateway;
use crate::station::pipeline::Command;

/// Batches of a session that may be on their way to the disk; a gateway keeps to fewer.
const UNACKED_MAX: usize = 1_024;
/// Their packed bytes.
const UNACKED_BYTES_MAX: usize = 16 << 20;
/// Time between two acknowledgements: each is a write to the ledger.
const ACK_EVERY: Duration = Duration::from_millis(100);
/// How long the first frame may take.
const HELLO_MAX: Duration = Duration::from_secs(10);
/// How long a gateway may say nothing at all; it says its clock more often.
const SILENCE_MAX: Duration = Duration::from_secs(90);
/// Time between two looks at the clocks.
const CLOCK_EVERY: Duration = Duration::from_secs(30);
/// Time between two events on the live stream about one gateway.
const SHOW_EVERY: Duration = Duration::from_secs(1);
/// Missing ranges that are asked for at the beginning.
const REQUESTS_MAX: usize = 64;

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    /// The line was cut, a newer session came, or the station stops.
    #[error("the line was cut; hint: the gateway connects again by itself")]
    Gone,
    /// The gateway says what cannot be understood.
    #[error("{0}")]
    Fault(String),
}

/// A batch that left for the disk and came back.
type Done = (u64, usize, Option<Stored>);

/// A running session.
pub(super) struct Session {
    links: Arc<Links>,
    gateway: Arc<Gateway>,
    inbox: mpsc::Receiver<Vec<u8>>,
    out: mpsc::Sender<Vec<u8>>,
    book: Book,
    /// The site's channels at the places of Hello; none for those that are not the gateway's.
    channels: Arc<[Option<ChannelIndex>]>,
    leaving: JoinSet<Done>,
    bytes_leaving: usize,
    clock_written_ms: Option<(i64, i64)>,
    /// Gaps and alarms of this session that are in the ledger, and what the gateway knows of them.
    noted: Noted,
    noted_told: Noted,
}

/// Runs the session of a gateway until `closed` fires or its line is cut.
pub(super) async fn run(
    links: Arc<Links>,
    gateway: Arc<Gateway>,
    mut inbox: mpsc::Receiver<Vec<u8>>,
    out: mpsc::Sender<Vec<u8>>,
    closed: CancellationToken,
) {
    let kept = Arc::clone(&gateway);
    let ended = tokio::select! {
        () = closed.cancelled() => Err(End::Gone),
        ended = async {
            let _turn = kept.turn.lock().await;
            let hello = first(&mut inbox).await?;
            let mut session =
                Session::begin(Arc::clone(&links), Arc::clone(&gateway), inbox, out, hello).await?;
            session.work().await
        } => ended,
    };
    let newer_runs = {
        let state = gateway.state();
        state.session.as_ref().is_some_and(|session| !session.is_cancelled())
            && closed.is_cancelled()
    };
    closed.cancel();
    if !newer_runs {
        over(&links, &gateway, ended.err()).await;
    }
}

/// The first frame.
async fn first(inbox: &mut mpsc::Receiver<Vec<u8>>) -> Result<Hello, End> {
    let Ok(bytes) = tokio::time::timeout(HELLO_MAX, inbox.recv()).await else {
        return Err(End::Fault("no Hello came; hint: is this a Siskin edge?".to_owned()));
    };
    match Frame::decode(&bytes.ok_or(End::Gone)?) {
        Ok(Frame::Hello(hello)) => Ok(hello),
        Ok(_) => Err(End::Fault("the first frame was no Hello; hint: update the edge".to_owned())),
        Err(error) => Err(End::Fault(error.to_string())),
    }
}

/// The link is closed: its analyzers cannot be seen any more, and people must know.
async fn over(links: &Links, gateway: &Gateway, end: Option<End>) {
    let now = (links.clock)();
    let id = &gateway.id;
    let why = end.unwrap_or(End::Gone).to_string();
    tracing::warn!(edge = %id, %why, "the session of an edge gateway has ended");
    {
        let mut state = gateway.state();
        if state.connected {
            state.connected = false;
            state.since = now;
        }
        let zh = format!("边缘网关“{id}”未连接：线路中断或数据有误。请检查网络和网关。");
        state.last_error = Some(Text::new(zh, why));
    }
    links.show_one(gateway);
    for place in gateway.analyzers.values() {
        let shown = links.live.shown().health.get(*place).cloned();
        let before = shown.unwrap_or_else(|| AnalyzerHealth::unknown(*place, now));
        let health = AnalyzerHealth {
            link: LinkState::Offline,
            since: if before.link == LinkState::Offline { before.since } else { now },
            last_error: Some(format!(
                "the edge gateway `{id}` is not connected; hint: check its line and its power"
            )),
            last_error_zh: Some(format!("边缘网关“{id}”未连接；请检查其网络和电源")),
            ..before
        };
        let command = Command::Intake(siskin_collect::Intake::Health(health));
        if links.commands.send(command).await.is_err() {
            return;
        }
    }
}

impl Session {
    /// Checks Hello and answers it.
    async fn begin(
        links: Arc<Links>,
        gateway: Arc<Gateway>,
        inbox: mpsc::Receiver<Vec<u8>>,
        out: mpsc::Sender<Vec<u8>>,
        hello: Hello,
    ) -> Result<Self, End> {
        fits(&hello, &gateway.id, &links.settings.site.id)?;
        let (ledger, id, spool) = (Arc::clone(&links.ledger), gateway.id.clone(), hello.spool);
        let name = spool.clone();
        let committed = blocking(move || ledger.edge_committed(&id, &name)).await?;
        let committed = committed.iter().map(|r| SeqRange { from: r.start, until: r.end });
        let book = Book::new(spool, committed);
        let channels: Arc<[Option<ChannelIndex>]> =
            hello.channels.iter().map(|id| gateway.channels.get(id).copied()).collect();
        let now = (links.clock)();
        {
            let mut state = gateway.state();
            (state.connected, state.since, state.last_frame_at) = (true, now, Some(now));
            state.last_error = None;
            (state.first_seq, state.next_seq) = (hello.first_seq, hello.next_seq);
            state.committed = book.told();
        }
        let leaving = JoinSet::new();
        let session = Self {
            links,
            gateway,
            inbox,
            out,
            book,
            channels,
            leaving,
            bytes_leaving: 0,
            clock_written_ms: None,
            noted: Noted::default(),
            noted_told: Noted::default(),
        };
        let (clock_ms, committed) = (now.as_millis(), session.book.told());
        session.say(Frame::Welcome(Welcome { version: VERSION, clock_ms, committed })).await?;
        for missing in session.book.missing(hello.first_seq, REQUESTS_MAX) {
            session.say(Frame::Request(missing)).await?;
        }
        tracing::info!(
            edge = %session.gateway.id,
            first_seq = hello.first_seq,
            next_seq = hello.next_seq,
            "an edge gateway is connected"
        );
        session.links.show_one(&session.gateway);
        Ok(session)
    }

    /// Takes frames and acknowledges them until the line is cut.
    async fn work(&mut self) -> Result<(), End> {
        let mut acks = tokio::time::interval(ACK_EVERY);
        acks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut clocks = tokio::time::interval(CLOCK_EVERY);
        let mut shows = tokio::time::interval(SHOW_EVERY);
        shows.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let silence = tokio::time::sleep(SILENCE_MAX);
        tokio::pin!(silence);
        loop {
            let has_room =
                self.book.waiting() < UNACKED_MAX && self.bytes_leaving < UNACKED_BYTES_MAX;
            tokio::select! {
                Some(done) = self.leaving.join_next() => self.done(done)?,
                _ = acks.tick() => self.acknowledge().await?,
                _ = clocks.tick() => {
                    let sent_ms = (self.links.clock)().as_millis();
                    self.say(Frame::Clock(ClockMark { sent_ms, echo_ms: None })).await?;
                }
                _ = shows.tick() => self.links.show_one(&self.gateway),
                bytes = self.inbox.recv(), if has_room => {
                    silence.as_mut().reset(tokio::time::Instant::now() + SILENCE_MAX);
                    self.frame(&bytes.ok_or(End::Gone)?).await?;
                }
                () = &mut silence, if has_room => {
                    return Err(End::Fault("it said nothing for too long; hint: look at it".into()));
                }
            }
        }
    }

    /// A batch came back from the disk.
    fn done(&mut self, done: Result<Done, tokio::task::JoinError>) -> Result<(), End> {
        let (seq, bytes, stored) = done.map_err(|_| End::Gone)?;
        self.bytes_leaving = self.bytes_leaving.saturating_sub(bytes);
        match stored {
            Some(Stored::Yes { readings, refused }) => {
                self.book.store(seq);
                let mut state = self.gateway.state();
                state.readings += readings;
                state.refused += refused;
                Ok(())
            }
            Some(Stored::Unreadable) => {
                Err(End::Fault(format!("batch {seq} cannot be read; hint: see the log")))
            }
            // The pipeline has ended: nothing more is acknowledged.
            None => Err(End::Gone),
        }
    }

    /// Writes what is on disk into the ledger, then tells the gateway.
    async fn acknowledge(&mut self) -> Result<(), End> {
        let Some(told) = self.book.news() else {
            return self.tell_noted().await;
        };
        let ledger = Arc::clone(&self.links.ledger);
        let (id, spool) = (self.gateway.id.clone(), self.book.spool.clone());
        let ranges: Vec<_> = told.iter().map(|range| range.from..range.until).collect();
        if blocking(move || ledger.put_edge_committed(&id, &spool, &ranges)).await.is_err() {
            // The disk fails: the gateway keeps its batches, and the next turn tries again.
            self.book.again();
            return Ok(());
        }
        self.gateway.state().committed.clone_from(&told);
        self.say(Frame::Ack(Ack { committed: told })).await?;
        self.tell_noted().await
    }

    /// Only after the ranges are written: what a gap has settled is then settled for ever.
    async fn tell_noted(&mut self) -> Result<(), End> {
        if self.noted == self.noted_told {
            return Ok(());
        }
        self.noted_told = self.noted;
        self.say(Frame::Noted(self.noted)).await
    }

    async fn say(&self, frame: Frame) -> Result<(), End> {
        let bytes = frame.encode().map_err(|error| End::Fault(error.to_string()))?;
        self.out.send(bytes).await.map_err(|_| End::Gone)
    }
}

fn fits(hello: &Hello, edge: &str, site: &str) -> Result<(), End> {
    let wrong = if hello.version != VERSION {
        format!("it speaks version {} of the link, the station {VERSION}", hello.version)
    } else if hello.edge != edge {
        format!("it calls itself `{}` and came in as `{edge}`", hello.edge)
    } else if hello.site != site {
        format!("it belongs to the site `{}`, this is `{site}`", hello.site)
    } else {
        return Ok(());
    };
    Err(End::Fault(format!("{wrong}; hint: both need the same site folder and release")))
}

/// Asks the ledger off the async threads.
async fn blocking<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, siskin_store::StoreError> + Send + 'static,
) -> Result<T, End> {
    let asked = tokio::task::spawn_blocking(ask).await.map_err(|_| End::Gone)?;
    asked.map_err(|error| {
        tracing::error!(%error, "the ledger does not take what came from an edge gateway");
        End::Fault(error.to_string())
    })
}
