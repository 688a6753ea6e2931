//! One connection: greeting, then frames both ways until it breaks.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use siskin_model::AnalyzerHealth;
use siskin_wire::link::{
    ANALYZERS_MAX, Ack, AnalyzerReport, ClockMark, Data, Frame, Gap, GapCause, Health, Hello, Lane,
    Noted, SeqRange, SeqSet, VERSION, Welcome,
};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::Message;

use super::dial::Socket;
use super::hand::Hand;
use super::{CONNECT_PATIENCE, LinkError, LinkSettings, SharedStatus};
use crate::Clock;
use crate::spool::{Cursor, Room, SharedSpool, Turn};

/// Backlog batches that may be unacknowledged.
const WINDOW_BATCHES: usize = 256;
/// Bytes of them.
const WINDOW_BYTES: usize = 4 << 20;
/// Live batches that may be unacknowledged; more wait in the spool and become backlog.
const WINDOW_LIVE: usize = 256;
/// Backlog sent in one turn, before live batches are looked for again.
const TURN_BATCHES: usize = 16;
const TURN_BYTES: usize = 256 << 10;
/// How often the line is tried.
const PING_EVERY: Duration = Duration::from_secs(10);
/// Nothing for this long: the line is dead.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How often clocks are compared.
const CLOCK_EVERY: Duration = Duration::from_secs(30);
/// How often health is told when something has changed.
const HEALTH_EVERY: Duration = Duration::from_secs(1);

/// What is sent on one connection.
pub(super) struct Session<'a> {
    settings: &'a LinkSettings,
    spool: &'a SharedSpool,
    status: &'a SharedStatus,
    clock: &'a Clock,
    cursor: Cursor,
    told_health: BTreeMap<usize, AnalyzerHealth>,
    /// Told and not noted. The spool and the journal have upper bounds; a loss that grows is told
    /// anew at most once every [`HEALTH_EVERY`], until the station notes it or the line is dead.
    told_gaps: VecDeque<Gap>,
    told_alarms: VecDeque<u64>,
    newest_alarm: Option<u64>,
    /// How many the station has noted.
    noted: Noted,
    /// More of the backlog may be there to send.
    has_more: bool,
    heard_at: Instant,
    hand: Hand,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        settings: &'a LinkSettings,
        spool: &'a SharedSpool,
        status: &'a SharedStatus,
        clock: &'a Clock,
    ) -> Result<Self, LinkError> {
        Ok(Self {
            settings,
            spool,
            status,
            clock,
            cursor: Cursor::default(),
            told_health: BTreeMap::new(),
            told_gaps: VecDeque::new(),
            told_alarms: VecDeque::new(),
            newest_alarm: None,
            noted: Noted::default(),
            has_more: true,
            heard_at: Instant::now(),
            hand: Hand::new()?,
        })
    }

    /// Speaks until something fails; says whether the station had welcomed the edge.
    pub(super) async fn run(mut self, mut socket: Socket) -> (bool, LinkError) {
        if let Err(error) = self.greet(&mut socket).await {
            return (false, error);
        }
        self.status.up((self.clock)());
        tracing::info!(target: "siskin::link", station = self.settings.station, "linked");
        let Err(error) = self.converse(&mut socket).await;
        (true, error)
    }

    async fn greet(&mut self, socket: &mut Socket) -> Result<(), LinkError> {
        let hello = {
            let spool = self.spool.lock();
            Hello {
                version: VERSION,
                edge: self.settings.edge.clone(),
                site: self.settings.site.clone(),
                boot_id: self.settings.boot_id.clone(),
                spool: spool.name().to_owned(),
                clock_ms: (self.clock)().as_millis(),
                channels: spool.channels().to_vec(),
                first_seq: spool.first_seq(),
                next_seq: spool.next_seq(),
            }
        };
        send(socket, Frame::Hello(hello)).await?;
        let welcome = timeout(CONNECT_PATIENCE, next_frame(socket)).await;
        let silent = |_| LinkError::Silent(CONNECT_PATIENCE.as_secs());
        match welcome.map_err(silent)?? {
            Frame::Welcome(Welcome { version: VERSION, committed, .. }) => {
                self.committed(&committed).await?;
            }
            Frame::Welcome(_) => return Err(LinkError::Unexpected("a version we do not speak")),
            _ => return Err(LinkError::Unexpected("something else than welcome")),
        }
        self.heard_at = Instant::now();
        Ok(())
    }

    async fn converse(
        &mut self,
        socket: &mut Socket,
    ) -> Result<std::convert::Infallible, LinkError> {
        let mut pings = every(PING_EVERY);
        let mut clocks = every(CLOCK_EVERY);
        let mut healths = every(HEALTH_EVERY);
        // Before all else: it is about people, and the others may be many.
        self.tell_alarms(socket).await?;
        loop {
            if self.has_more {
                self.pump(socket).await?;
            }
            tokio::select! {
                biased;
                () = self.settings.alarms.news.notified() => self.tell_alarms(socket).await?,
                message = socket.next() => self.heard(socket, message).await?,
                () = self.spool.news.notified() => self.has_more = true,
                _ = pings.tick() => {
                    if self.heard_at.elapsed() > SILENCE_MAX {
                        return Err(LinkError::Silent(SILENCE_MAX.as_secs()));
                    }
                    put(socket, Message::Ping(Vec::new().into())).await?;
                }
                _ = clocks.tick() => {
                    let sent_ms = (self.clock)().as_millis();
                    send(socket, Frame::Clock(ClockMark { sent_ms, echo_ms: None })).await?;
                }
                _ = healths.tick() => self.tell(socket).await?,
                () = std::future::ready(()), if self.has_more => {}
            }
        }
    }

    /// Sends all live batches and a turn's worth of the backlog.
    async fn pump(&mut self, socket: &mut Socket) -> Result<(), LinkError> {
        let (live, _) = self.cursor.flying(Lane::Live);
        let (backlog, bytes) = self.cursor.flying(Lane::Backlog);
        let room = Room {
            live: WINDOW_LIVE.saturating_sub(live),
            backlog: WINDOW_BATCHES.saturating_sub(backlog).min(TURN_BATCHES),
            backlog_bytes: WINDOW_BYTES.saturating_sub(bytes).min(TURN_BYTES),
        };
        let turn = self.take(room).await?;
        let count = |lane| turn.iter().filter(|(its, _)| *its == lane).count();
        let (live, backlog) = (count(Lane::Live), count(Lane::Backlog));
        self.has_more = backlog > 0;
        for (lane, record) in turn {
            let data = Data { lane, seq: record.seq, batch: record.batch.clone() };
            let bytes = Frame::Data(data).encode()?;
            let fed = timeout(SILENCE_MAX, socket.feed(Message::Binary(bytes.into()))).await;
            fed.map_err(|_| LinkError::Silent(SILENCE_MAX.as_secs()))?.map_err(Box::new)?;
        }
        if live + backlog > 0 {
            let flushed = timeout(SILENCE_MAX, socket.flush()).await;
            flushed.map_err(|_| LinkError::Silent(SILENCE_MAX.as_secs()))?.map_err(Box::new)?;
        }
        self.status.change(|status| {
            status.live_sent += live as u64;
            status.backlog_sent += backlog as u64;
        });
        Ok(())
    }

    /// Reading the spool may wait for the disk: not on a thread that others wait for.
    async fn take(&mut self, room: Room) -> Result<Turn, LinkError> {
        let (spool, mut cursor) = (self.spool.clone(), std::mem::take(&mut self.cursor));
        let taken = self.hand.does(move || {
            let turn = spool.lock().take(&mut cursor, room);
            (cursor, turn)
        });
        let (cursor, turn) = taken.await?;
        self.cursor = cursor;
        Ok(turn?)
    }

    async fn committed(&mut self, ranges: &[SeqRange]) -> Result<(), LinkError> {
        self.cursor.landed(ranges);
        let (spool, ranges) = (self.spool.clone(), ranges.to_vec());
        self.hand.does(move || spool.lock().acknowledge(&ranges)).await??;
        self.has_more = true;
        Ok(())
    }

    async fn heard(
        &mut self,
        socket: &mut Socket,
        message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
    ) -> Result<(), LinkError> {
        self.heard_at = Instant::now();
        let Some(frame) = frame_of(message)? else { return Ok(()) };
        match frame {
            Frame::Ack(Ack { committed }) => self.committed(&committed).await,
            Frame::Request(range) => {
                self.cursor.again(range);
                self.has_more = true;
                self.cannot(socket, range).await
            }
            Frame::Clock(ClockMark { sent_ms, echo_ms: None }) => {
                let (now, echo_ms) = ((self.clock)().as_millis(), Some(sent_ms));
                send(socket, Frame::Clock(ClockMark { sent_ms: now, echo_ms })).await
            }
            Frame::Clock(ClockMark { sent_ms, echo_ms: Some(ours) }) => {
                let now = (self.clock)().as_millis();
                let middle = ours.saturating_add(now.saturating_sub(ours) / 2);
                self.status.change(|s| s.skew_ms = Some(sent_ms.saturating_sub(middle)));
                Ok(())
            }
            Frame::Noted(noted) => self.noted(noted),
            Frame::Welcome(_) => Err(LinkError::Unexpected("welcome")),
            _ => Err(LinkError::Unexpected("what only an edge says")),
        }
    }

    /// What is asked for and was deleted when it was committed will not come again.
    async fn cannot(&mut self, socket: &mut Socket, range: SeqRange) -> Result<(), LinkError> {
        // A loss that is known has its count and its cause; what it covers is settled by it.
        self.tell(socket).await?;
        let is_gone = |gap: &&Gap| matches!(gap.why, GapCause::SpoolFull | GapCause::Damaged);
        let gaps = self.told_gaps.iter().filter(is_gone);
        let told = gaps.map(|gap| SeqRange { from: gap.from_seq, until: gap.until_seq });
        let first = self.spool.lock().first_seq();
        let gone = SeqRange { until: range.until.min(first), ..range };
        for hole in SeqSet::of(told).holes(gone) {
            let (from_seq, until_seq, why) = (hole.from, hole.until, GapCause::Damaged);
            let gap = Gap { from_seq, until_seq, readings: 0, from_ms: 0, to_ms: 0, why };
            self.tell_gap(socket, gap).await?;
        }
        Ok(())
    }

    async fn tell_gap(&mut self, socket: &mut Socket, gap: Gap) -> Result<(), LinkError> {
        send(socket, Frame::Gap(gap.clone())).await?;
        self.told_gaps.push_back(gap);
        Ok(())
    }

    /// The station has the oldest of what was told in its ledger: only now it is forgotten here.
    fn noted(&mut self, noted: Noted) -> Result<(), LinkError> {
        while self.noted.gaps < noted.gaps {
            let gap = self.told_gaps.pop_front().ok_or(LinkError::Unexpected("noted"))?;
            self.spool.lock().noted(&gap);
            self.noted.gaps += 1;
        }
        while self.noted.alarms < noted.alarms {
            let alarm = self.told_alarms.pop_front().ok_or(LinkError::Unexpected("noted"))?;
            self.settings.alarms.noted(alarm);
            self.noted.alarms += 1;
        }
        Ok(())
    }

    /// Tells what the gateway's own watch raised and cleared and the station has not noted.
    async fn tell_alarms(&mut self, socket: &mut Socket) -> Result<(), LinkError> {
        for (number, alarm) in self.settings.alarms.after(self.newest_alarm) {
            send(socket, Frame::Alarm(alarm)).await?;
            self.told_alarms.push_back(number);
            self.newest_alarm = Some(number);
        }
        Ok(())
    }

    /// Tells losses and health that are not told yet.
    async fn tell(&mut self, socket: &mut Socket) -> Result<(), LinkError> {
        let (gaps, spool) = {
            let open = self.spool.lock();
            (open.gaps_to_tell(), open.report())
        };
        for gap in gaps {
            if !self.told_gaps.contains(&gap) {
                self.tell_gap(socket, gap).await?;
            }
        }
        let health = self.spool.health();
        let changed = health.iter().filter(|(at, h)| self.told_health.get(at) != Some(h));
        let changed: Vec<_> = changed
            .filter_map(|(at, h)| {
                let id = self.settings.analyzers.get(*at)?.clone();
                Some(AnalyzerReport { id, health: h.clone() })
            })
            .collect();
        self.told_health = health;
        let mut parts = changed.chunks(ANALYZERS_MAX);
        let first = parts.next().unwrap_or_default();
        for analyzers in std::iter::once(first).chain(parts) {
            let (analyzers, spool) = (analyzers.to_vec(), spool.clone());
            let siren = self.settings.siren.get();
            send(socket, Frame::Health(Health { analyzers, spool, siren })).await?;
        }
        Ok(())
    }
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut turns = interval(period);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    turns
}

async fn put(socket: &mut Socket, message: Message) -> Result<(), LinkError> {
    let sent = timeout(SILENCE_MAX, socket.send(message)).await;
    sent.map_err(|_| LinkError::Silent(SILENCE_MAX.as_secs()))?.map_err(Box::new)?;
    Ok(())
}

async fn send(socket: &mut Socket, frame: Frame) -> Result<(), LinkError> {
    put(socket, Message::Binary(frame.encode()?.into())).await
}

async fn next_frame(socket: &mut Socket) -> Result<Frame, LinkError> {
    loop {
        let message = socket.next().await;
        if let Some(frame) = frame_of(message)? {
            return Ok(frame);
        }
    }
}

/// The frame in a message; none where the message is the socket's own business.
fn frame_of(
    message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
) -> Result<Option<Frame>, LinkError> {
    match message {
        None => Err(LinkError::Closed("without a word".into())),
        Some(Err(error)) => Err(Box::new(error).into()),
        Some(Ok(Message::Binary(bytes))) => Ok(Some(Frame::decode(&bytes)?)),
        Some(Ok(Message::Close(why))) => {
            Err(LinkError::Closed(why.map_or_else(String::new, |why| why.reason.to_string())))
        }
        Some(Ok(Message::Text(_))) => Err(LinkError::Unexpected("a text message")),
        Some(Ok(_)) => Ok(None),
    }
}
